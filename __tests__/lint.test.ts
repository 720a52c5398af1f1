import { join } from 'node:path';
import { ESLint, type Linter } from 'eslint';
import { configs } from 'typescript-eslint';

// Where CI is set, typescript-eslint reads types from the files on disk alone; here the texts are not on disk.
process.env['TSESTREE_SINGLE_RUN'] = 'false';

const root = join(__dirname, '..');
// eslint.config.js is handed over: ESLint would fetch it with import(), which jest's sandbox does not have.
const configuration = jest.requireActual<Linter.Config[]>('../eslint.config.js');

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

/** Per file, what it may not import, and what it may. */
const directions: Readonly<Record<string, { refused: readonly string[]; allowed: readonly string[] }>> = {
  'src/data/idx.ts': {
    refused: [
      '../train/train',
      '../report/evaluate',
      '../graph/trace',
      '../runtime/backend',
      '../layers/rbf',
    ],
    allowed: ['../tf', '../network', '../random', '../errors', './dataset', 'node:fs'],
  },
  'src/layers/rbf.ts': {
    refused: ['../data/idx', '../train/train', '../../models/lenet', '../../index', '../tfx'],
    allowed: ['../tf', '../random', './cost'],
  },
  'src/weights/safetensors.ts': {
    refused: ['../train/checkpoint', '../data/idx', '../../models/registry'],
    allowed: ['../tf', '../errors', './half-floats'],
  },
  'src/weights/architecture/keras.ts': {
    refused: ['../../train/checkpoint', '../../layers/lrn', '../../../models/registry'],
    allowed: ['../../bounds', '../refusal', './description'],
  },
  'src/train/train.ts': {
    refused: ['../report/evaluate', '../runtime/backend', '../../models/registry', '../../scripts/cli'],
    allowed: ['../data/dataset', '../weights/safetensors', '../layers/cost', './step', '../tf'],
  },
  'src/report/evaluate.ts': {
    refused: ['../runtime/backend', '../../models/lenet/codes', '../../index'],
    allowed: ['../train/loss', '../data/batches', '../weights/safetensors', '../layers/cost'],
  },
  'src/runtime/backend.ts': {
    refused: ['../data/idx', '../train/train', '../../scripts/cli'],
    allowed: ['@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-node', '../tf', './setup'],
  },
  'src/random.ts': { refused: ['./train/train', '../models/registry', '../index'], allowed: ['./errors'] },
  'src/tf.ts': { refused: ['./runtime/backend', '../models/registry'], allowed: ['@tensorflow/tfjs'] },
  'models/alexnet/build.ts': {
    refused: ['../lenet/build', '../registry', '../../src/data/idx', '../../src/train/loss', '../../index'],
    allowed: ['../../src/tf', '../../src/network', '../../src/errors', '../../src/random', './paper'],
  },
  'models/lenet/weights.ts': {
    refused: ['../../src/runtime/backend', '../../src/weights/pth', '../../src/report/describe'],
    allowed: ['../../src/layers/rbf'],
  },
  'models/registry.ts': {
    refused: ['../src/train/train', '../index'],
    allowed: ['./lenet', '../src/network'],
  },
};
const filesWithoutBackend = [
  ...Object.keys(directions).filter((file) => !/^src\/(tf\.|runtime\/)/.test(file)),
  'index.ts',
  'scripts/train.ts',
  '__tests__/train.test.ts',
];

