import { zoo, type NetworkName } from '../models/registry';
import { counted } from '../src/counted';
import { UserError } from '../src/errors';
import type { Recipe } from '../src/network';
import { readWeights } from '../src/train/checkpoint';
import { openRun } from '../src/train/run-record';
import { standingWeights } from '../src/train/standing-weights';
import { startFrom, type Start } from '../src/train/start-from';
import { layersOfWeights, weightsText } from '../src/weights/not-loaded';
import { note } from './cli';
import { noteUnsealed } from './unsealed';

/** Weights to start from, found to be there before any data is read. */
export interface TrainedStart {
  /** The network that they are of. */
  readonly network: NetworkName;
  /** @throws UserError for weights of another number of classes, where the layers that are taken depend on it */
  readonly takenBy: (run: { readonly folder: string; readonly classes: number }) => Promise<Start>;
}

/**
 * What a new run takes over from an earlier one: all layers from a run of the same network, and from one of the
 * network that the recipe starts from, the layers that it names.
 * @param from the earlier run's folder, if any
 * @throws UserError for a run of any other network, or without weights that can be read
 */
export async function trainedStart(
  from: string | undefined,
  network: NetworkName,
  { startFrom: given }: Recipe,
): Promise<TrainedStart | undefined> {
  if (from === undefined) {
    if (given)
      note(`the recipe starts layers from a trained ${given.network}: without --start-from all start afresh`);
    return undefined;
  }
  const earlier = await openRun(from);
  const name = [network, ...(given ? [given.network] : [])].find((one) => one === earlier.network);
  if (name === undefined) {
    const names = [network, ...(given ? [given.network] : [])];
    throw new UserError(
      `--start-from ${from}: expected a run of ${names.join(' or ')}, found one of ${earlier.network}`,
    );
  }
  const { kind, path } = await standingWeights(from);
  if (kind !== 'model') await noteUnsealed(path); // network.json has the digest of a model's
  const { notLoaded } = await readWeights(path);
  const layers = earlier.network === given?.network ? given.layers : 'all';
  const takesHead = layers === 'all' || zoo[network].head.some((layer) => layers.includes(layer));
  const afresh = notLoaded.filter(
    (weight) => layers === 'all' || layers.some((layer) => layersOfWeights([weight]).includes(layer)),
  );
  if (afresh.length > 0)
    note(`${from}: it has no ${weightsText(afresh)}, which were never loaded: they start afresh, and learn`);
  const takenBy: TrainedStart['takenBy'] = ({ folder, classes }) => {
    if (!takesHead || earlier.classes === classes) return startFrom(path, layers, folder);
    throw new UserError(
      `--start-from ${from}: expected a run on ${counted(classes, 'class', 'classes')}, found one on ${earlier.classes}`,
    );
  };
  return { network: name as NetworkName, takenBy };
}
