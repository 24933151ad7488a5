import { synthError } from '../private/synth-error';
import { quoted } from '../private/validation';

/**
 * The start of the image tags that ZenML gives to a pipeline: the pipeline's name without the characters that a tag
 * cannot have.
 */
export function zenmlTag(pipelineName: string): string {
  const tag = pipelineName.replace(/[^A-Za-z0-9_.-]/g, '').replace(/^[-.]/, '_');
  if (tag === '') {
    throw synthError('CZ100', 'a pipeline name must have a letter or digit that can start an image tag, got: '
      + `${quoted(pipelineName)}: rename the pipeline`);
  }
  return tag;
}
