"""Several DINO steps in a row in PyTorch, float64 inside, each on what the one before left.

    dino_run.py INPUT.safetensors OUTPUT.safetensors

Input: as dino_step.py's, with metadata "numSteps" and the views of step N as `globalViews.N` and `localViews.N`. Output: `loss.N`, and
the state at the end under `after.*`.
"""
import json
import sys

import safetensors_file
from dino_step import run_step

VIEWS = ("globalViews", "localViews")


def run(source, target):
    given, metadata = safetensors_file.read(source)
    case = json.loads(metadata["case"])
    state = {name: tensor for name, tensor in given.items() if name.split(".")[0] not in VIEWS}
    outputs = {}
    for step in range(int(metadata["numSteps"])):
        views = {name: given[f"{name}.{step}"] for name in VIEWS}
        counts = {group: step for group in case["numUpdates"]}
        found = run_step({**state, **views}, {**case, "numUpdates": counts})
        outputs[f"loss.{step}"] = found["loss"].reshape(1)
        state = {name[len("after.") :]: tensor.detach() for name, tensor in found.items() if name.startswith("after.")}
    outputs.update({f"after.{name}": tensor for name, tensor in state.items()})
    safetensors_file.write(target, outputs, {})


if __name__ == "__main__":
    run(*sys.argv[1:])
