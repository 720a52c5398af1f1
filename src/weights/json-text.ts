import { messageOf } from '../errors';
import { refusalOf } from './refusal';

/** Far more than any network's description; more would hold up whoever reads it. */
const mostBytes = 64 * 2 ** 20;

/**
 * The value that a JSON text stands for.
 * @throws UserError when it is none, or too long
 */
export function readJson(text: Uint8Array, where: string): unknown {
  const refuse = refusalOf(where);
  if (text.length > mostBytes) refuse(`JSON of at most ${mostBytes} bytes`, String(text.length));
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (error) {
    return refuse('JSON', `something else (${messageOf(error).split('\n')[0]!.slice(0, 80)})`);
  }
}

/** The member of an object, or nothing where the value is no object or has no such member of its own. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
