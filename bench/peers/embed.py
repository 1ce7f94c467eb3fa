"""The PyTorch peer of `bench embed-vit` and `bench embed-resnet`: a frozen backbone over one batch of images."""
import argparse
import json

import torch

from resnet import ResNet50
from turns import serve_turns
from vision_transformer import VisionTransformer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--size", type=json.loads, required=True, help="the sizes, as bench/embed.ts names them")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    size = options.size
    if size["backbone"] == "resnet50":
        network = ResNet50()
    else:
        network = VisionTransformer(size["side"], patch=8, dim=384, depth=12, heads=6, drop_path=0.0)
    network.eval()
    images = torch.rand(size["images"], 1, size["side"], size["side"])

    def turn():
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16"):
            embeddings = network(images).float()
        if not torch.isfinite(embeddings).all():
            raise RuntimeError("an embedding is not finite")
        return {}

    def warm():
        for _ in range(3):
            turn()

    serve_turns(warm, turn)


if __name__ == "__main__":
    main()
