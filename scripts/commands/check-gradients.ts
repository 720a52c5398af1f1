/** The command `check-gradients`: compares a network’s derivatives with finite differences. */
import { networkNames, zoo, type NetworkName } from '../../models/registry';
import { checkGradients, type GradientCheck } from '../../src/describe/gradients/check-gradients';
import { counted } from '../../src/core/text/counted';
import type { BackendName } from '../../src/runtime/backend';
import { backendOption, chooseBackend, jsonOption, print, type Command } from '../cli/output';
import { wholeNumber } from '../cli/numbers';

interface Arguments {
  network: NetworkName;
  entries: number;
  seed: number;
  backend?: BackendName | undefined;
  json: boolean;
}

export const checkGradientsCommand: Command<Arguments> = {
  command: 'check-gradients <network>',
  describe: 'compare every derivative of a network with finite differences',
  builder: (argv) =>
    jsonOption(backendOption(argv))
      .positional('network', { choices: networkNames, demandOption: true, describe: 'its name' })
      .option('entries', { type: 'number', default: 8, describe: 'how many to compare of each tensor' })
      .option('seed', { type: 'number', default: 1, describe: 'fixes weights, images and the entries' }),
  handler: async ({ network, entries, seed, backend, json }) => {
    const count = wholeNumber('--entries', entries, 1);
    wholeNumber('--seed', seed, 0);
    const runtime = await chooseBackend(backend);
    const found = await checkGradients(zoo[network], { entries: count, seed });
    print(json, { network, backend: runtime.backend, ...found }, checkedText(network, found));
    if (!found.ok) process.exitCode = 1;
  },
};

function checkedText(network: NetworkName, { input, images, tensors, tolerance, ok }: GradientCheck): string {
  const width = Math.max(...tensors.map(({ layer }) => layer.length)) + 2;
  const row = (layer: string, tensor: string, cells: readonly string[], verdict: string) =>
    `${layer.padEnd(width)}${tensor.padEnd(13)}${cells.map((cell) => cell.padStart(13)).join('')}  ${verdict}`;
  const wrong = tensors.filter((tensor) => !tensor.ok);
  const skipped = tensors.reduce((sum, tensor) => sum + tensor.skipped, 0);
  return [
    `${network}: derivatives of the loss of ${counted(images, 'image')} ${input.join('×')}, beside central differences`,
    '',
    row('layer', 'of', ['compared', 'skipped', 'largest', 'worst error', 'mean error'], ''),
    ...tensors.map((checked) => {
      const { entries, largestDerivative, largestError, meanError } = checked;
      const sizes = [largestDerivative, largestError, meanError].map((value) => value.toExponential(1));
      const cells = [String(entries), String(checked.skipped), ...sizes];
      return row(checked.layer, checked.tensor, cells, checked.ok ? 'ok' : 'WRONG');
    }),
    '',
    `errors are relative to the largest derivative of the tensor; at most ${tolerance} is ok, single precision and bends within a step allow about 0.001`,
    ...(skipped
      ? [
          `${counted(skipped, 'entry', 'entries')} skipped: there is a bend (ReLU, maximum), and no derivative`,
        ]
      : []),
    ok ? 'all derivatives agree' : `${wrong.length} of ${tensors.length} do not agree`,
  ].join('\n');
}
