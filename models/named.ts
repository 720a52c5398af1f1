/** Every network under a name of its own, so that a bundler takes those that a page names and leaves out all others. */
import { checkedNetwork } from '../src/core/given/build-options';
import * as neocognitronFamily from './neocognitron';
import * as lecun1989Family from './lecun1989';
import * as lenetFamily from './lenet';
import * as alexnetFamily from './alexnet';
import * as vggFamily from './vgg';
import * as ninFamily from './nin';
import * as googlenetFamily from './googlenet';

export const neocognitron = checkedNetwork('neocognitron', neocognitronFamily.neocognitron);
export const lecun1989 = checkedNetwork('lecun1989', lecun1989Family.lecun1989);
export const lenet1 = checkedNetwork('lenet1', lenetFamily.lenet1);
export const lenet5 = checkedNetwork('lenet5', lenetFamily.lenet5);
export const lenet5Modern = checkedNetwork('lenet5-modern', lenetFamily.lenet5Modern);
export const lenetCaffe = checkedNetwork('lenet-caffe', lenetFamily.lenetCaffe);
export const lenetBouvrie = checkedNetwork('lenet-bouvrie', lenetFamily.lenetBouvrie);
export const alexnet = checkedNetwork('alexnet', alexnetFamily.alexnet);
export const alexnetUngrouped = checkedNetwork('alexnet-ungrouped', alexnetFamily.alexnetUngrouped);
export const alexnetBvlc = checkedNetwork('alexnet-bvlc', alexnetFamily.alexnetBvlc);
export const caffenet = checkedNetwork('caffenet', alexnetFamily.caffenet);
export const alexnetTorchvision = checkedNetwork('alexnet-torchvision', alexnetFamily.alexnetTorchvision);
export const vggA = checkedNetwork('vgg-a', vggFamily.vggA);
export const vggALrn = checkedNetwork('vgg-a-lrn', vggFamily.vggALrn);
export const vggB = checkedNetwork('vgg-b', vggFamily.vggB);
export const vggC = checkedNetwork('vgg-c', vggFamily.vggC);
export const vggD = checkedNetwork('vgg-d', vggFamily.vggD);
export const vggE = checkedNetwork('vgg-e', vggFamily.vggE);
export const ninImagenet = checkedNetwork('nin-imagenet', ninFamily.ninImagenet);
export const ninCifar10 = checkedNetwork('nin-cifar10', ninFamily.ninCifar10);
export const ninCifar10Caffe = checkedNetwork('nin-cifar10-caffe', ninFamily.ninCifar10Caffe);
export const ninCifar100 = checkedNetwork('nin-cifar100', ninFamily.ninCifar100);
export const ninMnist = checkedNetwork('nin-mnist', ninFamily.ninMnist);
export const ninSvhn = checkedNetwork('nin-svhn', ninFamily.ninSvhn);
export const googlenet = checkedNetwork('googlenet', googlenetFamily.googlenet);
export const googlenetTorchvision = checkedNetwork(
  'googlenet-torchvision',
  googlenetFamily.googlenetTorchvision,
);
