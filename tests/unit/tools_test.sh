#!/bin/sh
# tools_test.sh - the checks of `make lint` and the test runner can fail.

top=$(cd "${SRCDIR:-.}" && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/klochs-tools.XXXXXX") || exit 74
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"

# says SCRIPT TEXT: the script fails on the tree in $dir and says TEXT.
says() {
    out=$(cd "$dir/src" && "$top/tools/$1" 2>&1)
    status=$?
    if [ $status -ne 0 ] && echo "$out" | grep -qF -- "$2"; then
        result 0 "$1: $2"
    else
        result 1 "$1: $2 (status $status)"
        echo "$out" | sed 's/^/# /'
    fi
}

fresh() {
    rm -rf "$dir/src"
    mkdir -p "$dir/src/core" "$dir/src/cpu" "$dir/src/iodev/pci"
    printf '/* a.h - a. */\n#ifndef CORE_A_H\n#define CORE_A_H\n#endif\n' \
        >"$dir/src/core/a.h"
    printf '/* b.h - b. */\n#ifndef CPU_B_H\n#define CPU_B_H\n#endif\n' \
        >"$dir/src/cpu/b.h"
}

fresh
(cd "$dir/src" && "$top/tools/check-layers.sh") >/dev/null 2>&1
result $? "check-layers.sh: nothing to say about a good tree"
(cd "$dir/src" && "$top/tools/check-style.sh") >/dev/null 2>&1
result $? "check-style.sh: nothing to say about a good tree"

printf '/* c.c - c. */\n#include "cpu/b.h"\n' >"$dir/src/iodev/pci/c.c"
says check-layers.sh 'iodev/pci/c.c:2: "cpu/b.h" (iodev may include'
printf '/* c.c - c. */\n#include "../a.h"\n' >"$dir/src/core/c.c"
says check-layers.sh 'core/c.c:2: "../a.h" is not rooted'
printf '/* c.c - c. */\n#include "core/none.h"\n' >"$dir/src/core/c.c"
says check-layers.sh 'core/c.c:2: no such file: core/none.h'

fresh
c=$dir/src/core/c.c
printf '/* c.c - c. */\nint\ta;\n' >"$c"
says check-style.sh 'core/c.c:2: tab'
printf '/* c.c - c. */\n/* %080d */\n' 0 >"$c"
says check-style.sh 'core/c.c:2: 86 columns'
printf 'int a;\n' >"$c"
says check-style.sh 'core/c.c:1: no comment at the head'
printf '/* c.c - c. */\n#ifdef FAST\n#endif\n' >"$c"
says check-style.sh 'core/c.c:2: configuration by #if'
{ echo '/* c.c - c. */'; echo 'void f(void)'; echo '{'; yes '    g();' |
    head -n 121; echo '}'; } >"$c"
says check-style.sh 'core/c.c:3: function of 121 lines'
{ echo '/* c.c - c. */'; yes 'int a;' | head -n 900; } >"$c"
says check-style.sh 'core/c.c:901: file of more than 900 lines'
printf '/* c.c - c. */\nint x = rand();\n' >"$c"
says check-style.sh 'host time or chance'
rm "$c"
printf '/* a.h - a. */\n' >"$dir/src/core/a.h"
says check-style.sh 'core/a.h: no include guard CORE_A_H'

if command -v "${CC:-cc}" >/dev/null && command -v objdump >/dev/null; then
    cd "$dir" || exit 74
    echo 'extern int x; static const int *const t[] = {&x};
          const int *const *get(int i); const int *const *get(int i)
          { return t + i; }' >good.c
    echo 'static int calls; int count(void); int count(void)
          { return ++calls; }' >bad.c
    "${CC:-cc}" -fPIE -c good.c bad.c
    "$top/tools/check-globals.sh" good.o >/dev/null
    result $? "check-globals.sh: a constant table of addresses is good"
    "$top/tools/check-globals.sh" good.o bad.o | grep -q 'calls is mutable'
    result $? "check-globals.sh: calls is mutable"
fi

tap() { # name, lines..., status
    printf '#!/bin/sh\n%s\n' "$2" >"$dir/$1.sh"
}
last_line() {
    "$top/tests/run-tests" -t 1 "$@" 2>/dev/null | tail -n 1
}
tap good 'echo "ok 1 - a"; echo "ok 2 - b"; echo 1..2'
tap bad 'echo "ok 1 - a"; echo "not ok 2 - b"; echo 1..2; exit 1'
tap crash 'echo "ok 1 - a"; kill -SEGV $$'
tap short 'echo "ok 1 - a"; echo 1..2'
tap silent 'exit 0'
tap slow 'echo 1..1; sleep 5; echo "ok 1 - a"'
tap skip 'echo "ok 1 - a # SKIP no disk"; echo "ok 2 - b"; echo 1..2'
tap status 'echo "ok 1 - a"; echo 1..1; exit 3'
[ "$(last_line "$dir/good.sh")" = "2 passed, 0 failed" ]
result $? "run-tests: counts what passes"
"$top/tests/run-tests" "$dir/good.sh" >/dev/null
result $? "run-tests: status 0 when all is well"
! "$top/tests/run-tests" "$dir/good.sh" "$dir/bad.sh" >/dev/null
result $? "run-tests: another status when something failed"
[ "$(last_line "$dir/bad.sh" "$dir/good.sh")" = "3 passed, 1 failed" ]
result $? "run-tests: counts what fails"
for t in crash short status; do
    [ "$(last_line "$dir/$t.sh")" = "1 passed, 1 failed" ]
    result $? "run-tests: a $t is a failure"
done
for t in silent slow; do
    [ "$(last_line "$dir/$t.sh")" = "0 passed, 1 failed" ]
    result $? "run-tests: a $t program is a failure"
done
[ "$(last_line "$dir/skip.sh")" = "1 passed, 0 failed, 1 skipped" ]
result $? "run-tests: counts what is skipped"

finish
