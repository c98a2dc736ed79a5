#!/bin/sh
# terminal_test - the terminal display, in tmux
#
# tmux is the terminal: it is typed into with send-keys and read with
# capture-pane. The guest is guest/screens.S.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${BUILDDIR:-$top}
KLOCHS=${KLOCHS:-$top/klochs}
image=$build/tests/gui/screens.img

if ! command -v tmux >/dev/null 2>&1; then
    echo "1..0 # SKIP tmux is not installed"
    exit 0
fi
if ! test -e "$image"; then
    echo "1..0 # SKIP no compiler for 16-bit x86: no guest, no BIOS"
    exit 0
fi
work=$(mktemp -d) || exit 1
cd "$work" || exit 1
unset TMUX
tmux_() {
    LC_ALL=C.UTF-8 tmux -f /dev/null -S "$work/socket" "$@"
}
trap 'tmux_ kill-server 2>/dev/null; rm -rf "$work"' EXIT
# shellcheck source=tests/tap.sh
. "$here/../tap.sh"

# Row of the terminal, with (-e) or without control sequences.
row() { # NUMBER [-e]
    # shellcheck disable=SC2086 # no word at all when it is missing
    tmux_ capture-pane -p ${2:-} -S "$1" -E "$1"
}

: >com1
cat >run <<END
export LC_ALL=C.UTF-8
"$KLOCHS" -n "display_library: term" "memory: guest=16, host=16" \
    "cpu: ips=20000000" "com1: enabled=1, mode=file, dev=com1" "$image"
echo "status \$?"
sleep 60
END
tmux_ new-session -d -x 80 -y 25 "sh run"
until_true 20 grep -q "boot a" com1
result $? "a guest in the terminal"
until_true 5 eval 'row 0 | grep -q "BIOS"'
result $? "its text screen is there"

tmux_ send-keys a Right
until_true 5 grep -q "k cd" com1
result $? "keys arrive: $(grep ^k com1 | tr '\n' ' ')"

tmux_ send-keys F1
until_true 10 grep -q "show 03" com1
until_true 5 eval 'row 24 | grep -q "ÇüéâäàåçêëèïîìÄÅ"'
result $? "letters beyond ASCII"
row 12 | grep -q '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀' &&
    row 1 | grep -q '►◄↕‼¶§▬↨↑↓→←∟↔▲▼ !"#'
result $? "box characters, blocks and arrows"
# Row 1 is blue; its character 4 is red on blue, its last but one yellow.
row 1 -e >colors
grep -q '31' colors && grep -q '44' colors && grep -q '9[0-7]' colors
result $? "colours, bright ones, and a background"

tmux_ send-keys F2
until_true 10 grep -q "show 13" com1
until_true 5 eval 'row 3 | grep -q "▀▀▀▀▀▀▀▀"'
result $? "graphics are half blocks"
row 0 -e | grep -q '38;2;'
result $? "in true colour"

# Control-] is the display's own.
tmux_ send-keys C-] s
until_true 5 test -s klochs-1.png
result $? "screen shot"
tmux_ send-keys C-] r
until_true 20 eval 'test $(grep -c "boot a" com1) -eq 2'
result $? "reset"
tmux_ send-keys C-] q
until_true 5 eval 'tmux_ capture-pane -p | grep -q "^status 0"'
result $? "quit, and the terminal is as before"
finish
