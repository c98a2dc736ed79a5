#!/bin/sh
# vnc_viewer_test - the VNC display with viewers made by libvncclient
#
# Both servers: with libvncserver (passwords, all encodings) and our own. The
# guest is guest/screens.S.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${BUILDDIR:-$top}
KLOCHS=${KLOCHS:-$top/klochs}
image=$build/tests/gui/screens.img

if ! command -v pkg-config >/dev/null || ! command -v python3 >/dev/null ||
    ! pkg-config --exists libvncclient; then
    echo "1..0 # SKIP libvncserver-dev (or pkg-config, python3) is not there"
    exit 0
fi
if ! test -e "$image"; then
    echo "1..0 # SKIP no compiler for 16-bit x86: no guest, no BIOS"
    exit 0
fi
work=$(mktemp -d) || exit 1
klochs=''
trap 'test -z "$klochs" || kill $klochs 2>/dev/null; wait; rm -rf "$work"' EXIT
cd "$work" || exit 1
# shellcheck source=tests/tap.sh
. "$here/../tap.sh"

# shellcheck disable=SC2046 # flags are words
${CC:-cc} -o client "$here/viewer/vncclient.c" \
    $(pkg-config --cflags --libs libvncclient) >cc.log 2>&1
result $? "a viewer is built"
if test $failed -ne 0; then
    sed 's/^/# /' cc.log
    echo "1..1"
    exit 1
fi

port=$((46100 + $$ % 800))

begin() { # OPTIONS
    : >com1
    rm -f klochs-*.png
    "$KLOCHS" -n "display_library: vnc, options=\"port=$port $1\"" \
        "memory: guest=16, host=16" "cpu: ips=20000000" \
        "com1: enabled=1, mode=file, dev=com1" "$image" >log 2>&1 &
    klochs=$!
    until_true 20 grep -q "boot a" com1
    result $? "a guest with $1"
}

end() {
    kill $klochs
    wait $klochs 2>/dev/null
    klochs=''
    port=$((port + 1))
}

# viewer HOST PASSWORD ENCODINGS COMMAND...
viewer() {
    host=$1 word=$2 how=$3
    shift 3
    timeout 60 ./client "$host" $port "$word" "$how" "$@"
}

same() { # PPM PNG NAME
    python3 "$here/pixels.py" "$1" "$2" >differs 2>&1
    result $? "$3"
    sed 's/^/# /' differs
}

# F4, Ctrl+Alt+S
draw_and_keep() { # HOST PASSWORD
    viewer "$1" "$2" raw tap ffc1 wait 2500 press ffe3 press ffe9 tap 73 \
        release ffe9 release ffe3 wait 500
    grep -q "show 05" com1 && test -s klochs-1.png
    result $? "keys arrive: a picture, and a screen shot of it"
}

begin "own"
draw_and_keep 127.0.0.1 ""
viewer 127.0.0.1 "" raw wait 500 shot raw.ppm
same raw.ppm klochs-1.png "raw"
viewer ::1 "" raw wait 500 shot six.ppm
same six.ppm klochs-1.png "by IPv6"
end

if grep -q vnc_libvncserver "$build/gen/gui_registry.c" 2>/dev/null ||
    grep -q libvncserver.so "$KLOCHS"; then
    begin "password=secret1"
    draw_and_keep 127.0.0.1 secret1
    viewer 127.0.0.1 wrong raw wait 100 shot no.ppm
    test $? -eq 2 && ! test -e no.ppm
    result $? "a wrong password is refused"
    viewer 127.0.0.1 secret1 raw wait 4000 shot first.ppm &
    for how in raw hextile zrle tight ultra; do
        viewer 127.0.0.1 secret1 $how wait 700 shot $how.ppm
        same $how.ppm klochs-1.png "$how, beside another viewer"
    done
    wait $!
    same first.ppm klochs-1.png "the other viewer"
    viewer ::1 secret1 zrle wait 500 shot six.ppm
    same six.ppm klochs-1.png "by IPv6"
    # F2: the size changes under the viewer.
    viewer 127.0.0.1 secret1 zrle wait 300 tap ffbf wait 2000 shot small.ppm \
        press ffe3 press ffe9 tap 73 release ffe9 release ffe3 wait 300
    same small.ppm klochs-2.png "another size"
    viewer 127.0.0.1 secret1 raw move 10 10 0 wait 100 move 17 10 0 wait 300
    grep -q "m 08 07 00" com1
    result $? "the mouse moves"
    end
else
    skipped "libvncserver" "not in this build"
fi
finish
