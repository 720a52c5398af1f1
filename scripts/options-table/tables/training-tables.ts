/** The options of `train`, and those that `finetune` has as well. */
import {
  backendRow,
  field,
  jsonRow,
  ranksRows,
  workersRow,
  type CommandTable,
  type Mode,
  type Row,
} from '../declaration';

const first = ['lenet5-modern', '--epochs', '2', '--out', 'out'] as const;

const trainModes = [
  { name: 'images', words: [...first, '--data', 'photos'] },
  { name: 'images, resumed', words: ['--resume', 'run-underway'], is: ['resume'] },
  { name: 'in memory', words: [...first, '--data', 'tiny'] },
  { name: 'in memory, resumed', words: ['--resume', 'memory-underway'], is: ['resume'] },
  { name: 'without a teacher', words: ['neocognitron', '--data', 'tiny', '--epochs', '1', '--out', 'out'] },
  { name: 'on wasm', words: [...first, '--data', 'tiny', '--backend', 'wasm'], is: ['backend'] },
  { name: 'on cpu', words: [...first, '--data', 'tiny', '--backend', 'cpu'], is: ['backend'] },
] satisfies readonly Mode[];

export const record = 'out/run.json';

/** The option changed what was learned: the weights differ from those without it. */
export const otherWeights = { kind: 'otherFile', path: 'out/last.safetensors' } as const;

/** A run that a mode resumes, and another place where its data is. */
interface Underway {
  readonly run: string;
  readonly moved: string;
}

/**
 * `--data` and `--on-bad-image`: for a new run the data that it starts with; for a resumed run the data's current
 * place.
 * @param inMemory modes whose images are held in memory
 */
