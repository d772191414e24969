#!/usr/bin/env python3
"""A simulator of two operations that reads cases as text and answers them (docs/streams.md).

    dfp16 generate --suite gemm --stream | python3 simulator.py

Answers gemm under policy wrap, and vpdpwssd; skips the rest. It knows nothing of dfp16 but the text. An argument
FAULT or FAULT:NUMBER (of a case) plants a fault, for tests.
"""
import json
import os
import signal
import sys
import time


def signed(digits):
    value = int(digits, 16)
    bits = 4 * len(digits)
    return value - (1 << bits) if value >> (bits - 1) else value


def wrapped(value):
    return "%08x" % (value & 0xFFFFFFFF)


def gemm(params, inputs):
    (a_exponent, a), (b_exponent, b) = inputs["a"], inputs["b"]
    m, n, k = params["M"], params["N"], params["K"]
    c = [wrapped(sum(a[i * k + t] * b[t * n + j] for t in range(k))) for i in range(m) for j in range(n)]
    return {"c": (a_exponent + b_exponent, c)}


def vpdpwssd(params, inputs):
    a, b, c = (inputs[name][1] for name in "abc")
    lanes = params["width"] // 32
    d = []
    for i in range(len(c)):
        bit = inputs["k"][1][i // lanes] >> (i % lanes) & 1 if "k" in inputs else 1
        value = c[i] + a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1]
        d.append(wrapped(value if bit else c[i] if params["masking"] == "merge" else 0))
    return {"d": (0, d)}


def answers(op, params, inputs):
    if op == "gemm" and params["policy"] == "wrap":
        return gemm(params, inputs)
    if op == "vpdpwssd":
        return vpdpwssd(params, inputs)
    return None


def out_line(words, answer, fault):
    exponent, digits = answer[words[1]]
    shape = words[3]
    if fault == "bit":
        digits = digits[:-1] + ["%08x" % (int(digits[-1], 16) ^ 1)]
    if fault == "shape":
        shape = "1x" + shape
    if fault == "unknown-bits":
        digits = ["xxxxxxxx"] + digits[1:]
    if fault == "few":
        digits = digits[:-1]
    return " ".join(["out", words[1], words[2], shape, str(exponent)] + digits) + "\n"


def before_answer(fault):
    if fault == "hang":
        time.sleep(1000)
    if fault == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if fault == "status":
        sys.exit(3)
    if fault == "print":
        print("reached state 7")
    if fault == "fail":
        print("fail out of registers")


def main():
    planted, _, at = (sys.argv[1] if len(sys.argv) > 1 else "").partition(":")
    fault = ""
    while True:
        line = sys.stdin.readline()  # not `for line in sys.stdin`, which reads ahead
        if not line:
            return
        words = line.split()
        if words[0] == "case":
            op, inputs, asked = words[2], {}, []
            fault = planted if at in ("", words[1]) else ""
        elif words[0] == "params":
            params = json.loads(line.split(None, 1)[1])
        elif words[0] == "in":
            inputs[words[1]] = (int(words[4]), [signed(digits) for digits in words[5:]])
            if fault == "input":
                line = line[:-2] + ("0" if line[-2] != "0" else "1") + "\n"
        elif words[0] == "want":
            asked.append(words)
            continue
        elif words[0] == "end":
            before_answer(fault)
            answer = answers(op, params, inputs)
            for want in asked:
                sys.stdout.write(out_line(want, answer, fault) if answer else "skip no such operation here\n")
        sys.stdout.write(line)
        if words[0] == "end" and fault != "unflushed":
            sys.stdout.flush()


main()
