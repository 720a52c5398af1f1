/** The line at the foot of the terminal that shows progress and is written over. */
import { visibleLine } from '../../src/core/text/visible-text';

/** A line at the foot of a terminal that is written over, and lines above it that stay. */
export interface StatusLine {
  /** Whether there is a terminal that can. */
  readonly shows: boolean;
  /** Writes over the line, where there is a terminal that can: the first of some texts that fits in its width. */
  show(...texts: readonly [string, ...string[]]): void;
  /** Takes the line away, and puts one that stays in its place. */
  say(line: string): void;
  /** Takes the line away. */
  clear(): void;
}

/** How often the line is written at most. */
export const statusMilliseconds = 250;

/** Whether there is a line at the foot of the terminal now. */
let shown = false;

/** On standard error. Where that is no terminal, a simple one or that of continuous integration, only lines that stay are written. */
export function statusLine(): StatusLine {
  const shows = process.stderr.isTTY === true && process.env['TERM'] !== 'dumb' && !process.env['CI'];
  return {
    shows,
    show: (...texts) => {
      if (!shows) return;
      const room = (process.stderr.columns || 80) - 1; // in the last column some terminals go on to the next line
      const lines = texts.map(visibleLine);
      const fitting = lines.find((line) => line.length <= room) ?? wholeWords(lines.at(-1)!, room);
      process.stderr.write(`\r${fitting}\u001B[K`);
      shown = true;
    },
    say: (line) => {
      clearStatus();
      process.stderr.write(`${visibleLine(line)}\n`);
    },
    clear: clearStatus,
  };
}

/** As many words as fit: of a number that is cut, nobody sees that it is. */
function wholeWords(line: string, room: number): string {
  return line.slice(0, Math.max(0, line.lastIndexOf(' ', room)));
}

/** Takes the line at the foot away, before anything else is written. */
export function clearStatus(): void {
  if (shown) process.stderr.write('\r\u001B[K');
  shown = false;
}

/** A share as a bar of so many characters. */
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
