# Sources, separators, comments; a failed assertion ends with status 1.
# status: 1
ptime; calc 1 ; # comment
echo "a;b#c"
source inner.txt
addlyt "inner.txt"
s
remlyt
lyt
source nosuch.txt
assert ax == 0 "AX is 0"
assert ax == 1 "AX is 1"
echo never
