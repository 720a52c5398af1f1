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
