"""ResNet (He et al. 2016) in PyTorch from tensors under torchvision's names: the outside truth for Suricate's own."""
import torch.nn.functional as F

DEPTHS = {18: ("basic", [2, 2, 2, 2]), 34: ("basic", [3, 4, 6, 3]), 50: ("bottleneck", [3, 4, 6, 3])}


class Resnet:
    """Forward passes over one set of tensors; in training each pass moves the running averages among them."""

    def __init__(self, tensors, config, training):
        self.tensors = tensors
        self.config = config
        self.training = training

    def conv(self, x, name, stride=1):
        weight = self.tensors[f"{name}.weight"]
        return F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)

    def norm(self, x, name):
        get = lambda what: self.tensors[f"{name}.{what}"]
        return F.batch_norm(
            x, get("running_mean"), get("running_var"), get("weight"), get("bias"), training=self.training, momentum=0.1, eps=1e-5
        )

    def block(self, x, name, kind, stride):
        if kind == "basic":
            out = F.relu(self.norm(self.conv(x, f"{name}.conv1", stride), f"{name}.bn1"))
            out = self.norm(self.conv(out, f"{name}.conv2"), f"{name}.bn2")
        else:
            out = F.relu(self.norm(self.conv(x, f"{name}.conv1"), f"{name}.bn1"))
            out = F.relu(self.norm(self.conv(out, f"{name}.conv2", stride), f"{name}.bn2"))
            out = self.norm(self.conv(out, f"{name}.conv3"), f"{name}.bn3")
        if f"{name}.downsample.0.weight" in self.tensors:
            x = self.norm(self.conv(x, f"{name}.downsample.0", stride), f"{name}.downsample.1")
        return F.relu(out + x)

    def forward(self, images):
        """[B, C, H, W] -> [B, D]."""
        config = self.config
        x = (images - config.get("inputMean", 0)) / config.get("inputStd", 1)
        x = F.relu(self.norm(self.conv(x, "conv1", config["stemStride"]), "bn1"))
        if config["stemPooling"] == "max":
            x = F.max_pool2d(x, 3, stride=2, padding=1)
        kind, counts = DEPTHS[config["depth"]]
        for stage, count in enumerate(counts):
            for index in range(count):
                x = self.block(x, f"layer{stage + 1}.{index}", kind, 2 if stage > 0 and index == 0 else 1)
        return x.mean(dim=(2, 3))
