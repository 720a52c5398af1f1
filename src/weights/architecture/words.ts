/** Describes the operations of layers in words, for messages. */
import { printable } from '../../core/errors';
import { rounded } from './caffe/caffe-layers';
import type { Operation } from './description';

/** A layer's operation, in words. */
export function inWords(operation: Operation): string {
  switch (operation.kind) {
    case 'image':
      return 'the image';
    case 'identity':
      return 'nothing';
    case 'end':
      return 'a loss';
    case 'convolution':
      return 'a convolution';
    case 'full':
      return 'a full layer';
    case 'pooling':
      return `${printable(operation.of)} pooling`;
    case 'activation':
      return printable(operation.of);
    case 'responseNormalisation':
      return 'response normalisation';
    case 'batchNormalisation':
      return 'batch normalisation';
    case 'padding':
      return 'padding';
    case 'affine':
      return `a scaling (${rounded(operation.scale)} x + ${rounded(operation.shift)})`;
    case 'concatenation':
      return 'a concatenation';
    case 'other':
      return `${printable(operation.type)}${operation.settings && operation.settings.length <= 40 && !operation.settings.startsWith('[') ? ` (${printable(operation.settings)})` : ''}`;
    default:
      return operation satisfies never;
  }
}
