#!/bin/sh
# config_docs_test.sh - the documents know every option, directive, exit code.

here=$(cd "$(dirname "$0")" && pwd)
SRCDIR=${SRCDIR:-$here/../..}
KLOCHS=${KLOCHS:-$SRCDIR/klochs}
number=0 failed=0

# report STATUS NAME
report() {
    number=$((number + 1))
    if test "$1" -eq 0; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=1
    fi
}

# same FILE WHAT: the file is what the program prints
same() {
    "$KLOCHS" --print-docs "$2" | diff "$SRCDIR/$1" - >/dev/null
    status=$?
    test $status -eq 0 ||
        echo "# run: ./klochs --print-docs $2 >$1"
    report $status "$1 is up to date"
}

# all_in FILE WHAT: every word of the input is in the file
all_in() {
    missing=$(while IFS= read -r word; do
        grep -qF -e "$word" "$SRCDIR/$1" || echo "$word"
    done)
    test -z "$missing" || echo "# missing:" $missing
    test -z "$missing"
    report $? "$1 has every $2"
}

options() {
    "$KLOCHS" --help | sed -n 's/^  \(-[^ ]*\).*/\1/p'
}

# Words of the first column in the tables of a document.
not_yet() {
    "$KLOCHS" --print-docs bochsrc | awk '
        /^## / { name = $2 }
        /not there yet/ && name != "" && name != last { print name; last = name }'
}

exit_codes() {
    sed -n 's/^    EXIT_[A-Z_]* = \([0-9]*\),.*/| \1 |/p' "$SRCDIR/core/err.h"
}

same docs/bochsrc.md bochsrc
same man/klochsrc.5 man
same docs/debugger.md debugger
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
options | sed 's/^/`/' >"$work/list"
all_in docs/command-line.md option <"$work/list"
options | sed 's/-/\\-/g; s/^/ /' >"$work/list"
all_in man/klochs.1 option <"$work/list"
not_yet | sed 's/usb_.*/USB/; s/ata.*/drive modes/; s/com[0-9]/com1/' >"$work/list"
all_in docs/known-gaps.md "directive with gaps" <"$work/list"
exit_codes >"$work/list"
all_in docs/command-line.md "exit code" <"$work/list"
echo "1..$number"
exit $failed
