# Text symbols, in expressions, breakpoints and listings.
info symbols
lb "sub"
ldsym "symbols.txt"
slist
slist "f"
lb "sub"
b frame
blist
c
u /3
bt 1
x /2bx _start
calc "sub"
calc sub + 4
calc "nosuch"
c
ldsym "nosuch.txt"
list
