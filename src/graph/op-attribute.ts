import type { NativeBackend, OpAttribute } from '../native-backend';
import { attr, type AttrValue } from './graph-def';
import { Untraceable } from './untraceable';

/**
 * An attribute as tfjs-node hands it to its binding, for a node of a graph.
 * @param op the operation that it belongs to, for messages
 * @throws Untraceable for a kind that no operation of tfjs uses
 */
export function attributeOf(
  op: string,
  { name, type, value }: OpAttribute,
  binding: NativeBackend['binding'],
): AttrValue {
  switch (type) {
    case binding['TF_ATTR_STRING']:
      return attr.string(value as string);
    case binding['TF_ATTR_INT']:
      return Array.isArray(value) ? attr.ints(value as number[]) : attr.int(value as number);
    case binding['TF_ATTR_FLOAT']:
      return Array.isArray(value) ? attr.floats(value as number[]) : attr.float(value as number);
    case binding['TF_ATTR_BOOL']:
      return attr.bool(value as boolean);
    case binding['TF_ATTR_TYPE']:
      return attr.type(value as number);
    case binding['TF_ATTR_SHAPE']:
      return attr.shape(value as number[]);
    default:
      throw new Untraceable(`operation ${op}: expected a known kind of attribute ${name}, found ${type}`);
  }
}
