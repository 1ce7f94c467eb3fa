"""PCA, scaling, ridge and a linear layer by SGD, by scikit-learn and PyTorch: the outside truth of the probes.

    probe_sklearn.py INPUT.json OUTPUT.json         runs the cases of INPUT, a list of objects
    probe_sklearn.py --make-fixtures FOLDER         writes FOLDER/probe/sklearn.json, cases and results

A case: train [N][D], test [M][D], targets [N], testTargets [M], numComponents, penalties; and where SGD is asked for,
initial [K + 1] (bias last), orders [epochs][N], learningRate, weightDecay, batchSize.
"""

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score
from sklearn.preprocessing import StandardScaler

from case_files import serve_cases

TOOLS = f"scikit-learn {sklearn.__version__}, numpy {np.__version__}"


def fit_by_sgd(features, targets, case):
    import torch

    layer = torch.nn.Linear(features.shape[1], 1, dtype=torch.float64)
    with torch.no_grad():
        layer.weight[0] = torch.tensor(case["initial"][:-1])
        layer.bias[0] = case["initial"][-1]
    x, y = torch.from_numpy(features), torch.from_numpy((targets - targets.mean()) / targets.std())
    optimiser = torch.optim.SGD(layer.parameters(), lr=case["learningRate"], weight_decay=case["weightDecay"])
    for order in case["orders"]:
        for rows in torch.split(torch.tensor(order), case["batchSize"]):
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(layer(x[rows])[:, 0], y[rows]).backward()
            optimiser.step()
    weights = layer.weight.detach().numpy()[0] * targets.std()
    return {"weights": weights.tolist(), "intercept": float(layer.bias) * targets.std() + targets.mean()}


def run_case(case):
    train, test = np.array(case["train"]), np.array(case["test"])
    targets, test_targets = np.array(case["targets"]), np.array(case["testTargets"])
    pca = PCA(case["numComponents"], svd_solver="full").fit(train)
    scaler = StandardScaler().fit(pca.transform(train))
    features, test_features = scaler.transform(pca.transform(train)), scaler.transform(pca.transform(test))
    result = {
        "mean": pca.mean_.tolist(),
        "components": pca.components_.tolist(),
        "explainedVariance": pca.explained_variance_.tolist(),
        "explainedVarianceRatio": pca.explained_variance_ratio_.tolist(),
        "scale": scaler.scale_.tolist(),
        "models": [],
    }
    for penalty in case["penalties"]:
        predicted = Ridge(alpha=penalty, solver="cholesky").fit(features, targets).predict(test_features)
        slope = np.polyfit(predicted, test_targets, 1)[0]
        result["models"].append({
            "penalty": penalty,
            "predicted": predicted.tolist(),
            "meanSquaredError": mean_squared_error(test_targets, predicted),
            "meanAbsoluteError": mean_absolute_error(test_targets, predicted),
            "r2": r2_score(test_targets, predicted),
            "calibrationSlope": slope,
        })
    if "initial" in case:
        result["sgd"] = fit_by_sgd(features, targets, case)
    return result


def make_case(name, seed, num_train, num_test, dim, num_components):
    random = np.random.default_rng(seed)
    mixing = random.normal(size=(dim, dim)) * np.geomspace(1, 0.1, dim)[:, None]
    rows = np.round(random.normal(size=(num_train + num_test, dim)) @ mixing + 3, 4)
    counts = random.poisson(np.exp(1 + 0.3 * rows[:, 0])).astype(float)
    return {
        "name": name,
        "train": rows[:num_train].tolist(),
        "test": rows[num_train:].tolist(),
        "targets": counts[:num_train].tolist(),
        "testTargets": counts[num_train:].tolist(),
        "numComponents": num_components,
        "penalties": [0.01, 1, 100],
    }


def made_cases():
    return [make_case("more rows than columns", 1, 24, 7, 5, 3), make_case("more columns than rows", 2, 9, 5, 14, 6)]


serve_cases("sklearn.json", TOOLS, made_cases, run_case)
