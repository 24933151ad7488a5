/**
 * CloudFormation's URL is presigned for an empty content type, and for exactly these bytes. `fetch` and not
 * `node:https`: a local AWS emulator patches that for the function's own use of it.
 */
export async function putAnswer(url: URL, body: string, signal: AbortSignal): Promise<number> {
  const answer = await fetch(url, { method: 'PUT', body, headers: { 'content-type': '' }, redirect: 'manual', signal });
  await answer.body?.cancel();
  return answer.status;
}
