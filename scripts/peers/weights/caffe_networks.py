"""Caffe's networks as its model zoo describes them, with random weights of full size: descriptions and files of weights.

Each is a list of layers, from the deploy.prototxt of BVLC/caffe (models/bvlc_alexnet, bvlc_reference_caffenet,
bvlc_googlenet; examples/mnist/lenet.prototxt), of the VGG authors (gist ksimonyan/211839e770f7b538e2d8) and of the NIN
authors (gists mavenlin/d802a5849de39225bcc6 and e56253735ef32c3c296d). Softmax is left out, for scores are compared.
"""

import sys
from pathlib import Path

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

sys.path.insert(0, str(Path(__file__).parents[3] / "__tests__" / "fixtures" / "weights"))
from caffe_format import FLOAT, INT32, INT64, MESSAGE, STRING, message

UINT32, ENUM, BOOL = 13, 14, 8


def net_message():
    """The NetParameter of src/caffe/proto/caffe.proto, with the fields that these networks use."""
    file = descriptor_pb2.FileDescriptorProto(name="caffe_networks.proto", package="caffe", syntax="proto2")
    pooling = message("PoolingParameter", ("pool", 1, ENUM, False), ("kernel_size", 2, UINT32, False),
                      ("stride", 3, UINT32, False), ("pad", 4, UINT32, False), ("global_pooling", 12, BOOL, False))  # fmt: skip
    pooling.field[0].type_name = ".caffe.PoolingParameter.PoolMethod"
    method = pooling.enum_type.add(name="PoolMethod")
    for number, name in enumerate(["MAX", "AVE"]):
        method.value.add(name=name, number=number)
    file.message_type.extend([
        message("BlobShape", ("dim", 1, INT64, True, True)),
        message("BlobProto", ("data", 5, FLOAT, True, True), ("shape", 7, MESSAGE, False, "BlobShape")),
        message("InputParameter", ("shape", 1, MESSAGE, True, "BlobShape")),
        message("ConvolutionParameter", ("num_output", 1, UINT32, False), ("pad", 3, UINT32, True),
                ("kernel_size", 4, UINT32, True), ("group", 5, UINT32, False), ("stride", 6, UINT32, True)),
        message("InnerProductParameter", ("num_output", 1, UINT32, False)),
        message("LRNParameter", ("local_size", 1, UINT32, False), ("alpha", 2, FLOAT, False), ("beta", 3, FLOAT, False)),
        pooling,
        message("LayerParameter", ("name", 1, STRING, False), ("type", 2, STRING, False), ("bottom", 3, STRING, True),
                ("top", 4, STRING, True), ("blobs", 7, MESSAGE, True, "BlobProto"),
                ("convolution_param", 106, MESSAGE, False, "ConvolutionParameter"),
                ("inner_product_param", 117, MESSAGE, False, "InnerProductParameter"),
                ("lrn_param", 118, MESSAGE, False, "LRNParameter"),
                ("pooling_param", 121, MESSAGE, False, "PoolingParameter"),
                ("input_param", 143, MESSAGE, False, "InputParameter")),
        message("NetParameter", ("name", 1, STRING, False), ("layer", 100, MESSAGE, True, "LayerParameter")),
    ])  # fmt: skip
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("caffe.NetParameter"))


