#!/bin/sh
# The table of the paper's networks in docs/results.md: each on Fashion-MNIST, scaled down, in INT16 and FP32 with the same
# hyper-parameters, several seeds. Prints Markdown on stdout; the runs' JSON files go to build/networks. Two runs go on at a
# time, one thread each.
# Usage: tools/networks-table.sh [NETS [EPOCHS [SEEDS [WIDTH [OPTIONS]]]]]; the options go to every run
set -eu
CDPATH="" cd -- "$(dirname -- "$0")/.."

dfp16=${DFP16:-build/tools/dfp16}
nets=${1:-"alexnet vgg16 googlenet resnet50"}
epochs=${2:-2}
seeds=${3:-"1 2"}
width=${4:-0.125}
options=${5:-}
data=/usr/share/datasets/fashion-mnist
out=build/networks
mkdir -p "$out"

run() { # net precision seed
    start=network
    # AlexNet was published with weights of deviation 0.01 for its full width: at an eighth nothing would reach the loss.
    [ "$1" != alexnet ] || start=xavier
    # shellcheck disable=SC2086
    "$dfp16" train --net "$1" --init "$start" --data "$data" --width "$width" --epochs "$epochs" --precision "$2" --seed "$3" --threads 1 \
        $options --json "$out/$1-$2-$3.json" >"$out/$1-$2-$3.txt" 2>"$out/$1-$2-$3.log"
}
# One value of each epoch, with commas between.
epochs_of() { # run, text before the value
    sed -n "s/^epoch .*$2 \\([0-9.]*\\).*/\\1/p" "$out/$1.txt" | paste -s -d, | sed 's/,/, /g'
}

for net in $nets; do
    for seed in $seeds; do
        run "$net" fp32 "$seed" &
        other=$!
        run "$net" int16 "$seed"
        wait "$other"
        echo "$net, seed $seed: done" >&2
    done
done

echo "| network | seed | precision | loss by epoch | training accuracy by epoch | test accuracy by epoch | images/s |"
echo "|---|---|---|---|---|---|---|"
for net in $nets; do
    for seed in $seeds; do
        for precision in fp32 int16; do
            name="$net-$precision-$seed"
            row="| $net | $seed | $precision |"
            row="$row $(epochs_of "$name" "train loss") | $(epochs_of "$name" "train accuracy") |"
            row="$row $(epochs_of "$name" "test accuracy") |"
            echo "$row $(sed -n 's|^steps .*, \([0-9.]*\) images/s|\1|p' "$out/$name.txt") |"
        done
    done
done
