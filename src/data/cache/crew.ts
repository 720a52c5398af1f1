/** Ranks that pack images together: rank 0 finds the shards that are missing, and each rank packs one of them. */
import type { Communicator } from '../../core/io/process/communicator';
import { ofFirst, together } from '../../core/io/process/together';
import type { ImageFile, ImageFiles } from '../dataset';
import { openLoader, type Loader, type LoaderOptions } from '../loader/loader';
import { pack } from './pack-images';
import { markOf } from './packing-folder';
import type { Wanted } from './shard';

/** The images of a shard that is not there yet. */
interface Missing {
  readonly images: ImageFiles;
  readonly wanted: Wanted;
}

/** Rank 0's view of the ranks. */
export interface Crew {
  /** How many shards are packed at a time. */
  readonly size: number;
  /**
   * Packs at most `size` shards. Those of ranks that do not see rank 0's cache are still missing afterwards.
   * @param missing in the same folder
   * @param reading how the other ranks read images
   * @param loader rank 0's own
   * @throws UserError on all ranks if one cannot pack its own
   */
  pack(missing: readonly Missing[], reading: LoaderOptions, loader: Loader): Promise<void>;
}

/** What rank 0 says to the others: plain data. */
interface Job {
  readonly parts: readonly { readonly files: readonly ImageFile[]; readonly wanted: Wanted }[];
  readonly mark: string | null;
  readonly reading: LoaderOptions;
}

/**
 * Does something with a crew on rank 0, while the others help: what rank 0 made, and undefined on them. A process that
 * is alone has no crew.
 * @throws on all ranks what rank 0 throws, or the failure of the first rank that cannot pack
 */
export async function withCrew<Result>(
  ranks: Communicator,
  lead: (crew: Crew | undefined) => Promise<Result>,
): Promise<Result | undefined> {
  if (ranks.size === 1) return lead(undefined);
  return together(ranks, () => (ranks.rank === 0 ? leading(ranks, lead) : helping(ranks)));
}

async function leading<Result>(ranks: Communicator, lead: (crew: Crew) => Promise<Result>): Promise<Result> {
  let helped = true; // until they have been told the end, or have met the failure of one
  const crew: Crew = {
    size: ranks.size,
    pack: async (missing, reading, loader) => {
      const parts = missing.map(({ images: { files }, wanted }) => ({ files, wanted }));
      const mark = await markOf(missing[0]!.wanted.folder);
      await ofFirst<Job | null>(ranks, { parts, mark, reading });
      helped = false;
      const { images, wanted } = missing[0]!;
      await together(ranks, () => pack(images, wanted, loader));
      helped = true;
    },
  };
  try {
    return await lead(crew);
  } finally {
    if (helped) await ofFirst<Job | null>(ranks, null);
  }
}

/** Packs, on a rank other than 0, what rank 0 deals out, until it has said the end. */
async function helping(ranks: Communicator): Promise<undefined> {
  let loader: Loader | undefined;
  try {
    for (;;) {
      const job = await ofFirst<Job | null>(ranks, null);
      if (!job) return undefined;
      await together(ranks, async () => {
        const part = job.parts[ranks.rank];
        if (!part || job.mark === null || (await markOf(part.wanted.folder)) !== job.mark) return;
        loader ??= openLoader(job.reading);
        await pack(setOf(part.files), part.wanted, loader);
      });
    }
  } finally {
    await loader?.close();
  }
}

/** A set of the files; what is packed knows no classes. */
function setOf(files: readonly ImageFile[]): ImageFiles {
  const labels = new Int32Array(files.length);
  return { kind: 'files', name: 'shard', synthetic: false, classes: ['any'], labels, files };
}
