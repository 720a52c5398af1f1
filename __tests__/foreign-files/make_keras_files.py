"""Makes the Keras files beside it with Keras itself: narrow networks with random weights, and what they answer.

    python make_keras_files.py                          # Keras 3.15 on TensorFlow 2.21, h5py 3.14
    PYTHONPATH=KERAS33 python make_keras_files.py old   # Keras 3.3.3, for the file of an older layout
    python make_keras_files.py unnamed                  # Keras 3.3.3 on JAX, for weights without the layers' names
    python make_keras_files.py descriptions             # Keras 3.15: what Keras writes of layers, in keras-descriptions.json.gz
    python make_keras_files.py small                    # Keras 3.15: quantised and subclassed models
    python make_keras_files.py twice                    # Keras 2.13.1 on TensorFlow 2.13, which counts layers twice

`keras-expected.json` holds the class scores of the images of make_torch_files.py, red first; VGG's layers and names are
those of keras.applications, whose weights take blue first. Nothing of the product or its tests runs this.
"""

import gzip
import json
import os
import sys
import tempfile
import zipfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax" if sys.argv[1:] == ["unnamed"] else "tensorflow"
import h5py
import keras
import numpy as np
from keras import layers

HERE = Path(__file__).parent
keras.utils.set_random_seed(1)
expected = {}


def images(side):
    count = 2 * side * side * 3
    values = ((7919 * np.arange(count, dtype=np.int64)) % 2003) / 1001.5 - 1
    return values.astype(np.float32).reshape(2, side, side, 3)


def randomise(model):
    for weight in model.weights:
        shape = tuple(weight.shape)
        if weight.name in ("gamma", "moving_variance"):
            weight.assign(np.random.uniform(0.5, 2, shape))
        elif weight.dtype == "float32":
            deviation = (2 / np.prod(shape[:-1])) ** 0.5 if len(shape) > 1 else 0.2
            weight.assign(np.random.normal(0, deviation, shape))
    return model


def vgg16():
    blocks = [[3, 3], [4, 4], [5, 5, 5], [5, 5, 5], [4, 4, 4]]
    steps = [keras.Input((64, 64, 3))]
    for block, maps in enumerate(blocks, 1):
        for conv, filters in enumerate(maps, 1):
            steps.append(layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"block{block}_conv{conv}"))
        steps.append(layers.MaxPooling2D(2, name=f"block{block}_pool"))
    steps.append(layers.Flatten(name="flatten"))
    steps.append(layers.Dense(7, activation="relu", name="fc1"))
    steps.append(layers.Dense(6, activation="relu", name="fc2"))
    steps.append(layers.Dense(5, name="predictions"))
    return randomise(keras.Sequential(steps, name="vgg16"))


def normalised():
    """A net with moving statistics, dropout and an optimiser's memory, whose names say nothing of their order."""
    inputs = keras.Input((8, 8, 3))
    left = layers.Conv2D(3, 3, use_bias=False, name="zeta")(inputs)
    left = layers.BatchNormalization(name="scale")(left)
    right = layers.Conv2D(2, 3, activation="relu", name="alpha")(inputs)
    joined = layers.Concatenate()([left, right])
    scores = layers.Dense(5, name="scores")(layers.Dropout(0.5)(layers.Flatten()(joined)))
    model = randomise(keras.Model(inputs, scores, name="normalised"))
    model.compile("adam", "mse")
    model.fit(images(8), np.zeros((2, 5)), epochs=1, verbose=0)
    return model


def expect(name, model, given, side):
    outputs = model.predict(given, verbose=0)
    assert np.abs(outputs[0] - outputs[1]).max() > 0.02, f"{name} does not look at its images"
    expected[name] = {"side": side, "outputs": outputs.tolist()}


