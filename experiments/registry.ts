/** The list of all experiments that `reproduce` can repeat. */
import type { NetworkName } from '../models/registry';
import type { Experiment } from '../src/workflows/reproduce/experiment';
import { lecun1989 } from './lecun1989';
import { lenet1 } from './lenet1';
import { lenet5 } from './lenet5';
import { lenet5Distorted } from './lenet5-distorted';
import { lenet5PatternByPattern } from './lenet5-pattern-by-pattern';
import { lenet5SetSizes } from './lenet5-set-sizes';

/** Every experiment, by the name that `reproduce` uses. */
export const experiments = {
  lecun1989,
  lenet1,
  lenet5,
  'lenet5-distorted': lenet5Distorted,
  'lenet5-pattern-by-pattern': lenet5PatternByPattern,
  'lenet5-set-sizes': lenet5SetSizes,
} as const satisfies Record<string, Experiment & { readonly network: NetworkName }>;

export type ExperimentName = keyof typeof experiments;

export const experimentNames = Object.keys(experiments) as readonly ExperimentName[];
