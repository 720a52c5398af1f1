"""Writes softmax_regression.json: a small problem, and scikit-learn's solutions of it (scikit-learn 1.9.1)."""
import json
from pathlib import Path

import numpy
import sklearn
from sklearn.linear_model import LogisticRegression

random = numpy.random.default_rng(7)
labels = random.integers(0, 3, 90)
centres = random.normal(0, 1, (3, 5))
values = (centres[labels] + random.normal(0, 1.2, (90, 5)) + [3, 0, -2, 0, 10]).astype(numpy.float32)
solutions = []
for C, weights in ((0.02, None), (1.0, None), (1.0, [0.5, 1.0, 2.0])):
    counted = None if weights is None else dict(enumerate(weights))
    model = LogisticRegression(C=C, class_weight=counted, tol=1e-10, max_iter=100000)
    model.fit(values.astype(numpy.float64), labels)
    solutions.append(
        {
            "C": C,
            "classWeights": weights,
            "kernel": model.coef_.T.tolist(),
            "bias": model.intercept_.tolist(),
            "wrong": int((model.predict(values) != labels).sum()),
        }
    )
problem = {"labels": labels.tolist(), "values": values.tolist(), "solutions": solutions}
text = json.dumps({"scikit-learn": sklearn.__version__, **problem})
Path(__file__).with_suffix(".json").write_text(text + "\n")
