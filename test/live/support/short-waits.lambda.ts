import { ShortWaits } from './short-waits';
import { Handler, makeHandler } from '../../../src/handler/handler';
import { makeHealthCheck } from '../../../src/handler/health/health-check';
import { awsLookups } from '../../../src/handler/outside/aws-lookups';
import { nodeTransport } from '../../../src/handler/outside/http-transport';
import { putAnswer } from '../../../src/handler/outside/put-answer';
import { Ports } from '../../../src/handler/ports';

/** A wait of the handler takes a tenth of its time. */
const DIVISOR = 10;

const clock = new ShortWaits(DIVISOR);
const write = (entry: object) => console.log(JSON.stringify(entry));
const ports: Ports = {
  clock,
  random: Math.random,
  transport: nodeTransport,
  aws: awsLookups(),
  putAnswer,
  log: write,
  env: process.env,
};
const serve = makeHandler(ports);
const check = makeHealthCheck(ports, write);

/** The function of the live tests: as `src/handler/registration.lambda.ts`, but for its clock. */
export const handler: Handler = async (event, context) => {
  clock.reset();
  return serve(event, context);
};

export const healthCheck: typeof check = async (event, context) => {
  clock.reset();
  return check(event, context);
};
