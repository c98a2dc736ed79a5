# Bochs's levels of operators and forms of numbers.
calc 1+2*3
? 1|1+1
calc 2+3&1
calc 1<2+5
calc 1==2+5
calc 1<<1+1
calc 5:3+1
calc @0xf0000+1
calc *0xf0000
calc byte *0xf0000
calc qword @0xf0000
calc word *0xf000:0
calc 0b101
calc 7c00h
calc 0ffh
calc 010
calc 08
calc -1
calc !5
calc ~0
calc 7/0
calc 7%0
calc (1+2)*3
calc 0xffffffffffffffff+1
calc 1<<64
calc eax+ax+ah
calc ip
calc cs
calc cs:eip
calc 5 > 3 && 0
calc 0 || 2
if 1
calc 0x8$1
