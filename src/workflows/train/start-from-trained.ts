/** Gives a new run the weights of an earlier one to start from. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { counted } from '../../core/text/counted';
import { classesOf, findClasses } from '../../data/inspect/match-classes';
import type { ImageSet } from '../../data/dataset';
import { UserError } from '../../core/errors';
import type { Recipe } from '../../core/network';
import { readWeights } from '../../train/run/checkpoint';
import { openRun, runFiles, type RunRecord } from '../../train/run/run-record';
import { selectedWeights } from '../../train/run/selected-weights';
import { startFrom, type Start } from '../../train/run/start-from';
import { modelFiles, openModelFolder } from '../../weights/model-folder';
import { layersOfWeights, weightsText } from '../../weights/not-loaded';
import { option } from '../../core/text/wording';
import { networkOf, type Context } from '../context';
import { foundWeights } from '../trained/named-weights';
import { remarkUnsealed } from '../trained/open-folder';

/** Weights to start from; their existence is checked before any data is read. */
export interface TrainedStart {
  /** The network that the weights belong to. */
  readonly network: string;
  /**
   * @param data the data that the run learns from
   * @throws UserError for weights of other classes, if the layers to copy depend on the classes
   */
  readonly takenBy: (run: {
    readonly folder: string;
    readonly data: Pick<ImageSet, 'name' | 'classes' | 'synsets'>;
  }) => Promise<Start>;
}

/**
 * What a new run copies from an earlier one: all layers if both runs have the same network. If the recipe names the
 * earlier run's network as the one to start from, only the layers that the recipe lists.
 * @param asked the folder of the earlier run or of a model, or a name of trained weights, if any
 * @throws UserError for a run of any other network, or without readable weights
 */
export async function trainedStart(
  asked: string | undefined,
  network: string,
  { startFrom: given, input }: Recipe,
  context: Context,
): Promise<TrainedStart | undefined> {
  const { remark } = context;
  if (asked === undefined) {
    if (given)
      remark(
        `the recipe starts some layers from a trained ${given.network}; without ${option('startFrom')} all layers start afresh`,
      );
    return undefined;
  }
  const { path: from } = await foundWeights(asked, context, { labelled: true });
  const earlier = await earlierAt(from);
  const name = [network, ...(given ? [given.network] : [])].find((one) => one === earlier.network);
  if (name === undefined) {
    const names = [network, ...(given ? [given.network] : [])];
    throw new UserError(
      `${option('startFrom', from)}: expected a run of ${names.join(' or ')}, found one of ${earlier.network}`,
    );
  }
  remarkPreparation(from, earlier, input, context);
  const { kind, path } = await selectedWeights(from);
  if (kind !== 'model') await remarkUnsealed(path, context); // a model's digest is in network.json
  const { notLoaded } = await readWeights(path);
  const layers = earlier.network === given?.network ? given.layers : 'all';
  const head = networkOf(context.zoo, network, option('network')).head.filter(
    (layer) => layers === 'all' || layers.includes(layer),
  );
  const afresh = notLoaded.filter(
    (weight) => layers === 'all' || layers.some((layer) => layersOfWeights([weight]).includes(layer)),
  );
  if (afresh.length > 0)
    remark(
      `${from}: it has no ${weightsText(afresh)}, which were never loaded: they start afresh, and learn`,
    );
  const takenBy: TrainedStart['takenBy'] = async ({ folder, data }) => {
    if (head.length === 0) return startFrom(path, layers, folder);
    const classes = data.classes.length;
    if (earlier.classes !== classes)
      throw new UserError(
        `${option('startFrom', from)}: expected a run on ${counted(classes, 'class', 'classes')}, found one on ${earlier.classes}`,
      );
    const indices = indicesIn(from, earlier, data, context);
    if (indices.every((before, now) => before === now)) return startFrom(path, layers, folder);
    remark(
      `${data.name}: its classes come in another order than those of ${from}: what ${head.join(', ')} learned of a class goes to the class of the same name`,
    );
    return startFrom(path, layers, folder, { indices, layers: head });
  };
  return { network: name, takenBy };
}

type Earlier = Pick<RunRecord, 'network' | 'classes' | 'labels' | 'synsets'> & Pick<Recipe, 'input'>;

/** What a run's folder, or else a model's, records of its network and classes. */
async function earlierAt(folder: string): Promise<Earlier> {
  const has = (file: string) => existsSync(join(folder, file));
  if (has(runFiles.record) || !has(modelFiles.record)) {
    const run = await openRun(folder);
    return { ...run, input: run.recipe.input };
  }
  const { network, classes, labels, synsets, input } = await openModelFolder(folder);
  return { network, classes, input, ...(labels && { labels }), ...(synsets && { synsets }) };
}

/** Reports weights that were trained on images prepared otherwise, to which the new run has to get used first. */
function remarkPreparation(
  from: string,
  { input: { preprocess } }: Earlier,
  now: Recipe['input'],
  { remark }: Context,
): void {
  const [before, today] = [preprocess, now.preprocess].map((steps) => JSON.stringify(steps));
  if (before === today) return;
  remark(
    `${from}: it learned from images that were prepared otherwise than by this recipe; ${option('set', `input.preprocess=${before}`)} prepares them as then`,
  );
}

/**
 * Where each class of a run's data is among the classes of the earlier run.
 * @throws UserError if the classes differ
 */
function indicesIn(
  from: string,
  { classes, labels, synsets }: Earlier,
  data: Pick<ImageSet, 'name' | 'classes' | 'synsets'>,
  { remark }: Context,
): readonly number[] {
  const before = {
    of: option('startFrom', from),
    count: classes,
    labels: labels ?? null,
    synsets: synsets ?? null,
  };
  const { indices, assumed } = findClasses(classesOf(data), before, { indexed: false });
  if (assumed !== null) remark(assumed);
  return indices;
}