describe('imports against the directions of the design are refused, and those along them are not', () => {
  test.each(Object.entries(directions))('%s', async (file, { refused, allowed }) => {
    for (const from of refused) {
      expect({ from, broken: await broken(file, imported(from)) }).toEqual({
        from,
        broken: ['no-restricted-imports'],
      });
      expect({ from, broken: await broken(file, importedType(from)) }).toEqual({
        from,
        broken: ['no-restricted-imports'],
      });
      expect({ from, broken: await broken(file, importedLater(from)) }).toEqual({
        from,
        broken: ['no-restricted-syntax'],
      });
    }
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

  test('the contract takes types alone from TensorFlow.js', async () => {
    expect(await broken('src/network.ts', importedType('@tensorflow/tfjs'))).toEqual([]);
    expect(await broken('src/network.ts', imported('@tensorflow/tfjs'))).toEqual(['no-restricted-imports']);
  });

  test.each(['models/vgg/recipe.ts', 'models/vgg/paper.ts'])('%s imports types alone', async (file) => {
    expect(await broken(file, importedType('../../src/network'))).toEqual([]);
    expect(await broken(file, imported('../../src/network'))).toEqual(['no-restricted-syntax']);
    expect(await broken(file, imported('./build'))).toEqual(['no-restricted-syntax']);
    expect(await broken(file, importedType('../../src/train/train'))).toEqual(['no-restricted-imports']);
  });
});

/** A rule, a file, a text that breaks the rule there, and one that says the same as the project would. */
const texts: readonly (readonly [rule: string, file: string, breaking: string, clean: string])[] = [
  ['no-restricted-syntax', 'src/train/loss.ts', 'process.exit(1);', 'export const own = process.pid;'],
  ['no-restricted-syntax', 'src/train/loss.ts', 'export const { argv } = process;', 'export const argv = 1;'],
  ['no-restricted-syntax', 'src/data/idx.ts', 'export const e = process.env;', 'export const e = 1;'],
  [
    'no-restricted-syntax',
    'src/runtime/cache.ts',
    'process.stdout.write("");',
    'export const e = process.env;',
  ],
  ['no-restricted-imports', 'src/data/idx.ts', imported('node:process'), imported('node:path')],
  ['no-restricted-globals', 'models/lenet/build.ts', 'export const e = process.env;', 'export const e = 1;'],
  ['no-console', 'src/data/idx.ts', 'console.log(1);', 'throw new Error("1");'],
  [
    'no-restricted-properties',
    'src/random.ts',
    'export const r = Math.random();',
    'export const r = Math.PI;',
  ],
  [
    'no-restricted-properties',
    'scripts/start.ts',
    'export const r = Math.random();',
    'export const r = Math.PI;',
  ],
  ['no-restricted-syntax', 'src/data/idx.ts', 'export default 1;', 'export const one = 1;'],
  ['no-restricted-syntax', 'src/data/idx.ts', 'export enum A { B }', 'export type A = "B";'],
  [
    '@typescript-eslint/no-explicit-any',
    'src/data/idx.ts',
    'export type A = any;',
    'export type A = unknown;',
  ],
  [
    '@typescript-eslint/no-require-imports',
    'scripts/start.ts',
    'export const a = require("a");',
    imported('a'),
  ],
];

test.each(texts)('%s bites in %s', async (rule, file, breaking, clean) => {
  expect(await broken(file, breaking)).toContain(rule);
  expect(await broken(file, clean)).toEqual([]);
});

test('scripts and configuration may do what the engine may not', async () => {
  expect(await broken('scripts/start.ts', 'console.log(process.argv);\nprocess.exit(0);\n')).toEqual([]);
  expect(await broken('eslint.config.js', "module.exports = require('a');\n")).toEqual([]);
});

test('a choice that forgets a case and a promise that nobody waits for are refused', async () => {
  const choice = (cases: string) =>
    `export function nameOf(a: 'b' | 'c'): string {\n  switch (a) {\n    ${cases}\n  }\n}\n`;
  const promise = (call: string) =>
    `const save = () => Promise.resolve(1);\nexport async function main() {\n  ${call};\n}\n`;
  const rules = (text: string) => broken('src/errors.ts', text, linter);
  expect(await rules(choice("case 'b': return 'B'; default: return '';"))).toContain(
    '@typescript-eslint/switch-exhaustiveness-check',
  );
  expect(await rules(choice("case 'b': return 'B'; case 'c': return 'C';"))).toEqual([]);
  expect(await rules(promise('save()'))).toEqual(['@typescript-eslint/no-floating-promises']);
  expect(await rules(promise('await save()'))).toEqual([]);
  expect(await rules('export const first = new Float32Array(1)[0]! + 1;\n')).toEqual([]);
});
