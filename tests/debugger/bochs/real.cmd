s
r
sreg
creg
dreg
fp
mmx
sse
u /5
u 0xf0000 0xf0010
x /16bx 0xf0000
x /4hd 0xf0000
xp /4wu 0xf0000
xp /2gx 0xf0000
x /8bt 0xf0000
x /4bo 0xf0000
x /4bc 0xf0000
x /16bmx 0xf0000
info ivt 8 9
info tab
page 0x7c00
vb 0xf000:0x000b
lb 0xf0043
pb 0xf0046
lb 0xf0029 if "cx == 2"
blist
bpd 3
c
c
bpe 3
blist
c
d 3
info break
c
print-stack 4
bt
where
print-string 0xf0000
n
s 2
p
ptime
calc 1+2*3
? 0xff & 0x0f
calc @0xf0000
calc 0xf000:0x10
set eax = 0x1234
set $eflags = 0x46
set ax = 5
r
c
r
d 1
d 2
d 4
blist
setpmem 0x700 2 0x4241
setpmem 0x702 1 0
print-string 0x700
watch
watch w 0x600 2
watch r 0x600
watch
unwatch 0x600
unwatch
watch stop
watch continue
sb 3
c
sba 40
c
modebp
vmexitbp
vmexitbp
show
show mode
show call
show int
show off
show
trace on
s 2
trace off
trace-reg on
s
trace-reg off
trace-mem on
s 4
trace-mem off
query pending
info linux
info eflags
doit 1
if 1 == 2
