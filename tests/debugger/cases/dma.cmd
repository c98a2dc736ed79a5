# guest: ports
c
c
c
c
watch w 0x622
watch r 0x610
c
xp /4bx 0x620
c
c
