# Steps, steps over calls, modes, traces.
s 6
n
s
p
trace on
trace-mem on
s 2
trace-mem off
trace off
modebp
show call
show mode
show
c
s 2
show off
modebp
branches on
rla 0xf00a3
print-stack 4
bt 2
c if 0
c if 1
