/** Reads a JSON file that another program wrote. */
import { readFileSync } from 'node:fs';
import { UserError, messageOf } from '../../../src/core/errors';
import { readJson } from '../../../src/core/io/json-text';

/**
 * The value in a JSON file.
 * @param what a description of the content, for messages
 * @throws UserError when the file cannot be read, or is not JSON
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
