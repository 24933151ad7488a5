import * as fc from 'fast-check';

// Mutation testing runs each property test thousands of times, so few random values per run are enough.
fc.configureGlobal({ numRuns: 15 });
