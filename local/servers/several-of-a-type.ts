import { expectEqual, metadata, refusedFor, succeeded } from './checks';
import { ServerRegistration } from './registration';
import { compareVersions } from './zenml-versions';
import { ComponentType, StackComponent, ZenMLStack, ZenMLStackAttachment } from '../../src';
import { ZenmlObject } from '../services/zenml-api';

/** The first release of ZenML whose stacks take several step operators. */
export const SEVERAL_SINCE = '0.94.3';

/**
 * A step operator is attached to a stack of another user's that has step operators already. Those stay, and the default
 * among them stays the default, until the attachment is removed and afterwards. An older server permits one: the
 * attachment is refused, and the stack stays as it is.
 */
export async function severalOfAType(on: ServerRegistration): Promise<void> {
  const { admin } = on.zenml;
  const takesSeveral = compareVersions(on.scene.version, SEVERAL_SINCE) >= 0;
  const theirs: string[] = [];
  for (const name of takesSeveral ? ['theirs-usual', 'theirs-large'] : ['theirs-usual']) {
    theirs.push(await stepOperatorOfOthers(on, name));
  }
  const stack = await on.stackOfOthers('operators-of-others', undefined, theirs);
  const operators = async () => operatorsOf(await on.get('stacks', stack));
  const before = await operators();
  const result = await on.deploySecond((scope, server) => {
    const component = new StackComponent(scope, 'Operator', {
      server,
      componentType: ComponentType.STEP_OPERATOR,
      flavor: 'kubernetes',
      configuration: { kubernetes_context: 'own' },
    });
    new ZenMLStackAttachment(scope, 'Attachment', {
      zenmlStack: ZenMLStack.fromZenmlStackName(scope, 'Others', server, 'operators-of-others'),
      component,
      outputs: false,
    });
  });
  if (takesSeveral) {
    succeeded(result, 'CREATE_COMPLETE');
    const attached = await operators();
    expectEqual(attached[0], theirs[0], 'default step operator of the other stack while another one is attached');
    expectEqual(attached.length, 3, 'number of step operators of the other stack');
  } else {
    refusedFor(on.scene.version, result, SEVERAL_SINCE);
  }
  succeeded(await on.second.destroy(), 'DELETE_COMPLETE');
  expectEqual(await operators(), before, 'step operators of the other stack after the delete');
  await admin.call('DELETE', `/stacks/${stack}`);
  for (const id of theirs) { await admin.call('DELETE', `/components/${id}`); }
}

/** A step operator that another user has registered; its UUID. */
export async function stepOperatorOfOthers(on: ServerRegistration, name: string): Promise<string> {
  const operator = { name, type: 'step_operator', flavor: 'kubernetes', configuration: { kubernetes_context: name } };
  return (await on.zenml.admin.call<ZenmlObject>('POST', '/components', operator)).id;
}

function operatorsOf(stack: ZenmlObject): string[] {
  return (metadata(stack).components as Record<string, ZenmlObject[]>).step_operator?.map(({ id }) => id) ?? [];
}
