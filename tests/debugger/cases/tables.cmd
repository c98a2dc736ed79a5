# Tables and paging, in real mode and in protected mode.
info ivt 8 9
info ivt 300
info tab
page 0x7c00
where
c
rla 0xf00a3
info gdt
info gdt 1
info gdt 4 5
info gdt 99
info ldt 0
info idt
info ivt 0
info tab
page 0x7c00
page 0x800000
tlb 0x9000
x /4bx 0x800000
u 0x800000
print-stack 2
bt
creg
sreg
calc 8:0x10
calc 0x10:0x20
calc 0x50:0
c
explain
