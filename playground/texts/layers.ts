/** What each kind of layer does, in a sentence and as a formula. */
import type { Text, Texts } from './language';

/** A kind of layer in words. */
interface LayerText {
  readonly says: Readonly<Record<'en' | 'zh', string>> & Text;
  readonly formula: string;
}

/** By the class of the layer that computes the sums. */
export const layerTexts: Readonly<Record<string, LayerText>> = {
  Conv2D: {
    says: {
      en: 'Each map looks for one feature: the same kernel at every place.',
      zh: '每个特征图寻找一种特征：在每个位置使用同一个卷积核。',
    },
    formula: 'a = Σ w·x + b',
  },
  SubsetConv2D: {
    says: {
      en: 'Each map combines features of some of the maps below, by a table of connections.',
      zh: '每个特征图按照连接表组合下层部分特征图的特征。',
    },
    formula: 'a = Σ wᵢ·xᵢ + b',
  },
  GroupedConv2D: {
    says: {
      en: 'Each half of the maps reads one half of the maps below, as on two graphics cards.',
      zh: '每一半特征图只读取下层的一半特征图，如同分布在两块显卡上。',
    },
    formula: 'a = Σ w·x + b',
  },
  LearnedCombination: {
    says: {
      en: 'Each map is a combination of convolved maps whose shares are learned.',
      zh: '每个特征图是若干卷积结果的组合，组合比例由学习得到。',
    },
    formula: 'aⱼ = Σᵢ αᵢⱼ (xᵢ ∗ kᵢ) + bⱼ',
  },
  Subsample: {
    says: {
      en: 'Each map is made half as tall and wide: a feature’s exact place counts less.',
      zh: '特征图的高与宽各减半：特征的确切位置变得不那么重要。',
    },
    formula: 'a = c·(x₁ + x₂ + x₃ + x₄) + b',
  },
  MaxPooling2D: {
    says: { en: 'The strongest response of each window is kept.', zh: '保留每个窗口中最强的响应。' },
    formula: 'y = max x',
  },
  AveragePooling2D: {
    says: { en: 'Each window is replaced by its mean.', zh: '每个窗口以其平均值代替。' },
    formula: 'y = (Σ x) / n',
  },
  CeilPool: {
    says: {
      en: 'Windows are pooled, the last of them over the edge, as in cuda-convnet and Caffe.',
      zh: '对窗口做池化，最后的窗口可越过边缘，与 cuda-convnet 和 Caffe 相同。',
    },
    formula: 'y = max x, or the mean',
  },
  GlobalAveragePooling2D: {
    says: { en: 'Each map becomes one number, its mean.', zh: '每个特征图变为一个数，即其平均值。' },
    formula: 'y = (Σ x) / n',
  },
  Lrn: {
    says: {
      en: 'Strong responses dampen those of neighbouring maps at the same place.',
      zh: '强响应会抑制同一位置上相邻特征图的响应。',
    },
    formula: 'bᵢ = aᵢ / (k + α Σ aⱼ²)^β',
  },
  Dense: {
    says: { en: 'Each unit reads all of the layer below.', zh: '每个单元读取下层的全部内容。' },
    formula: 'a = Σ w·x + b',
  },
  Rbf: {
    says: {
      en: 'Each class measures how far the layer below is from its code.',
      zh: '每一类测量下层与其编码的距离。',
    },
    formula: 'yᵢ = Σⱼ (xⱼ − wᵢⱼ)²',
  },
  Concatenate: {
    says: { en: 'The branches’ maps are laid side by side.', zh: '将各分支的特征图并排连接。' },
    formula: 'y = [x, x′, …]',
  },
  SCells: {
    says: {
      en: 'S-cells respond to the features that they have learned, unless a cell of inhibition outweighs them.',
      zh: 'S 细胞对学到的特征作出响应，除非抑制细胞压过它们。',
    },
    formula: 'u = r·φ((1 + Σ a·u) / (1 + 2r/(1+r)·b·v) − 1)',
  },
  CCells: {
    says: {
      en: 'C-cells respond wherever in their field the S-cells of a plane do.',
      zh: '只要感受野中任一处的 S 细胞响应，C 细胞就响应。',
    },
    formula: 'u = ψ((1 + Σ d·u) / (1 + v) − 1)',
  },
};

/** How the functions after a sum are written. */
export const functionTexts: Readonly<Record<string, string>> = {
  ScaledTanh: '1.7159 tanh(2a/3)',
  ReLU: 'max(0, a)',
  relu: 'max(0, a)',
  softmax: 'softmax',
};

/** What units are called. */
export const unitTexts = {
  unitAt: {
    en: (layer: string, map: number, row: number, column: number) =>
      `${layer}, map ${map}, row ${row}, column ${column}`,
    zh: (layer: string, map: number, row: number, column: number) =>
      `${layer}，特征图 ${map}，第 ${row} 行，第 ${column} 列`,
  },
  vectorUnit: {
    en: (layer: string, unit: number) => `${layer}, unit ${unit}`,
    zh: (layer: string, unit: number) => `${layer}，单元 ${unit}`,
  },
} as const satisfies Texts;
