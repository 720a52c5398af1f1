/** Every network under a name of its own, so that a bundler takes those that a page names and leaves out all others. */
import { checkedNetwork } from '../src/core/given/build-options';
import * as neocognitronFamily from './neocognitron';
import * as lecun1989Family from './lecun1989';
import * as lenetFamily from './lenet';
import * as alexnetFamily from './alexnet';
import * as vggFamily from './vgg';
import * as ninFamily from './nin';
import * as googlenetFamily from './googlenet';

/** `neocognitron` of the zoo. */
export const neocognitron = checkedNetwork('neocognitron', neocognitronFamily.neocognitron);
/** `lecun1989` of the zoo. */
export const lecun1989 = checkedNetwork('lecun1989', lecun1989Family.lecun1989);
/** `lenet1` of the zoo. */
export const lenet1 = checkedNetwork('lenet1', lenetFamily.lenet1);
/** `lenet5` of the zoo. */
export const lenet5 = checkedNetwork('lenet5', lenetFamily.lenet5);
/** `lenet5-modern` of the zoo. */
export const lenet5Modern = checkedNetwork('lenet5-modern', lenetFamily.lenet5Modern);
/** `lenet-caffe` of the zoo. */
export const lenetCaffe = checkedNetwork('lenet-caffe', lenetFamily.lenetCaffe);
/** `lenet-bouvrie` of the zoo. */
export const lenetBouvrie = checkedNetwork('lenet-bouvrie', lenetFamily.lenetBouvrie);
/** `alexnet` of the zoo. */
export const alexnet = checkedNetwork('alexnet', alexnetFamily.alexnet);
/** `alexnet-ungrouped` of the zoo. */
export const alexnetUngrouped = checkedNetwork('alexnet-ungrouped', alexnetFamily.alexnetUngrouped);
/** `alexnet-bvlc` of the zoo. */
export const alexnetBvlc = checkedNetwork('alexnet-bvlc', alexnetFamily.alexnetBvlc);
/** `caffenet` of the zoo. */
export const caffenet = checkedNetwork('caffenet', alexnetFamily.caffenet);
/** `alexnet-torchvision` of the zoo. */
export const alexnetTorchvision = checkedNetwork('alexnet-torchvision', alexnetFamily.alexnetTorchvision);
/** `vgg-a` of the zoo. */
export const vggA = checkedNetwork('vgg-a', vggFamily.vggA);
/** `vgg-a-lrn` of the zoo. */
export const vggALrn = checkedNetwork('vgg-a-lrn', vggFamily.vggALrn);
/** `vgg-b` of the zoo. */
export const vggB = checkedNetwork('vgg-b', vggFamily.vggB);
/** `vgg-c` of the zoo. */
export const vggC = checkedNetwork('vgg-c', vggFamily.vggC);
/** `vgg-d` of the zoo. */
export const vggD = checkedNetwork('vgg-d', vggFamily.vggD);
/** `vgg-e` of the zoo. */
export const vggE = checkedNetwork('vgg-e', vggFamily.vggE);
/** `nin-imagenet` of the zoo. */
export const ninImagenet = checkedNetwork('nin-imagenet', ninFamily.ninImagenet);
/** `nin-cifar10` of the zoo. */
export const ninCifar10 = checkedNetwork('nin-cifar10', ninFamily.ninCifar10);
/** `nin-cifar10-caffe` of the zoo. */
export const ninCifar10Caffe = checkedNetwork('nin-cifar10-caffe', ninFamily.ninCifar10Caffe);
/** `nin-cifar100` of the zoo. */
export const ninCifar100 = checkedNetwork('nin-cifar100', ninFamily.ninCifar100);
/** `nin-mnist` of the zoo. */
export const ninMnist = checkedNetwork('nin-mnist', ninFamily.ninMnist);
/** `nin-svhn` of the zoo. */
export const ninSvhn = checkedNetwork('nin-svhn', ninFamily.ninSvhn);
/** `googlenet` of the zoo. */
export const googlenet = checkedNetwork('googlenet', googlenetFamily.googlenet);
/** `googlenet-torchvision` of the zoo. */
export const googlenetTorchvision = checkedNetwork(
  'googlenet-torchvision',
  googlenetFamily.googlenetTorchvision,
);
