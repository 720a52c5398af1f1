/** Removes what the tests of a run shared. */
const { rmSync } = require('node:fs');

module.exports = () => rmSync(process.env.LINEAGE_TEST_PACKAGE, { recursive: true, force: true });
