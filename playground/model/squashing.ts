/** Squashing functions, and which of them a layer has. */
import type { GraphLayer } from '../../src/describe/layers/layer-graph';
import { amplitude, slope } from '../../src/layers/scaled-tanh';

/** Functions of a unit's sum a. */
export const squashings = {
  /** 1 / (1 + e⁻ᵃ). */
  logistic: (a: number) => 1 / (1 + Math.exp(-a)),
  tanh: (a: number) => Math.tanh(a),
  /** 1.7159 tanh(2a/3): LeCun, Bottou, Bengio, Haffner 1998, Appendix A. */
  scaledTanh: (a: number) => amplitude * Math.tanh(slope * a),
  /** max(0, a): Krizhevsky, Sutskever, Hinton 2012, §3.1. */
  relu: (a: number) => Math.max(0, a),
} as const;

export type Squashing = keyof typeof squashings;

export const squashingNames = Object.keys(squashings) as readonly Squashing[];

/** By the names that activations have in layers' configurations. */
const fused: Readonly<Record<string, Squashing>> = { tanh: 'tanh', sigmoid: 'logistic', relu: 'relu' };

/** What squashes a layer's values; undefined if it is none of those here. */
export function squashingOf({ layer }: GraphLayer): Squashing | undefined {
  if (layer.getClassName() === 'ScaledTanh') return 'scaledTanh';
  if (layer.getClassName() === 'ReLU') return 'relu';
  return fused[layer.getConfig()['activation'] as string];
}
