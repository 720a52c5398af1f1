import { z } from 'zod';
import { conventions } from '../weights/toolkit-layout';

export const tuningSchema = z.strictObject({
  /** The file or folder whose weights it starts from, as it was asked for. */
  weights: z.string(),
  /** Whose names a file uses, where that was said. */
  names: z.enum(conventions).exactOptional(),
  /** Of the weights in it, so that a run that goes on starts from the same or not at all. */
  sha256: z.string(),
  /** Where those are from: plain data, for people. */
  source: z.record(z.string(), z.unknown()),
  /** Layers that keep their weights. */
  frozen: z.array(z.string()),
  /** Whether what frozen layers make of the images was computed once. */
  features: z.boolean(),
  /** Of a head that is solved: whether it is solved once more with the images that chose the weight decay. */
  withValidation: z.literal(true).exactOptional(),
});

/** What `run.json` says of a fine-tuning. */
export type Tuning = Readonly<z.infer<typeof tuningSchema>>;
