/**
 * Every network under a name of its own, so that a bundler takes those that a page names and leaves out all others.
 * The comments tell it that making one has no other effect.
 */
import { checkedNetwork } from '../src/core/given/build-options';
import { neocognitron as neocognitronFamily } from './neocognitron';
import { lecun1989 as lecun1989Family } from './lecun1989';
import { lenet as lenetFamily } from './lenet';
import { alexnet as alexnetFamily } from './alexnet';
import { vgg as vggFamily } from './vgg';
import { nin as ninFamily } from './nin';
import { googlenet as googlenetFamily } from './googlenet';

export const neocognitron = /* @__PURE__ */ checkedNetwork(neocognitronFamily, 'neocognitron');
export const lecun1989 = /* @__PURE__ */ checkedNetwork(lecun1989Family, 'lecun1989');
export const lenet1 = /* @__PURE__ */ checkedNetwork(lenetFamily, 'lenet1');
export const lenet5 = /* @__PURE__ */ checkedNetwork(lenetFamily, 'lenet5');
export const lenet5Modern = /* @__PURE__ */ checkedNetwork(lenetFamily, 'lenet5-modern');
export const lenetCaffe = /* @__PURE__ */ checkedNetwork(lenetFamily, 'lenet-caffe');
export const lenetBouvrie = /* @__PURE__ */ checkedNetwork(lenetFamily, 'lenet-bouvrie');
export const alexnet = /* @__PURE__ */ checkedNetwork(alexnetFamily, 'alexnet');
export const alexnetUngrouped = /* @__PURE__ */ checkedNetwork(alexnetFamily, 'alexnet-ungrouped');
export const alexnetBvlc = /* @__PURE__ */ checkedNetwork(alexnetFamily, 'alexnet-bvlc');
export const caffenet = /* @__PURE__ */ checkedNetwork(alexnetFamily, 'caffenet');
export const alexnetTorchvision = /* @__PURE__ */ checkedNetwork(alexnetFamily, 'alexnet-torchvision');
export const vggA = /* @__PURE__ */ checkedNetwork(vggFamily, 'vgg-a');
export const vggALrn = /* @__PURE__ */ checkedNetwork(vggFamily, 'vgg-a-lrn');
export const vggB = /* @__PURE__ */ checkedNetwork(vggFamily, 'vgg-b');
export const vggC = /* @__PURE__ */ checkedNetwork(vggFamily, 'vgg-c');
export const vggD = /* @__PURE__ */ checkedNetwork(vggFamily, 'vgg-d');
export const vggE = /* @__PURE__ */ checkedNetwork(vggFamily, 'vgg-e');
export const ninImagenet = /* @__PURE__ */ checkedNetwork(ninFamily, 'nin-imagenet');
export const ninCifar10 = /* @__PURE__ */ checkedNetwork(ninFamily, 'nin-cifar10');
export const ninCifar10Caffe = /* @__PURE__ */ checkedNetwork(ninFamily, 'nin-cifar10-caffe');
export const ninCifar100 = /* @__PURE__ */ checkedNetwork(ninFamily, 'nin-cifar100');
export const ninMnist = /* @__PURE__ */ checkedNetwork(ninFamily, 'nin-mnist');
export const ninSvhn = /* @__PURE__ */ checkedNetwork(ninFamily, 'nin-svhn');
export const googlenet = /* @__PURE__ */ checkedNetwork(googlenetFamily, 'googlenet');
export const googlenetTorchvision = /* @__PURE__ */ checkedNetwork(googlenetFamily, 'googlenet-torchvision');
