# What a kernel would have, put there by hand.
c
info linux
rla 0xf00a3
info linux
ldsym "kernel.txt"
patch 0x1000 "Linux version 6.1.0 (nobody@nowhere)" 10
setpmem 0x1040 4 0x1100
patch 0x1100 "root=/dev/sda1 quiet" 0
setpmem 0x1044 4 1234
setpmem 0x1048 4 0x3000
patch 0x2400 "swapper/0" 0
setpmem 0x3050 4 0x4000
patch 0x4400 "bash" 0
info linux
--json info linux
