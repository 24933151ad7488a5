import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { ModelServer } from './model-server';

export interface ServedZenML {
  readonly url: string;
  close(): Promise<void>;
}

/** The model behind a real socket, its fault plan included. */
export async function serveZenML(zenml: ModelServer): Promise<ServedZenML> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const path = request.url ?? '/';
      const method = request.method ?? 'GET';
      const fault = zenml.faults.take(method, path);
      if (fault?.kind === 'late') { await new Promise(resolve => setTimeout(resolve, fault.milliseconds ?? 0)); }
      if (fault?.kind === 'refuse') { return request.socket.destroy(); }
      if (fault?.kind === 'hang') { return undefined; }
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      let answer = fault?.kind === 'status'
        ? { status: fault.status ?? 503, headers: fault.headers ?? {}, body: fault.body ?? '' }
        : zenml.request({ method, path, headers, body: Buffer.concat(chunks).toString() });
      if (fault?.kind === 'drop-answer') { return request.socket.destroy(); }
      if (fault?.kind === 'status-after') {
        answer = { status: fault.status ?? 502, headers: fault.headers ?? {}, body: fault.body ?? '' };
      }
      const send = () => response.writeHead(answer.status, answer.headers).end(answer.body);
      return fault?.kind === 'delay' ? setTimeout(send, fault.milliseconds ?? 0) : send();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise(resolve => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}
