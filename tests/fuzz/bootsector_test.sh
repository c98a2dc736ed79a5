#!/bin/sh
# bootsector_test.sh - boot sectors of random bytes: whatever they make the
# processor and the devices do, the program neither crashes nor hangs, a
# sanitizer that it was built with has nothing to say, and two runs are one.
#
# SEEDS="1 2 3" chooses other sectors, TICKS a longer run.

here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
SEEDS=${SEEDS:-1 2 3 4 5 6 7 8 9 10}
TICKS=${TICKS:-12000000}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

test -e "$(dirname "$KLOCHS")/klochs-bios.bin" || {
    echo "1..0 # SKIP no compiler for 16-bit x86: klochs-bios.bin is not built"
    exit 0
}

# sector SEED: 510 bytes of Park and Miller's generator and the signature, as
# octal escapes for printf %b
sector() {
    awk -v x="$1" 'BEGIN {
        x = x * 7919 + 1
        for (i = 0; i < 510; i++) {
            x = x * 16807 % 2147483647
            printf "\\0%03o", int(x / 4096) % 256
        }
        print "\\0125\\0252"
    }'
}

# run SEED: leaves the text of standard error and sets status. The log shall
# not grow with the oddities of the guest.
run() {
    {
        printf %b "$(sector "$1")"
        head -c 1474048 /dev/zero
    } >floppy.img
    timeout -k 5 60 "$KLOCHS" -n --headless --max-insns "$TICKS" \
        --hash-every "$TICKS" -log log.txt "memory: guest=8" floppy.img \
        </dev/null >stdout 2>stderr
    status=$?
}

number=0 failed=0
for seed in $SEEDS; do
    number=$((number + 1)) why=
    run "$seed"
    grep '^hash ' stderr >hashes
    # 124 is also what `timeout` says: only a run that ended by itself hashes.
    case $status in
    0 | 72 | 124) test -s hashes || why="no end after 60 seconds" ;;
    *) why="status $status" ;;
    esac
    grep -q 'Sanitizer\|runtime error' stderr && why="sanitizer report"
    test "$(wc -c <log.txt)" -lt 50000000 || why="log without bound"
    if test -z "$why" && test $number -le 2; then
        run "$seed"
        grep '^hash ' stderr | cmp -s - hashes || why="two runs differ"
    fi
    if test -z "$why"; then
        echo "ok $number - seed $seed"
    else
        grep -v '^hash' stderr | tail -n 8 | sed 's/^/# /'
        echo "# $why"
        echo "not ok $number - seed $seed"
        failed=1
    fi
done
echo "1..$number"
exit $failed