class Builder:
    """Adds layers one above the other, with random weights that keep the size of what passes through them."""

    def __init__(self, name, channels, side):
        self.net = net_message()(name=name)
        self.random = np.random.default_rng(1)
        layer = self.net.layer.add(name="data", type="Input", top=["data"])
        layer.input_param.shape.add().dim.extend([1, channels, side, side])
        self.top, self.channels, self.side = "data", channels, side

    def add(self, name, kind, *bottoms, in_place=False):
        bottoms = bottoms or (self.top,)
        top = bottoms[0] if in_place else name
        layer = self.net.layer.add(name=name, type=kind, bottom=bottoms, top=[top])
        self.top = top
        return layer

    def weigh(self, layer, shape):
        deviation = (2 / np.prod(shape[1:])) ** 0.5
        kernel = self.random.standard_normal(shape, dtype=np.float32) * np.float32(deviation)
        biases = self.random.standard_normal(shape[:1], dtype=np.float32) * np.float32(0.1)
        for array in (kernel, biases):
            blob = layer.blobs.add()
            blob.shape.dim.extend(array.shape)
            blob.data.extend(array.ravel())

    def conv(self, name, maps, kernel, stride=1, pad=0, group=1, relu=True, below=None):
        """below: the blob that it sees and that blob's channels, if not the last."""
        bottom, channels = below or (self.top, self.channels)
        layer = self.add(name, "Convolution", bottom)
        layer.convolution_param.num_output = maps
        layer.convolution_param.kernel_size.append(kernel)
        layer.convolution_param.stride.append(stride)
        layer.convolution_param.pad.append(pad)
        layer.convolution_param.group = group
        self.weigh(layer, (maps, channels // group, kernel, kernel))
        self.side = (self.side + 2 * pad - kernel) // stride + 1
        self.channels = maps
        if relu:
            self.relu(name)
        return self.top

    def relu(self, name):
        self.add(f"relu_{name}", "ReLU", in_place=True)

    def pool(self, name, kernel, stride, pad=0, method="MAX", below=None):
        layer = self.add(name, "Pooling", *([below] if below else []))
        layer.pooling_param.pool = ["MAX", "AVE"].index(method)
        layer.pooling_param.kernel_size = kernel
        layer.pooling_param.stride = stride
        layer.pooling_param.pad = pad
        self.side = -((kernel - self.side - 2 * pad) // stride) + 1
        return self.top

    def average_whole(self, name):
        layer = self.add(name, "Pooling")
        layer.pooling_param.pool = 1
        layer.pooling_param.global_pooling = True

    def lrn(self, name):
        layer = self.add(name, "LRN")
        layer.lrn_param.local_size, layer.lrn_param.alpha, layer.lrn_param.beta = 5, 1e-4, 0.75

    def full(self, name, units, relu=True):
        layer = self.add(name, "InnerProduct")
        layer.inner_product_param.num_output = units
        self.weigh(layer, (units, self.channels * self.side * self.side))
        self.channels, self.side = units, 1
        if relu:
            self.relu(name)


def alexnet(order):
    """order: whether normalisation or pooling comes first, in which BVLC's AlexNet and CaffeNet differ."""
    net = Builder("alexnet", 3, 227)

    def between(number):
        for kind in order:
            net.lrn(f"norm{number}") if kind == "norm" else net.pool(f"pool{number}", 3, 2)

    net.conv("conv1", 96, 11, stride=4)
    between(1)
    net.conv("conv2", 256, 5, pad=2, group=2)
    between(2)
    net.conv("conv3", 384, 3, pad=1)
    net.conv("conv4", 384, 3, pad=1, group=2)
    net.conv("conv5", 256, 3, pad=1, group=2)
    net.pool("pool5", 3, 2)
    net.full("fc6", 4096)
    net.full("fc7", 4096)
    net.full("fc8", 1000, relu=False)
    return net.net


def vgg(depths):
    net = Builder("vgg", 3, 224)
    for block, (depth, maps) in enumerate(zip(depths, [64, 128, 256, 512, 512]), 1):
        for number in range(1, depth + 1):
            net.conv(f"conv{block}_{number}", maps, 3, pad=1)
        net.pool(f"pool{block}", 2, 2)
    net.full("fc6", 4096)
    net.full("fc7", 4096)
    net.full("fc8", 1000, relu=False)
    return net.net


def nin(sizes, side, head):
    """sizes: for each convolution its name, maps, kernel, stride, pad, its two 1×1 layers, and the pooling after it."""
    net = Builder("nin", 3, side)
    for name, maps, kernel, stride, pad, cccps, pooling in sizes:
        net.conv(name, maps, kernel, stride, pad)
        for cccp, units in cccps:
            net.conv(cccp, units, 1)
        if pooling:
            net.pool(f"pool_{name}", 3, 2, method=pooling)
    net.average_whole(head)
    return net.net


def googlenet():
    net = Builder("googlenet", 3, 224)
    net.conv("conv1/7x7_s2", 64, 7, stride=2, pad=3)
    net.pool("pool1/3x3_s2", 3, 2)
    net.lrn("pool1/norm1")
    net.conv("conv2/3x3_reduce", 64, 1)
    net.conv("conv2/3x3", 192, 3, pad=1)
    net.lrn("conv2/norm2")
    net.pool("pool2/3x3_s2", 3, 2)
    modules = [
        ("3a", 64, 96, 128, 16, 32, 32), ("3b", 128, 128, 192, 32, 96, 64), None,
        ("4a", 192, 96, 208, 16, 48, 64), ("4b", 160, 112, 224, 24, 64, 64), ("4c", 128, 128, 256, 24, 64, 64),
        ("4d", 112, 144, 288, 32, 64, 64), ("4e", 256, 160, 320, 32, 128, 128), None,
        ("5a", 256, 160, 320, 32, 128, 128), ("5b", 384, 192, 384, 48, 128, 128),
    ]  # fmt: skip
    for module in modules:
        if module is None:
            net.pool(f"pool{net.top[10]}/3x3_s2", 3, 2)
            continue
        name, one, three_reduce, three, five_reduce, five, project = module
        below, at = (net.top, net.channels), f"inception_{name}"
        side = net.side
        net.conv(f"{at}/1x1", one, 1, below=below)
        net.conv(f"{at}/3x3_reduce", three_reduce, 1, below=below)
        net.conv(f"{at}/3x3", three, 3, pad=1)
        net.conv(f"{at}/5x5_reduce", five_reduce, 1, below=below)
        net.conv(f"{at}/5x5", five, 5, pad=2)
        net.pool(f"{at}/pool", 3, 1, pad=1, below=below[0])
        net.channels = below[1]
        net.conv(f"{at}/pool_proj", project, 1)
        branches = [f"{at}/{branch}" for branch in ("1x1", "3x3", "5x5", "pool_proj")]
        net.add(f"{at}/output", "Concat", *branches)
        net.channels, net.side = one + three + five + project, side
    net.average_whole("pool5")
    net.side = 1
    net.full("loss3/classifier", 1000, relu=False)
    return net.net


def lenet():
    net = Builder("lenet", 1, 28)
    net.conv("conv1", 20, 5, relu=False)
    net.pool("pool1", 2, 2)
    net.conv("conv2", 50, 5, relu=False)
    net.pool("pool2", 2, 2)
    net.full("ip1", 500)
    net.full("ip2", 10, relu=False)
    return net.net


nin_imagenet = [
    ("conv1", 96, 11, 4, 0, [("cccp1", 96), ("cccp2", 96)], "MAX"),
    ("conv2", 256, 5, 1, 2, [("cccp3", 256), ("cccp4", 256)], "MAX"),
    ("conv3", 384, 3, 1, 1, [("cccp5", 384), ("cccp6", 384)], "MAX"),
    ("conv4-1024", 1024, 3, 1, 1, [("cccp7-1024", 1024), ("cccp8-1024", 1000)], None),
]
nin_cifar10 = [
    ("conv1", 192, 5, 1, 2, [("cccp1", 160), ("cccp2", 96)], "MAX"),
    ("conv2", 192, 5, 1, 2, [("cccp3", 192), ("cccp4", 192)], "AVE"),
    ("conv3", 192, 3, 1, 1, [("cccp5", 192), ("cccp6", 10)], None),
]

# By our names: how to build the network, its channels and side, and whether it takes blue first.
networks = {
    "lenet-caffe": (lenet, 1, 28, False),
    "nin-cifar10-caffe": (lambda: nin(nin_cifar10, 32, "pool3"), 3, 32, False),
    "nin-imagenet": (lambda: nin(nin_imagenet, 224, "pool4"), 3, 224, True),
    "alexnet-bvlc": (lambda: alexnet(["norm", "pool"]), 3, 227, True),
    "caffenet": (lambda: alexnet(["pool", "norm"]), 3, 227, True),
    "googlenet": (googlenet, 3, 224, True),
    "vgg-d": (lambda: vgg([2, 2, 3, 3, 3]), 3, 224, True),
    "vgg-e": (lambda: vgg([2, 2, 4, 4, 4]), 3, 224, True),
}
