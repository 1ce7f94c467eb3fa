"""The PyTorch peer of `bench vit-step` and `bench resnet-step`: one DINO training step, written as one would write it by hand.

Student forward and backward over every view, teacher forward over the global ones, loss, centre, clipping, AdamW or SGD, teacher update.
"""
import argparse
import json
import math

import torch
import torch.nn.functional as F
from torch import nn

from resnet import ResNet50
from turns import serve_turns
from vision_transformer import VisionTransformer, linear

DROP_PATH = 0.1


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
        self.student = self.network(DROP_PATH)
        self.teacher = self.network(0.0).requires_grad_(False)
        self.teacher.load_state_dict(self.student.state_dict())
        self.center = torch.zeros(1, options.prototypes)
        parameters = [p for p in self.student.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": options.weight_decay},
            {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0.0},
        ]
        if options.optimizer == "adamw":
            self.optimizer = torch.optim.AdamW(groups, lr=5e-4)
        else:
            self.optimizer = torch.optim.SGD(groups, lr=5e-4, momentum=0.9)
        # As a data loader would hand them over: view by view, all images of a view together.
        self.global_views = torch.rand(options.num_global * options.images, 1, options.global_size, options.global_size)
        self.local_views = torch.rand(options.num_local * options.images, 1, options.local_size, options.local_size)

    def network(self, drop_path):
        options = self.options
        if options.backbone == "resnet50":
            backbone, dim = ResNet50(), 2048
        else:
            backbone = VisionTransformer(
                options.global_size, options.patch, options.dim, options.depth, options.heads, drop_path
            )
            dim = options.dim
        return Network(backbone, ProjectionHead(dim, options.hidden, options.bottleneck, options.prototypes))

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
    parser.add_argument("--size", type=json.loads, required=True, help="the sizes, as bench/dino-step.ts names them")
    options = parser.parse_args()
    for name, value in options.size.items():
        setattr(options, "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name), value)
    return options


if __name__ == "__main__":
    chosen = parse_options()
    torch.set_num_threads(chosen.threads)
    training = Training(chosen)
    serve_turns(training.step, training.step)
