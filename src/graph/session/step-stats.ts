/** Reads how long each node computed from what TensorFlow records of a run. */
import { forEachField, varintAt } from '../../core/io/protobuf-fields';

/** How long a node of a graph computed. */
export interface NodeTime {
  readonly node: string;
  readonly milliseconds: number;
}

/**
 * Reads what TensorFlow noted of a traced run: a `RunMetadata` (`config.proto`, `step_stats.proto`). Nodes that ran at
 * the same time count in full each.
 */
export function nodeTimes(metadata: Uint8Array): NodeTime[] {
  const times: NodeTime[] = [];
  const within = (begin: number, end: number, wanted: number, visit: (from: number, to: number) => void) =>
    forEachField(
      metadata,
      begin,
      end,
      (field, type, from, to) => {
        if (field === wanted && type === 'bytes') visit(from, to);
      },
      refuse,
    );
  within(0, metadata.length, 1, (...stepStats) =>
    within(...stepStats, 1, (...deviceStats) =>
      within(...deviceStats, 2, (...nodeStats) => times.push(nodeTime(metadata, ...nodeStats))),
    ),
  );
  return times;
}

/** Fields of `NodeExecStats`: the name, and nanoseconds from the node's start until its computing begins and ends. */
const fields = { name: 1, begin: 14, end: 15 };

function nodeTime(metadata: Uint8Array, begin: number, end: number): NodeTime {
  let node = '';
  const nanoseconds = new Map<number, number>();
  forEachField(
    metadata,
    begin,
    end,
    (field, type, from, to) => {
      if (field === fields.name && type === 'bytes')
        node = Buffer.from(metadata.subarray(from, to)).toString('utf8');
      if (type === 'varint') nanoseconds.set(field, varintAt(metadata, from, to, refuse).value);
    },
    refuse,
  );
  const time = (nanoseconds.get(fields.end) ?? 0) - (nanoseconds.get(fields.begin) ?? 0);
  return { node, milliseconds: time / 1e6 };
}

function refuse(expected: string, found: string): never {
  throw new Error(`TensorFlow's record of a run: expected ${expected}, found ${found}`);
}
