const Sequencer = require('@jest/test-sequencer').default;

/** Files that take longest by themselves, longest first. jest orders files of a fresh clone by their size. */
const LONGEST = [
  'server-changes', 'recorded-calls', 'moving-over-stack', 'sagemaker', 'artifact-store', 'moving-over', 'cli',
  'faults', 'floor',
];

module.exports = class extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = LONGEST.findIndex((name) => path.endsWith(`/${name}.test.ts`));
      return index < 0 ? LONGEST.length : index;
    };
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
};
