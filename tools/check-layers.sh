#!/bin/sh
# check-layers.sh - fail when a folder includes one that it must not know.
#
# Run at the top of the sources. Every quoted include must be rooted at the
# project ("core/log.h"), name a file that is there, and lie in a folder that
# its own may see. Headers under gen/ are made from the instruction table.

include='^[[:space:]]*#[[:space:]]*include[[:space:]]*"'

allow() { # folder, the folders it may include as a regular expression
    [ -d "$1" ] || return
    find "$1" -name '*.[ch]' | sort | while read -r f; do
        grep -n "$include" "$f" | while IFS=: read -r line text; do
            header=${text#*\"}
            header=${header%%\"*}
            case $header in
            */../* | ../* | ./*)
                echo "$f:$line: \"$header\" is not rooted at the project"
                continue
                ;;
            esac
            echo "$header" | grep -qE "^($2)/" ||
                echo "$f:$line: \"$header\" ($1 may include: $2)"
            case $header in
            gen/*) ;;
            *) [ -e "$header" ] || echo "$f:$line: no such file: $header" ;;
            esac
        done
    done
}

bad=$(
    allow core 'core'
    allow memory 'core|memory'
    allow cpu 'core|memory|cpu|gen'
    allow iodev 'core|memory|iodev'
    allow gui 'core|gui'
    allow debugger 'core|memory|cpu|debugger|gen'
    allow instrument 'core|memory|cpu|instrument|gen'
    allow machine 'core|memory|cpu|iodev|gui|debugger|instrument|machine|gen'
    allow bios/vga 'bios|bios/vga'
    allow tools 'core|memory|cpu|iodev|tools|gen'
    allow tests \
        'core|memory|cpu|iodev|gui|debugger|instrument|machine|bios|tests|gen'
)
if [ -n "$bad" ]; then
    echo "$bad"
    exit 1
fi
echo "check-layers: good"
