"""Supervised steps in PyTorch, float64 inside: the outside truth for fine-tuning.

    fine_tuning.py INPUT.safetensors OUTPUT.safetensors

Input: metadata "case" (JSON): backbone, head {hiddenDim, activation, numOutputs}, frozenGroups (names of layer groups, a prefix), layerDecay,
groupNames, optimiser, learningRate, weightDecay, labelSmoothing, task ("classes" or "regression"), numSteps. Tensors: `parameter.*`,
`images.N` and `targets.N` of each step N (labels as numbers [R, 1], or what is to be predicted [R, K]). Output: `predictions.N`, `loss.N`,
`gradient.N.*` and at the end `after.*`, with running averages.
"""
import json
import re
import sys

import torch
import torch.nn.functional as F

import safetensors_file
from resnet import Resnet
from vit import backbone_forward


def group_of(name, backbone):
    block = re.match(r"(layer\d+\.\d+|blocks\.\d+)\.", name)
    if name.startswith("head."):
        return "head"
    if block:
        return block.group(1)
    if backbone.get("kind") == "resnet":
        return "stem"
    return f"blocks.{backbone['depth'] - 1}" if name.startswith("norm.") else "patch_embed"


class FrozenBelow(Resnet):
    """A ResNet whose frozen groups normalise by their running averages."""

    def __init__(self, tensors, config, frozen):
        super().__init__(tensors, config, True)
        self.frozen = frozen

    def norm(self, x, name):
        self.training = group_of(name + ".", self.config) not in self.frozen
        return super().norm(x, name)


def predictions_of(tensors, case, images):
    backbone = case["backbone"]
    if backbone.get("kind") == "resnet":
        embeddings = FrozenBelow(tensors, backbone, case["frozenGroups"]).forward(images)
    else:
        embeddings = backbone_forward(tensors, backbone, images)[0]
    out = F.linear(embeddings, tensors["head.0.weight"], tensors["head.0.bias"])
    last = "head.1" if "head.1.weight" in tensors else "head.2"
    if f"{last}.weight" in tensors:
        out = F.relu(out) if case["head"].get("activation") == "relu" else out
        out = F.linear(out, tensors[f"{last}.weight"], tensors[f"{last}.bias"])
    return out


def run(source, target):
    given, metadata = safetensors_file.read(source)
    case = json.loads(metadata["case"])
    prefix = "parameter."
    tensors = {name[len(prefix):]: value.double() for name, value in given.items() if name.startswith(prefix)}
    is_buffer = lambda name: name.endswith(("running_mean", "running_var"))
    trained = {}
    for name, value in tensors.items():
        if not is_buffer(name) and group_of(name, case["backbone"]) not in case["frozenGroups"]:
            trained[name] = value.requires_grad_(True)
    names = case["groupNames"]

    def settings(name, value):
        group = group_of(name, case["backbone"])
        above = 0 if group == "head" else len(names) - 1 - names.index(group)
        rate = case["learningRate"] * case["layerDecay"] ** above
        return {"params": [value], "lr": rate, "weight_decay": case["weightDecay"] if value.ndim > 1 else 0.0}

    groups = [settings(name, value) for name, value in trained.items()]
    optimiser = torch.optim.AdamW(groups) if case["optimiser"] == "adamw" else torch.optim.SGD(groups, lr=1, momentum=0.9)
    out = {}
    for step in range(case["numSteps"]):
        predictions = predictions_of(tensors, case, given[f"images.{step}"].double())
        targets = given[f"targets.{step}"].double()
        if case["task"] == "classes":
            loss = F.cross_entropy(predictions, targets[:, 0].long(), label_smoothing=case["labelSmoothing"])
        else:
            loss = F.mse_loss(predictions, targets)
        optimiser.zero_grad()
        loss.backward()
        out[f"predictions.{step}"] = predictions
        out[f"loss.{step}"] = loss.reshape(1)
        for name, value in trained.items():
            out[f"gradient.{step}.{name}"] = value.grad.clone()
        optimiser.step()
    for name, value in tensors.items():
        out[f"after.{name}"] = value
    safetensors_file.write(target, out, {})


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2])
