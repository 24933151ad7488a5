import { readOnly } from '../../../src/handler/health/read-only';
import { HttpRequest, Ports } from '../../../src/handler/ports';

const ID = '11111111-1111-4111-8111-111111111111';
const sent: string[] = [];
const ports = readOnly({
  transport: async ({ method, url }) => {
    sent.push(`${method} ${url}`);
    return { status: 200, headers: {}, body: '' };
  },
} as Ports);
const send = async (method: HttpRequest['method'], url: string) =>
  ports.transport({ method, url, headers: {}, signal: new AbortController().signal });

test.each<[HttpRequest['method'], string]>([
  ['GET', `https://z.example/api/v1/components/${ID}`],
  ['POST', 'https://z.example/api/v1/login'],
  ['POST', 'https://z.example/behind/a/prefix/api/v1/login'],
  ['PUT', `https://z.example/api/v1/service_connectors/${ID}/verify`],
  ['POST', 'https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/team/models/blobs/uploads/'],
])('a health check may send %s %s', async (method, url) => {
  await send(method, url);
  expect(sent.at(-1)).toBe(`${method} ${url}`);
});

test.each<[HttpRequest['method'], string]>([
  ['PUT', `https://z.example/api/v1/components/${ID}`],
  ['PUT', `https://z.example/api/v1/service_connectors/${ID}`],
  ['POST', 'https://z.example/api/v1/components'],
  ['POST', 'https://z.example/api/v1/service_connectors'],
  ['DELETE', `https://z.example/api/v1/stacks/${ID}`],
  ['PUT', 'https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/team/manifests/latest'],
  ['POST', 'https://z.example/api/v1/stacks?x=/api/v1/login'],
])('a health check refuses %s %s before it is sent', async (method, url) => {
  const before = sent.length;
  await expect(send(method, url)).rejects.toThrow(/^a health check must not send /);
  expect(sent).toHaveLength(before);
});
