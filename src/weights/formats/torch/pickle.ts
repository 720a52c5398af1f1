/**
 * Reads Python's pickle format, protocols 2 to 5, as data. A pickle is a program for a small stack machine, which may
 * name any Python function and call it. Nothing is called here: the caller of the reader defines the meaning of names
 * and calls. Objects of unknown classes are passed over: only the class's name and the data put into them are kept.
 * Source: Lib/pickletools.py of CPython.
 */
import { quoted, refusalOf, type Refuse } from '../../../core/errors';
import { bounds } from '../../../core/bounds';
import { sourceOf, type Source } from './pickle-source';

/** Defines the meaning of the names and calls in a pickle. */
export interface Meanings {
  /**
   * The value of a global such as `torch.FloatStorage`.
   * @returns undefined for an unknown one, which is passed over
   */
  global(name: string): unknown;
  /** Whether a global never occurs in a legitimate weights file, so that the pickle is refused. */
  refuses(name: string): boolean;
  /** The result of calling such a value, or undefined if it cannot be called with these arguments. */
  call(callee: unknown, args: readonly unknown[]): unknown;
  /** An object stored outside the pickle, by its id, or undefined. */
  stored(id: unknown): unknown;
}

/** Far more than the tensors of any network need; each operation creates at most one object. */
const { operations: mostOperations, handedOn: mostHandedOn } = bounds.pickle;

/**
 * The object that a pickle describes. Dictionaries become `Map`s, lists and tuples arrays, None null, integers numbers
 * (bigints if they are too large), bytes `Uint8Array`s that share the file's memory.
 * Objects may contain themselves, as in Python. An object of an unknown class becomes a `PassedOver`.
 * @returns also the offset after the pickle's last byte
 * @throws UserError when the pickle is damaged, too long, or names something that `meanings` refuses
 */
export function readPickle(
  file: Uint8Array,
  begin: number,
  meanings: Meanings,
  where: string,
): {
  readonly value: unknown;
  readonly end: number;
  /** Names of the classes and functions that were passed over. */
  readonly unknown: ReadonlySet<string>;
} {
  const refuse = refusalOf(`${where} holds a pickle that is not read here`);
  const source = sourceOf(file, begin, refuse);
  const unknown = new Set<string>();
  const machine: Machine = {
    ...{ stack: [], marks: [], memo: new Map(), handedOn: 0 },
    ...{ unknown, source, meanings, refuse },
  };
  for (let count = 0; count < mostOperations; count++) {
    const code = String.fromCharCode(source.byte());
    if (code === '.') return { value: pop(machine), end: source.at(), unknown };
    const operation = operations.get(code);
    if (!operation) refuse('operations that describe data', `the operation ${quoted(code)}`);
    operation!(machine);
  }
  return refuse(`at most ${mostOperations} operations`, 'more');
}

/**
 * An unknown class or function, or the result of calling one: it is never looked up, instantiated or called. The
 * content is kept as data, because an object of an unknown class may still be a dictionary.
 */
export class PassedOver {
  /** The items, if it is used like a dictionary. */
  items: Map<unknown, unknown> | undefined;
  /** Its attributes, usually a `Map`. */
  state: unknown;
  /** @param name such as `argparse.Namespace` */
  constructor(readonly name: string) {}
}

interface Machine {
  readonly stack: unknown[];
  /** The stack heights at the marks. */
  readonly marks: number[];
  readonly memo: Map<number, unknown>;
  /** The total number of list elements passed to calls, each of which may be copied. */
  handedOn: number;
  readonly unknown: Set<string>;
  readonly source: Source;
  readonly meanings: Meanings;
  readonly refuse: Refuse;
}

