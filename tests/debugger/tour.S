# tour.S - the broken boot sector of docs/debugger-tour.md: it means to enter
# protected mode, and the machine resets instead.
        .code16
        .globl  _start
_start:
        cli
        xorw    %ax, %ax
        movw    %ax, %ds
        lgdt    gdtr
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmp    $0x08, $protected
        .code32
protected:
        movw    $0x10, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movl    $0x7c00, %esp
        call    main
hang:   hlt
        jmp     hang
main:   movl    $0xb8000, %edi
        movw    $0x1f4b, (%edi)
        ret
        .p2align 3
gdt:    .quad   0
        .quad   0x00cf9a000000ffff
        .quad   0x00cf92000000ffff
gdtr:   .word   15
        .long   gdt
        .org    510
        .word   0xaa55
