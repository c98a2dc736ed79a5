#!/bin/sh
# names_test.sh - files and functions that the hand-written docs name exist.
#
# In `code`: a path with a slash and a suffix is a file, or a folder when it
# ends with a slash; name() is a function or macro defined in the sources.
set -u
: "${SRCDIR:=.}"
cd "$SRCDIR" || exit 1

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

count=0 bad=0
report() { # result, name
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" && return
    echo "not ok $count - $2"
    bad=1
}

words() { # page: what stands between single backquotes
    awk '/^```/ { skip = !skip; next } !skip' "$1" |
        grep -o '`[^`]*`' | tr -d '`' | sort -u
}

folders='core memory cpu iodev gui machine tools'
missing_files() {
    words "$1" | grep -E '^[a-z]+/[A-Za-z0-9_./-]*$' | while read -r f; do
        case $f in
        gen/* | build/*) ;;
        *) [ -e "$f" ] || echo "# $1: no file $f" ;;
        esac
    done
}

missing_functions() {
    words "$1" | sed -n 's/^\([a-z_0-9]*\)()$/\1/p' | while read -r f; do
        grep -rqE "(^|[ *])$f\(" --include='*.[ch]' $folders ||
            echo "# $1: no function $f"
    done
}

for page in docs/architecture.md docs/known-gaps.md docs/state-format.md; do
    [ -s "$page" ]
    report $? "$page is there"
    out=$(missing_files "$page")
    [ -n "$out" ] && echo "$out"
    report "$([ -z "$out" ]; echo $?)" "$page: files exist"
    out=$(missing_functions "$page")
    [ -n "$out" ] && echo "$out"
    report "$([ -z "$out" ]; echo $?)" "$page: functions exist"
done

# The features that no model has, by name, are those in the list of gaps.
mkinsn=${BUILDDIR:-build}/tools/mkinsn
"$mkinsn" --missing cpu/x86.tab | sed -n 's/^feature not offered: //p' |
    sort >"$work/missing"
awk '/By the names of the feature list:/ { on = 1; next }
    on && /^- / { exit } on' docs/known-gaps.md |
    grep -o '`[^`]*`' | tr -d '`' | sort >"$work/named"
diff "$work/missing" "$work/named" | sed 's/^/# /'
[ -s "$work/missing" ] && cmp -s "$work/missing" "$work/named"
report $? "docs/known-gaps.md names the features that are not there"

# Links from page to page.
out=$(for page in docs/*.md; do
    grep -oE '\]\([^)#:]+\.md' "$page" | sed 's/^](//' | while read -r to; do
        [ -e "docs/$to" ] || echo "# $page: no page $to"
    done
done)
[ -n "$out" ] && echo "$out"
report "$([ -z "$out" ]; echo $?)" "pages that are linked to exist"
echo "1..$count"
exit $bad
