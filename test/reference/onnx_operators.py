"""ONNX graphs in PyTorch, node by node in float64: the outside truth for operators and for their gradients by autograd.

    onnx_operators.py INPUT.json OUTPUT.json

Input: a list of graphs {tensors: {name: {dtype, shape, data}}, nodes: [{op, inputs, outputs, attributes}], outputs: {name: tensor},
wrt: [tensor, ...]}; where `outputs` has a "loss", its gradients are taken. Output: for each graph {outputs: {name: [...]}, gradients:
{tensor: [...]}}. Numbers that JSON does not have are texts. Operators follow onnx/docs/Operators.md (opset 17) and onnxruntime/docs/ContribOperators.md.
"""
import json
import math
import sys

import torch
import torch.nn.functional as F

TYPES = {1: torch.float64, 11: torch.float64, 7: torch.int64, 6: torch.int64, 9: torch.bool, 10: torch.float64}


def padded(x, pads, value=0.0):
    top, left, bottom, right = pads
    return F.pad(x, (left, right, top, bottom), value=value)


def conv(a, x, w, b=None):
    return F.conv2d(padded(x, a["pads"]), w, b, stride=a["strides"], dilation=a["dilations"], groups=a["group"])


def conv_transpose(a, x, w):
    whole = F.conv_transpose2d(x, w, stride=a["strides"], dilation=a["dilations"], groups=a["group"])
    whole = F.pad(whole, (0, a["output_padding"][1], 0, a["output_padding"][0]))
    top, left, bottom, right = a["pads"]
    return whole[:, :, top : whole.shape[2] - bottom, left : whole.shape[3] - right]


def max_pool(a, x):
    top, left, bottom, right = a["pads"]
    y, places = F.max_pool2d(padded(x, a["pads"], -math.inf), a["kernel_shape"], stride=a["strides"], return_indices=True)
    width = x.shape[3] + left + right
    rows, columns = places // width - top, places % width - left
    images = torch.arange(x.shape[0] * x.shape[1]).reshape(x.shape[0], x.shape[1], 1, 1)
    return y, images * x.shape[2] * x.shape[3] + rows * x.shape[3] + columns


def reshape(a, x, shape):
    return x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(shape.tolist())])


def slice_(a, x, starts, ends, axes=None, steps=None):
    for start, end, axis, step in zip(
        starts.tolist(),
        ends.tolist(),
        range(x.ndim) if axes is None else axes.tolist(),
        [1] * len(starts) if steps is None else steps.tolist(),
    ):
        size = x.shape[axis]
        first, last, _ = slice(start, end, step).indices(size)
        x = x.index_select(axis, torch.arange(first, last, step))
    return x


def pad(a, x, pads):
    half = len(pads) // 2
    order = []
    for axis in reversed(range(half)):
        order += [int(pads[axis]), int(pads[half + axis])]
    return F.pad(x, order)


def gather(a, x, indices):
    axis = a["axis"] % x.ndim
    wrapped = indices % x.shape[axis]
    found = x.index_select(axis, wrapped.reshape(-1))
    return found.reshape(*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])


def scatter_elements(a, data, indices, updates):
    axis = a["axis"] % data.ndim
    return data.scatter_add(axis, indices % data.shape[axis], updates)


def gemm(a, x, y, c=None):
    product = a["alpha"] * (x.T if a["transA"] else x) @ (y.T if a["transB"] else y)
    return product if c is None else product + a["beta"] * c


def fused_mat_mul(a, x, y):
    swapped = lambda z, flag: z.transpose(-1, -2) if flag else z
    return a["alpha"] * swapped(x, a["transA"]) @ swapped(y, a["transB"])


def layer_normalization(a, x, scale, bias):
    mean = x.mean(dim=-1, keepdim=True)
    deviation = torch.sqrt(x.var(dim=-1, unbiased=False, keepdim=True) + a["epsilon"])
    return F.layer_norm(x, x.shape[-1:], scale, bias, a["epsilon"]), mean, 1 / deviation


def batch_normalization(a, x, scale, bias, mean, variance):
    # By its formula: F.batch_norm takes no gradient to statistics that are given.
    of_channels = lambda vector: vector.reshape(1, -1, 1, 1)
    normalised = (x - of_channels(mean)) / torch.sqrt(of_channels(variance) + a["epsilon"])
    return normalised * of_channels(scale) + of_channels(bias)


