"""One DINO training step in PyTorch, float64 inside: the outside truth for Suricate's own.

    dino_step.py INPUT.safetensors OUTPUT.safetensors ...    runs the step that each input describes
    dino_step.py --make-fixtures FOLDER                      writes the fixtures of the tests

Input: metadata "case" (JSON, see make_fixtures), `student.*`, `teacher.*`, `center`, views [V B, C, s, s] with the view index
first, drop-path scales [2 depth, V B], and where updates came before, the optimiser's arrays. Output: `loss`, `teacherEntropy`,
`batchCenter`, `gradient.*` before clipping, and the state after the step under `after.*`; metadata "loss" in full.
Source: Caron et al. 2021, algorithm 1 and section 3; DINO's defaults.
"""
import json
import sys

import torch

import safetensors_file
from resnet import Resnet
from vit import backbone_forward, head_forward

PROTOTYPES = "head.last_layer.weight_v"
STATE_KEYS = {
    "adamw": {"firstMoment": "exp_avg", "secondMoment": "exp_avg_sq"},
    "sgd": {"momentum": "momentum_buffer"},
    "lars": {"momentum": "mu"},
}


class Lars(torch.optim.Optimizer):
    """Layer-wise adaptive rates (You et al. 2017) with DINO's choices: eta 0.001, momentum 0.9, vectors neither decayed nor adapted."""

    def __init__(self, groups, lr):
        super().__init__(groups, {"lr": lr, "weight_decay": 0.0, "momentum": 0.9, "eta": 0.001})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                pull = parameter.grad
                if parameter.ndim > 1:
                    pull = pull + group["weight_decay"] * parameter
                    lengths = parameter.norm(), pull.norm()
                    if min(lengths) > 0:
                        pull = pull * (group["eta"] * lengths[0] / lengths[1])
                state = self.state[parameter]
                state["mu"] = group["momentum"] * state.get("mu", 0) + pull
                parameter.sub_(group["lr"] * state["mu"])


def dino_loss(student, teacher, center, case):
    """Mean cross-entropy over pairs of a teacher's view and another view of the student; mean entropy of the teacher."""
    num_global = case["numGlobalViews"]
    num_views = num_global + case["numLocalViews"]
    log_student = torch.log_softmax(student / case["studentTemperature"], dim=-1).chunk(num_views)
    target = torch.softmax((teacher - center) / case["teacherTemperature"], dim=-1)
    total, pairs = 0.0, 0
    for t, probabilities in enumerate(target.chunk(num_global)):
        for s in range(num_views):
            if s != t:
                total = total - (probabilities * log_student[s]).sum(dim=-1).mean()
                pairs += 1
    return total / pairs, -torch.special.xlogy(target, target).sum(dim=-1).mean()


def with_prefix(tensors, prefix):
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def group_of(name, shape):
    if name == PROTOTYPES:
        return "prototypes"
    return "undecayed" if name.endswith(".bias") or len(shape) == 1 else "decayed"


def build_optimizer(student, tensors, case):
    groups = {"decayed": [], "undecayed": []}
    for name, parameter in student.items():
        groups["undecayed" if group_of(name, parameter.shape) == "undecayed" else "decayed"].append(parameter)
    settings = [
        {"params": groups["decayed"], "weight_decay": case["weightDecay"]},
        {"params": groups["undecayed"], "weight_decay": 0.0},
    ]
    if case["optimiser"] == "adamw":
        optimizer = torch.optim.AdamW(settings, lr=case["learningRate"], betas=(0.9, 0.999), eps=1e-8)
    elif case["optimiser"] == "lars":
        optimizer = Lars(settings, lr=case["learningRate"])
    else:
        optimizer = torch.optim.SGD(settings, lr=case["learningRate"], momentum=0.9)
    for name, parameter in student.items():
        updates = case["numUpdates"][group_of(name, parameter.shape)]
        if updates == 0:
            continue
        state = optimizer.state[parameter]
        for ours, theirs in STATE_KEYS[case["optimiser"]].items():
            state[theirs] = tensors[f"{ours}.{name}"].clone()
        if case["optimiser"] == "adamw":
            state["step"] = torch.tensor(float(updates))
    return optimizer


