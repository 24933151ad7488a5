/** How ZenML makes a pipeline's name into (the start of) an image tag: characters that a tag cannot have are dropped. */
export function zenmlTag(pipelineName: string): string {
  const tag = pipelineName.replace(/[^A-Za-z0-9_.-]/g, '').replace(/^[-.]/, '_');
  if (tag === '') { throw new Error(`a pipeline's name needs a letter or digit to make a tag, got ${JSON.stringify(pipelineName)}`); }
  return tag;
}
