#!/bin/sh
# The full-size table of docs/results.md: one whole training step of each of the paper's networks at full resolution,
# golden against the fast path, with policies exact and chain, at 1 and 2 threads. Prints Markdown on stdout; the JSON files go
# to build/full-size. Under half an hour on two cores; up to 8 GB of memory.
# Usage: tools/full-size-lockstep.sh [NETS [POLICIES [THREADS [OPTIONS]]]]; the options go to every run
set -eu
CDPATH="" cd -- "$(dirname -- "$0")/.."

dfp16=${DFP16:-build/tools/dfp16}
nets=${1:-"alexnet vgg16 googlenet googlenet-bn resnet50 resnet50-v1.5"}
policies=${2:-"exact chain"}
counts=${3:-"1 2"}
options=${4:-}
out=build/full-size
mkdir -p "$out"
field() { sed -n "s/^ *\"$2\": *\"\\{0,1\\}\\([^\",]*\\)\"\\{0,1\\},\\{0,1\\}\$/\\1/p" "$out/$1.json"; }

echo "| network | policy | threads | ISA | operations | elements compared | bits that differ | seconds |"
echo "|---|---|---|---|---|---|---|---|"
for net in $nets; do
    size=224
    [ "$net" != alexnet ] || size=227
    for policy in $policies; do
        for threads in $counts; do
            run="$net-$policy-$threads"
            begin=$(date +%s)
            # shellcheck disable=SC2086
            "$dfp16" train --net "$net" --data "synthetic:3x${size}x${size}:1000:2" --batch 2 --steps 1 --lockstep all \
                --policy "$policy" --threads "$threads" $options --json "$out/$run.json" >&2
            seconds=$(($(date +%s) - begin))
            echo "| $net | $policy | $threads | $(field "$run" isa) | $(field "$run" operations_compared) | $(field "$run" elements_compared) | $(field "$run" bits_differ) | $seconds |"
        done
    done
done
