#!/bin/sh
# oldcpu_test.sh - the whole machine with a processor before the 386 and a ROM
# of our own.

here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
HOME=$work
export HOME

ones() { # COUNT bytes of FFh
    head -c "$1" /dev/zero | tr '\000' '\377'
}

# Tells processors apart as programs of the time did: PUSH SP shows an 8086,
# bits 12-14 of FLAGS that stay 0 an 80286. One digit to port E9h, "Shutdown"
# to 8900h.
{
    printf '\372\061\300\216\320\274\000\174\124\130\263\060\071\340\165'
    printf '\020\263\062\270\000\160\120\235\234\130\251\000\160\164\002'
    printf '\263\063\210\330\346\351\272\000\211\271\010\000\276\065\000'
    printf '\056\254\356\342\373\364\353\375\123\150\165\164\144\157\167'
    printf '\156'
    ones 65459
    printf '\352\000\000\000\360' # FFF0: JMP F000:0000
    ones 11
} >which.rom

# MOV AL,'8' with the opcode at F000:FFFF and the operand at F000:0000.
{
    printf '\070\346\351\272\000\211\271\010\000\276\024\000\056\254\356'
    printf '\342\373\364\353\375\123\150\165\164\144\157\167\156'
    ones 65492
    printf '\352\377\377\000\360' # FFF0: JMP F000:FFFF
    ones 10
    printf '\260'
} >wrap.rom

number=0 failed=0

check() { # NAME WANT GOT
    number=$((number + 1))
    if test "$2" = "$3"; then
        echo "ok $number - $1"
    else
        echo "# wanted '$2', got '$3'"
        sed 's/^/# /' stderr
        echo "not ok $number - $1"
        failed=1
    fi
}

go() { # MODEL ROM
    out=$(timeout 60 "$KLOCHS" -n --headless --max-insns 1000000 \
        "cpu: model=$1" "romimage: file=$2" "port_e9_hack: enabled=1" \
        </dev/null 2>stderr)
}

go i8086 which.rom
check "i8086 is found to be an 8086" 0 "$out"
go i80286 which.rom
check "i80286 is found to be an 80286" 2 "$out"
go i386 which.rom
check "i386 is found to be later" 3 "$out"
go i8086 wrap.rom
check "an instruction of the 8086 goes on at offset 0" 8 "$out"
go i80286 wrap.rom
check "one of the 80286 does not" "" "$out"

"$KLOCHS" -n --headless --max-insns 1000 "cpu: model=i8086" </dev/null \
    >stdout 2>stderr
check "without a ROM of its own it is refused" 64 $?
grep -q 'needs a 386' stderr
check "and told why" 0 $?

echo "1..$number"
exit $failed
