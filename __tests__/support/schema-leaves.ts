import type { z } from 'zod';

/** The parts of zod's definitions that recipes are made of. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly options?: readonly z.ZodType[];
  readonly discriminator?: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly items?: readonly z.ZodType[];
  readonly values?: readonly unknown[];
}

function definitionOf(schema: z.ZodType): Definition {
  return schema.def;
}

/** Everything that a value of a schema may hold: each field, of each kind, and each literal value. */
export function leavesOf(schema: z.ZodType, path = ''): readonly string[] {
  const { type, shape, options, innerType, element, valueType, items, values } = definitionOf(schema);
  switch (type) {
    case 'object':
      return Object.entries(shape!).flatMap(([key, inner]) => leavesOf(inner, `${path}.${key}`));
    case 'union':
      return options!.flatMap((option, index) => leavesOf(option, branchOf(schema, path, index)));
    case 'literal':
      return values!.map((value) => `${path}=${String(value)}`);
    case 'nullable':
      return [`${path}=null`, ...leavesOf(innerType!, path)];
    case 'optional':
      return leavesOf(innerType!, path);
    case 'array':
      return leavesOf(element!, `${path}[]`);
    case 'record':
      return leavesOf(valueType!, `${path}{}`);
    case 'tuple':
      return [...new Set(items!.flatMap((item) => leavesOf(item, `${path}[]`)))];
    case 'number':
    case 'string':
      return [path];
    default:
      throw new RangeError(`${path}: expected a type that the walk knows, found ${type}`);
  }
}

/** Which of `leavesOf` a value holds. */
export function leavesIn(schema: z.ZodType, value: unknown, path = ''): readonly string[] {
  const { type, shape, options, innerType, element, valueType } = definitionOf(schema);
  switch (type) {
    case 'object': {
      const fields = value as Readonly<Record<string, unknown>>;
      return Object.entries(shape!).flatMap(([key, inner]) =>
        fields[key] === undefined ? [] : leavesIn(inner, fields[key], `${path}.${key}`),
      );
    }
    case 'union': {
      const index = options!.findIndex((option) => option.safeParse(value).success);
      return leavesIn(options![index]!, value, branchOf(schema, path, index));
    }
    case 'literal':
      return [`${path}=${String(value)}`];
    case 'nullable':
      return value === null ? [`${path}=null`] : leavesIn(innerType!, value, path);
    case 'optional':
      return leavesIn(innerType!, value, path);
    case 'array':
      return (value as readonly unknown[]).flatMap((one) => leavesIn(element!, one, `${path}[]`));
    case 'record':
      return Object.values(value as object).flatMap((one) => leavesIn(valueType!, one, `${path}{}`));
    case 'tuple':
      return leavesOf(schema, path);
    default:
      return [path];
  }
}

/** The path of one option of a union: its kind, or its number. */
function branchOf(schema: z.ZodType, path: string, index: number): string {
  const { options, discriminator } = definitionOf(schema);
  if (discriminator === undefined) return `${path}|${index}`;
  const [kind] = definitionOf(definitionOf(options![index]!).shape![discriminator]!).values!;
  return `${path}(${String(kind)})`;
}