def keras_1(model, path):
    """Names as Keras 1 wrote them, of which keras.applications still publishes files; a few in compressed chunks."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}_{letter}_1:0" for letter in ("W", "b")][: len(layer.weights)]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, values in zip(names, layer.get_weights()):
                packed = layer.name in ("block1_conv1", "fc1", "predictions") and values.ndim > 1
                chunks = {"chunks": tuple((side + 1) // 2 for side in values.shape), "compression": "gzip", "shuffle": True}
                group.create_dataset(name, data=values, **(chunks if packed else {}))


def numbers(path):
    """Every kind of number, in the newest layout of groups; `row` counts from 0."""
    row = np.arange(24)
    with h5py.File(path, "w", libver="latest") as file:
        def put(name, values, **given):
            return file.create_dataset(f"layers/{name}/vars/0", data=values, **given)

        for name in ("half", "double", "big_endian", "brain", "whole", "scalar", "empty", "packed"):
            file.create_group(f"layers/{name}/vars").attrs["name"] = name
        put("half", (row / 16).astype("<f2").reshape(2, 3, 4))
        put("double", row.astype("<f8") / 3)
        put("big_endian", row.astype(">f4"))
        brain = keras.ops.convert_to_numpy(keras.ops.cast(row, "bfloat16"))
        put("brain", brain).attrs["dtype"] = "bfloat16"
        put("whole", row.astype("<i4"))
        put("scalar", np.float32(5))
        put("empty", np.zeros((0, 3), "f4"))
        put("packed", row.astype("f4").reshape(4, 6), chunks=(3, 4), compression="gzip", fletcher32=True)


def hostile():
    def file(name):
        return h5py.File(HERE / f"hostile-{name}.h5", "w")

    with file("external-link") as made:
        made["dense/kernel"] = h5py.ExternalLink("/etc/passwd", "/")
    with file("external-data") as made:
        space, kind = h5py.h5s.create_simple((16,)), h5py.h5t.IEEE_F32LE
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_external(b"/etc/passwd", 0, 64)
        h5py.h5d.create(made.create_group("dense").id, b"kernel", kind, space, properties)
    with file("virtual") as made:
        layout = h5py.VirtualLayout((4,), "f4")
        layout[:] = h5py.VirtualSource("/etc/passwd", "kernel", (4,))
        made.create_virtual_dataset("dense/kernel", layout)
    with file("circle") as made:
        made.create_group("dense")
        made["dense/dense"] = made["dense"]
    with file("broken-link") as made:
        made["dense/kernel"] = h5py.SoftLink("/nowhere")
    with file("giant") as made:
        made.create_dataset("dense/kernel", (2**30, 2**30), "f4", chunks=(256, 256))
    with file("bomb") as made:
        made.create_dataset("dense/kernel", data=np.zeros((64, 2**18), "f4"), chunks=(1, 2**18), compression="gzip")
    with file("repeated") as made:
        made.create_dataset("dense/kernel", data=np.ones(1000, "f4"))
        for copy in range(10):
            made[f"dense{copy}/kernel"] = made["dense/kernel"]


def as_before(model):
    """With the weights of the VGG that another Keras made before."""
    with h5py.File(HERE / "vgg-d-keras-1.h5") as file:
        for layer in model.layers:
            if layer.weights:
                names = [f"{layer.name}_{letter}_1:0" for letter in ("W", "b")]
                layer.set_weights([np.array(file[layer.name][name]) for name in names])
    return model


def steps_of(**other):
    """VGG's layers without the input; some are others than vgg16 has, by name."""
    layer = lambda kind, name, *given, **named: other.get(name) or kind(*given, name=name, **named)
    steps = []
    for block, maps in enumerate([[3, 3], [4, 4], [5, 5, 5], [5, 5, 5], [4, 4, 4]], 1):
        for conv, filters in enumerate(maps, 1):
            name = f"block{block}_conv{conv}"
            steps.append(layer(layers.Conv2D, name, filters, 3, padding="same", activation="relu"))
        steps.append(layer(layers.MaxPooling2D, f"block{block}_pool", 2))
    steps.append(layer(layers.Flatten, "flatten"))
    steps.append(layer(layers.Dense, "fc1", 7, activation="relu"))
    steps.append(layer(layers.Dense, "fc2", 6, activation="relu"))
    return [*steps, layer(layers.Dense, "predictions", 5)]


def sequence(steps, kind=keras.Sequential):
    return kind([keras.Input((64, 64, 3)), *steps], name="vgg16")


def graph(steps):
    inputs = keras.Input((64, 64, 3))
    values = inputs
    for step in steps:
        values = step(values)
    return keras.Model(inputs, values, name="vgg16")


def bare(kind, name, *given, **named):
    return kind(*given, name=name, **named)


class Dropout(layers.Layer):
    def call(self, x):
        return x * 3


