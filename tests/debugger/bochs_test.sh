#!/bin/sh
# bochs_test.sh - the same commands on the same guest, here and in Bochs 2.7.
#
# bochs/NAME.cmd is a script that both understand. What they print may differ
# as bochs/NAME.diff says: the output of diff, Bochs's lines with <, with the
# reasons in lines that begin with #. With UPDATE=1 the differences are written
# anew, reasons are kept at the top. A line `# guest: devices` chooses
# devices.S instead of guest.S.

here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0 failed=0

skip() {
    echo "1..0 # SKIP $1"
    exit 0
}

command -v bochs >/dev/null || skip "Bochs is not installed"
for guest in guest devices ports; do
    as --32 "$here/$guest.S" -o "$work/$guest.o" 2>/dev/null &&
        ld -m elf_i386 -Ttext 0 --oformat binary "$work/$guest.o" \
            -o "$work/$guest.rom" 2>/dev/null ||
        skip "there is no assembler for x86"
done
cp "$here"/bochs/*.txt "$work"
cd "$work" || exit 1
truncate -s 1474560 a.img
truncate -s 1228800 b.img

common='memory: guest=32, host=32
cpu: model=core2_penryn_t9600, ips=50000000
clock: sync=none, time0=946684800
magic_break: enabled=1
floppya: 1_44=a.img, status=inserted
floppyb: 1_2=b.img, status=inserted'

# Bochs's drivers of its packages need a display that waits for nobody.
cat >bochs.rc <<END
$common
config_interface: textconfig
display_library: rfb, options="timeout=0"
vgaromimage: file=/usr/share/vgabios/vgabios.bin
sound: waveoutdrv=dummy
log: bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
END

# From the first prompt on, without what belongs to no command.
cut_out() {
    sed -n '/^Next at t=0$/,$p' "$1" |
        sed -e '/^(0)\.\[[0-9]*\] /d' -e '/^<bochs:[0-9]*> *$/d' \
            -e '/^[0-9]\{11\}[-a-z]\[/d' -e 's/^<bochs:[0-9]*> //' \
            -e '/^fgets() returned/d' -e '/^debugger interrupt request/d'
}

for case in "$here"/bochs/*.cmd; do
    name=$(basename "$case" .cmd)
    guest=$(sed -n 's/^# guest: //p' "$case")
    guest=${guest:-guest}
    { cat bochs.rc; echo "romimage: file=$guest.rom, address=0xffff0000"; } \
        >"$name.rc"
    timeout 30 bochs -q -f "$name.rc" -rc "$case" </dev/null >b.raw 2>&1
    grep -q '^Next at t=0$' b.raw || skip "Bochs does not run here"
    { echo "$common"; echo "romimage: file=$guest.rom"; echo "log: k.log"; } \
        >"$name.rc"
    timeout 30 "$KLOCHS" -q -f "$name.rc" -rc "$case" </dev/null >k.raw 2>err.txt
    cut_out b.raw >b.txt
    cut_out k.raw >k.txt
    diff b.txt k.txt >got.diff
    wanted=$here/bochs/$name.diff
    if test -n "$UPDATE"; then
        { grep '^#' "$wanted" 2>/dev/null; cat got.diff; } >new.diff
        cp new.diff "$wanted"
    fi
    grep -v '^#' "$wanted" >want.diff
    diff want.diff got.diff | head -n 20 | sed 's/^/# /'
    number=$((number + 1))
    if cmp -s want.diff got.diff; then
        echo "ok $number - $name: $(wc -l <b.txt) lines, differences as listed"
    else
        echo "not ok $number - $name"
        failed=1
    fi
done
echo "1..$number"
exit $failed
