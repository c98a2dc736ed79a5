# session.gdb - a real gdb in all three modes of the test kernel
set pagination off
set confirm off
set width 0
set architecture i8086
file kernel32.elf
target remote ./socket
echo MARK reset\n
x/i $pc
info threads
echo MARK boot sector\n
break *0x7c00
continue
x/2i $pc
echo MARK real mode loop\n
break real_loop
continue
continue
p *(short*)&real_word
p $cx
delete
echo MARK real mode watch\n
watch *(short*)&real_word
continue
delete
echo MARK C in real mode\n
break count16
continue
bt
list
info args
info locals
next
next
next
info locals
delete
finish
echo MARK segment\n
tbreak in_segment
continue
x/i $pc
p $cs_base
watch *(short*)&far_word
continue
delete
echo MARK protected\n
tbreak protected
continue
p $cr0
unset tdesc filename
set architecture auto
info registers apic_base pat lstar
info registers cs_base gdtr_base cpl
info registers dr6 dr7
x/2i $pc
stepi
stepi
p/x $ds
echo MARK frames\n
break factorial if n == 2
continue
bt
info frame
finish
p counter32
delete
up
echo MARK changes\n
set var counter32 = 41
call main32()
p counter32
p result32
echo MARK C without frame pointers\n
break visit if depth == 11
continue
bt
list
info args
output *list
echo \n
output list->bits
echo \n
set var list->bits.middle = -7
output list->bits.middle
echo \n
step
next
next
info locals
rwatch nodes[1].n.i
continue
delete
up
info args
set $ecx = 0x1234
info registers ecx
echo MARK long mode\n
add-symbol-file kernel64.elf
tbreak entry64
continue
unset tdesc filename
p $efer
x/i $pc
echo MARK C in long mode\n
tbreak sum
continue
bt
info locals
list
p *p@4
finish
echo MARK watch in long mode\n
watch ratio64
continue
p ratio64
p $xmm0.v2_double[0]
delete
watch guarded64[5]
continue
p k
set var guarded64[0] = 77
p guarded64[0]
set $rbx = 0x123456789abcdef0
p/x $ebx
p $ymm0.v2_int128
monitor r
delete
info registers lstar fs_base gs_base cr3 cr8 dr7
info registers xmm1
info registers ymm1
info registers st0
echo MARK end\n
continue
