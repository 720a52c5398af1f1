/** Reads a JSON file that another program wrote. */
import { readFileSync } from 'node:fs';
import { UserError, messageOf } from '../../../src/core/errors';
import { readJson } from '../../../src/core/io/json-text';

/**
 * The value in a JSON file.
 * @param what it holds, for messages
 * @throws UserError when it cannot be read, or is no JSON
 */
export function jsonFile(path: string, what: string): unknown {
  let text: Uint8Array;
  try {
    text = readFileSync(path);
  } catch (error) {
    throw new UserError(`${path}: expected ${what}, cannot be read: ${messageOf(error)}`);
  }
  return readJson(text, path);
}
