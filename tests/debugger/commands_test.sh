#!/bin/sh
# commands_test.sh - commands of the debugger against expected output.
#
# cases/NAME.cmd is a script; cases/NAME.out is what it prints. A line
# `# status: N` says with what it ends (0), `# guest: NAME` which guest it is
# for: guest.S, devices.S or ports.S. With UPDATE=1 the expected outputs are written
# anew. Every command of the table must be in one of them.

here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0 failed=0

for guest in guest devices ports; do
    as --32 "$here/$guest.S" -o "$work/$guest.o" 2>/dev/null &&
        ld -m elf_i386 -Ttext 0 --oformat binary "$work/$guest.o" \
            -o "$work/$guest.rom" 2>/dev/null || {
        echo "1..0 # SKIP there is no assembler for x86"
        exit 0
    }
done
cp "$here"/cases/*.txt "$work"
cd "$work" || exit 1

# report STATUS NAME
report() {
    number=$((number + 1))
    if test "$1" -eq 0; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=1
    fi
}

# klochs ARGUMENT...: with $guest
guest=guest
klochs() {
    timeout 60 "$KLOCHS" -n "$@" "romimage: file=$guest.rom" \
        "memory: guest=32" "magic_break: enabled=1" "log: file=log.txt" \
        "clock: time0=946684800" "floppya: 1_44=a.img, status=inserted" \
        "floppyb: 1_2=b.img, status=inserted"
}
truncate -s 1474560 a.img
truncate -s 1228800 b.img

for case in "$here"/cases/*.cmd; do
    name=$(basename "$case" .cmd)
    cp "$case" "$name.cmd"
    want=$(sed -n 's/^# status: //p' "$case")
    guest=$(sed -n 's/^# guest: //p' "$case")
    guest=${guest:-guest}
    klochs -rc "$name.cmd" </dev/null >"$name.got" 2>err.txt
    status=$?
    test -z "$UPDATE" || cp "$name.got" "$here/cases/$name.out"
    diff "$here/cases/$name.out" "$name.got" | head -n 20 | sed 's/^/# /' >diff.txt
    cat diff.txt
    test ! -s diff.txt
    report $? "$name"
    test "$status" -eq "${want:-0}" || echo "# status $status"
    test "$status" -eq "${want:-0}"
    report $? "$name: status ${want:-0}"
done

guest=guest

# First words of the rows of docs/debugger.md's tables of commands, with the
# other names of each; first words of all commands in cases.
"$KLOCHS" --print-docs debugger | awk -F'|' '/^## Commands/ { on = 1 }
    on && /^\| `/ { print $2 $3 }' | sed 's/<br>/ /' |
    awk '{ split($0, part, "`"); split(part[2], w, " "); line = w[1]
        for (n = 4; n in part; n += 2)
            if (part[n] !~ / /) line = line " " part[n]
        print line }' >table.txt
cat "$here"/cases/*.cmd "$here"/cases/*.txt "$here"/kernel/*.rc | tr ';' '\n' |
    sed -e 's/^ *--json *//' | awk '{ print $1 }' | sort -u >used.txt
test "$(wc -l <table.txt)" -gt 60
report $? "the table of commands was found"
uncovered=$(while read -r names; do
    for name in $names; do
        grep -qxF -e "$name" used.txt && continue 2
    done
    echo "# no case has ${names%% *}"
done <table.txt)
test -z "$uncovered" || echo "$uncovered"
test -z "$uncovered"
report $? "every command is in a case"

# Commands from standard input: prompts, repetition by an empty line, errors
# that end nothing, and the end of input as quit.
printf 's\n\nfoo\nptime' | klochs -dbg >got.txt 2>err.txt
report $? "the end of input is quit"
grep -qF '<bochs:3> :3: syntax error at' got.txt
report $? "a prompt with a number, an error with its line"
grep -qF '<bochs:4> ptime: 2' got.txt
report $? "an empty line repeats"
printf 'calc 1\nq 7\n' | klochs -dbglog dbg.txt >got.txt 2>err.txt
test $? -eq 7
report $? "quit with a status"
grep -qx 'calc 1' dbg.txt && grep -qx '0x1 1' dbg.txt
report $? "-dbglog has commands and results"
printf 's\n' >rc.txt
echo 'ptime' | klochs -rc rc.txt >got.txt 2>err.txt
grep -qF '<bochs:1> ptime: 1' got.txt
report $? "after the script comes standard input"
klochs -rc nosuch.txt </dev/null >got.txt 2>err.txt
test $? -eq 66
report $? "a script that is not there"
# A state saved before the guest has set its chips up.
guest=devices
cat >save.klochs <<END
machine "romimage: file=devices.rom" "memory: guest=32" "clock: time0=946684800"
run 16400
save early.state
END
timeout 60 "$KLOCHS" test --quiet save.klochs >out.txt 2>err.txt
report $? "a state to restore from"
cat >rc.txt <<END
c
show "pic.master.imr"
restore "pic" "early.state"
show "pic.master.imr"
restore "nosuch" "early.state"
restore "cpu" "early.state"
r rip
END
klochs -rc rc.txt </dev/null >got.txt 2>err.txt
test "$(grep -c '^imr = ' got.txt)" -eq 2 &&
    grep '^imr = ' got.txt | tail -n 1 | grep -qx 'imr = 0x00' &&
    grep -qx 'Error: error occurred during restore' got.txt
report $? "restore: a device"
grep -qx 'rip: 0x0000000000000026' got.txt
report $? "restore: the processor"
guest=guest
if command -v python3 >/dev/null; then
    klochs -rc json.cmd </dev/null 2>/dev/null | python3 -c '
import json, sys
lines = [json.loads(l) for l in sys.stdin if l.startswith("{")]
sys.exit(0 if len(lines) > 10 and all("ok" in l for l in lines) else 1)'
    report $? "JSON is JSON"
fi
echo "1..$number"
exit $failed
