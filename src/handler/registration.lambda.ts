import { makeHandler } from './handler';
import { makeHealthCheck } from './health/health-check';
import { awsLookups } from './outside/aws-lookups';
import { nodeTransport } from './outside/http-transport';
import { nodeClock } from './outside/node-clock';
import { putAnswer } from './outside/put-answer';
import { Ports } from './ports';

const write = (entry: object) => console.log(JSON.stringify(entry));

const ports: Ports = {
  clock: nodeClock,
  random: Math.random,
  transport: nodeTransport,
  aws: awsLookups(),
  putAnswer,
  log: write,
  env: process.env,
};

/** The function behind every `Custom::ZenML*` resource of a stack. */
export const handler = makeHandler(ports);

/** The function that a schedule runs: another Lambda function with the same code, and with a role that only reads. */
export const healthCheck = makeHealthCheck(ports, write);
