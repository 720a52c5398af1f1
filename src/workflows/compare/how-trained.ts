/** How the weights that a report is on were trained, read from the records beside it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { sha256OfJson } from '../../core/io/hash';
import type { Recipe } from '../../core/network';
import { parseRecipe } from '../../core/recipe/overrides';
import { isCrop } from '../../data/augment/random-crop';
import type { HowTrained } from '../../report/compare';
import { parsedFile } from '../../report/report-file';
import { withTodaysNames } from '../../train/run/older-names';
import { runFiles } from '../../train/run/run-record';
import { stretched } from '../../train/schedule';
import { modelFiles } from '../../weights/model-folder';
import { networkOf, type Zoo } from '../context';

/** What is read back of `network.json`. */
export const modelSchema = z.looseObject({
  network: z.string().default(''),
  classes: z.int().positive().exactOptional(),
  seed: z.int().exactOptional(),
  missing: z.array(z.string()).default([]),
  source: z.discriminatedUnion('kind', [
    z.looseObject({ kind: z.literal('imported'), file: z.string() }),
    z.looseObject({
      kind: z.literal('fineTuned'),
      from: z.looseObject({ file: z.string().exactOptional(), kind: z.string().exactOptional() }),
    }),
    z.looseObject({ kind: z.literal('trained'), recipe: z.unknown(), data: z.string().exactOptional() }),
  ]),
});

/** How the weights in a folder were trained; empty of imported ones. A stretched schedule does not count as changed. */
export function howTrained(zoo: Zoo, folder: string): HowTrained {
  const file = join(folder, runFiles.record);
  if (!existsSync(file)) return howModelTrained(zoo, folder);
  const record = withTodaysNames(parsedFile(file, runSchema, "a run's record"));
  const { network, recipe: found, seed, data, classes, finetune, start, ...of } = runSchema.parse(record);
  const recipe = parseRecipe(found, file);
  const { validationImages, validationSplit, trainingImages, patience } = of;
  const { sha256, frozen } = finetune ?? {};
  const held = { validationImages, validationSplit, trainingImages, patience };
  return {
    ...(!finetune && { changed: changedFields(networkOf(zoo, network, file).recipe, recipe) }),
    ...trainedBy(seed, recipe, { network, data, classes, ...held, sha256, frozen, start }),
  };
}

/** The same for a model folder that keeps how its weights were trained. */
function howModelTrained(zoo: Zoo, folder: string): HowTrained {
  const file = join(folder, modelFiles.record);
  if (!existsSync(file)) return {};
  const { source, network, seed, classes } = parsedFile(file, modelSchema, 'the record of a model');
  if (source.kind !== 'trained') return {};
  const recipe = parseRecipe(source.recipe, file);
  return {
    changed: changedFields(networkOf(zoo, network, file).recipe, recipe),
    ...trainedBy(seed, recipe, { network, data: source.data, classes }),
  };
}

/** @param also what decides, besides the recipe, what a training with some seed finds */
function trainedBy(seed: number | undefined, recipe: Recipe, also: object): HowTrained {
  const { guesses: _, ...fields } = recipe;
  return {
    ...(seed !== undefined && { seed }),
    distorted: recipe.augment.some((step) => !isCrop(step)),
    trainedAlike: sha256OfJson([fields, also]).slice(0, 12),
  };
}

function changedFields(usual: Recipe, recipe: Recipe): readonly string[] {
  const own: Recipe = stretched(usual, recipe.epochs);
  const { guesses: _, dataset: __, input: ___, ...fields } = { ...own, ...recipe };
  const same = (field: keyof typeof fields) => JSON.stringify(own[field]) === JSON.stringify(recipe[field]);
  return (Object.keys(fields) as (keyof typeof fields)[]).filter((field) => !same(field));
}

const runSchema = z.looseObject({
  network: z.string(),
  data: z.string().exactOptional(),
  classes: z.int().exactOptional(),
  recipe: z.unknown(),
  seed: z.int().exactOptional(),
  validationImages: z.int().exactOptional(),
  validationSplit: z.number().exactOptional(),
  trainingImages: z.int().exactOptional(),
  patience: z.int().exactOptional(),
  start: z.unknown().optional(),
  finetune: z
    .looseObject({ sha256: z.string().exactOptional(), frozen: z.array(z.string()).exactOptional() })
    .exactOptional(),
});
