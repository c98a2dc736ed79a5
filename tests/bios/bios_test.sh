#!/bin/sh
# bios_test - our BIOS's interrupt services, called by programs on a floppy, a
# CD and a disk
#
# Needs klochs-bios.bin beside the program and a compiler for 16-bit x86.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/bios/common.sh
. "$here/common.sh"

# start NAME ARGUMENT...: on Klochs
start() {
    name=$1
    shift
    timeout 300 "$KLOCHS" --headless \
        --max-insns "${BIOS_TEST_INSNS:-400000000}" \
        "memory: guest=16, host=16" "clock: time0=946728000" \
        "log: $dir/$name.log" "$@" >"$dir/$name.out" 2>"$dir/$name.err"
}

# run NAME ARGUMENT...: with our BIOS
run() {
    start "$@" "romimage: file=$rom" ${vga:+"vgaromimage: file=$vga"}
    judge "$1"
}

# compare NAME ARGUMENT...: the registers that came back in NAME.text, with those
# that come from SeaBIOS; differences.txt must explain what is not the same, and
# no more than that.
compare() {
    sed -n 's/^= //p' "$dir/$1.text" >>"$dir/ours"
    start "$@" "romimage: file=$seabios"
    tr -d '\r' <"$dir/$1.out" | sed -n 's/^= //p' >>"$dir/theirs"
}

explained() {
    awk -f "$here/../explained.awk" "$here/differences.txt" "$dir/theirs" \
        "$dir/ours"
}

build services start.S services.c
truncate -s 1474560 "$dir/services.img"
build system start.S system.c modes.S
truncate -s 1474560 "$dir/system.img"
build eltorito start.S eltorito.c
build second second.S
truncate -s 1474560 "$dir/second.img"
build sleep start.S sleep.c
truncate -s 1474560 "$dir/sleep.img"
link='-m32 -Wl,-Ttext=0 -Wl,-e,0 -Wl,--oformat=elf32-i386' build code rom.S
python3 "$here/images.py" disk "$dir/disk.img" &&
    python3 "$here/images.py" rom "$dir/rom.bin" "$dir/code.img" &&
    python3 "$here/images.py" cd "$dir/cd.iso" "$dir/eltorito.img" \
        "$dir/second.img" || exit 1

seabios=/usr/share/seabios/bios.bin

# services_on run|compare: on images that are as they were
services_on() {
    cp "$dir/disk.img" "$dir/disk.work"
    cp "$dir/services.img" "$dir/services.work"
    "$1" services "floppya: 1_44=$dir/services.work, status=inserted" \
        "ata0-master: $disk" "ata1-master: type=cdrom, status=ejected" \
        "boot: floppy"
}

disk="type=disk, path=$dir/disk.work, cylinders=20, heads=16, spt=63"
services_on run
if test -e $seabios; then
    services_on compare
    explained
    result $? "differences to SeaBIOS are explained"
fi
run eltorito "ata0-master: $disk" \
    "ata1-master: type=cdrom, path=$dir/cd.iso, status=inserted" "boot: cdrom"
run system "floppya: 1_44=$dir/system.img, status=inserted" \
    "ata0-master: type=disk, path=$dir/second.img, cylinders=40, heads=2, spt=36" \
    "parport1: enabled=1, file=$dir/printed" "boot: floppy, disk"
grep -q 'PRINTED BY INT 05H' "$dir/printed"
result $? "INT 05h: the text reaches the printer"
build processors start.S processors.c
truncate -s 1474560 "$dir/processors.img"
run processors "floppya: 1_44=$dir/processors.img, status=inserted" \
    "boot: floppy"
run sleep "floppya: 1_44=$dir/sleep.img, status=inserted" "boot: floppy"
run rom --dump-screen "fw_cfg: verbose=1" "optromimage1: file=$dir/rom.bin, address=0xd0000" \
    "floppya: 1_44=$dir/second.img, status=inserted" "boot: network, floppy"
grep -q 'boot 1: network: test ROM' "$dir/rom.log" &&
    grep -q 'boot [0-9]: disk of an option ROM' "$dir/rom.log"
result $? "an option ROM's BEV and the disk of its BCV are on the boot list"
grep -q '^SMBIOS at' "$dir/rom.err"
result $? "fw_cfg: verbose=1 shows POST's messages on the screen"

for model in i386 i486dx4 pentium; do
    start $model "cpu: model=$model" "romimage: file=$rom" \
        ${vga:+"vgaromimage: file=$vga"} \
        "floppya: 1_44=$dir/second.img, status=inserted" "boot: floppy"
    grep -q 'ok - the floppy boots' "$dir/$model.out"
    result $? "cpu: model=$model boots"
done

# iPXE (Debian: ipxe-qemu): no network device, so the floppy is next.
ipxe=/usr/lib/ipxe/qemu/pxe-e1000.rom
if test -e $ipxe; then
    start ipxe "romimage: file=$rom" ${vga:+"vgaromimage: file=$vga"} \
        --dump-screen "optromimage1: file=$ipxe, address=0xca000" \
        "floppya: 1_44=$dir/second.img, status=inserted" "boot: network, floppy"
    grep -q 'ipxe.*PnP PMM+' "$dir/ipxe.err"
    result $? "iPXE is initialised, with PMM"
    grep -q 'Open Source Network Boot Firmware' "$dir/ipxe.err" &&
        grep -q 'ok - the floppy boots' "$dir/ipxe.out"
    result $? "iPXE runs and comes back, the floppy boots"
fi
echo "1..$number"
exit $failed
