/** Features as safetensors: `features` `[rows, width]`, `labels` `[rows]`, and the names as JSON in the metadata. */
import { bounds } from '../../../../core/bounds';
import { UserError } from '../../../../core/errors';
import { fillAtomically } from '../../../../core/io/files';
import { bytesOf } from './npy';
import type { FeatureFacts, FeatureWriter } from './feature-file';

export const safetensorsWriter: FeatureWriter = {
  write: (out, facts, batches) =>
    fillAtomically(out, async (file) => {
      // The header stands first, and is known at the end; with every name and the longest numbers it is longest.
      const all = [...facts.files()];
      const longest = headerOf(facts, all, all.length).length;
      if (longest > bounds.safetensors.header) {
        throw new UserError(
          `${out}: expected names that fit into the format's header of ${bounds.safetensors.header} bytes, ` +
            `found ${all.length} names of ${longest} bytes; .npy, .npz and .csv have no such bound`,
        );
      }
      const length = Math.ceil(longest / 8) * 8;
      const space = Buffer.alloc(8 + length, ' ');
      space.writeBigUInt64LE(BigInt(length), 0);
      await file.write(space);
      const files: string[] = [];
      const labels: Int32Array[] = [];
      for await (const batch of batches) {
        for (const name of batch.files) files.push(name);
        if (batch.labels) labels.push(batch.labels);
        await file.write(bytesOf(batch.features));
      }
      for (const some of labels) await file.write(bytesOf(some));
      await file.replace(headerOf(facts, files, files.length), 8);
    }),
};

function headerOf(facts: FeatureFacts, files: readonly string[], rows: number): Buffer {
  const { model, network, layer, shape, pool, width, classes } = facts;
  const end = 4 * rows * width;
  const header = {
    __metadata__: {
      ...{ model, network, layer, shape: JSON.stringify(shape) },
      ...(shape.length === 3 && (pool === null ? { order: 'height, width, maps' } : { pool })),
      files: JSON.stringify(files),
      ...(classes && { classes: JSON.stringify(classes) }),
    },
    features: { dtype: 'F32', shape: [rows, width], data_offsets: [0, end] },
    ...(classes && { labels: { dtype: 'I32', shape: [rows], data_offsets: [end, end + 4 * rows] } }),
  };
  return Buffer.from(JSON.stringify(header));
}