def multi_head_attention(a, q, k, v):
    heads = a["num_heads"]
    split = lambda x: x.reshape(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)
    weights = torch.softmax(split(q) @ split(k).transpose(-1, -2) / math.sqrt(q.shape[-1] // heads), dim=-1)
    return (weights @ split(v)).transpose(1, 2).reshape(q.shape)


def dynamic_quantize_mat_mul(a, x, weight, scale, zero, bias=None):
    low, high = min(0.0, x.min().item()), max(0.0, x.max().item())
    step = (high - low) / 255
    shift = min(max(round(-low / step), 0), 255)
    quantised = torch.clamp(torch.round(x / step) + shift, 0, 255)
    product = ((quantised - shift) * step) @ (weight.double() * scale)
    return product if bias is None else product + bias


def reduction(name):
    def run(a, x, axes=None):
        kept = bool(a["keepdims"])
        over = list(a["axes"] if axes is None else axes.tolist())
        if not over:
            return x * x if name == "square" else x
        if name == "square":
            return (x * x).sum(dim=over, keepdim=kept)
        return {"sum": torch.sum, "mean": torch.mean, "max": torch.amax}[name](x, dim=over, keepdim=kept)

    return run


def simple(function):
    return lambda a, *inputs: function(*inputs)


OPERATORS = {
    "Add": simple(torch.add), "Sub": simple(torch.sub), "Mul": simple(torch.mul), "Div": simple(torch.div), "Pow": simple(torch.pow),
    "Max": simple(torch.maximum), "Min": simple(torch.minimum), "Neg": simple(torch.neg), "Abs": simple(torch.abs),
    "Sqrt": simple(torch.sqrt), "Reciprocal": simple(torch.reciprocal), "Exp": simple(torch.exp), "Log": simple(torch.log),
    "Erf": simple(torch.erf), "Tanh": simple(torch.tanh), "Sigmoid": simple(torch.sigmoid), "Relu": simple(torch.relu),
    "HardSigmoid": lambda a, x: torch.clamp(a["alpha"] * x + a["beta"], 0, 1),
    "Gelu": simple(F.gelu), "Identity": simple(lambda x: x), "Equal": simple(torch.eq), "Less": simple(torch.lt),
    "Greater": simple(torch.gt), "Not": simple(torch.logical_not), "And": simple(torch.logical_and), "Where": simple(torch.where),
    "Clip": simple(lambda x, low, high: torch.minimum(torch.maximum(x, low), high)), "IsNaN": simple(torch.isnan),
    "Cast": lambda a, x: x.to(TYPES[a["to"]]),
    "MatMul": simple(torch.matmul), "Gemm": gemm, "FusedMatMul": fused_mat_mul,
    "Reshape": reshape, "Transpose": lambda a, x: x.permute(*a["perm"]), "Concat": lambda a, *xs: torch.cat(xs, dim=a["axis"]),
    "Split": lambda a, x, sizes: torch.split(x, sizes.tolist(), dim=a["axis"]), "Slice": slice_, "Pad": pad, "Gather": gather,
    "ScatterElements": scatter_elements,
    "Expand": lambda a, x, shape: x.expand(torch.broadcast_shapes(x.shape, tuple(shape.tolist()))),
    "ReduceSum": reduction("sum"), "ReduceMean": reduction("mean"), "ReduceMax": reduction("max"),
    "ReduceSumSquare": reduction("square"),
    "Conv": conv, "ConvTranspose": conv_transpose, "MaxPool": max_pool,
    "GlobalAveragePool": lambda a, x: x.mean(dim=(2, 3), keepdim=True),
    "Softmax": lambda a, x: torch.softmax(x, dim=a["axis"]), "LogSoftmax": lambda a, x: torch.log_softmax(x, dim=a["axis"]),
    "LayerNormalization": layer_normalization, "BatchNormalization": batch_normalization,
    "MultiHeadAttention": multi_head_attention, "DynamicQuantizeMatMul": dynamic_quantize_mat_mul,
}  # fmt: skip


def tensor_of(entry):
    kinds = {"int64": torch.int64, "int32": torch.int64, "bool": torch.bool, "int8": torch.int64, "uint8": torch.int64}
    data = [float(value) if isinstance(value, str) else value for value in entry["data"]]
    return torch.tensor(data, dtype=kinds.get(entry["dtype"], torch.float64)).reshape(entry["shape"])


def run(graph):
    values = {name: tensor_of(entry) for name, entry in graph["tensors"].items()}
    for name in graph["wrt"]:
        values[name].requires_grad_(True)
    for node in graph["nodes"]:
        results = OPERATORS[node["op"]](node["attributes"], *[values[name] for name in node["inputs"]])
        results = results if isinstance(results, (tuple, list)) else (results,)
        values.update(zip(node["outputs"], results))
    outputs = {name: values[tensor] for name, tensor in graph["outputs"].items()}
    if "loss" in outputs:
        outputs["loss"].backward()
    finite = lambda value: value if math.isfinite(value) else str(value)
    flat = lambda x: [finite(value) for value in x.detach().double().reshape(-1).tolist()]
    gradients = {name: flat(values[name].grad) for name in graph["wrt"] if "loss" in outputs}
    return {"outputs": {name: flat(value) for name, value in outputs.items()}, "gradients": gradients}


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        graphs = json.load(file)
    with open(sys.argv[2], "w") as file:
        json.dump([run(graph) for graph in graphs], file)
