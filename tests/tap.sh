# shellcheck shell=sh
# tap.sh - TAP lines of shell tests; read with `.`. Sets number and failed.

number=0 failed=0

result() { # STATUS NAME
    number=$((number + 1))
    if test "$1" -eq 0; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=1
    fi
}

skipped() { # NAME WHY
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

# The command is tried ten times a second until it succeeds.
until_true() { # SECONDS COMMAND...
    tries=$(($1 * 10))
    shift
    while test $tries -gt 0; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
        tries=$((tries - 1))
    done
    return 1
}

# The plan, and the end of the test.
finish() {
    echo "1..$number"
    exit $failed
}
