import { makeHandler } from './handler';
import { awsLookups } from './outside/aws-lookups';
import { nodeTransport } from './outside/http-transport';
import { nodeClock } from './outside/node-clock';
import { putAnswer } from './outside/put-answer';

/** The function behind every `Custom::ZenML*` resource of a stack. */
export const handler = makeHandler({
  clock: nodeClock,
  random: Math.random,
  transport: nodeTransport,
  aws: awsLookups(),
  putAnswer,
  log: (entry) => console.log(JSON.stringify(entry)),
  env: process.env,
});
