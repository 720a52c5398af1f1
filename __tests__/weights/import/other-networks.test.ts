import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { zoo } from '../../../models/registry';
import { likeness } from '../../../src/weights/import/other-network';
import type { ForeignWeights } from '../../../src/weights/formats/foreign-weights';
import { fixtures } from '../../support/places';

const files = join(fixtures, 'weights');
type OlderFingerprint = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** Names and shapes of whole networks, as the libraries themselves list them. */
const others = JSON.parse(
  gunzipSync(readFileSync(join(files, 'other-networks.json.gz'))).toString(),
) as OlderFingerprint;
const own = JSON.parse(readFileSync(join(files, 'toolkit-tensors.json'), 'utf8')) as {
  readonly pytorch: OlderFingerprint;
  readonly keras: OlderFingerprint;
};

const weightsOf = (
  shapes: OlderFingerprint[string],
  format: ForeignWeights['format'] = 'pth',
): ForeignWeights => ({
  format,
  tensors: Object.entries(shapes).map(([name, shape]) => ({ name, shape, values: () => new Float32Array() })),
});

const said: Readonly<Record<string, string>> = {
  'torchvision/resnet18': 'torchvision’s ResNet-18',
  'torchvision/resnet34': 'torchvision’s ResNet-34',
  'torchvision/resnet50': 'torchvision’s ResNet-50',
  'torchvision/resnet101': 'torchvision’s ResNet-101',
  'torchvision/resnet152': 'torchvision’s ResNet-152',
  'torchvision/resnext50_32x4d': 'torchvision’s ResNeXt-50',
  'torchvision/wide_resnet50_2': 'torchvision’s Wide ResNet-50',
  'torchvision/densenet121': 'torchvision’s DenseNet',
  'torchvision/mobilenet_v2': 'torchvision’s MobileNet v2',
  'torchvision/mobilenet_v3_small': 'torchvision’s MobileNet v3',
  'torchvision/efficientnet_b0': 'torchvision’s EfficientNet',
  'torchvision/shufflenet_v2_x1_0': 'torchvision’s ShuffleNet v2',
  'torchvision/squeezenet1_1': 'torchvision’s SqueezeNet',
  'torchvision/mnasnet0_5': 'torchvision’s MNASNet',
  'torchvision/regnet_y_400mf': 'torchvision’s RegNet',
  'torchvision/convnext_tiny': 'torchvision’s ConvNeXt',
  'torchvision/swin_t': 'torchvision’s Swin transformer',
  'torchvision/vit_b_16': 'torchvision’s vision transformer (ViT)',
  'torchvision/vgg16_bn': 'a VGG with batch normalisation',
  'torchvision/inception_v3': 'torchvision’s Inception v3',
  'torchvision/ssd300_vgg16': 'a detector of torchvision',
  'torchvision/retinanet_resnet50_fpn': 'a detector of torchvision',
  'torchvision/fasterrcnn_resnet50_fpn': 'a detector of torchvision (Faster R-CNN or its kin)',
  'torchvision/deeplabv3_mobilenet_v3_large': 'a network for segmentation of torchvision',
  'torchvision/fcn_resnet50': 'a network for segmentation of torchvision',
  'timm/resnet18': 'torchvision’s ResNet-18',
  'timm/seresnet18': 'an SE-ResNet',
  'timm/vgg16_bn': 'a VGG with batch normalisation',
  'timm/vit_tiny_patch16_224': 'timm’s vision transformer (ViT)',
  'timm/convnext_atto': 'timm’s ConvNeXt',
  'timm/efficientnet_lite0': 'timm’s EfficientNet or MobileNet v3',
  'timm/swin_tiny_patch4_window7_224': 'timm’s Swin transformer',
  'keras/ResNet50': 'Keras’s ResNet',
  'keras/ResNet50V2': 'Keras’s ResNet',
  'keras/DenseNet121': 'Keras’s DenseNet',
  'keras/MobileNet': 'Keras’s MobileNet',
  'keras/MobileNetV2': 'Keras’s MobileNet v2 or v3',
  'keras/MobileNetV3Small': 'Keras’s MobileNet v2 or v3',
  'keras/Xception': 'Keras’s Xception',
  'keras/EfficientNetB0': 'Keras’s EfficientNet',
  'keras/EfficientNetV2B0': 'Keras’s EfficientNet',
  'keras/InceptionV3': 'Keras’s Inception v3 or Inception-ResNet',
  'keras/ConvNeXtTiny': 'Keras’s ConvNeXt',
};

it('every listed network of another zoo is in the table above', () => {
  expect(Object.keys(others).sort()).toEqual(Object.keys(said).sort());
});

it.each(Object.entries(said))('%s looks like %s, and like no network of this zoo', (name, what) => {
  const format = name.startsWith('keras') ? 'keras' : 'pth';
  for (const network of [zoo.lenet5, zoo['vgg-d'], zoo['googlenet-torchvision']])
    expect(likeness(weightsOf(others[name]!, format), network, zoo)).toBe(
      `it looks like ${what}, which is not in this zoo`,
    );
});

it('a network of this zoo is called by its name here, unless it is the one that was expected', () => {
  for (const [toolkit, networks] of Object.entries(own))
    for (const [name, shapes] of Object.entries(networks)) {
      const given = weightsOf(shapes, toolkit === 'keras' ? 'keras' : 'pth');
      expect(likeness(given, zoo.lenet5, zoo)).toBe(`it looks like ${name} of this zoo`);
      expect(likeness(given, zoo[name as keyof typeof zoo], zoo)).toBeUndefined();
    }
});

it('what several networks of this zoo call the same is said of each; of what nobody knows nothing is said', () => {
  const caffe = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'fc6', 'fc7', 'fc8'].flatMap((layer) => [
    [`${layer}/0`, [1]] as const,
    [`${layer}/1`, [1]] as const,
  ]);
  expect(likeness(weightsOf(Object.fromEntries(caffe), 'caffemodel'), zoo.lenet5, zoo)).toBe(
    'it looks like alexnet-bvlc or caffenet of this zoo',
  );
  expect(likeness(weightsOf({ 'mine.weight': [2, 2], 'mine.bias': [2] }), zoo.lenet5, zoo)).toBeUndefined();
  // akamaster/pytorch_resnet_cifar10: three stages of three blocks
  const cifar = [1, 2, 3].flatMap((stage) =>
    [0, 1, 2].flatMap((block) =>
      [1, 2].map((at) => [`layer${stage}.${block}.conv${at}.weight`, [16, 16, 3, 3]]),
    ),
  ) as [string, number[]][];
  expect(likeness(weightsOf(Object.fromEntries(cifar)), zoo.lenet5, zoo)).toBe(
    'it looks like a ResNet-20 for CIFAR, which is not in this zoo',
  );
});
