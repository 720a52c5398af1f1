/** What the published networks were trained on, as far as it decides a network's size or a recipe's meaning. */
export interface PublishedSet {
  readonly classes: number;
  /** Images that its authors set aside for training. */
  readonly trainingImages: number;
}

// Russakovsky et al. 2015, Table 2
const ilsvrc2012 = { classes: 1000, trainingImages: 1_281_167 };

/** By the names that recipes use. */
export const publishedSets: Readonly<Record<string, PublishedSet>> = {
  // Drawn by the program; as many as it draws unasked
  digits: { classes: 10, trainingImages: 8_000 },
  mnist: { classes: 10, trainingImages: 60_000 },
  'fashion-mnist': { classes: 10, trainingImages: 60_000 },
  // LeCun et al. 1989: digits from zip codes
  usps: { classes: 10, trainingImages: 7_291 },
  cifar10: { classes: 10, trainingImages: 50_000 },
  cifar100: { classes: 100, trainingImages: 50_000 },
  // Netzer et al. 2011: 73,257 for training and 531,131 further ones
  svhn: { classes: 10, trainingImages: 604_388 },
  ilsvrc2012,
};
