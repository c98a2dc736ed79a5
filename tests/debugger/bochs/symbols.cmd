ldsym global "plain.txt"
slist
info symbols
slist "s"
lb "sub"
blist
c
r
u /3
print-stack 2
x /2bx "pm"
ldsym "plain.txt" 0x100
instrument stop
writemem "dump.bin" 0xf0000 16
source script.txt
trace on
c
