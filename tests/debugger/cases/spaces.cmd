# Symbols and breakpoints of one address space.
set cr3 = 0x5018
ldsym "symbols.txt"
ldsym global "symbols.txt" 0x100
slist "sub"
b sub
lb 0xf00b0
lb "frame" if "eax == 0"
blist
blist --json
set cr3 = 0x6000
slist "sub"
calc "sub"
ldsym "symbols.txt" 0x200 cr3=0x7000
calc "sub"
set cr3 = 0x7000
calc "sub"
set cr3 = 0
c
