import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { expectEqual, metadata, refused, refusedFor, succeeded } from './checks';
import { Crowd } from './crowd';
import { ServerRegistration } from './registration';
import { runtimeSettings } from './runtime-settings';
import { SEVERAL_SINCE, severalOfAType, stepOperatorOfOthers } from './several-of-a-type';
import { defaults, labelsOfCharacters } from './templates';
import { compareVersions } from './zenml-versions';
import {
  ComponentType,
  ConnectorAuthentication,
  EcrContainerRegistry,
  RegistryAuthentication,
  StackComponent,
  ZenMLServer,
  ZenMLStack,
} from '../../src';
import {
  DESCRIPTION_MAX_LENGTH,
  KEY_CONNECTOR_NAME_MAX_LENGTH,
  NAME_MAX_LENGTH,
  STORED_TEXT_MAX_LENGTH,
} from '../../src/contract/rules';
import { storeSecret } from '../services/local-cloud';
import { assertThat } from '../steps';

/**
 * Steps at the limits of the server: features of newer releases, names that differ only in case, greatest sizes, load,
 * a database restart.
 *
 * Each step starts where the step before it ended, and throws what is wrong. A step that follows a failed one is still
 * run, because most depend on `create` alone.
 */

/**
 * What a release began with works from that release on. An older server is told from it: refused with both versions,
 * and nothing is created.
 */
export async function newerFeatures(on: ServerRegistration): Promise<void> {
  const { admin } = on.zenml;
  const secretArn = await storeSecret(
    on.aws,
    `servers/${on.stack.name}-organization`,
    `ZENPROKEY_${Buffer.from('{"id":"none","key":"none"}').toString('base64')}`,
  );
  const operators = ['first', 'second'].map((name) => `step-operator-${name}`);
  const ids: string[] = [];
  for (const name of operators) { ids.push(await stepOperatorOfOthers(on, name)); }
  const features: [string, (scope: Stack, server: ZenMLServer) => void][] = [
    [
      '0.95.0',
      (scope, server) => {
        new StackComponent(scope, 'Sandbox', { server, componentType: ComponentType.of('sandbox'), flavor: 'local' });
      },
    ],
    [
      SEVERAL_SINCE,
      (scope, server) => {
        const used = operators.map((name) =>
          StackComponent.fromStackComponentName(scope, name, server, ComponentType.STEP_OPERATOR, name),
        );
        new ZenMLStack(scope, 'Stack', { server, components: [...used, ...defaults(scope, server)] });
      },
    ],
  ];
  for (const [since, define] of features) {
    const result = await on.deploySecond(define);
    if (compareVersions(on.scene.version, since) >= 0) {
      succeeded(result, 'CREATE_COMPLETE');
      const stack = (await on.ours(on.second.name)).find((object) => metadata(object).components !== undefined);
      if (stack) {
        expectEqual(
          (metadata(stack).components as Record<string, unknown[]>).step_operator?.length,
          2,
          'step operators of the stack',
        );
      }
    } else {
      refusedFor(on.scene.version, result, since);
    }
    succeeded(await on.second.destroy(), 'DELETE_COMPLETE');
  }
  const result = await on.deploySecond((scope) => {
    on.localRegistry(scope, on.server(scope, secretArn), { stackComponentName: 'organization-key' });
  });
  // No server takes a key that it did not issue; an old one does not know the form at all.
  if (compareVersions(on.scene.version, '0.91.1') < 0) {
    refusedFor(on.scene.version, result, '0.91.1');
  } else {
    refused(result, 'refuses the API key');
  }
  await on.second.destroy();
  for (const id of ids) { await admin.call('DELETE', `/components/${id}`); }
  await severalOfAType(on);
  await runtimeSettings(on);
}

/**
 * Names that differ only in case or accents. SQLite takes them for different names. MySQL and MariaDB take them for the
 * same: the registration is refused with the other object's name, and its own name can still be changed in case alone.
 */
