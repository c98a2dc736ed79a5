#!/bin/sh
# session_test.sh - whole runs of the program with a boot sector: serial text,
# typing, limits, signals, hashes, exit codes.

here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
HOME=$work
export HOME

test -e "$(dirname "$KLOCHS")/klochs-bios.bin" || {
    echo "1..0 # SKIP no compiler for 16-bit x86: klochs-bios.bin is not built"
    exit 0
}

# Sends HI to the first serial port, writes K to the screen, then sends every
# key back and waits until the transmitter is empty (a reset would take what is
# in it); x ends by exit port F4h with 42, t by a triple fault.
{
    printf '\061\300\216\330\216\320\274\000\174\270\343\000\061\322\315\024'
    printf '\260\110\350\050\000\260\111\350\043\000\270\113\016\315\020\061'
    printf '\300\315\026\350\027\000\074\170\164\006\074\164\164\011\353\357'
    printf '\260\052\346\364\364\353\375\017\001\036\360\175\314\120\272\370'
    printf '\003\356\272\375\003\354\250\100\164\373\130\303'
    head -c 434 /dev/zero
    printf '\125\252'
    head -c 1474048 /dev/zero
} >floppy.img
cp floppy.img ./-odd:name.img

number=0 failed=0

# check NAME WANT GOT
check() {
    number=$((number + 1))
    if test "$2" = "$3"; then
        echo "ok $number - $1"
    else
        echo "# wanted '$2', got '$3'"
        tail -n 5 stderr | sed 's/^/# /'
        echo "not ok $number - $1"
        failed=1
    fi
}

# go ARGUMENT...: sets out, status
go() {
    out=$(timeout 60 "$KLOCHS" --headless --max-insns 400000000 \
        "debug_exit: port=0xf4" "$@" </dev/null 2>stderr)
    status=$?
}

go --type 'HI=aB1x' floppy.img
check "typed keys reach the guest" "HIaB1x" "$out"
check "the exit port's value is the status" 42 $status
go --type 'HI=x' "debug_exit: style=qemu" floppy.img
check "the other style" 85 $status
go --type 'HI=x' ./-odd:name.img
check "an image with a colon in its name" "HIx" "$out"

go --type 'HI=t' --type 'HI=x' floppy.img
check "a triple fault resets" "HItHIx" "$out"
go --type 'HI=t' "cpu: reset_on_triple_fault=0" floppy.img
check "or ends the run" 72 $status

go --type 'HI=abcx' --hash-every 1000000 floppy.img
grep '^hash ' stderr >hashes1
go --type 'HI=abcx' --hash-every 1000000 floppy.img
grep '^hash ' stderr >hashes2
check "hashes were printed" yes "$(test -s hashes1 && echo yes)"
check "two runs are one" "$(cat hashes1)" "$(cat hashes2)"

timeout 60 "$KLOCHS" --headless --max-insns 30000000 --hash-every 10000000 \
    --dump-screen floppy.img </dev/null >/dev/null 2>stderr
check "--max-insns" 124 $?
check "hashes at the ticks asked for and at the end" \
    "10000000 20000000 30000000 30000000" \
    "$(sed -n 's/^hash \([0-9]*\) .*/\1/p' stderr | tr '\n' ' ' | sed 's/ $//')"
check "the text screen" 1 "$(grep -c '^Booting floppy A:' stderr)"
timeout 60 "$KLOCHS" --headless --max-seconds 0.3 floppy.img </dev/null \
    >/dev/null 2>stderr
check "--max-seconds" 124 $?
timeout 60 "$KLOCHS" --headless -benchmark 20 floppy.img </dev/null \
    >/dev/null 2>stderr
check "-benchmark" 0 $?

"$KLOCHS" --headless floppy.img </dev/null >/dev/null 2>stderr &
pid=$!
sleep 1
kill -TERM $pid
wait $pid
check "SIGTERM" 143 $?

go --type 'HI=ax' "com1: mode=file, dev=serial.txt" -log log.txt floppy.img
check "serial port to a file" "HIax" "$(cat serial.txt)"
check "nothing on standard output" "" "$out"
check "log to a file" 1 "$(grep -c 'stopped: guest exit port' log.txt)"

printf 'floppya: image=%s\nboot: floppy\n' floppy.img >bochsrc
go --type 'HI=x' -q
check "a configuration file is found" "HIx" "$out"
printf 'nonsense\n' >bochsrc
go --type 'HI=x' floppy.img
check "but not when an image is named" "HIx" "$out"
go -q
check "and its mistakes are told" 64 $status

before=$(date +%s%N)
timeout 60 "$KLOCHS" -n --headless --max-insns 50000000 "clock: sync=realtime" \
    </dev/null >/dev/null 2>stderr
after=$(date +%s%N)
check "sync=realtime: a second takes a second" yes \
    "$(test $((after - before)) -gt 950000000 && echo yes)"

echo "1..$number"
exit $failed
