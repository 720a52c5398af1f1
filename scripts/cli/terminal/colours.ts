/** Colours on standard error, where the terminal has them. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/**
 * Whether what is written to a stream may have colours: `NO_COLOR` forbids them, `FORCE_COLOR` asks for them also on
 * pipes unless it is 0, and else the terminal tells.
 * @param stream standard error or standard output
 */
export function hasColours(
  stream: Pick<NodeJS.WriteStream, 'isTTY'> & Partial<Pick<NodeJS.WriteStream, 'hasColors'>>,
  { NO_COLOR, FORCE_COLOR }: NodeJS.ProcessEnv = process.env,
): boolean {
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false; // https://no-color.org
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY && (stream.hasColors?.() ?? false);
}

/** A text for standard error in a style, or as it is. The text must have no characters that control the terminal. */
export function styled(style: Style, text: string): string {
  // Whether there are colours was decided above, on every version of Node by the same rule.
  return hasColours(process.stderr) ? styleText(style, text, { validateStream: false }) : text;
}
