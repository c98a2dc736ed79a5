#!/bin/sh
# hot_test.sh - hot handlers contain no call and save no register.
#
# Disassembles the objects of the fast handler tables. A handler h_* may jump
# (to the next slot's handler, to its slow twin) but not call, and a push or a
# change of the stack pointer would mean a prologue. A few rare ones with more
# operands than there are scratch registers may save one: RCL, RCR, SHLD, SHRD,
# CALL through memory, the x87. Builds where tail calls are not certain (no
# optimisation, sanitizers) and hosts other than x86-64 have nothing to prove.

objects=${BUILDDIR:-$(dirname "${KLOCHS:?path of the program}")}/obj/cpu
skip() {
    echo "1..0 # SKIP $1"
    exit 0
}
command -v objdump >/dev/null || skip "objdump is not installed"
test -f "$objects/hot_reg.o" || skip "objects are not there"
objdump -f "$objects/hot_reg.o" | grep -q 'i386:x86-64' ||
    skip "not an x86-64 build"
nm "$objects/run.o" | grep -q '__asan\|__ubsan' && skip "sanitizer build"
objdump -d --no-show-raw-insn "$objects/hot_reg.o" |
    awk '/<h_mov_q_rr>:/ { on = 1 } on && $2 == "ret" { loop = 1 } /^$/ { on = 0 }
        END { exit !loop }' && skip "loop build"

n=0
bad=0
for table in reg b64 x64 x64_1 x64_4 x64_8 abs b32 x32 x32_1 x32_4 seg64 \
    seg32 simd; do
    n=$((n + 1))
    found=$(objdump -d --no-show-raw-insn "$objects/hot_$table.o" | awk '
        /^[0-9a-f]+ <h_/ { name = $2; handlers++ }
        /^[0-9a-f]+ <[^h]/ { name = "" }
        name != "" && $2 ~ /^(call|ret|leave)/ { print name, $0; wrong++ }
        name != "" && $2 ~ /^(push|pop)/ &&
            name !~ /^<h_(rc[lr]_|sh[lr]d_|call_._m|[a-z0-9]+_f)/ {
            print name, $0; wrong++
        }
        END { if (handlers < 100) print "only", handlers, "handlers" }')
    if test -z "$found"; then
        echo "ok $n - hot_$table: no call, no prologue"
    else
        bad=1
        echo "not ok $n - hot_$table: calls or prologues"
        echo "$found" | head -5 | sed 's/^/# /'
    fi
done
echo "1..$n"
exit $bad
