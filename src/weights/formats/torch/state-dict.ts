/** Finds a network's weights among everything that a training script saved. */
import { quoted, type Refuse } from '../../../core/errors';
import { bounds } from '../../../core/bounds';
import { counted } from '../../../core/text/counted';
import { PassedOver } from './pickle';
import { unwrapped } from './torch-names';
import { isTensor, isUnread, type TorchTensor, type UnreadTensor } from './torch-tensor';

/**
 * Names under which training scripts store the state dict. If several occur, the first in this list is used, so
 * weights are preferred to averages of them.
 */
const wrappings = [
  'state_dict', // PyTorch's ImageNet example, Lightning, timm, MMCV
  'model_state_dict', // PyTorch's tutorials
  'model_state',
  'model', // torchvision's training script, fastai, Detectron2
  'net',
  'network',
  'net_state_dict',
  'model_dict',
  'module', // DeepSpeed
  'params', // BasicSR
  'weights',
  'student',
  'model_ema', // torchvision's training script
  'state_dict_ema', // timm
  'ema_state_dict',
  'params_ema',
  'ema',
  'teacher',
];

/** Names of what is needed to resume training; tensors in it are not a network's. */
const ofTraining = /optim|^opt$|sched|scaler|rng|callback|loops|history|hyper_?param/i;

/** The maximum nesting depth of state dicts. */
const deepest = 3;

interface Candidate {
  /** The names of the dictionaries that contain it; empty for the saved object itself. */
  readonly path: readonly string[];
  readonly tensors: readonly (readonly [string, TorchTensor | UnreadTensor])[];
}

export interface StateDict {
  readonly tensors: readonly (readonly [string, TorchTensor])[];
  /** Messages for the user: whether there were other candidates, since this choice is never silent. */
  readonly notes: readonly string[];
}

/**
 * The tensors of a state dict by their keys. The state dict is the saved object itself or a dictionary in it; other
 * tensors, and objects of any class, may be next to it.
 * @param saved any object that a pickle described; it may contain itself
 */
export function stateDictOf(saved: unknown, refuse: Refuse): StateDict {
  const candidates = candidatesIn(dictionaryOf(saved, refuse));
  const chosen = choose(candidates, saved, refuse);
  const most = bounds.torch.tensors;
  if (chosen.tensors.length > most) refuse(`at most ${most} tensors`, String(chosen.tensors.length));
  const tensors = unwrapped(chosen.tensors).map(([name, tensor]) =>
    isTensor(tensor)
      ? ([name, tensor] as const)
      : refuse(
          `plain numbers in tensor ${quoted(name)}`,
          `a tensor that is ${tensor.of}, which is not read here`,
        ),
  );
  const others = candidates.filter((one) => one !== chosen && isOfWeights(one));
  if (others.length === 0) return { tensors, notes: [] };
  const said = others.slice(0, 5).map((one) => `${placeOf(one)} (${counted(one.tensors.length, 'tensor')})`);
  const more = others.length > said.length ? ` and ${others.length - said.length} more` : '';
  return { tensors, notes: [`taken: ${placeOf(chosen)}; left: ${said.join(', ')}${more}`] };
}

function dictionaryOf(saved: unknown, refuse: Refuse): ReadonlyMap<unknown, unknown> {
  if (saved instanceof Map) return saved;
  if (saved instanceof PassedOver && saved.items) return saved.items;
  if (Array.isArray(saved) && saved.some((value) => value instanceof Map || value instanceof PassedOver))
    return new Map(saved.slice(0, 100).map((value, at) => [String(at), value]));
  return refuse(expected, objectSaid(saved));
}

const expected = 'a state dict, as torch.save(model.state_dict()) writes it';

function objectSaid(saved: unknown): string {
  if (isTensor(saved) || isUnread(saved)) return 'one tensor';
  if (!(saved instanceof PassedOver)) return 'another object';
  return saved.state === undefined
    ? `an object of Python’s ${saved.name}`
    : `a whole object of the class ${saved.name}, which only its own code reads; in Python, load it and save its state_dict()`;
}

