/** The names of the trained weights that come with the package, for those who only list them. */

/** The trained weights that come with the package, each a model folder in `trained/`. */
export const trainedNames = ['lecun1989', 'lenet1', 'lenet5', 'lenet5-distorted'] as const;
/** A name of such weights. */
export type TrainedName = (typeof trainedNames)[number];
