/** Reads the weights of an ONNX model, and what its graph says of their layers. */
import { dirname } from 'node:path';
import { refusalOf, type Refuse } from '../../../core/errors';
import { readJson } from '../../../core/io/json-text';
import { onnxArchitecture } from '../../architecture/onnx/onnx';
import { notLoadedKey, notLoadedText } from '../../not-loaded';
import { tensorName } from '../../import/toolkit-layout';
import type { ForeignTensor, ForeignWeights } from '../foreign-weights';
import { OnnxConstants, permuted, type OnnxConstant } from './onnx-constants';
import { readOnnxContent, type OnnxContent } from './onnx-graph';
import { onnxLayers, onnxNames, type OnnxLayer } from './onnx-layers';

/**
 * The weights of a model. Where its names lead to layers of Caffe, PyTorch or Keras, tensors have that toolkit's names;
 * otherwise those of nodes, and the file is matched along its graph. Kernels have their outputs first, whatever the
 * toolkit. A file of this project has its own names and facts.
 * @param path where it lies, and beside it further files with its numbers
 * @throws UserError when it is damaged, holds no weights, or names a file outside its folder
 */
export function readOnnx(given: Uint8Array, path: string): ForeignWeights {
  const refuse = refusalOf(`${path} is not a whole ONNX model`);
  const { buffer, byteOffset, length } = given;
  // Unlike a Buffer’s, the slices of this are copies.
  const file = new Uint8Array(buffer, byteOffset, length);
  const content = readOnnxContent(file, dirname(path), refuse);
  const constants = new OnnxConstants(content, refuse);
  const network = content.producer === 'cnn-lineage' ? content.metadata.get('network') : undefined;
  return network === undefined ? foreign(content, constants, refuse) : own(content, constants, network, path);
}

function own(content: OnnxContent, constants: OnnxConstants, network: string, path: string): ForeignWeights {
  const { metadata, initialisers } = content;
  const scaled = new Map(
    content.nodes.flatMap(({ op, inputs, outputs }) =>
      op === 'DequantizeLinear' ? [[inputs[0] ?? '', outputs[0] ?? ''] as const] : [],
    ),
  );
  const scales = new Set(
    content.nodes.flatMap(({ op, inputs }) => (op === 'DequantizeLinear' ? inputs.slice(1) : [])),
  );
  const tensors = [...initialisers.values()].flatMap((tensor): ForeignTensor[] => {
    const { name } = tensor;
    if (scales.has(name)) return [];
    const found = constants.find(scaled.get(name)) ?? tensor;
    return [{ ...tensorOf(found), name, stored: {} }];
  });
  const notLoaded = notLoadedText(metadata.get(notLoadedKey), path, refusalOf(path));
  const told = ['source', 'labels', 'synsets', 'scores', 'input', 'recipe'].filter((key) =>
    metadata.has(key),
  );
  const facts = told.map((key) => {
    const bytes = new TextEncoder().encode(metadata.get(key));
    return [key, readJson(bytes, `${path}, ${key}`)] as const;
  });
  return {
    format: 'onnx',
    network,
    own: Object.fromEntries(facts),
    tensors,
    ...(notLoaded && { notLoaded }),
  };
}

function foreign(content: OnnxContent, constants: OnnxConstants, refuse: Refuse): ForeignWeights {
  const layers = onnxLayers(content, constants);
  if (layers.size === 0) refuse('layers with weights', 'none');
  const { convention, like, names } = onnxNames(layers);
  const called = (layer: OnnxLayer) => names.get(layer.output) ?? layer.output;
  const tensors = new Map<string, ForeignTensor>();
  for (const layer of layers.values())
    for (const tensor of tensorsOf(layer, (weight) => tensorName(convention ?? 'own', called(layer), weight)))
      if (!tensors.has(tensor.name)) tensors.set(tensor.name, tensor);
  const named = [...layers.values()].map((layer) => ({ ...layer, name: called(layer) }));
  const architecture = onnxArchitecture(content, constants, named);
  const scores = lastLayer(content, constants, layers);
  const classes = scores?.weights['kernel']?.shape[scores.transposed ? 1 : 0];
  return {
    format: 'onnx',
    tensors: [...tensors.values()],
    architecture,
    ...(!convention && { byGraph: { like, classes } }),
  };
}

/** The layer with weights that the first output comes from. */
function lastLayer(
  { outputs }: OnnxContent,
  constants: OnnxConstants,
  layers: ReadonlyMap<string, OnnxLayer>,
): OnnxLayer | undefined {
  let name: string | undefined = outputs[0];
  for (let steps = 0; name !== undefined && steps < 100; steps++) {
    const layer = layers.get(name);
    if (layer) return layer;
    name = constants.giver(name)?.inputs.find((input) => !constants.find(input));
  }
  return undefined;
}

function tensorsOf(layer: OnnxLayer, nameOf: (weight: string) => string): ForeignTensor[] {
  const { weights, transposed, interleaved } = layer;
  const { kernel } = weights;
  const outputs = kernel?.shape[transposed ? 1 : 0] ?? 0;
  const tensors = Object.entries(weights).map(([weight, constant]): ForeignTensor => {
    const name = nameOf(weight);
    if (weight !== 'kernel') return { ...tensorOf(constant), shape: flat(constant), name };
    const turned = transposed ? turnedOf(constant) : constant;
    return { ...tensorOf(turned), name, stored: { ...(interleaved && { interleaved: true }) } };
  });
  if (!kernel || weights['bias']) return tensors;
  // A converter leaves out biases of 0, as a layer does that a normalisation follows.
  const values = () => new Float32Array(outputs);
  return [...tensors, { name: nameOf('bias'), shape: [outputs], values, implied: true }];
}

function turnedOf(constant: OnnxConstant): OnnxConstant {
  const { shape } = constant;
  return {
    ...constant,
    shape: [...shape].reverse(),
    values: async () => permuted(await constant.values(), shape, [1, 0]),
  };
}

/** One number an output, whatever axes of one position stand around it. */
function flat({ shape }: OnnxConstant): readonly number[] {
  const sides = shape.filter((side) => side !== 1);
  return sides.length <= 1 ? [sides[0] ?? 1] : shape;
}

function tensorOf({ name, shape, whole, type, values }: OnnxConstant): ForeignTensor {
  return { name, shape, ...(whole && { whole: type }), values };
}
