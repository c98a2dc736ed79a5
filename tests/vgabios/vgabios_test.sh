#!/bin/sh
# vgabios_test.sh - calls each function of INT 10h of our VGA BIOS
#
# The guest (guest/) writes lines `SERVICE what: values`. They must be those of
# expected.txt, one test for each service. Where SeaBIOS and Debian's VGA BIOS
# are installed, the guest runs with them too, and what we do unlike both must
# be explained in differences.txt.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
KLOCHS=${KLOCHS:-$top/klochs}
guest=${BUILDDIR:-$top}/tests/vgabios/guest.img
bios=/usr/share/seabios/bios-256k.bin
seabios=/usr/share/seabios/vgabios-stdvga.bin
debian=/usr/share/vgabios/vgabios.stdvga.bin
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

if ! test -e "$guest"; then
    echo "1..0 # SKIP no compiler for 16-bit x86: no VGA BIOS, no guest"
    exit 0
fi

# run NAME BIOS ROM: what the guest wrote goes to NAME.
run() {
    cp "$guest" "$1.img"
    "$KLOCHS" -n --headless --max-insns 1000000000 --max-seconds 20 \
        -log "$1.log" "romimage: file=$2" "vgaromimage: file=$3" \
        "port_e9_hack: enabled=1" "$1.img" </dev/null >"$1" 2>"$1.err"
}

# shellcheck source=tests/tap.sh
. "$here/../tap.sh"
run ours klochs-bios klochs-vgabios
test "$(tail -n 1 ours)" = done
result $? "the guest runs to its end"

for service in $(sed 's/[ :].*//' "$here/expected.txt" | sort -u); do
    grep "^$service[ :]" "$here/expected.txt" >expected
    grep "^$service[ :]" ours >got
    cmp -s expected got
    status=$?
    test $status -eq 0 || diff expected got | head -n 20 | sed 's/^/# /'
    result $status "INT 10h $service"
done
grep -v '^done$' ours | sed 's/[ :].*//' | sort -u >services
sed 's/[ :].*//' "$here/expected.txt" | grep -v '^done$' | sort -u |
    cmp -s - services
result $? "no service without expectation"

# explained NAME...: every line of `compared` that none of the files has is matched
# by a pattern of differences.txt, and every pattern is needed.
explained() {
    awk -f "$here/../explained.awk" "$here/differences.txt" "$@" compared
}

if test -e $bios && test -e $seabios && test -e $debian; then
    run compared $bios klochs-vgabios
    run seabios $bios $seabios
    # It never comes back from the far call that is the last test.
    run debian $bios $debian &
    pid=$!
    while kill -0 $pid 2>/dev/null; do
        grep -q '^4f05 far call' debian 2>/dev/null && kill $pid
        sleep 0.2
    done
    wait $pid 2>/dev/null
    explained seabios debian
    result $? "differences to SeaBIOS's and Debian's VGA BIOS are explained"
else
    skipped "differences to others" "they are not installed"
fi
finish
