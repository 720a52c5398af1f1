import { shellWords } from '../src/shell-words';
import { callerWords } from './npm-run';

/** A command of this program that can be copied into the shell it was called from. */
export function commandToCopy(command: string, ...words: readonly string[]): string {
  return shellWords([...callerWords(command), ...words]);
}
