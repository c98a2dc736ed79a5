# guest.S - a ROM of 64 KiB for the tests of the debugger's commands.
#
# Real mode, a call, stores, ports, the magic XCHG; then protected mode with
# paging (4 MiB mapped one to one), a call with a frame; at last a store into
# a page that is not there, without an IDT: triple fault.
        .code16
        .globl  _start
_start:
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $0x7c00, %sp
        call    sub
        pushw   $0x1234
        xchgw   %bx, %bx
        movw    $0x55aa, 0x600
        movb    0x600, %al
        outb    %al, $0x80
        inb     $0x61, %al
        movl    $0x12345678, %eax
        movw    $4, %cx
again:  loop    again
        cli
        lgdtl   %cs:gdtr - _start
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $8, $0xf0000 + pm - _start
sub:    pushw   %bp
        movw    %sp, %bp
        popw    %bp
        ret
        .code32
pm:     movw    $16, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    %ax, %es
        movl    $0x7c00, %esp
        movl    $0x9000, %edi
        movl    $1024, %ecx
        movl    $7, %eax
fill:   stosl
        addl    $0x1000, %eax
        loop    fill
        movl    $0x9007, 0x8000
        movl    $0x8000, %eax
        movl    %eax, %cr3
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        lidtl   %cs:idtr - _start + 0xf0000
        call    frame
        movl    $0x11223344, 0x700(,%ecx,4)
        movl    $1, 0x800000
hang:   hlt
        jmp     hang
frame:  pushl   %ebp
        movl    %esp, %ebp
        nop
        popl    %ebp
        ret
        .p2align 3
gdt:    .quad   0, 0x00cf9b000000ffff, 0x00cf93000000ffff
        .quad   0x00009b000000ffff, 0x00af9b000000ffff, 0x0000890000001067
gdt_end:
gdtr:   .word   gdt_end - gdt - 1
        .long   0xf0000 + gdt - _start
idtr:   .word   0
        .long   0
        .org    0xfff0
        .code16
        ljmp    $0xf000, $0
        .org    0x10000