/** The operations by their opcode characters. */
const operations = new Map<string, (machine: Machine) => void>([
  ['\x80', ({ source, refuse }) => versionIn(source, refuse)],
  ['\x95', ({ source }) => void source.bytes(8)], // a frame's length, which is not needed
  ['N', push(() => null)],
  ['\x88', push(() => true)],
  ['\x89', push(() => false)],
  ['K', push((source) => source.byte())],
  ['M', push((source) => source.integer(2))],
  ['J', push((source) => source.integer(4) | 0)],
  ['\x8a', push((source) => longOf(source.bytes(source.byte())))],
  ['G', push((source) => Buffer.from(source.bytes(8)).readDoubleBE())],
  ['X', push((source) => textOf(source, source.integer(4)))],
  ['\x8c', push((source) => source.text(source.byte()))],
  ['\x8d', push((source) => textOf(source, longLength(source)))],
  ['T', push((source) => textOf(source, source.integer(4)))], // strings of Python 2
  ['U', push((source) => source.text(source.byte()))],
  ['I', push((source) => wholeOf(source.line()))], // numbers of more than 32 bits in Python 2
  ['\x8b', push((source) => longOf(source.bytes(source.integer(4))))],
  ['B', push((source) => source.bytes(source.integer(4)))],
  ['C', push((source) => source.bytes(source.byte()))],
  ['\x8e', push((source) => source.bytes(longLength(source)))],
  ['\x96', push((source) => source.bytes(longLength(source)))], // a bytearray
  [']', push(() => [])],
  [')', push(() => [])],
  ['}', push(() => new Map())],
  ['\x8f', push(() => new PassedOver('set'))],
  ['\x90', (machine) => void popToMark(machine)], // adds items to a set
  ['\x91', frozenSet],
  ['(', ({ marks, stack }) => void marks.push(stack.length)],
  ['t', (machine) => void machine.stack.push(popToMark(machine))],
  ['l', (machine) => void machine.stack.push(popToMark(machine))],
  ['\x85', (machine) => void machine.stack.push(popSome(machine, 1))],
  ['\x86', (machine) => void machine.stack.push(popSome(machine, 2))],
  ['\x87', (machine) => void machine.stack.push(popSome(machine, 3))],
  ['d', (machine) => setItems(machine, popToMark(machine), new Map())],
  ['u', (machine) => setItems(machine, popToMark(machine))],
  ['s', (machine) => setItems(machine, popSome(machine, 2))],
  ['e', (machine) => append(machine, popToMark(machine))],
  ['a', (machine) => append(machine, popSome(machine, 1))],
  ['0', (machine) => void pop(machine)],
  ['1', (machine) => void popToMark(machine)],
  ['2', (machine) => void machine.stack.push(top(machine))],
  ['q', (machine) => keep(machine, machine.source.byte())],
  ['r', (machine) => keep(machine, machine.source.integer(4))],
  ['\x94', (machine) => keep(machine, machine.memo.size)],
  ['h', (machine) => recall(machine, machine.source.byte())],
  ['j', (machine) => recall(machine, machine.source.integer(4))],
  ['c', (machine) => pushGlobal(machine, `${machine.source.line()}.${machine.source.line()}`)],
  ['\x93', pushNamed],
  ['R', call],
  ['\x81', call], // instantiates a class
  ['\x92', callByName],
  ['o', callOnStack],
  ['Q', pushStored],
  ['b', build],
]);

function push(read: (source: Source) => unknown): (machine: Machine) => void {
  return ({ stack, source }) => void stack.push(read(source));
}

function versionIn(source: Source, refuse: Refuse): void {
  const version = source.byte();
  if (version > 5) refuse('a protocol up to 5', String(version));
}

/** A text too long for a name holds the bytes of a NumPy array, which protocol 2 stores as text: it is passed over. */
function textOf(source: Source, length: number): string | PassedOver {
  if (length <= bounds.pickle.text) return source.text(length);
  source.bytes(length);
  return new PassedOver('str');
}

