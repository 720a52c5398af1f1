import type { GraphBuilder, Ref } from './builder';
import { attr } from './graph-def';

/** The handle of a session's variable and a reading of it. */
export function variableNodes(
  builder: GraphBuilder,
  resource: string,
  shape: readonly number[],
  type: number,
): { handle: Ref; before: Ref } {
  const description = {
    dtype: attr.type(type),
    shape: attr.shape(shape),
    shared_name: attr.string(resource),
    container: attr.string(''),
  };
  const handle = builder.add('VarHandleOp', [], description, { shape, type });
  return {
    handle,
    before: builder.add('ReadVariableOp', [handle.name], { dtype: attr.type(type) }, { shape, type }),
  };
}
