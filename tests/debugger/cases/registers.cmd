# status: 1
# General, segment, control, debug, x87 and vector registers; set.
r
sreg
creg
dreg
fp
mmx
sse
info eflags
r cs
set eax = 0x12345678
set al = 0x99
set bx = 1+2
set $eflags = 0x46
set ds = 0x30
r
sreg
set nosuch = 1
