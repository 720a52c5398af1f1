/** Starts the tests that take longest first, so that none of them runs alone in the end: a clean clone has no times yet. */
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Those that took over half a minute on two idle cores, the longest first but for the bundlers' tests, which would wait
 * while those of the package install it.
 */
const longest = [
  'project/package',
  'models/contract',
  'project/bundlers',
  'weights/export/export-onnx',
  'report/comparison-page',
  'commands/finetune',
  'browser/training',
  'models/googlenet',
  'browser/models',
  'playground/page',
  'playground/kernels-page',
  'project/guides',
  'weights/import/import-keras-architecture',
].map((name) => join(__dirname, '..', '__tests__', `${name}.test.ts`));

module.exports = class extends Sequencer {
  /** @param {import('@jest/test-result').Test[]} tests */
  sort(tests) {
    const lost = longest.filter((path) => !existsSync(path));
    if (lost.length > 0) throw new Error(`jest/longest-first.js names tests that are not there: ${lost}`);
    const others = super.sort(tests); // by their times in the last run, or by their sizes
    const first = longest.flatMap((long) => others.filter(({ path }) => path === long));
    return [...first, ...others.filter(({ path }) => !longest.includes(path))];
  }
};
