/** The protocols of the papers by which several crops of an image are evaluated, by name: see `CropProtocol`. */
export const cropKinds = ['centre', 'ten', 'dense', 'grid', 'squares'] as const;

/** One of `cropKinds`. */
export type CropKind = (typeof cropKinds)[number];
