#!/bin/sh
# check-globals.sh - fail when an object file defines mutable data.
#
# check-globals.sh OBJECT...  Looks at the section of each data object, since
# tables of constant addresses (.data.rel.ro) are constant but nm marks them
# as data. What the sanitizers add is not ours.

objdump=$(command -v "${OBJDUMP:-objdump}") || {
    echo "check-globals: no objdump here, nothing checked"
    exit 0
}

bad=$(
    for object; do
        "$objdump" -t "$object" | awk -F'\t' -v object="$object" '
        NF == 2 {
            words = split($1, head, " ")
            section = head[words]
            type = head[words - 1]
            words = split($2, tail, " ")
            name = tail[words]
            if (type !~ /O$/ || section ~ /^\.data\.rel\.ro/)
                next
            if (name ~ /^(__(asan|ubsan|odr_asan|msan|gcov)|\.L|\*\.L)/)
                next
            if (section ~ /^\.t?(data|bss)/ || section == "*COM*")
                print object ": " name " is mutable (" section ")"
        }'
    done
)
if [ -n "$bad" ]; then
    echo "$bad"
    exit 1
fi
echo "check-globals: good"
