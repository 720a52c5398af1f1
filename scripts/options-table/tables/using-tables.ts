/** The options of the commands that use trained networks: `evaluate`, `classify`, `inspect`, `features`, `import`, `export`. */
import { backendRow, field, jsonRow, ranksRows, workersRow, type CommandTable } from '../declaration';

const labels = ['--labels', 'other-names.txt'] as const;

export const evaluateTable: CommandTable = {
  command: 'evaluate',
  modes: [
    { name: 'run', words: ['run'] },
    { name: 'run, in memory', words: ['memory'] },
    { name: 'run on other data', words: ['run', '--data', 'more'], is: ['data'] },
    { name: 'model', words: ['model', '--data', 'photos'] },
    { name: 'fine-tuned', words: ['tuned'] },
    { name: 'several', words: ['run', 'tuned', '--data', 'photos'] },
    { name: 'with crops', words: ['run', '--crops', 'ten'], is: ['crops'] },
    { name: 'in memory, with crops', words: ['memory', '--crops', 'ten'], is: ['crops'] },
  ],
  rows: [
    jsonRow,
    backendRow,
    workersRow,
    ...ranksRows,
    {
      option: 'data',
      words: ['--data', 'more'],
      seen: field(null, 'dataset', /more/),
      in: {
        'run, in memory': { words: ['--data', 'tiny-too'], seen: field(null, 'dataset', /tiny-too/) },
        'in memory, with crops': { words: ['--data', 'tiny-too'], seen: field(null, 'dataset', /tiny-too/) },
      },
    },
    { option: 'out', words: ['--out', 'elsewhere'], seen: { kind: 'made', path: 'elsewhere' } },
    {
      option: 'crops',
      words: ['--crops', 'ten'],
      seen: field(null, 'protocol', /10 crops|ten crops/),
    },
    {
      option: 'resize',
      words: ['--resize', '48'],
      seen: field(null, 'protocol', /48/),
    },
    {
      option: 'resize',
      with: 'several with `--crops ten`',
      words: ['--crops', 'ten', '--resize', '40,48'],
      seen: field(null, 'protocol', /48/),
      refusedEverywhere: 'ten crops are of one size',
    },
    {
      option: 'resize',
      with: 'none with `--crops grid`',
      words: ['--crops', 'grid', '--resize', 'none'],
      seen: field(null, 'protocol', /none/),
      refusedEverywhere: 'a grid needs lengths',
    },
    { option: 'top', words: ['--top', '2'], seen: { kind: 'says', text: /top.?2/i } },
    {
      option: 'top',
      with: 'of as many as there are classes',
      words: ['--top', '3'],
      seen: { kind: 'says', text: /top.?3/i },
      refusedEverywhere: 'there would be no error',
    },
    {
      option: 'rejection',
      words: ['--rejection', 'rejected.svg'],
      seen: { kind: 'made', path: 'rejected.svg' },
    },
    { option: 'answers', words: ['--answers', 'answers.csv'], seen: { kind: 'made', path: 'answers.csv' } },
    { option: 'html', words: ['--html', 'page.html'], seen: { kind: 'made', path: 'page.html' } },
    {
      option: 'thumbnails',
      with: 'with `--html`',
      words: ['--html', 'page.html', '--thumbnails'],
      seen: { kind: 'made', path: 'page.html' },
    },
    {
      option: 'thumbnails',
      words: ['--thumbnails'],
      seen: { kind: 'made', path: 'page.html' },
      refusedEverywhere: 'there is no page to put them into',
    },
    {
      option: 'labels',
      words: [...labels],
      seen: { kind: 'says', text: /cherry/ },
    },
    {
      option: 'weights',
      words: ['--weights', 'last'],
      seen: { kind: 'says', text: /report-\S*last\S*\.json/ },
    },
    { option: 'cache', words: ['--cache', 'kept'], seen: { kind: 'made', path: 'kept' } },
    {
      option: 'on-bad-image',
      words: ['--data', 'damaged', '--on-bad-image', 'skip'],
      seen: { kind: 'says', text: /1 image was unreadable/ },
      in: {
        'run, in memory': { words: ['--on-bad-image', 'skip'] },
        'in memory, with crops': { words: ['--on-bad-image', 'skip'] },
      },
    },
  ],
};

