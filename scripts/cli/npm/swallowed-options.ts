/** Refuses a call whose options npm kept for itself because they stood before `--`. */
import type { Argv } from 'yargs';
import { UserError } from '../../../src/core/errors';
import { note } from '../terminal/output';
import { declaredTo, type Declared } from '../options/checked-options';
import { isRunByNpm } from './npm-run';
import {
  handedOver,
  namesOfNpm,
  npmSettings,
  variableOf,
  type Environment,
  type NpmSettings,
} from './npm-settings';
import { meantBy, open, rightForm, type Taken } from './right-form';

/**
 * Refuses a call such as `npm run train lenet5 --data=DIR`. npm keeps `--data` for itself, since only what follows `--`
 * reaches the command, and the command would run without the option.
 * @param words the words that reached the command, its name first
 * @throws UserError that shows the correct form of the call
 */
export async function expectNothingSwallowed(parser: Argv, words: readonly string[]): Promise<void> {
  const [command] = words;
  if (command === undefined || !isRunByNpm(command)) return;
  const declared = declaredTo(parser);
  const settings = await npmSettings(process.env);
  const names = swallowedBy(process.env, settings, optionsOf(declared));
  if (names.length === 0) return tellSettings(process.env, settings, declared, words);
  const taken = names.map((name): Taken => ({ name, value: process.env[variableOf(name)]! }));
  const unknown = names.filter((name) => meantBy(name, optionsOf(declared)) === undefined);
  throw new UserError(
    `${names.map(dashed).join(', ')}: expected after --, for npm keeps what stands before it` +
      (unknown.length > 0 ? `, and ${command} has no ${unknown.map(dashed).join(', ')}` : '') +
      `; found there: ${rightForm(taken, words, declared, settings.ownNames)}`,
  );
}

function optionsOf({ key }: Declared): readonly string[] {
  return Object.keys(key).filter(
    (name) => name !== 'help' && name !== 'version' && /^[a-z][a-z-]*$/.test(name),
  );
}

/**
 * The options that npm took from its own command line: options of the command, and options that npm does not know. If
 * npm's settings are not known for certain, the latter include only prefixes of the command's option names.
 */
export function swallowedBy(
  environment: Environment,
  { without, ownNames, sure }: NpmSettings,
  options: readonly string[],
): readonly string[] {
  const place = (name: string) => {
    const meant = meantBy(name, options);
    return meant === undefined ? options.length : options.indexOf(meant);
  };
  const found = handedOver(environment).filter((name) => {
    const variable = variableOf(name);
    if (environment[variable] === without[variable]) return false;
    if (!sure && environment[variable.toUpperCase()] === environment[variable]) return false;
    if (options.includes(name)) return true;
    return sure ? !ownNames.includes(name) : options.some((option) => option.startsWith(name));
  });
  return found.sort((one, other) => place(one) - place(other));
}

/**
 * Warns of npm settings that have the name of an option: they have no effect, and would hide the same value on npm's
 * command line.
 */
function tellSettings(
  environment: Environment,
  { ownNames }: NpmSettings,
  declared: Declared,
  words: readonly string[],
): void {
  const handed = handedOver(environment);
  const unheeded = optionsOf(declared).filter(
    (name) =>
      handed.includes(name) &&
      !ownNames.includes(name) &&
      !words.some((word) => word === `--${name}` || word.startsWith(`--${name}=`)),
  );
  if (unheeded.length === 0) return;
  const [are, stand] =
    unheeded.length === 1 ? ['is a setting', 'an option stands'] : ['are settings', 'options stand'];
  note(`${unheeded.join(', ')} ${are} of npm’s, not heeded here; ${stand} after --`);
}

const dashed = (name: string) => (name.length === 1 ? `-${name}` : `--${name}`);

/**
 * The message for a mistake in words of which npm may have taken some: it reads them as abbreviations of its own.
 */
export function npmHint(parser: Argv, words: readonly string[]): string {
  if (!isRunByNpm(words[0]) || words.some((word) => word.startsWith('-'))) return '';
  const form = rightForm([], words, declaredTo(parser), namesOfNpm(process.env));
  return form.endsWith(open) ? '' : `; with npm, options stand after --: ${form}`;
}
