#!/bin/sh
# check-headers.sh - fail when a header does not compile on its own.
#
# check-headers.sh BUILD COMPILER FLAGS...  Run at the top of the sources.
# BUILD is where generated headers lie.

build=$1
shift
bad=$(
    find core memory cpu iodev gui debugger machine tests -name '*.h' \
        2>/dev/null |
        sort | while read -r header; do
        echo "#include \"$header\"" |
            "$@" -I. -I"$build" -fsyntax-only -x c - 2>&1 | sed -n 1,3p
    done
)
if [ -n "$bad" ]; then
    echo "$bad"
    exit 1
fi
echo "check-headers: good"
