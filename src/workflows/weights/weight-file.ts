/** Finds the weight file that `import` names, and downloads it on request. */
import { existsSync } from 'node:fs';
import { counted } from '../../core/text/counted';
import { dataRoot } from '../../data/open';
import { downloadWeights } from '../../weights/import/download-weights';
import { webFetch } from '../../core/io/download/web-fetch';
import { UserError } from '../../core/errors';
import type { ListedWeights } from '../../report/published-weights';
import { option } from '../../core/text/wording';
import { environment } from '../../runtime/machine';
import { foundPath } from '../data/found-path';

export interface WeightFileOptions {
  /** Fetch a well-known file into the data root. Default: false. */
  readonly download?: boolean | undefined;
  /** Where to fetch it instead. */
  readonly mirror?: readonly string[] | undefined;
  /** The data root. Default: `LINEAGE_DATA`, else the user's own. */
  readonly root?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The path of a weight file. A well-known file is downloaded into the data root on request.
 * @param listed the well-known files of the network
 * @param remark told of the download, one line at a time
 */
export async function weightFile(
  file: string,
  listed: readonly ListedWeights[],
  { download = false, mirror, root, signal }: WeightFileOptions,
  remark: (line: string) => void,
): Promise<string> {
  const known = listed.find((weights) => weights.file === file);
  const addressed = listed.find((weights) => weights.url === file);
  if (addressed)
    throw new UserError(
      `${file}: expected a file, found an address; ${addressed.file} with ${option('download')} fetches it`,
    );
  if (!download) {
    const there = foundPath(file, dataRoot(environment(), root));
    if (known && !existsSync(there))
      throw new UserError(
        `${file}: expected such a file here, found none; ${option('download')} fetches it from ${known.url}`,
      );
    if (root !== undefined && there === file && existsSync(there))
      throw new UserError(
        `${option('root')}: expected a file that lies in the data root ${root}, found ${file}, which lies here`,
      );
    return there;
  }
  if (!known) {
    const names = listed.map((weights) => weights.file);
    const expected =
      names.length > 0 ? names.join(' or ') : 'a file, of which none is listed for this network';
    throw new UserError(`${option('download')}: expected ${expected}, found ${file}`);
  }
  const { path, bytes, fetched } = await downloadWeights(known, {
    root: dataRoot(environment(), root),
    mirrors: mirror,
    ...(signal && { signal }),
    fetch: webFetch(environment()),
    onProgress: remark,
  });
  remark(
    `${path}: ${counted(bytes, 'byte')}, ${known.checksum ? 'its checksum is right' : 'no checksum is published'}${fetched ? '' : '; it was there'}`,
  );
  return path;
}
