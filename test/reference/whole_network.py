"""A backbone's embeddings and gradients in PyTorch, in float64, and how far PyTorch's own float32 is from them.

    whole_network.py INPUT.safetensors OUTPUT.safetensors

Input: metadata "backbone" (JSON), tensors `parameter.*` (with running averages), `images` [B, C, H, W] and `covector` [B, D]. Output:
`embedding` in training mode, `gradient.*` of sum(embedding * covector), and `float32Error` [1]: of all gradients in float32, by norm.
"""
import json
import sys

import torch

import safetensors_file
from resnet import Resnet
from vit import backbone_forward


def embedding_and_gradients(given, config, dtype):
    prefix = "parameter."
    tensors = {name[len(prefix) :]: value.to(dtype).clone() for name, value in given.items() if name.startswith(prefix)}
    trained = {name: value.requires_grad_(True) for name, value in tensors.items() if "running_" not in name}
    images = given["images"].to(dtype)
    if config.get("kind") == "resnet":
        embedding = Resnet(tensors, config, training=True).forward(images)
    else:
        embedding = backbone_forward(tensors, config, images)[0]
    (embedding * given["covector"].to(dtype)).sum().backward()
    return embedding, {f"gradient.{name}": value.grad for name, value in trained.items()}


def run(source, target):
    given, metadata = safetensors_file.read(source)
    config = json.loads(metadata["backbone"])
    embedding, gradients = embedding_and_gradients(given, config, torch.float64)
    _, rounded = embedding_and_gradients(given, config, torch.float32)
    difference = sum(float(((rounded[name].double() - value) ** 2).sum()) for name, value in gradients.items())
    size = sum(float((value**2).sum()) for value in gradients.values())
    error = torch.tensor([(difference / size) ** 0.5])
    safetensors_file.write(target, {"embedding": embedding, "float32Error": error, **gradients}, {})


if __name__ == "__main__":
    run(*sys.argv[1:])
