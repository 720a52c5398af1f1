import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as lineage from '../../browser';
import { temporaryFolder } from '../support/fixtures';
import { projectRoot } from '../support/places';

const folder = temporaryFolder();
const guide = readFileSync(join(projectRoot, 'docs', 'in-a-page.md'), 'utf8');
const programs = [...guide.matchAll(/```ts\n([^]*?)```/g)].map(([, program]) => program!);

// Pages that do what they do are driven in bundlers.test.ts and in __tests__/browser/.
it('has programs for pages that are strictly typed, with the names that the package exports', () => {
  const sources = programs.map((text, number) => {
    const file = join(folder, `program-${number}.mts`);
    writeFileSync(file, text);
    return file;
  });
  const program = ts.createProgram(sources, {
    ...{ strict: true, noEmit: true, skipLibCheck: true, exactOptionalPropertyTypes: true },
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    resolveJsonModule: true,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
    types: [],
    paths: { 'cnn-lineage/browser': [join(projectRoot, 'browser.ts')] },
  });
  // The package's sources are checked by `npm run lint`.
  const found = sources.flatMap((file) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`),
  );
  expect(found).toEqual([]);
  expect(sources.length).toBeGreaterThan(5);
});

it('names only functions that there are', () => {
  const called = [...guide.matchAll(/`(?:await )?([a-z]\w+)\(/g)].map(([, name]) => name!);
  expect(called.length).toBeGreaterThan(5);
  const known = new Set([...Object.keys(lineage), 'nodeResolve', 'commonjs']);
  expect(called.filter((name) => !known.has(name))).toEqual([]);
});
