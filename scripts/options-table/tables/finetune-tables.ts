/** The options of `finetune`. */
import { field, type CommandTable } from '../declaration';
import { dataRows, otherWeights, record, sharedRows } from './training-tables';

const tune = [
  'lenet5-modern',
  '--weights',
  'start',
  '--epochs',
  '2',
  '--patience',
  '1',
  '--out',
  'out',
] as const;
const tunes = [...tune, '--data', 'photos'] as const;

export const finetuneTable: CommandTable = {
  command: 'finetune',
  modes: [
    { name: 'frozen, computed once', words: tunes },
    {
      name: 'frozen, solved',
      words: ['lenet5-modern', '--weights', 'start', '--out', 'out', '--data', 'photos'],
    },
    { name: 'all layers learn', words: [...tunes, '--freeze', 'none'], is: ['freeze'] },
    {
      name: 'from a file',
      words: [
        'lenet5-modern',
        '--weights',
        'start.safetensors',
        '--epochs',
        '2',
        '--patience',
        '1',
        '--out',
        'out',
        '--data',
        'photos',
      ],
    },
    {
      name: 'from a model',
      words: [
        'lenet5-modern',
        '--weights',
        'model',
        '--epochs',
        '2',
        '--patience',
        '1',
        '--out',
        'out',
        '--data',
        'photos',
      ],
    },
    { name: 'in memory', words: [...tune, '--data', 'tiny'] },
    { name: 'images, resumed', words: ['--resume', 'tuned-underway'], is: ['resume'] },
    { name: 'all layers, resumed', words: ['--resume', 'whole-underway'], is: ['resume'] },
    { name: 'on wasm', words: [...tunes, '--backend', 'wasm'], is: ['backend'] },
  ],
  rows: [
    ...sharedRows,
    ...dataRows(['--data', 'loose'], ['in memory'], {
      'images, resumed': { run: 'tuned-underway', moved: 'photos-moved' },
      'all layers, resumed': { run: 'whole-underway', moved: 'photos-moved' },
    }),
    {
      option: 'data',
      with: 'given twice',
      words: ['--data', 'photos', '--data', 'more'],
      seen: field(record, 'moreData.0', /\/more"$/),
    },
    { option: 'test', words: ['--test', 'more'], seen: field(record, 'testData', /\/more"$/) },
    {
      option: 'set',
      words: ['--set', 'optimiser.momentum=0.5'],
      seen: [field(record, 'recipe.optimiser.momentum', 0.5), otherWeights],
    },
    {
      option: 'resume',
      words: ['--resume', 'tuned-underway'],
      seen: { kind: 'made', path: 'tuned-underway/report.json' },
      refusedEverywhere: 'a new fine-tuning names its network, and does not go on with another',
    },
    {
      option: 'weights',
      words: ['--weights', 'run'],
      seen: [field(record, 'finetune.weights', /\/run"$/), otherWeights],
      // The model in this mode was made from `run` itself, so the sample takes other weights.
      in: {
        'from a model': {
          words: ['--weights', 'start'],
          seen: [field(record, 'finetune.weights', /\/start"$/), otherWeights],
        },
      },
    },
    { option: 'answers', words: ['--answers', 'answers.csv'], seen: { kind: 'made', path: 'answers.csv' } },
    { option: 'names', words: ['--names', 'own'], seen: field(record, 'finetune.names', 'own') },
    {
      option: 'freeze',
      words: ['--freeze', 'C1'],
      seen: [field(record, 'finetune.frozen', /^\["C1"\]$/), otherWeights],
    },
    {
      option: 'method',
      words: ['--method', 'solve'],
      seen: field(record, 'recipe.optimiser.kind', 'lbfgs'),
      in: {
        'frozen, solved': {
          words: ['--method', 'descend', '--epochs', '2', '--patience', '1'],
          seen: field(record, 'recipe.optimiser.kind', 'momentum'),
        },
      },
    },
    {
      option: 'with-validation',
      words: ['--with-validation'],
      seen: field(record, 'finetune.withValidation', true),
    },
    {
      option: 'layer-rate',
      words: ['--layer-rate', 'output=2'],
      seen: [field(record, 'recipe.multipliers', /"output"\],"weights":"kernel","rate":2/), otherWeights],
    },
    {
      option: 'layer-rate',
      with: 'of a frozen layer',
      words: ['--freeze', 'C1', '--layer-rate', 'C1=3'],
      seen: field(record, 'recipe.multipliers', /C1/),
      refusedEverywhere: 'a frozen layer has no rate',
    },
    {
      option: 'layer-rate',
      with: 'with `--set multipliers=[]`',
      words: ['--layer-rate', 'output=3', '--set', 'multipliers=[]'],
      seen: field(record, 'recipe.multipliers', /output/),
      refusedEverywhere: 'the field replaces the option',
    },
    {
      option: 'rate',
      words: ['--rate', '0.003'],
      seen: [field(record, 'recipe.schedule.from', 0.003), otherWeights],
    },
    {
      option: 'find-rate',
      words: ['--find-rate'],
      seen: [
        { kind: 'made', path: 'out/rate.svg' },
        { kind: 'says', text: /rate [\d.e-]+: a tenth of / },
      ],
      in: {
        'images, resumed': { words: ['--find-rate'] },
        'all layers, resumed': { words: ['--find-rate'] },
      },
    },
    {
      option: 'find-rate',
      with: 'with `--rate`',
      words: ['--find-rate', '--rate', '0.01'],
      seen: { kind: 'made', path: 'out/rate.svg' },
      refusedEverywhere: 'the rate is looked for',
    },
    {
      option: 'optimiser',
      words: ['--optimiser', 'adamw'],
      seen: [field(record, 'recipe.optimiser.kind', 'adamw'), otherWeights],
    },
    {
      option: 'warm-up',
      words: ['--warm-up', '0.5'],
      seen: [field(record, 'recipe.warmUp.epochs', 0.5), otherWeights],
    },
    {
      option: 'label-smoothing',
      words: ['--label-smoothing', '0.1'],
      seen: [field(record, 'recipe.loss.labelSmoothing', 0.1), otherWeights],
    },
    {
      option: 'clip-norm',
      words: ['--clip-norm', '0.1'],
      seen: [field(record, 'recipe.clipNorm', 0.1), otherWeights],
    },
    {
      option: 'accumulate',
      words: ['--batch', '4', '--accumulate', '2'],
      seen: [field(record, 'recipe.accumulate', 2), otherWeights],
    },
    {
      option: 'accumulate',
      with: 'of batches that hold all images',
      words: ['--batch', '1000', '--accumulate', '2'],
      seen: field(record, 'recipe.accumulate', 2),
      refusedEverywhere: 'there would be one batch',
    },
    {
      option: 'variants',
      words: ['--set', 'augment=[{"kind":"flip"}]', '--variants', '2'],
      seen: [field(record, 'recipe.variants', 2), otherWeights],
    },
    {
      option: 'variants',
      with: 'with nothing distorted',
      words: ['--variants', '2'],
      seen: field(record, 'recipe.variants', 2),
      refusedEverywhere: 'all variants would be one',
    },
    {
      option: 'patience',
      words: ['--epochs', '4', '--patience', '2'],
      seen: field(record, 'patience', 2),
      in: {
        'images, resumed': { words: ['--patience', '2'] },
        'all layers, resumed': { words: ['--patience', '2'] },
      },
    },
    {
      option: 'patience',
      with: 'of as many as the epochs',
      words: ['--epochs', '2', '--patience', '2'],
      seen: field(record, 'patience', 2),
      refusedEverywhere: 'it would never stop anything',
    },
    {
      option: 'class-weights',
      words: ['--class-weights', 'balanced'],
      seen: [field(record, 'recipe.loss.classWeights', /^\[/), otherWeights],
    },
    {
      option: 'class-weights',
      with: 'with `--set loss.classWeights`',
      words: ['--class-weights', 'balanced', '--set', 'loss.classWeights=[1,1,2]'],
      seen: field(record, 'recipe.loss.classWeights', /^\[/),
      refusedEverywhere: 'the field replaces the option',
    },
    {
      option: 'validation-split',
      words: ['--validation-split', '0.25'],
      seen: [field(record, 'validationSplit', 0.25), field(record, 'parts.validation.images', 6)],
      in: { 'in memory': { seen: field(record, 'validationSplit', 0.25) } },
    },
  ],
};