export function dataRows(
  other: readonly string[],
  inMemory: readonly string[],
  underway: Readonly<Record<string, Underway>>,
): readonly Row[] {
  const goingOn = Object.entries(underway);
  const skip = ['--on-bad-image', 'skip'];
  return [
    {
      option: 'data',
      words: other,
      seen: field(record, 'data', /\/loose"$/),
      in: Object.fromEntries(
        goingOn.map(([mode, { run, moved }]) => [
          mode,
          { words: ['--data', moved], seen: field(`${run}/run.json`, 'data', new RegExp(`/${moved}"$`)) },
        ]),
      ),
    },
    {
      option: 'on-bad-image',
      words: ['--data', 'damaged', ...skip],
      seen: field(record, 'skippedImages.0.file', /damaged\/train\/bright\/00\.png/),
      in: {
        ...Object.fromEntries(inMemory.map((mode) => [mode, { words: skip }])),
        ...Object.fromEntries(
          goingOn.map(([mode, { run }]) => [
            mode,
            { words: skip, seen: field(`${run}/run.json`, 'onBadImage', 'skip') },
          ]),
        ),
      },
    },
  ];
}

/** Rows that both commands have and honour in the same way. */
export const sharedRows: readonly Row[] = [
  jsonRow,
  backendRow,
  workersRow,
  ...ranksRows,
  { option: 'wire', words: ['--wire', 'bfloat16', '--ranks', '2'], seen: field(record, 'wire', 'bfloat16') },
  {
    option: 'cache',
    words: ['--cache', 'kept'],
    seen: [field(record, 'cache', /\/kept"$/), { kind: 'made', path: 'kept' }],
  },
  { option: 'out', words: ['--out', 'elsewhere'], seen: { kind: 'made', path: 'elsewhere/run.json' } },
  { option: 'seed', words: ['--seed', '7'], seen: [field(record, 'seed', 7), otherWeights] },
  { option: 'epochs', words: ['--epochs', '3'], seen: [field(record, 'recipe.epochs', 3), otherWeights] },
  { option: 'batch', words: ['--batch', '5'], seen: [field(record, 'recipe.batchSize', 5), otherWeights] },
  { option: 'step', words: ['--step', 'eager'], seen: field(record, 'step', 'eager') },
  {
    option: 'step',
    with: 'compiled',
    words: ['--step', 'compiled'],
    seen: field(record, 'step', 'compiled'),
  },
  {
    option: 'precision',
    words: ['--precision', 'float32'],
    isDefault: true,
    seen: field(record, 'precision', 'float32'),
  },
  {
    option: 'precision',
    with: 'bfloat16, where the processor has it',
    words: ['--precision', 'bfloat16'],
    seen: [field(record, 'precision', 'bfloat16'), otherWeights],
  },
  {
    option: 'precision',
    with: 'bfloat16 with `--step eager`',
    words: ['--precision', 'bfloat16', '--step', 'eager'],
    seen: field(record, 'precision', 'bfloat16'),
    refusedEverywhere: 'only a recorded update has another precision',
  },
  {
    option: 'epochs',
    with: 'with `--set epochs=4`',
    words: ['--epochs', '3', '--set', 'epochs=4'],
    seen: field(record, 'recipe.epochs', 3),
    refusedEverywhere: 'both say the same field',
  },
  {
    option: 'batch',
    with: 'with `--set batchSize=4`',
    words: ['--batch', '3', '--set', 'batchSize=4'],
    seen: field(record, 'recipe.batchSize', 3),
    refusedEverywhere: 'both say the same field',
  },
];

export const trainTable: CommandTable = {
  command: 'train',
  modes: trainModes,
  rows: [
    ...sharedRows,
    ...dataRows(
      ['--data', 'loose', '--validation-split', '0.25'],
      ['in memory', 'without a teacher', 'on wasm', 'on cpu'],
      {
        'images, resumed': { run: 'run-underway', moved: 'photos-moved' },
        'in memory, resumed': { run: 'memory-underway', moved: 'tiny-moved' },
      },
    ),
    {
      option: 'set',
      words: ['--set', 'batchSize=6'],
      seen: [field(record, 'recipe.batchSize', 6), otherWeights],
      in: {
        'without a teacher': {
          words: ['--set', 'schedule.rate=0.5'],
          seen: [field(record, 'recipe.schedule.rate', 0.5), otherWeights],
        },
      },
    },
    {
      option: 'resume',
      words: ['--resume', 'run-underway'],
      seen: { kind: 'made', path: 'run-underway/report.json' },
      refusedEverywhere: 'a new run names its network, and does not go on with another',
    },
    {
      option: 'start-from',
      words: ['--start-from', 'run'],
      seen: field(record, 'start.checkpoint', /run\/best\.safetensors/),
      in: {
        'without a teacher': {
          words: ['--start-from', 'neo'],
          seen: field(record, 'start.checkpoint', /neo\//),
        },
        'in memory': {
          words: ['--start-from', 'memory'],
          seen: field(record, 'start.checkpoint', /memory\//),
        },
        'on wasm': { words: ['--start-from', 'memory'], seen: field(record, 'start.checkpoint', /memory\//) },
        'on cpu': { words: ['--start-from', 'memory'], seen: field(record, 'start.checkpoint', /memory\//) },
      },
    },
    {
      option: 'validation',
      words: ['--validation', '6'],
      seen: [field(record, 'validationImages', 6), otherWeights],
    },
    {
      option: 'validation-split',
      words: ['--validation-split', '0.25'],
      seen: [
        field(record, 'validationSplit', 0.25),
        field(record, 'parts.validation.images', /^[1-9]/),
        otherWeights,
      ],
    },
    {
      option: 'validation',
      with: 'with `--validation-split`',
      words: ['--validation', '6', '--validation-split', '0.25'],
      seen: field(record, 'validationImages', 6),
      refusedEverywhere: 'one of them makes the validation set',
    },
    { option: 'answers', words: ['--answers', 'answers.csv'], seen: { kind: 'made', path: 'answers.csv' } },
    {
      option: 'checkpoint-every',
      words: ['--checkpoint-every', '3'],
      seen: field(record, 'checkpointEvery', 3),
    },
    {
      option: 'linear-scaling',
      words: ['--linear-scaling', '--ranks', '2'],
      seen: field(record, 'linearScaling', 2),
    },
  ],
};
