"""Writes onnxruntime's scores of many images, for measure-stored.ts: `FILE.scores`, float32."""

import json
import sys

import numpy as np
import onnxruntime

file, pixels = sys.argv[1:]
session = onnxruntime.InferenceSession(file)
told = json.loads(session.get_modelmeta().custom_metadata_map["input"])
images = np.fromfile(pixels, np.uint8).reshape(-1, *told["shape"])
(step,) = told["preprocess"]
assert step["kind"] == "subtract"
parts = []
for at in range(0, len(images), 20):
    values = (images[at : at + 20] - np.array(step["mean"])) / step.get("deviation", 1)
    parts.append(session.run(["scores"], {"image": values.astype(np.float32).transpose(0, 3, 1, 2)})[0])
np.concatenate(parts).tofile(f"{file}.scores")
