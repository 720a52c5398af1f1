/** An evaluation that saves its answers as it goes, and resumes from them after it was killed. */
import { sha256OfJson } from '../../../src/core/io/hash';
import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BadImagePolicy } from '../../../src/data/image/bad-image';
import type { ImageSet } from '../../../src/data/dataset';
import type { Fingerprint } from '../../../src/data/inspect/fingerprint';
import { counted } from '../../../src/core/text/counted';
import { openLoader } from '../../../src/data/loader/loader';
import type { Answer } from '../../../src/evaluate/metrics/answers';
import { openAnswersFile } from '../../../src/evaluate/answers-file';
import { evaluate, protocolOf, type Evaluation } from '../../../src/evaluate/evaluate';
import type { Member } from '../../../src/evaluate/scores/ensemble';
import type { Runtime } from '../../../src/runtime/backend';
import { fittedFile } from '../../../src/weights/fitted-file';
import { modelFiles } from '../../../src/weights/model-folder';
import { runFiles } from '../../../src/train/run/run-record';
import { note } from '../../cli/output';
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
  readonly runtime: Runtime;
}

export interface Evaluated {
  readonly evaluation: Evaluation & {
    /** The peak memory of the process. */
    readonly peakBytes: number;
  };
  /** The answers to all images, in the order of the images. */
  readonly answers: readonly Answer[];
  /** Removes the file that was kept for resuming. */
  readonly forget: () => Promise<void>;
}

/**
 * Evaluates, and saves the answers in a file beside the report's path until the report is written. An evaluation that
 * was killed resumes from there when the same command is run again.
 */
export async function resumableEvaluation(asked: Asked): Promise<Evaluated> {
  const { members, data, top, workers, onBadImage } = asked;
  await holdReport(asked.path);
  const partial = asked.path.replace(/\.json$/, '.partial.jsonl');
  const kept = await openAnswersFile(partial, decidedBy(asked), onBadImage);
  const answers = [...kept.known];
  if (answers.length > 0)
    note(`resuming an interrupted evaluation that has ${counted(answers.length, 'answer')} so far`);
  const loader = openLoader({ workers, onBadImage });
  const [first, ...others] = members;
  try {
    const evaluation = await evaluate({
      ...first,
      ...kept,
      onAnswer: (answer) => {
        kept.onAnswer(answer);
        answers.push(answer);
      },
      data,
      top,
      loader,
      others: others.map((member) => ({ ...member, loader })),
    });
    const peakBytes = process.resourceUsage().maxRSS * 1024; // in kilobytes
    return { evaluation: { ...evaluation, peakBytes }, answers, forget: kept.remove };
  } finally {
    kept.flush();
    await loader.close();
  }
}

/** The files in the folder of a run or a model that hold what was learned. */
export function weightFilesIn(folder: string): readonly string[] {
  return [modelFiles.weights, runFiles.best, runFiles.last, fittedFile]
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path));
}

/** A digest of everything that the answers to the images depend on. */
function decidedBy({ members, data, fingerprint, top, weights, runtime }: Asked): string {
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
