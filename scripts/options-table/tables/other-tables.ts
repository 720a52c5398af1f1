/** The options of the commands that measure, show and set up. */
import {
  backendRow,
  field,
  jsonRow,
  ranksRows,
  workers,
  workersRow,
  type CommandTable,
} from '../declaration';
import {
  classifyTable,
  evaluateTable,
  exportTable,
  featuresTable,
  importTable,
  inspectTable,
} from './using-tables';
import { trainTable } from './training-tables';
import { finetuneTable } from './finetune-tables';

const describeTable: CommandTable = {
  command: 'describe',
  modes: [
    { name: 'one network', words: ['lenet5'] },
    { name: '`--diff`', words: ['lenet5', '--diff', 'lenet1'], is: ['diff'] },
    { name: '`--svg`', words: ['lenet5', '--svg', 'drawn.svg'], is: ['svg'] },
    { name: '`--all`', words: ['--all'], is: ['all'] },
    { name: '`--json`', words: ['lenet5', '--json'], is: ['json'] },
  ],
  rows: [
    jsonRow,
    {
      option: 'all',
      words: ['--all'],
      seen: { kind: 'otherOutput' },
      refusedEverywhere: 'all networks are not one',
    },
    { option: 'diff', words: ['--diff', 'lenet-caffe'], seen: { kind: 'otherOutput' } },
    { option: 'svg', words: ['--svg', 'another.svg'], seen: { kind: 'made', path: 'another.svg' } },
    { option: 'layers', words: ['--layers', 'all'], seen: { kind: 'otherOutput' } },
    { option: 'batch', words: ['--batch', '7'], seen: { kind: 'otherOutput' } },
    {
      option: 'classes',
      words: ['--classes', '3'],
      seen: { kind: 'otherOutput' },
    },
  ],
};

const compareTable: CommandTable = {
  command: 'compare',
  modes: [
    { name: 'what is on file', words: [] },
    { name: 'named runs', words: ['run', 'tuned'] },
  ],
  rows: [
    jsonRow,
    { option: 'out', words: ['--out', 'page'], seen: { kind: 'made', path: 'page/compare.html' } },
    {
      option: 'runs',
      with: 'with one of them twice',
      words: ['tuned', './tuned/', '--json'],
      seen: { kind: 'otherOutput' },
      refusedEverywhere: 'it would stand in two rows',
    },
  ],
};

const serveTable: CommandTable = {
  command: 'report:serve',
  modes: [
    { name: 'what is on file', words: ['--port', '0'], until: /serving on/ },
    { name: 'named runs', words: ['run', 'tuned', '--port', '0'], until: /serving on/ },
  ],
  rows: [
    { option: 'port', words: ['--port', '48731'], seen: { kind: 'says', text: /:48731/ } },
    {
      option: 'runs',
      with: 'with one of them twice',
      words: ['tuned', './tuned/'],
      seen: { kind: 'otherOutput' },
      refusedEverywhere: 'it would stand in two rows',
    },
  ],
};

/** What is served is seen in a browser alone, but a seed or a backend that is none ends it. */
const playgroundTable: CommandTable = {
  command: 'playground',
  modes: [
    { name: 'served', words: ['--port', '0'], until: /the playground is on/ },
    { name: 'as a file', words: ['--out', 'playground.html'] },
  ],
  rows: [
    jsonRow,
    {
      ...backendRow,
      in: { served: { words: ['--backend', 'none'], seen: { kind: 'ends', code: 2, text: /backend/ } } },
    },
    { option: 'out', words: ['--out', 'other.html'], seen: { kind: 'made', path: 'other.html' } },
    { option: 'port', words: ['--port', '48732'], seen: { kind: 'says', text: /:48732/ } },
    {
      option: 'seed',
      words: ['--seed', '9'],
      seen: { kind: 'otherFile', path: 'playground.html' },
      in: { served: { words: ['--seed', '0.5'], seen: { kind: 'ends', code: 2, text: /seed/ } } },
    },
  ],
};

const image = 'photos/train/striped/00.png';
const sheet = { kind: 'otherFile', path: 'sheet.png' } as const;

const inspectDataTable: CommandTable = {
  command: 'inspect-data',
  modes: [
    { name: 'with all parts', words: ['photos'] },
    { name: 'of one part', words: ['photos/train'] },
    { name: 'stored as pixels', words: ['digits'] },
  ],
  rows: [
    jsonRow,
    { option: 'sheet', words: ['--sheet', 'other.png'], seen: { kind: 'made', path: 'other.png' } },
    { option: 'test', words: ['--test', 'more'], seen: { kind: 'otherOutput' } },
    {
      option: 'validation-split',
      words: ['--validation-split', '0.001'],
      seen: { kind: 'otherOutput' },
    },
  ],
};

