"""Checks exported ONNX files, and says how far onnxruntime's answers to real images are from ours.

compare-exported.ts runs it. Images are made ready here, by the steps that each file's metadata_props name.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime


def shrunk(pixels, height, width):
    """Each new pixel is the mean of the area that it covers, rounded half up."""

    def shares(old, new):
        matrix = np.zeros((new, old))
        for part in range(new):
            for at in range(old):
                matrix[part, at] = max(0, min((part + 1) * old, (at + 1) * new) - max(part * old, at * new)) / old
        return matrix

    rows, columns = shares(pixels.shape[1], height), shares(pixels.shape[2], width)
    return np.floor(np.einsum("ah,bw,nhwc->nabc", rows, columns, pixels) + 0.5)


def padded(pixels, height, width, value):
    top, left = (height - pixels.shape[1]) // 2, (width - pixels.shape[2]) // 2
    whole = np.full((pixels.shape[0], height, width, pixels.shape[3]), float(value))
    whole[:, top : top + pixels.shape[1], left : left + pixels.shape[2]] = pixels
    return whole


def prepared(pixels, steps):
    values = pixels.astype(np.float64)
    for step in steps:
        kind = step["kind"]
        if kind == "shrink":
            values = shrunk(values, step["height"], step["width"])
        elif kind == "pad":
            values = padded(values, step["height"], step["width"], step["value"])
        elif kind == "range":
            values = step["black"] + (step["white"] - step["black"]) * values / 255
        elif kind == "subtract":
            values = (values - step["mean"]) / step.get("deviation", [1] * len(step["mean"]))
        else:
            raise ValueError(f"a step {kind} outside the graph")
    return values.astype(np.float32).transpose(0, 3, 1, 2)


folder = Path(sys.argv[1])
print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")
print("| network | weights | images | file, MB | largest answer | largest difference | of the largest answer |")
print("| --- | --- | --- | --- | --- | --- | --- |")
failed = False
for row in json.loads((folder / "expected.json").read_text()):
    path = folder / f"{row['network']}.onnx"
    onnx.checker.check_model(str(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path))
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["network"] == row["network"]
    assert [(end.name, end.shape[0]) for end in session.get_inputs()] == [("image", "batch")]
    pixels = np.fromfile(folder / f"{row['network']}.pixels", np.uint8).reshape(-1, *row["pixels"])
    values = prepared(pixels, json.loads(metadata["input"])["preprocess"])
    (theirs,) = session.run(["scores"], {"image": values})
    ours = np.array(row["answers"])
    apart, largest = np.abs(ours - theirs).max(), np.abs(ours).max()
    failed |= not apart <= 1e-4 * max(1, largest)
    megabytes = path.stat().st_size / 1e6
    images = f"{row['images']} of {row['data']}"
    print(
        f"| `{row['network']}` | {row['weights']} | {images} | {megabytes:.1f} | {largest:.4g} | {apart:.1e} | {apart / largest:.1e} |",
        flush=True,
    )
sys.exit(1 if failed else 0)
