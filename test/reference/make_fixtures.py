"""Seeded inputs for the reference step, and what it makes of them, as small files. Run through dino_step.py --make-fixtures."""
import json
import os

import torch

import safetensors_file
from dino_step import STATE_KEYS, full_text, group_of, run_step
from vit import backbone_forward, parameter_shapes, resize_grid, resize_grid_antialiased

SMALL = {"imageChannels": 1, "patchSize": 8, "embedDim": 12, "depth": 2, "numHeads": 2, "mlpRatio": 4, "imageSize": 32}
# Its positions fit neither kind of view: both are resized, one up and one down.
LARGE = {"imageChannels": 1, "patchSize": 4, "embedDim": 18, "depth": 3, "numHeads": 3, "mlpRatio": 4, "imageSize": 24}
# Every variant of DINOv2 alone, then all together at a size whose positions are resized.
VARIANTS = {
    "registers": {**SMALL, "numRegisters": 3},
    "layer-scale": {**SMALL, "layerScale": 0.5},
    "swiglu": {**SMALL, "mlp": "swiglu"},
    "no-qkv-bias": {**SMALL, "qkvBias": False},
    "giant-like": {
        "imageChannels": 3, "patchSize": 7, "embedDim": 24, "depth": 2, "numHeads": 3, "mlpRatio": 4, "imageSize": 35,
        "numRegisters": 2, "layerScale": 0.3, "mlp": "swiglu", "positionResize": "antialias",
    },
}  # fmt: skip
HEAD = {"hiddenDim": 16, "bottleneckDim": 8, "numPrototypes": 40}

COMMON = {
    "head": HEAD,
    "batchSize": 2,
    "numGlobalViews": 2,
    "globalViewSize": 32,
    "localViewSize": 16,
    "studentTemperature": 0.1,
    "teacherTemperature": 0.04,
    "centerMomentum": 0.9,
    "teacherMomentum": 0.95,
    "maxGradientNorm": 3.0,
    "arePrototypesFrozen": False,
}
FIRST = {"decayed": 0, "undecayed": 0, "prototypes": 0}
CASES = {
    "small-2x2-adamw-first": {
        "backbone": SMALL, "numLocalViews": 2, "optimiser": "adamw", "learningRate": 1e-3, "weightDecay": 0.4,
        "arePrototypesFrozen": True, "numUpdates": FIRST,
    },
    "small-2x3-sgd": {
        "backbone": SMALL, "numLocalViews": 3, "optimiser": "sgd", "learningRate": 0.03, "weightDecay": 1e-2,
        "maxGradientNorm": 0.3, "numUpdates": {"decayed": 5, "undecayed": 5, "prototypes": 2},
    },
    "large-2x3-adamw": {
        "backbone": LARGE, "numLocalViews": 3, "optimiser": "adamw", "learningRate": 2e-3, "weightDecay": 0.1,
        "maxGradientNorm": 0.3, "teacherTemperature": 0.07, "numUpdates": {"decayed": 6, "undecayed": 6, "prototypes": 4},
    },
    "large-2x2-sgd-first": {
        "backbone": LARGE, "numLocalViews": 2, "optimiser": "sgd", "learningRate": 0.01, "weightDecay": 1e-4,
        "centerMomentum": 0.8, "numUpdates": FIRST,
    },
}  # fmt: skip


def sample_parameters(shapes, random):
    """Values large enough that no part of the network is near linear, and no two alike."""
    parameters = {}
    for name, shape in shapes.items():
        noise = torch.randn(shape, generator=random)
        if ("norm" in name and name.endswith("weight")) or name.endswith("gamma"):
            parameters[name] = 1 + 0.2 * noise
        elif name.endswith("bias"):
            parameters[name] = 0.2 * noise
        elif name in ("cls_token", "pos_embed", "register_tokens"):
            parameters[name] = 0.5 * noise
        else:
            fan_in = noise[0].numel()
            parameters[name] = 1.2 * noise / fan_in**0.5
    return parameters


def sample_drop_path(depth, images, rate, random):
    """0 or 1 / keep; the rate grows from 0 at the first block."""
    rates = torch.linspace(0, rate, depth).repeat_interleave(2).reshape(-1, 1)
    keep = torch.rand(2 * depth, images, generator=random) >= rates
    return torch.where(keep, 1 / (1 - rates), torch.zeros(()))


