"""Classifiers, counts and their metrics, by scikit-learn and SciPy: the outside truth of the classifications and of count regression.

    classes_sklearn.py INPUT.json OUTPUT.json         runs the cases of INPUT, a list of objects
    classes_sklearn.py --make-fixtures FOLDER         writes FOLDER/probe/classes.json, cases and results

A case: train [N][K], test [M][K], classes [N], testClasses [M], counts [N], numClasses, penalties, knnSizes, dispersion.
"""

import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize, minimize_scalar
from scipy.stats import binomtest, nbinom
from sklearn.linear_model import LogisticRegression, PoissonRegressor
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
)
from sklearn.neighbors import KNeighborsClassifier

from case_files import serve_cases

TOOLS = f"scikit-learn {sklearn.__version__}, scipy {scipy.__version__}, numpy {np.__version__}"


def logistic(case, penalty):
    model = LogisticRegression(C=1 / penalty, solver="newton-cg", tol=1e-8, max_iter=10000)
    model.fit(np.array(case["train"]), np.array(case["classes"]))
    return {
        "penalty": penalty,
        "weights": model.coef_.tolist(),
        "intercepts": model.intercept_.tolist(),
        "predicted": model.predict(np.array(case["test"])).tolist(),
    }


def neighbours(case, size):
    weights = lambda distances: np.exp((1 - distances) / 0.07)  # DINO: exp(cosine / 0.07)
    model = KNeighborsClassifier(size, algorithm="brute", metric="cosine", weights=weights)
    return model.fit(np.array(case["train"]), np.array(case["classes"])).predict(np.array(case["test"])).tolist()


def metrics(truth, predicted, labels):
    by_class = {"labels": labels, "average": None, "zero_division": 0}
    return {
        "confusion": confusion_matrix(truth, predicted, labels=labels).tolist(),
        "accuracy": accuracy_score(truth, predicted),
        "balancedAccuracy": balanced_accuracy_score(truth, predicted),
        "macroF1": f1_score(truth, predicted, average="macro", zero_division=0),
        "recall": recall_score(truth, predicted, **by_class).tolist(),
        "precision": precision_score(truth, predicted, **by_class).tolist(),
        "f1": f1_score(truth, predicted, **by_class).tolist(),
    }


def poisson(case, penalty):
    counts = np.array(case["counts"], dtype=float)
    model = PoissonRegressor(alpha=penalty / len(counts), tol=1e-10, max_iter=100000).fit(np.array(case["train"]), counts)
    return {"weights": model.coef_.tolist(), "intercept": float(model.intercept_)}


def log_pmf(counts, means, dispersion):
    return nbinom.logpmf(counts, 1 / dispersion, 1 / (1 + dispersion * means))


def negative_binomial(case, penalty):
    x, counts, a = np.array(case["train"]), np.array(case["counts"]), case["dispersion"]

    def loss(p):
        return -log_pmf(counts, np.exp(x @ p[:-1] + p[-1]), a).sum() + penalty / 2 * (p[:-1] ** 2).sum()

    def slope(p):
        means = np.exp(x @ p[:-1] + p[-1])
        residuals = (means - counts) / (1 + a * means)
        return np.append(x.T @ residuals + penalty * p[:-1], residuals.sum())

    start = np.append(np.zeros(x.shape[1]), np.log(counts.mean()))
    found = minimize(loss, start, jac=slope, method="BFGS", options={"gtol": 1e-9, "maxiter": 10000}).x
    return {"weights": found[:-1].tolist(), "intercept": float(found[-1])}


def dispersion_of(counts):
    means = np.full(len(counts), np.mean(counts))
    search = minimize_scalar(lambda log_a: -log_pmf(np.array(counts), means, np.exp(log_a)).sum(), bounds=(-9, 4), method="bounded", options={"xatol": 1e-10})
    return float(np.exp(search.x))


def run_case(case):
    labels = list(range(case["numClasses"]))
    models = [logistic(case, penalty) for penalty in case["penalties"]]
    for model in models:
        model["metrics"] = metrics(case["testClasses"], model["predicted"], labels)
    errors = sum(a != b for a, b in zip(models[0]["predicted"], case["testClasses"]))
    interval = binomtest(errors, len(case["testClasses"])).proportion_ci(method="wilson")
    return {
        "models": models,
        "neighbours": [neighbours(case, size) for size in case["knnSizes"]],
        "errors": errors,
        "wilson": [interval.low, interval.high],
        "mcnemar": [[b, c, binomtest(b, b + c).pvalue if b + c else 1.0] for b, c in [(0, 0), (3, 9), (12, 11), (1, 30)]],
        "poisson": [poisson(case, penalty) for penalty in case["penalties"]],
        "negativeBinomial": [negative_binomial(case, penalty) for penalty in case["penalties"]],
        "dispersion": dispersion_of(case["counts"]),
    }


def make_case(name, seed, num_train, num_test, dim, num_classes):
    random = np.random.default_rng(seed)
    centres = random.normal(size=(num_classes, dim))
    classes = random.integers(num_classes, size=num_train + num_test)
    rows = np.round(centres[classes] + 1.5 * random.normal(size=(len(classes), dim)), 4)
    means = np.exp(1 + 0.3 * rows[:, 0])
    counts = random.negative_binomial(2, 1 / (1 + 0.5 * means))
    return {
        "name": name,
        "train": rows[:num_train].tolist(),
        "test": rows[num_train:].tolist(),
        "classes": classes[:num_train].tolist(),
        "testClasses": classes[num_train:].tolist(),
        "counts": counts[:num_train].tolist(),
        "numClasses": num_classes,
        "penalties": [0.1, 3, 100],
        "knnSizes": [1, 5, 20],
        "dispersion": 0.5,
    }


def made_cases():
    return [make_case("two classes", 1, 40, 25, 4, 2), make_case("four classes", 2, 60, 30, 6, 4)]


serve_cases("classes.json", TOOLS, made_cases, run_case)
