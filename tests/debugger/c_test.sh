#!/bin/sh
# c_test.sh - C in the debugger: our own kernel in real, 32- and 64-bit mode,
# and a Debian kernel, of which only the symbols are known.
#
# KLOCHS the program; CC_FOR_GUEST a compiler; KLOCHS_GUESTS: a folder with
# cd-amd64.iso and kernel-amd64.
set -u
here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
count=0 failures=0
work=$(mktemp -d "${TMPDIR:-/tmp}/klochs-c.XXXXXX") || exit 74
trap 'rm -rf "$work"' EXIT
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

# session NAME ARGUMENT...: NAME.rc against NAME.expect
session() {
    name=$1
    shift
    timeout 100 "$KLOCHS" -n --headless -rc "$name.rc" "$@" </dev/null \
        >"$name.log" 2>err.log
    before=$failures
    "$here/kernel/check" "$name.expect" "$name.log" >results
    while IFS='|' read -r status what; do
        report "$status" "$name: $what"
    done <results
    test "$failures" -eq "$before" || sed 's/^/# /' "$name.log"
}

# ---- what is counted and recorded ----
cat >trace.rc <<'RC'
ldsym "kernel32.elf"
b _start
c
branches on
lb 0x7c1b
lb 0x7c3a
c
c
c
branches 2
branches off
d all
tb main32
c
profile 70 1
b half
profile 100000 1
d all
profile 2000 1000
RC
cat >trace.expect <<'EXPECT'
assembly has no prologue|^\./boot\.S:13
branches with symbols|^0000:[0-9a-f]+ \(.*\) -> 00007c35 \(read\+20\)
the last one|^0000:00007c3e \(read\+29\) -> 00007c15 \(read\+0\)
profile|^70 samples
by symbol|^ *[6-9][0-9]\.[0-9]+% 0x[0-9a-f]+ factorial
the others|^ *[0-9]\.[0-9]+% 0x[0-9a-f]+ (main32|protected)
stopped by a breakpoint|in half \(\)
coarser|^[1-3] samples
EXPECT
session trace kernel.img
! grep -q -e '-> 00007c\(1b\|3a\)' trace.log
report $? "trace: a stop at a breakpoint is no branch"

# Without the library nothing of this is there, but lines are.
mkdir none
: >none/libdw.so.1
: >none/libdw.so
cat >bare.rc <<'RC'
ldsym "kernel32.elf"
b factorial
c
bt
print counter32
list
nl
sl
ldsym "kernel64z.elf"
RC
cat >bare.expect <<'EXPECT'
lines without libdw|^\./main32\.c:9
frames without libdw|^#0 .*\(factorial\+.*\) at \./main32\.c:9
by frame pointers|^#1 .*\(main32\+.*\) at \./main32\.c:21
a name without a type|^counter32 = <no type> 0x[0-9a-f]+ <counter32>
and what is missing|^C sources: the library libdw\.so\.1 is not installed
list without libdw|^ +9> +counter32\+\+
step without libdw|^\./main32\.c:10
compressed lines|source lines are compressed and cannot be read
EXPECT
LD_LIBRARY_PATH=$work/none
export LD_LIBRARY_PATH
session bare kernel.img
unset LD_LIBRARY_PATH
timeout 100 "$KLOCHS" -n --headless -rc bare.rc kernel.img </dev/null \
    >has.log 2>err.log
if grep -q '^counter32 = [0-9]' has.log; then
    cp "$here"/kernel/c32.* "$here"/kernel/c64.* .
    session c32 kernel.img
    session c64 kernel.img
    sed 's/"kernel64z.elf"/"moved64.elf" -0x100000/' c64.rc >moved.rc
    cp c64.expect moved.expect
    session moved kernel.img
    # The second part of the tour, with the compiler that it was written with.
    # Ticks, addresses and instructions may differ.
    plain() {
        sed -e '/^(0) \[/d' -e '/^(0)\./d' -e '/^Next at/d' \
            -e 's/0x[0-9a-f]*/0x/g' -e 's/^\(#[0-9]*\) .* ([^ )]*) /\1 /' \
            -e 's/ *$//'
    }
    sed -n '/^```c-session/,/^```$/p' "$here/../../docs/debugger-tour.md" |
        grep -v '^```' >tour.txt
    sed -n 's/^<bochs:[0-9]*> //p' tour.txt >tour.cmd
    sed 's/^\(<bochs:[0-9]*>\).*/\1/' tour.txt | plain >want.txt
    timeout 60 "$KLOCHS" -n --headless -dbg kernel.img <tour.cmd 2>err.log |
        sed 's/<bochs:[0-9]*> /&\n/g' | plain >got.txt
    case $(${CC_FOR_GUEST:-gcc} -dumpversion) in
    12 | 12.*)
        grep -v '^$' got.txt | sed '$d' | diff want.txt - >diff.txt
        report $? "the tour's session is as shown"
        sed 's/^/# /' diff.txt | head -n 20
        ;;
    esac

    # Damaged debug information: any answer, but always an end.
    if "$here/kernel/damage" kernel64.elf 12 2>err.log; then
        ended=0
        for bad in bad*.elf; do
            sed "s/BAD/$bad/" >bad.rc <<'RC'
lb 0x14150
c
c
ldsym global "BAD"
bt
locals
print *list
print nodes
ptype *list
up
args
list
nl
sl
finish
q
RC
            timeout 60 "$KLOCHS" -n --headless -rc bad.rc kernel.img \
                </dev/null >bad.log 2>err.log && ended=$((ended + 1))
        done
        test "$ended" -eq 12
        report $? "damaged debug information does no harm ($ended of 12)"
    fi
else
    count=$((count + 1))
    echo "ok $count - variables # SKIP there is no libdw"
fi
# ---- a Debian kernel: names alone, and no frame pointers ----
iso=${KLOCHS_GUESTS:-${BUILDDIR:-.}/guests}/cd-amd64.iso
vmlinuz=${KLOCHS_GUESTS:-${BUILDDIR:-.}/guests}/kernel-amd64/vmlinuz
if test -f "$iso" && "$here/kernel/kallsyms" "$vmlinuz" >System.map 2>err.log
then
    entry=$(sed -n 's/ T entry_SYSCALL_64$//p' System.map)
    # It sits somewhere else at each boot: LSTAR tells where.
    cat >linux.rc <<RC
catch msr 0xc0000082
c
ldsym global "System.map" lstar-0x$entry
bt
d all
b __x64_sys_openat
c
bt
info linux
RC
    cat >linux.expect <<'EXPECT'
a kernel that was moved|^#0 .* \(native_write_msr
guessed frames|\(cpu_init\+[0-9a-f]+\) \?$
up to the first|\(start_kernel\+[0-9a-f]+\) \?$
what the mark means|^\(\?: found on the stack without frame information
a breakpoint in it|^\(0\) Breakpoint 2, .* in __x64_sys_openat
the first instruction needs no guess|^#1 .*\(do_syscall_64\+[0-9a-f]+\)$
the entry|\(entry_SYSCALL_64_after_hwframe\+[0-9a-f]+\)
its banner|^Linux version
EXPECT
    session linux "memory: guest=256" "$iso"
else
    count=$((count + 1))
    echo "ok $count - Linux # SKIP no cd-amd64.iso, kernel-amd64 or python3"
fi
echo "1..$count"
test "$failures" -eq 0
