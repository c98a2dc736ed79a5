#!/bin/sh
# window_test - the window of the SDL 2 display, with keys and a mouse
#
# An X server without a screen (Xvfb), xdotool for the hands, the server's frame
# buffer file for the eyes. The guest is guest/screens.S, which tells on COM1
# what it gets from keyboard and mouse.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${BUILDDIR:-$top}
KLOCHS=${KLOCHS:-$top/klochs}
image=$build/tests/gui/screens.img

for tool in Xvfb xdotool python3; do
    if ! command -v $tool >/dev/null 2>&1; then
        echo "1..0 # SKIP $tool is not installed"
        exit 0
    fi
done
if ! test -e "$image"; then
    echo "1..0 # SKIP no compiler for 16-bit x86: no guest, no BIOS"
    exit 0
fi

work=$(mktemp -d) || exit 1
server='' klochs=''
clean_up() {
    test -z "$klochs" || kill "$klochs" 2>/dev/null
    test -z "$server" || kill "$server" 2>/dev/null
    wait
    rm -rf "$work"
}
trap clean_up EXIT
cd "$work" || exit 1
# shellcheck source=tests/tap.sh
. "$here/../tap.sh"

said() { # COUNT REGEX: so many lines of the guest since `mark`
    test "$(tail -n +$((seen + 1)) com1 | grep -c "$2")" -ge "$1"
}

mark() {
    seen=$(wc -l <com1)
}

# Lines of the guest since `mark`, of one kind, in a row.
row() {
    tail -n +$((seen + 1)) com1 | sed -n "s/^$1 //p" | tr '\n' ' '
}

expect() { # TEXT-OF-ROW KIND NAME
    until_true 10 eval "test \"\$(row $2)\" = \"$1\""
    status=$?
    test $status -eq 0 || echo "# got: $(row "$2")"
    result $status "$3"
}

# Where the window is: X Y WIDTH HEIGHT.
geometry() {
    eval "$(xdotool getwindowgeometry --shell "$window")"
}

has_size() {
    geometry
    test "$WIDTH" -eq "$1" && test "$HEIGHT" -eq "$2"
}

click() { # X Y in the window
    geometry
    xdotool mousemove $((X + $1)) $((Y + $2))
    sleep 0.2
    xdotool click 1
    sleep 0.2
}

choose() { # FIRST-LETTER: the item of the menu by keys
    xdotool key ctrl+alt+m
    sleep 0.5
    xdotool key --delay 100 "$1" Return
}

# A number that no server has.
display=90
while test -e /tmp/.X11-unix/X$display || test -e /tmp/.X$display-lock; do
    display=$((display + 1))
done
mkdir fb
Xvfb :$display -screen 0 1400x1000x24 -fbdir fb >xvfb.log 2>&1 &
server=$!
DISPLAY=:$display
SDL_AUDIODRIVER=dummy SDL_RENDER_DRIVER=software
unset WAYLAND_DISPLAY
export DISPLAY SDL_AUDIODRIVER SDL_RENDER_DRIVER
if ! until_true 10 xdotool getdisplaygeometry; then
    echo "1..0 # SKIP Xvfb does not start"
    exit 0
fi

cp "$image" a.img
cp "$image" b.img
printf b | dd of=b.img bs=1 seek=$((0x1fd)) conv=notrunc 2>/dev/null
: >com1
seen=0
"$KLOCHS" -n "display_library: sdl2, options=\"toggle=ctrl+alt+g\"" \
    "memory: guest=16, host=16" "com1: enabled=1, mode=file, dev=com1" \
    "cpu: ips=20000000" a.img >log 2>&1 &
klochs=$!

if ! until_true 20 xdotool search --name Klochs; then
    if grep -q "libSDL2.*not installed" log; then
        echo "1..0 # SKIP SDL 2 is not installed"
        exit 0
    fi
    sed 's/^/# /' log
    echo "not ok 1 - a window"
    echo "1..1"
    exit 1
