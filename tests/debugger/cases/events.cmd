# What Bochs does not have: events, counts, commands, logs, registers.
break out 0x80
break in
watch reg sp do "r sp" log
catch mode
c
lb 0xf0029 count 3
blist
watch lw 0x700 4
c
c
r cx
c
c
d all
lb 0xf0066 if "ecx > 0x3fd" log do "? ecx & 0x3ff; ?edi"
lb 0xf0069 count 3 do "bpd 8"
catch cr3
c
blist
catch exception
c
explain
c
explain
explain 1
c
branches on
rla 0xf0043
branches
