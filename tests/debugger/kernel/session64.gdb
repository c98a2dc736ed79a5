# session64.gdb - a real gdb with the 64-bit part's symbols, from the first
# instruction on
set pagination off
set confirm off
set width 0
file kernel64.elf
target remote ./socket
tbreak entry64
continue
unset tdesc filename
break visit if depth == 22
continue
bt
info args
up
info args
info locals
awatch sink
continue
info watchpoints
delete
tbreak half
continue
bt
finish
continue
