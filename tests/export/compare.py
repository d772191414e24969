"""compare.py JSONL NPZ NPZ DIRECTORY: the same cases in each, to the last bit."""
import json
import os
import sys

import numpy as np

TYPES = {"int16": np.int16, "int32": np.int32, "label": np.int32, "fp32": np.float32}


def array_of(tensor):
    elements = [np.array(int(e, 16), np.uint32).view(np.float32) if isinstance(e, str) else e for e in tensor["data"]]
    return np.array(elements, TYPES[tensor["type"]]).reshape(tensor["shape"])


def expect_equal(got, expected, where):
    if got.dtype != expected.dtype or got.shape != expected.shape or got.tobytes() != expected.tobytes():
        sys.exit(f"{where}: {got} differs from {expected}")


def main():
    lines = [json.loads(line) for line in open(sys.argv[1])]
    archives = [np.load(path) for path in sys.argv[2:4]]
    for case in lines:
        number = "%06d" % case["case"]
        for archive in archives:
            for key in ("op", "name"):
                assert archive[f"{number}/{key}"][()].decode() == case[key]
            assert json.loads(archive[f"{number}/params"][()]) == case["params"]
        for group in ("inputs", "outputs"):
            for name, tensor in case[group].items():
                expected = array_of(tensor)
                where = f"{number}/{group}/{name}"
                for archive in archives:
                    expect_equal(archive[where], expected, where)
                    if "exponent" in tensor:
                        assert archive[f"{number}/exponents/{group}/{name}"] == tensor["exponent"]
                expect_equal(np.load(os.path.join(sys.argv[4], where + ".npy")), expected, where)
    print(len(lines), "cases equal")


main()
