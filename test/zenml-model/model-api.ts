import { Api } from './conformance';
import { ModelServer } from './model-server';

/** The model as two accounts see it. */
export function modelApi(): Api {
  const server = new ModelServer();
  const users = { me: server.addUser('me'), other: server.addUser('other') };
  const keys = { me: server.addApiKey(users.me), other: server.addApiKey(users.other) };
  return {
    call: async (account, method, path, body) => {
      const response = server.request({
        method,
        path,
        headers: { authorization: `Bearer ${keys[account]}` },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return { status: response.status, body: JSON.parse(response.body) as unknown };
    },
  };
}