def descriptions():
    registered = lambda kind: keras.saving.register_keras_serializable("my")(kind)

    @registered
    class Conv2D(layers.Conv2D):
        def call(self, x):
            return keras.ops.sin(super().call(x))

    @registered
    class Sequential(keras.Sequential):
        def call(self, x, training=None, mask=None):
            return super().call(x * 2, training=training)

    @registered
    def relu(x):
        return keras.ops.tanh(x)

    Mine = registered(type("Dropout", (Dropout,), {}))
    rectifier = layers.ReLU(name="shared")
    fc1, fc2 = (bare(layers.Dense, name, units) for name, units in (("fc1", 7), ("fc2", 6)))
    last = bare(layers.Conv2D, "block5_conv3", 4, 3, padding="same")
    share = {"block5_conv3": lambda x: rectifier(last(x)), "fc1": lambda x: rectifier(fc1(x))}
    plain = steps_of()
    first = lambda **named: bare(layers.MaxPooling2D, "block1_pool", 2, **named)
    joined = lambda axis: bare(layers.BatchNormalization, "normalised", axis=axis)
    models = {
        "ops": graph(steps_of(fc1=lambda x: keras.ops.relu(fc1(x)), fc2=lambda x: keras.ops.relu6(fc2(x)))),
        "ops of the axis 0": graph([*plain, lambda x: keras.ops.softmax(x, axis=0)]),
        "ops of the axis -1": graph([*plain, lambda x: keras.ops.softmax(x)]),
        "shared": graph(steps_of(**share)),
        "softmax as a layer": sequence(steps_of(predictions=bare(layers.Dense, "predictions", 5, activation=layers.Softmax()))),
        "softmax of the axis 1": sequence([*plain, layers.Softmax(axis=1)]),
        "softmax of the axis 0": sequence([*plain, layers.Softmax(axis=0)]),
        "logarithms": sequence(steps_of(predictions=bare(layers.Dense, "predictions", 5, activation="log_softmax"))),
        "a list of one": sequence([layers.Rescaling([1.0]), *plain]),
        "flattened maps first": sequence(steps_of(flatten=bare(layers.Flatten, "flatten", data_format="channels_first"))),
        "pooled maps first": sequence(steps_of(block1_pool=first(data_format="channels_first"))),
        "normalised rows": sequence([plain[0], joined(1), *plain[1:]]),
        "another dropout": sequence([*plain[:-1], Dropout(name="dropout"), plain[-1]]),
        "a registered dropout": sequence([*plain[:-1], Mine(name="dropout"), plain[-1]]),
        "another convolution": sequence(steps_of(block1_conv1=Conv2D(3, 3, padding="same", activation="relu", name="block1_conv1"))),
        "another relu": sequence(steps_of(fc1=bare(layers.Dense, "fc1", 7, activation=relu))),
        "another sequence": sequence(plain, Sequential),
    }
    found = {}
    for name, model in models.items():
        with tempfile.TemporaryDirectory() as folder:
            model.save(f"{folder}/net.keras")
            with zipfile.ZipFile(f"{folder}/net.keras") as archive:
                found[name] = json.loads(archive.read("config.json"))
    (HERE / "keras-descriptions.json.gz").write_bytes(gzip.compress(json.dumps(found).encode(), mtime=0))


class Subclassed(keras.Model):
    def __init__(self, **given):
        super().__init__(**given)
        self.first = layers.Conv2D(2, 3, name="conv1")
        self.last = layers.Dense(4, name="ip2")

    def call(self, x):
        return self.last(layers.Flatten()(self.first(x)))


def small():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(5, name="ip1"), layers.Dense(4, use_bias=False, name="ip2")])
    model.quantize("int8")
    model.save(HERE / "quantised.keras")
    model.save_weights(HERE / "quantised.weights.h5")
    model = Subclassed(name="subclassed")
    model(np.zeros((1, 6, 6, 1), "f4"))
    model.save(HERE / "subclassed.keras")
    model.save_weights(HERE / "subclassed.weights.h5")
    model.save(HERE / "subclassed.h5")


if sys.argv[1:] == ["descriptions"]:
    descriptions()
elif sys.argv[1:] == ["small"]:
    small()
elif sys.argv[1:] == ["old"]:
    assert keras.__version__ == "3.3.3"
    model = normalised()
    expect("normalised-old", model, images(8), 8)
    model.save(HERE / "normalised-old.keras")
    path = HERE / "keras-expected.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | expected) + "\n")
elif sys.argv[1:] == ["unnamed"]:
    assert keras.__version__ == "3.3.3"
    as_before(vgg16()).save_weights(HERE / "vgg-d-unnamed.weights.h5")
elif sys.argv[1:] == ["twice"]:
    assert keras.__version__ == "2.13.1"
    model = as_before(vgg16())
    model.save(HERE / "vgg-d-twice.keras")
    model.save_weights(HERE / "vgg-d-twice.weights.h5")
else:
    model = vgg16()
    expect("vgg-d", model, images(64)[..., ::-1], 64)
    model.save(HERE / "vgg-d.h5")
    model.save(HERE / "vgg-d.keras")
    model.save_weights(HERE / "vgg-d.weights.h5")
    keras_1(model, HERE / "vgg-d-keras-1.h5")
    model = normalised()
    expect("normalised", model, images(8), 8)
    model.save(HERE / "normalised.h5")
    model.save(HERE / "normalised.keras")
    numbers(HERE / "numbers.weights.h5")
    hostile()
    (HERE / "keras-expected.json").write_text(json.dumps(expected) + "\n")
