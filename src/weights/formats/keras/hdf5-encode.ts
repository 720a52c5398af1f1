/** Writes HDF5 files. */
import type * as h5wasm from 'h5wasm' with { 'resolution-mode': 'import' };

/** A group of an HDF5 file to be written. */
export interface Hdf5Group {
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
  readonly groups?: Readonly<Record<string, Hdf5Group>>;
  readonly datasets?: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>
  >;
}

/** Encodes an HDF5 file. Runs in the thread of `hdf5-worker.ts`. */
export async function encodeHdf5(root: Hdf5Group): Promise<Uint8Array> {
  const { File, ready } = await import('h5wasm');
  const { FS } = await ready;
  const path = '/written';
  const file = new File(path, 'w');
  write(file, root);
  file.close();
  return FS.readFile(path);
}

type Group = Pick<h5wasm.Group, 'create_attribute' | 'create_group' | 'create_dataset'>;

function write(group: Group, { attributes = {}, groups = {}, datasets = {} }: Hdf5Group): void {
  for (const [name, value] of Object.entries(attributes))
    group.create_attribute(name, typeof value === 'string' ? value : [...value]);
  for (const [name, { shape, values }] of Object.entries(datasets))
    group.create_dataset({ name, data: values, shape: [...shape], dtype: '<f' });
  for (const [name, inner] of Object.entries(groups)) write(group.create_group(name), inner);
}
