#!/bin/sh
# Fuzzes the readers (docs/fuzzing.md): tools/fuzz.sh [SECONDS [TARGET...]]. Builds with Clang in build-fuzz, runs each target
# for SECONDS (600), and keeps the inputs that reach new code in tests/fuzz/corpus/TARGET, few and small. One table on stdout:
# what was run, and findings, which lie in build-fuzz/findings. Exit status 1 if there are any.
# shellcheck disable=SC2012,SC2100
set -eu
CDPATH="" cd -- "$(dirname -- "$0")/.."

seconds=${1:-600}
[ $# -eq 0 ] || shift
build=build-fuzz
findings=$build/findings
most_files=300
most_bytes=100000
if [ -d /dev/shm ]; then TMPDIR=/dev/shm; export TMPDIR; fi

cmake -S . -B $build -DDFP16_FUZZ=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1" \
    -DCMAKE_C_COMPILER="${CC:-clang}" -DCMAKE_CXX_COMPILER="${CXX:-clang++}" >&2
cmake --build $build -j "$(nproc)" --target fuzz_programs >&2
targets=${*:-$(ls tests/fuzz/targets | sed 's/\.cpp$//')}
mkdir -p $findings

longest_input() {
    case $1 in
        golden_bytes | packed_images) echo 16384 ;;
        checkpoint) echo 4096 ;;
        *) echo 1024 ;;
    esac
}

# Runs one target; new inputs go to the directory $2.
fuzz() {
    options="-timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -max_len=$(longest_input "$1")"
    if [ -f "tests/fuzz/dictionaries/$1.dict" ]; then options="$options -dict=tests/fuzz/dictionaries/$1.dict"; fi
    # shellcheck disable=SC2086
    $build/tests/fuzz/fuzz_"$1" $options -max_total_time="$seconds" -artifact_prefix="$findings/$1-" \
        "$2" "tests/fuzz/corpus/$1" >"$findings/$1.log" 2>&1
}

# The smallest set of inputs that reaches the same code takes the corpus's place, the shortest first where it is too large.
# What is named finding-* stays.
keep() {
    mkdir "$2/merged"
    $build/tests/fuzz/fuzz_"$1" -merge=1 -use_counters=0 -timeout=10 -rss_limit_mb=2048 "$2/merged" "$2/found" \
        "tests/fuzz/corpus/$1" >"$findings/$1-merge.log" 2>&1
    find tests/fuzz/corpus/"$1" -type f ! -name 'finding-*' -delete
    bytes=0
    for name in $(ls -Sr "$2/merged" | head -n $most_files); do
        bytes=$((bytes + $(wc -c <"$2/merged/$name")))
        [ $bytes -le $most_bytes ] || break
        cp "$2/merged/$name" "tests/fuzz/corpus/$1/"
    done
}

last_number() { sed -n "s/.*$1 *\([0-9][0-9]*\).*/\1/p" "$2" | tail -n 1; }

failed=0
printf '%-16s %10s %8s %8s %8s\n' target executions coverage inputs findings
for target in $targets; do
    mkdir -p "tests/fuzz/corpus/$target"
    work=$(mktemp -d)
    mkdir "$work/found"
    fuzz "$target" "$work/found" || failed=1
    keep "$target" "$work" || failed=1
    rm -r "$work"
    log=$findings/$target.log
    printf '%-16s %10s %8s %8s %8s\n' "$target" "$(last_number 'number_of_executed_units:' "$log")" \
        "$(last_number 'cov:' "$log")" "$(ls "tests/fuzz/corpus/$target" | wc -l)" \
        "$(find $findings -name "$target-*" ! -name '*.log' | wc -l)"
done
exit $failed
