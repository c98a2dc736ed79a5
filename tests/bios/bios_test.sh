#!/bin/sh
# bios_test - our BIOS's interrupt services, called by programs on a floppy, a
# CD and a disk
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

# build NAME SOURCE...: the binary NAME.img from boot sector on
link='-Wl,-T,test.ld'
build() {
    name=$1
    shift
    # shellcheck disable=SC2086 # words
    (cd "$here" && $cc $flags -I../.. -no-pie -static -Wl,--build-id=none \
        -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments $link \
        -o "$dir/$name.elf" "$@") &&
        objcopy -O binary "$dir/$name.elf" "$dir/$name.img" || exit 1
}

number=0 failed=0

# result STATUS NAME
result() {
    number=$((number + 1))
    if test "$1" -eq 0; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=1
    fi
}

# run NAME ARGUMENT...: results go on standard output, numbered on; all that
# the program has announced must come.
run() {
    name=$1
    shift
    timeout 300 "$KLOCHS" --headless \
        --max-insns "${BIOS_TEST_INSNS:-400000000}" \
        "memory: guest=16, host=16" "romimage: file=$rom" \
        ${vga:+"vgaromimage: file=$vga"} "clock: time0=946728000" \
        "log: $dir/$name.log" "$@" >"$dir/$name.out" 2>"$dir/$name.err"
    tr -d '\r' <"$dir/$name.out" >"$dir/$name.text"
    awk -v number=$number '
    /^(not )?ok / {
        sub(/ok *[0-9]* */, "ok " ++number " ")
        print
        came++
    }
    /^1\.\./ { planned = substr($0, 4) }
    END { exit planned == "" || planned != came }' "$dir/$name.text" \
        >"$dir/$name.tap"
    status=$?
    cat "$dir/$name.tap"
    test $status -eq 0 || sed 's/^/# /' "$dir/$name.err"
    number=$((number + $(wc -l <"$dir/$name.tap")))
    result $status "$name runs to its end"
    ! grep -q '^not ok' "$dir/$name.tap" || failed=1
}

build services start.S services.c
truncate -s 1474560 "$dir/services.img"
build system start.S system.c
truncate -s 1474560 "$dir/system.img"
build eltorito start.S eltorito.c
build second second.S
link='-m32 -Wl,-Ttext=0 -Wl,-e,0 -Wl,--oformat=elf32-i386' build code rom.S
python3 "$here/images.py" disk "$dir/disk.img" &&
    python3 "$here/images.py" rom "$dir/rom.bin" "$dir/code.img" &&
    python3 "$here/images.py" cd "$dir/cd.iso" "$dir/eltorito.img" \
        "$dir/second.img" || exit 1
disk="type=disk, path=$dir/disk.img, cylinders=20, heads=16, spt=63"

run services "floppya: 1_44=$dir/services.img, status=inserted" \
    "ata0-master: $disk" "ata1-master: type=cdrom, status=ejected" \
    "boot: floppy"
run eltorito "ata0-master: $disk" \
    "ata1-master: type=cdrom, path=$dir/cd.iso, status=inserted" "boot: cdrom"
run system "floppya: 1_44=$dir/system.img, status=inserted" "boot: floppy"
truncate -s 1474560 "$dir/second.img"
run rom "optromimage1: file=$dir/rom.bin, address=0xd0000" \
    "floppya: 1_44=$dir/second.img, status=inserted" "boot: network, floppy"
grep -q 'boot 1: network: test ROM' "$dir/rom.log" &&
    grep -q 'boot [0-9]: disk of an option ROM' "$dir/rom.log"
result $? "an option ROM's BEV and the disk of its BCV are on the boot list"
echo "1..$number"
exit $failed
