import { zoo, type NetworkName } from '../models/registry';
import { counted } from '../src/counted';
import { UserError } from '../src/errors';
import type { Recipe } from '../src/network';
import { openRun } from '../src/train/run-record';
import { standingWeights } from '../src/train/standing-weights';
import { startFrom, type Start } from '../src/train/start-from';
import { note } from './cli';
import { noteUnsealed } from './unsealed';

/**
 * What a new run takes over from an earlier one: all layers from a run of the same network, and from one of the
 * network that the recipe starts from, the layers that it names.
 * @param from the earlier run's folder, if any
 * @throws UserError for a run of any other network, or on another number of classes
 */
export async function trainedStart(
  from: string | undefined,
  network: NetworkName,
  { startFrom: given }: Recipe,
  { folder, classes }: { readonly folder: string; readonly classes: number },
): Promise<Start | undefined> {
  if (from === undefined) {
    if (given)
      note(`the recipe starts layers from a trained ${given.network}: without --start-from all start afresh`);
    return undefined;
  }
  const earlier = await openRun(from);
  const names = [network, ...(given ? [given.network] : [])];
  if (!names.includes(earlier.network)) {
    throw new UserError(
      `--start-from ${from}: expected a run of ${names.join(' or ')}, found one of ${earlier.network}`,
    );
  }
  const layers = earlier.network === given?.network ? given.layers : 'all';
  const takesHead = layers === 'all' || zoo[network].head.some((name) => layers.includes(name));
  if (takesHead && earlier.classes !== classes) {
    throw new UserError(
      `--start-from ${from}: expected a run on ${counted(classes, 'class', 'classes')}, found one on ${earlier.classes}`,
    );
  }
  const { kind, path } = await standingWeights(from);
  if (kind !== 'model') await noteUnsealed(path); // network.json has the digest of a model's
  return startFrom(path, layers, folder);
}
