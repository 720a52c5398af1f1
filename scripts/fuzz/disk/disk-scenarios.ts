/**
 * The scenarios for a failing disk: commands that write, their inputs, and the command that a user would run after a
 * failure.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Scenario {
  readonly name: string;
  /** @param out the folder for all output; `given` is the folder that the process runs in */
  readonly words: (out: string) => readonly string[];
  /** The user's next command after a process was killed or failed; undefined if everything is there. */
  readonly goOn: (out: string) => readonly string[] | undefined;
}

const fitted = '[{"kind":"pad","height":32,"width":32,"value":0},{"kind":"subtractMean","per":"pixel"}]';
const photos = ['--data', 'photos'] as const;
const twice = ['--epochs', '2'] as const;

/** A training resumes if its run's folder exists, and starts again if not. */
function training(name: string, command: string, settings: readonly string[]): Scenario {
  const words = (out: string) => [command, ...settings, '--out', join(out, 'run')];
  const goOn = (out: string) =>
    existsSync(join(out, 'run')) ? [command, '--resume', join(out, 'run')] : words(out);
  return { name, words, goOn };
}

/** A command whose output appears completely or not at all is repeated if the output is missing. */
function making(name: string, words: Scenario['words'], made: string): Scenario {
  return { name, words, goOn: (out) => (existsSync(join(out, made)) ? undefined : words(out)) };
}

function exporting(format: string, from: string, made: string): Scenario {
  const words = (out: string) => ['export', from, '--format', format, '--out', join(out, made)];
  return making(`export, ${format}`, words, made);
}

export const scenarios: readonly Scenario[] = [
  training('train, with a mean image that is fitted', 'train', [
    ...['lenet5-modern', ...photos, ...twice, '--checkpoint-every', '1', '--validation-split', '0.25'],
    ...['--set', `input.preprocess=${fitted}`],
  ]),
  training('finetune, the head solved', 'finetune', ['lenet5-modern', '--weights', 'start', ...photos]),
  training('finetune, all layers', 'finetune', [
    ...['lenet5-modern', '--weights', 'start', ...photos, '--freeze', 'none', ...twice],
  ]),
  making(
    'import',
    (out) => ['import', 'start.safetensors', '--network', 'lenet5-modern', '--out', join(out, 'model')],
    'model/network.json',
  ),
  exporting('tfjs', 'start', 'page'),
  exporting('safetensors', 'start', 'weights.safetensors'),
  exporting('keras', 'plain', 'weights.h5'),
  making(
    'packing',
    (out) => ['evaluate', 'start', ...photos, '--cache', join(out, 'cache'), '--out', join(out, 'report')],
    'report/report.json',
  ),
];

/** The commands that draw the images and train the networks that the scenarios start from. */
export const beginnings: readonly (readonly string[])[] = [
  ['train', 'lenet5-modern', ...photos, '--epochs', '1', '--seed', '3', '--out', 'start'],
  ['train', 'lenet-caffe', ...photos, '--epochs', '1', '--out', 'plain'],
  ['export', 'start', '--format', 'safetensors', '--out', 'start.safetensors'],
];
