#!/usr/bin/python3
"""Repeats training steps of the FP32 twin with PyTorch and compares: every layer's output, losses, running statistics, and
the gradients of all parameters.

compare.py DIRECTORY...     (Debian: python3-torch)

Each directory is what dump_step wrote; a whole network at its published size takes minutes and gigabytes:

    build/tests/dump_step --net resnet50 --batch 2 --output /tmp/resnet50
    tests/pytorch/compare.py /tmp/resnet50

The measure is the relative error in the L2 norm against PyTorch in binary64. A tensor agrees if the twin's error is at
most FACTOR times that of PyTorch in FP32, or at most TINY. For a loss, one number, whose error may be small by chance,
PyTorch's error is the larger one of the loss's own and that of the probabilities that it is made of.

Rounding may decide ReLU of a number next to zero, or the largest of nearly equal ones, otherwise than binary64 does, and
a single such element moves all gradients before it by percents. So gradients are compared with a binary64 run that takes
these decisions from the outputs of the run it is to judge; those outputs have been compared without that.

Exit status: 0 all agree, 1 not, 2 bad input, 77 no PyTorch.
"""
import json
import os
import sys

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
except ImportError as error:
    print(f"no PyTorch: {error}")
    sys.exit(77)

TINY = 1e-5
FACTOR = 10.0


class Dump:
    """What dump_step wrote."""

    def __init__(self, directory):
        with open(os.path.join(directory, "network.json"), encoding="utf-8") as file:
            network = json.load(file)
        self.name = network["name"]
        self.layers = network["layers"]
        self.batch_norm = network["batch_norm"]
        self._tensors = network["tensors"]
        self._bytes = np.memmap(os.path.join(directory, "tensors.bin"), dtype=np.uint8, mode="r")

    def names(self, prefix):
        return [name[len(prefix):] for name in self._tensors if name.startswith(prefix)]

    def __getitem__(self, name):
        entry = self._tensors[name]
        count = int(np.prod(entry["shape"]))
        dtype = np.dtype("<i4" if entry["labels"] else "<f4")
        first = entry["offset"]
        return self._bytes[first:first + 4 * count].view(dtype).reshape(entry["shape"])


def pooled(function, layer, x, **more):
    """Pooling; a kernel of (0, 0) is the whole plane."""
    kernel = layer["kernel"] if layer["kernel"][0] else list(x.shape[2:])
    return function(x, kernel, layer["stride"], layer["pad"], ceil_mode=layer["ceil"], **more)


def max_pool(layer, x, decider):
    """Max pooling of x, choosing where the decider, a tensor like x, is largest."""
    _, chosen = pooled(F.max_pool2d, layer, decider, return_indices=True)
    return x.flatten(2).gather(2, chosen.flatten(2)).reshape(chosen.shape)


