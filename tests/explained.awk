# explained.awk - whether all that differs from another program's output is
# explained: `awk -f explained.awk PATTERNS theirs... ours`. A line of the last
# file that stands in no other must begin with a pattern of the first file, and
# each pattern must have such a line. In the first file empty lines and those
# that begin with a blank or # are comments.

FILENAME == ARGV[1] {
    if ($0 !~ /^([ #]|$)/)
        pattern[++patterns] = $0
    next
}

FILENAME != ARGV[ARGC - 1] {
    theirs[$0] = 1
    next
}

$0 in theirs {
    next
}

{
    known = 0
    for (i = 1; i <= patterns; i++)
        if ($0 ~ "^" pattern[i])
            known = used[i] = 1
    if (!known) {
        print "# " $0
        bad = 1
    }
}

END {
    for (i = 1; i <= patterns; i++)
        if (!used[i]) {
            print "# explained for nothing: " pattern[i]
            bad = 1
        }
    exit bad
}
