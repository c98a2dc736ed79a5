#!/bin/sh
# driver.sh - runs boot cases and prints TAP; sourced by the *_test.sh here
#
# Environment: KLOCHS the program, KLOCHS_GUESTS the images,
# KLOCHS_BOOT  ci (default): the cases of set ci, each with the first firmware
#              that it names; all: every firmware, sets ci and all; long: the
#              very long ones too
# KLOCHS_BOOT_REQUIRED  when not empty, a missing guest fails, not skips

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
KLOCHS=${KLOCHS:-$top/klochs}
KLOCHS_GUESTS=${KLOCHS_GUESTS:-${BUILDDIR:-$top/build}/guests}
export KLOCHS KLOCHS_GUESTS
boot_set=${KLOCHS_BOOT:-ci}

case_value() {
    sed -n "s/^$2: *//p" "$1"
}

wanted_set() {
    case $boot_set-$1 in
    ci-ci | all-ci | all-all | long-*) return 0 ;;
    *) return 1 ;;
    esac
}

wanted_firmware() {
    # shellcheck disable=SC2046 # words
    set -- $(case_value "$1" firmware)
    if test "$boot_set" = ci; then
        echo "${1:-klochs}"
    else
        echo "${*:-klochs}"
    fi
}

# run_one CASE FIRMWARE: one line of TAP, diagnostics before it.
run_one() {
    number=$((number + 1))
    name="$(basename "$1" .case) with $2: $(case_value "$1" summary)"
    output=$("$here/run-case" --firmware "$2" "$1" 2>&1)
    status=$?
    reason=$(printf '%s\n' "$output" | sed -n 's/^skipped: //p')
    if test $status -eq 77 && test -z "${KLOCHS_BOOT_REQUIRED:-}"; then
        echo "ok $number - $name # SKIP $reason"
        return
    fi
    printf '%s\n' "$output" | sed 's/^#* */# /'
    if test $status -eq 0; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        failures=$((failures + 1))
    fi
}

# run_cases GLOB...: every case of the wanted set whose name matches; exits.
run_cases() {
    number=0
    failures=0
    for glob in "$@"; do
        # shellcheck disable=SC2231 # a pattern
        for file in "$here"/cases/$glob.case; do
            wanted_set "$(case_value "$file" set)" || continue
            for firmware in $(wanted_firmware "$file"); do
                run_one "$file" "$firmware"
            done
        done
    done
    if test $number -eq 0; then
        echo "1..0 # SKIP no case in set $boot_set"
    else
        echo "1..$number"
    fi
    test $failures -eq 0
    exit
}
