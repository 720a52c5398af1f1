import type { z } from 'zod';
import { UserError } from '../errors';
import type { Recipe } from '../network';
import { recipeSchema } from './recipe-schema';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** What can be set otherwise: all that is a matter of fitting. Data is chosen apart, guesses are the authors' record. */
export const recipeFields: readonly string[] = Object.keys(recipeSchema.shape).filter(
  (field) => field !== 'dataset' && field !== 'guesses',
);

/**
 * A recipe with some fields set otherwise.
 * @param assignments such as `batchSize=64`, `schedule.from=0.002` or `schedule={"kind":"constant","rate":0.01}`
 * @throws UserError for an unknown field, a wrong type or a value without sense, naming the valid ones
 */
export function overridden(recipe: Recipe, assignments: readonly string[]): Recipe {
  const changed = structuredClone(recipe) as unknown as { [key: string]: Json };
  for (const assignment of assignments) assign(changed, assignment);
  return parseRecipe(changed, assignments.join(' '));
}

/** Checks a recipe that comes from outside; `where` names its source in messages. */
export function parseRecipe(recipe: unknown, where: string): Recipe {
  const result = recipeSchema.safeParse(recipe);
  if (!result.success)
    throw new UserError(`recipe (${where}): ${result.error.issues.map(describe).join('; ')}`);
  return result.data;
}

function assign(recipe: { [key: string]: Json }, assignment: string): void {
  const at = assignment.indexOf('=');
  if (at < 1) throw new UserError(`recipe: expected FIELD=VALUE, found ${assignment}`);
  const path = assignment.slice(0, at).split('.');
  let holder: Json = recipe;
  path.forEach((key, depth) => {
    const fields = depth === 0 ? recipeFields : fieldsOf(holder);
    if (!fields.includes(key)) {
      const found = path.slice(0, depth + 1).join('.');
      throw new UserError(
        `recipe: unknown field ${found}; ${depth ? 'its parent' : 'a recipe'} has ${fields.join(', ') || 'none'}`,
      );
    }
    const inner = holder as { [key: string]: Json };
    if (depth < path.length - 1) holder = inner[key]!;
    else inner[key] = valueOf(assignment.slice(at + 1));
  });
}

function fieldsOf(value: Json): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

/** JSON where it is JSON, else the text itself. */
function valueOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const message = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  return issue.path.length ? `${issue.path.join('.')}: ${message}` : message;
}
