/**
 * An answer that is no success. `bare` is the array without `detail` in which ZenML puts errors of request validation.
 */
export class ZenMLError extends Error {
  public constructor(public readonly status: number, public readonly body: unknown) {
    super(`HTTP ${status}`);
  }
}

function detail(status: number, name: string, message: string): ZenMLError {
  return new ZenMLError(status, { detail: [name, message] });
}

export const badValue = (message: string) => detail(400, 'ValueError', message);
export const notFound = (what: string, id: string) =>
  detail(404, 'KeyError', `"Unable to get ${what} with ID '${id}': No ${what} with this ID found"`);
export const exists = (message: string) => detail(409, 'EntityExistsError', message);
export const illegal = (message: string) => detail(403, 'IllegalOperationError', message);
export const notPermitted = (message: string) => detail(403, 'Forbidden', message);
export const credentialsNotValid = (message: string) => detail(401, 'CredentialsNotValid', message);
/** AWS has refused the connector. */
export const authorizationFailed = (message: string) => detail(401, 'AuthorizationException', message);
export const invalidConfiguration = (message: string) => detail(422, 'ValueError', message);

/** Request validation: a bare array which quotes the whole input (secrets included) and a path of the server's disk. */
export function invalidRequest(location: string, message: string, input: unknown): ZenMLError {
  return new ZenMLError(422, [
    'ValueError',
    `1 validation error:\n  {'type': 'value_error', 'loc': ${location}, 'msg': '${message}', 'input': ${JSON.stringify(input)}}\n\n  File "/app/zenml/x.py"`,
  ]);
}
