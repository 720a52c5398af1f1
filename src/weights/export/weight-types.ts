/** The types in which exports store kernels, for those who only list them. */

/** All other weights, such as biases and the statistics of a normalisation, stay float32. */
export const weightTypes = ['float32', 'float16', 'int8'] as const;
export type WeightsAs = (typeof weightTypes)[number];
