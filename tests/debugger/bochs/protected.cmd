c
lb 0xf0029
c
d 1
show call
show mode
modebp
c
show off
modebp
lb 0xf0066
c
d 2
r
sreg
creg
info gdt
info gdt 1
info gdt 4 5
info ldt 0
info idt
info tss
info tab
lb 0xf008b
c
creg
info tab
page 0x7c00
page 0x800000
tlb 0x9000
s
info idt 0 2
u /6
lb 0xf00af
c
print-stack 3
bt
n
n
n
where
x /4bx 0x7bf0
info cpu
