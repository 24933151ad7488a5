import { History } from './history';
test('x', async () => {
  for (const change of [{ server: 'b' }, { method: 'implicit' }, { region: 'us-east-1' }] as const) for (const marker of ['free', 'after connector', 'after component'] as const) for (const ev of [0, 1, 2]) for (const at of [0, 1, 3, 10, 30]) {
    const run = new History(11, true);
    const p = await run.run([
      { do: 'deploy', stack: 'One', change: {}, marker: 'none', fail: false, mishaps: [], faults: [], iamDelay: 0 },
      { do: 'wait', seconds: 5 },
      { do: 'deploy', stack: 'One', change, marker, fail: true, mishaps: [{ event: ev, kind: 'slow queue', at }], faults: [], iamDelay: 0 },
    ]);
    if (p.length) process.stdout.write(`${JSON.stringify(change)} ${marker} ${ev} ${at}: ${p[0]}\n`);
  }
}, 100000);
