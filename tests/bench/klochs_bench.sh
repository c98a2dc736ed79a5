#!/bin/sh
# klochs_bench - what `make bench` runs; BENCH_FLAGS go to bench.py
#
# Without flags: every kernel in 32 and 64 bits on Klochs, and on Bochs and
# QEMU where they are installed; medians of three runs; the table to standard
# output, all numbers to bench.json in the build folder.
set -u
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v python3 >/dev/null 2>&1; then
    echo "make bench: python3 is not installed" >&2
    exit 1
fi
# shellcheck disable=SC2086 # words
exec python3 "$here/bench.py" --json "${BUILDDIR:-.}/bench.json" \
    ${BENCH_FLAGS:-}
