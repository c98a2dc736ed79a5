#!/bin/sh
# bochsrc_test.sh - configuration files and arguments against what they mean.
#
# A case is cases/NAME.rc (a configuration file), NAME.args (arguments, one a
# line) or both, and NAME.out: what `klochs --print-config` prints for them,
# messages included, and its exit status. `bochsrc_test.sh --write` makes the
# .out files anew, for a look at the difference.

here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
cd "$here/cases" || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

unset BXSHARE
HOME=$work
KLOCHS_TEST_DIR=/some/where
export HOME KLOCHS_TEST_DIR

# run_case NAME: output and status
run_case() {
    set -- "$1" --print-config
    name=$1
    shift
    if test -e "$name.rc"; then
        set -- "$@" -f "$name.rc"
    fi
    if test -e "$name.args"; then
        while IFS= read -r word; do
            set -- "$@" "$word"
        done <"$name.args"
    fi
    "$KLOCHS" "$@" </dev/null 2>&1
    echo "status $?"
}

names=$(for f in *.rc *.args; do echo "${f%.*}"; done | grep -v '^inc-' |
    sort -u)
number=0 failed=0
for name in $names; do
    number=$((number + 1))
    run_case "$name" >"$work/out"
    if test "${1:-}" = --write; then
        cp "$work/out" "$name.out"
    elif diff -u "$name.out" "$work/out" >"$work/diff" 2>&1; then
        echo "ok $number - $name"
    else
        sed 's/^/# /' "$work/diff"
        echo "not ok $number - $name"
        failed=1
    fi
done
echo "1..$number"
exit $failed
