#!/bin/sh
# script_test.sh - klochs test: verbs, logs, status, the control socket.
set -u
here=$(cd "$(dirname "$0")" && pwd)
SRCDIR=${SRCDIR:-$here/../..}
KLOCHS=${KLOCHS:-$SRCDIR/klochs}
export KLOCHS
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0 failed=0

report() { # STATUS NAME
    number=$((number + 1))
    if test "$1" -eq 0; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        sed 's/^/# /' "$work/said"
        failed=1
    fi
}

# wants STATUS NAME LINE...: a script of these lines ends so
wants() {
    wanted=$1 name=$2
    shift 2
    printf '%s\n' "$@" >"$work/x.klochs"
    "$KLOCHS" test --out "$work" -D IMAGE="$work/a.img" "$work/x.klochs" \
        >"$work/said" 2>&1
    got=$?
    echo "status $got" >>"$work/said"
    test $got -eq "$wanted"
    report $? "$name"
}

# says TEXT NAME: what was printed last has it
says() {
    grep -qF -e "$1" "$work/said"
    report $? "$2"
}

: >"$work/said"
"$KLOCHS" test --verbs | diff "$SRCDIR/docs/test-verbs.md" - >"$work/said"
report $? "docs/test-verbs.md is up to date (klochs test --verbs)"
"$KLOCHS" test --help | sed -n 's/^  \(-[^ ]*\).*/\1/p' | while read -r o; do
    grep -qF "$(echo "$o" | sed 's/-/\\-/g')" "$SRCDIR/man/klochs-test.1" ||
        echo "klochs-test.1 lacks $o"
    case $o in --help | --verbs) continue ;; esac
    grep -qF "| \`$o" "$SRCDIR/docs/test-scripts.md" ||
        echo "test-scripts.md lacks $o"
done >"$work/said"
test ! -s "$work/said"
report $? "the options are in docs and manual page"
wants 64 "an unknown verb is 64" "wait-serail x"
says "did you mean 'wait-serial'" "and the nearest one is named"
wants 64 "a bad regular expression" 'refuse-serial "("'
wants 64 "too few words" "type"
wants 64 "a variable without a value" 'note "$NO_SUCH_VARIABLE"'
wants 64 "an open quote" 'note "x'
wants 66 "an image that is not there" "machine no/such/image" power-on
wants 0 "an empty script passes" "# nothing" "" "quit" "no-such-verb"
says "pass x: 0 ticks" "and says so"

"$here/mktricks" "$work/a.img" 2>"$work/said"
case $? in
0) ;;
77)
    number=$((number + 1))
    echo "ok $number # SKIP no assembler for x86"
    echo "1..$number"
    exit $failed
    ;;
*)
    report 1 "tricks.S is assembled"
    ;;
esac
"$here/mktricks" "$work/b.img" B

"$KLOCHS" test --repeat 2 --events "$work/events" --junit "$work/junit.xml" \
    --serial "$work/serial" --out "$work" -D IMAGE="$work/a.img" \
    -D OTHER="$work/b.img" -D OUT="$work" \
    "$here/cases/tricks.klochs" >"$work/said" 2>&1
report $? "tricks.klochs passes twice with the same events"
grep -q '"event":"memory".*"bytes":"55aa"' "$work/events"
report $? "memory is read"
grep -q '"event":"stopped",.*"status":7' "$work/events"
report $? "the log tells how the machine stopped"
grep -q '"event":"wait-serial","args":\["count 5"\],.*"text":"count 5"' \
    "$work/events"
report $? "the log has what was found"
# After `restore` everything must be as it was after `save`.
awk '/"event":"save"/ { saved = 1 } /"event":"restore"/ { saved = 0; again = 1 }
    saved && match($0, /"(hash|picture)":"[0-9a-f]*"/) {
        want[++n] = substr($0, RSTART, RLENGTH) }
    again && match($0, /"(hash|picture)":"[0-9a-f]*"/) {
        have = substr($0, RSTART, RLENGTH)
        if (have ~ /picture/ && !k) next
        if (++k <= n && have != want[k]) { print have, want[k]; bad = 1 } }
    END { exit bad || n != 3 || k < 3 }' "$work/events" >"$work/said"
report $? "a restored machine goes on as the one that was saved"
test "$(grep -c '<testcase' "$work/junit.xml")" = 14 &&
    grep -q '<testsuites tests="14" failures="0">' "$work/junit.xml"
report $? "seven cases twice in the JUnit file"
grep -q 'TRICKS: disk B' "$work/serial"
report $? "serial output is kept"

ready='machine $IMAGE "debug_exit: port=0xf4"'
wants 1 "a text that does not come is 1" "$ready" 'wait-serial "never" 20M'
says "TRICKS: ready" "and what came is shown"
test -s "$work/x-failed.png"
report $? "and the picture is kept"
wants 1 "a refused text is 1" "$ready" 'refuse-serial "done [0-9]"' \
    'wait-serial ready' 'type 0' 'wait-serial never 300M'
says "TRICKS: done 0" "and the line is shown"
wants 1 "a machine that ends too early is 1" "$ready" \
    'wait-serial ready' 'send q' 'wait-serial never'
wants 1 "an end with another status is 1" "$ready" \
    'wait-serial ready' 'type q' 'wait-stop 0'
wants 0 "without ACPI the power button reaches our BIOS, which ends it" \
    "$ready" 'wait-serial ready' power-button 'wait-stop 0'
wants 1 "another picture is 1" "$ready" 'wait-serial ready' 'type 5' \
    'wait-picture 0123456789abcdef 20M'
wants 124 "the limit of ticks is 124" "$ready" 'limit ticks 3M' \
    'wait-serial never'
wants 124 "the limit of seconds is 124" "$ready" 'limit seconds 0.2' \
    'run 100G'
# What is wrong with a saved state is said, and the machine stays as it is.
head -c 100000 "$work/state" >"$work/short"
wants 65 "a cut state is 65" "$ready" 'restore '"$work/short"
{ head -c 50000 "$work/state"; printf x; tail -c +50002 "$work/state"; } \
    >"$work/bad"
wants 65 "a damaged state is 65" "$ready" 'restore '"$work/bad"
wants 65 "a state of a machine with other memory is 65" \
    'machine "memory: guest=16"' "$ready" 'restore '"$work/state"
says "MiB of memory" "and it is said why"
"$KLOCHS" -r "$work/state" --headless --max-insns 200000000 >"$work/said" 2>&1
test $? -eq 124
report $? "klochs -r goes on from a state"
"$KLOCHS" -r "$work/short" --headless >"$work/said" 2>&1
test $? -eq 65
report $? "klochs -r of a damaged state is 65"
wants 65 "a damaged PNG is 65" "$ready" 'picture '"$work/a.img"

if command -v python3 >/dev/null; then
    (cd "$work" && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$SRCDIR/tools" \
        timeout 600 python3 "$here/control_check.py" a.img) >"$work/said" 2>&1
    report $? "the control socket, through tools/klochs.py"
else
    number=$((number + 1))
    echo "ok $number - the control socket # SKIP no python3"
fi
echo "1..$number"
exit $failed
