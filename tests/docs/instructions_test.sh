#!/bin/sh
# instructions_test.sh - docs/instructions.md says what cpu/x86.tab says.
set -u
: "${SRCDIR:=.}" "${BUILDDIR:=$SRCDIR/build}"

made=$("$BUILDDIR/tools/mkinsn" --docs "$SRCDIR/cpu/x86.tab") || made=
if [ "$made" = "$(cat "$SRCDIR/docs/instructions.md")" ]; then
    echo "ok 1 - docs/instructions.md is up to date"
    bad=0
else
    echo "# run: mkinsn --docs cpu/x86.tab >docs/instructions.md"
    echo "not ok 1 - docs/instructions.md is up to date"
    bad=1
fi
echo 1..1
exit $bad