export const classifyTable: CommandTable = {
  command: 'classify',
  modes: [
    { name: 'run, a file', words: ['photos/test/dark/01.png', '--model', 'run'] },
    { name: 'run, a folder', words: ['photos/test', '--model', 'run'] },
    { name: 'run, a pattern', words: ['photos/test/*/01.png', '--model', 'run'] },
    { name: 'fine-tuned', words: ['photos/test', '--model', 'tuned'] },
    { name: 'model', words: ['photos/test', '--model', 'model'] },
    { name: 'with crops', words: ['photos/test', '--model', 'run', '--crops', 'ten'], is: ['crops'] },
  ],
  rows: [
    jsonRow,
    backendRow,
    {
      option: 'model',
      words: ['--model', 'start'],
      seen: { kind: 'otherOutput' },
    },
    { option: 'top', words: ['--top', '1'], seen: { kind: 'otherOutput' } },
    {
      option: 'top',
      with: 'of more than there are classes',
      words: ['--top', '4'],
      seen: { kind: 'says', text: /4th/ },
      refusedEverywhere: 'no class is left to name',
    },
    {
      option: 'top',
      with: 'of 0',
      words: ['--top', '0'],
      seen: { kind: 'otherOutput' },
      refusedEverywhere: 'nothing would be named',
    },
    { option: 'crops', words: ['--crops', 'ten'], seen: { kind: 'otherOutput' } },
    { option: 'resize', words: ['--resize', '48'], seen: { kind: 'otherOutput' } },
    { option: 'answers', words: ['--answers', 'answers.csv'], seen: { kind: 'made', path: 'answers.csv' } },
    { option: 'labels', words: [...labels], seen: { kind: 'says', text: /cherry/ } },
    {
      option: 'on-bad-image',
      words: ['damaged/test/bright', '--on-bad-image', 'skip'],
      seen: { kind: 'says', text: /left out: \S*00\.png/ },
    },
  ],
};

export const featuresTable: CommandTable = {
  command: 'features',
  modes: [
    { name: 'a folder', words: ['photos/test/dark', '--model', 'run', '--out', 'out.npy'] },
    { name: 'a data set', words: ['photos', '--model', 'run', '--out', 'out.npy'] },
    { name: 'fine-tuned', words: ['photos', '--model', 'tuned', '--out', 'out.npy'] },
  ],
  rows: [
    jsonRow,
    backendRow,
    workersRow,
    {
      option: 'model',
      words: ['--model', 'start'],
      seen: { kind: 'otherFile', path: 'out.npy', whole: true },
      // What is fine-tuned has the frozen layers of `start`.
      in: { 'fine-tuned': { words: ['--model', 'run'] } },
    },
    { option: 'out', words: ['--out', 'other.npz'], seen: { kind: 'made', path: 'other.npz' } },
    { option: 'layer', words: ['--layer', 'C1'], seen: { kind: 'says', text: /layer C1/ } },
    {
      option: 'pool',
      words: ['--pool', 'average', '--layer', 'C1'],
      seen: { kind: 'says', text: /the mean of each/ },
    },
    {
      option: 'part',
      words: ['--part', 'test'],
      seen: { kind: 'otherFile', path: 'out.npy', whole: true },
      in: { 'a folder': { seen: { kind: 'ends', code: 2, text: /without classes/ } } },
    },
    {
      option: 'on-bad-image',
      words: ['damaged', '--on-bad-image', 'skip'],
      seen: { kind: 'says', text: /left out: \S*00\.png/ },
    },
  ],
};

const drawn = { kind: 'otherFile', path: 'inside.png' } as const;
const seenImage = ['run', 'photos/test/dark/01.png', '--out', 'inside.png'] as const;
const seenUnit = ['run', '--unit', 'C3:2', '--data', 'photos', '--out', 'inside.png'] as const;

export const inspectTable: CommandTable = {
  command: 'inspect',
  modes: [
    { name: 'an image', words: [...seenImage] },
    { name: 'a unit', words: [...seenUnit], is: ['unit'] },
    { name: 'both', words: [...seenImage, '--unit', 'C3:2', '--data', 'photos'], is: ['unit'] },
  ],
  rows: [
    jsonRow,
    backendRow,
    { option: 'out', words: ['--out', 'inside.html'], seen: { kind: 'made', path: 'inside.html' } },
    { option: 'class', words: ['--class', 'striped'], seen: drawn },
    { option: 'layers', words: ['--layers', 'S2,C3'], seen: drawn },
    { option: 'maps', words: ['--maps', '2'], seen: drawn },
    { option: 'grad-cam', words: ['--grad-cam', 'C1'], seen: drawn },
    { option: 'occluder', words: ['--occluder', '9'], seen: drawn },
    { option: 'stride', words: ['--stride', '4'], seen: drawn },
    { option: 'fill', words: ['--fill', '200'], seen: drawn },
    { option: 'unit', words: ['--unit', 'S2:1'], seen: { kind: 'says', text: /S2:1/ } },
    { option: 'data', words: ['--data', 'more'], seen: drawn },
    { option: 'top', words: ['--top', '2'], seen: drawn },
    {
      option: 'on-bad-image',
      words: ['--data', 'damaged', '--on-bad-image', 'skip'],
      seen: { kind: 'says', text: /left out: \S*00\.png/ },
    },
    { option: 'labels', words: [...labels], seen: { kind: 'says', text: /apple|banana|cherry/ } },
    {
      option: 'maps',
      with: 'of more than any layer has',
      words: ['--maps', '1000'],
      seen: drawn,
      refusedEverywhere: 'no map is left to draw',
    },
  ],
};

