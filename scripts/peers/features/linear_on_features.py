"""Reads the files that `features` wrote with numpy and safetensors, compares them, and fits a linear classifier."""
import csv
import json
import sys
from pathlib import Path

import numpy
import safetensors
import sklearn
from safetensors import safe_open
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

folder = Path(sys.argv[1])


def part(name):
    with numpy.load(folder / f"{name}.npz") as arrays:  # allow_pickle stays False
        return {key: arrays[key] for key in arrays.files}


def same_in_all_formats():
    """The test part was written in each format."""
    expected = part("test")
    names = [str(file) for file in expected["files"]]
    labels = [str(expected["classes"][label]) for label in expected["labels"]]
    array = numpy.load(folder / "test.npy")
    beside = list(csv.reader(open(folder / "test.npy.csv", newline="", encoding="utf-8")))
    rows = list(csv.reader(open(folder / "test.csv", newline="", encoding="utf-8")))
    decimals = numpy.array([row[2:] for row in rows[1:]], dtype=numpy.float32)
    with safe_open(folder / "test.safetensors", "numpy") as file:
        tensor, numbers, metadata = file.get_tensor("features"), file.get_tensor("labels"), file.metadata()
    named = [[file, label] for file, label in zip(names, labels)]
    return {
        ".npy": bool((array == expected["features"]).all()) and beside[1:] == named,
        ".csv": bool((decimals == expected["features"]).all()) and [row[:2] for row in rows[1:]] == named,
        ".safetensors": bool((tensor == expected["features"]).all() and (numbers == expected["labels"]).all())
        and json.loads(metadata["files"]) == names,
    }


train, validation, test = part("train"), part("validation"), part("test")
fits = []
for power in range(-10, 3):  # half powers of ten
    model = make_pipeline(StandardScaler(), LogisticRegression(C=10 ** (power / 2), max_iter=5000))
    model.fit(train["features"], train["labels"])
    wrong, tested = (int((model.predict(x["features"]) != x["labels"]).sum()) for x in (validation, test))
    fits.append({"C": 10 ** (power / 2), "validationWrong": wrong, "testWrong": tested})
best = min(fits, key=lambda one: one["validationWrong"])  # of several, the smallest C
versions = {
    "numpy": numpy.__version__,
    "safetensors": safetensors.__version__,
    "scikit-learn": sklearn.__version__,
}
sizes = {name: len(rows["labels"]) for name, rows in (("train", train), ("validation", validation), ("test", test))}
width = train["features"].shape[1]
print(json.dumps({**best, "same": same_in_all_formats(), "sizes": sizes, "width": width, "versions": versions}))
