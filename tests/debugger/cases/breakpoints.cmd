# Virtual, linear, physical breakpoints; conditions; watchpoints; time.
vb 0xf000:0x000b
lb 0xf0043
pb 0xf0046
b *0xf0047
blist
bpd 3
bpd 77
blist
c
c
c
bpe 3
d 2
d 77
info break
lb 0xf0029 if "cx == 2"
blist
watch w 0x600
watch r 0x600 2
watch
c
c
c
unwatch 0x600
watch
c
r cx
sb 2
c
ptime
sba 1
unwatch
n
d all
blist
rla 0xf0048
tb 0xf0066
blist
c
blist
