#!/bin/sh
# plugins_test.sh - plugins: what they see, that they change nothing, and what
# is said of those that cannot be loaded. The guest is guest.S.

here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
plugins=${BUILDDIR:-$(dirname "$KLOCHS")}/examples/plugins
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0 failed=0

as --32 "$here/guest.S" -o "$work/guest.o" 2>/dev/null &&
    ld -m elf_i386 -Ttext 0 --oformat binary "$work/guest.o" \
        -o "$work/guest.rom" 2>/dev/null || {
    echo "1..0 # SKIP there is no assembler for x86"
    exit 0
}
test -e "$plugins/insmix.so" || {
    echo "1..0 # SKIP the example plugins were not built"
    exit 0
}
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

# check NAME WANT GOT
check() {
    test "$2" = "$3" || echo "# wanted '$2', got '$3'"
    test "$2" = "$3"
    report $? "$1"
}

# go ARGUMENT...: sets status; the guest restarts about every 3,100 ticks
go() {
    timeout 60 "$KLOCHS" -n --headless --max-insns 100000 --hash-every 33333 \
        "romimage: file=guest.rom" "memory: guest=32" "log: file=log.txt" \
        "$@" </dev/null >out.txt 2>err.txt
    status=$?
}

# sum NAME FILE: the number behind a name
sum() {
    sed -n "s/^$1 //p" "$2"
}

go
grep hash err.txt >plain.txt
for p in insmix.so,mix.txt coverage.so,c.drcov \
    events.so,ev.txt,branch,memory,port,exception,interrupt,msr,cr3,tlb,mode; do
    go --plugin "$plugins/$p"
    grep hash err.txt | cmp -s - plain.txt
    report $? "${p%%,*}: the machine's hashes are the same"
done
go --plugin "$plugins/coverage.so,c2.drcov" --plugin "$plugins/insmix.so,mix2.txt"
grep hash err.txt | cmp -s - plain.txt && cmp -s mix.txt mix2.txt &&
    cmp -s c.drcov c2.drcov
report $? "two at once see the same as each alone"

# Every tick is an instruction, a repetition, or an event.
ticks=$(sum ticks mix.txt)
for n in interrupts exceptions smis inits; do
    ticks=$((ticks + $(sum $n mix.txt)))
done
# Each pass ends by a page fault and a double fault; only the first pays.
check "insmix: ticks and events are all of time" "$(sum all mix.txt)" \
    $((ticks - $(sum exceptions mix.txt) / 2))
check "and as many as the program counts" 100000 "$(sum all mix.txt)"

# One pass of the guest, counted by hand. It loops 4 and 1024 times.
go --max-insns 3120 --plugin "$plugins/insmix.so,one.txt"
count() { awk -v n="$1" '$5 == n { print $1 }' one.txt; }
check "insmix: LOOP" 1028 "$(count loop)"
check "insmix: STOSD" 1024 "$(count stosd)"
check "insmix: CALL" 2 "$(count call)"
check "insmix: IN" 1 "$(count in)"
check "insmix: no exception so far" 0 "$(sum exceptions one.txt)"

# The file of coverage, as a reader of drcov takes it apart.
if command -v python3 >/dev/null; then
    go --plugin "$plugins/coverage.so,m.drcov,0xf0000-0xfffff=guest.rom"
    cat >drcov.py <<'END'
import re, struct, sys
data = open(sys.argv[1], "rb").read()
head, rest = re.match(rb"(.*?BB Table: \d+ bbs\n)(.*)", data, re.S).groups()
lines = head.decode().splitlines()
assert lines[0] == "DRCOV VERSION: 2" and lines[1].startswith("DRCOV FLAVOR:")
count = int(re.match(r"Module Table: version 2, count (\d+)", lines[2])[1])
columns = lines[3][len("Columns: "):].split(", ")
assert columns == "id base end entry checksum timestamp path".split()
modules = [l.strip().split(", ") for l in lines[4:4 + count]]
blocks = int(re.match(r"BB Table: (\d+) bbs", lines[4 + count])[1])
assert len(rest) == 8 * blocks and blocks
assert [int(m[0]) for m in modules] == list(range(count))
seen = set()
for n in range(blocks):
    start, size, module = struct.unpack_from("<IHH", rest, 8 * n)
    base, end = (int(x, 16) for x in modules[module][1:3])
    assert base <= base + start <= base + start + size - 1 <= end and size
    seen.update((modules[module][6], start + k) for k in range(size))
rom = sorted(a for m, a in seen if m == "guest.rom")
code = open("guest.rom", "rb").read()
# From the first byte to the JMP FAR into protected mode, without a hole.
assert rom[0] == 0 and set(range(0x43)) <= set(rom)
assert code.index(b"\xf4\xeb") not in rom      # the HLT is never reached
assert ("guest-0000000000000000", 0xfffffff0) in seen
END
    python3 drcov.py m.drcov
    report $? "coverage: a drcov file of the code that ran"
fi

go --max-insns 3200 \
    --plugin "$plugins/events.so,ev.txt,insn,memory,port,exception,cr3,tlb,mode"
