"""Opens in Keras what was exported for it, and says how far its answers are from ours.

    npx tsx scripts/peers/weights/export-to-keras.ts FOLDER [--small] [NAME …]
    python scripts/peers/weights/keras_exported.py FOLDER             # Keras 3.15 on TensorFlow 2.21, or both 2.13

Prints a table, a row a file: the largest amount of an answer, and the largest difference. `answers.json` in the folder
then holds Keras's answers; of `--small`, __tests__/fixtures/weights/keras-answers.json is a copy. The images are those of
seeded-networks.ts.
"""

import json
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np


def images(shape, least, most):
    share = ((7919 * np.arange(2 * np.prod(shape), dtype=np.int64)) % 2003) / 2002
    return (least + (most - least) * share).astype(np.float32).reshape(2, *shape)


def answers(path, seen):
    model = keras.models.load_model(path, compile=False)
    kinds = {type(layer).__name__ for layer in model.layers}
    assert "Lambda" not in kinds, f"{path.name} has a Lambda"
    outputs = model.predict(seen, verbose=0)
    return outputs if isinstance(outputs, list) else [outputs]


folder = Path(sys.argv[1])
found = {}
print(f"Keras {keras.__version__}")
for row in json.loads((folder / "expected.json").read_text()):
    seen = images(row["shape"], *row["range"])
    try:
        theirs = answers(folder / row["file"], seen[..., ::-1] if row["blueFirst"] else seen)
    except Exception as error:
        print(row["network"], "not opened:", str(error).splitlines()[0][:120])
        continue
    apart = [np.abs(np.array(ours) - output).max() for ours, output in zip(row["outputs"], theirs, strict=True)]
    largest = max(np.abs(output).max() for output in theirs)
    outputs = [np.round(output.astype(np.float64), 6).tolist() for output in theirs]
    found[row["network"]] = {"digest": row["digest"], "outputs": outputs}
    print(row["network"], f"{largest:.4g}", f"{max(apart):.1e}")
rows = [f"{json.dumps(network)}: {json.dumps(answer)}" for network, answer in found.items()]
(folder / "answers.json").write_text("{\n" + ",\n".join(rows) + "\n}\n")
