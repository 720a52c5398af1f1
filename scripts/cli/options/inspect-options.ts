/** The options of `inspect`. */
import type { Argv } from 'yargs';
import { badImagePolicies } from '../../../src/data/image/bad-image';
import { defaults } from '../../../src/workflows/choices';
import { labels } from './shared-options';

/** What is drawn of an image, and what of a unit. */
export function inspecting<A>(argv: Argv<A>) {
  return argv
    .option('out', { type: 'string', default: 'inspect.png', describe: 'draw into this file, .png or .html' })
    .option('class', {
      type: 'string',
      describe: 'draw for this class, a name or an index (default: the first answer)',
    })
    .option('layers', {
      type: 'string',
      describe: 'draw the maps of these layers, with commas (default: the last layer of each size)',
    })
    .option('maps', {
      type: 'number',
      describe: `maps of each layer, the most excited (default: ${defaults.maps}, or all of fewer)`,
    })
    .option('grad-cam', {
      type: 'string',
      describe: 'the layer of Grad-CAM (default: the last convolution)',
    })
    .option('occluder', {
      type: 'number',
      describe: "side of the square that covers parts, in pixels (default: a sixth of the input's)",
    })
    .option('stride', {
      type: 'number',
      describe: 'pixels from one of its places to the next (default: half its side; 1 up to 32 pixels)',
    })
    .option('fill', { type: 'number', describe: 'its grey, 0 to 255 (default: 128; 0 in one channel)' })
    .option('unit', {
      type: 'string',
      describe: 'LAYER:INDEX, from 0: draw the images of --data that excite it most',
    })
    .option('data', { type: 'string', describe: 'a folder of images, or a data set by its name' })
    .option('top', {
      type: 'number',
      describe: `how many of these images (default: ${defaults.strongest}, or all of fewer)`,
    })
    .option('on-bad-image', {
      choices: badImagePolicies,
      describe: 'what an image of --data does that cannot be read (default: fail)',
    })
    .option('labels', labels);
}
