#!/bin/sh
# pictures_test - text, mode 13h, mode X and a VBE mode, to the pixel
#
# The guest is guest/screens.S, the script screens.klochs; the hashes are of
# pictures that people have looked at. Graphics must be the same with every VGA
# BIOS, text has the font of the BIOS.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${BUILDDIR:-$top}
KLOCHS=${KLOCHS:-$top/klochs}
image=$build/tests/gui/screens.img
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0 failed=0

if ! test -e "$image"; then
    echo "1..0 # SKIP no compiler for 16-bit x86: no guest, no BIOS"
    exit 0
fi

pictures() { # NAME ROM HASH80 HASH40
    number=$((number + 1))
    if ! test -e "$2"; then
        echo "ok $number - pictures with $1 # SKIP no $2"
        return
    fi
    if "$KLOCHS" test --out "$work" -D VGAROM="$2" -D IMG="$image" \
        -D TEXT80="$3" -D TEXT40="$4" "$here/screens.klochs" \
        >"$work/said" 2>&1; then
        echo "ok $number - pictures with $1"
    else
        sed 's/^/# /' "$work/said"
        echo "not ok $number - pictures with $1"
        failed=1
    fi
}

pictures "our VGA BIOS" "$(dirname "$KLOCHS")/klochs-vgabios.bin" \
    50046f40f7dbcde5 27d7c2d665dd7302
pictures "SeaBIOS's VGA BIOS" /usr/share/seabios/vgabios-stdvga.bin \
    33301411d7e7275b 8cd32d5da5596290
echo "1..$number"
exit $failed
