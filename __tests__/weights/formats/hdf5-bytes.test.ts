import { setTimeout } from 'node:timers/promises';
import { hdf5Bytes } from '../../../src/weights/formats/keras/hdf5';

/** Its arrays go to another thread, so that each call needs its own. */
const group = () => ({
  attributes: { keras_version: '2.15.0' },
  groups: { conv1: { datasets: { kernel: { shape: [2], values: new Float32Array([1, -2]) } } } },
});

it('writes the same file of the same numbers, whenever it is asked', async () => {
  const first = await hdf5Bytes(group());
  await setTimeout(1100); // HDF5's times are in seconds
  expect(Buffer.from(await hdf5Bytes(group())).equals(Buffer.from(first))).toBe(true);
});
