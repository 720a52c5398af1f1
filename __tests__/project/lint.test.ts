import { join } from 'node:path';
import { ESLint, type Linter } from 'eslint';
import { configs } from 'typescript-eslint';
import { projectRoot } from '../support/places';

// Where CI is set, typescript-eslint reads types from the files on disk alone; here the texts are not on disk.
process.env['TSESTREE_SINGLE_RUN'] = 'false';

const root = projectRoot;
// eslint.config.js is handed over: ESLint would fetch it with import(), which jest's sandbox does not have.
const configuration = jest.requireActual<Linter.Config[]>('../../eslint.config.js');

/** The project's rules, and for files that need not exist, those that do without types. */
const linter = new ESLint({ cwd: root, overrideConfigFile: true, overrideConfig: configuration });
const linterWithoutTypes = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: [
    ...configuration,
    { ...(configs.disableTypeChecked as Linter.Config), files: ['**/*.ts'] },
    { files: ['**/*.ts'], languageOptions: { parserOptions: { project: null } } },
  ],
});

/** The names of the rules that a text breaks as the given file. */
async function broken(file: string, text: string, by = linterWithoutTypes): Promise<(string | null)[]> {
  const [result] = await by.lintText(text, { filePath: join(root, file) });
  return result!.messages.map(({ ruleId }) => ruleId);
}

const imported = (from: string) => `import { x } from '${from}';\nexport const y = x;\n`;
const importedType = (from: string) => `import type { X } from '${from}';\nexport type Y = X;\n`;
const importedLater = (from: string) => `export const y = import('${from}');\n`;
const handedOn = (from: string) => `export { x } from '${from}';\n`;

/** Per file, what it may not import, and what it may. */
const directions: Readonly<Record<string, { refused: readonly string[]; allowed: readonly string[] }>> = {
  'src/core/random.ts': {
    refused: ['../train/train', '../layers/rbf', '../../models/registry', '../../index'],
    allowed: ['./errors', './io/hash', '@noble/hashes/sha2'],
  },
  'src/core/io/files.ts': { refused: ['../../data/dataset'], allowed: ['../errors', './temporary-folder'] },
  'src/core/tf.ts': {
    refused: ['../runtime/backend', '../../models/registry'],
    allowed: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'],
  },
  'src/layers/rbf.ts': {
    refused: ['../data/dataset', '../train/train', '../../models/lenet', '../../index', '../graph/precision'],
    allowed: ['../core/tf', '../core/random', './cost', './initialise/initialise'],
  },
  'src/data/formats/idx/idx-file.ts': {
    refused: [
      '../../../train/train',
      '../../../evaluate/evaluate',
      '../../../graph/record/trace',
      '../../../runtime/backend',
      '../../../layers/rbf',
      '../../loader/loader',
    ],
    allowed: ['../../../core/tf', '../../../core/errors', '../../dataset', '../../image/pixels', 'node:fs'],
  },
  'src/data/image/decode.ts': {
    refused: ['../augment/affine', '../preprocess/preprocess', '../loader/loader'],
    allowed: ['../dataset', './formats/gif', '../../core/bounds'],
  },
  'src/weights/formats/safetensors/safetensors.ts': {
    refused: ['../../../train/run/checkpoint', '../../../evaluate/evaluate', '../../../../models/registry'],
    allowed: ['../../../core/tf', '../../../layers/layer-walk', '../half-floats', '../../../data/dataset'],
  },
  'src/evaluate/evaluate.ts': {
    refused: ['../train/train', '../runtime/backend', '../../models/lenet/codes', '../../index'],
    allowed: ['../data/loader/batches', '../weights/named-array', '../layers/cost', '../graph/precision'],
  },
  'src/train/train.ts': {
    refused: [
      '../finetune/freeze',
      '../report/compare',
      '../runtime/backend',
      '../../models/registry',
      '../../scripts/cli/output',
    ],
    allowed: [
      '../data/dataset',
      '../weights/named-array',
      '../evaluate/evaluate',
      './step/step',
      '../core/tf',
    ],
  },
  'src/report/page/parts/families.ts': {
    refused: ['../../../workflows/relabelled', '../../../runtime/backend', '../../../../models/registry'],
    allowed: ['../html', '../../compare', '../../../describe/describe-model'],
  },
  'src/runtime/backend.ts': {
    refused: ['../data/dataset', '../train/train', '../graph/precision', '../../scripts/cli/output'],
    allowed: ['@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-node', '../core/tf', './setup/setup'],
  },
  'src/workflows/data/relabelled.ts': {
    refused: ['../../models/registry', '../../scripts/cli/output'],
    allowed: ['../report/compare', '../runtime/backend'],
  },
  'models/alexnet/build.ts': {
    refused: [
      '../lenet/build',
      '../registry',
      '../../src/data/dataset',
      '../../src/train/loss',
      '../../index',
    ],
    allowed: ['../../src/core/tf', '../../src/core/network', '../../src/layers/lrn', './paper'],
  },
  'models/lenet/weights.ts': {
    refused: ['../../src/runtime/backend', '../../src/weights/formats/zip', '../../src/report/compare'],
    allowed: ['../../src/layers/rbf'],
  },
  'models/registry.ts': {
    refused: ['../src/train/train', '../src/core/tf', '../index'],
    allowed: ['./lenet', '../src/core/network'],
  },
};
const filesWithoutBackend = [
  ...Object.keys(directions).filter((file) => !/^src\/(core\/tf\.|runtime\/)/.test(file)),
  'index.ts',
  'scripts/commands/train.ts',
  '__tests__/train/train.test.ts',
];

