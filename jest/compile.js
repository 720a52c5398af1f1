/** Compiles the commands once for all tests that start them: from the sources each start takes twice as long. */
const {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, extname, join } = require('node:path');
const { transformSync } = require('@swc/core');

const root = join(__dirname, '..');
const compiled = join(root, 'dist-for-tests');

module.exports = () => {
  // Where __tests__/support/installed-package.ts installs the package, if a test asks for it.
  process.env.LINEAGE_TEST_PACKAGE = mkdtempSync(join(tmpdir(), 'cnn-lineage-package-'));
  // Where __tests__/support/pages/playground.ts writes the page that several tests open.
  process.env.LINEAGE_TEST_PAGES = mkdtempSync(join(tmpdir(), 'cnn-lineage-pages-'));
  rmSync(compiled, { recursive: true, force: true });
  for (const folder of ['src', 'scripts', 'models', 'experiments'])
    for (const name of readdirSync(join(root, folder), { recursive: true })) {
      const [from, to] = [join(root, folder, name), join(compiled, folder, name)];
      if (extname(name) === '.js') copy(from, to);
      if (extname(name) === '.ts') compile(from, to.replace(/\.ts$/, '.js'));
    }
  for (const name of ['index', 'report', 'verbs'])
    compile(join(root, `${name}.ts`), join(compiled, `${name}.js`));
};

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

function compile(from, to) {
  const { code } = transformSync(readFileSync(from, 'utf8'), {
    filename: from,
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    // What is imported late stays an import, which finds a module's names where they are annotated.
    module: { type: 'commonjs', ignoreDynamic: true, exportInteropAnnotation: true },
  });
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, code);
}
