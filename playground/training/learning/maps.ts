/** The kernels of a model that is learning, as maps. */
import type { tf } from '../../../browser';
import { SCells } from '../../../src/layers/neocognitron/s-cells';
import type { LayerMaps } from '../messages';

/** The kernels of the first layer; of a neocognitron, those of all its layers of S-cells. */
export async function layerMaps(model: tf.LayersModel): Promise<readonly LayerMaps[]> {
  const competitive = model.layers.filter((layer) => layer instanceof SCells);
  const convolution = model.layers.find(({ weights }) => weights[0]?.shape.length === 4)!;
  return Promise.all((competitive.length > 0 ? competitive : [convolution]).map(mapsOf));
}

async function mapsOf(layer: tf.layers.Layer): Promise<LayerMaps> {
  const [kernel, second] = layer.weights;
  const [side, , reads, count] = kernel!.shape as [number, number, number, number];
  const values = await kernel!.read().data<'float32'>();
  return {
    ...{ layer: layer.name, side, reads },
    maps: Array.from({ length: count }, (_, map) => summedKernel(values, side ** 2, reads, map)),
    inhibition: layer instanceof SCells ? (await second!.read().data<'float32'>()).slice() : null,
  };
}

/**
 * A map's kernel, summed over the maps that it reads.
 * @param values `[places, reads, maps]`
 */
export function summedKernel(values: Float32Array, places: number, reads: number, map: number): Float32Array {
  const maps = values.length / places / reads;
  return Float32Array.from({ length: places }, (_, place) => {
    let sum = 0;
    for (let read = 0; read < reads; read++) sum += values[(place * reads + read) * maps + map]!;
    return sum;
  });
}
