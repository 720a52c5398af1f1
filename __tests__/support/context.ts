/** What a workflow's functions are given in a test, and what they remark. */
import { zoo } from '../../models/registry';
import {
  openContext,
  type Context,
  type WorkflowEvent,
  type WorkflowOptions,
} from '../../src/workflows/context';

/**
 * A context of this project's networks on the backend in use.
 * @param onRemark called with each remark
 */
export async function contextForTests({
  onRemark = () => undefined,
  ...options
}: WorkflowOptions & { readonly onRemark?: (line: string) => void } = {}): Promise<Context> {
  return openContext(zoo, ['test'], { onProgress: telling(onRemark), ...options });
}

/** Listens to the remarks of a workflow alone. */
export function telling(onRemark: (line: string) => void): (event: WorkflowEvent) => void {
  return (event) => {
    if (event.kind === 'remark') onRemark(event.line);
  };
}