const named = ['--network', 'lenet5-modern', '--out', 'out'] as const;
const record = 'out/network.json';
const listed = [
  'cifar10_nin.caffemodel',
  '--network',
  'nin-cifar10-caffe',
  '--root',
  'root',
  '--out',
  'out',
] as const;

export const importTable: CommandTable = {
  command: 'import',
  modes: [
    { name: 'file', words: ['start.safetensors', ...named] },
    { name: 'ONNX file', words: ['start.onnx', ...named] },
    { name: 'with a mean to fit', words: [...listed] },
    { name: '`--download`', words: [...listed, '--download', '--mirror', '{server}/nin/'], is: ['download'] },
    { name: '`--list`', words: ['--list'], is: ['list'] },
  ],
  rows: [
    jsonRow,
    { ...backendRow, in: { 'with a mean to fit': {}, '`--download`': {} } },
    {
      option: 'network',
      words: ['--network', 'lenet5'],
      seen: { kind: 'ends', code: 2, text: /expected tensors of lenet5|lenet5/ },
      in: {
        'with a mean to fit': {
          words: ['--network', 'nin-cifar10'],
          seen: { kind: 'ends', code: 2, text: /expected the biases of the class scores \(cccp6/ },
        },
        '`--download`': {
          words: ['--network', 'nin-imagenet'],
          seen: { kind: 'ends', code: 2, text: /--download: expected nin_imagenet\.caffemodel/ },
        },
        '`--list`': { words: ['--network', 'googlenet'], seen: { kind: 'otherOutput' } },
      },
    },
    { option: 'out', words: ['--out', 'elsewhere'], seen: { kind: 'made', path: 'elsewhere/network.json' } },
    {
      option: 'labels',
      words: [...labels],
      seen: field(record, 'labels.2', 'cherry'),
      in: {
        'with a mean to fit': {
          words: ['--labels', 'ten-names.txt'],
          seen: field(record, 'labels.9', 'nine'),
        },
        '`--download`': { words: ['--labels', 'ten-names.txt'], seen: field(record, 'labels.9', 'nine') },
      },
    },
    { option: 'fit', words: ['--fit', 'photos'], seen: { kind: 'made', path: 'out/preprocess.safetensors' } },
    {
      option: 'names',
      words: ['--names', 'own'],
      seen: field(record, 'source.convention', 'own'),
      isDefault: true,
      in: {
        'with a mean to fit': {
          words: ['--names', 'caffe'],
          seen: field(record, 'source.convention', 'caffe'),
        },
        '`--download`': { words: ['--names', 'caffe'], seen: field(record, 'source.convention', 'caffe') },
      },
    },
    {
      option: 'names',
      with: 'of which the file has none',
      words: ['--names', 'own'],
      seen: { kind: 'ends', code: 2, text: /cnn-lineage/ },
      in: {
        file: { words: ['--names', 'caffe'], seen: { kind: 'ends', code: 2, text: /found caffe asked for/ } },
        'ONNX file': {
          words: ['--names', 'caffe'],
          seen: { kind: 'ends', code: 2, text: /found caffe asked for/ },
        },
      },
    },
    {
      option: 'classes',
      words: ['--classes', '3'],
      seen: field(record, 'classes', 3),
      isDefault: true,
      in: {
        'with a mean to fit': { words: ['--classes', '10'], seen: field(record, 'classes', 10) },
        '`--download`': { words: ['--classes', '10'], seen: field(record, 'classes', 10) },
      },
    },
    {
      option: 'classes',
      with: 'other than the file’s',
      words: ['--classes', '4'],
      seen: field(record, 'classes', 4),
      refusedEverywhere: 'the file has no such head',
    },
    {
      option: 'classes',
      with: 'other than the file’s with `--partial`',
      words: ['--classes', '4', '--partial'],
      seen: [field(record, 'classes', 4), field(record, 'missing', /^\["/)],
    },
    {
      option: 'partial',
      words: ['--partial', '--classes', '4'],
      seen: field(record, 'missing', /^\["/),
      in: { '`--list`': { words: ['--partial'] } },
    },
    {
      option: 'despite-differences',
      words: ['--despite-differences'],
      seen: field(record, 'source.differences', /^\["/),
      refusedEverywhere: 'these files do not differ from their networks',
    },
    {
      option: 'download',
      words: ['--download', '--mirror', '{server}/nin/'],
      seen: { kind: 'says', text: /it was there/ },
      in: {
        file: {
          seen: { kind: 'ends', code: 2, text: /--download: expected a file, of which none is listed/ },
        },
        'ONNX file': {
          seen: { kind: 'ends', code: 2, text: /--download: expected a file, of which none is listed/ },
        },
      },
    },
    {
      option: 'mirror',
      words: ['--mirror', 'http://127.0.0.1:1/'],
      seen: { kind: 'ends', code: 2, text: /127\.0\.0\.1:1/ },
    },
    {
      option: 'root',
      words: ['--root', 'root-too'],
      seen: { kind: 'ends', code: 2, text: /root-too|expected such a file/ },
      in: { '`--download`': { seen: { kind: 'made', path: 'root-too/weights/cifar10_nin.caffemodel' } } },
    },
    {
      option: 'list',
      words: ['--list'],
      seen: { kind: 'otherOutput' },
      refusedEverywhere: 'it lists, and does nothing else',
    },
  ],
};

export const exportTable: CommandTable = {
  command: 'export',
  modes: [
    { name: 'tfjs, run', words: ['run', '--format', 'tfjs', '--out', 'out'] },
    { name: 'tfjs, model', words: ['model', '--format', 'tfjs', '--out', 'out'] },
    { name: 'safetensors, run', words: ['run', '--format', 'safetensors', '--out', 'out.safetensors'] },
    { name: 'safetensors, model', words: ['model', '--format', 'safetensors', '--out', 'out.safetensors'] },
    { name: 'keras, run', words: ['plain', '--format', 'keras', '--out', 'out.h5'] },
    { name: 'onnx, run', words: ['run', '--format', 'onnx', '--out', 'out.onnx'] },
    { name: 'page, run', words: ['run', '--format', 'page', '--out', 'out.html'] },
  ],
  rows: [
    jsonRow,
    backendRow,
    {
      option: 'format',
      words: ['--format', 'safetensors', '--out', 'other.safetensors'],
      seen: { kind: 'made', path: 'other.safetensors' },
    },
    {
      option: 'out',
      words: ['--out', 'elsewhere'],
      seen: { kind: 'made', path: 'elsewhere/model.json' },
      in: {
        'safetensors, run': {
          words: ['--out', 'other.safetensors'],
          seen: { kind: 'made', path: 'other.safetensors' },
        },
        'safetensors, model': {
          words: ['--out', 'other.safetensors'],
          seen: { kind: 'made', path: 'other.safetensors' },
        },
        'keras, run': { words: ['--out', 'other.h5'], seen: { kind: 'made', path: 'other.h5' } },
        'onnx, run': { words: ['--out', 'other.onnx'], seen: { kind: 'made', path: 'other.onnx' } },
        'page, run': { words: ['--out', 'other.html'], seen: { kind: 'made', path: 'other.html' } },
      },
    },
    {
      option: 'labels',
      words: [...labels],
      seen: { kind: 'otherFile', path: 'out' },
      in: {
        'tfjs, run': { seen: { kind: 'otherFile', path: 'out/model.json' } },
        'tfjs, model': { seen: { kind: 'otherFile', path: 'out/model.json' } },
        'safetensors, run': { seen: { kind: 'otherFile', path: 'out.safetensors', whole: true } },
        'safetensors, model': { seen: { kind: 'otherFile', path: 'out.safetensors', whole: true } },
        'keras, run': { seen: { kind: 'otherFile', path: 'out.h5' } },
        'onnx, run': { seen: { kind: 'otherFile', path: 'out.onnx' } },
        'page, run': { seen: { kind: 'otherFile', path: 'out.html' } },
      },
    },
    {
      option: 'weights-as',
      words: ['--weights-as', 'float16'],
      seen: field(null, 'weightsAs', /float16/),
      in: {
        'keras, run': { seen: { kind: 'ends', code: 2, text: /expected float32 for --format keras/ } },
        'page, run': { seen: { kind: 'ends', code: 2, text: /expected float32 for --format page/ } },
      },
    },
  ],
};
