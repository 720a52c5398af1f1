/** Recognises networks of other zoos by names that only their files have: for messages, never for reading a file. */
import type { ForeignTensor } from '../formats/foreign-weights';

interface KnownNetwork {
  readonly what: string;
  /** Names that must all be present. */
  readonly has: readonly RegExp[];
  readonly lacks?: RegExp;
}

/** The first entry that fits is used. Names are written as `ForeignWeights` has them for each toolkit. */
const known: readonly KnownNetwork[] = [
  // torchvision.models.detection, .segmentation: before the ResNets that they contain
  { what: 'a detector of torchvision (Faster R-CNN or its kin)', has: [/^(?:rpn|roi_heads)\./] },
  { what: 'a detector of torchvision', has: [/^head\.(?:classification_head|regression_head)\./] },
  {
    what: 'a network for segmentation of torchvision',
    has: [/^backbone\.(?:layer1|features?|0)\./, /^classifier\.\d/],
  },
  { what: 'an SSD', has: [/^(?:loc|vgg)\.0\.weight$/, /^conf\.0\.weight$/] },
  { what: 'an SSD', has: [/mbox_(?:loc|conf)/] },
  { what: 'a YOLO of Ultralytics', has: [/^model\.0\.conv\.weight$/, /^model\.2\./] },
  { what: 'a Faster R-CNN', has: [/^(?:rpn_cls_score|bbox_pred)/] },
  { what: 'a fully convolutional network for segmentation', has: [/^(?:score_fr|upscore|score_pool4)/] },
  { what: 'a U-Net', has: [/^(?:inc|down1|downs\.0|encoder1|up1)\b.*conv/i] },
  { what: 'a CLIP model', has: [/^visual\.(?:conv1|class_embedding)/] },
  { what: 'a language model', has: [/(?:^|\.)(?:word_embeddings|embed_tokens|wte|tok_embeddings)\.weight$/] },
  // torchvision.models, and timm if it uses the same names
  { what: 'torchvision’s DenseNet', has: [/^features\.denseblock1\.denselayer1\./] },
  { what: 'torchvision’s SqueezeNet', has: [/^features\.\d+\.squeeze\.weight$/] },
  { what: 'torchvision’s Inception v3', has: [/^Mixed_5b\.branch1x1\.conv\.weight$/] },
  { what: 'torchvision’s MobileNet v2', has: [/^features\.1\.conv\.0\.0\.weight$/] },
  { what: 'torchvision’s EfficientNet', has: [/^features\.1\.0\.block\.0\.0\.weight$/] },
  { what: 'torchvision’s MobileNet v3', has: [/^features\.1\.block\.0\.0\.weight$/] },
  { what: 'torchvision’s ConvNeXt', has: [/^features\.1\.0\.layer_scale$/] },
  { what: 'torchvision’s Swin transformer', has: [/^features\.1\.0\.attn\.relative_position/] },
  { what: 'torchvision’s vision transformer (ViT)', has: [/^encoder\.layers\.encoder_layer_0\./] },
  { what: 'torchvision’s ShuffleNet v2', has: [/^stage2\.0\.branch2\.0\.weight$/] },
  { what: 'torchvision’s RegNet', has: [/^trunk_output\.block1\./] },
  { what: 'torchvision’s MNASNet', has: [/^layers\.8\.0\.layers\.0\.weight$/] },
  {
    what: 'a VGG with batch normalisation',
    has: [/^features\.0\.weight$/, /^features\.1\.running_mean$/, /^(?:classifier|pre_logits)\./],
  },
  { what: 'timm’s vision transformer (ViT)', has: [/^cls_token$/, /^blocks\.0\.attn\.qkv\.weight$/] },
  { what: 'timm’s Swin transformer', has: [/^layers\.0\.blocks\.0\.attn\.relative_position_bias_table$/] },
  { what: 'timm’s ConvNeXt', has: [/^stages\.0\.blocks\.0\.(?:gamma|conv_dw\.weight)$/] },
  { what: 'timm’s EfficientNet or MobileNet v3', has: [/^conv_stem\.weight$/, /^blocks\.0\.0\./] },
  { what: 'an SE-ResNet', has: [/^layer1\.0\.se(?:_module)?\./] },
  // keras.applications
  {
    what: 'Keras’s ResNet',
    has: [/^conv1_conv\/kernel$/, /^conv2_block1_1_conv\/kernel$/],
    lacks: /^conv2_block1_0_bn\/|conv2_block24_/,
  },
  { what: 'Keras’s ResNet', has: [/^conv1_conv\/kernel$/, /^conv2_block1_0_conv\/kernel$/] },
  { what: 'Keras’s ResNet', has: [/^res2a_branch2a\/kernel$/] },
  {
    what: 'Keras’s DenseNet',
    has: [/^conv1\/conv\/kernel$|^conv1_conv\/kernel$/, /^conv2_block1_0_bn\/|^conv2_block1_1_conv\//],
  },
  { what: 'Keras’s MobileNet', has: [/^conv_dw_1\//] },
  { what: 'Keras’s MobileNet v2 or v3', has: [/^expanded_conv[_/]/] },
  { what: 'Keras’s Xception', has: [/^block2_sepconv1\//] },
  { what: 'Keras’s EfficientNet', has: [/^stem_conv\/kernel$/, /^block1a_/] },
  { what: 'Keras’s NASNet', has: [/^(?:normal|reduction)_conv_1_/] },
  { what: 'Keras’s ConvNeXt', has: [/^convnext_\w+_stem/] },
  { what: 'Keras’s Inception v3 or Inception-ResNet', has: [/^conv2d_(?:93|202)\/kernel$/] },
  // Caffe's networks
  { what: 'a ResNet of Caffe', has: [/^res2a_branch2a\/0$/] },
  { what: 'a SqueezeNet of Caffe', has: [/^fire2\/squeeze1x1\/0$/] },
  { what: 'a DenseNet of Caffe', has: [/^conv2_1\/x1(?:\/bn)?\/0$/] },
  { what: 'a MobileNet of Caffe', has: [/^conv2_1\/dw\/0$/] },
];

/** What a file that does not belong to this zoo looks like, judged by its tensors' names and shapes. */
export function knownNetwork(tensors: readonly ForeignTensor[]): string | undefined {
  const names = tensors.map(({ name }) => name);
  const found = known.find(
    ({ has, lacks }) =>
      has.every((wanted) => names.some((name) => wanted.test(name))) &&
      !(lacks && names.some((name) => lacks.test(name))),
  );
  return found?.what ?? residual(tensors);
}

/**
 * The number of blocks in each stage, and the depth in the network's name. Blocks of networks deeper than 34 have three
 * convolutions each.
 */
const depths: Readonly<Record<string, string>> = {
  '2,2,2,2': '18',
  '3,4,6,3 plain': '34',
  '3,4,6,3': '50',
  '3,4,23,3': '101',
  '3,8,36,3': '152',
};

/** torchvision's ResNets and networks derived from them, which have four stages; those for CIFAR have three. */
function residual(tensors: readonly ForeignTensor[]): string | undefined {
  const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
  const first = shapes.get('layer1.0.conv1.weight');
  if (!first) return undefined;
  const blocks = [1, 2, 3, 4].map(
    (stage) =>
      tensors.filter(({ name }) => new RegExp(`^layer${stage}\\.\\d+\\.conv1\\.weight$`).test(name)).length,
  );
  if (blocks[3] === 0) return `a ResNet-${2 * blocks.reduce((sum, count) => sum + count) + 2} for CIFAR`;
  const plain = !shapes.has('layer1.0.conv3.weight');
  const depth = depths[`${blocks.join(',')}${plain && blocks[1] !== 2 ? ' plain' : ''}`];
  const second = shapes.get('layer1.0.conv2.weight');
  const kind =
    plain || !second
      ? 'ResNet'
      : second[1] !== second[0]
        ? 'ResNeXt'
        : first[0]! > 64
          ? 'Wide ResNet'
          : 'ResNet';
  return depth === undefined ? `a ${kind}` : `torchvision’s ${kind}-${depth}`;
}
