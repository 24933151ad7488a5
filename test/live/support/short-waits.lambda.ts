import { ShortWaits } from './short-waits';
import { Handler, makeHandler } from '../../../src/handler/handler';
import { awsLookups } from '../../../src/handler/outside/aws-lookups';
import { nodeTransport } from '../../../src/handler/outside/http-transport';
import { putAnswer } from '../../../src/handler/outside/put-answer';

/** A wait of the handler takes a tenth of its time. */
const DIVISOR = 10;

const clock = new ShortWaits(DIVISOR);
const serve = makeHandler({
  clock,
  random: Math.random,
  transport: nodeTransport,
  aws: awsLookups(),
  putAnswer,
  log: (entry) => console.log(JSON.stringify(entry)),
  env: process.env,
});

/** The function of the live tests: as `src/handler/registration.lambda.ts`, but for its clock. */
export const handler: Handler = async (event, context) => {
  clock.reset();
  return serve(event, context);
};
