import { existsSync } from 'node:fs';
import { live } from './support/live';
import { Cdk } from '../../local/clients/cdk';
import { API_KEY_SECRET, storeSecret } from '../../local/services/local-cloud';
import { RecordingProxy } from '../../local/services/recording-proxy';

/*
 * The example app with the ordinary CDK command line, from `cdk.json` as a user has it.
 */
test('the CDK command line bootstraps, deploys, deploys again and destroys the example', async () => {
  const cloud = await live();
  const proxy = await RecordingProxy.start({ target: cloud.zenml.url });
  try {
    await storeSecret(cloud.aws, API_KEY_SECRET, cloud.apiKey);
    const cdk = new Cdk({ folder: `${cloud.folder}/cli`, log: `${cloud.logs}/cdk.log` }, cloud.aws);
    const context = { zenmlUrl: proxy.url };
    const mine = async () => (await cloud.zenml.admin.inventory()).filter((line) => line.includes('zenmlregistry-'));

    await cdk.bootstrap();
    await cdk.deploy({ context });
    expect(await mine()).toHaveLength(3);
    expect(existsSync(cdk.outputsFile)).toBe(true);

    proxy.take();
    await cdk.deploy({ context });
    expect(proxy.take()).toEqual([]);

    await cdk.destroy({ context });
    expect(await mine()).toEqual([]);
  } finally {
    await proxy.stop();
  }
});
