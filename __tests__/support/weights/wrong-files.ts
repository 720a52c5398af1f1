/** What people give for a file of weights that is none, and what each of these is called. */
import { gzipSync } from 'node:zlib';
import { bytes, integer } from '../../../src/core/io/protobuf';
import { zipOf } from './zip-of';

/** Files of `fixtures/weights/others`, as their own libraries wrote them. */
export const storedFiles: readonly (readonly [name: string, reason: RegExp])[] = [
  ['net.tflite', /found a TensorFlow Lite model/],
  ['net.npz', /found arrays of NumPy \(\.npz: conv1_W\.npy, conv1_b\.npy\)/],
  ['net.npy', /found one array of NumPy/],
  ['matlab.mat', /found a MATLAB file/],
  ['table.h5', /expected weights of layers, as Keras keeps them, found numbers called "\/table"$/],
  ['saved_model.pb', /found a SavedModel of TensorFlow; in Python, load it/],
  ['frozen.pb', /found a graph of TensorFlow/],
  ['net.ckpt.index', /found a checkpoint of TensorFlow; in Python, load it/],
  ['net.ckpt.data-00000-of-00001', /found a checkpoint of TensorFlow/],
];

const blob = Buffer.concat([
  integer(1, 1),
  integer(2, 3),
  integer(3, 2),
  integer(4, 2),
  bytes(5, Buffer.alloc(48)),
]);
const lines = (...texts: string[]) => `${texts.join('\n')}\n`;
// prettier-ignore
const ustar = Buffer.concat([Buffer.from('weights.pth'.padEnd(257, '\0')), Buffer.from('ustar\0'), Buffer.alloc(249)]);

/** By their names and their content. */
// prettier-ignore
export const madeFiles: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ['lfs.pth', lines('version https://git-lfs.github.com/spec/v1', 'oid sha256:4d7a', 'size 244408911'), /found a pointer of Git LFS .*git lfs pull/],
  ['annex.pth', '/annex/objects/SHA256E-s10--ab.pth\n', /git annex get/],
  ['page.caffemodel', lines('', '<!DOCTYPE html>', '<html lang="en">'), /found a web page \(HTML\)/],
  ['page.h5', '<HTML><HEAD>', /found a web page \(HTML\)/],
  ['denied.pth', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', /found an XML text, such as the message of a server/],
  ['net.xml', '<?xml version="1.0"?>\n<net name="x" version="11">', /OpenVINO/],
  ['deploy.prototxt', lines('name: "AlexNet"', 'layer {', '  name: "data"'), /found a description for Caffe \(\.prototxt\), .*\.caffemodel beside/],
  ['old.prototxt', lines('', 'name: "CaffeNet"', 'input: "data"', 'input_dim: 10'), /found a description for Caffe/],
  ['solver.prototxt', lines('net: "train_val.prototxt"', 'base_lr: 0.01'), /found a description for Caffe/],
  ['checkpoint', 'model_checkpoint_path: "net.ckpt"\n', /found a checkpoint of TensorFlow/],
  ['net.cfg', lines('[net]', 'batch=1'), /Darknet/],
  ['net.weights', Buffer.from([0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 0, 0]), /found weights of Darknet/],
  ['net.url', 'https://example.org/net.pth\n', /found an address; fetch the file/],
  ['notes.txt', 'Weights are elsewhere.\n', /found a text$/],
  ['empty.pth', '', /found an empty file; fetch it again$/],
  ['zeros.caffemodel', Buffer.alloc(5000), /found zeros alone/],
  ['mean.binaryproto', blob, /found a mean image of Caffe/],
  ['mean.caffemodel', blob, /found a mean image of Caffe/],
  ['net.solverstate', Buffer.concat([integer(1, 9), bytes(2, 'net_iter_9.caffemodel'), bytes(3, blob)]), /found the state of a training of Caffe .*\.caffemodel of the same iteration$/],
  ['net.mlmodel', Buffer.concat([integer(1, 4), bytes(2, bytes(1, bytes(1, 'image')))]), /found a Core ML model/],
  ['net.params', Buffer.concat([Buffer.from([0x12, 1, 0, 0, 0, 0, 0, 0]), Buffer.alloc(8), Buffer.from([2])]), /found weights of MXNet/],
  ['net.gguf', 'GGUF\u0003\0\0\0', /found a GGUF file/],
  ['net.mat', 'MATLAB 5.0 MAT-file, Platform: GLNXA64\0\u0001', /found a MATLAB file/],
  ['net.tar', ustar, /found a tar archive; unpack it/],
  ['old.pth', Buffer.concat([Buffer.from('sys_info'.padEnd(257, '\0')), Buffer.from('ustar')]), /found a file of PyTorch before 0\.1\.10; in Python, torch\.load/],
  ['net.pth.gz', gzipSync('weights'), /found a gzip archive; unpack it/],
  ['net.7z', Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4]), /found a 7z archive/],
  ['net.rar', 'Rar!\u001a\u0007\0', /found a RAR archive/],
  ['net.t7', Buffer.concat([Buffer.from([4, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0]), Buffer.from('V 1')]), /Lua’s Torch/],
  ['group1-shard1of2.bin', Buffer.from([0x9a, 0x99, 0x99, 0x3f, 0, 0, 0x80, 0x3f]), /found a part of a TensorFlow\.js model; give the model\.json beside it$/],
  ['photo.pth', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), /found an image \(JPEG\)/],
  ['net.zip', zipOf([{ name: 'net/weights.pth', data: Buffer.from('x') }]), /found a zip archive of other files \(net\/weights\.pth\); unpack it/],
  ['saved.zip', zipOf([{ name: 'net/saved_model.pb', data: Buffer.from('x') }]), /found a packed SavedModel/],
  ['net.bin', Buffer.from([0xde, 0xad, 0xbe, 0xef]), /found a file of no known kind \(its first bytes are de ad be ef\)$/],
  ['model.safetensors.index.json', '{"metadata": {}, "weight_map": {"fc.weight": "model-00001-of-00002.safetensors"}}', /found an index of several safetensors files/],
  ['config.json', '{"class_name": "Functional", "config": {"layers": []}}', /found a Keras model’s configuration, without weights; give its \.h5 or \.keras$/],
  ['hub.json', '{"architectures": ["ResNet"], "model_type": "resnet"}', /found a Hugging Face model’s configuration/],
  ['other.json', '{"a": 1, "b": 2}', /found JSON with a, b$/],
];

/** What a folder is, and the files in it. */
export const madeFolders: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  ['an empty folder', {}, /found an empty folder$/],
  ['a model’s', { 'network.json': '{}' }, /found a model’s folder, which is one already; classify, evaluate/],
  ['a run’s', { 'run.json': '{}' }, /found a run’s folder, which needs no import/],
  ['a SavedModel', { 'saved_model.pb': '' }, /found a SavedModel of TensorFlow/],
  [
    'of TensorFlow.js',
    { 'model.json': '{}', 'group1-shard1of1.bin': '' },
    /found a folder; give the \S+model\.json in it$/,
  ],
  ['with one file', { 'a.safetensors': '', 'README.md': '' }, /give the file in it: \S+a\.safetensors$/],
  [
    'with several',
    { 'a.pth': '', 'b.h5': '' },
    /several files of weights; give one of them: \S+a\.pth, \S+b\.h5$/,
  ],
  ['with none', { 'README.md': '' }, /expected a file of weights, found a folder, not a file$/],
  ['a checkpoint', { 'net.ckpt.index': '' }, /found a checkpoint of TensorFlow/],
];
