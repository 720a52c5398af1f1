/** Finds the headers and libraries of a TensorFlow installation on disk. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../../core/errors';

/** A TensorFlow installation on disk: the C headers and the libraries that a binding is built with. */
export interface TensorFlow {
  /** The folder in which it was found; identifies the installation. */
  readonly folder: string;
  readonly include: string;
  /** Every name by which the two libraries are looked up at run time, and the file for it. */
  readonly libraries: Readonly<Record<string, string>>;
  /** The names by which a binding requests the two libraries. */
  readonly needed: readonly string[];
  /** NVIDIA's library wheels, which TensorFlow expects next to its own folder. */
  readonly nvidia: string | null;
}

const libraryName = /^libtensorflow(?<part>_cc|_framework)?\.so(\.\d+)*$/;

/**
 * Detects the layout of a TensorFlow folder: that of a wheel (`libtensorflow_cc.so.2` and `include` side by side, as
 * in `site-packages/tensorflow`) or that of libtensorflow (`lib` and `include`). Null if it has neither.
 */
export function tensorFlowIn(folder: string): TensorFlow | null {
  for (const [root, libraryFolder] of layouts(resolve(folder))) {
    const include = join(root, 'include');
    if (!existsSync(join(include, 'tensorflow', 'c', 'c_api.h')) || !existsSync(libraryFolder)) continue;
    const libraries: Record<string, string> = {};
    for (const name of readdirSync(libraryFolder).sort()) {
      const found = libraryName.exec(name);
      if (!found) continue;
      const file = realpathSync(join(libraryFolder, name));
      libraries[name] = file;
      const linkerName =
        found.groups?.part === '_framework' ? 'libtensorflow_framework.so' : 'libtensorflow.so';
      libraries[linkerName] ??= file;
    }
    if (!libraries['libtensorflow.so'] || !libraries['libtensorflow_framework.so']) continue;
    const needed = Object.keys(libraries).filter((name) => /\.so\.\d+$/.test(name));
    const nvidia = join(dirname(libraryFolder), 'nvidia');
    return {
      folder: realpathSync(root),
      include,
      libraries,
      needed,
      nvidia: existsSync(nvidia) ? nvidia : null,
    };
  }
  return null;
}

function layouts(folder: string): readonly (readonly [root: string, libraryFolder: string])[] {
  const inside = join(folder, 'tensorflow');
  return [
    [folder, join(folder, 'lib')],
    [folder, folder],
    [inside, inside],
  ];
}

/**
 * The TensorFlow installation that the user names in `LINEAGE_TENSORFLOW`, or null if it is not set.
 *
 * @throws UserError when the named folder does not contain one
 */
export function namedTensorFlow(environment: NodeJS.ProcessEnv): TensorFlow | null {
  const folder = environment.LINEAGE_TENSORFLOW;
  if (!folder) return null;
  const tensorflow = tensorFlowIn(folder);
  if (tensorflow) return tensorflow;
  throw new UserError(
    `LINEAGE_TENSORFLOW: expected a folder with libtensorflow_cc.so.2 or lib/libtensorflow.so, and ` +
      `include/tensorflow/c/c_api.h; found none in ${resolve(folder)}`,
  );
}
