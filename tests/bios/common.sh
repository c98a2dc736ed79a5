# shellcheck shell=sh
# common.sh - what the tests of the BIOS share: programs for it are built, what
# they say on the serial port is judged. $here is this directory.
#
# Sets dir, rom, vga, number, failed.

KLOCHS=${KLOCHS:-./klochs}
rom=$(dirname "$KLOCHS")/klochs-bios.bin
cc=
for c in gcc i686-linux-gnu-gcc x86_64-linux-gnu-gcc; do
    if echo 'int x;' | $c -m16 -ffreestanding -x c -c -o /dev/null - \
        2>/dev/null; then
        cc=$c
        break
    fi
done
if test -z "$cc" || test ! -e "$rom"; then
    echo "1..0 # SKIP no compiler for 16-bit x86, or $rom is not built"
    exit 0
fi
vga=
for v in "$(dirname "$rom")/klochs-vgabios.bin" \
    /usr/share/vgabios/vgabios.bin /usr/share/seabios/vgabios-isavga.bin; do
    test -z "$vga" && test -e "$v" && vga=$v
done
dir=$(mktemp -d "${TMPDIR:-/tmp}/klochs-bios.XXXXXX") || exit 1
test -n "${KEEP:-}" || trap 'rm -rf "$dir"' EXIT

flags='-std=gnu11 -Os -march=i386 -m16 -ffreestanding -fno-pic -fno-pie
    -nostdlib -mregparm=3 -fno-stack-protector -fcf-protection=none
    -fno-asynchronous-unwind-tables -Wall -Wextra'

# build NAME SOURCE...: the binary NAME.img from boot sector on
link='-Wl,-T,test.ld'
build() {
    name=$1
    shift
    # shellcheck disable=SC2086 # words
    (cd "$here" && $cc $flags -I../.. -no-pie -static -Wl,--build-id=none \
        -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments $link \
        -o "$dir/$name.elf" "$@") &&
        objcopy -O binary "$dir/$name.elf" "$dir/$name.img" || exit 1
}

# shellcheck source=tests/tap.sh
. "$here/../tap.sh"

# judge NAME: the results in NAME.out go on standard output, numbered on; all
# that the program has announced must have come.
judge() {
    tr -d '\r' <"$dir/$1.out" >"$dir/$1.text"
    awk -v number=$number '
    /^(not )?ok / {
        sub(/ok *[0-9]* */, "ok " ++number " ")
        print
        came++
    }
    /^1\.\./ { planned = substr($0, 4) }
    END { exit planned == "" || planned != came }' "$dir/$1.text" \
        >"$dir/$1.tap"
    status=$?
    cat "$dir/$1.tap"
    ! grep -q '^not ok' "$dir/$1.tap" || failed=1
    test $status -eq 0 || sed 's/^/# /' "$dir/$1.err"
    number=$((number + $(wc -l <"$dir/$1.tap")))
    result $status "$1 runs to its end"
}
