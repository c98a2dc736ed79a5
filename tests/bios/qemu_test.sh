#!/bin/sh
# qemu_test - our BIOS on QEMU: what Klochs's board does not have, further
# processors and PCI bridges
set -u

here=$(cd "$(dirname "$0")" && pwd)
if ! command -v qemu-system-i386 >/dev/null; then
    echo "1..0 # SKIP qemu-system-i386 is not installed"
    exit 0
fi
# shellcheck source=tests/bios/common.sh
. "$here/common.sh"

# run NAME ARGUMENT...: until the power goes off; messages go to NAME.log.
run() {
    name=$1
    shift
    timeout 60 qemu-system-i386 -bios "$rom" -display none -serial stdio \
        -net none -no-reboot -m 32 -debugcon "file:$dir/$name.log" \
        -global isa-debugcon.iobase=0x402 "$@" \
        >"$dir/$name.out" 2>"$dir/$name.err" </dev/null
    judge "$name"
}

# said NAME PATTERN: a line of the messages
said() {
    grep -Eq "$2" "$dir/$1.log"
    result $? "$1: $2"
}

build processors start.S processors.c
truncate -s 1474560 "$dir/processors.img"
floppy="-drive file=$dir/processors.img,if=floppy,format=raw -boot a"
# shellcheck disable=SC2086 # words
{
    run processors $floppy -smp 3
    said processors '^3 processors'
    said processors '^SMM: handler installed'
    run bridges $floppy -device pci-bridge,id=b1,chassis_nr=1,addr=6 \
        -device pci-bridge,id=b2,bus=b1,addr=4,chassis_nr=2 \
        -device e1000,bus=b1,addr=3,romfile= \
        -device e1000,bus=b2,addr=5,romfile=
}
said bridges '^PCI 02:05.0 8086:100e'
said bridges '^PCI 00:06.0 bus 1: ports c000-dfff'
said bridges '^PCI 01:04.0 bus 2: ports c000-cfff'
said bridges '^PCI 02:05.0 bar 14: ports c000, 64 bytes'
said bridges '^PCI 00:06.0 bus 1: memory e1000000-e11fffff'
said bridges '^PCI 01:04.0 bus 2: memory e1000000-e10fffff'
echo "1..$number"
exit $failed
