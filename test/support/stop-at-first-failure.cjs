// One failed test tells that a mutant is dead; jest itself stops only at the end of a file.
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  async handleTestEvent(event) {
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') { this.failed = true; }
    if (event.name === 'test_start' && this.failed) { event.test.mode = 'skip'; }
  }
};
