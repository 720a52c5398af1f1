/** What earlier releases called the fields of `run.json`: runs that they began are read, and go on. */

const ofRun: Readonly<Record<string, string>> = {
  onBadPicture: 'onBadImage',
  skippedPictures: 'skippedImages',
  tuning: 'finetune',
  listing: 'olderFingerprint',
};
const ofFingerprint: Readonly<Record<string, string>> = { pictures: 'images' };
const ofRecipe: Readonly<Record<string, string>> = { versions: 'variants' };

/**
 * A run's record with its fields renamed to their present names. A value that is not a record is returned unchanged.
 */
export function withTodaysNames(record: unknown): unknown {
  if (!isObject(record)) return record;
  const { recipe, olderFingerprint, ...others } = renamed(record, ofRun);
  return {
    ...others,
    ...(recipe !== undefined && { recipe: recipeWithTodaysNames(recipe) }),
    ...(olderFingerprint !== undefined && {
      olderFingerprint: isObject(olderFingerprint)
        ? renamed(olderFingerprint, ofFingerprint)
        : olderFingerprint,
    }),
  };
}

/** As `withTodaysNames`, for a recipe; the keys of its guesses are renamed like its fields. */
function recipeWithTodaysNames(recipe: unknown): unknown {
  if (!isObject(recipe)) return recipe;
  const { guesses, ...others } = renamed(recipe, ofRecipe);
  return {
    ...others,
    ...(guesses !== undefined && { guesses: isObject(guesses) ? renamed(guesses, ofRecipe) : guesses }),
  };
}

function renamed(fields: object, names: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [names[name] ?? name, value]));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
