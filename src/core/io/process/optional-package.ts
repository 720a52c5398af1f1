/** Loads packages with native parts when they are first used: all else works where such a part is missing. */
import { UserError, messageOf } from '../../errors';

/**
 * A package that the first call of the result loads.
 * @param use what the package does here, for the message when it cannot be loaded
 * @returns a function that throws a UserError when the package, or its part for this machine, is not there
 */
export function loadedWhenUsed<Package>(name: string, use: string): () => Package {
  let loaded: Package | undefined;
  return () => (loaded ??= loadPackage(name, use) as Package);
}

function loadPackage(name: string, use: string): unknown {
  try {
    // Not imported, so that bundles for browsers hold nothing of Node: nothing there comes here.
    const { createRequire } = process.getBuiltinModule('node:module');
    return createRequire(__filename)(name) as unknown;
  } catch (error) {
    throw missingPackage(name, use, error);
  }
}

/** The error of a package that cannot be loaded, in one line. */
export function missingPackage(name: string, use: string, error: unknown): UserError {
  const [why] = messageOf(error).trim().split('\n');
  return new UserError(
    `${use}: expected the package ${name}, found that it cannot be loaded (${why}); ` +
      `npm install --include=optional ${name} mends it`,
    { cause: error },
  );
}
