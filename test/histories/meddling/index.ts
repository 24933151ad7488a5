import { EDITS } from './edits';
import { Hand } from './hand';
import { OBJECTS } from './objects';
import { SERVERS } from './servers';
import type { Scene } from '../scene';

const ALL = { ...EDITS, ...OBJECTS, ...SERVERS };

export type Meddling = keyof typeof ALL;
export const MEDDLINGS = Object.keys(ALL) as Meddling[];

/** What other people do on the servers. Returns what came of it. */
export function meddle(scene: Scene, how: Meddling, pick: number): string {
  return ALL[how](new Hand(scene, pick));
}
