import {
  againstBest,
  median,
  peersByDevice,
  peersSummary,
  peersTables,
  ratioOf,
  type PeerBench,
} from '../../../src/report/bench/peers';

const bench: PeerBench = {
  network: 'lenet5',
  batch: 32,
  precision: 'float32',
  timed: [
    { name: 'ours', side: 'ours', training: [4, 5, 4], inference: [2, 2, 2], scoreDifference: 0 },
    { name: 'Keras', side: 'peer', training: [6, 6, 6], inference: [1, 1, 1], scoreDifference: 1e-7 },
    { name: 'PyTorch', side: 'peer', training: [5, 5, 9], inference: [3, 3, 3], scoreDifference: 1e-7 },
    { name: 'tfjs-node', side: 'stock', training: [8, 10, 16], inference: [8, 8, 8], scoreDifference: 0 },
  ],
};

it('the median of an even number of values is the mean of the middle two', () => {
  expect(median([9, 1, 4])).toBe(4);
  expect(median([9, 1, 4, 2])).toBe(3);
});

it('a ratio is taken round by round', () => {
  // 5/4, 5/5, 9/4
  expect(ratioOf([4, 5, 4], [5, 5, 9])).toEqual({ median: 1.25, least: 1, most: 2.25 });
  expect(() => ratioOf([4], [])).toThrow('expected as many rounds of both, one at least, found 1 and 0');
});

it('ours is set against the faster of Python’s, which may be another for inference', () => {
  expect(againstBest(bench, 'peer', 'training')).toMatchObject({ name: 'PyTorch', ratio: { median: 1.25 } });
  expect(againstBest(bench, 'peer', 'inference')).toMatchObject({ name: 'Keras', ratio: { median: 0.5 } });
  expect(againstBest(bench, 'stock', 'training')).toMatchObject({ ratio: { median: 2, least: 2, most: 4 } });
});

it('the table gives images a second and the ratios with their range', () => {
  const [training, inference] = peersTables([bench]).split('Inference');
  expect(training).toContain(
    '| `lenet5`, 32, float32 | 8,000 | 5,333 | 6,400 | 3,200 | **1.25** (1.00 to 2.25) |',
  );
  expect(inference).toContain('**0.50** (0.50 to 0.50) |');
});

describe('comparisons of several devices', () => {
  const cpu = { cpu: 'one', cores: 2 };
  const benches = [
    { ...bench, machine: cpu, commit: 'aaa' },
    { ...bench, machine: { ...cpu, gpu: 'other' }, commit: 'bbb', precision: 'float16' },
    { ...bench, machine: { ...cpu, gpu: 'other' }, commit: 'bbb' },
  ];

  it('stand side by side in the summary, training before inference', () => {
    const [head, , row] = peersSummary(benches).split('\n');
    expect(head).toBe(
      '| network, batch | CPU, float32 | GPU, float32 | GPU, float16 | over stock tfjs-node: CPU, float32 | over stock tfjs-node: GPU, float32 |',
    );
    expect(row).toBe(
      '| `lenet5`, 32 | 1.25 / 0.50 | 1.25 / 0.50 | 1.25 / 0.50 | 2.00 / 4.00 | 2.00 / 4.00 |',
    );
  });

  it('have tables of their own in full', () => {
    const text = peersByDevice(benches);
    expect(text.match(/^On .*$/gm)).toEqual([
      'On one, 2 cores, at `aaa`.',
      'On other, one, 2 cores, at `bbb`.',
    ]);
    expect(text.match(/`lenet5`, 32, float16/g)).toHaveLength(2);
  });
});
