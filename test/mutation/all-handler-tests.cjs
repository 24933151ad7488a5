const { readdirSync } = require('node:fs');
const { join } = require('node:path');

// Mutation testing loads the tests of the contract and the handler as one file.
// Stryker then loads the handler once for each mutant, not once for each test file.
const test = join(__dirname, '..');
for (const room of ['contract', 'handler']) {
  const files = readdirSync(join(test, room), { recursive: true }).filter((name) => name.endsWith('.test.ts')).sort();
  for (const file of files) { require(join(test, room, file)); }
}
