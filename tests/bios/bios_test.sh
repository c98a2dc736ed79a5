#!/bin/sh
# bios_test - our BIOS's interrupt services, called by a program on a floppy
#
# Needs klochs-bios.bin beside the program and a compiler for 16-bit x86.
set -u

here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-./klochs}
rom=$(dirname "$KLOCHS")/klochs-bios.bin
cc=
for c in gcc i686-linux-gnu-gcc x86_64-linux-gnu-gcc; do
    if echo 'int x;' | $c -m16 -ffreestanding -x c -c -o /dev/null - \
        2>/dev/null; then
        cc=$c
        break
    fi
done
if test -z "$cc" || test ! -e "$rom"; then
    echo "1..0 # SKIP no compiler for 16-bit x86, or $rom is not built"
    exit 0
fi
vga=
for v in "$(dirname "$rom")/klochs-vgabios.bin" \
    /usr/share/vgabios/vgabios.bin /usr/share/seabios/vgabios-isavga.bin; do
    test -z "$vga" && test -e "$v" && vga=$v
done
dir=$(mktemp -d "${TMPDIR:-/tmp}/klochs-bios.XXXXXX") || exit 1
test -n "${KEEP:-}" || trap 'rm -rf "$dir"' EXIT

flags='-std=gnu11 -Os -march=i386 -m16 -ffreestanding -fno-pic -fno-pie
    -nostdlib -mregparm=3 -fno-stack-protector -fcf-protection=none
    -fno-asynchronous-unwind-tables -Wall -Wextra'
# shellcheck disable=SC2086 # words
$cc $flags -no-pie -static -Wl,--build-id=none -Wl,-z,noexecstack \
    -Wl,--no-warn-rwx-segments -Wl,-T,"$here/test.ld" -o "$dir/test.elf" \
    "$here/start.S" "$here/services.c" &&
    objcopy -O binary "$dir/test.elf" "$dir/floppy.img" &&
    truncate -s 1474560 "$dir/floppy.img" || exit 1
# A disk whose sectors begin with their number.
python3 - "$dir/disk.img" <<'END' || exit 1
import struct, sys
with open(sys.argv[1], "wb") as f:
    for n in range(20160):
        f.write(struct.pack("<I", n) + bytes(508))
END
timeout 300 "$KLOCHS" --headless --max-insns ${BIOS_TEST_INSNS:-400000000} --dump-screen \
    "memory: guest=16, host=16" "romimage: file=$rom" \
    ${vga:+"vgaromimage: file=$vga"} "clock: time0=946728000" \
    "floppya: 1_44=$dir/floppy.img, status=inserted" \
    "ata0-master: type=disk, path=$dir/disk.img, cylinders=20, heads=16, spt=63" \
    "ata1-master: type=cdrom, status=ejected" "boot: floppy" \
    "log: $dir/log" >"$dir/out" 2>"$dir/err"
status=$?
tr -d '\r' <"$dir/out" | grep -E '^(not ok|ok|1\.\.|#)' || sed 's/^/# /' "$dir/err"
test $status -eq 0 && grep -q 'BIOS SERVICES PASSED' "$dir/out"
