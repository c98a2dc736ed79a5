# Commands that have no other case.
doit
vmexitbp
vmexitbp
setmagicbps "cx dx"
clrmagicbps "bx"
cpu 0
cpu 1
ymm
zmm
amx
lb 0xf0043
commands 1 "echo in the function"
c
s 2
finish
ignore 1 1
lb 0xf0029
c
d all
writemem "dump.bin" 0xf0000 16
loadmem "dump.bin" 0x500
x /16bmx 0x500
trace-reg on
s
trace-reg off
line
profile 1000 10
down
