import * as fc from 'fast-check';
import { arbitraryHistory } from './arbitrary-history';
import { History } from './history';
async function main() {
  const c = new Map<string, number>();
  for (const { world, history } of fc.sample(arbitraryHistory, { numRuns: 400, seed: 31 })) {
    const h = new History(world); await h.run(history);
    for (const line of h.journal) { const m = /^(deploy|destroy|continue).*: (\w+)$/.exec(line) ?? /^(meddle [^:]*): (nothing|refused)?/.exec(line); if (m) c.set(`${m[1]} ${m[2]??''}`, (c.get(`${m[1]} ${m[2]??''}`) ?? 0) + 1); }
    for (const e of h.scene.world.cloudformation.custom.exchanges) { const k = `event ${e.request.type}${e.request.rollback ? ' rollback' : ''} ${e.outcome?.success}`; c.set(k, (c.get(k) ?? 0) + 1); }
  }
  for (const [k, v] of [...c].sort()) console.log(v, k);
}
void main();
