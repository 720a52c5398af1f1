/** Removes what the tests of a run shared. */
const { rmSync } = require('node:fs');

module.exports = () => {
  for (const folder of [process.env.LINEAGE_TEST_PACKAGE, process.env.LINEAGE_TEST_PAGES])
    rmSync(folder, { recursive: true, force: true });
};
