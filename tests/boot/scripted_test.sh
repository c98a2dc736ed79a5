#!/bin/sh
# scripted_test - scripts of `klochs test` with guests, repeated: same events
#
# Environment as in driver.sh. A script's head may say `# set: all`; those are
# left out of set ci. `# guest: FILE` names what it needs, `# needs: PATH` a
# file of another package; `# repeat: N` how often it runs (set ci: at most
# twice).
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
KLOCHS=${KLOCHS:-$top/klochs}
GUESTS=${KLOCHS_GUESTS:-${BUILDDIR:-$top/build}/guests}
boot_set=${KLOCHS_BOOT:-ci}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0 failed=0

head_value() { # SCRIPT KEY
    sed -n "s/^# $2: *//p" "$1"
}

bios=$(dirname "$KLOCHS")/klochs-bios.bin

for script in "$here"/scripts/*.klochs; do
    name=$(basename "$script" .klochs)
    summary=$(sed -n '1s/^# //p' "$script")
    repeat=$(head_value "$script" repeat)
    test "$boot_set:$(head_value "$script" set)" = ci:all && continue
    test "$boot_set" = ci && test "${repeat:-1}" -gt 2 && repeat=2
    number=$((number + 1))
    missing=
    for guest in $(head_value "$script" guest); do
        test -e "$GUESTS/$guest" || missing="guest $guest"
    done
    for file in $bios $(head_value "$script" needs); do
        test -e "$file" || missing=$file
    done
    if test -n "$missing" && test -z "${KLOCHS_BOOT_REQUIRED:-}"; then
        echo "ok $number - $summary # SKIP $missing is not there"
        continue
    fi
    "$KLOCHS" test --repeat "${repeat:-1}" --out "$work" -D GUESTS="$GUESTS" \
        -D OUT="$work" --events "$work/$name.events" "$script" \
        >"$work/said" 2>&1
    status=$?
    sed 's/^/# /' "$work/said"
    if test $status -eq 0; then
        echo "ok $number - $summary"
    else
        tail -n 1 "$work/$name.events" | sed 's/^/# /'
        echo "not ok $number - $summary"
        failed=1
    fi
done
echo "1..$number"
exit $failed
