#!/bin/sh
# Installs every Debian package that dfp16 is built, tested and run with. Does nothing where all are there.
set -eu

packages="g++ gfortran cmake make binutils
libboost1.81-dev libboost-json1.81-dev libboost-program-options1.81-dev
libeigen3-dev libhdf5-dev libfmt-dev libgtest-dev libbenchmark-dev
libxbyak-dev libxxhash-dev zlib1g-dev libdeflate-dev libjpeg62-turbo-dev libdnnl-dev
iverilog verilator
dataset-fashion-mnist"

missing=""
for package in $packages; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    case $status in
        *" ok installed"*) ;;
        *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then as_root=""; else as_root="sudo"; fi
echo "installing:$missing" >&2
$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
