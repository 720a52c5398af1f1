"""Lists the tensors of networks that are not in the zoo, as their libraries name and shape them: `other-networks.json.gz`.

    python list_other_networks.py    # torchvision 0.29, timm 1.0.31, Keras 3.15
"""

import gzip
import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"  # TensorFlow and PyTorch do not get on in one process

import keras
import timm
from torchvision import models

listed = {}


def state(name, network):
    listed[name] = {key: list(tensor.shape) for key, tensor in network.state_dict().items()}


for name in [
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "wide_resnet50_2", "densenet121",
    "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0", "shufflenet_v2_x1_0", "squeezenet1_1", "mnasnet0_5",
    "regnet_y_400mf", "convnext_tiny", "swin_t", "vit_b_16", "vgg16_bn",
]:  # fmt: skip
    state(f"torchvision/{name}", getattr(models, name)(weights=None))
state("torchvision/inception_v3", models.inception_v3(weights=None, init_weights=False))
for name in ["ssd300_vgg16", "retinanet_resnet50_fpn", "fasterrcnn_resnet50_fpn"]:
    state(f"torchvision/{name}", getattr(models.detection, name)(weights=None, weights_backbone=None))
for name in ["deeplabv3_mobilenet_v3_large", "fcn_resnet50"]:
    state(f"torchvision/{name}", getattr(models.segmentation, name)(weights=None, weights_backbone=None))
for name in ["resnet18", "seresnet18", "vgg16_bn"]:
    state(f"timm/{name}", timm.create_model(name))
for name in ["vit_tiny_patch16_224", "convnext_atto", "efficientnet_lite0", "swin_tiny_patch4_window7_224"]:
    state(f"timm/{name}", timm.create_model(name))
for name in [
    "ResNet50", "ResNet50V2", "DenseNet121", "MobileNet", "MobileNetV2", "MobileNetV3Small", "Xception", "EfficientNetB0",
    "EfficientNetV2B0", "InceptionV3", "ConvNeXtTiny",
]:  # fmt: skip
    network = getattr(keras.applications, name)(weights=None)
    listed[f"keras/{name}"] = {variable.path: list(variable.shape) for variable in network.variables}

text = json.dumps(listed, separators=(",", ":")).encode()
(Path(__file__).parent / "other-networks.json.gz").write_bytes(gzip.compress(text, mtime=0))
