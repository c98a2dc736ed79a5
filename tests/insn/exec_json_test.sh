#!/bin/sh
# exec_json_test.sh - the lines that `klochs exec` takes and gives.

here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
number=0 failed=0

# line NAME OPTIONS INPUT OUTPUT
line() {
    number=$((number + 1))
    # Options are words.
    # shellcheck disable=SC2086
    got=$(printf '%s\n' "$3" | "$KLOCHS" exec $2)
    if test "$got" = "$4"; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        echo "# got  $got"
        echo "# want $4"
        failed=1
    fi
}

line "registers and flags" -b \
    '{"code":"4801d8","rax":1,"rbx":"0x10"}' \
    '{"ticks":1,"rax":"0x11","rip":"0x10000003","rflags":"0x206","mem":{}}'
line "id comes back" -b '{"id":"a 1","code":"90"}' \
    '{"id":"a 1","ticks":1,"rip":"0x10000001","mem":{}}'
line "page fault" -b '{"code":"8b07","rdi":"0x40000000"}' \
    '{"vector":14,"code":4,"cr2":"0x40000000","ticks":1,"rflags":"0x10202","mem":{}}'
line "memory in and out" -b \
    '{"code":"ff07","rdi":"0x20000010","mem":{"0x20000010":"ff"}}' \
    '{"ticks":1,"rip":"0x10000002","rflags":"0x216","mem":{"0x20000010":"0001"}}'
line "segment with a base" -b \
    '{"code":"8b07","bits":32,"rdi":16,"ds":{"sel":35,"base":"0x20000000","limit":255,"access":"0xf3","flags":4},"mem":{"0x20000010":"01020304"}}' \
    '{"ticks":1,"rax":"0x4030201","rip":"0x10000002","mem":{}}'
line "segment limit" -b \
    '{"code":"8b07","bits":32,"rdi":253,"ds":{"sel":35,"base":"0x20000000","limit":255,"access":"0xf3","flags":4}}' \
    '{"vector":13,"code":0,"cr2":"0x0","ticks":1,"rflags":"0x10202","mem":{}}'
line "several instructions" -b '{"code":"40ffc04829c1ebfe","count":2,"bits":64}' \
    '{"ticks":2,"rax":"0x1","rcx":"0xffffffffffffffff","rip":"0x10000006","rflags":"0x297","mem":{}}'
line "x87" -b '{"code":"d9e8"}' \
    '{"ticks":1,"rip":"0x10000002","fsw":14336,"ftw":16383,"st0":"3fff8000000000000000","mem":{}}'
line "16 bits, real stack" -b '{"code":"6aff","bits":16,"rsp":"0x100"}' \
    '{"ticks":1,"rsp":"0xfe","rip":"0x2","mem":{"0x200000fe":"ffff"}}'
line "a model for one job" -b '{"code":"0fa2","bits":32,"model":"i386"}' \
    '{"vector":6,"code":0,"cr2":"0x0","ticks":1,"rflags":"0x10202","mem":{}}'
line "a model without 64 bits" "-m pentium" '{"code":"90"}' \
    '{"error":"the model has no 64-bit mode"}'
line "not a job" "" '{"code":"9"}' '{"error":"bad hex bytes, or too many"}'
line "unknown key" "" '{"id":7,"what":1}' \
    '{"id":7,"error":"unknown key, or value out of range"}'

printf '{"code":"90","rax":5}\n' | "$KLOCHS" exec | grep -q '"rax":"0x5".*"st7":"0\{20\}"'
number=$((number + 1))
if test $? -eq 0; then
    echo "ok $number - whole states"
else
    echo "not ok $number - whole states"
    failed=1
fi
echo "1..$number"
exit $failed
