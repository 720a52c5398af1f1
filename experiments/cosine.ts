/** A rate that falls from its first to nothing, along half a cosine; as what an experiment or a candidate changes. */
export const cosine = (from: number) => ({ schedule: { kind: 'cosine', from, to: 0 } }) as const;
