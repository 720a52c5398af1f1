/**
 * Compares heads that finetune solves with scikit-learn's logistic regression on the same features and the same
 * validation images: `npx tsx scripts/peers/solved/compare-solved.ts NETWORK WEIGHTS DATA FILE [PYTHON]` writes FILE.
 * PYTHON has the packages in requirements-solved.txt. The first of three seeds uses finetune's own split; the others
 * draw the validation images anew.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plansInOrder } from '../../../src/data/loader/sampler';
import type { ImageSet } from '../../../src/data/dataset';
import { expectValues } from '../../../src/data/loader/batches';
import { openLoader, type Loader } from '../../../src/data/loader/loader';
import { stratifiedSplit } from '../../../src/data/splits';
import { machine } from '../../../src/runtime/machine';
import {
  designOf,
  measured,
  scaleOf,
  type FeatureRows,
} from '../../../src/finetune/solve/softmax-regression';
import { SolvePath } from '../../../src/finetune/solve/solve-path';
import { commandLine, commit, fail, note } from '../../cli/terminal/output';
import { zoo } from '../../../models/registry';
import { writeSealedJson } from '../../../src/core/io/sealed-file';
import { openContext } from '../../../src/workflows/context';
import { loadFitted } from '../../../src/weights/fitted-file';
import { featuresOf } from '../../../src/workflows/finetune/finetune';
import { solvingOf, type Solving } from '../../../src/workflows/finetune/solve-to-end';
import { newFinetune } from '../../../src/workflows/finetune/finetune-run';

const seeds = [1, 2, 3] as const;

interface Parts {
  readonly train: FeatureRows;
  readonly validation: FeatureRows;
  readonly test: FeatureRows;
}

async function main(words: readonly string[]): Promise<void> {
  const [network, weights, data, file, python = 'python3', ...set] = words;
  if (file === undefined) throw new Error('expected NETWORK WEIGHTS DATA FILE [PYTHON]');
  const context = await openContext(zoo, ['compareSolved', words], {
    onProgress: (event) => {
      if (event.kind === 'remark') note(event.line);
    },
    provenance: { command: commandLine(), commit: commit() },
  });
  const { runtime } = context;
  const work = mkdtempSync(join(tmpdir(), 'lineage-solved-'));
  try {
    const asked = {
      network: network!,
      weights: weights!,
      data: data!,
      out: join(work, 'run'),
      method: 'solve' as const,
    };
    const run = await newFinetune({ ...asked, ...(set.length > 0 && { set }) }, context);
    const solving = solvingOf(run)!;
    const images = openLoader();
    const began = performance.now();
    const fitted = await loadFitted(run.folder, run.record.recipe);
    const loader = await featuresOf({ ...run, fitted }, solving.parts, images, context);
    const featureSeconds = (performance.now() - began) / 1000;
    await images.close();
    const { train, validation, test } = run.data;
    const own = {
      train: await rowsOf(train, loader, solving),
      validation: await rowsOf(validation, loader, solving),
      test: await rowsOf(test, loader, solving),
    };
    const found = [];
    for (const seed of seeds) {
      const parts = seed === 1 ? own : drawnAnew(own, train.classes.length, seed);
      const ours = await solved(parts, solving, false);
      const withValidation = await solved(parts, solving, true);
      const theirs = byScikit(parts, work, python);
      found.push({ seed, images: sizes(parts), ours, withValidation, scikit: theirs });
      note(JSON.stringify(found.at(-1)));
    }
    await writeSealedJson(file, {
      network,
      data: test.name,
      classes: test.classes.length,
      features: own.test.values.length / own.test.labels.length,
      featureSeconds,
      seeds: found,
      command: [
        'npx tsx scripts/peers/solved/compare-solved.ts',
        network,
        weights,
        data,
        file,
        'PYTHON',
        ...set,
      ].join(' '),
      commit: commit(),
      at: new Date().toISOString(),
      machine: machine(runtime),
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function rowsOf(data: ImageSet, loader: Loader, { record: { recipe } }: Solving): Promise<FeatureRows> {
  const images = data.labels.length;
  const plans = [...plansInOrder(images, images)];
  for await (const batch of loader.batches({
    data,
    plans,
    transform: { recipe },
    batchSize: images,
  })) {
    const { images: values, labels } = expectValues(batch);
    return { values: values.slice(), labels: labels.slice() };
  }
  throw new RangeError(`${data.name}: expected images, found none`);
}

/** Another random split into training and validation images, with the same sizes. */
function drawnAnew({ train, validation, test }: Parts, classes: number, seed: number): Parts {
  const labels = Int32Array.of(...train.labels, ...validation.labels);
  const size = train.values.length / train.labels.length;
  const values = new Float32Array(labels.length * size);
  values.set(train.values);
  values.set(validation.values, train.values.length);
  const { kept, heldOut } = stratifiedSplit(labels, classes, validation.labels.length / labels.length, seed);
  const of = (indices: Int32Array): FeatureRows => {
    const chosen = new Float32Array(indices.length * size);
    indices.forEach((index, row) =>
      chosen.set(values.subarray(index * size, (index + 1) * size), row * size),
    );
    return { values: chosen, labels: indices.map((index) => labels[index]!) };
  };
  return { train: of(kept), validation: of(heldOut), test };
}

function sizes({ train, validation, test }: Parts) {
  const [learned, choose, tested] = [train, validation, test].map(({ labels }) => labels.length);
  return { train: learned!, validation: choose!, test: tested! };
}

async function solved({ train, validation, test }: Parts, { record }: Solving, withValidation: boolean) {
  const { recipe, classes } = record;
  const began = performance.now();
  const scale = scaleOf([train], train.values.length / train.labels.length);
  const classWeights = recipe.loss.kind === 'softmaxCrossEntropy' ? recipe.loss.classWeights : undefined;
  const [training, choosing, testing] = [train, validation, test].map((rows) =>
    designOf([rows], scale, classes, classWeights),
  );
  const path = new SolvePath({
    training: training!,
    choosing: choosing!,
    recipe,
    withValidation,
    name: 'features',
  });
  const { weights, chosen } = (await path.run())!;
  const seconds = (performance.now() - began) / 1000;
  const { error } = await measured(testing!, weights);
  [training, choosing, testing].forEach((design) => design!.dispose());
  const { weightDecay, validationError } = chosen;
  return {
    weightDecay,
    validationWrong: Math.round(validationError * validation.labels.length),
    testWrong: Math.round(error * test.labels.length),
    seconds,
  };
}

function byScikit(parts: Parts, work: string, python: string): unknown {
  for (const [name, { values, labels }] of Object.entries(parts) as [string, FeatureRows][]) {
    writeFileSync(
      join(work, `${name}.f32`),
      Buffer.from(values.buffer, values.byteOffset, values.byteLength),
    );
    writeFileSync(join(work, `${name}.json`), JSON.stringify([...labels]));
  }
  const text = execFileSync(python, [join(__dirname, 'logistic_regression.py'), work], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(text) as unknown;
}

main(process.argv.slice(2)).catch(fail);
