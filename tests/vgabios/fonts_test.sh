#!/bin/sh
# fonts_test.sh - the fonts of the VGA BIOS, as tools/mkfont has made them:
# every character looks unlike every other, and lines go on from cell to cell
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
fonts=${BUILDDIR:-$top}/gen/vga/fonts.c
if ! test -e "$fonts"; then
    echo "1..0 # SKIP no compiler for 16-bit x86: no VGA BIOS"
    exit 0
fi

# rows HEIGHT: `CODE ROW ROW ...` in hexadecimal.
rows() {
    awk -v name="font_8x$1[" '
    /^const/ { on = index($0, name) }
    on && /^ *0x/ {
        code = $0
        sub(/.*\/\* /, "", code)
        sub(/ .*/, "", code)
        sub(/ *\/\*.*/, "")
        gsub(/ *0x/, "")
        gsub(/,/, " ")
        print code, $0
    }' "$fonts"
}

font=$(mktemp) || exit 1
trap 'rm -f "$font"' EXIT

# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"
for height in 16 14 8; do
    rows $height >"$font"
    # 00, 20 and FF are blank.
    awk -v height=$height '
    NF != height + 1 { print "# " $1 ": " NF - 1 " rows"; bad = 1 }
    { code = $1; $1 = ""; if (code !~ /^(20|ff)$/ && $0 in seen) {
        print "# " seen[$0] " and " code " are the same"; bad = 1 }
      seen[$0] = code }
    END { exit bad || NR != 256 }' "$font"
    result $? "8x$height: 256 characters, no two alike"
    # A horizontal line leaves and enters cells at the same rows, a vertical
    # one at the same columns: C4h with C5h, CDh with CEh, B3h, BAh.
    awk '
    { for (i = 2; i <= NF; i++) row[$1, i] = $i; rows = NF }
    function left(v) { return v ~ /^[89a-f]/ }
    function right(v) { return v ~ /[13579bdf]$/ }
    function fits(a, b,  i) {
        for (i = 2; i <= rows; i++)
            if (right(row[a, i]) != left(row[b, i])) {
                print "# " a " and " b " in row " i - 2
                bad = 1
            }
    }
    function stands(a, b) {
        if (row[a, rows] != row[b, 2]) {
            print "# " a " on " b
            bad = 1
        }
    }
    END {
        fits("c4", "c4"); fits("c4", "c5"); fits("c5", "bf"); fits("da", "c2")
        fits("cd", "ce"); fits("ce", "bb"); fits("c9", "cb"); fits("cd", "d8")
        fits("c6", "b5"); fits("c7", "b6"); fits("d6", "b7"); fits("db", "db")
        stands("b3", "c5"); stands("da", "c0"); stands("ba", "ce")
        stands("c9", "c8"); stands("d1", "c1"); stands("d2", "d0")
        exit bad
    }' "$font"
    result $? "8x$height: lines and corners of frames meet"
done
finish
