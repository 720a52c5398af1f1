"""Makes the files beside it with PyTorch: narrow networks with random weights, and what they answer.

    python make_torch_files.py        # torch 2.15, torchvision 0.29; Caffe's format by google.protobuf

Names and layers are those of torchvision's and Caffe's networks; widths are a few maps. `expected.json` holds the
class scores of two images, whose values both sides compute: ((7919 i) mod 2003) / 1001.5 - 1 at place i of
[image, row, column, colour], red first. Nothing of the product or its tests runs this.
"""

import json
import os
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import caffe_format

HERE = Path(__file__).parent
torch.manual_seed(1)
expected = {}


def images(side):
    count = 2 * side * side * 3
    values = ((7919 * np.arange(count, dtype=np.int64)) % 2003) / 1001.5 - 1
    return torch.tensor(values.astype(np.float32).reshape(2, side, side, 3).transpose(0, 3, 1, 2).copy())


def randomise(model):
    for name, tensor in model.state_dict().items():
        if name.endswith(("running_var", "bn.weight")):
            tensor.uniform_(0.5, 2)
        elif tensor.dtype == torch.float32:
            fan_in = max(1, tensor[0].numel()) if tensor.dim() > 1 else 4
            tensor.normal_(0, (2 / fan_in) ** 0.5 if tensor.dim() > 1 else 0.2)
    return model.eval()


def answer(name, model, side):
    with torch.no_grad():
        outputs = model(images(side))
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    assert all((output[0] - output[1]).abs().max() > 0.02 for output in outputs), f"{name} does not look at its images"
    expected[name] = {"side": side, "outputs": [output.tolist() for output in outputs]}


class Alexnet(nn.Module):
    """torchvision's AlexNet, narrow."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 4, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(4, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(6, 8, 3, padding=1), nn.ReLU(),
            nn.Conv2d(8, 6, 3, padding=1), nn.ReLU(),
            nn.Conv2d(6, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
        )  # fmt: skip
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Linear(4 * 2 * 2, 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 5)
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


class VggA(nn.Module):
    """torchvision's VGG-11, narrow."""

    def __init__(self):
        super().__init__()
        layers, below = [], 3
        for maps in [3, "M", 4, "M", 5, 5, "M", 6, 6, "M", 6, 4, "M"]:
            layers += [nn.MaxPool2d(2)] if maps == "M" else [nn.Conv2d(below, maps, 3, padding=1), nn.ReLU()]
            below = below if maps == "M" else maps
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(4 * 2 * 2, 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 5)
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


class Convolution(nn.Module):
    def __init__(self, below, maps, size, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(below, maps, size, stride, size // 2, bias=False)
        self.bn = nn.BatchNorm2d(maps, eps=0.001)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    def __init__(self, below):
        super().__init__()
        self.branch1 = Convolution(below, 2, 1)
        self.branch2 = nn.Sequential(Convolution(below, 2, 1), Convolution(2, 3, 3))
        self.branch3 = nn.Sequential(Convolution(below, 2, 1), Convolution(2, 2, 3))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), Convolution(below, 1, 1))

    def forward(self, x):
        return torch.cat([branch(x) for branch in (self.branch1, self.branch2, self.branch3, self.branch4)], 1)


class Head(nn.Module):
    def __init__(self, below):
        super().__init__()
        self.conv = Convolution(below, 2, 1)
        self.fc1 = nn.Linear(2 * 4 * 4, 6)
        self.fc2 = nn.Linear(6, 5)

    def forward(self, x):
        x = self.conv(F.adaptive_avg_pool2d(x, 4))
        return self.fc2(F.relu(self.fc1(torch.flatten(x, 1))))


class Googlenet(nn.Module):
    """torchvision's GoogLeNet, narrow, with the modules 3a, 4a and 4d alone."""

    def __init__(self):
        super().__init__()
        self.conv1 = Convolution(3, 3, 7, 2)
        self.conv2 = Convolution(3, 3, 1)
        self.conv3 = Convolution(3, 4, 3)
        self.inception3a = Inception(4)
        self.inception4a = Inception(8)
        self.inception4d = Inception(8)
        self.aux1 = Head(8)
        self.aux2 = Head(8)
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        pool = lambda y, size: F.max_pool2d(y, size, 2, ceil_mode=True)
        x = pool(self.conv3(self.conv2(pool(self.conv1(x), 3))), 3)
        x = self.inception4a(pool(self.inception3a(x), 3))
        first = self.aux1(x)
        x = self.inception4d(x)
        second = self.aux2(x)
        return self.fc(pool(x, 2).mean((2, 3))), first, second


