/** An evaluation that saves its answers as it goes, and resumes from them after it was killed. */
import { sha256OfJson } from '../../core/io/hash';
import { expectSame, ofFirst, together } from '../../core/io/process/together';
import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BadImagePolicy } from '../../data/image/bad-image';
import type { ImageSet } from '../../data/dataset';
import type { Fingerprint } from '../../data/inspect/fingerprint';
import { counted } from '../../core/text/counted';
import { openLoader } from '../../data/loader/loader';
import type { Answer } from '../../evaluate/metrics/answers';
import { openAnswersFile } from '../../evaluate/answers-file';
import { evaluate, protocolOf, type Evaluation } from '../../evaluate/evaluate';
import type { Member } from '../../evaluate/scores/ensemble';
import { fittedFile } from '../../weights/fitted-file';
import { modelFiles } from '../../weights/model-folder';
import { runFiles } from '../../train/run/run-record';
import { weightsDigest } from '../../train/run/state-of-ranks';
import { peakBytes } from '../../runtime/machine';
import type { Context } from '../context';
import { holdReport } from '../train/run-folder';

/** A network together with how an evaluation presents images to it. */
type Shown = Pick<Member, 'model' | 'recipe' | 'fitted' | 'crops' | 'classOrder'>;

export interface Asked {
  readonly members: readonly [Shown, ...Shown[]];
  readonly data: ImageSet;
  /** The fingerprint of the data, before it was packed. */
  readonly fingerprint: Fingerprint;
  readonly top: readonly number[];
  readonly workers: number | undefined;
  readonly onBadImage: BadImagePolicy | undefined;
  /** The path of the report that will be written. */
  readonly path: string;
  /** The files from which the networks' weights and fitted preprocessing values were read. */
  readonly weights: readonly string[];
}

export interface Evaluated {
  readonly evaluation: Evaluation & {
    /** The peak memory of the process. */
    readonly peakBytes: number;
  };
  /** The answers to all images, in the order of the images. */
  readonly answers: readonly Answer[];
  /** Removes the file that was kept for resuming, once the report is written. */
  readonly forget: () => Promise<void>;
  /** Unlocks the report. */
  readonly release: () => Promise<void>;
}

/**
 * Evaluates, and saves the answers in a file beside the report's path until the report is written. An evaluation that
 * was killed resumes from there when the same command is run again.
 */
export async function resumableEvaluation(asked: Asked, context: Context): Promise<Evaluated> {
  const { ranks } = context;
  const held = await together(ranks, async () => (ranks.rank === 0 ? holdReport(asked.path) : undefined));
  const release = async () => held?.();
  try {
    return { ...(await evaluated(asked, context)), release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function evaluated(asked: Asked, context: Context): Promise<Omit<Evaluated, 'release'>> {
  const { members, data, top, workers, onBadImage } = asked;
  const { ranks } = context;
  await expectSameAsked(asked, context);
  const partial = asked.path.replace(/\.json$/, '.partial.jsonl');
  // Rank 0 keeps the answers of all ranks.
  const kept = await together(ranks, async () =>
    ranks.rank === 0 ? openAnswersFile(partial, decidedBy(asked, context), onBadImage) : undefined,
  );
  const { known, knownSkipped } = await ofFirst(ranks, {
    known: kept?.known ?? [],
    knownSkipped: kept?.knownSkipped ?? [],
  });
  const answers = [...known];
  if (answers.length > 0)
    context.remark(`resuming an interrupted evaluation that has ${counted(answers.length, 'answer')} so far`);
  const loader = openLoader({ workers, onBadImage });
  const [first, ...others] = members;
  try {
    const evaluation = await evaluate({
      ...first,
      known,
      knownSkipped,
      onSkipped: (image) => kept?.onSkipped(image),
      onAnswer: (answer) => {
        kept?.onAnswer(answer);
        answers.push(answer);
      },
      communicator: ranks,
      data,
      top,
      loader,
      others: others.map((member) => ({ ...member, loader })),
    });
    const forget = async () => kept?.remove();
    return { evaluation: { ...evaluation, peakBytes: peakBytes() }, answers, forget };
  } finally {
    kept?.flush();
    await loader.close();
  }
}

/** @throws UserError on all ranks unless they have the same images and weights */
async function expectSameAsked(
  { members, data, fingerprint }: Asked,
  { ranks }: Pick<Context, 'ranks'>,
): Promise<void> {
  if (ranks.size === 1) return;
  const models: string[] = [];
  for (const { model } of members) models.push(await weightsDigest(model));
  await expectSame(ranks, {
    [`images of ${data.name}`]: fingerprint.sha256.slice(0, 16),
    weights: models.map((digest) => digest.slice(0, 16)),
  });
}

/** The files in the folder of a run or a model that hold what was learned. */
export function weightFilesIn(folder: string): readonly string[] {
  return [modelFiles.weights, runFiles.best, runFiles.last, fittedFile]
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path));
}

/** A digest of everything that the answers to the images depend on. */
function decidedBy({ members, data, fingerprint, top, weights }: Asked, { runtime }: Context): string {
  const facts = {
    protocol: protocolOf({ ...members[0], data, others: members.slice(1) }),
    members: members.map(({ recipe: { input, augment, loss }, crops, classOrder }) => ({
      ...{ input, augment, loss, crops, classOrder },
    })),
    data: [data.name, fingerprint.sha256, sha256OfJson([data.classes, Array.from(data.labels)])],
    weights: weights.map((path) => {
      const { size, mtimeMs } = statSync(path);
      return [basename(path), size, mtimeMs];
    }),
    top,
    backend: [runtime.backend, runtime.tensorflow],
  };
  return sha256OfJson(facts);
}
