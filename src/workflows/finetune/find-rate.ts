/** Looks for the learning rate of a fine-tuning by a range test, whose weights are thrown away. */
import { join } from 'node:path';
import { expectOptions } from '../../core/given/options';
import { UserError } from '../../core/errors';
import { makeFolder, writeFileAtomically } from '../../core/io/files';
import { pathsSet, touches } from '../../core/recipe/overrides';
import { counted } from '../../core/text/counted';
import { option } from '../../core/text/wording';
import { openLoader } from '../../data/loader/loader';
import { namesOf } from '../../data/put-together';
import { splitAboveFrozen } from '../../finetune/split-model';
import { drawRates } from '../../report/charts/rate-chart';
import { rangeTest, type FoundRate } from '../../train/find-rate';
import { stepFor } from '../../train/step/choose-step';
import { openContext, type Zoo } from '../context';
import { runFolderFor } from '../train/run-folder';
import { featuresOf, finetuneNames, type FinetuneOptions } from './finetune';
import { preparedFinetune } from './finetune-run';

/** The options of the fine-tuning whose rate is looked for. */
export type FindRateOptions = Omit<FinetuneOptions, 'rate' | 'answers'>;

/** What a range test found, and where it is drawn. */
export interface FindRateReport extends FoundRate {
  readonly network: string;
  readonly data: string;
  /** The rule whose rate it is. */
  readonly optimiser: string;
  /** The curve, as an SVG file. */
  readonly chart: string;
  /** These numbers, as a JSON file. */
  readonly numbers: string;
}

const files = { chart: 'rate.svg', numbers: 'rate.json' } as const;

/**
 * Looks for the rate of a fine-tuning by a range test: see `rangeTest`. It learns as the fine-tuning with these options
 * would, but for the rate, from the same weights and images, and throws the weights away. `out` is where the curve and
 * its numbers are put; default: `runs/NETWORK-DATA-TIME-rate`.
 * @throws UserError as `finetune`, and when the loss did not fall at any rate; the signal's reason
 */
export async function findRate(zoo: Zoo, options: FindRateOptions): Promise<FindRateReport> {
  const { rate: _, answers: __, ...known } = finetuneNames;
  expectOptions('findRate', options, known);
  expectDescent(options);
  const context = await openContext(zoo, ['findRate', options], options);
  const { network, out } = options;
  const names = namesOf(options);
  const wanted = out ?? `${runFolderFor(network, names[0]!)}-rate`;
  const prepared = await preparedFinetune({ ...options, method: 'descend' }, wanted, context);
  const { record, data, fitted, learning, whole, workers } = prepared;
  const { recipe, seed, step: kind, precision } = record;
  const images = openLoader({ workers, onBadImage: record.onBadImage });
  let found: FoundRate;
  try {
    const parts = record.finetune.features ? splitAboveFrozen(learning) : null;
    const loader = parts ? await featuresOf(prepared, parts, images, context) : images;
    const model = parts?.head ?? learning;
    context.remark(`looking for a rate on ${data.train.name}, ${counted(data.train.labels.length, 'image')}`);
    const step = stepFor(model, recipe, seed, { kind, precision, onFallBack: context.remark });
    try {
      found = await rangeTest({
        ...{ model, recipe, seed, step, loader, fitted, data: data.train, signal: context.signal },
        onUpdate: (done, all) => context.tell({ kind: 'count', what: 'updates', done, all }),
      });
    } finally {
      step.dispose();
    }
  } finally {
    await images.close();
    whole.dispose();
  }
  const { length } = found.points;
  context.tell({ kind: 'count', what: 'updates', done: length, all: length });
  const { chart, numbers } = { chart: join(wanted, files.chart), numbers: join(wanted, files.numbers) };
  const optimiser = recipe.optimiser.kind;
  const dataName = names.join(' + ');
  const svg = await drawRates(found, `${network} on ${dataName}, ${optimiser}`);
  await makeFolder(wanted);
  await writeFileAtomically(chart, svg);
  const { provenance } = context;
  const made = { network, data: dataName, optimiser, ...found };
  await writeFileAtomically(
    numbers,
    `${JSON.stringify({ ...made, ...provenanceOf(provenance) }, null, 2)}\n`,
  );
  return { ...made, chart, numbers };
}

function provenanceOf({ command, commit }: { readonly command: string; readonly commit: string | null }) {
  return { command, commit, made: new Date().toISOString() };
}

/** @throws UserError for options that leave no rate to be looked for */
function expectDescent({ method, withValidation, set = [] }: FindRateOptions): void {
  const solving =
    method === 'solve' ? option('method', 'solve') : withValidation ? option('withValidation') : undefined;
  if (solving !== undefined)
    throw new UserError(
      `${solving}: expected a head that learns batch by batch, to find its rate, found one that is solved`,
    );
  const own = set.find((text) => touches(pathsSet([text]), 'schedule'));
  if (own !== undefined)
    throw new UserError(
      `${option('set', own)}: expected no schedule where its rate is looked for, found one`,
    );
}
