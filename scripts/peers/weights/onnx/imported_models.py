"""Writes ONNX files of networks at full size, with random weights of a fixed seed, and what onnxruntime answers by each.

    python imported_models.py FOLDER torch     # 5 GB: torchvision's, by both exporters of torch.onnx.export
    python imported_models.py FOLDER keras     # 1.7 GB: Keras's, by model.export(format="onnx") and by tf2onnx; some 20 GB of memory
    python imported_models.py FOLDER caffe2    # 28 MB: GoogLeNet by the operators and names of ONNX's model zoo

compare-imported-onnx.ts runs all, for TensorFlow and PyTorch's exporter do not bear each other in one process. The images
are its `images.pixels`, which bring every network values of -1 to 1; Keras's and Caffe's take blue first.
"""

import gc
import json
import os
import sys
from pathlib import Path

import numpy as np
import onnxruntime

folder, part = Path(sys.argv[1]), sys.argv[2]
folder.mkdir(parents=True, exist_ok=True)
expected = []
side = 224
pixels = np.fromfile(folder / "images.pixels", np.uint8).reshape(-1, side, side, 3)
# [images, side, side, 3], red first
images = (pixels / 127.5 - 1).astype(np.float32)


def expect(network, path, given):
    """@param given the images in the order of axes and colours that the file takes; it may take one at a time"""
    session = onnxruntime.InferenceSession(str(path))
    end = session.get_inputs()[0]
    scores = np.concatenate([session.run(None, {end.name: given[at : at + 1]})[0] for at in range(len(given))])
    assert np.abs(scores[0] - scores[1]).max() > 0.01 * np.abs(scores).max(), f"{path} does not look at its images"
    row = {"network": network, "file": path.name, "side": side, "pixels": "images.pixels", "outputs": [scores.tolist()]}
    expected.append(row)
    print(path.name, scores.shape, file=sys.stderr, flush=True)


def by_torch():
    import torch
    import torchvision

    networks = {
        "alexnet-torchvision": (torchvision.models.alexnet, ("torchscript", "dynamo")),
        "vgg-a": (torchvision.models.vgg11, ("torchscript", "dynamo")),
        "vgg-b": (torchvision.models.vgg13, ("torchscript",)),
        "vgg-d": (torchvision.models.vgg16, ("torchscript", "dynamo")),
        "vgg-e": (torchvision.models.vgg19, ("torchscript",)),
        "googlenet-torchvision": (
            lambda: torchvision.models.googlenet(init_weights=False, aux_logits=True),
            ("torchscript", "dynamo"),
        ),
    }
    given = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
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
            torch.onnx.export(model, (torch.tensor(given[:1]),), str(path), dynamo=way == "dynamo")
            expect(network, path, given)


def by_keras():
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow as tf
    import tf2onnx
    from tf2onnx.optimizer.optimizer_base import GraphOptimizerBase

    # Each of tf2onnx's passes copies the whole graph; of VGG16 these are 20 GB if they are not collected at once.
    optimise = GraphOptimizerBase.optimize

    def collected(self, *given):
        gc.collect()
        return optimise(self, *given)

    GraphOptimizerBase.optimize = collected
    given = np.ascontiguousarray(images[..., ::-1])
    for network, build in {"vgg-d": keras.applications.VGG16, "vgg-e": keras.applications.VGG19}.items():
        random = np.random.default_rng(1)
        model = build(weights=None, classifier_activation=None)
        for weight in model.weights:
            shape = tuple(weight.shape)
            deviation = (2 / np.prod(shape[:-1])) ** 0.5 if len(shape) > 1 else 0.1
            weight.assign(random.standard_normal(shape, dtype=np.float32) * np.float32(deviation))
        model.predict(given[:1], verbose=0)
        path = folder / f"{network}-keras.onnx"
        model.export(str(path), format="onnx", verbose=False)
        expect(network, path, given)
        if network == "vgg-d":
            path = folder / f"{network}-tf2onnx.onnx"
            signature = (tf.TensorSpec((None, side, side, 3), tf.float32, name="input"),)
            tf2onnx.convert.from_keras(model, input_signature=signature, opset=13, output_path=str(path))
            expect(network, path, given)


def by_caffe2():
    sys.path.insert(0, str(Path(__file__).parents[4] / "__tests__" / "fixtures" / "weights"))
    from zoo_graph import Zoo, googlenet

    random = np.random.default_rng(1)
    inputs, modules = 192, []
    shapes = {"conv1/7x7_s2": (64, 3, 7), "conv2/3x3_reduce": (64, 64, 1), "conv2/3x3": (192, 64, 3)}
    for name, one, three_reduce, three, five_reduce, five, project in MODULES:
        layer = f"inception_{name}"
        shapes |= {
            f"{layer}/1x1": (one, inputs, 1), f"{layer}/3x3_reduce": (three_reduce, inputs, 1),
            f"{layer}/3x3": (three, three_reduce, 3), f"{layer}/5x5_reduce": (five_reduce, inputs, 1),
            f"{layer}/5x5": (five, five_reduce, 5), f"{layer}/pool_proj": (project, inputs, 1),
        }  # fmt: skip
        inputs = one + three + five + project
        modules += [layer, *({"3b": ["pool3/3x3_s2"], "4e": ["pool4/3x3_s2"]}.get(name, []))]

    def weights(name):
        shape = (1000, inputs) if name == "loss3/classifier" else (*shapes[name], shapes[name][-1])
        deviation = np.float32((2 / np.prod(shape[1:])) ** 0.5)
        kernel = random.standard_normal(shape, dtype=np.float32) * deviation
        return kernel, random.standard_normal(shape[:1], dtype=np.float32) * np.float32(0.1)

    zoo = Zoo()
    googlenet(zoo, weights, modules, 7)
    path = folder / "googlenet-caffe2.onnx"
    zoo.save(path, side, 1000)
    expect("googlenet", path, np.ascontiguousarray(images.transpose(0, 3, 1, 2)[:, ::-1]))


# Szegedy et al. 2015, Table 1: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool proj
MODULES = [
    ("3a", 64, 96, 128, 16, 32, 32), ("3b", 128, 128, 192, 32, 96, 64), ("4a", 192, 96, 208, 16, 48, 64),
    ("4b", 160, 112, 224, 24, 64, 64), ("4c", 128, 128, 256, 24, 64, 64), ("4d", 112, 144, 288, 32, 64, 64),
    ("4e", 256, 160, 320, 32, 128, 128), ("5a", 256, 160, 320, 32, 128, 128), ("5b", 384, 192, 384, 48, 128, 128),
]  # fmt: skip

{"torch": by_torch, "keras": by_keras, "caffe2": by_caffe2}[part]()
(folder / f"expected-{part}.json").write_text(json.dumps(expected))
