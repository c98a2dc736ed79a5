#!/bin/sh
# strangers_test - our pair of ROMs boots QEMU's and Bochs's machines: a floppy;
# with KLOCHS_BOOT=all also a CD, a disk with a reboot, and a kernel without a drive
# (QEMU), to the power-off
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
KLOCHS=${KLOCHS:-$top/klochs}
KLOCHS_GUESTS=${KLOCHS_GUESTS:-${BUILDDIR:-$top/build}/guests}
export KLOCHS KLOCHS_GUESTS
number=0 failed=0

cases=floppy-1.44m
test "${KLOCHS_BOOT:-ci}" = ci || cases="$cases cd-686-work hd-686 kernel-amd64"
for emulator in qemu bochs; do
    for guest in $cases; do
        number=$((number + 1))
        output=$("$here/run-case" --emulator $emulator --firmware klochs \
            "$here/cases/$guest.case" 2>&1)
        case $? in
        0) echo "ok $number - $guest on $emulator" ;;
        77) echo "ok $number - $guest on $emulator # SKIP ${output#skipped: }" ;;
        *)
            printf '%s\n' "$output" | sed 's/^#* */# /'
            echo "not ok $number - $guest on $emulator"
            failed=1
            ;;
        esac
    done
done
echo "1..$number"
exit $failed
