"""The PyTorch peer of `bench vit-step`: one DINO training step of a vision transformer, written as one would write it by hand.

Student forward and backward over every view, teacher forward over the global ones, loss, centre, clipping, AdamW, teacher update.
"""
import argparse
import math

import torch
import torch.nn.functional as F
from torch import nn

from turns import serve_turns


def linear(fan_in, fan_out):
    """A linear layer with DINO's first values."""
    layer = nn.Linear(fan_in, fan_out)
    nn.init.normal_(layer.weight, std=0.02)
    nn.init.zeros_(layer.bias)
    return layer


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.scale = (dim // heads) ** -0.5
        self.qkv = linear(dim, 3 * dim)
        self.proj = linear(dim, dim)

    def forward(self, x):
        batch, tokens, dim = x.shape
        q, k, v = self.qkv(x).view(batch, tokens, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        weights = (q @ k.transpose(-2, -1) * self.scale).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(batch, tokens, dim))


class Block(nn.Module):
    def __init__(self, dim, heads, drop_path):
        super().__init__()
        self.drop_path = drop_path
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = nn.Sequential(linear(dim, 4 * dim), nn.GELU(), linear(4 * dim, dim))

    def drop(self, branch):
        if not self.training or self.drop_path == 0:
            return branch
        keep = 1 - self.drop_path
        return branch * (torch.rand(branch.shape[0], 1, 1) < keep).to(branch.dtype).div_(keep)

    def forward(self, x):
        x = x + self.drop(self.attn(self.norm1(x)))
        return x + self.drop(self.mlp(self.norm2(x)))


class VisionTransformer(nn.Module):
    def __init__(self, size, patch, dim, depth, heads, drop_path):
        super().__init__()
        self.grid = size // patch
        self.patch_embed = nn.Conv2d(1, dim, kernel_size=patch, stride=patch)
        self.cls_token = nn.Parameter(0.02 * torch.randn(1, 1, dim))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, 1 + self.grid**2, dim))
        rates = torch.linspace(0, drop_path, depth).tolist()
        self.blocks = nn.Sequential(*(Block(dim, heads, rate) for rate in rates))
        self.norm = nn.LayerNorm(dim, eps=1e-6)

    def positions(self, side):
        if side == self.grid:
            return self.pos_embed
        grid = self.pos_embed[:, 1:].transpose(1, 2).unflatten(2, (self.grid, self.grid))
        factor = (side + 0.1) / self.grid
        resized = F.interpolate(grid, scale_factor=(factor, factor), mode="bicubic")
        return torch.cat([self.pos_embed[:, :1], resized.flatten(2).transpose(1, 2)], dim=1)

    def forward(self, images):
        patches = self.patch_embed(images)
        tokens = torch.cat([self.cls_token.expand(len(images), -1, -1), patches.flatten(2).transpose(1, 2)], dim=1)
        return self.norm(self.blocks(tokens + self.positions(patches.shape[-1])))[:, 0]


class ProjectionHead(nn.Module):
    def __init__(self, dim, hidden, bottleneck, prototypes):
        super().__init__()
        self.mlp = nn.Sequential(
            linear(dim, hidden), nn.GELU(), linear(hidden, hidden), nn.GELU(), linear(hidden, bottleneck)
        )
        self.last_layer = nn.utils.weight_norm(nn.Linear(bottleneck, prototypes, bias=False))
        self.last_layer.weight_g.data.fill_(1)
        self.last_layer.weight_g.requires_grad_(False)

    def forward(self, features):
        return self.last_layer(F.normalize(self.mlp(features), dim=-1))


class Network(nn.Module):
    """Backbone and head over views of several sizes: one backbone pass for each size, one head pass for all."""

    def __init__(self, backbone, head):
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, groups):
        return self.head(torch.cat([self.backbone(views) for views in groups]))


class Training:
    def __init__(self, options):
        torch.manual_seed(0)
        self.options = options
        self.student = self.network(options.drop_path)
        self.teacher = self.network(0.0).requires_grad_(False)
        self.teacher.load_state_dict(self.student.state_dict())
        self.center = torch.zeros(1, options.prototypes)
        parameters = [p for p in self.student.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": [p for p in parameters if p.ndim > 1], "weight_decay": 0.04},
                {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0.0},
            ],
            lr=5e-4,
        )
        # As a data loader would hand them over: view by view, all images of a view together.
        self.global_views = torch.rand(options.num_global * options.images, 1, options.global_size, options.global_size)
        self.local_views = torch.rand(options.num_local * options.images, 1, options.local_size, options.local_size)

    def network(self, drop_path):
        options = self.options
        return Network(
            VisionTransformer(options.global_size, options.patch, options.dim, options.depth, options.heads, drop_path),
            ProjectionHead(options.dim, options.hidden, options.bottleneck, options.prototypes),
        )

    def loss(self, student, teacher):
        """Mean cross-entropy over all pairs of one teacher view and another student view."""
        options = self.options
        total = options.num_global + options.num_local
        log_student = F.log_softmax(student.float() / 0.1, dim=-1).chunk(total)
        target = F.softmax((teacher.float() - self.center) / 0.04, dim=-1).chunk(options.num_global)
        terms = [
            -(target[t] * log_student[s]).sum(dim=-1).mean()
            for t in range(options.num_global)
            for s in range(total)
            if s != t
        ]
        return sum(terms) / len(terms)

    def step(self):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.options.precision == "bf16"):
            with torch.no_grad():
                teacher = self.teacher([self.global_views])
            student = self.student([self.global_views, self.local_views])
            loss = self.loss(student, teacher)
        value = loss.item()
        if not math.isfinite(value):
            raise RuntimeError(f"the loss is {value}")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for parameter in self.student.parameters():
            if parameter.grad is not None:
                parameter.grad.mul_(torch.clamp(3.0 / (parameter.grad.norm() + 1e-6), max=1.0))
        self.optimizer.step()
        with torch.no_grad():
            self.center.lerp_(teacher.float().mean(dim=0, keepdim=True), 0.1)
            for mine, theirs in zip(self.teacher.parameters(), self.student.parameters()):
                mine.lerp_(theirs, 1 - 0.996)
        return {"loss": value}


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--images", type=int, default=2)
    for name, value in {
        "num-global": 2, "global-size": 224, "num-local": 8, "local-size": 96,
        "patch": 8, "dim": 384, "depth": 12, "heads": 6, "hidden": 2048, "bottleneck": 256, "prototypes": 65536,
    }.items():  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--drop-path", type=float, default=0.1)
    return parser.parse_args()


if __name__ == "__main__":
    chosen = parse_options()
    torch.set_num_threads(chosen.threads)
    training = Training(chosen)
    serve_turns(training.step, training.step)
