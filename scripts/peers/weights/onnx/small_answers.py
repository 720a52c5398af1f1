"""Checks small exported ONNX files and has onnxruntime answer by them; small-answers.ts runs it.

The images are those of seeded-networks.ts.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime


def images(shape, least, most):
    share = ((7919 * np.arange(2 * np.prod(shape), dtype=np.int64)) % 2003) / 2002
    return (least + (most - least) * share).astype(np.float32).reshape(2, *shape)


folder = Path(sys.argv[1])
found = {}
for row in json.loads((folder / "files.json").read_text()):
    path = folder / row["file"]
    onnx.checker.check_model(str(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path))
    seen = images(row["shape"], *row["range"]).transpose(0, 3, 1, 2)
    outputs = [np.round(output.astype(np.float64), 6).tolist() for output in session.run(None, {"image": seen})]
    found.setdefault(row["network"], {})[row["as"]] = {"digest": row["digest"], "outputs": outputs}
rows = [f"{json.dumps(network)}: {json.dumps(answer)}" for network, answer in found.items()]
(folder / "answers.json").write_text("{\n" + ",\n".join(rows) + "\n}\n")
