#!/bin/sh
# The equivalence table of docs/results.md: every ISA of this CPU, at 1, 2 and 3 threads, against golden, over all suites, a
# full lockstep epoch of LeNet-5 on Fashion-MNIST, and 50 lockstep steps of ResNet-8. Prints Markdown on stdout; the JSON
# files go to build/equivalence. About half an hour on two cores.
# Usage: tools/equivalence-table.sh [ISAS [THREADS]], by default all ISAs of this CPU and "1 2 3"
set -eu
CDPATH="" cd -- "$(dirname -- "$0")/.."

dfp16=build/tools/dfp16
isas=${1:-$("$dfp16" info | sed -n 's/^isas  *\(portable.*\)/\1/p')}
counts=${2:-"1 2 3"}
data=/usr/share/datasets/fashion-mnist
out=build/equivalence
mkdir -p "$out"
field() { sed -n "s/^ *\"$2\": *\"\\{0,1\\}\\([^\",]*\\)\"\\{0,1\\},\\{0,1\\}\$/\\1/p" "$out/$1.json"; }

for suite in instructions dfp gemm conv pool lrn dropout concat batch_norm softmax sgd; do
    "$dfp16" generate --suite "$suite" --level 1 --seed 1 -o "$out/$suite.h5" >&2
done

echo "| ISA | threads | suites: cases, bits that differ | LeNet-5 epoch: steps, operations, elements, bits that differ | ResNet-8: steps, operations, elements, bits that differ |"
echo "|---|---|---|---|---|"
for isa in $isas; do
    for threads in $counts; do
        run="$isa-$threads"
        cases=0
        differ=0
        for suite in instructions dfp gemm conv pool lrn dropout concat batch_norm softmax sgd; do
            "$dfp16" verify "$out/$suite.h5" --isa "$isa" --threads "$threads" --json "$out/$run-$suite.json" >&2
            cases=$((cases + $(field "$run-$suite" runs)))
            differ=$((differ + $(field "$run-$suite" bits_differ)))
        done
        "$dfp16" train --net lenet5 --data "$data" --lockstep all --isa "$isa" --threads "$threads" --json "$out/$run-lenet5.json" >&2
        "$dfp16" train --net resnet8 --data "$data" --steps 50 --batch 16 --lockstep all --isa "$isa" --threads "$threads" \
            --json "$out/$run-resnet8.json" >&2
        row="| $isa | $threads | $cases, $differ |"
        for net in lenet5 resnet8; do
            row="$row $(field "$run-$net" steps_compared), $(field "$run-$net" operations_compared), $(field "$run-$net" elements_compared), $(field "$run-$net" bits_differ) |"
        done
        echo "$row"
    done
done