const augmentTable: CommandTable = {
  command: 'augment',
  modes: [
    { name: 'with distortions', words: [image, '--recipe', 'alexnet', '--out', 'sheet.png'] },
    { name: 'without distortions', words: [image, '--recipe', 'lenet5', '--out', 'sheet.png'] },
  ],
  rows: [
    jsonRow,
    { option: 'recipe', words: ['--recipe', 'vgg-a'], seen: sheet },
    { option: 'out', words: ['--out', 'other.png'], seen: { kind: 'made', path: 'other.png' } },
    { option: 'samples', words: ['--samples', '3'], seen: sheet },
    { option: 'seed', words: ['--seed', '9'], seen: sheet },
    { option: 'set', words: ['--set', 'augment=[{"kind":"flip"}]'], seen: sheet },
    {
      option: 'set',
      with: 'of a field that nothing is drawn from',
      words: ['--set', 'batchSize=7'],
      seen: sheet,
      refusedEverywhere: 'it would change nothing',
    },
    {
      option: 'seed',
      with: 'with `--samples 0`',
      words: ['--seed', '9', '--samples', '0'],
      seen: sheet,
      refusedEverywhere: 'nothing is distorted',
    },
  ],
};

const peers = ['lecun1989', '--peers', '--python', './python', '--rounds', '1', '--seconds', '0.01'];

const benchTable: CommandTable = {
  command: 'bench',
  modes: [
    { name: 'one network', words: ['lecun1989', '--steps', '2'] },
    { name: 'without a teacher', words: ['neocognitron', '--steps', '2', '--batch', '2'] },
    { name: 'on wasm', words: ['lecun1989', '--steps', '2', '--backend', 'wasm'], is: ['backend'] },
    { name: '`--peers`', words: [...peers, '--out', 'peers', '--batch', '4'], is: ['peers'] },
  ],
  rows: [
    jsonRow,
    backendRow,
    {
      option: 'step',
      words: ['--step', 'eager'],
      seen: field(null, 'step', 'eager'),
    },
    {
      option: 'precision',
      words: ['--precision', 'float32'],
      isDefault: true,
      seen: field(null, 'precision', 'float32'),
      in: { '`--peers`': { seen: field(null, 'benches.0.precision', 'float32') } },
    },
    {
      option: 'precision',
      with: 'bfloat16 with `--step eager`',
      words: ['--precision', 'bfloat16', '--step', 'eager'],
      seen: field(null, 'precision', 'bfloat16'),
      refusedEverywhere: 'only a recorded update has another precision',
    },
    {
      option: 'batch',
      words: ['--batch', '3'],
      seen: field(null, 'batch', 3),
      in: { '`--peers`': { seen: field(null, 'benches.0.batch', 3) } },
    },
    { option: 'steps', words: ['--steps', '5'], seen: field(null, 'training.passes', 5) },
    {
      option: 'peers',
      words: ['--peers', '--python', './python', '--rounds', '1', '--seconds', '0.01'],
      seen: field(null, 'benches.0.timed.1.name', 'Keras'),
      in: {
        'one network': { words: ['--peers'], seen: field(null, 'benches.0.timed.1.name', 'Keras') },
        'on wasm': { words: ['--peers'], seen: field(null, 'benches.0.timed.1.name', 'Keras') },
      },
    },
    {
      option: 'python',
      words: ['--python', './no-python'],
      seen: { kind: 'ends', code: 2, text: /\.\/no-python: expected a program/ },
    },
    {
      option: 'rounds',
      words: ['--rounds', '2'],
      seen: field(null, 'benches.0.timed.0.training.length', 2),
    },
    // Each of five programs trains and infers for this long.
    { option: 'seconds', words: ['--seconds', '1'], seen: field(null, 'benches.0.seconds', /^[1-9]\d/) },
    { option: 'out', words: ['--out', 'elsewhere'], seen: { kind: 'made', path: 'elsewhere/peers.md' } },
  ],
};

const benchDataTable: CommandTable = {
  command: 'bench-data',
  modes: [
    { name: 'reading', words: ['photos', '--rounds', '1', '--seconds', '0.05'], is: ['train'] },
    {
      name: '`--train`',
      words: ['photos', '--train', 'lenet5-modern', '--rounds', '1', '--steps', '2', '--batch', '4'],
      is: ['train'],
    },
  ],
  rows: [
    jsonRow,
    backendRow,
    { option: 'rounds', words: ['--rounds', '2'], seen: field(null, 'rounds', 2) },
    { option: 'seconds', words: ['--seconds', '0.1'], seen: field(null, 'seconds', 0.1) },
    {
      option: 'python',
      words: ['--python', './no-python'],
      seen: { kind: 'ends', code: 2, text: /\.\/no-python: expected a program/ },
    },
    {
      option: 'train',
      words: ['photos', '--train', 'lenet5-modern'],
      seen: { kind: 'says', text: /lenet5-modern, batch/ },
    },
    { option: 'batch', words: ['--batch', '5'], seen: { kind: 'says', text: /batch 5/ } },
    { option: 'steps', words: ['--steps', '3'], seen: field(null, 'steps', 3) },
    // This many workers to pack the images, and this many again to train on them.
    { ...workersRow, seen: { kind: 'threads', count: 2 * workers } },
    {
      option: 'precision',
      words: ['--precision', 'float32'],
      isDefault: true,
      seen: { kind: 'says', text: /float32/ },
    },
  ],
};

