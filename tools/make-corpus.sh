#!/bin/sh
# Writes vectors/corpus/ anew: some cases of each suite's level 1, and the SHA-256 sums of the files. Needs a build; the
# command is build/tools/dfp16, or $DFP16. Run it where a suite, the schema or the contract changed; tests/corpus_test.cpp
# says so.
set -eu
CDPATH="" cd -- "$(dirname -- "$0")/.."

dfp16=${DFP16:-build/tools/dfp16}
corpus=vectors/corpus

# suite and shard: as few cases as leave every operation, policy, rounding and masking in
while read -r suite shard; do
    "$dfp16" generate --suite "$suite" --level 1 --seed 1 --shard "$shard" -o "$corpus/$suite.h5"
done <<END
instructions 1/3
dfp 1/2
gemm 2/3
conv 2/4
pool 1/2
lrn 1/7
dropout 1/5
concat 1/7
batch_norm 1/5
softmax 1/8
sgd 1/8
steps 1/5
END
cd "$corpus"
sha256sum -- *.h5 >SHA256SUMS
