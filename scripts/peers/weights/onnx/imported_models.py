"""Writes ONNX files of torchvision's and Keras's networks at full size, with random weights, and what they answer.

    python imported_models.py FOLDER torch    # 4.5 GB: torch.onnx.export, both of its exporters
    python imported_models.py FOLDER keras    # 1.1 GB: model.export(format="onnx")

compare-imported-onnx.ts runs both, for TensorFlow and PyTorch's exporter do not bear each other in one process. The
image's values are those of make_torch_files.py; Keras's networks take blue first. onnxruntime answers by each file.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
import onnxruntime

folder, part = Path(sys.argv[1]), sys.argv[2]
folder.mkdir(parents=True, exist_ok=True)
expected = []


def image(side):
    values = ((7919 * np.arange(side * side * 3, dtype=np.int64)) % 2003) / 1001.5 - 1
    return values.astype(np.float32).reshape(1, side, side, 3)


def expect(network, path, given):
    session = onnxruntime.InferenceSession(str(path))
    (end,) = session.get_inputs()
    scores = session.run(None, {end.name: given})[0]
    expected.append({"network": network, "file": path.name, "side": 224, "outputs": [scores.tolist()]})
    print(path.name, scores.shape, file=sys.stderr, flush=True)


def by_torch():
    import torch
    import torchvision

    networks = {
        "alexnet-torchvision": (torchvision.models.alexnet, ("torchscript", "dynamo")),
        "vgg-a": (torchvision.models.vgg11, ("torchscript",)),
        "vgg-b": (torchvision.models.vgg13, ("torchscript",)),
        "vgg-d": (torchvision.models.vgg16, ("torchscript", "dynamo")),
        "vgg-e": (torchvision.models.vgg19, ("torchscript",)),
        "googlenet-torchvision": (
            lambda: torchvision.models.googlenet(init_weights=False, aux_logits=True),
            ("torchscript", "dynamo"),
        ),
    }
    given = torch.tensor(image(224).transpose(0, 3, 1, 2).copy())
    for network, (build, ways) in networks.items():
        torch.manual_seed(1)
        model = build().eval()
        for name, tensor in model.state_dict().items():
            if name.endswith(("running_var", "bn.weight")):
                tensor.uniform_(0.8, 1.2)
            elif tensor.dtype == torch.float32:
                tensor.normal_(0, (2 / tensor[0].numel()) ** 0.5 if tensor.dim() > 1 else 0.1)
        for way in ways:
            path = folder / f"{network}-{way}.onnx"
            torch.onnx.export(model, (given,), str(path), dynamo=way == "dynamo")
            expect(network, path, given.numpy())


def by_keras():
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras

    for network, build in {"vgg-d": keras.applications.VGG16, "vgg-e": keras.applications.VGG19}.items():
        random = np.random.default_rng(1)
        model = build(weights=None, classifier_activation=None)
        for weight in model.weights:
            shape = tuple(weight.shape)
            deviation = (2 / np.prod(shape[:-1])) ** 0.5 if len(shape) > 1 else 0.1
            weight.assign(random.standard_normal(shape, dtype=np.float32) * np.float32(deviation))
        given = np.ascontiguousarray(image(224)[..., ::-1])
        model.predict(given, verbose=0)
        path = folder / f"{network}-keras.onnx"
        model.export(str(path), format="onnx", verbose=False)
        expect(network, path, given)


{"torch": by_torch, "keras": by_keras}[part]()
(folder / f"expected-{part}.json").write_text(json.dumps(expected))
