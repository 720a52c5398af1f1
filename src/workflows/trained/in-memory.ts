/** Training, evaluation and prediction of a model that the caller holds, in Node: images in files are read too. */
import { openLoader } from '../../data/loader/loader';
import { backendInUse } from '../../runtime/backend';
import { inMemoryVerbs } from '../../train/in-memory';

export const { train, evaluate, predict } = inMemoryVerbs({
  openLoader: () => openLoader(),
  backend: backendInUse,
});