/** Every dictionary with tensors, each once, starting with the outermost. */
function candidatesIn(saved: ReadonlyMap<unknown, unknown>): readonly Candidate[] {
  const found: Candidate[] = [];
  const seen = new Set([saved]);
  let level: { readonly path: readonly string[]; readonly dictionary: ReadonlyMap<unknown, unknown> }[] = [
    { path: [], dictionary: saved },
  ];
  for (let depth = 0; depth <= deepest && level.length > 0; depth++) {
    const below: typeof level = [];
    for (const { path, dictionary } of level) {
      const tensors: (readonly [string, TorchTensor | UnreadTensor])[] = [];
      for (const [name, value] of dictionary) {
        if (typeof name !== 'string') continue;
        if (isTensor(value) || isUnread(value)) tensors.push([name, value]);
        const inner = value instanceof PassedOver ? value.items : value;
        if (!(inner instanceof Map) || seen.has(inner) || isOfTraining(name, inner)) continue;
        seen.add(inner);
        below.push({ path: [...path, name], dictionary: inner });
      }
      if (tensors.length > 0) found.push({ path, tensors });
    }
    level = below;
  }
  return found;
}

function isOfTraining(name: string, dictionary: ReadonlyMap<unknown, unknown>): boolean {
  return dictionary.has('param_groups') || ofTraining.test(name);
}

/** Whether a tensor has several axes: every network has such a tensor, but losses and errors have not. */
function isOfWeights({ tensors }: Candidate): boolean {
  return tensors.some(([, tensor]) => isUnread(tensor) || tensor.shape.length > 1);
}

/** Prefers a known wrapping to the saved object itself, which may hold losses and errors besides it. */
function choose(candidates: readonly Candidate[], saved: unknown, refuse: Refuse): Candidate {
  const ofWeights = candidates.filter(isOfWeights);
  const left = ofWeights.length > 0 ? ofWeights : candidates;
  const [wrapped] = left
    .filter(({ path }) => path.length > 0 && path.every((name) => wrappings.includes(name)))
    .sort((a, b) => a.path.length - b.path.length || rankOf(a) - rankOf(b));
  if (wrapped) return wrapped;
  const outermost = left.find(({ path }) => path.length === 0);
  const isDotted = ({ tensors }: Candidate) => tensors.some(([name]) => name.includes('.'));
  if (outermost && (isDotted(outermost) || !left.some(isDotted))) return outermost;
  const inner = left.filter(({ path }) => path.length > 0);
  if (inner.length === 1) return inner[0]!;
  const places = inner.slice(0, 10).map(placeOf);
  if (places.length > 0)
    return refuse(
      `tensors in one dictionary, or in one called ${wrappings.slice(0, 6).join(', ')} or the like`,
      `tensors in ${places.join(', ')}; in Python, save the one that is meant: torch.save(checkpoint[…], FILE)`,
    );
  const model = pickledModel(saved);
  if (model) return refuse(expected, model);
  if (saved instanceof Map && [...saved.values()].some(isNumpyArray))
    return refuse(expected, 'arrays of NumPy in the place of tensors; in Python, make tensors of them');
  if (saved instanceof Map && saved.has('param_groups'))
    return refuse(expected, 'the state of an optimiser, which has none of the network’s weights');
  return refuse(`tensors in a dictionary, or in one inside it called ${wrappings.join(', ')}`, 'none');
}

/** The rank among paths of equal length. */
const rankOf = ({ path }: Candidate) =>
  path.reduce((rank, name) => rank * wrappings.length + wrappings.indexOf(name), 0);

const placeOf = ({ path }: Candidate) =>
  path.length > 0 ? path.toReversed().map(quoted).join(' in ') : 'the outermost tensors';

function isNumpyArray(value: unknown): boolean {
  return value instanceof PassedOver && /^numpy\..*\._reconstruct$/.test(value.name);
}

/** A network that was pickled as a whole instead of its state dict. */
function pickledModel(saved: unknown): string | undefined {
  const values = saved instanceof Map ? [...saved] : [];
  const found = values.find(
    ([, value]) => value instanceof PassedOver && value.state instanceof Map && value.state.has('_modules'),
  );
  return found && `under ${quoted(String(found[0]))} ${objectSaid(found[1])}`;
}
