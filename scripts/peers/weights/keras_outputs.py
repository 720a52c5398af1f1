"""Writes Keras's VGG16 and VGG19 at full size with random weights, and what they answer to one image.

    python scripts/peers/weights/keras_outputs.py FOLDER              # Keras 3.15 on TensorFlow 2.21, or both 2.13; 3.4 GB
    npx tsx scripts/peers/weights/compare-imported.ts FOLDER          # imports them, and says how far the answers are apart

The image's values are those of __tests__/fixtures/weights/make_torch_files.py, red first; these networks take blue first.
The answers are scores before softmax, as ours are.
"""

import json
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np

networks = {
    "vgg-d": (keras.applications.VGG16, [".h5", ".keras", ".weights.h5"]),
    "vgg-e": (keras.applications.VGG19, [".h5", ".weights.h5"]),
}


def image(side):
    values = ((7919 * np.arange(side * side * 3, dtype=np.int64)) % 2003) / 1001.5 - 1
    return values.astype(np.float32).reshape(1, side, side, 3)


def randomise(model, random):
    """Weights that keep the size of what passes through them, so that the answers are of the order of 1."""
    for weight in model.weights:
        shape = tuple(weight.shape)
        deviation = (2 / np.prod(shape[:-1])) ** 0.5 if len(shape) > 1 else 0.1
        weight.assign(random.standard_normal(shape, dtype=np.float32) * np.float32(deviation))
    return model


folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
expected = []
for name, (build, endings) in networks.items():
    model = randomise(build(weights=None, classifier_activation=None), np.random.default_rng(1))
    outputs = model.predict(image(224)[..., ::-1], verbose=0)
    for ending in endings:
        path = folder / f"{name}{ending}"
        model.save_weights(path) if ending == ".weights.h5" else model.save(path)
        expected.append({"network": name, "file": path.name, "side": 224, "outputs": [outputs.tolist()]})
    print(name, outputs.shape)
(folder / "expected.json").write_text(json.dumps(expected))
