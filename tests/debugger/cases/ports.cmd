# guest: ports
c
c
c
c
c
x /3hx 0x500
xp /8bx 0x5fe
c
