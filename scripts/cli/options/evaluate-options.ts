/** The options of `evaluate`. */
import type { Argv } from 'yargs';
import { cropKinds } from '../../../src/data/augment/crop-kinds';
import { answers, computing, labels, reading, resize, weightNames } from './shared-options';

export function evaluateOptions<A>(argv: Argv<A>) {
  return reading(computing(argv))
    .positional('models', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: `folders of runs or models, or ${weightNames}; of several, the answers are averaged`,
    })
    .option('data', {
      type: 'string',
      describe: "a data set with the model's classes (default: the run's own, its test set)",
    })
    .option('out', {
      type: 'string',
      describe:
        "the folder for the report and its images (default: the model's own; runs/evaluate-NAME for weights by name)",
    })
    .option('crops', {
      choices: cropKinds,
      describe:
        'average over parts of each image: centre one, ten (AlexNet), dense every position of it whole (VGG), grid 50 a scale (VGG), squares 36 a scale (GoogLeNet)',
    })
    .option('resize', resize)
    .option('top', {
      type: 'number',
      array: true,
      nargs: 1,
      describe: 'also count errors of so many guesses',
    })
    .option('rejection', {
      type: 'string',
      describe: 'draw the error of what is left when the least sure answers are rejected, as FILE.svg',
    })
    .option('html', {
      type: 'string',
      describe: 'the report as a page, one file FILE.html: charts, confusions, classes, mistakes',
    })
    .option('thumbnails', {
      type: 'boolean',
      describe: 'put small pictures of the mistakes into that page',
    })
    .option('answers', answers)
    .option('labels', labels)
    .option('weights', {
      choices: ['last', 'best'] as const,
      describe: "a run's: of the last epoch, or best on validation (default: best if there)",
    })
    .example('$0 evaluate models/googlenet --data photos --crops ten', '');
}
