/** The files of a model among those that a visitor chose. */

/** What is known of a chosen file. */
export type Chosen = Pick<File, 'name' | 'webkitRelativePath'>;

/** The files of the uppermost model folder among those of a folder and all folders in it; all, if there is none. */
export function filesOfModel<F extends Chosen>(files: readonly F[]): readonly F[] {
  const [record] = files
    .filter(({ name }) => name === 'network.json')
    .sort((one, other) => depth(one) - depth(other));
  return record ? files.filter((file) => folderOf(file) === folderOf(record)) : files;
}

/** Whether they are an export for TensorFlow.js: one graph, whose layers cannot be told apart. */
export function isFrozenGraph(files: readonly Chosen[]): boolean {
  const has = (wanted: string) => files.some(({ name }) => name === wanted);
  return has('model.json') && !has('network.json');
}

function folderOf({ name, webkitRelativePath }: Chosen): string {
  return webkitRelativePath.slice(0, -name.length);
}

function depth(file: Chosen): number {
  return folderOf(file).split('/').length;
}
