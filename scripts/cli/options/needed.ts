/** Which options and places a command needs: always, or unless another option is given. */
import type { Argv } from 'yargs';
import type { Place } from '../command';
import { declaredTo } from './checked-options';
import type { TypedOption } from './typed-words';

/** Of a command that needs some of its options and places only where another option is not given. */
interface Needed {
  readonly names: readonly string[];
  /** Without dashes. */
  readonly unless: string;
}

const conditions = new WeakMap<object, Needed>();

/** Declares options and places that are needed unless another option is given; `--help` marks them so. */
export function neededUnless<A>(argv: Argv<A>, unless: string, names: readonly string[]): Argv<A> {
  conditions.set(argv, { names, unless });
  return argv;
}

/** What `neededUnless` declared. */
export function neededAtTimes(parser: Argv): Needed | undefined {
  return conditions.get(parser);
}

/** What a command needs with these options: `always` what yargs asks for, `here` what is needed without another option. */
export function neededBy(
  parser: Argv,
  places: readonly Place[],
  given: readonly TypedOption[],
): { readonly always: readonly string[]; readonly here: readonly string[] } {
  const demanded = Object.keys(declaredTo(parser).demandedOptions);
  const required = places.flatMap(({ name, required: is }) => (is ? [name] : []));
  const condition = conditions.get(parser);
  const isMet = condition !== undefined && !given.some(({ name }) => name === condition.unless);
  return { always: [...new Set([...required, ...demanded])], here: isMet ? condition.names : [] };
}