class CaffeAlexnet(nn.Module):
    """models/bvlc_alexnet, narrow: groups, normalisation, poolings that reach over the edge, colours blue first."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 11, 4)
        self.conv2 = nn.Conv2d(4, 6, 5, padding=2, groups=2)
        self.conv3 = nn.Conv2d(6, 8, 3, padding=1)
        self.conv4 = nn.Conv2d(8, 6, 3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(6, 4, 3, padding=1, groups=2)
        self.fc6 = nn.Linear(4 * 2 * 2, 8)
        self.fc7 = nn.Linear(8, 8)
        self.fc8 = nn.Linear(8, 5)

    def forward(self, x):
        pool = lambda y: F.max_pool2d(y, 3, 2, ceil_mode=True)
        normal = lambda y: F.local_response_norm(y, 5, alpha=1e-4, beta=0.75, k=1)
        x = pool(normal(F.relu(self.conv1(x.flip(1)))))
        x = pool(normal(F.relu(self.conv2(x))))
        x = pool(F.relu(self.conv5(F.relu(self.conv4(F.relu(self.conv3(x)))))))
        return self.fc8(F.relu(self.fc7(F.relu(self.fc6(torch.flatten(x, 1))))))


def save(value, name, **options):
    torch.save(value, HERE / name, **options)


alexnet = randomise(Alexnet())
answer("alexnet", alexnet, 95)
save(alexnet.state_dict(), "alexnet.pth")
save(alexnet.state_dict(), "alexnet-legacy.pth", _use_new_zipfile_serialization=False)
save(alexnet.state_dict(), "alexnet-protocol-5.pth", pickle_protocol=5)

vgg = randomise(VggA())
answer("vgg-a", vgg, 64)
parallel = OrderedDict((f"module.{name}", tensor) for name, tensor in vgg.state_dict().items())
save({"epoch": 7, "best_error": 0.25, "state_dict": parallel, "optimizer": {"state": {}, "lr": [0.1]}}, "vgg-a.pth")

googlenet = randomise(Googlenet())
answer("googlenet", googlenet, 64)
save(googlenet.state_dict(), "googlenet.pth")

# Views: what a tensor says of its storage, and each kind of number.
row = torch.arange(24.0)
save(
    {
        "turned": row.reshape(2, 3, 4).permute(2, 0, 1),
        "part": row.reshape(2, 3, 4)[:, 1:, ::2],
        "half": row.half() / 16,
        "bfloat16": row.bfloat16() * 1e30,
        "double": row.double() / 3,
        "long": row.long() - 3,
        "int8": row.to(torch.int8) - 3,
        "bool": row > 20,
        "empty": torch.zeros(0, 3),
        "scalar": torch.tensor(5.0),
        "channels_last": row.reshape(1, 2, 3, 4).to(memory_format=torch.channels_last),
    },
    "views.pth",
)


class Hostile:
    def __reduce__(self):
        return os.system, ("touch hostile-pickle-was-run",)


save({"weight": torch.zeros(1), "extra": Hostile()}, "hostile.pth")
save({"weight": torch.zeros(1), "extra": Hostile()}, "hostile-legacy.pth", _use_new_zipfile_serialization=False)

caffe = randomise(CaffeAlexnet())
answer("alexnet-caffe", caffe, 99)
blobs = OrderedDict()
for name, tensor in caffe.state_dict().items():
    blobs.setdefault(name.split(".")[0], []).append(tensor.numpy())
(HERE / "alexnet.caffemodel").write_bytes(caffe_format.layers(blobs))
(HERE / "alexnet-v1.caffemodel").write_bytes(caffe_format.layers_v1(blobs))

(HERE / "expected.json").write_text(json.dumps(expected) + "\n")
