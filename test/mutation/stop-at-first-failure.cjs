const { TestEnvironment } = require('jest-environment-node');

// Skips all tests after the first failed one: one failed test is enough to kill a mutant.
// The `bail` option of jest stops between files only, and mutation testing runs one file.
module.exports = class extends TestEnvironment {
  async handleTestEvent(event) {
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') { this.failed = true; }
    if (event.name === 'test_start' && this.failed) { event.test.mode = 'skip'; }
  }
};
