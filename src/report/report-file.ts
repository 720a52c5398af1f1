/** `report.json` and other evaluation reports, limited to the fields that are read back. */
import * as z from 'zod';
import { UserError } from '../core/errors';
import { readSealedJson } from '../core/io/sealed-file';
import { averagesOf, classFigures, topConfusions } from '../evaluate/metrics/class-figures';

const share = z.number().min(0).max(1);
const count = z.int().min(0);
const averages = z.looseObject({ precision: share, recall: share, f1: share });

/** Errors are fractions. Fields that older reports lack are optional. */
const reportSchema = z.looseObject({
  run: z.string(),
  network: z.string(),
  dataset: z.string(),
  synthetic: z.boolean().default(false),
  images: z.int().positive(),
  error: share,
  interval95: z.tuple([share, share]),
  top5Error: share.nullable().default(null),
  protocol: z.string(),
  crops: z.int().positive().exactOptional(),
  networks: z.int().positive().exactOptional(),
  command: z.string(),
  commit: z.string().nullable(),
  machine: z.looseObject({ cpu: z.string(), cores: z.int().positive(), backend: z.string() }),
  epochs: count.exactOptional(),
  seenInTraining: count.exactOptional(),
  trainingUnknown: z.array(z.string()).exactOptional(),
  notLoaded: z.array(z.string()).exactOptional(),
  seconds: z.number().exactOptional(),
  trainingSeconds: z.number().exactOptional(),
  totalSeconds: z.number().exactOptional(),
  perClass: z
    .array(
      z.looseObject({
        label: z.string(),
        images: count,
        mistakes: count,
        precision: share.nullable().exactOptional(),
        recall: share.nullable().exactOptional(),
        f1: share.nullable().exactOptional(),
      }),
    )
    .exactOptional(),
  averages: z.looseObject({ macro: averages, weighted: averages }).exactOptional(),
  topConfusions: z
    .array(z.looseObject({ label: z.string(), answer: z.string(), images: count, of: count }))
    .exactOptional(),
  confusion: z.array(z.array(count)).exactOptional(),
  calibration: z
    .looseObject({
      error: share,
      bins: z.array(z.looseObject({ images: count, confidence: z.number(), accuracy: share })),
    })
    .nullable()
    .exactOptional(),
  rejection: z.array(z.looseObject({ rejected: share, error: share })).exactOptional(),
});

/** What is read back of a report. */
export type ReportFile = ReturnType<typeof withClassFigures>;

/** @throws UserError that names the file and the problem in it */
export function readReport(path: string): ReportFile {
  return withClassFigures(parsedFile(path, reportSchema, 'a report of an evaluation'));
}

/** A report with each class's figures, which those of earlier releases leave to their confusion matrix. */
function withClassFigures({ perClass, ...report }: z.infer<typeof reportSchema>) {
  const { confusion } = report;
  if (!perClass) return report;
  const unknown = { precision: null, recall: null, f1: null };
  const figures = confusion && classFigures(confusion);
  const labels = perClass.map(({ label }) => label);
  return {
    ...(confusion && {
      averages: averagesOf(confusion),
      topConfusions: topConfusions(confusion, labels),
    }),
    ...report,
    perClass: perClass.map((one, index) => ({ ...unknown, ...figures?.[index], ...one })),
  };
}

/**
 * Reads a JSON file of a given form, and checks that it is unchanged if it contains its digest.
 * @param what what the file is expected to be
 * @throws UserError that names the file and the problem in it
 */
export function parsedFile<T>(path: string, schema: z.ZodType<T>, what: string): T {
  const { data, error } = schema.safeParse(readSealedJson(path, what));
  if (data !== undefined) return data;
  const [{ path: at, message }] = error!.issues as [z.core.$ZodIssue];
  throw new UserError(`${path}: expected ${what}, found a damaged one (${at.join('.')}: ${message})`);
}
