"""Lists the tensors of whole networks as torchvision, timm and Keras name and shape them: `toolkit-tensors.json`.

    python list_toolkit_tensors.py    # torchvision 0.30, timm 1.0, Keras 3.15
"""

import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"  # TensorFlow and PyTorch do not get on in one process

import keras
import timm
import torch
import torchvision

torchvision_models = {
    "alexnet-torchvision": torchvision.models.alexnet(),
    "vgg-a": torchvision.models.vgg11(),
    "vgg-b": torchvision.models.vgg13(),
    "vgg-d": torchvision.models.vgg16(),
    "vgg-e": torchvision.models.vgg19(),
    "googlenet-torchvision": torchvision.models.googlenet(init_weights=False, aux_logits=True),
}
timm_models = {
    "vgg-a": "vgg11",
    "vgg-b": "vgg13",
    "vgg-d": "vgg16",
    "vgg-e": "vgg19",
}
keras_models = {
    "vgg-d": keras.applications.VGG16(weights=None),
    "vgg-e": keras.applications.VGG19(weights=None),
}
listed = {
    "pytorch": {
        name: {key: list(tensor.shape) for key, tensor in model.state_dict().items()}
        for name, model in torchvision_models.items()
    },
    "timm": {
        name: {key: list(tensor.shape) for key, tensor in timm.create_model(theirs).state_dict().items()}
        for name, theirs in timm_models.items()
    },
    "keras": {
        name: {variable.path: list(variable.shape) for variable in model.variables}
        for name, model in keras_models.items()
    },
}
(Path(__file__).parent / "toolkit-tensors.json").write_text(json.dumps(listed) + "\n")
