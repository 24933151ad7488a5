const Runtime = require('jest-runtime').default;

const SHARED = /^(aws-cdk-lib|constructs)(\/|$)/;

/**
 * jest loads each module again for each test file. This runtime loads aws-cdk-lib once for each worker, which is a
 * quarter of the CPU time of the unit tests. The library itself is loaded for each file as always.
 *
 * aws-cdk-lib then lives outside of jest's sandbox: it sees neither changes of `process.env` in a test nor fake timers,
 * and its arrays and errors are not `instanceof` those of a test.
 */
module.exports = class extends Runtime {
  requireModuleOrMock(from, name) {
    return SHARED.test(name) ? require(name) : super.requireModuleOrMock(from, name);
  }
};