has() {
    grep -qE "$1" ev.txt
    report $? "events: $2"
}
has '^0 fffffff0 insn ea000000f0 jmpf' "the first instruction"
has ' write 600 600 2 55aa$' "a store"
has ' read 600 600 1 aa$' "a load"
has ' out 80 1 aa$' "OUT"
has ' in 61 1 ' "IN"
has ' mode 2$' "protected mode"
has ' cr3 8000$' "CR3"
has ' tlb all ' "paging on"
has ' exception 14 2$' "a page fault with its code"
has ' exception 8 0$' "then a double fault"
go --max-insns 3120 --plugin "$plugins/events.so,b1.txt,branch"
go --max-insns 3120 --plugin "$plugins/events.so,b2.txt,branch" \
    --plugin "$plugins/events.so,/dev/null,insn"
cmp -s b1.txt b2.txt && grep -q ' branch 47 -> e$' b1.txt &&
    test "$(grep -c ' branch f006c -> f0066$' b1.txt)" -eq 1023
report $? "events: branches are the same in traces and one by one"

# ---- with a script, with the debugger ----

cat >s.klochs <<END
machine --plugin $plugins/insmix.so,script.txt "romimage: file=guest.rom" "memory: guest=32"
run 100000
END
timeout 60 "$KLOCHS" test --quiet s.klochs >out.txt 2>err.txt
report $? "klochs test with a plugin"
cmp -s script.txt mix.txt
report $? "it counts the same"
sed -i 's/--plugin [^ ]*//' s.klochs
timeout 60 "$KLOCHS" test --quiet --plugin "$plugins/insmix.so,option.txt" \
    s.klochs >out.txt 2>err.txt && cmp -s option.txt mix.txt
report $? "as an option of klochs test as well"

cat >restore.klochs <<END
machine "romimage: file=guest.rom" "memory: guest=32"
run 50000
save half.state
run 50000
restore half.state
run 50000
END
timeout 60 "$KLOCHS" test --quiet --plugin "$plugins/insmix.so,again.txt" \
    restore.klochs >out.txt 2>err.txt
report $? "a machine that is restored"
first=$(($(sum ticks again.txt) + $(sum exceptions again.txt) / 2))
check "keeps its plugins" 150000 "$first"

debug() {
    printf "$1" >rc.txt
    timeout 60 "$KLOCHS" -n -rc rc.txt "romimage: file=guest.rom" \
        "memory: guest=32" "log: file=log.txt" "debugger: log=-" \
        --plugin "$plugins/insmix.so,dbg.txt" </dev/null >out.txt 2>err.txt
}
debug 'lb 0xf000e\nc\ninstrument insmix\nptime\nq\n'
check "a breakpoint stops at the same tick" "ptime: 11" "$(grep ptime out.txt)"
grep -qE '^ +5 +5 +45.45 %  mov$' out.txt
report $? "the debugger's instrument command"
debug 'instrument\ninstrument stop\ns 3\ninstrument start\ns 2\nq\n'
grep -qx insmix out.txt
report $? "instrument lists them"
check "instrument stop, instrument start" 2 "$(sum executions dbg.txt)"
debug 'instrument nonsense\n'
grep -qx "instrument: no plugin knows 'nonsense'" out.txt
report $? "a command that none knows"

# ---- those that cannot be loaded ----

refused() { # NAME STATUS TEXT ARGUMENT...
    name=$1 want=$2 text=$3
    shift 3
    go "$@"
    check "$name: status" "$want" $status
    grep -q "$text" err.txt || sed 's/^/# /' err.txt
    grep -q "$text" err.txt
    report $? "$name: message"
}
echo nonsense >text.so
refused "no such file" 66 "cannot load plugin.*nosuch.so" --plugin nosuch.so
refused "no shared object" 66 "cannot load plugin.*text.so" --plugin text.so
refused "no file name" 64 "wants FILE.so" --plugin ,x
refused "nothing behind it" 64 "wants FILE.so" --plugin
refused "its own refusal" 64 "coverage.so: wants the name" \
    --plugin "$plugins/coverage.so"
refused "a kind it does not know" 64 "knows insn branch" \
    --plugin "$plugins/events.so,ev.txt,nonsense"
if command -v cc >/dev/null; then
    cat >new.c <<'END'
#include "klochs-plugin.h"
const char *klochs_plugin(const struct klochs_host *host, const char *a,
                          struct klochs_plugin *p)
{
    (void)host;
    (void)a;
    p->version = KLOCHS_PLUGIN_VERSION + 1;
    return 0;
}
END
    echo 'int nothing;' >none.c
    cc -shared -fPIC -I"$here/../../instrument" new.c -o new.so &&
        cc -shared -fPIC none.c -o none.so
    refused "made for a later version" 66 "made for version 2" --plugin new.so
    refused "no plugin at all" 66 "is no plugin" --plugin ./none.so
    c++ -fsyntax-only -x c++ -I"$here/../../instrument" \
        "$here/../../instrument/klochs-plugin.h" 2>err.txt ||
        ! command -v c++ >/dev/null
    report $? "the header is C++ too"
fi
echo "1..$number"
exit $failed
