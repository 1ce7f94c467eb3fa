"""Python's side of bench pca, tsne and neighbours: scikit-learn, and for neighbours brute force in numpy."""
import json
import sys

import numpy as np

from turns import serve_turns

TASK = json.loads(sys.argv[1])
X = np.load(TASK["file"])
K = TASK["k"]


def pca():
    from sklearn.decomposition import PCA
    fitted = PCA(K, svd_solver="randomized", random_state=0)
    along = fitted.fit_transform(X)
    if not np.isfinite(along).all():
        raise RuntimeError("a component is not finite")
    return {"explainedVariance": float(fitted.explained_variance_.sum())}


def nearest(rows, block=2000):
    """As a flat index does it: squared distances by a product, the k + 1 smallest of each row, then their order."""
    squares = np.einsum("ij,ij->i", rows, rows)
    total = 0.0
    for start in range(0, len(rows), block):
        asked = rows[start:start + block]
        distances = squares[None, :] - 2 * (asked @ rows.T)
        distances[np.arange(len(asked)), np.arange(start, start + len(asked))] = np.inf
        found = np.argpartition(distances, K, axis=1)[:, :K]
        near = np.take_along_axis(distances, found, axis=1)
        near = np.sort(near, axis=1) + squares[start:start + len(asked), None]
        total += float(np.sqrt(np.maximum(near, 0), dtype=np.float64).sum())
    return {"meanDistance": total / (len(rows) * K)}


def neighbours():
    return nearest(X)


def tsne(rows=X, n_iter=1000):
    from sklearn.manifold import TSNE
    found = TSNE(2, perplexity=30, n_iter=n_iter, method="barnes_hut", init="pca", learning_rate="auto",
                 random_state=0, n_jobs=TASK["numThreads"]).fit_transform(rows)
    np.save(TASK["out"], found.astype(np.float64))
    return {}


TURNS = {"pca": pca, "neighbours": neighbours, "tsne": tsne}
WARM = {"pca": pca, "neighbours": lambda: nearest(X[:4096]), "tsne": lambda: tsne(X[:1000], 250)}

serve_turns(WARM[TASK["name"]], TURNS[TASK["name"]])
