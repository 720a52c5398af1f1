/** A comparison of derivatives with finite differences, as text for a terminal. */
import { counted } from '../../core/text/counted';
import type { GradientCheck } from './check-gradients';

/** The comparison as text for a terminal: one line for each tensor. */
export function gradientsText(
  network: string,
  { input, images, tensors, tolerance, ok }: GradientCheck,
): string {
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
