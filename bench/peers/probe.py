"""Peer of bench probe: scikit-learn's ridge with its penalty by cross-validation, and one PyTorch layer by SGD with each seed."""
import argparse
import json

import numpy as np
import torch
from sklearn.linear_model import RidgeCV
from turns import serve_turns

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--size", type=json.loads, required=True)
options = parser.parse_args()
torch.set_num_threads(options.threads)
rows, components, seeds = (options.size[name] for name in ("rows", "components", "seeds"))

random = np.random.default_rng(0)
x = random.normal(size=(rows, components))
y = np.round(15 + 4 * x[:, 0] + 3 * random.normal(size=rows))
penalties = 10.0 ** (np.arange(19) / 2 - 3)
features, targets = torch.from_numpy(x).float(), torch.from_numpy((y - y.mean()) / y.std()).float()


def fit_by_sgd(seed):
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    layer = torch.nn.Linear(components, 1)
    optimiser = torch.optim.SGD(layer.parameters(), lr=1e-3, weight_decay=1e-5)
    for _ in range(100):
        for batch in torch.split(torch.randperm(rows, generator=generator), 64):
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(layer(features[batch])[:, 0], targets[batch]).backward()
            optimiser.step()
    with torch.no_grad():
        return layer(features)[:, 0].double().numpy() * y.std() + y.mean()


def turn():
    predictions = [RidgeCV(penalties, cv=5).fit(x, y).predict(x)] + [fit_by_sgd(seed) for seed in range(seeds)]
    return {"meanSquaredError": float(np.mean([(predicted - y) ** 2 for predicted in predictions]))}


serve_turns(warm=turn, turn=turn)
