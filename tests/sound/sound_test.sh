#!/bin/sh
# sound_test.sh - a guest that plays: what is heard, that it is so every time,
# and that listening changes nothing.
set -u
here=$(cd "$(dirname "$0")" && pwd)
KLOCHS=${KLOCHS:-$here/../../klochs}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0 failed=0

report() { # STATUS NAME
    number=$((number + 1))
    if test "$1" -eq 0; then
        echo "ok $number - $2"
    else
        sed 's/^/# /' "$work/said"
        echo "not ok $number - $2"
        failed=1
    fi
}

# play DIRECTIVE...: runs the guest in $work; what it prints is in `said`
play() {
    (cd "$work" && "$KLOCHS" -n --headless --max-insns 400000000 \
        --hash-every 10000000 "cpu: ips=20000000" "debug_exit: port=0xf4" \
        tones.img "$@" >said 2>&1)
}

heard() { # FILE TONE...
    file=$1
    shift
    printf '%s\n' "$@" >"$work/wanted"
    PYTHONDONTWRITEBYTECODE=1 python3 "$here/tones.py" "$work/$file" \
        >"$work/said" 2>&1
    diff "$work/wanted" "$work/said" >"$work/difference" ||
        { cp "$work/difference" "$work/said" && false; }
}

if ! "${CC_GUEST:-gcc}" -m32 -c -o "$work/tones.o" "$here/tones.S" ||
    ! ld -m elf_i386 -Ttext 0x7c00 --oformat binary -o "$work/tones.img" \
        "$work/tones.o"; then
    echo "1..0 # SKIP no assembler for i386"
    exit 0
fi
truncate -s 1474560 "$work/tones.img"

play "sb16: wavemode=3, wavefile=card.wav, midimode=2, midifile=a.mid" \
    "sound: waveoutdrv=file, waveout=a.wav"
report $? "the guest finds its sound card and plays"
grep '^hash' "$work/said" >"$work/hashes"
if command -v python3 >/dev/null; then
    heard a.wav 1000/1000 500/500 440/440
    report $? "speaker, samples and synthesizer are heard"
    heard card.wav 500/500
    report $? "the card's samples alone in wavefile"
fi
printf '\0\220\074\144\0\377\057\0' | cmp - "$work/a.mid" 0 22 2>"$work/said"
report $? "the note is in the MIDI file"
cp "$work/a.wav" "$work/first.wav"
play "sb16: enabled=1" "sound: driver=file, waveout=a.wav"
cmp "$work/first.wav" "$work/a.wav" >"$work/said" 2>&1
report $? "a second run sounds the same, byte for byte"

# same NAME DIRECTIVE...: the states of the machine are those of the first run
same() {
    name=$1
    shift
    play "$@" && grep '^hash' "$work/said" | diff "$work/hashes" - >"$work/diff"
    report $? "$name"
}

same "nobody listens: the guest does the same" "sb16: enabled=1"
SDL_AUDIODRIVER=dummy
export SDL_AUDIODRIVER
same "the host listens: the guest does the same" "sb16: enabled=1" \
    "sound: driver=sdl"
SDL_AUDIODRIVER=nonsense
same "a host without sound: the guest does the same" "sb16: enabled=1" \
    "sound: driver=alsa"
grep -q 'w\[PC *\].*nothing will be heard' "$work/said" &&
    ! grep -q '^klochs: sound' "$work/said"
report $? "and the log says that it is mute"
if test -e "$work/a.wav" && command -v python3 >/dev/null; then
    play "sound: waveoutdrv=file, waveout=a.wav, rate=48000"
    test $? -eq 1
    report $? "without a line for it there is no card"
    heard a.wav 1000/1000
    report $? "and at 48 kHz the speaker sounds as before"
    play "sb16: enabled=1" "speaker: enabled=0" \
        "sound: waveoutdrv=file, waveout=a.wav"
    heard a.wav 500/500 440/440
    report $? "speaker: enabled=0"
fi

# refuses TEXT DIRECTIVE...
refuses() {
    text=$1
    shift
    ! play "$@" && grep -qF -e "$text" "$work/said"
    report $? "$text"
}

refuses "needs waveout=FILE.wav" "sound: waveoutdrv=file"
refuses "cannot write no/such/place.wav" \
    "sound: waveoutdrv=file, waveout=no/such/place.wav"
refuses "VOC format are not written" \
    "sound: waveoutdrv=file, waveout=a.voc"
refuses "needs midifile=FILE.mid" "sb16: midimode=3"
refuses "needs wavefile=FILE.wav" "sb16: wavemode=2"
# Saved while samples and while a note are playing; what follows is the same.
cat >"$work/x.klochs" <<'END'
machine "cpu: ips=20000000" "debug_exit: port=0xf4" "sb16: enabled=1"
machine "sound: waveoutdrv=file, waveout=a.wav" tones.img
run 15M
save a.state
run 2M
hash
run 10M
save b.state
run 1M
hash
restore a.state
run 2M
hash
restore b.state
run 1M
hash
wait-stop 0
END
(cd "$work" && "$KLOCHS" test --events events x.klochs >said 2>&1)
report $? "states are saved and restored while it plays"
sed -n 's/.*"hash":"\([0-9a-f]*\)".*/\1/p' "$work/events" >"$work/said"
test "$(head -n 2 "$work/said")" = "$(tail -n 2 "$work/said")" &&
    test "$(sort -u "$work/said" | wc -l)" = 2
report $? "and go on as the machine did"
if command -v python3 >/dev/null; then
    heard a.wav 440/440
    report $? "with the note that was sounding"
fi
echo "1..$number"
exit $failed
