/** Tells Keras’s own classes from custom classes, which may have the same names. */
import { member } from '../../../core/io/json-text';

const modules = /^(?:(?:tf_)?keras|tensorflow\.(?:python\.)?keras)(?:\.|$)/;

/**
 * The name of a custom class, as far as a description `{ module, class_name, registered_name }` shows it: a registered
 * class is also named in `.h5` files, `package>Name`; an unregistered one only in `.keras` files.
 * @returns undefined for Keras’s own classes, and if the description does not show it
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

/** Whether it is a function of `keras.ops`; these have names like layers’ but other settings. */
export function isOfOps(described: unknown): boolean {
  const module = member(described, 'module');
  return typeof module === 'string' && /^keras\.(?:src\.)?ops(?:\.|$)/.test(module);
}
