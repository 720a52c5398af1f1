/** Options that several commands share, each declared once, and the check for those that change nothing. */
import type { Argv } from 'yargs';
import { networkNames } from '../../../models/names';
import { UserError } from '../../../src/core/errors';
import { option } from '../../../src/core/text/wording';
import { badImagePolicies } from '../../../src/data/image/bad-image';
import { precisions, stepKinds } from '../../../src/graph/precision';
import { wires } from '../../../src/core/io/process/gradient-sum';
import { backendNames } from '../../../src/runtime/backend-names';
import { trainedNames } from '../../../src/weights/trained-names';

/** `--json`, for commands that have a result. */
export const json = {
  type: 'boolean',
  default: false,
  describe: 'print one JSON object and nothing else',
} as const;

/** `--backend`, for commands that compute. */
export const backend = {
  choices: backendNames,
  describe: 'what computes (default: LINEAGE_BACKEND, else the best there is)',
} as const;

/** A network, as a place or as an option. */
export const network = { choices: networkNames, describe: 'its name: one of those below' } as const;

export const step = {
  choices: stepKinds,
  describe: 'op by op, or as one graph on native TensorFlow (default: auto)',
} as const;

export const precision = {
  choices: precisions,
  describe: 'of convolutions and matrix products in a compiled step (default: float32)',
} as const;

/** `--wire`, for commands whose updates several ranks share. */
export const wire = {
  choices: wires,
  describe: 'numbers in which gradients travel between ranks (default: float32)',
} as const;

/** Options that may be given several times, one value each. */
export const severalTexts = { type: 'string', array: true, nargs: 1 } as const;

/** What names trained weights beside a folder. */
export const weightNames = `${trainedNames.join(', ')}, which come along, or a network's name for its well-known weights (import --list)`;

/** `--labels`, which replaces the class names that a folder keeps. */
export const labels = { type: 'string', describe: 'a file of class names, one a line' } as const;

/** `--answers`, of commands that show images to a network. */
export const answers = {
  type: 'string',
  describe: 'write the answers to all images, each with its file, into FILE.csv or FILE.json',
} as const;

/** `--resize`, for commands that take `--crops`. */
export const resize = {
  type: 'string',
  describe: 'the shorter side before cropping, several with commas, or none (default: as the paper says)',
} as const;

/** The value of `--resize` as code writes it. */
export function sidesOf(given: string | undefined): 'none' | undefined | readonly number[] {
  return given === undefined || given === 'none' ? given : given.split(',').map(Number);
}

/** For commands that compute and have a result. */
export function computing<A>(argv: Argv<A>) {
  return argv.option('json', json).option('backend', backend);
}

/** For commands that read images. */
export function reading<A>(argv: Argv<A>) {
  return argv
    .option('workers', {
      type: 'number',
      describe: 'threads that decode and distort images; results do not depend on it (default: one a core)',
    })
    .option('cache', {
      type: 'string',
      describe: 'pack images, decoded and resized, into this folder once, and read them from there',
    })
    .option('on-bad-image', {
      choices: badImagePolicies,
      describe: 'what an image does that cannot be read (default: fail)',
    });
}

/**
 * @param given the options that were given, without defaults
 * @param options those that have no effect in this case
 * @param other the option that decides this, such as `--peers`
 * @param isGiven whether that option was given
 * @throws UserError for an option that would have no effect
 */
export function expectUsed<Given extends object>(
  given: Given,
  options: readonly (keyof Given & string)[],
  other: string,
  isGiven: boolean,
): void {
  const [expected, found] = isGiven ? ['without', 'with'] : ['with', 'without'];
  for (const name of options) {
    if (given[name] !== undefined)
      throw new UserError(`${option(name)}: expected it ${expected} ${other}, found it ${found}`);
  }
}
