"""Compares a report's figures with what scikit-learn computes from the same answers.

    pip install -r scripts/peers/answers/requirements.txt
    python scripts/peers/answers/scikit_learn.py ANSWERS.csv REPORT.json

ANSWERS.csv is what `evaluate --answers` wrote, REPORT.json the report of the same evaluation. Prints the largest
difference of each figure, as a row of a Markdown table, and ends with 1 if one is above 1e-6.
"""
import json
import sys
import warnings

import numpy as np
import pandas as pd
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support, top_k_accuracy_score

warnings.simplefilter("ignore")
limit = 1e-6
bins = 15  # Guo et al. 2017

answers_file, report_file = sys.argv[1:]
answers = pd.read_csv(answers_file, keep_default_na=False)  # a class may be called “NA”
report = json.load(open(report_file))
labels, found = answers["label_index"].to_numpy(), answers["answer1_index"].to_numpy()
classes = len(report["perClass"])


def largest(ours, theirs):
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    return float(np.abs(ours - theirs).max())


def figures(row):
    return [row[name] or 0 for name in ("precision", "recall", "f1")]  # null: a division by zero


def mean(kind):
    return precision_recall_fscore_support(labels, found, average=kind, zero_division=0)[:3]


each = precision_recall_fscore_support(labels, found, labels=range(classes), zero_division=0)[:3]
differences = {
    "error": largest(report["error"], 1 - accuracy_score(labels, found)),
    "precision, recall, F1 of each class": largest([figures(row) for row in report["perClass"]], np.stack(each, 1)),
    "macro": largest(figures(report["averages"]["macro"]), mean("macro")),
    "weighted": largest(figures(report["averages"]["weighted"]), mean("weighted")),
    "confusion matrix": largest(report["confusion"], confusion_matrix(labels, found, labels=range(classes))),
}
if report["top5Error"] is not None:
    ranked = answers[[f"answer{rank}_index" for rank in range(1, 6)]].to_numpy()
    scores = np.zeros((len(answers), classes))
    np.put_along_axis(scores, ranked, np.arange(5, 0, -1)[None].repeat(len(answers), 0), axis=1)
    top5 = top_k_accuracy_score(labels, scores, k=5, labels=range(classes))
    differences["top-5 error"] = largest(report["top5Error"], 1 - top5)
if report["calibration"] is not None:
    probability = answers["probability1"].to_numpy()
    right = (labels == found).astype(int)
    accuracy, confidence = calibration_curve(right, probability, n_bins=bins, strategy="uniform")
    differences["calibration curve"] = max(
        largest([one["accuracy"] for one in report["calibration"]["bins"]], accuracy),
        largest([one["confidence"] for one in report["calibration"]["bins"]], confidence),
    )
    sizes = np.histogram(probability, np.linspace(0, 1, bins + 1))[0]
    sizes = sizes[sizes > 0]
    error = float((sizes * np.abs(accuracy - confidence)).sum() / sizes.sum())
    differences["expected calibration error"] = largest(report["calibration"]["error"], error)

for name, difference in differences.items():
    print(f"| {name} | {difference:.1e} |")
sys.exit(any(difference > limit for difference in differences.values()))
