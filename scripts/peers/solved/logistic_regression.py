"""scikit-learn's logistic regression on features that compare-solved.ts wrote: its C is chosen on the validation rows."""
import json
import sys
import time
from pathlib import Path

import numpy
import sklearn
from sklearn.linear_model import LogisticRegression


def part(folder, name):
    labels = numpy.array(json.loads((folder / f"{name}.json").read_text()))
    values = numpy.fromfile(folder / f"{name}.f32", "<f4").reshape(len(labels), -1)
    return values, labels


folder = Path(sys.argv[1])
train, validation, test = (part(folder, name) for name in ("train", "validation", "test"))
began = time.perf_counter()
tried = []
for power in range(-10, 5):  # half powers of ten
    model = LogisticRegression(C=10 ** (power / 2), max_iter=5000).fit(*train)
    wrong, tested = (int((model.predict(x) != y).sum()) for x, y in (validation, test))
    tried.append({"C": model.C, "validationWrong": wrong, "testWrong": tested})
    # As LogisticRegressionCV: of several that are the best, the smallest C.
    best = min(tried, key=lambda one: one["validationWrong"])
    if len(tried) - 1 - tried.index(best) >= 4:
        break
seconds = time.perf_counter() - began
found = {**best, "seconds": seconds, "tried": tried, "version": sklearn.__version__}
print(json.dumps(found))
