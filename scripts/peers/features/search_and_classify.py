import numpy
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

train, test = numpy.load("train.npz"), numpy.load("test.npz")

# A search: the training images nearest to a test image, by the angle between their features.
search = NearestNeighbors(n_neighbors=3, metric="cosine").fit(train["features"])
distances, rows = search.kneighbors(test["features"][:1])
print(test["files"][0])
for distance, row in zip(distances[0], rows[0]):
    print(f"  {distance:.3f} {train['files'][row]}")

# The class of the nearest, and a linear classifier.
nearest = train["labels"][search.kneighbors(test["features"], n_neighbors=1, return_distance=False)[:, 0]]
classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=5000))
classifier.fit(train["features"], train["labels"])
for name, answers in (("nearest", nearest), ("linear", classifier.predict(test["features"]))):
    print(name, (answers != test["labels"]).sum(), "of", len(answers), "wrong")
