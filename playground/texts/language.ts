/** The page's languages: each text stands in all of them, side by side in the table of its part of the page. */
import { usePageState } from '../page-state';

export const languages = ['en', 'zh'] as const;

export type Language = (typeof languages)[number];

/** A text, or what makes one of values, in each language. */
export type Text = Readonly<Record<Language, string | ((...values: never[]) => string)>>;

/** The texts of a part of the page. */
export type Texts = Readonly<Record<string, Text>>;

/** The texts of a table in one language. */
export type In<T extends Texts> = { readonly [Name in keyof T]: T[Name]['en'] };

/** The texts of a table in the page's language. */
export function useTexts<T extends Texts>(table: T): In<T> {
  return inLanguage(table, usePageState().state.language);
}

function inLanguage<T extends Texts>(table: T, language: Language): In<T> {
  const tables = known.get(table) ?? {};
  known.set(table, tables);
  return (tables[language] ??= only(table, language)) as In<T>;
}

/** The tables in each language, by the table of all: they are asked for with each part that is drawn. */
const known = new WeakMap<Texts, Partial<Record<Language, In<Texts>>>>();

function only<T extends Texts>(table: T, language: Language): In<T> {
  return Object.fromEntries(Object.entries(table).map(([name, text]) => [name, text[language]])) as In<T>;
}
