#!/bin/sh
# The accuracy table of docs/results.md: a network on Fashion-MNIST in FP32, INT16 exact and INT16 chain, same
# hyper-parameters, several seeds. Prints Markdown on stdout; the runs' JSON files go to build/accuracy.
# Usage: tools/accuracy-table.sh [NET [EPOCHS [SEEDS [OPTIONS]]]], by default: lenet5 5 "1 2 3" ""; the options go to every run
set -eu
CDPATH="" cd -- "$(dirname -- "$0")/.."

net=${1:-lenet5}
epochs=${2:-5}
seeds=${3:-"1 2 3"}
options=${4:-}
data=/usr/share/datasets/fashion-mnist
out=build/accuracy
mkdir -p "$out"

run() { # name seed options...
    name=$1 seed=$2
    shift 2
    # shellcheck disable=SC2086
    build/tools/dfp16 train --net "$net" --data "$data" --epochs "$epochs" --seed "$seed" "$@" $options \
        --json "$out/$net-$name-$seed.json" >&2
}
field() { sed -n "s/^ *\"$2\": *\"\\{0,1\\}\\([^\",]*\\)\"\\{0,1\\},\\{0,1\\}\$/\\1/p" "$out/$net-$1.json"; }

for seed in $seeds; do
    run fp32 "$seed" --precision fp32
    run exact "$seed" --policy exact
    run chain "$seed" --policy chain
done

echo "| seed | FP32 | INT16 exact | INT16 chain | exact - FP32 | chain - FP32 |"
echo "|---|---|---|---|---|---|"
for seed in $seeds; do
    echo "$seed $(field "fp32-$seed" test_accuracy) $(field "exact-$seed" test_accuracy) $(field "chain-$seed" test_accuracy)"
done | awk '
    { n++; f += $2; e += $3; c += $4
      printf "| %s | %.2f | %.2f | %.2f | %+.2f | %+.2f |\n", $1, 100*$2, 100*$3, 100*$4, 100*($3-$2), 100*($4-$2) }
    END { printf "| mean | %.2f | %.2f | %.2f | %+.2f | %+.2f |\n", 100*f/n, 100*e/n, 100*c/n, 100*(e-f)/n, 100*(c-f)/n }'
