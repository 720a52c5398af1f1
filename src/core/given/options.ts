/** Checks that what a function was given is what it takes, since JavaScript hands over anything. */
import { UserError } from '../errors';

/** Every option of a function, by name; `required` for those without a default. */
export type OptionNames<Options> = {
  readonly [name in keyof Options]-?: undefined extends Options[name] ? 'optional' : 'required';
};

/**
 * @param verb the function, for messages
 * @throws UserError for an option that is missing, and for one that the function does not have: it would be ignored
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
  if (stranger) throw new UserError(`${verb}: expected of ${all.join(', ')}, found ${stranger[0]}`);
  const missing = all.find((name) => names[name] === 'required' && given[name] === undefined);
  if (missing !== undefined) throw new UserError(`${verb}: expected ${missing}, found none`);
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
