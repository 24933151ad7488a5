// The live pass: real CloudFormation semantics (local AWS) and a real ZenML server, started once for all files.
module.exports = {
  rootDir: '../..',
  testMatch: ['<rootDir>/test/live/**/*.test.ts'],
  globalSetup: '<rootDir>/test/live/support/start.ts',
  globalTeardown: '<rootDir>/test/live/support/stop.ts',
  transform: { '^.+\\.tsx?$': ['ts-jest', { tsconfig: 'test/tsconfig.json' }] },
  modulePathIgnorePatterns: ['<rootDir>/.local/', '<rootDir>/dist/', '<rootDir>/lib/'],
  testTimeout: 180000,
  // The services are the bottleneck, and most machines that run this have few cores.
  maxWorkers: 2,
};
