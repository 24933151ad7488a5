import { snapshot } from './rows';
import type { Scene } from '../scene';

/** Secrets anywhere that people or other programs can see. */
export function leaks({ world, servers, canaries }: Scene): string[] {
  const { exchanges } = world.cloudformation.custom;
  const places: [string, string][] = [
    ...exchanges.map(({ event }) => ['an event', JSON.stringify({ ...event, ResponseURL: '' })] as [string, string]),
    ...exchanges.flatMap(({ answers }) => answers.map((answer) => ['an answer', answer] as [string, string])),
    ...world.log.map((line) => ['the log', line] as [string, string]),
    ...world.cloudformation.events.map(
      (event) => ['a stack event', `${event.reason} ${event.physicalId}`] as [string, string],
    ),
    ...[...world.cloudformation.stacks.values()].map(
      (stack) => ['a template', JSON.stringify([stack.template, stack.outputs])] as [string, string],
    ),
    ...Object.values(servers).flatMap((server) =>
      [...snapshot(server).values()].map((row) => ['a label', JSON.stringify(row.labels)] as [string, string]),
    ),
  ];
  return places
    .filter(
      ([, text]) => /canary-|ZENKEY_|eyJ[\w-]+\.eyJ/.test(text) || canaries.some((canary) => text.includes(canary)),
    )
    .map(([place, text]) => `a secret in ${place}: ${text.slice(0, 300)}`);
}
