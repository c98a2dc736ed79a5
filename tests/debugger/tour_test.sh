#!/bin/sh
# tour_test.sh - the session in docs/debugger-tour.md gives what it shows.
#
# Ticks, and what the firmware left at address 0, may differ: the boot sector
# is started by rom.S here.

here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
page=$here/../../docs/debugger-tour.md
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cp "$here/tour.S" "$here/rom.S" "$work"
cd "$work" || exit 1

as --32 tour.S -o tour.o 2>/dev/null &&
    ld -m elf_i386 -Ttext 0x7c00 tour.o -o tour.elf 2>/dev/null &&
    objcopy -O binary -j .text tour.elf tour.img &&
    as --32 rom.S -o rom.o &&
    ld -m elf_i386 -Ttext 0 --oformat binary rom.o -o boot.rom || {
    echo "1..0 # SKIP there is no assembler for x86"
    exit 0
}

# Each prompt on a line of its own, without what depends on the firmware.
plain() {
    sed -e 's/t=[0-9]*/t=T/' -e 's/\.\[[0-9]*\]/.[T]/' \
        -e '/^  IDT\[/d' -e '/^(0)\.\[T\].*hang/d' -e 's/ $//'
}

sed -n '/^```session/,/^```$/p' "$page" | grep -v '^```' >session.txt
sed -n 's/^<bochs:[0-9]*> //p' session.txt >commands.txt
sed 's/^\(<bochs:[0-9]*>\).*/\1/' session.txt | plain >want.txt
timeout 60 "$KLOCHS" -n -dbg "romimage: file=boot.rom" "memory: guest=32" \
    "log: file=log.txt" <commands.txt 2>err.txt >got.txt
status=$?
# What comes before the first prompt and after the last.
sed 's/<bochs:[0-9]*> /&\n/g' got.txt | plain | sed '1,2d' >got2.txt
diff want.txt got2.txt | head -n 30 | sed 's/^/# /' >diff.txt
cat diff.txt
if test ! -s diff.txt && test -s want.txt; then
    echo "ok 1 - the session is as shown"
else
    echo "not ok 1 - the session is as shown"
fi
if test $status -eq 0; then
    echo "ok 2 - it ends with status 0"
else
    echo "not ok 2 - it ends with status $status"
fi
echo "1..2"
test ! -s diff.txt && test $status -eq 0
