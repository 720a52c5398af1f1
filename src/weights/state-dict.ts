import { bounds } from '../bounds';
import { quoted, type Refuse } from './refusal';
import { isTensor, type TorchTensor } from './torch-tensor';

/** Names under which training scripts keep the state dict among other things. */
const usualNames = ['state_dict', 'model_state_dict', 'model_state', 'model', 'net', 'network'];

/** What `DataParallel` puts before every key. */
const parallelPrefix = 'module.';

/**
 * The tensors of a state dict by their keys: what was saved itself, or the one dictionary with tensors in it.
 * @param saved whatever a pickle described; it may hold itself
 */
export function stateDictOf(saved: unknown, refuse: Refuse): readonly [string, TorchTensor][] {
  if (!(saved instanceof Map))
    return refuse('a state dict, as torch.save(model.state_dict()) writes it', 'another object');
  const tensors = tensorsOf(saved) ?? tensorsOf(dictionaryIn(saved, refuse)) ?? [];
  const most = bounds.torch.tensors;
  if (tensors.length > most) refuse(`at most ${most} tensors`, String(tensors.length));
  if (!tensors.every(([name]) => name.startsWith(parallelPrefix))) return tensors;
  return tensors.map(([name, tensor]) => [name.slice(parallelPrefix.length), tensor]);
}

/** The entries of a dictionary that are tensors, or undefined if none is. */
function tensorsOf(dictionary: ReadonlyMap<unknown, unknown>): [string, TorchTensor][] | undefined {
  const found: [string, TorchTensor][] = [];
  for (const [name, value] of dictionary)
    if (typeof name === 'string' && isTensor(value)) found.push([name, value]);
  return found.length > 0 ? found : undefined;
}

/** One level down: the dictionary of a usual name, or the only one that has tensors. */
function dictionaryIn(saved: ReadonlyMap<unknown, unknown>, refuse: Refuse): ReadonlyMap<unknown, unknown> {
  const inner = [...saved].filter(
    (entry): entry is [string, Map<unknown, unknown>] =>
      typeof entry[0] === 'string' && entry[1] instanceof Map && tensorsOf(entry[1]) !== undefined,
  );
  const usual = usualNames.find((name) => inner.some(([found]) => found === name));
  if (usual !== undefined) return saved.get(usual) as Map<unknown, unknown>;
  if (inner.length === 1) return inner[0]![1];
  const names = inner.slice(0, 10).map(([name]) => quoted(name));
  return refuse(
    `tensors in a dictionary, or in one inside it called ${usualNames.join(', ')}`,
    names.length > 0 ? `tensors in ${names.join(', ')}` : 'none',
  );
}
