import { codeOf } from '../src/errors';
import { endAsIf } from './interruption';

/**
 * Ends the process quietly when whoever reads its output has gone, as `head` does after ten lines, and lets it go on when
 * the terminal it wrote to is closed.
 */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      const code = codeOf(error);
      if (code === 'EPIPE') endAsIf('SIGPIPE');
      else if (code !== 'EIO') throw error;
    });
  }
}

/** As `exitAfterOutput`, where nothing may happen meanwhile. */
export function endAfterOutput(code: number): Promise<never> {
  exitAfterOutput(code);
  return new Promise(() => {});
}

/** Ends the process once all that was written has been read: Node would drop what does not fit in a pipe. */
export function exitAfterOutput(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}
