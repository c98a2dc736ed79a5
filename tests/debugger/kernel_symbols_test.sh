#!/bin/sh
# kernel_symbols_test.sh - symbols of a kernel that is named on the command line
# load by themselves: our own by Multiboot, Debian's from a file beside it.
#
# KLOCHS the program; CC_FOR_GUEST a compiler; KLOCHS_GUESTS: a folder with
# kernel-amd64/vmlinuz.
set -u
here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
. "$here/../tap.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/klochs-symbols.XXXXXX") || exit 74
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
if ! test -e "$(dirname "$KLOCHS")/klochs-bios.bin" ||
    ! "$here/../boot/kernels/build" "$work"; then
    echo "1..0 # SKIP no compiler for x86 guests, or no klochs-bios.bin"
    exit 0
fi
cd "$work" || exit 74

# session NAME ARGUMENT...: NAME.rc against NAME.expect; both streams
session() {
    name=$1
    shift
    timeout 100 "$KLOCHS" -n --headless -rc "$name.rc" "$@" </dev/null \
        >"$name.log" 2>&1
    before=$failed
    "$here/kernel/check" "$name.expect" "$name.log" >results
    while IFS='|' read -r status what; do
        result "$status" "$name: $what"
    done <results
    test "$failed" -eq "$before" || sed 's/^/# /' "$name.log"
}

printf 'hello module\n' >one
cat >own.rc <<'RC'
b kernel_main
c
b module
c
up
print flags & 0xff
quit
RC
cat >own.expect <<'EXPECT'
said in the log|kernel symbols: [0-9]+, of 'mb1\.elf'$
by the name of a function|Breakpoint 1, 0x[0-9a-f]+ in kernel_main
its line|^\./main\.c:[0-9]+$
the next one|Breakpoint 2, .* in module
its caller|^#1 .*\(multiboot\+.*\) multiboot \(info=[0-9]+\) at \./main\.c:
a variable|^flags & 0xff = 109$
EXPECT
if ldconfig -p 2>/dev/null | grep -q libdw; then
    session own mb1.elf --initrd one
else
    skipped C "there is no libdw"
fi

strip -o bare.elf mb1.elf
printf 'quit\n' >bare.rc
cat >bare.expect <<'EXPECT'
a kernel without symbols|kernel symbols: 'bare\.elf': .*no symbol table
EXPECT
session bare bare.elf
printf 'b kernel_main\nc\nquit\n' >given.rc
cat >given.expect <<'EXPECT'
of another file|kernel symbols: [0-9]+, of 'mb1\.elf'$
they are used|Breakpoint 1, 0x[0-9a-f]+ in kernel_main
EXPECT
session given bare.elf --symbols mb1.elf
printf 'quit\n' >none.rc
cat >none.expect <<'EXPECT'
a file that is not there|kernel symbols: none: No such file
EXPECT
session none bare.elf --symbols none

# ---- Debian's, with the map that it would have ----
vmlinuz=${KLOCHS_GUESTS:-${BUILDDIR:-.}/guests}/kernel-amd64/vmlinuz
if test -f "$vmlinuz" && "$here/kernel/kallsyms" "$vmlinuz" >map 2>err.log
then
    mkdir boot
    cp "$vmlinuz" boot/vmlinuz
    version=$(strings boot/vmlinuz | sed -n 's/^\(6\.[^ ]*-amd64\) .*/\1/p' |
        head -n 1)
    # As in Debian's package.
    printf 'ffffffffffffffff B The real System.map is in the %s package\n' \
        "linux-image-$version-dbg" >"boot/System.map-$version"
    cp mb1.elf boot/vmlinux
    printf 'quit\n' >stub.rc
    cat >stub.expect <<EXPECT
a vmlinux of something else|kernel symbols: 'boot/vmlinux' has none of Linux $version\$
a map without symbols|kernel symbols: 'boot/System\.map-$version' has none of Linux $version\$
EXPECT
    session stub "memory: guest=256" boot/vmlinuz
    cp map boot/System.map
    printf 'b start_kernel\nc\nquit\n' >linux.rc
    cat >linux.expect <<'EXPECT'
the map beside it|kernel symbols: [0-9][0-9][0-9][0-9]+, of 'boot/System\.map'$
they fit|Breakpoint 1, 0xffffffff8[0-9a-f]+ in start_kernel
EXPECT
    session linux "memory: guest=256" boot/vmlinuz --append nokaslr
    cat >moved.expect <<'EXPECT'
Linux moves itself|kernel symbols: .*; without nokaslr Linux moves away
EXPECT
    printf 'quit\n' >moved.rc
    session moved "memory: guest=256" boot/vmlinuz
else
    skipped Linux "no kernel-amd64 or python3"
fi
finish
