"""Writes Caffe's networks at full size with random weights, and what OpenCV's importer of them answers to one image.

    python scripts/peers/weights/opencv_outputs.py FOLDER             # opencv-python-headless 4, protobuf, numpy; 2.6 GB
    npx tsx scripts/peers/weights/compare-imported.ts FOLDER          # imports them, and says how far the answers are apart

The image's values are those of __tests__/fixtures/weights/make_torch_files.py, red first; most of these networks take
blue first. The answers are scores before softmax.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
from google.protobuf import text_format

from caffe_networks import networks


def image(side, channels):
    values = ((7919 * np.arange(side * side * channels, dtype=np.int64)) % 2003) / 1001.5 - 1
    return values.astype(np.float32).reshape(1, side, side, channels)


def answers(description, weights, seen):
    net = cv2.dnn.readNetFromCaffe(description, weights)
    net.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    net.setInput(np.ascontiguousarray(seen.transpose(0, 3, 1, 2)))
    return net.forward().reshape(1, -1).tolist()


def described(net):
    """The layers without their weights, as the text that Caffe calls prototxt."""
    bare = type(net)()
    bare.CopyFrom(net)
    for layer in bare.layer:
        del layer.blobs[:]
    return text_format.MessageToString(bare)


folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
expected = []
for name, (build, channels, side, blue_first) in networks.items():
    net = build()
    description, weights = folder / f"{name}.prototxt", folder / f"{name}.caffemodel"
    description.write_text(described(net))
    weights.write_bytes(net.SerializeToString())
    seen = image(side, channels)
    outputs = answers(str(description), str(weights), seen[..., ::-1] if blue_first else seen)
    expected.append({"network": name, "file": weights.name, "side": side, "channels": channels, "outputs": [outputs]})
    print(name, len(outputs[0]), max(map(abs, outputs[0])))
(folder / "expected.json").write_text(json.dumps(expected))
