#!/bin/sh
# kernel_test - kernels that are named on the command line: our own test kernel
# by Multiboot, Multiboot2 and PVH; what cannot be booted
#
# KLOCHS the program; CC_FOR_GUEST a compiler; KLOCHS_GUESTS as for driver.sh
set -u
here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
. "$here/../tap.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/klochs-kernel.XXXXXX") || exit 74
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
if ! test -e "$(dirname "$KLOCHS")/klochs-bios.bin" ||
    ! "$here/kernels/build" "$work"; then
    echo "1..0 # SKIP no compiler for x86 guests, or no klochs-bios.bin"
    exit 0
fi
cd "$work" || exit 74

boot() { # ARGUMENT...: serial text on standard output
    timeout 60 "$KLOCHS" -n --headless "memory: guest=32" \
        "debug_exit: port=0xf4" --max-insns 200000000 "$@" 2>err.log </dev/null
}

# The same again behind the first "again", with what was asked for.
told() { # PROTOCOL, SYMBOL (own, or something that is there in no line), NAME
    sed -e "/^$2 symbol/d" "$here/kernels/$1.expect" >want
    {
        cat want
        echo again
        cat want
        echo end
    } | diff - got >diff.log
    result $? "$3"
    sed 's/^/# /' diff.log | head -n 30
}

printf 'hello module\n' >one
head -c 5000 /dev/zero | tr '\0' x >two
modules='one with arguments,two'
line='quoted="a b" $HOME #1, and'
for kernel in mb1.elf mb1-64.elf mb1-low.elf; do
    boot $kernel --initrd "$modules" --append "$line kbc" >got
    told mb1 no "$kernel, and again after a reset by the keyboard controller"
done
boot mb1.bin --initrd "$modules" --append "$line kbc" >got
sed -i 's/^flags 24d/flags 26d/' got
told mb1 own "mb1.bin: addresses in the header"
boot mb2.elf --initrd "$modules" --append "$line kbc" >got
told mb2 no "mb2.elf"
for kernel in pvh.elf pvh32.elf; do
    boot $kernel --initrd one --append "$line kbc" >got
    told pvh no "$kernel"
done
boot mb1.elf --initrd "$modules" --append "$line triple" >got
sed -i 's/triple/kbc/' got
told mb1 no "mb1.elf, and again after a triple fault"
cat >rc <<RC
memory: guest=32
debug_exit: port=0xf4
kernel: mb1.elf, initrd="$modules", cmdline="quoted=\\"a b\\" \\\$HOME #1, and kbc"
RC
timeout 60 "$KLOCHS" -f rc --headless --max-insns 200000000 2>err.log \
    </dev/null >got
told mb1 no "the same by a configuration file"

# ---- a state that was saved while it ran; the rest of its life is the same ----
cat >save.klochs <<'SCRIPT'
machine "memory: guest=32" "debug_exit: port=0xf4" mb1.elf --append "kbc"
limit ticks 200M
wait-serial "cmdline"
save state
wait-stop
SCRIPT
cat >load.klochs <<'SCRIPT'
machine -r state
limit ticks 200M
wait-serial "again"
wait-serial "image 1"
wait-stop
SCRIPT
timeout 60 "$KLOCHS" test --quiet save.klochs >save.log 2>&1 &&
    timeout 60 "$KLOCHS" test --quiet load.klochs >load.log 2>&1
result $? "saved and restored, it is booted again from its file"
cat save.log load.log 2>/dev/null | sed 's/^/# /'

cp mb1.elf kept.elf
cp mb1-low.elf mb1.elf
timeout 60 "$KLOCHS" test load.klochs >load.log 2>&1
grep -q "other ROMs or another kernel" load.log
result $? "not with another kernel in its file"
cp kept.elf mb1.elf

# ---- the boot menu, and the next in order ----
cat >menu.klochs <<'SCRIPT'
machine "memory: guest=32" "fw_cfg: boot_menu=1" "debug_exit: port=0xf4" mb1.elf floppy.img
limit ticks 2G
wait-screen "Press F12"
type <f12>
wait-screen "1\. kernel mb1\.elf"
expect-screen "2\. floppy"
type 2
wait-screen "Booting floppy A:: not bootable"
wait-screen "Booting kernel mb1\.elf"
wait-stop
SCRIPT
dd if=/dev/zero of=floppy.img bs=512 count=2880 2>/dev/null
timeout 60 "$KLOCHS" test --quiet menu.klochs >menu.log 2>&1
result $? "the boot menu"
sed 's/^/# /' menu.log

# ---- what cannot be booted: nothing runs, and the message says why ----
refused() { # STATUS, PATTERN, NAME, ARGUMENT...
    want=$1 pattern=$2 name=$3
    shift 3
    boot "$@" >got
    status=$?
    test $status -eq "$want" && grep -q -- "$pattern" err.log && ! test -s got
    bad=$?
    result $bad "$name"
    test $bad -eq 0 || sed "s/^/# status $status: /" err.log
}
head -c 4200 mb1.elf >cut.elf
head -c 600 mb1.elf >cut2.elf
head -c 2000 mb1.bin >cut.bin
refused 65 "plain.elf.*neither a Multiboot header nor a PVH" "no header" plain.elf
refused 65 "cut.elf.*cut off" "cut off" cut.elf
refused 65 "cut2.elf" "cut off in its headers" cut2.elf
refused 65 "cut.bin.*cut off" "cut off, with addresses" cut.bin
refused 66 "cannot open 'none'" "no initrd" mb1.elf --initrd one,none
refused 64 "no kernel" "an initrd alone" --initrd one
refused 64 "no kernel" "a command line alone" --append x floppy.img
refused 64 "second kernel" "two kernels" mb1.elf mb2.elf
refused 64 "more than one line" "two lines" mb1.elf --append "a
b"
head -c 20000000 /dev/zero >huge
refused 65 "huge.*do not fit into RAM" "large modules" mb1.elf \
    --initrd huge,huge
refused 64 "not our own system BIOS" "other firmware" mb1.elf \
    "romimage: file=huge"
refused 64 "fw_cfg: enabled=1" "without its device" mb1.elf "fw_cfg: enabled=0"
finish
