/** Reinforces the synapses of the winning cells. */
import { tf } from '../../../core/tf';
import type { SCells } from '../../../layers/neocognitron/s-cells';
import type { Cell } from './representatives';

/**
 * Reinforces the synapses of the representatives' planes: Δa(k′, v, k) = q · c(v) · u(k′, n + v) and Δb(k) = q/2 ·
 * v_C(n), with v_C(n) = √(Σ c(v) u(k′, n + v)²), for the representative of plane k at n.
 * Source: Fukushima 1980, §3; eq. 3.
 * @param below u, the outputs of the layer below for one image, `[side, side, planes below]`
 * @param speed q
 */
export function reinforce(layer: SCells, below: Float32Array, winners: readonly Cell[], speed: number): void {
  if (winners.length === 0) return;
  const [kernel, inhibition] = layer.trainableWeights as [tf.LayerVariable, tf.LayerVariable];
  const excitatory = new Float32Array(tf.util.sizeFromShape(kernel.shape as number[]));
  const inhibitory = new Float32Array(inhibition.shape[0]!);
  for (const { plane, row, column } of winners) {
    let squares = 0;
    for (const { weight, synapse, u } of windowOf(layer, below, row, column)) {
      excitatory[synapse * inhibitory.length + plane] = speed * weight * u;
      squares += weight * u ** 2;
    }
    inhibitory[plane] = (speed / 2) * Math.sqrt(squares);
  }
  tf.tidy(() => {
    kernel.write(kernel.read().add(tf.tensor(excitatory, kernel.shape as number[])));
    inhibition.write(inhibition.read().add(tf.tensor1d(inhibitory)));
  });
}

/**
 * What the cells at (row, column) connect to: c(v), u(k′, n + v), and the index of the synapse in `[k, k, planes
 * below]`.
 */
function* windowOf(layer: SCells, below: Float32Array, row: number, column: number) {
  const { kernelSize } = layer.options;
  const fixed = layer.fixedWeights;
  const planes = layer.planesBelow;
  const side = Math.sqrt(below.length / planes);
  for (let at = 0; at < fixed.length; at++) {
    const y = row + Math.floor(at / kernelSize) - layer.margin;
    const x = column + (at % kernelSize) - layer.margin;
    if (y < 0 || y >= side || x < 0 || x >= side) continue;
    for (let plane = 0; plane < planes; plane++) {
      yield { weight: fixed[at]!, synapse: at * planes + plane, u: below[(y * side + x) * planes + plane]! };
    }
  }
}
