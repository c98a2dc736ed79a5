#!/bin/sh
# terminal_test.sh - the debugger's prompt on a terminal: editing, history,
# completion, Ctrl-C in a run and at the prompt, Ctrl-D. tmux is the terminal.

here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
command -v tmux >/dev/null || {
    echo "1..0 # SKIP tmux is not installed"
    exit 0
}
work=$(mktemp -d) || exit 1
TMUX_TMPDIR=$work
export TMUX_TMPDIR
unset TMUX
trap 'tmux -L klochs kill-server 2>/dev/null; rm -rf "$work"' EXIT
number=0 failed=0

as --32 "$here/guest.S" -o "$work/guest.o" 2>/dev/null &&
    ld -m elf_i386 -Ttext 0 --oformat binary "$work/guest.o" \
        -o "$work/guest.rom" 2>/dev/null || {
    echo "1..0 # SKIP there is no assembler for x86"
    exit 0
}
cd "$work" || exit 1

screen() {
    tmux -L klochs capture-pane -p -t klochs
}

# shows NAME TEXT [COUNT]: within ten seconds so many lines have it
shows() {
    number=$((number + 1))
    for _ in $(seq 100); do
        if test "$(screen | grep -cF -e "$2")" -ge "${3:-1}"; then
            echo "ok $number - $1"
            return
        fi
        sleep 0.1
    done
    screen | sed 's/^/# /'
    echo "not ok $number - $1: '$2'"
    failed=1
}

keys() {
    tmux -L klochs send-keys -t klochs "$@"
}

# line TEXT: types it and Enter
line() {
    keys -l -- "$1"
    keys Enter
}

# interrupt NAME COUNT: Ctrl-C, again while the host is busy, until so many
# positions have been printed
interrupt() {
    for _ in $(seq 20); do
        sleep 0.5
        test "$(screen | grep -c '^Next at t=')" -ge "$2" && break
        keys C-c
    done
    shows "$1" "Next at t=" "$2"
}

cat >run.sh <<END
stty sane
trap : INT
'$KLOCHS' -n -dbg "romimage: file=guest.rom" "memory: guest=32" \
    "log: file=log.txt" 2>err.txt
echo "status \$?"
sleep 60
END
tmux -L klochs -f /dev/null new-session -d -s klochs -x 100 -y 50 "sh run.sh" || {
    echo "1..0 # SKIP tmux does not run here"
    exit 0
}
shows "a prompt" "<bochs:1>"

# Editing: a wrong letter in the middle, taken out from the beginning.
keys -l "caxlc 40+2"
keys C-a Right Right C-d Enter
shows "a line is edited" "0x2a 42"
keys Up Enter
shows "the line before comes back" "0x2a 42" 2
line "calc 5+5"
shows "another line" "0xa 10"
keys Up Up Enter
shows "and the one before that" "0x2a 42" 3
keys -l "writem"
keys Tab
shows "a command is completed" "> writemem"
keys C-u
keys -l "set mxc"
keys Tab
shows "a register is completed" "set mxcsr"
keys C-u
# Ctrl-C would throw away what was not read yet.
for _ in $(seq 100); do
    screen | grep -qF "set mxcsr" || break
    sleep 0.1
done
keys C-c
line "calc 6+6"
shows "Ctrl-C at the prompt ends nothing" "0xc 12"

# A loop that never ends, at 500h.
line "setpmem 0x500 2 0xfeeb"
line "set cs = 0"
line "set rip = 0x500"
line "c"
interrupt "Ctrl-C ends a run" 2
line "calc 7+7"
shows "and the prompt is back" "0xe 14"
line "s 1000000000"
interrupt "Ctrl-C ends steps" 3
line "watch reg rbx"
line "c"
interrupt "Ctrl-C ends single steps for a watched register" 4
line "calc 9+9"
shows "a last prompt" "0x12 18"
keys C-d
shows "Ctrl-D is quit" "status 0"
echo "1..$number"
exit $failed
