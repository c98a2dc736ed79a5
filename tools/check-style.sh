#!/bin/sh
# check-style.sh - the rules of style that a script can see.
#
# Run at the top of the sources. Exceptions have a reason beside them: a line
# `length: REASON` in the comment at the head of a file allows a long file or
# wide tables; in the comment before a function, a long function.

c_files=$(find core memory cpu iodev gui debugger machine tools tests bios \
    -name '*.[ch]' 2>/dev/null | sort)
# Without git: everything but what git and a build in place keep here.
all_files=$(git ls-files 2>/dev/null ||
    find . -path ./.git -prune -o -path './build*' -prune -o -type f -print)

check_c() {
    awk -v max_lines=900 -v max_body=120 -v max_columns=80 \
        -v max_row=120 '
    function complain(line, text) { print FILENAME ":" line ": " text }

    FNR == 1 {
        lines_allowed = 0
        in_head = 1
        opened = 0
        reason = 0
        if ($0 !~ /^\/\*/)
            complain(1, "no comment at the head of the file")
    }
    in_head && /length: *[^ ]/ { lines_allowed = 1 }
    in_head && /\*\// { in_head = 0 }
    /\t/ { complain(FNR, "tab") }
    /\r/ { complain(FNR, "carriage return") }
    /[ \t]$/ { complain(FNR, "space at the end of the line") }
    {
        # Columns, not bytes: continuation bytes of UTF-8 take none.
        text = $0
        gsub(/[\200-\277]/, "", text)
        # Rows of tables are as wide as their columns make them.
        limit = text ~ /^ *\{.*\},?$/ ? max_row : max_columns
        if (length(text) > limit && !lines_allowed)
            complain(FNR, length(text) " columns, at most " limit)
    }
    /^[^{} ].*length: *[^ ]/ || /^ \*.*length: *[^ ]/ || \
        /^\/\*.*length: *[^ ]/ { reason = 1 }
    /^typedef (struct|union|enum)[^(]*;/ { complain(FNR, "typedef of a struct") }
    /(^|[^A-Z_a-z])(TODO|FIXME|XXX)([^A-Z_a-z]|$)/ {
        complain(FNR, "unfinished business")
    }
    # Configuration is chosen at run time. Include guards (#ifndef) are no
    # configuration, nor is a question about the compiler or the host system
    # (HOT_LOOP: does the compiler make tail calls for certain?).
    /^[ ]*#[ ]*if(def)?[ (]/ && FILENAME !~ /^tests\// && \
        !/__[A-Za-z0-9_]+|HOT_LOOP|MAP_[A-Z]+|MADV_[A-Z]+/ {
        complain(FNR, "configuration by #if")
    }
    /^\{/ { opened = FNR; previous_had = reason }
    /^\}$/ {
        # A table ends with a semicolon, a function with the bare brace.
        if (opened && FNR - opened - 1 > max_body && !previous_had)
            complain(opened, "function of " FNR - opened - 1 \
                     " lines, at most " max_body)
        opened = 0
        reason = 0
    }
    /^\};/ { opened = 0; reason = 0 }
    FNR > 1 { last_file = FILENAME; last_line = FNR; allowed = lines_allowed }
    FNR == max_lines + 1 && !lines_allowed {
        complain(FNR, "file of more than " max_lines " lines")
    }
    ' "$@"
}

# Headers say once what they are and can be included twice.
check_guards() {
    for f in $c_files; do
        case $f in *.h) ;; *) continue ;; esac
        guard=$(echo "$f" | tr 'a-z/.-' 'A-Z___')
        grep -q "^#ifndef $guard\$" "$f" && grep -q "^#define $guard\$" "$f" ||
            grep -q 'included many times' "$f" ||
            echo "$f: no include guard $guard"
    done
}

# Words of the workshop have no place in the goods. Each is written with a
# bracket, so that this list does not find itself.
check_words() {
    words='sub-?[a]gent|[c]laude|[a]nthropic|[c]hatgpt|[o]penai|/[w]ork/'
    words="$words|[l]anguage model|this [s]ession|[p]revious session"
    words="$words|shared/([r]eference|exemplar|data)"
    for f in $all_files; do
        [ -f "$f" ] && grep -HnIiE "$words" "$f"
    done
}

# Guest-visible results must not depend on the host.
check_determinism() {
    grep -nE '[^_a-z](rand|random|srand|time|gettimeofday|clock_gettime)\(' \
        $(echo "$c_files" | grep -E '^(core|memory|cpu|iodev)/') /dev/null |
        grep -vE '^[^:]*:[0-9]+: *(/?\*|//)' |
        sed 's/$/  (host time or chance)/'
}

# What a build makes is not kept.
check_tracked() {
    git ls-files 2>/dev/null | grep -E '^build|(^|/)(core|a\.out)$|\.(o|a|d|so|gcda)$' |
        sed 's/$/: made by a build, must not be kept/'
}

bad=$(
    # shellcheck disable=SC2086
    check_c $c_files
    check_guards
    check_words
    check_determinism
    check_tracked
)
if [ -n "$bad" ]; then
    echo "$bad"
    exit 1
fi
echo "check-style: good"
