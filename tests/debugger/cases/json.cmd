# One object a command.
r --json
calc 1+1 --json
--json lb 0xf000b
set $json = 1
c
blist
x /4bx 0xf0000
u /2
sreg
d 99
echo "quote \ back"
info gdt 1
page 0
print-stack 2
help c
