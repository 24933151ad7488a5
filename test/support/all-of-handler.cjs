const { readdirSync } = require('node:fs');
const { join } = require('node:path');

// One file, so that mutation testing loads the handler once for each mutant and not once for each test file.
for (const room of ['contract', 'handler']) {
  const folder = join(__dirname, '..', room);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.test.ts'))) { require(join(folder, file)); }
}
