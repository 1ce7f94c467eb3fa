"""A vision transformer and DINO's projection head over a dict of parameters, written from the formulas.

Sources: Dosovitskiy et al. 2021 (eqs. 1-4), Caron et al. 2021 (sections 3.1 and 3.2), Salimans & Kingma 2016 (weight normalisation);
variants under DINOv2's names: Darcet et al. 2024 (registers), Touvron et al. 2021 (LayerScale), Shazeer 2020 (SwiGLU).
"""
import math

import torch
import torch.nn.functional as F

LAYER_NORM_EPS = 1e-6


def parameter_shapes(backbone, head):
    """Names, as DINO's and timm's state dicts have them, and shapes."""
    dim, patch, channels = backbone["embedDim"], backbone["patchSize"], backbone["imageChannels"]
    hidden_mlp = int(backbone["mlpRatio"] * dim)
    registers = backbone.get("numRegisters", 0)
    side = backbone["imageSize"] // patch
    shapes = {
        "cls_token": [1, 1, dim],
        "pos_embed": [1, 1 + side * side, dim],
        "patch_embed.proj.weight": [dim, channels, patch, patch],
        "patch_embed.proj.bias": [dim],
    }

    if registers > 0:
        shapes["register_tokens"] = [1, registers, dim]

    def linear(name, fan_in, fan_out, bias=True):
        shapes[f"{name}.weight"] = [fan_out, fan_in]
        if bias:
            shapes[f"{name}.bias"] = [fan_out]

    def norm(name):
        shapes[f"{name}.weight"] = [dim]
        shapes[f"{name}.bias"] = [dim]

    for i in range(backbone["depth"]):
        norm(f"blocks.{i}.norm1")
        linear(f"blocks.{i}.attn.qkv", dim, 3 * dim, backbone.get("qkvBias", True))
        linear(f"blocks.{i}.attn.proj", dim, dim)
        norm(f"blocks.{i}.norm2")
        if backbone.get("mlp", "gelu") == "swiglu":
            gated = (int(hidden_mlp * 2 / 3) + 7) // 8 * 8
            linear(f"blocks.{i}.mlp.w12", dim, 2 * gated)
            linear(f"blocks.{i}.mlp.w3", gated, dim)
        else:
            linear(f"blocks.{i}.mlp.fc1", dim, hidden_mlp)
            linear(f"blocks.{i}.mlp.fc2", hidden_mlp, dim)
        if "layerScale" in backbone:
            shapes[f"blocks.{i}.ls1.gamma"] = [dim]
            shapes[f"blocks.{i}.ls2.gamma"] = [dim]
    norm("norm")
    linear("head.mlp.0", dim, head["hiddenDim"])
    linear("head.mlp.2", head["hiddenDim"], head["hiddenDim"])
    linear("head.mlp.4", head["hiddenDim"], head["bottleneckDim"])
    shapes["head.last_layer.weight_v"] = [head["numPrototypes"], head["bottleneckDim"]]
    return shapes


def linear(p, name, x):
    return F.linear(x, p[f"{name}.weight"], p.get(f"{name}.bias"))


def layer_norm(p, name, x):
    return F.layer_norm(x, x.shape[-1:], p[f"{name}.weight"], p[f"{name}.bias"], LAYER_NORM_EPS)


def resize_grid(grid, rows, columns):
    """[1, D, s, s] -> [1, D, rows, columns]: bicubic (a = -0.75), sampled by DINO's factor (n + 0.1) / s itself."""
    side = grid.shape[-1]
    factors = ((rows + 0.1) / side, (columns + 0.1) / side)
    resized = F.interpolate(grid, scale_factor=factors, mode="bicubic", align_corners=False)
    assert resized.shape[-2:] == (rows, columns), resized.shape
    return resized


def resize_grid_antialiased(grid, rows, columns):
    """[1, D, s, s] -> [1, D, rows, columns]: bicubic (a = -0.5) by size, each axis widened where it shrinks."""
    return F.interpolate(grid, size=(rows, columns), mode="bicubic", align_corners=False, antialias=True)


def positions(p, rows, columns, form):
    learned = p["pos_embed"]
    side = math.isqrt(learned.shape[1] - 1)
    if (rows, columns) == (side, side):
        return learned
    grid = learned[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    resize = {"dino": resize_grid, "antialias": resize_grid_antialiased}[form]
    resized = resize(grid, rows, columns).permute(0, 2, 3, 1).reshape(1, rows * columns, -1)
    return torch.cat([learned[:, :1], resized], dim=1)


def attention(p, name, x, heads):
    """Output and weights [B, heads, N, N]."""
    batch, tokens, dim = x.shape
    q, k, v = linear(p, f"{name}.qkv", x).split(dim, dim=-1)

    def per_head(y):
        return y.reshape(batch, tokens, heads, dim // heads).transpose(1, 2)

    scores = per_head(q) @ per_head(k).transpose(2, 3) / math.sqrt(dim // heads)
    weights = torch.softmax(scores, dim=-1)
    mixed = (weights @ per_head(v)).transpose(1, 2).reshape(batch, tokens, dim)
    return linear(p, f"{name}.proj", mixed), weights


def mlp(p, name, x):
    if f"{name}.w12.weight" in p:
        gate, value = linear(p, f"{name}.w12", x).chunk(2, dim=-1)
        return linear(p, f"{name}.w3", F.silu(gate) * value)
    return linear(p, f"{name}.fc2", F.gelu(linear(p, f"{name}.fc1", x)))


def backbone_forward(p, config, images, drop_path=None):
    """Class tokens after the last normalisation [B, D], and what they look at in the last block [B, heads, 1, N].

    drop_path [2 depth, B] scales each image's share of each residual branch: attention of block 0, MLP of block 0, ...
    """
    patch = config["patchSize"]
    patches = F.conv2d(images, p["patch_embed.proj.weight"], p["patch_embed.proj.bias"], stride=patch)
    batch, dim, rows, columns = patches.shape
    x = torch.cat([p["cls_token"].expand(batch, 1, dim), patches.flatten(2).transpose(1, 2)], dim=1)
    x = x + positions(p, rows, columns, config.get("positionResize", "dino"))
    if "register_tokens" in p:
        x = torch.cat([x[:, :1], p["register_tokens"].expand(batch, -1, -1), x[:, 1:]], dim=1)
    if drop_path is None:
        drop_path = torch.ones(2 * config["depth"], batch, dtype=x.dtype)
    for i in range(config["depth"]):
        branch, weights = attention(p, f"blocks.{i}.attn", layer_norm(p, f"blocks.{i}.norm1", x), config["numHeads"])
        x = x + drop_path[2 * i].reshape(batch, 1, 1) * branch * p.get(f"blocks.{i}.ls1.gamma", 1)
        branch = mlp(p, f"blocks.{i}.mlp", layer_norm(p, f"blocks.{i}.norm2", x))
        x = x + drop_path[2 * i + 1].reshape(batch, 1, 1) * branch * p.get(f"blocks.{i}.ls2.gamma", 1)
    return layer_norm(p, "norm", x)[:, 0], weights[:, :, :1]


def head_forward(p, embeddings):
    """[R, D] -> logits [R, K]: the last layer's rows have length one."""
    hidden = F.gelu(linear(p, "head.mlp.0", embeddings))
    hidden = F.gelu(linear(p, "head.mlp.2", hidden))
    bottleneck = F.normalize(linear(p, "head.mlp.4", hidden), dim=-1)
    directions = p["head.last_layer.weight_v"]
    return F.linear(bottleneck, directions / directions.norm(dim=1, keepdim=True))
