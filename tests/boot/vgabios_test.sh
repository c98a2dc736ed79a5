#!/bin/sh
# vgabios_test - guests boot with our own VGA BIOS and other system BIOSes, on
# klochs; with KLOCHS_BOOT=all also a floppy, a CD and a disk on QEMU and Bochs
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
KLOCHS=${KLOCHS:-$top/klochs}
KLOCHS_GUESTS=${KLOCHS_GUESTS:-${BUILDDIR:-$top/build}/guests}
KLOCHS_VGABIOS=$(dirname "$KLOCHS")/klochs-vgabios.bin
export KLOCHS KLOCHS_GUESTS KLOCHS_VGABIOS

if ! test -e "$KLOCHS_VGABIOS"; then
    echo "1..0 # SKIP no compiler for 16-bit x86: no VGA BIOS"
    exit 0
fi
number=0 failed=0

run() { # EMULATOR FIRMWARE CASE
    number=$((number + 1))
    output=$("$here/run-case" --emulator "$1" --firmware "$2" \
        "$here/cases/$3.case" 2>&1)
    case $? in
    0) echo "ok $number - $3 on $1 with $2" ;;
    77) echo "ok $number - $3 on $1 # SKIP ${output#skipped: }" ;;
    *)
        printf '%s\n' "$output" | sed 's/^#* */# /'
        echo "not ok $number - $3 on $1 with $2"
        failed=1
        ;;
    esac
}

run klochs seabios floppy-1.44m
run klochs bochsbios floppy-1.44m
run klochs seabios grub-menu
if test "${KLOCHS_BOOT:-ci}" != ci; then
    run klochs seabios cd-amd64-shell
    for guest in floppy-1.44m cd-686-work hd-686; do
        run qemu seabios $guest
        run bochs bochsbios $guest
    done
fi
echo "1..$number"
exit $failed