def clip_each(student, max_norm):
    """DINO clips parameter by parameter."""
    for parameter in student.values():
        factor = max_norm / (parameter.grad.norm() + 1e-6)
        if factor < 1:
            parameter.grad.mul_(factor)


def is_buffer(name):
    return name.endswith(("running_mean", "running_var"))


def embedded(network, case, views, drop):
    """Embeddings of one group of views; with batch normalisation the group's own statistics count, and move the network's buffers."""
    if case["backbone"].get("kind") == "resnet":
        return Resnet(network, case["backbone"], training=True).forward(views)
    return backbone_forward(network, case["backbone"], views, drop)[0]


def run_step(tensors, case):
    """Outputs by name; all float64."""
    tensors = {name: tensor.double() for name, tensor in tensors.items()}
    student_all = {name: tensor.clone() for name, tensor in with_prefix(tensors, "student.").items()}
    student = {name: tensor.requires_grad_(True) for name, tensor in student_all.items() if not is_buffer(name)}
    teacher = {name: tensor.clone() for name, tensor in with_prefix(tensors, "teacher.").items()}
    center = tensors["center"]

    views = [tensors["globalViews"], tensors["localViews"]]
    drops = [tensors.get("globalDropPath"), tensors.get("localDropPath")]
    embeddings = [embedded(student_all, case, v, d) for v, d in zip(views, drops)]
    student_logits = head_forward(student, torch.cat(embeddings))
    with torch.no_grad():
        teacher_embeddings = embedded(teacher, case, views[0], None)
        teacher_logits = head_forward(teacher, teacher_embeddings)
    loss, teacher_entropy = dino_loss(student_logits, teacher_logits, center, case)
    loss.backward()
    outputs = {"loss": loss.detach(), "teacherEntropy": teacher_entropy, "teacherEmbeddings": teacher_embeddings}
    outputs.update({f"gradient.{name}": parameter.grad.clone() for name, parameter in student.items()})

    optimizer = build_optimizer(student, tensors, case)
    clip_each(student, case["maxGradientNorm"])
    if case["arePrototypesFrozen"]:
        student[PROTOTYPES].grad = None
    optimizer.step()
    momentum = case["teacherMomentum"]
    batch_center = teacher_logits.mean(dim=0, keepdim=True)
    outputs["batchCenter"] = batch_center
    outputs["after.center"] = center * case["centerMomentum"] + batch_center * (1 - case["centerMomentum"])
    for name in filter(is_buffer, teacher):
        outputs[f"after.student.{name}"] = student_all[name]
        outputs[f"after.teacher.{name}"] = teacher[name]
    for name, parameter in student.items():
        outputs[f"after.student.{name}"] = parameter.detach()
        outputs[f"after.teacher.{name}"] = teacher[name] * momentum + parameter.detach() * (1 - momentum)
        for ours, theirs in STATE_KEYS[case["optimiser"]].items():
            state = optimizer.state.get(parameter, {}).get(theirs)
            outputs[f"after.{ours}.{name}"] = torch.zeros_like(parameter) if state is None else state
    return outputs


def full_text(outputs):
    """Numbers that float32 would round."""
    return {name: repr(outputs[name].item()) for name in ("loss", "teacherEntropy")}


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--make-fixtures":
        from make_fixtures import make_fixtures

        make_fixtures(arguments[1])
    elif arguments and len(arguments) % 2 == 0:
        for source, target in zip(arguments[::2], arguments[1::2]):
            tensors, metadata = safetensors_file.read(source)
            outputs = run_step(tensors, json.loads(metadata["case"]))
            safetensors_file.write(target, outputs, full_text(outputs))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