/** Two's complement, little endian. */
function longOf(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0;
  const hexadecimal = Buffer.from(bytes).reverse().toString('hex');
  const value = BigInt.asIntN(8 * bytes.length, BigInt(`0x${hexadecimal}`));
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** `42`, and `00` and `01` for Python 2's booleans; text that is not a number is irrelevant to weights. */
function wholeOf(line: string): number | boolean {
  return line === '00' || line === '01' ? line === '01' : Number(line);
}

function longLength(source: Source): number {
  return source.integer(4) + source.integer(4) * 2 ** 32;
}

function top({ stack, refuse }: Machine): unknown {
  return stack.length > 0 ? stack.at(-1) : refuse('an object on the stack', 'none');
}

function pop(machine: Machine): unknown {
  return popSome(machine, 1)[0];
}

function popSome({ stack, marks, refuse }: Machine, count: number): unknown[] {
  const there = stack.length - (marks.at(-1) ?? 0);
  if (there < count) refuse(`${count} objects on the stack`, String(there));
  return stack.splice(-count);
}

function popToMark({ stack, marks, refuse }: Machine): unknown[] {
  return stack.splice(marks.pop() ?? refuse('a mark on the stack', 'none'));
}

function keep(machine: Machine, key: number): void {
  machine.memo.set(key, top(machine));
}

function recall({ stack, memo, refuse }: Machine, key: number): void {
  if (!memo.has(key)) refuse('an object that was kept before', `the number ${key} of none`);
  stack.push(memo.get(key));
}

/** @param dictionary the dictionary to fill; default: the one on the stack */
function setItems(machine: Machine, items: readonly unknown[], dictionary?: Map<unknown, unknown>): void {
  if (dictionary) machine.stack.push(dictionary);
  const found = top(machine);
  const target = found instanceof PassedOver ? (found.items ??= new Map()) : found;
  if (!(target instanceof Map)) return machine.refuse('a dictionary for items', 'something else');
  if (items.length % 2) machine.refuse('a value for every key', `${items.length} keys and values`);
  for (let at = 0; at < items.length; at += 2) target.set(items[at], items[at + 1]);
}

function append(machine: Machine, items: readonly unknown[]): void {
  const target = top(machine);
  if (target instanceof PassedOver) return; // a list of an unknown class
  if (!Array.isArray(target)) return machine.refuse('a list for items', 'something else');
  for (const item of items) target.push(item);
}

function pushGlobal({ stack, unknown, meanings, refuse }: Machine, name: string): void {
  const said = name.slice(0, 100);
  if (meanings.refuses(name))
    refuse('nothing but tensors and plain data, as in a saved state_dict()', `a use of Python’s ${said}`);
  const known = meanings.global(name);
  if (known === undefined) unknown.add(said);
  stack.push(known ?? new PassedOver(said));
}

/**
 * The parts of the name must be strings: a list instead may contain itself, or double forty times, and is not a name.
 */
function pushNamed(machine: Machine): void {
  const names = popSome(machine, 2);
  if (!names.every((name) => typeof name === 'string'))
    machine.refuse('the name of a global', 'something else');
  pushGlobal(machine, names.join('.'));
}

function call(machine: Machine): void {
  const [callee, args] = popSome(machine, 2);
  if (Array.isArray(args)) countHandedOn(machine, args);
  machine.stack.push(made(machine, callee, args));
}

/** Instantiates a class, also with keyword arguments. */
function callByName(machine: Machine): void {
  const [callee, args] = popSome(machine, 3);
  machine.stack.push(made(machine, callee, args));
}

/** Instantiates one of Python 2's old-style classes: the class and the arguments are above a mark. */
function callOnStack(machine: Machine): void {
  const [callee, ...args] = popToMark(machine);
  machine.stack.push(made(machine, callee, args));
}

function made({ meanings, refuse }: Machine, callee: unknown, args: unknown): unknown {
  if (callee instanceof PassedOver) return new PassedOver(callee.name);
  const value = Array.isArray(args) ? meanings.call(callee, args) : undefined;
  return value === undefined ? refuse('a call that makes a tensor or plain data', 'another call') : value;
}

function frozenSet(machine: Machine): void {
  popToMark(machine);
  machine.stack.push(new PassedOver('frozenset'));
}

/** Limits the elements passed to calls: a list may be stored and passed to any number of calls. */
function countHandedOn(machine: Machine, args: readonly unknown[]): void {
  machine.handedOn += args.length;
  for (const arg of args) if (Array.isArray(arg)) machine.handedOn += arg.length;
  if (machine.handedOn > mostHandedOn)
    machine.refuse(`at most ${mostHandedOn} elements of lists in its calls`, 'more');
}

function pushStored(machine: Machine): void {
  const value = machine.meanings.stored(pop(machine));
  if (value === undefined) machine.refuse('ids of tensors’ storages', 'another id');
  machine.stack.push(value);
}

/** Sets attributes. Those of a dictionary are irrelevant to tensors. */
function build(machine: Machine): void {
  const state = pop(machine);
  const target = top(machine);
  if (target instanceof PassedOver) target.state = state;
  else if (!(target instanceof Map)) machine.refuse('attributes of dictionaries alone', 'others');
}