def run_step(dump, dtype, outputs=None):
    """Forward and backward with PyTorch: results under the names that dump_step gives them. `outputs` gives the outputs of
    layers, by "NAME.y", that ReLU and max pooling decide by; without it they decide by their own."""
    inputs = {}

    def given(name):
        if name not in inputs:
            inputs[name] = torch.from_numpy(np.array(dump["in/" + name])).to(dtype)
        return inputs[name]

    def decider(source, own):
        if outputs is None:
            return own
        return own if source == "data" else torch.from_numpy(np.array(outputs(source + ".y"))).to(dtype)

    def learned(name):
        return given(name).requires_grad_()

    labels = torch.from_numpy(np.array(dump["in/data.labels"])).long()
    values = {"data": given("data.images")}
    results = {}
    objective = torch.zeros((), dtype=dtype)
    for layer in dump.layers:
        name, kind = layer["name"], layer["type"]
        x = [values[source] for source in layer["inputs"]]
        if kind in ("conv", "fc"):
            w = learned(name + ".w")
            b = learned(name + ".b") if layer["bias"] else None
            y = (F.conv2d(x[0], w, b, layer["stride"], layer["pad"], groups=layer["groups"]) if kind == "conv" else
                 F.linear(x[0].flatten(1), w, b))
        elif kind == "batch_norm":
            mean, var = given(name + ".running_mean").clone(), given(name + ".running_var").clone()
            y = F.batch_norm(x[0], mean, var, learned(name + ".gamma"), learned(name + ".beta"), True,
                             dump.batch_norm["momentum"], dump.batch_norm["epsilon"])
            results[name + ".running_mean"], results[name + ".running_var"] = mean, var
        elif kind == "max_pool":
            y = max_pool(layer, x[0], decider(layer["inputs"][0], x[0]))
        elif kind == "average_pool":
            y = pooled(F.avg_pool2d, layer, x[0])
        elif kind == "lrn":
            lrn = layer["lrn"]
            y = F.local_response_norm(x[0], lrn["size"], lrn["alpha"], 0.75, lrn["k"])
        elif kind == "dropout":
            y = x[0] * given(name + ".mask") / (1.0 - layer["rate"])
        elif kind == "concat":
            y = torch.cat(x, 1)
        elif kind == "add":
            y = x[0] + x[1]
        elif kind == "loss":
            loss = F.cross_entropy(x[0], labels)
            results[name + ".loss"] = loss.reshape(1)
            results[name + ".p"] = F.softmax(x[0], 1)
            objective = objective + layer["weight"] * loss
            continue
        else:
            raise ValueError(f"layer {name} of unknown type {kind}")
        if layer["relu"]:
            y = torch.where(decider(name, y) > 0, y, torch.zeros_like(y))
        values[name] = results[name + ".y"] = y
    objective.backward()
    for name, value in inputs.items():
        if value.requires_grad:
            layer, _, parameter = name.rpartition(".")
            results[f"{layer}.d{parameter}"] = value.grad
    return {name: value.detach().double().numpy() for name, value in results.items()}


def relative_error(value, reference):
    norm = np.linalg.norm(reference)
    return float(np.linalg.norm(value - reference) / (norm if norm > 0 else 1.0))


def compare(directory):
    """Whether all agree; prints one line a network, and one for each tensor that does not."""
    dump = Dump(directory)
    own = run_step(dump, torch.float32)
    reference = run_step(dump, torch.float64)
    # By whose decisions: the twin's, and those of PyTorch in FP32.
    by_twin = run_step(dump, torch.float64, lambda name: dump["out/" + name])
    by_own = run_step(dump, torch.float64, own.__getitem__)
    failures = []
    worst = {}
    for name in dump.names("out/"):
        twin = dump["out/" + name].astype(np.float64)
        expected = reference[name].shape if name in reference else "none"
        if twin.shape != expected:
            failures.append(f"  {name}: shape {twin.shape}, PyTorch has {expected}")
            continue
        gradient = name.rpartition(".")[2] in ("dw", "db", "dgamma", "dbeta")
        error = relative_error(twin, (by_twin if gradient else reference)[name])
        unavoidable = relative_error(own[name], (by_own if gradient else reference)[name])
        loss = name.endswith(".loss")
        if loss:
            probabilities = name[:-len("loss")] + "p"
            unavoidable = max(unavoidable, relative_error(own[probabilities], reference[probabilities]))
        group = "gradients" if gradient else "forward"
        worst[group] = max(worst.get(group, (0.0, 0.0, "")), (error, unavoidable, name))
        if not error <= max(TINY, FACTOR * unavoidable):
            of = " or its probabilities" if loss else ""
            failures.append(f"  {name}: relative error {error:.2e}, PyTorch's{of} in FP32 {unavoidable:.2e}")
    for name in sorted(set(reference) - set(dump.names("out/"))):
        failures.append(f"  {name}: not among the twin's results")
    summary = "; ".join(f"worst of {group}: {error:.1e} (PyTorch in FP32: {unavoidable:.1e}) {name}"
                        for group, (error, unavoidable, name) in sorted(worst.items()))
    print(f"{dump.name}: {len(reference)} tensors, {len(failures)} disagree; {summary}")
    for failure in failures:
        print(failure)
    return not failures


def main(directories):
    if not directories:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        agree = [compare(directory) for directory in directories]
    except (OSError, ValueError, KeyError) as error:
        print(f"compare.py: {error!r}", file=sys.stderr)
        return 2
    return 0 if all(agree) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