describe('imports against the directions are refused, and those along them are not', () => {
  test.each(Object.entries(directions))('%s', async (file, { refused, allowed }) => {
    for (const from of refused)
      for (const text of [imported(from), importedType(from), importedLater(from), handedOn(from)])
        expect({ text, broken: await broken(file, text) }).toEqual({ text, broken: ['house/directions'] });
    for (const from of allowed) {
      expect({ from, broken: await broken(file, imported(from)) }).toEqual({ from, broken: [] });
      expect({ from, broken: await broken(file, importedLater(from)) }).toEqual({ from, broken: [] });
    }
  });

  test.each(filesWithoutBackend)('%s names no backend package', async (file) => {
    for (const from of ['@tensorflow/tfjs', '@tensorflow/tfjs-core', '@tensorflow/tfjs-node']) {
      expect(await broken(file, imported(from))).toEqual(['no-restricted-imports']);
      expect(await broken(file, importedLater(from))).toEqual(['no-restricted-syntax']);
    }
  });

  test.each(['models/vgg/recipe.ts', 'models/vgg/paper.ts'])('%s imports types alone', async (file) => {
    expect(await broken(file, importedType('../../src/core/network'))).toEqual([]);
    expect(await broken(file, imported('../../src/core/network'))).toEqual(['no-restricted-syntax']);
    expect(await broken(file, imported('./build'))).toEqual(['no-restricted-syntax']);
    expect(await broken(file, importedType('../../src/train/train'))).toEqual(['house/directions']);
  });
});

/** A rule, a file, a text that breaks the rule there, and one that says the same as the project would. */
const texts: readonly (readonly [rule: string, file: string, breaking: string, clean: string])[] = [
  ['no-restricted-syntax', 'src/train/loss.ts', 'process.exit(1);', 'export const own = process.pid;'],
  ['no-restricted-syntax', 'src/train/loss.ts', 'export const { argv } = process;', 'export const argv = 1;'],
  [
    'no-restricted-syntax',
    'src/data/formats/idx/idx-file.ts',
    'export const e = process.env;',
    'export const e = 1;',
  ],
  [
    'no-restricted-syntax',
    'src/runtime/cache.ts',
    'process.stdout.write("");',
    'export const e = process.env;',
  ],
  [
    'no-restricted-imports',
    'src/data/formats/idx/idx-file.ts',
    imported('node:process'),
    imported('node:path'),
  ],
  ['no-restricted-globals', 'models/lenet/build.ts', 'export const e = process.env;', 'export const e = 1;'],
  ['no-console', 'src/data/formats/idx/idx-file.ts', 'console.log(1);', 'throw new Error("1");'],
  [
    'no-restricted-properties',
    'src/core/random.ts',
    'export const r = Math.random();',
    'export const r = Math.PI;',
  ],
  [
    'no-restricted-properties',
    'scripts/commands/start.ts',
    'export const r = Math.random();',
    'export const r = Math.PI;',
  ],
  ['no-restricted-syntax', 'src/data/formats/idx/idx-file.ts', 'export default 1;', 'export const one = 1;'],
  ['no-restricted-syntax', 'src/data/formats/idx/idx-file.ts', 'export enum A { B }', 'export type A = "B";'],
  [
    '@typescript-eslint/no-explicit-any',
    'src/data/formats/idx/idx-file.ts',
    'export type A = any;',
    'export type A = unknown;',
  ],
  [
    '@typescript-eslint/no-require-imports',
    'scripts/commands/start.ts',
    'export const a = require("a");',
    imported('a'),
  ],
];

test.each(texts)('%s bites in %s', async (rule, file, breaking, clean) => {
  expect(await broken(file, breaking)).toContain(rule);
  expect(await broken(file, clean)).toEqual([]);
});

test('scripts and configuration may do what the engine may not', async () => {
  expect(await broken('scripts/commands/start.ts', 'console.log(process.argv);\nprocess.exit(0);\n')).toEqual(
    [],
  );
  expect(await broken('eslint.config.js', "module.exports = require('a');\n")).toEqual([]);
});

test('a choice that forgets a case and a promise that nobody waits for are refused', async () => {
  const choice = (cases: string) =>
    `export function nameOf(a: 'b' | 'c'): string {\n  switch (a) {\n    ${cases}\n  }\n}\n`;
  const promise = (call: string) =>
    `const save = () => Promise.resolve(1);\nexport async function main() {\n  ${call};\n}\n`;
  const rules = (text: string) => broken('src/core/errors.ts', text, linter);
  expect(await rules(choice("case 'b': return 'B'; default: return '';"))).toContain(
    '@typescript-eslint/switch-exhaustiveness-check',
  );
  expect(await rules(choice("case 'b': return 'B'; case 'c': return 'C';"))).toEqual([]);
  expect(await rules(promise('save()'))).toEqual(['@typescript-eslint/no-floating-promises']);
  expect(await rules(promise('await save()'))).toEqual([]);
  expect(await rules('export const first = new Float32Array(1)[0]! + 1;\n')).toEqual([]);
});