const gradientsTable: CommandTable = {
  command: 'check-gradients',
  modes: [{ name: 'one network', words: ['lecun1989', '--entries', '1'] }],
  rows: [
    jsonRow,
    backendRow,
    { option: 'entries', words: ['--entries', '2'], seen: field(null, 'tensors.0.entries', 2) },
    { option: 'seed', words: ['--seed', '9'], seen: { kind: 'otherOutput' } },
  ],
};

const downloadTable: CommandTable = {
  command: 'download',
  modes: [
    { name: 'all there', words: ['mnist', '--root', 'root'] },
    { name: 'a file lacking', words: ['mnist', '--root', 'root-too', '--mirror', '{server}/mnist/'] },
  ],
  rows: [
    jsonRow,
    {
      option: 'root',
      words: ['--root', 'root-too', '--mirror', '{server}/mnist/'],
      seen: field(null, 'folder', /root-too\/mnist"$/),
      in: { 'a file lacking': { words: ['--root', 'root'], seen: field(null, 'folder', /root\/mnist"$/) } },
    },
    {
      option: 'mirror',
      words: ['--mirror', 'http://127.0.0.1:1/'],
      seen: { kind: 'ends', code: 2, text: /127\.0\.0\.1:1/ },
      in: { 'all there': { seen: { kind: 'says', text: /no mirror was asked/ } } },
    },
  ],
};

const trial = ['lenet1', '--data', 'tiny', '--seeds', '1', '--epochs', '1', '--out', 'out'] as const;

const reproduceTable: CommandTable = {
  command: 'reproduce',
  modes: [
    { name: 'a trial', words: trial },
    { name: '`--search`', words: [...trial, '--search'], is: ['search'] },
  ],
  rows: [
    jsonRow,
    backendRow,
    ...ranksRows,
    { option: 'search', words: ['--search'], seen: { kind: 'made', path: 'out/search.json' } },
    { option: 'seeds', words: ['--seeds', '2'], seen: field(null, 'seeds', /^\[2\]$/) },
    {
      option: 'epochs',
      words: ['--epochs', '2'],
      seen: field('out/seed-1/run.json', 'recipe.epochs', 2),
      in: { '`--search`': { seen: field('out/rate-0-005/seed-1/run.json', 'recipe.epochs', 2) } },
    },
    {
      option: 'data',
      words: ['--data', 'tiny-too'],
      seen: field('out/seed-1/run.json', 'data', /tiny-too/),
      in: { '`--search`': { seen: field('out/rate-0-005/seed-1/run.json', 'data', /tiny-too/) } },
    },
    { option: 'out', words: ['--out', 'elsewhere'], seen: { kind: 'made', path: 'elsewhere' } },
  ],
};

const withoutPip = { PATH: 'nothing', LINEAGE_CACHE: 'cache' } as const;
const cannot = { kind: 'ends', code: 2, text: /expected to set TensorFlow up, but/ } as const;

const setupTable: CommandTable = {
  command: 'setup',
  modes: [
    { name: 'alone', words: [], environment: withoutPip },
    {
      name: '`LINEAGE_BACKEND=wasm`',
      words: [],
      environment: { ...withoutPip, LINEAGE_BACKEND: 'wasm' },
    },
    {
      name: '`LINEAGE_BACKEND=tensorflow`',
      words: [],
      environment: { ...withoutPip, LINEAGE_BACKEND: 'tensorflow' },
    },
  ],
  rows: [jsonRow, { option: 'gpu', words: ['--gpu'], seen: cannot }],
};

const doctorTable: CommandTable = {
  command: 'doctor',
  modes: [
    { name: 'alone', words: [] },
    { name: '`LINEAGE_BACKEND=wasm`', words: [], environment: { LINEAGE_BACKEND: 'wasm' } },
  ],
  rows: [jsonRow],
};

const begun = /training lenet5 on/;

const startTable: CommandTable = {
  command: 'start',
  modes: [
    { name: 'alone', words: [], until: begun },
    { name: '`LINEAGE_BACKEND=wasm`', words: [], environment: { LINEAGE_BACKEND: 'wasm' }, until: begun },
  ],
  rows: [
    {
      option: 'backend',
      words: ['--backend', 'cpu'],
      seen: { kind: 'backend', name: 'cpu' },
    },
  ],
};

/** The tables of all commands, in the order of `--help`. */
export const tables: readonly CommandTable[] = [
  startTable,
  trainTable,
  finetuneTable,
  classifyTable,
  inspectTable,
  featuresTable,
  evaluateTable,
  compareTable,
  serveTable,
  playgroundTable,
  importTable,
  exportTable,
  reproduceTable,
  describeTable,
  inspectDataTable,
  augmentTable,
  benchTable,
  benchDataTable,
  gradientsTable,
  downloadTable,
  setupTable,
  doctorTable,
];
