/** The line at the bottom of the terminal that shows progress and is overwritten. */
import { isSilent } from '../ranks/this-rank';
import { styled } from './colours';
import { widthOf } from '../../../src/core/text/columns';
import { visibleLine } from '../../../src/core/text/visible-text';

/** A line at the bottom of a terminal that is overwritten, and lines above it that stay. */
export interface StatusLine {
  /** Whether the output is a terminal on which a line can be overwritten. */
  readonly shows: boolean;
  /**
   * Overwrites the line with the first of several texts that fits the terminal's width; does nothing without a
   * terminal.
   */
  show(...texts: readonly [string, ...string[]]): void;
  /** Removes the line, and prints one that stays in its place. */
  say(line: string): void;
  /** Removes the line. */
  clear(): void;
}

/** The shortest time between two updates of the line. */
export const statusMilliseconds = 250;

/** Whether there is a status line on the terminal now. */
let shown = false;

/**
 * Writes to standard error. If that is not a terminal, is a simple one, or belongs to continuous integration, only the
 * lines that stay are written.
 */
export function statusLine(): StatusLine {
  const shows = process.stderr.isTTY === true && process.env['TERM'] !== 'dumb' && !process.env['CI'];
  return {
    shows,
    show: (...texts) => {
      if (!shows || isSilent()) return;
      const room = (process.stderr.columns || 80) - 1; // some terminals wrap after the last column
      const lines = texts.map(visibleLine);
      const fitting = lines.find((line) => widthOf(line) <= room) ?? wholeWords(lines.at(-1)!, room);
      const coloured = fitting.replace(/█+/, (done) => styled('green', done));
      process.stderr.write(`\r${coloured}\u001B[K`);
      shown = true;
    },
    say: (line) => {
      if (isSilent()) return;
      clearStatus();
      process.stderr.write(`${visibleLine(line)}\n`);
    },
    clear: clearStatus,
  };
}

/** As many whole words as fit: if a number were cut, nobody would notice. */
function wholeWords(line: string, room: number): string {
  return line.slice(0, Math.max(0, line.lastIndexOf(' ', room)));
}

/** Removes the status line before anything else is written. */
export function clearStatus(): void {
  if (shown) process.stderr.write('\r\u001B[K');
  shown = false;
}

/** A fraction drawn as a bar of the given number of characters. */
export function bar(share: number, width: number): string {
  const full = Math.round(width * Math.min(Math.max(share, 0), 1));
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** `3 h 20 min left`, `4 min left`, `12 s left`. */
export function timeLeft(seconds: number): string {
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 60) return `${Math.ceil(seconds)} s left`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes} min left`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}

/** `0.4 s`, `12 s`, `4 min 10 s`, `3 h 20 min`. */
export function timeText(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
