// The live pass: real CloudFormation semantics (local AWS) and a real ZenML server, started once for all files.
module.exports = {
  rootDir: '../..',
  roots: ['<rootDir>/test/live'],
  testMatch: ['<rootDir>/test/live/**/*.test.ts'],
  globalSetup: '<rootDir>/test/live/support/start.ts',
  globalTeardown: '<rootDir>/test/live/support/stop.ts',
  runtime: '<rootDir>/test/support/shared-cdk-runtime.cjs',
  transform: { '^.+\\.tsx?$': '<rootDir>/test/support/esbuild-transformer.cjs' },
  modulePathIgnorePatterns: ['<rootDir>/.local/', '<rootDir>/dist/', '<rootDir>/lib/'],
  testTimeout: 180000,
  testSequencer: '<rootDir>/test/live/support/longest-first.cjs',
  // Tests wait for the services most of their time, so more workers than the two cores of a small machine pay.
  maxWorkers: 3,
};