def sample_inputs(case, seed):
    random = torch.Generator().manual_seed(seed)
    batch, channels, depth = case["batchSize"], case["backbone"]["imageChannels"], case["backbone"]["depth"]
    student = sample_parameters(parameter_shapes(case["backbone"], case["head"]), random)
    inputs = {"center": 0.1 * torch.randn(1, case["head"]["numPrototypes"], generator=random)}
    for name, value in student.items():
        inputs[f"student.{name}"] = value
        inputs[f"teacher.{name}"] = value + 0.1 * value.std() * torch.randn(value.shape, generator=random)
    for kind, count in (("global", case["numGlobalViews"]), ("local", case["numLocalViews"])):
        size = case[f"{kind}ViewSize"]
        inputs[f"{kind}Views"] = torch.rand(count * batch, channels, size, size, generator=random)
        inputs[f"{kind}DropPath"] = sample_drop_path(depth, count * batch, 0.3, random)
    for state in STATE_KEYS[case["optimiser"]]:
        for name, value in student.items():
            if case["numUpdates"][group_of(name, value.shape)] > 0:
                noise = torch.randn(value.shape, generator=random)
                inputs[f"{state}.{name}"] = 1e-3 * noise**2 if state == "secondMoment" else 1e-2 * noise
    return inputs


def make_step_fixtures(folder):
    for seed, (name, settings) in enumerate(CASES.items()):
        case = {**COMMON, **settings}
        inputs = sample_inputs(case, seed)
        outputs = run_step(inputs, case)
        metadata = {"case": json.dumps(case), **full_text(outputs)}
        safetensors_file.write(os.path.join(folder, f"{name}.safetensors"), {**inputs, **outputs}, metadata)
        norms = [float(value.norm()) for key, value in outputs.items() if key.startswith("gradient.")]
        clipped = sum(norm > case["maxGradientNorm"] for norm in norms)
        print(f"{name}: loss {float(outputs['loss']):.6f}, gradient norms {min(norms):.2g} to {max(norms):.2g}, {clipped} clipped")


def make_forward_fixture(folder):
    """A whole look at non-square images: embeddings and the last block's attention."""
    random = torch.Generator().manual_seed(100)
    parameters = sample_parameters(parameter_shapes(SMALL, HEAD), random)
    parameters = {name: value for name, value in parameters.items() if not name.startswith("head.")}
    images = torch.rand(3, 1, 24, 40, generator=random)
    doubles = {name: value.double() for name, value in parameters.items()}
    embedding, weights = backbone_forward(doubles, SMALL, images.double())
    tensors = {**parameters, "images": images, "embedding": embedding, "lastAttention": weights}
    safetensors_file.write(os.path.join(folder, "vit-forward.safetensors"), tensors, {"backbone": json.dumps(SMALL)})


def make_variant_fixtures(folder):
    """Each variant's embeddings and last attention, and the gradients of the embeddings' sum weighed by `covector`."""
    for seed, (name, config) in enumerate(VARIANTS.items()):
        random = torch.Generator().manual_seed(300 + seed)
        parameters = sample_parameters(parameter_shapes(config, HEAD), random)
        parameters = {key: value for key, value in parameters.items() if not key.startswith("head.")}
        patch = config["patchSize"]
        images = torch.rand(2, config["imageChannels"], 3 * patch, 4 * patch, generator=random)
        covector = torch.randn(2, config["embedDim"], generator=random)
        doubles = {key: value.double().requires_grad_() for key, value in parameters.items()}
        embedding, weights = backbone_forward(doubles, config, images.double())
        (embedding * covector.double()).sum().backward()
        gradients = {f"gradient.{key}": value.grad for key, value in doubles.items()}
        tensors = {**parameters, "images": images, "covector": covector, "embedding": embedding, "lastAttention": weights, **gradients}
        safetensors_file.write(os.path.join(folder, f"vit-{name}.safetensors"), tensors, {"backbone": json.dumps(config)})


def make_resize_fixture(folder):
    """`grid.S` [S, S, 2] and what becomes of it, `grid.S.RxC` and `antialiased.S.RxC` [R, C, 2]."""
    random = torch.Generator().manual_seed(200)
    tensors = {}
    for side, targets in {12: [(28, 28), (9, 17)], 28: [(12, 12), (30, 5)], 3: [(2, 7)], 1: [(4, 4)]}.items():
        grid = torch.randn(side, side, 2, generator=random)
        tensors[f"grid.{side}"] = grid
        for rows, columns in targets:
            resized = resize_grid(grid.double().permute(2, 0, 1)[None], rows, columns)
            tensors[f"grid.{side}.{rows}x{columns}"] = resized[0].permute(1, 2, 0)
            antialiased = resize_grid_antialiased(grid.double().permute(2, 0, 1)[None], rows, columns)
            tensors[f"antialiased.{side}.{rows}x{columns}"] = antialiased[0].permute(1, 2, 0)
    safetensors_file.write(os.path.join(folder, "position-resize.safetensors"), tensors, {})


def make_fixtures(folder):
    os.makedirs(folder, exist_ok=True)
    torch.set_num_threads(1)
    make_step_fixtures(folder)
    make_forward_fixture(folder)
    make_variant_fixtures(folder)
    make_resize_fixture(folder)
