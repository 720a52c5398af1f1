/** Loads the library when a command is run, and not before: `--help` and a typing error need none of it. */
import { createRequire } from 'node:module';
import type * as Library from '../../index';
import type * as Texts from '../../report';

const load = createRequire(__filename);

export function library(): typeof Library {
  return load('../../index') as typeof Library;
}

/** What the library says of results, as text for a terminal. */
export function texts(): typeof Texts {
  return load('../../report') as typeof Texts;
}
