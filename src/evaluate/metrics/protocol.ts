/** Evaluation protocols: how many crops, scales and networks see an image, in evaluations and in papers. */
import type { PublishedResult } from '../../core/network';
import type { Evaluation } from '../evaluate';
import { cropCount, type CropProtocol } from '../../data/augment/evaluation-crops';

/** How many crops, scales and networks a protocol uses. */
interface Looks {
  /** Null where the source does not say. */
  readonly crops: number | null;
  /** Scales at which whole images are seen; 0 where crops are. */
  readonly scales: number;
  readonly networks: number;
}

const numerals: Readonly<Record<string, number>> = { one: 1, two: 2, three: 3, five: 5, seven: 7, ten: 10 };

/** Whether a published error was measured with the same numbers of crops, scales and networks as an evaluation. */
export function sameProtocol(
  { protocol }: PublishedResult,
  report: Partial<Pick<Evaluation, 'crops' | 'networks' | 'protocol'>>,
): boolean {
  const [theirs, ours] = [looksOf(protocol), looksOfReport(report)];
  if (!theirs) return false;
  if (theirs.networks !== ours.networks || theirs.scales !== ours.scales) return false;
  return theirs.crops === null || theirs.crops === ours.crops;
}

/**
 * Parses a protocol in the words of papers: `one network, ten crops`, `50 crops at three scales`, `dense, three
 * scales`; null for a mixture.
 */
function looksOf(protocol: string): Looks | null {
  if (/crops and dense/.test(protocol)) return null;
  const number = (what: string) => {
    const [, found] = new RegExp(`(\\w+) ${what}`).exec(protocol) ?? [];
    return found === undefined ? null : (numerals[found] ?? Number(found));
  };
  const networks = number('(?:model|network|net)s?\\b') ?? 1;
  const scales = number('scales?\\b') ?? 1;
  if (/\bdense\b/.test(protocol)) return { crops: null, scales, networks };
  const crops = number('crops?\\b');
  return { crops: crops && crops * scales, scales: 0, networks };
}

function looksOfReport({
  crops = 1,
  networks = 1,
  protocol = '',
}: Partial<Pick<Evaluation, 'crops' | 'networks' | 'protocol'>>): Looks {
  const whole = /^each (image|picture) whole/.test(protocol); // earlier releases said `picture`
  return { crops: whole ? null : crops, scales: whole ? crops / 2 : 0, networks };
}

/** An evaluation's protocol in words, for reports. */
export function protocolText(protocol: CropProtocol): string {
  const many = `${cropCount(protocol)} crops of each image`;
  switch (protocol.kind) {
    case 'centre':
      return `the middle crop of each image, ${sideText(protocol)}`;
    case 'ten':
      return `${many}, the corners and the middle, and all mirrored; ${sideText(protocol)}`;
    case 'dense':
      return `each image whole${protocol.mirrored ? ' and mirrored' : ''}, ${sidesText(protocol.sides)}`;
    case 'grid':
      return `${many}, 5x5 places and all mirrored; ${sidesText(protocol.sides)}`;
    case 'squares':
      return `${many}, six of each of three squares and all mirrored; ${sidesText(protocol.sides)}`;
  }
}

function sideText({ side, longSide = 'kept' }: Extract<CropProtocol, { readonly side: unknown }>): string {
  if (side === 'none') return 'not resized';
  const longer = { kept: '', cropped: ', of its middle square', squeezed: ', both sides brought to it' };
  return sidesText([side]) + longer[longSide];
}

function sidesText(sides: readonly number[]): string {
  return `shorter side ${sides.join(', ')}`;
}
