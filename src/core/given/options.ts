/** Checks that what a function was given is what it takes, since JavaScript hands over anything. */
import { UserError } from '../errors';
import { alternatives, didYouMean } from '../text/did-you-mean';
import { option } from '../text/wording';

/** Every option of a function, by name: `required` for those without a default, or the list of its values. */
export type OptionNames<Options> = {
  readonly [name in keyof Options]-?: undefined extends Options[name]
    ? 'optional' | readonly (Options[name] & string)[]
    : 'required';
};

/**
 * @param verb the function, for messages
 * @throws UserError for an option that is missing, for one that the function does not have, which would be ignored, and
 *   for a value that is not in its list
 */
export function expectOptions<Options extends object>(
  verb: string,
  given: Options,
  names: OptionNames<Options>,
): void {
  const found: unknown = given;
  const all = Object.keys(names) as (keyof Options & string)[];
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    throw new UserError(`${verb}: expected options (${all.join(', ')}), found ${shown(found)}`);
  const stranger = Object.entries(found).find(
    ([name, value]) => value !== undefined && !Object.hasOwn(names, name),
  );
  if (stranger)
    throw new UserError(
      `${verb}: expected of ${all.join(', ')}, found ${stranger[0]}${didYouMean(stranger[0], all)}`,
    );
  const missing = all.find((name) => names[name] === 'required' && given[name] === undefined);
  if (missing !== undefined) throw new UserError(`${verb}: expected ${missing}, found none`);
  for (const name of all) {
    const list: 'optional' | 'required' | readonly string[] = names[name];
    if (typeof list !== 'string' && given[name] !== undefined) expectOneOf(option(name), given[name], list);
  }
}

/**
 * @param what the option or place, for messages
 * @throws UserError unless it is one of the names
 */
export function expectOneOf(what: string, given: unknown, names: readonly string[]): void {
  if (names.some((name) => name === given)) return;
  const word = typeof given === 'string' ? given : '';
  throw new UserError(
    `${what}: expected ${alternatives(names)}, found ${shown(given)}${didYouMean(word, names)}`,
  );
}

/** @throws UserError unless it is a text that is not empty, such as the path of a folder */
export function expectText(verb: string, what: string, given: unknown): void {
  if (typeof given === 'string' && given !== '') return;
  throw new UserError(`${verb}: expected ${what}, found ${shown(given)}`);
}

/** A value in a message, as code writes it. */
export function shown(value: unknown): string {
  if (value === undefined) return 'none';
  return JSON.stringify(value) ?? typeof value;
}
