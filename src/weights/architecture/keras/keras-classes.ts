/** Whose a class is that Keras describes: its own, or one that somebody wrote, perhaps of the same name. */
import { member } from '../../../core/io/json-text';

const modules = /^(?:(?:tf_)?keras|tensorflow\.(?:python\.)?keras)(?:\.|$)/;

/**
 * The name of a class that is none of Keras’s own, as far as a description `{ module, class_name, registered_name }` tells:
 * what a registered class is called in `.h5` files as well, `package>Name`; that of another in `.keras` alone.
 * @returns nothing of Keras’s own, and where the description does not tell
 */
export function foreignClass(described: unknown): string | undefined {
  const kind = member(described, 'class_name');
  const registered = member(described, 'registered_name');
  if (typeof registered === 'string' && registered.includes('>')) return registered.slice(0, 60);
  if (typeof kind === 'string' && kind.includes('>')) return kind.slice(0, 60);
  const module = member(described, 'module');
  if (module === undefined || typeof kind !== 'string') return undefined;
  if (typeof module === 'string' && modules.test(module)) return undefined;
  return (typeof module === 'string' ? `${module}.${kind}` : kind).slice(0, 60);
}

/** Whether it is one of the functions `keras.ops`, which have names like layers’ and other settings. */
export function isOfOps(described: unknown): boolean {
  const module = member(described, 'module');
  return typeof module === 'string' && /^keras\.(?:src\.)?ops(?:\.|$)/.test(module);
}
