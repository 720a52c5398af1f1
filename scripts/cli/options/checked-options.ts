/** Checks that apply to every option of every command: given once, with a value of the right kind. */
import type { Argv } from 'yargs';
import { counted } from '../../../src/core/text/counted';
import { UserError } from '../../../src/core/errors';

type Given = Readonly<Record<string, unknown>>;

/**
 * Checks that apply to every option of every command: it is given only once unless it is a list, its value is not
 * empty, and the value is a number where one is expected.
 * @param words the words of the command line, without the program
 * @throws UserError
 */
export function expectSoundOptions(parser: Argv, given: Given, words: readonly string[]): true {
  const declared = declaredTo(parser);
  const end = words.indexOf('--');
  const before = end < 0 ? words : words.slice(0, end);
  for (const word of before) expectFitting(word, declared);
  expectNumbers(before, declared);
  for (const name of Object.keys(declared.key)) {
    if (Object.hasOwn(given, name)) expectSound(name, given[name], declared, words);
  }
  return true;
}

/** Checks a single word of the command line, since yargs reads `--no-seed` as seed 0 and `--json=maybe` as no JSON. */
function expectFitting(word: string, { key, boolean }: Declared): void {
  const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (name === undefined) return;
  const negated = name.replace(/^no-/, '');
  if (negated !== name && negated in key && !boolean.includes(negated))
    throw new UserError(`--${name}: expected --${negated} with a value, or nothing, found it negated`);
  if (value === undefined) return;
  if (boolean.includes(name) && value !== 'true' && value !== 'false')
    throw new UserError(`--${name}: expected no value, or true or false, found ${quoted(value)}`);
}

/**
 * Checks the words after options that take numbers: yargs reads an empty word as 0, and turns `--validation-split 0.2
 * --validation-split 1` into 1.2.
 */
function expectNumbers(words: readonly string[], { number, array }: Declared): void {
  const times = new Map<string, number>();
  for (const [at, word] of words.entries()) {
    const [option, joined] = /^([^=]*)=(.*)$/s.exec(word)?.slice(1) ?? [word, undefined];
    const name = number.find((each) => namesOf(each).includes(option!));
    if (name === undefined) continue;
    if ((joined ?? words[at + 1])?.trim() === '')
      throw new UserError(`--${name}: expected a number, found nothing`);
    if (!array.includes(name)) times.set(name, (times.get(name) ?? 0) + 1);
  }
  for (const [name, count] of times)
    if (count > 1) throw new UserError(`--${name}: expected it once, found it ${counted(count, 'time')}`);
}

function expectSound(name: string, value: unknown, declared: Declared, words: readonly string[]): void {
  const option = isOption(name, words);
  const said = option ? `--${name}` : name.toUpperCase();
  if (Array.isArray(value) && !declared.array.includes(name))
    throw new UserError(`${said}: expected it once, found it ${counted(value.length, 'time')}`);
  const number = declared.number.includes(name);
  for (const one of (Array.isArray(value) ? value : [value]) as readonly unknown[]) {
    if (number && one !== undefined && !Number.isFinite(one))
      throw new UserError(`${said}: expected a number, found ${wordAfter(said, words) ?? 'none'}`);
    if (one === undefined && option)
      throw new UserError(`${said}: expected ${number ? 'a number' : 'a value'}, found none`);
    if (typeof one === 'string' && one.trim() === '')
      throw new UserError(`${said}: expected a value, found ${quoted(one)}`);
  }
}

function isOption(name: string, words: readonly string[]): boolean {
  return words.some((word) => namesOf(name).includes(word.replace(/=.*/s, '')));
}

/** The ways to write an option: `--on-bad-image` is also `--onBadImage`. */
function namesOf(option: string): readonly string[] {
  const camel = option.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return [`--${option}`, `--${camel}`];
}

function wordAfter(option: string, words: readonly string[]): string | undefined {
  const joined = words.find((word) => word.startsWith(`${option}=`));
  return joined?.slice(option.length + 1) ?? words[words.indexOf(option) + 1];
}

const quoted = (text: string) => `"${text}"`;

export interface Declared {
  readonly key: Readonly<Record<string, unknown>>;
  readonly array: readonly string[];
  readonly boolean: readonly string[];
  readonly number: readonly string[];
  readonly choices: Readonly<Record<string, readonly string[]>>;
  /** How many words an option takes, where that is declared. */
  readonly narg: Readonly<Record<string, number>>;
  readonly default: Readonly<Record<string, unknown>>;
  readonly demandedOptions: Readonly<Record<string, unknown>>;
}

export function declaredTo(parser: Argv): Declared {
  return (parser as Argv & { getOptions(): Declared }).getOptions();
}