fi
window=$(xdotool search --name Klochs | head -n 1)
until_true 20 said 1 "boot a"
result $? "a window, and the guest has booted"
xdotool windowfocus "$window"
sleep 0.5

mark
xdotool key a Right
expect "1e 9e e0 4d e0 cd " k "keys arrive as they are pressed"
mark
xdotool key shift+ctrl+F12
until_true 5 said 1 "k d8"
result $? "with their modifiers"

# A picture of 320x200 is doubled; the line below has 20 rows.
mark
xdotool key F2
until_true 20 said 1 "show 13"
until_true 10 has_size 640 420
result $? "the window follows the guest's mode"
xdotool key ctrl+alt+s
until_true 5 test -s klochs-1.png
sleep 0.5
geometry
python3 "$here/pixels.py" fb/Xvfb_screen0 klochs-1.png "$X" "$Y" 2 2>&1 |
    sed 's/^/# /' >differs
test ! -s differs
result $? "screen shot by key, and the window shows the same, each pixel four"
cat differs
xdotool windowmove "$window" 0 0 windowsize "$window" 1300 840
until_true 5 has_size 1300 840
sleep 0.5
geometry
python3 "$here/pixels.py" fb/Xvfb_screen0 klochs-1.png $((X + 10)) $((Y + 10)) \
    4 2>&1 | sed 's/^/# /' >differs
test ! -s differs
result $? "in a bigger window sharp pixels in whole multiples"
cat differs
xdotool windowsize "$window" 640 420
until_true 5 has_size 640 420

mark
geometry
xdotool mousemove $((X + 100)) $((Y + 100))
sleep 0.3
result "$(row m | wc -w)" "the mouse is the host's at first"
xdotool key ctrl+alt+g
sleep 0.3
mark
xdotool mousemove_relative 7 0
until_true 5 said 1 "m 08 07 00"
result $? "captured, it is the guest's: 7 to the right"
xdotool mousedown 1
until_true 5 said 1 "m 09 00 00"
result $? "and its button"
xdotool mouseup 1
sleep 0.3
xdotool key ctrl+alt+g
sleep 0.3
mark
xdotool mousemove_relative 9 9
sleep 0.3
result "$(row m | wc -w)" "the same keys free it"

mark
choose r
until_true 20 said 1 "boot a"
result $? "menu by keys: reset"

# The third item: two floppy drives come first.
until_true 10 has_size 720 420
mark
geometry
click 10 $((HEIGHT - 8))
click $((WIDTH / 2)) $(((HEIGHT - 20 - 11 * 18 - 48) / 2 + 24 + 2 * 18 + 9))
until_true 5 said 1 "k e0"
expect "1d 38 e0 53 9d b8 e0 d3 " k "menu by mouse: Ctrl+Alt+Del"

# The lamps of the drives end at the right edge: A: and B:.
mark
click $((WIDTH - 60)) $((HEIGHT - 8))
xdotool key b Return
until_true 5 grep -q "floppya: .*b.img" log
result $? "another floppy disk by the status line"
choose r
until_true 20 said 1 "boot b"
result $? "and the guest boots from it"

number_of_clip="text is pasted through the keymap"
if command -v xclip >/dev/null 2>&1; then
    mark
    printf 'aZ' | xclip -selection clipboard -i 2>/dev/null
    xdotool key ctrl+alt+v
    until_true 5 said 1 "k aa"
    row k | grep -q "1e 9e 2a 2c ac aa" # behind Ctrl and Alt
    result $? "$number_of_clip"
else
    skipped "$number_of_clip" "xclip is not installed"
fi

xdotool key ctrl+alt+m
sleep 0.3
xdotool key s s Return
until_true 5 test -s klochs-1.state
result $? "menu: the state is saved"
choose q
until_true 10 eval "! kill -0 $klochs"
wait $klochs
result $? "menu: quit"
klochs=''
finish
