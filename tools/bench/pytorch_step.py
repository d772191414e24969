#!/usr/bin/python3
"""Training steps of a network in PyTorch, timed one at a time: what `dfp16 bench` holds its own steps against.

pytorch_step.py NETWORK.json BATCH THREADS contiguous|channels_last fp32|bf16      (Debian: python3-torch)

NETWORK.json is what `dfp16 inspect --net NAME --json FILE` writes. Prints "ready" after warming up; then, for each line of
standard input, runs one step (forward, backward, SGD with momentum and weight decay) and prints its seconds; at the end
of the input it prints its peak resident set in bytes and ends. Exit status 77: no PyTorch.
"""
import json
import resource
import sys
import time

try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError as error:
    print(f"no PyTorch: {error}")
    sys.exit(77)


class Network(nn.Module):
    """The layers of the description, run in its order."""

    def __init__(self, layers):
        super().__init__()
        self.layers = layers
        self.parts = nn.ModuleDict()
        for layer in layers:
            part = self.part_of(layer)
            if part is not None:
                self.parts[layer["name"].replace(".", "/")] = part

    @staticmethod
    def part_of(layer):
        kind, inputs, outputs = layer["type"], layer["input_shape"], layer["output_shape"]
        if kind == "conv":
            return nn.Conv2d(inputs[0], outputs[0], layer["kernel"], layer["stride"], layer["pad"],
                             groups=layer["groups"], bias=layer["bias"])
        if kind == "fc":
            features = 1
            for size in inputs:
                features *= size
            return nn.Linear(features, outputs[0], bias=layer["bias"])
        if kind == "batch_norm":
            return nn.BatchNorm2d(inputs[0])
        if kind == "dropout":
            return nn.Dropout(layer["rate"])
        if kind == "lrn":
            return nn.LocalResponseNorm(layer["size"], layer["alpha"], 0.75, layer["k"])
        if kind in ("max_pool", "average_pool"):
            pool = nn.MaxPool2d if kind == "max_pool" else nn.AvgPool2d
            return pool(layer["kernel"], layer["stride"], layer["pad"], ceil_mode=layer["size"] == "ceil")
        return None

    def forward(self, images, labels):
        values = {"data": images}
        total = 0.0
        for layer in self.layers:
            inputs = [values[name] for name in layer["inputs"]]
            kind = layer["type"]
            if kind == "loss":
                total = total + layer["weight"] * F.cross_entropy(inputs[0].float(), labels)
                continue
            if kind == "add":
                value = inputs[0] + inputs[1]
            elif kind == "concat":
                value = torch.cat(inputs, 1)
            else:
                value = inputs[0].flatten(1) if kind == "fc" else inputs[0]
                value = self.parts[layer["name"].replace(".", "/")](value)
            if layer.get("relu"):
                value = F.relu(value, inplace=True)
            values[layer["name"]] = value
        return total


def main():
    path, batch, threads, layout, precision = sys.argv[1:6]
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    with open(path, encoding="utf-8") as file:
        description = json.load(file)
    layers = description["layers"]
    shape = layers[0]["input_shape"]
    network = Network(layers).train()
    images = torch.randn([int(batch)] + shape)
    labels = torch.randint(0, description["classes"], (int(batch),))
    if layout == "channels_last":
        network = network.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(network.parameters(), 0.001, momentum=0.9, weight_decay=1e-4)

    def step():
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            loss = network(images, labels)
        loss.backward()
        optimizer.step()
        return time.perf_counter() - start

    step()
    print("ready", flush=True)
    for _ in sys.stdin:
        print(f"{step():.9f}", flush=True)
    print(1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)


if __name__ == "__main__":
    main()
