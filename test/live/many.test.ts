import { live } from './support/live';
import { ManyStacks } from '../../bench/many-stacks';
import { logins } from '../../local/services/recording-proxy';

/** The small version of `npm run bench -- many`. */
test('ten registries in five stacks at once, with each event delivered twice, are created once and deleted', async () => {
  const cloud = await live();
  const of = async () => (await cloud.zenml.admin.inventory()).filter((line) => / many-\d+-/.test(line));
  const many = await ManyStacks.start(cloud.zenml.url, cloud.apiKey, 5);
  try {
    const { resources } = await many.create(10);
    expect(resources.filter(([, answer]) => answer.Status !== 'SUCCESS').map(([, answer]) => answer.Reason)).toEqual(
      [],
    );
    const told = resources.map(([, answer]) => answer.Data!.Id).sort();
    expect(told.length).toBe(25);
    expect((await of()).map((line) => line.split(' ')[2]!).sort()).toEqual(told);
    // Both deliveries of an event say the same, or CloudFormation would believe in an object that is not there.
    for (const both of many.answers.values()) {
      expect(both[1]!.PhysicalResourceId).toBe(both[0]!.PhysicalResourceId);
    }
    expect(logins(many.proxy.calls)).toBeGreaterThan(0);
    expect((await many.remove(resources)).failed).toEqual([]);
    expect(await of()).toEqual([]);
  } finally {
    await many.stop();
  }
});
