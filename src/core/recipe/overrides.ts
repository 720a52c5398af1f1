/** Assignments such as `epochs=5` that change fields of a recipe. */
import { didYouMean } from '../text/did-you-mean';
import { option } from '../text/wording';
import { recipeFields } from './fields';
import * as z from 'zod';
import { UserError } from '../errors';
import type { Recipe } from '../network';
import { recipeSchema } from './schema';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A command-line option that is short for an assignment. */
export interface OptionAssignment {
  /** The option's name with its dashes. */
  readonly option: string;
  readonly assignment: string;
}

/**
 * A recipe with some fields overridden.
 * @param assignments such as `batchSize=64`, `schedule.from=0.002` or `schedule={"kind":"constant","rate":0.01}`
 * @param options are applied before the assignments
 * @throws UserError for an unknown field, a wrong type or an invalid value (the message names the valid ones), and for
 *   an assignment that a later one overwrites
 */
export function overridden(
  recipe: Recipe,
  assignments: readonly string[],
  options: readonly OptionAssignment[] = [],
): Recipe {
  expectOnce(assignments, options);
  const changed = structuredClone(recipe) as unknown as { [key: string]: Json };
  const all = [...options.map(({ assignment }) => assignment), ...assignments];
  for (const assignment of all) assign(changed, assignment);
  const given = recipeSchema.safeParse(changed).error?.issues ?? [];
  for (const { option, assignment } of options) {
    const issue = given.findLast(({ path }) => path.join('.') === pathOf(assignment));
    if (issue)
      throw new UserError(
        `${option}: ${decapitalised(issue.message)}, found ${assignment.slice(assignment.indexOf('=') + 1)}`,
      );
  }
  return parseRecipe(changed, all.join(' '));
}

/**
 * @throws UserError if an assignment overwrites an earlier one: it sets the same field, or one that contains it
 */
export function expectOnce(assignments: readonly string[], options: readonly OptionAssignment[] = []): void {
  const all = [
    ...options.map(({ option, assignment }) => ({
      path: pathOf(assignment),
      asked: `${option} ${assignment.slice(assignment.indexOf('=') + 1)}`,
    })),
    ...assignments.map((assignment) => ({ path: pathOf(assignment), asked: option('set', assignment) })),
  ];
  all.forEach(({ path, asked }, index) => {
    const later = all.slice(index + 1).find((other) => `${path}.`.startsWith(`${other.path}.`));
    if (later)
      throw new UserError(`recipe: expected ${path} to be set once, found ${asked} and ${later.asked}`);
  });
}

/** The paths that the assignments set: fields and parts of fields, such as `schedule.from`. */
export function pathsSet(assignments: readonly string[]): ReadonlySet<string> {
  return new Set(assignments.map(pathOf));
}

/** Whether one of the paths in the set equals this one, is part of it or contains it. */
export function touches(set: ReadonlySet<string>, path: string): boolean {
  return [...set].some((one) => `${one}.`.startsWith(`${path}.`) || `${path}.`.startsWith(`${one}.`));
}

function pathOf(assignment: string): string {
  return assignment.slice(0, Math.max(0, assignment.indexOf('=')));
}

/** Checks a recipe from an untrusted source; `where` names the source in messages. */
export function parseRecipe(recipe: unknown, where: string): Recipe {
  const result = recipeSchema.safeParse(recipe);
  if (!result.success) throw new UserError(`recipe (${where}): ${reasonsOf(result.error).join('; ')}`);
  return result.data;
}

function assign(recipe: { [key: string]: Json }, assignment: string): void {
  const at = assignment.indexOf('=');
  if (at < 1) throw new UserError(`recipe: expected FIELD=VALUE, found ${assignment}`);
  const path = assignment.slice(0, at).split('.');
  let holder: Json = recipe;
  let schema: z.ZodType = recipeSchema;
  path.forEach((key, depth) => {
    const last = depth === path.length - 1;
    const fields = depth === 0 ? recipeFields : fieldsOf(holder, schema, last);
    if (depth === 0 && key === 'dataset')
      throw new UserError(`recipe: expected data to be named by ${option('data')}, found dataset set`);
    if (fields !== 'any' && !fields.includes(key)) {
      const found = path.slice(0, depth + 1).join('.');
      throw new UserError(
        `recipe: unknown field ${found}; ${depth ? 'its parent' : 'a recipe'} has ${fields.join(', ') || 'none'}${didYouMean(key, fields)}`,
      );
    }
    const inner = holder as { [key: string]: Json };
    schema = partOf(schema, inner, key);
    if (last) setOwn(inner, key, valueOf(assignment.slice(at + 1)));
    else holder = inner[key]!;
  });
}

/** Sets a field, even if its name is special, such as `__proto__`. */
function setOwn(holder: { [key: string]: Json }, key: string, value: Json): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The fields that a value has or, at the end of a path, the fields that it may have. */
function fieldsOf(value: Json, schema: z.ZodType, last: boolean): readonly string[] | 'any' {
  if (typeof value !== 'object' || value === null) return [];
  const own = Object.keys(value);
  if (!last) return own;
  const plain = withKind(schema, value);
  if (plain instanceof z.ZodRecord) return 'any';
  return plain instanceof z.ZodObject ? Object.keys(plain.shape) : own;
}

/** The schema of a field of a value. */
function partOf(schema: z.ZodType, value: Json, key: string): z.ZodType {
  const plain = withKind(schema, value);
  if (plain instanceof z.ZodObject) return (plain.shape[key] as z.ZodType | undefined) ?? z.unknown();
  if (plain instanceof z.ZodArray) return plain.element as z.ZodType;
  return plain instanceof z.ZodRecord ? (plain.valueType as z.ZodType) : z.unknown();
}

/** The schema without its optional and nullable wrappers; of a union, the member that matches the value's kind. */
function withKind(schema: z.ZodType, value: Json): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodNullable
  )
    return withKind(schema.unwrap() as z.ZodType, value);
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const { kind } = value as { readonly kind?: Json };
  const options = schema.options as readonly z.ZodObject[];
  return options.find(({ shape }) => (shape['kind'] as z.ZodType).safeParse(kind).success) ?? schema;
}

/** The parsed JSON if the text is valid JSON, otherwise the text itself. */
function valueOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** One reason for each field: a number above one limit is also above every wider one. */
function reasonsOf({ issues }: z.core.$ZodError): readonly string[] {
  const last = new Map(issues.map((issue) => [issue.path.join('.'), issue]));
  return [...last.values()].map(describe);
}

function describe(issue: z.core.$ZodIssue): string {
  const message = decapitalised(issue.message);
  return issue.path.length ? `${issue.path.join('.')}: ${message}` : message;
}

function decapitalised(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
