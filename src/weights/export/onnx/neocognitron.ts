/** Builds the neocognitron's cells from ONNX nodes. */
import { synapseValues, type CCellsOptions } from '../../../layers/neocognitron/c-cells';
import type { SCells } from '../../../layers/neocognitron/s-cells';
import { filled } from '../keras/step';
import { inputShape, kernel, ownWeight, perMap, step, type Place } from './place';
import { transposed } from './windows';

/** u_S = r · φ((1 + Σ a u) / (1 + 2r/(1 + r) · b v) − 1), v = √(Σ c u²). */
export function sCells(place: Place): void {
  const { graph, inputs, output } = place;
  const { options, margin, planesBelow, fixedWeights } = place.layer as SCells;
  const { kernelSize, selectivity: r } = options;
  const pixels = kernelSize ** 2;
  const fixed = graph.constant(
    `${place.layer.name}/c`,
    [1, planesBelow, kernelSize, kernelSize],
    filled(pixels * planesBelow, (at) => fixedWeights[at % pixels]!),
  );
  const settings = {
    kernel_shape: { ints: [kernelSize, kernelSize] },
    pads: { ints: [margin, margin, margin, margin] },
  };
  const one = graph.number(1);
  const excited = step(place, 'excited', 'Conv', [...inputs, kernel(place)], settings);
  const squares = step(place, 'squares', 'Mul', [...inputs, ...inputs]);
  const v = step(place, 'v', 'Sqrt', [step(place, 'v2', 'Conv', [squares, fixed], settings)]);
  const b = step(place, 'b', 'Mul', [perMap(place, 'inhibition'), graph.number((2 * r) / (1 + r))]);
  const shunted = step(place, 'shunted', 'Mul', [v, b]);
  const quotient = step(place, 'quotient', 'Div', [
    step(place, 'excited1', 'Add', [excited, one]),
    step(place, 'shunted1', 'Add', [shunted, one]),
  ]);
  const drive = step(place, 'drive', 'Sub', [quotient, one]);
  graph.add('Mul', [step(place, 'positive', 'Relu', [drive]), graph.number(r)], output);
}

/** u_C = ψ((1 + e) / (1 + v) − 1), e = Σ d u, v = (1/K) Σ e, ψ(x) = max(x, 0) / (α + max(x, 0)). */
export function cCells(place: Place): void {
  const { graph, layer, inputs, output } = place;
  const options = layer.getConfig() as unknown as CCellsOptions;
  const { cells, saturation } = options;
  const [, side, , planes] = inputShape(layer) as [null, number, number, number];
  const below = step(place, 'below', 'Reshape', [...inputs, graph.ints(-1, planes, side ** 2)]);
  const d = graph.constant(
    `${layer.name}/d`,
    [side ** 2, cells ** 2],
    transposed(synapseValues(side, options), side ** 2),
  );
  const e = step(place, 'e', 'MatMul', [below, d]); // [batch, planes, cells²]
  const v = step(place, 'v', 'ReduceMean', [e], { axes: { ints: [1] }, keepdims: { int: 1 } });
  const one = graph.number(1);
  const quotient = step(place, 'quotient', 'Div', [
    step(place, 'e1', 'Add', [e, one]),
    step(place, 'v1', 'Add', [v, one]),
  ]);
  const drive = step(place, 'drive', 'Relu', [step(place, 'difference', 'Sub', [quotient, one])]);
  const saturated = step(place, 'saturated', 'Add', [drive, graph.number(saturation)]);
  const response = step(place, 'response', 'Div', [drive, saturated]);
  graph.add('Reshape', [response, graph.ints(-1, planes, cells, cells)], output);
}

/** The votes for each class, weighted by the cells' responses and divided by the sum of all responses. */
export function classVotes(place: Place): void {
  const { graph, inputs, output } = place;
  const counts = ownWeight(place, 'counts');
  const shares = step(place, 'shares', 'Div', [counts, nonZeroSum(place, 'images', counts)]);
  const votes = step(place, 'votes', 'MatMul', [...inputs, shares]);
  const some = nonZeroSum(place, 'responses', inputs[0]!);
  graph.add('Div', [votes, some], output);
}

/** The sum of each row, or 1 where it is 0. */
function nonZeroSum(place: Place, name: string, values: string): string {
  const { graph } = place;
  const sum = step(place, `${name}/sum`, 'ReduceSum', [values, graph.ints(1)], { keepdims: { int: 1 } });
  const none = step(place, `${name}/none`, 'Equal', [sum, graph.number(0)]);
  return step(place, `${name}/some`, 'Where', [none, graph.number(1), sum]);
}
