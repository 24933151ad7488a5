import { readFileSync } from 'node:fs';
import { RECORDING, runConformance, Step } from './conformance';
import { modelApi } from './model-api';

/* Answers of a real ZenML 0.98.0, recorded. `test/live/model-conformance.test.ts` asks a real server again. */
const recorded = JSON.parse(readFileSync(RECORDING, 'utf8')) as Step[];

test('the model answers as a real server of 0.98.0 did', async () => {
  const steps = await runConformance(modelApi(), 'px');
  expect(steps).toEqual(recorded);
  expect(steps.length).toBeGreaterThan(150);
});