export async function similarNames(on: ServerRegistration): Promise<void> {
  const { admin } = on.zenml;
  const deploy = async (stackComponentName: string) => on.deploySecond((scope, server) => {
    on.localRegistry(scope, server, { stackComponentName });
  });
  for (const [theirs, ours] of [['similar-prod', 'Similar-Prod'], ['similar-zoe', 'similar-zo\u00eb']] as const) {
    const other = await on.registryOfOthers(theirs);
    const result = await deploy(ours);
    if (on.scene.database === 'SQLite') {
      succeeded(result, 'CREATE_COMPLETE');
    } else {
      expectEqual(result.status, 'ROLLBACK_COMPLETE', `status of a deploy of "${ours}" beside "${theirs}"`);
      const reason = result.failures.join('; ');
      assertThat(
        reason.includes(`"${ours}"`) && reason.includes(`"${theirs}"`),
        `the reason must name both names, got: ${reason}`,
      );
    }
    succeeded(await on.second.destroy(), 'DELETE_COMPLETE');
    expectEqual((await on.get('components', other)).name, theirs, 'name of the other component');
    await admin.call('DELETE', `/components/${other}`);
  }
  succeeded(await deploy('Similar-Own'), 'CREATE_COMPLETE');
  const before = await on.idsOf(on.second.name);
  succeeded(await deploy('similar-own'), 'UPDATE_COMPLETE');
  expectEqual(
    (await on.ours(on.second.name)).map(({ id, name }) => [id, name]),
    [[before[0], 'similar-own']],
    'component after a change of case',
  );
  succeeded(await on.second.destroy(), 'DELETE_COMPLETE');
}

/** The longest names, descriptions and labels that the library accepts, with characters of four bytes. */
export async function greatestSizes(on: ServerRegistration): Promise<void> {
  const name = (what: string, length: number) => `${what}-\u{1f4e6}`.padEnd(length, 'n').slice(0, length);
  const text = (length: number) => '\u{1f4e6}'.padEnd(length, 'd').slice(0, length);
  const labels = labelsOfCharacters(STORED_TEXT_MAX_LENGTH);
  const define = (description: string) => (scope: Stack, server: ZenMLServer) => {
    const registry = new EcrContainerRegistry(scope, 'Registry', {
      server,
      labels,
      stackComponentName: name('component', NAME_MAX_LENGTH),
      serviceConnectorName: name('connector', KEY_CONNECTOR_NAME_MAX_LENGTH),
      repositoryNames: [`${on.repository()}-sizes`],
      repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
      authentication: RegistryAuthentication.connector(ConnectorAuthentication.iamRole()),
    });
    new ZenMLStack(scope, 'Stack', {
      server,
      labels,
      description,
      zenmlStackName: name('stack', NAME_MAX_LENGTH),
      components: [registry, ...defaults(scope, server)],
    });
  };
  succeeded(await on.deploySecond(define(text(DESCRIPTION_MAX_LENGTH))), 'CREATE_COMPLETE');
  succeeded(await on.deploySecond(define(text(DESCRIPTION_MAX_LENGTH - 1))), 'UPDATE_COMPLETE');
  for (const object of await on.ours(on.second.name)) {
    const stored = metadata(object).labels as Record<string, string>;
    expectEqual(
      Object.fromEntries(Object.keys(labels).map((key) => [key, stored[key]])),
      labels,
      `labels of "${object.name.slice(0, 20)}..."`,
    );
  }
  succeeded(await on.second.destroy(), 'DELETE_COMPLETE');
  expectEqual(await on.idsOf(on.second.name), [], 'objects after the delete');
}

/** Eight CloudFormation stacks at the same time. */
export async function severalAtOnce(on: ServerRegistration): Promise<void> {
  await new Crowd(on.aws, on.zenml.admin, (scope) => on.server(scope), `${on.stack.name}-crowd`, on.folder).live();
}

/** The database ends without a word while an update writes, and comes back. */
export async function databaseRestart(on: ServerRegistration): Promise<void | false> {
  const { restartDatabase } = on.scene;
  if (!restartDatabase) { return false; }
  let restarted: Promise<void> | undefined;
  on.proxy.intervene = ({ method }) => {
    if (method === 'PUT' && !restarted) { restarted = restartDatabase(); }
    return undefined;
  };
  try {
    succeeded(await on.deploy({ ...on.wish, labels: { team: 'restarted' } }), 'UPDATE_COMPLETE');
  } finally {
    on.proxy.intervene = undefined;
    await restarted;
  }
  assertThat(restarted !== undefined, 'the database must have been restarted');
  await on.sameIds();
  expectEqual(
    (await on.ours()).map((object) => (metadata(object).labels as Record<string, string>).team),
    ['restarted', 'restarted', 'restarted'],
    'labels',
  );
}
