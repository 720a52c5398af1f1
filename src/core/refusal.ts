/** Refuses files: messages that name the file, what was expected and what was found. */
import { UserError } from './errors';

/** Says what is wrong with a file; never returns. */
export type Refuse = (expected: string, found: string) => never;

/** @param subject what is refused, such as `net.pth is not a whole zip archive` */
export function refusalOf(subject: string): Refuse {
  return (expected, found) => {
    throw new UserError(`${subject}: expected ${expected}, found ${found}`);
  };
}

/** A name from a file in quotes, for one line. */
export function quoted(name: string): string {
  return JSON.stringify(shortened(name));
}

/** A name from a file for a person to read: whoever chose it commands no terminal. */
export function printable(name: string): string {
  return shortened(name).replaceAll(/\p{C}/gu, '?');
}

function shortened(name: string): string {
  return name.length > 60 ? `${name.slice(0, 57)}...` : name;
}
