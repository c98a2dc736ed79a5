#!/bin/sh
# examples_test.sh - the files in examples/ do what they say.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=${SRCDIR:-$here/../..}
KLOCHS=${KLOCHS:-$top/klochs}
guests=${KLOCHS_GUESTS:-${BUILDDIR:-$top/build}/guests}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

number=0 bad=0
report() { # status, name
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        sed 's/^/# /' err
        echo "not ok $number - $2"
        bad=1
    fi
}
skip() { # name, why
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

# Writes "guest here" to port E9h and 42 to port F4h.
program() {
    printf '\061\300\216\330\276\027\174\254\204\300\164\004\346\351\353\367'
    printf '\260\052\346\364\364\353\375guest here\n\000'
    head -c 475 /dev/zero
    printf '\125\252'
}
{ program && head -c 1474048 /dev/zero; } >floppy.img
{ program && head -c 1048064 /dev/zero; } >disk.img
cp disk.img before.img

for f in "$top"/examples/*.bochsrc; do
    "$KLOCHS" --print-config -qf "$f" >out 2>err && [ ! -s err ]
    report $? "${f##*/}: is understood without a word"
done

for f in floppy disk-undoable; do
    if [ ! -e "$(dirname "$KLOCHS")/klochs-bios.bin" ]; then
        skip "$f runs" "klochs-bios.bin is not built"
        continue
    fi
    timeout 60 "$KLOCHS" --headless --max-insns 500000000 \
        -qf "$top/examples/$f.bochsrc" >out 2>err </dev/null
    [ $? -eq 42 ] && grep -q '^guest here$' out
    report $? "$f: text on standard output, exit code 42"
done
if [ -e "$(dirname "$KLOCHS")/klochs-bios.bin" ]; then
    cmp -s disk.img before.img && [ -e disk.img.redolog ]
    report $? "disk-undoable: the image is as before, the changes have a file"
fi

if [ -e "$guests/cd-amd64.iso" ]; then
    ln -s "$guests/cd-amd64.iso" linux.iso
    timeout 120 "$KLOCHS" --headless --max-insns 500000000 \
        -qf "$top/examples/linux-cd.bochsrc" >out 2>err </dev/null
    grep -q ISOLINUX out
    report $? "linux-cd: the boot loader speaks on the serial port"
else
    skip "linux-cd: boots" "no guest; make guests"
fi
echo "1..$number"
exit $bad
