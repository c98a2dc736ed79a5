#!/bin/sh
# roms_test.sh - which firmware is used: ours by default, as built and as
# installed, what romimage and vgaromimage name, and what is said without it.

here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
roms=$(cd "$(dirname "$KLOCHS")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

for rom in klochs-bios klochs-vgabios; do
    test -e "$roms/$rom.bin" || {
        echo "1..0 # SKIP no compiler for 16-bit x86: $rom.bin is not built"
        exit 0
    }
done
mkdir -p usr/bin usr/share/klochs bare
cp "$KLOCHS" usr/bin/klochs
cp "$KLOCHS" bare/klochs
cp "$roms/klochs-bios.bin" "$roms/klochs-vgabios.bin" usr/share/klochs

number=0 failed=0

# check NAME: by the status of the command before
check() {
    if test $? -eq 0; then
        number=$((number + 1))
        echo "ok $number - $1"
    else
        number=$((number + 1))
        sed 's/^/# /' said
        echo "not ok $number - $1"
        failed=1
    fi
}

# go PROGRAM ARGUMENT...: what it says, log and screen, is left in `said`
go() {
    program=$1
    shift
    timeout 60 "$program" -n --headless --max-insns 20000000 --dump-screen \
        "memory: guest=16" "$@" </dev/null >said 2>&1
}

ours() {
    grep -q 'Klochs BIOS' said && ! grep -q 'is used' said
}

go "$KLOCHS"
ours
check "ours, beside the program"
go usr/bin/klochs
ours
check "ours, in share/klochs of the installation"
go usr/bin/klochs "romimage: file=klochs-bios" \
    "vgaromimage: file=klochs-vgabios"
ours
check "ours by name"
go "$KLOCHS" "cpu: model=i386"
ours
check "a processor without CPUID"

go "$KLOCHS" "romimage: file=/no/where/BIOS-bochs-latest" \
    "vgaromimage: file=/no/where/VGABIOS-lgpl-latest"
grep -q 'Klochs BIOS' said &&
    grep -q "romimage: '/no/where/BIOS-bochs-latest' is not there; .*klochs-bios.bin' is used" said &&
    grep -q "vgaromimage: '/no/where/VGABIOS-lgpl-latest' is not there; .*is used" said
check "in place of Bochs's, which is not there"

go "$KLOCHS" "romimage: file=/no/where/bios.bin"
test $? -eq 66 && grep -q "cannot open ROM '/no/where/bios.bin'" said
check "any other file has to be there"
go "$KLOCHS" "cpu: model=i80286"
test $? -eq 64 && grep -q 'needs a 386' said
check "a processor that ours cannot run on"

# Of the same name elsewhere: known by its contents.
if test -e /usr/share/seabios/bios.bin; then
    cp /usr/share/seabios/bios.bin copy.rom
    go "$KLOCHS" "romimage: file=copy.rom"
    grep -q '^SeaBIOS (version' said
    check "SeaBIOS, which runs the VGA BIOS of the adapter's ROM"
fi

# Without ours one of a package is taken, and said so; or it is an error.
go bare/klochs
status=$?
if test $status -eq 66; then
    grep -q 'romimage: klochs-bios.bin is neither in' said
else
    test -e /usr/local/share/klochs/klochs-bios.bin ||
        grep -q "romimage: ours is not built; '/usr/share/.*' is used" said
fi
check "without ours"
go bare/klochs "romimage: file=klochs-bios"
status=$?
test $status -eq 66 && grep -q 'klochs-bios.bin is neither in' said ||
    test -e /usr/local/share/klochs/klochs-bios.bin
check "without ours, asked for by name"

echo "1..$number"
exit $failed
