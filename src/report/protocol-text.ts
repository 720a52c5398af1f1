import { cropCount, type CropProtocol } from '../data/evaluation-crops';

/** An evaluation's protocol in words, for reports. */
export function protocolText(protocol: CropProtocol): string {
  const many = `${cropCount(protocol)} crops of each picture`;
  switch (protocol.kind) {
    case 'centre':
      return `the middle crop of each picture, ${sideText(protocol)}`;
    case 'ten':
      return `${many}, the corners and the middle, and all mirrored; ${sideText(protocol)}`;
    case 'dense':
      return `each picture whole${protocol.mirrored ? ' and mirrored' : ''}, ${sidesText(protocol.sides)}`;
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
