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
else
    count=$((count + 1))
    echo "ok $count - variables # SKIP there is no libdw"
fi
echo "1..$count"
test "$failures" -eq 0
