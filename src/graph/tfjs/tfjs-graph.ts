/** Graphs as TensorFlow.js stores them in a `model.json`: GraphDef in the JSON form of protocol buffers. */

export type TfjsType = 'float32' | 'int32' | 'bool';

/** An operation. Inputs are `node` or `node:output`. */
export interface TfjsNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, TfjsAttribute>>;
}

export type TfjsAttribute =
  | { readonly type: string }
  | { readonly shape: TfjsShape }
  | { readonly tensor: { readonly dtype: string; readonly tensorShape: TfjsShape } }
  /** A string in base64. */
  | { readonly s: string }
  | { readonly i: string }
  | { readonly f: number }
  | { readonly b: boolean }
  | { readonly list: { readonly i: readonly string[] } | { readonly s: readonly string[] } };

interface TfjsShape {
  readonly dim: readonly { readonly size: string }[];
}

const typeNames: Readonly<Record<TfjsType, string>> = {
  float32: 'DT_FLOAT',
  int32: 'DT_INT32',
  bool: 'DT_BOOL',
};

/** Makes attributes of each kind. */
export const tfjsAttr = {
  type: (type: TfjsType): TfjsAttribute => ({ type: typeNames[type] }),
  shape: (shape: readonly number[]): TfjsAttribute => ({ shape: shapeOf(shape) }),
  /** The value of a constant; its elements lie in the files of weights, under the node's name. */
  tensor: (type: TfjsType, shape: readonly number[]): TfjsAttribute => ({
    tensor: { dtype: typeNames[type], tensorShape: shapeOf(shape) },
  }),
  string: (text: string): TfjsAttribute => ({ s: base64(text) }),
  int: (value: number): TfjsAttribute => ({ i: String(value) }),
  float: (value: number): TfjsAttribute => ({ f: value }),
  bool: (value: boolean): TfjsAttribute => ({ b: value }),
  ints: (values: readonly number[]): TfjsAttribute => ({ list: { i: values.map(String) } }),
  strings: (texts: readonly string[]): TfjsAttribute => ({ list: { s: texts.map(base64) } }),
} as const;

/** An input or output of a graph, for its signature. */
export function tfjsEnd(node: string, type: TfjsType, shape: readonly number[]): object {
  return { name: `${node}:0`, dtype: typeNames[type], tensorShape: shapeOf(shape) };
}

function shapeOf(shape: readonly number[]): TfjsShape {
  return { dim: shape.map((side) => ({ size: String(side) })) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
