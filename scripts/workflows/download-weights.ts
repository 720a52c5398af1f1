/** Finds the weight file that `import` names, and downloads it on request. */
import { existsSync } from 'node:fs';
import { counted } from '../../src/core/text/counted';
import { dataRoot } from '../../src/data/open';
import { downloadWeights } from '../../src/weights/import/download-weights';
import { webFetch } from '../../src/core/io/download/web-fetch';
import { UserError } from '../../src/core/errors';
import type { ListedWeights } from '../../src/report/published-weights';
import { note } from '../cli/output';
import { interruption } from '../cli/interruption';
import { foundPath } from '../cli/options/shared-options';

interface Choices {
  readonly download: boolean;
  readonly mirror?: string[] | undefined;
  readonly root?: string | undefined;
}

/**
 * The path of a weight file. A well-known file is downloaded into the data root on request.
 * @param listed the well-known files of the network
 */
export async function downloaded(
  file: string,
  listed: readonly ListedWeights[],
  { download, mirror, root }: Choices,
): Promise<string> {
  const known = listed.find((weights) => weights.file === file);
  const addressed = listed.find((weights) => weights.url === file);
  if (addressed)
    throw new UserError(
      `${file}: expected a file, found an address; import ${addressed.file} --download fetches it`,
    );
  if (!download) {
    const there = foundPath(file, dataRoot(process.env, root));
    if (known && !existsSync(there))
      throw new UserError(
        `${file}: expected such a file here, found none; --download fetches it from ${known.url}`,
      );
    if (root !== undefined && there === file && existsSync(there))
      throw new UserError(
        `--root: expected a file that lies in the data root ${root}, found ${file}, which lies here`,
      );
    return there;
  }
  if (!known) {
    const names = listed.map((weights) => weights.file);
    const expected =
      names.length > 0 ? names.join(' or ') : 'a file, of which none is listed for this network';
    throw new UserError(`--download: expected ${expected}, found ${file}`);
  }
  const { signal, release } = interruption();
  try {
    const options = {
      root: dataRoot(process.env, root),
      mirrors: mirror,
      signal,
      fetch: webFetch(process.env),
      onProgress: note,
    };
    const { path, bytes, fetched } = await downloadWeights(known, options);
    note(
      `${path}: ${counted(bytes, 'byte')}, ${known.checksum ? 'its checksum is right' : 'no checksum is published'}${fetched ? '' : '; it was there'}`,
    );
    return path;
  } finally {
    release();
  }
}
