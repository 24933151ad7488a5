import { Hand } from './hand';
import { ModelServer } from '../../zenml-model/model-server';
import { PRODUCTION } from '../app';
import type { Scene } from '../scene';

const serverName = (hand: Hand) => (hand.server === hand.scene.servers.a ? 'a' : 'b');

/** Accounts, keys and whole servers. */
export const SERVERS = {
  'expire logins': hand => {
    Object.values(hand.scene.servers).forEach(server => server.expireTokens());
    return 'done';
  },
  'another account behind the API key': hand => {
    hand.scene.replaceAccount(serverName(hand), Math.floor(hand.pick / 2));
    return serverName(hand);
  },
  'revoke the API keys': hand => {
    hand.scene.killKeys(serverName(hand));
    return serverName(hand);
  },
  'store API keys that work': hand => {
    hand.scene.mendKeys();
    return 'done';
  },
  'make the server anew': hand => {
    hand.scene.remake(serverName(hand), true);
    return serverName(hand);
  },
  'make the server anew with its id': hand => {
    hand.scene.remake(serverName(hand), false);
    return serverName(hand);
  },
  'forbid implicit authentication': hand => {
    hand.scene.world.account.implicitEnabled = false;
    return 'done';
  },
  'let go of everything': hand => {
    hand.scene.world.account.implicitEnabled = true;
    return Object.values(hand.scene.servers).map(server => letGo(hand.scene, server)).join(', ');
  },
} as const satisfies Record<string, (hand: Hand) => string>;

/** Ann's own objects no longer use the library's objects. */
function letGo(scene: Scene, server: ModelServer): string {
  const { stacks, components } = server.tables;
  const isTheirs = (row: { userId: string | null }) => row.userId !== null && !scene.watch.isOurUser(row.userId);
  // What the library's attachments have put there, they take out.
  const isAttached = (stack: { id: string; name: string }, id: string) =>
    stack.name === PRODUCTION && !scene.watch.putInByOthers.has(`${stack.id} ${id}`);
  for (const stack of [...stacks.values()].filter(isTheirs)) {
    const stays = (id: string) => !scene.watch.isOurs(id) || isAttached(stack, id);
    const kept = Object.entries(stack.components).map(([type, ids]) => [type, ids.filter(stays)] as const);
    const rest = Object.fromEntries(kept.filter(([, ids]) => ids.length > 0));
    if (JSON.stringify(rest) === JSON.stringify(stack.components)) { continue; }
    server.as(scene.other(server), 'PUT', `/api/v1/stacks/${stack.id}`, { components: rest });
  }
  for (const component of [...components.values()].filter(isTheirs)) {
    if (component.connector !== null && scene.watch.isOurs(component.connector)) {
      server.as(scene.other(server), 'PUT', `/api/v1/components/${component.id}`, {});
    }
  }
  return 'done';
}
