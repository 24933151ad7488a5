import * as fc from 'fast-check';

// Mutation testing runs the tests thousands of times; what only a rare value shows is not its business.
fc.configureGlobal({ numRuns: 15 });
