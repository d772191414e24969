#!/bin/sh
# From nothing to the main result: installs, builds, generates golden vectors, checks every ISA against them, and trains
# one epoch of LeNet-5 on Fashion-MNIST in INT16 in full lockstep with the golden model, and in FP32.
# Needs a Debian 12 machine; within ten minutes on two cores. Results stay in build/quickstart.
set -eu
CDPATH="" cd -- "$(dirname -- "$0")/.."

data=/usr/share/datasets/fashion-mnist
out=build/quickstart
suites="instructions dfp gemm conv pool lrn dropout concat batch_norm softmax sgd steps"

echo "== packages and build" >&2
tools/install-packages.sh
mkdir -p "$out"
cmake -S . -B build >"$out/build.log" 2>&1 || { cat "$out/build.log" >&2; exit 1; }
cmake --build build -j "$(nproc)" --target dfp16 >>"$out/build.log" 2>&1 || { tail -n 40 "$out/build.log" >&2; exit 1; }
dfp16=build/tools/dfp16

"$dfp16" info
for suite in $suites; do
    echo "== golden vectors: $suite" >&2
    "$dfp16" generate --suite "$suite" --level 1 --seed 1 -o "$out/$suite.h5"
    "$dfp16" verify "$out/$suite.h5" --json "$out/verify-$suite.json"
done

echo "== one epoch, INT16 in full lockstep with golden" >&2
"$dfp16" train --net lenet5 --data "$data" --lockstep all --json "$out/lockstep.json"
echo "== one epoch, INT16 alone" >&2
"$dfp16" train --net lenet5 --data "$data" --json "$out/int16.json"
echo "== one epoch, FP32" >&2
"$dfp16" train --net lenet5 --data "$data" --precision fp32 --json "$out/fp32.json"

# The JSON files have one member a line.
field() { sed -n "s/^ *\"$2\": *\"\\{0,1\\}\\([^\",]*\\)\"\\{0,1\\},\\{0,1\\}\$/\\1/p" "$out/$1.json"; }
percent() { awk -v v="$1" 'BEGIN { printf "%.2f %%", 100 * v }'; }
total() { for s in $suites; do field "verify-$s" "$1"; done | awk '{ n += $1 } END { print n + 0 }'; }

speed() { awk -v v="$(field "$1" images_per_second)" 'BEGIN { printf "%.0f images/s", v }'; }

row() { printf '%-46s %s\n' "$1" "$2"; }
echo
row "ISA of the fast path" "$(field int16 isa), $(field int16 threads) threads"
row "golden vectors checked (cases)" "$(total cases)"
row "kernel runs compared, over all ISAs" "$(total runs)"
row "vectors that differ" "$(total failed)"
row "lockstep: operations compared" "$(field lockstep operations_compared)"
row "lockstep: elements compared" "$(field lockstep elements_compared)"
row "lockstep: bits that differ" "$(field lockstep bits_differ)"
row "lockstep: INT32 overflows" "$(field lockstep overflows)"
row "test accuracy, one epoch, INT16 in lockstep" "$(percent "$(field lockstep test_accuracy)")"
row "test accuracy, one epoch, INT16" "$(percent "$(field int16 test_accuracy)")"
row "test accuracy, one epoch, FP32 (Eigen)" "$(percent "$(field fp32 test_accuracy)")"
row "training speed, INT16 in lockstep" "$(speed lockstep)"
row "training speed, INT16" "$(speed int16)"
row "training speed, FP32 (Eigen)" "$(speed fp32)"
