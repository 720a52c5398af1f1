import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../src/errors';

/**
 * @param given the options that were given: no defaults among them
 * @param options those that change nothing now
 * @param other the option that decides, `--peers`
 * @param isGiven whether that one was given
 * @throws UserError for an option that would change nothing
 */
export function expectUsed<Given extends object>(
  given: Given,
  options: readonly (keyof Given & string)[],
  other: string,
  isGiven: boolean,
): void {
  const [expected, found] = isGiven ? ['without', 'with'] : ['with', 'without'];
  for (const option of options) {
    if (given[option] !== undefined)
      throw new UserError(`--${option}: expected it ${expected} ${other}, found it ${found}`);
  }
}

/**
 * @param command whose folders they are
 * @throws UserError for a folder that is named twice, in whatever way
 */
export function expectEachOnce(command: string, folders: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const folder of folders) {
    const place = placeOf(folder);
    const before = seen.get(place);
    if (before !== undefined) {
      const how = before === folder ? `${folder} twice` : `${before} and ${folder}, which are one`;
      throw new UserError(`${command}: expected each folder once, found ${how}`);
    }
    seen.set(place, folder);
  }
}

function placeOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder); // whoever opens it says that it is not there
  }
}
