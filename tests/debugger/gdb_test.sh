#!/bin/sh
# gdb_test - a real gdb debugs our own kernel in real, 32-bit and 64-bit mode
#
# KLOCHS the program; GDB, CC_FOR_GUEST the tools; KLOCHS_GUESTS: a folder with
# cd-amd64.iso, a Debian kernel to which gdb attaches while it boots.
set -u
here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
gdb=${GDB:-gdb}
count=0 failures=0 limit=120

if ! command -v "$gdb" >/dev/null 2>&1; then
    echo "1..0 # SKIP there is no gdb"
    exit 0
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/klochs-gdb.XXXXXX") || exit 74
guest=
trap 'test -z "$guest" || kill "$guest" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
if ! "$here/kernel/build" "$work"; then
    echo "1..0 # SKIP no compiler for x86 guests"
    exit 0
fi
cd "$work" || exit 74

report() { # status, name
    count=$((count + 1))
    if test "$1" -eq 0; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        failures=$((failures + 1))
    fi
}

# start OPTIONS...: the machine in the background, its stub at ./socket
start() {
    rm -f socket
    "$KLOCHS" -n --headless --max-seconds "$limit" --gdb=unix:socket "$@" \
        >guest.log 2>&1 </dev/null &
    guest=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        test -S socket && return
        sleep 0.25
    done
}

run_gdb() { # script
    timeout 100 "$gdb" -nx -batch -x "$1" >gdb.log 2>&1 </dev/null
}

# check FILE: the lines `name|regular expression`, in their order in gdb.log
check() {
    "$here/kernel/check" "$1" gdb.log >results
    while IFS='|' read -r status name; do
        report "$status" "$name"
    done <results
    grep -q '^1' results || return 0
    sed 's/^/# /' gdb.log
}

# ---- three modes ----
start kernel.img
run_gdb "$here/kernel/session.gdb"
check "$here/kernel/session.expect"
wait "$guest"
report $? "the machine ended by itself"
start kernel.img
run_gdb "$here/kernel/session64.gdb"
check "$here/kernel/session64.expect"
wait "$guest"
report $? "and again"

# A watched run is the run of a machine alone, bit for bit.
"$KLOCHS" -n --headless --hash-every 1000000 kernel.img >alone.log 2>&1 \
    </dev/null
cat >quiet.gdb <<'END'
set pagination off
set confirm off
set architecture i8086
file kernel32.elf
target remote ./socket
break *0x7e03
ignore 1 1000000
watch *(short*)0x9000
ignore 2 1000000
break *0x7c15
ignore 3 1000000
continue
info breakpoints
END
start --hash-every 1000000 kernel.img
run_gdb quiet.gdb
wait "$guest"
guest=
grep '^hash' alone.log >alone.hash
grep '^hash' guest.log | cmp -s - alone.hash && test -s alone.hash
report $? "a watched run ends as one alone ($(tail -n 1 alone.hash))"
test "$(grep -c 'already hit' gdb.log)" -eq 3
report $? "though it was stopped ($(sed -n 's/.*already hit \([0-9]*\) .*/\1/p' gdb.log | tr '\n' ' '))"

# ---- a Debian kernel that boots ----
iso=${KLOCHS_GUESTS:-${BUILDDIR:-.}/guests}/cd-amd64.iso
if test -f "$iso"; then
    cat >debian.gdb <<'END'
set pagination off
target remote ./socket
echo MARK attached\n
p $rip
unset tdesc filename
p $efer
p $cr0
x/2i $pc
stepi
stepi
hbreak *$lstar
continue
x/i $pc
p $cs_base
bt 1
detach
END
    # Come back until the kernel has set the entry of its system calls.
    cat >ready.gdb <<'END'
target remote ./socket
p $lstar != 0
detach
END
    limit=900
    start 'gdbstub: wait=0' 'memory: guest=256' "$iso"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        sleep "${GDB_TEST_BOOT:-10}"
        run_gdb ready.gdb
        grep -q '^\$1 = 1$' gdb.log && break
    done
    run_gdb debian.gdb
    cat >debian.expect <<'END'
gdb attaches to a booting Linux|^MARK attached
in long mode|^\$2 = \[ SCE LME LMA NXE \]
with paging|^\$3 = \[ PE .*PG \]
a system call stops at its entry|^(Breakpoint 1|Temporary)
swapgs is what is there|swapgs
END
    check debian.expect
    kill "$guest" 2>/dev/null
    wait "$guest" 2>/dev/null
    guest=
else
    count=$((count + 1))
    echo "ok $count - a Debian kernel # SKIP KLOCHS_GUESTS has no cd-amd64.iso"
fi
echo "1..$count"
test "$failures" -eq 0
