/*
 * modes.S - far calls of protected mode entry points, and INT 15h 89h.
 */
        .code16
        .text

/* void pm_call(struct pm *p): system.c has its layout. */
        .global pm_call
pm_call:
        pushal
        cli
        movl    %eax, %ebp
        lgdtl   gdt_register
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpw   $0x08, $1f
1:      movw    $0x10, %ax              /* stack of 32 bits */
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    0(%ebp), %eax
        movl    4(%ebp), %ebx
        movl    8(%ebp), %ecx
        movl    12(%ebp), %edx
        movl    16(%ebp), %esi
        movl    20(%ebp), %edi
        cmpw    $0x28, 32(%ebp)
        je      2f
        lcalll  *28(%ebp)
        jmp     3f
2:      pushw   32(%ebp)                /* selector and offset of 16 bits */
        pushw   28(%ebp)
        lcallw  *(%esp)
        leal    4(%esp), %esp
3:      pushfl
        popl    24(%ebp)
        movl    %eax, 0(%ebp)
        movl    %ebx, 4(%ebp)
        movl    %ecx, 8(%ebp)
        movl    %edx, 12(%ebp)
        movl    %esi, 16(%ebp)
        movl    %edi, 20(%ebp)
        call    to_real
        popal
        retl

/* Protected mode ends; CS must have 10000h as its base. */
to_real:
        movw    $0x18, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    %cr0, %eax
        andb    $0xfe, %al
        movl    %eax, %cr0
        ljmpw   $0x1000, $1f
1:      movw    $0x1000, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        sti
        ret

        .balign 8
gdt:    .quad   0
        .quad   0x00009b010000ffff      /* 08: this code */
        .quad   0x004093010000ffff      /* 10: data, stack of 32 bits */
        .quad   0x000093010000ffff      /* 18: data, stack of 16 bits */
        .quad   0x00409b0f0000ffff      /* 20: the BIOS, 32 bits */
        .quad   0x00009b0f0000ffff      /* 28: the BIOS, 16 bits */
        .quad   0x0000930ec0003fff      /* 30: its data */
gdt_end:
gdt_register:
        .word   gdt_end - gdt - 1
        .long   0x10000 + gdt

/* u32 switch_mode(void): INT 15h 89h and back. Selectors that came in AX
 * (carry), CS, DS, ES, SS of switched[]; CR0 is returned. */
        .global switch_mode, switched
switch_mode:
        pushal
        inb     $0x21, %al
        movb    %al, masks
        inb     $0xa1, %al
        movb    %al, masks + 1
        movw    $table, %si
        movw    $0x7068, %bx
        movw    $0x8900, %ax
        int     $0x15
        movw    %ax, %dx
        sbbw    %cx, %cx
        movl    %cr0, %ebx
        testb   $1, %bl
        jz      1f
        movw    %dx, switched
        movw    %cx, switched + 2
        movw    %cs, switched + 4
        movw    %ds, switched + 6
        movw    %es, switched + 8
        movw    %ss, switched + 10
        inb     $0x21, %al
        movb    %al, switched + 12
        inb     $0xa1, %al
        movb    %al, switched + 13
        movb    $0x11, %al              /* PICs as they were */
        outb    %al, $0x20
        outb    %al, $0xa0
        movb    $0x08, %al
        outb    %al, $0x21
        movb    $0x70, %al
        outb    %al, $0xa1
        movb    $0x04, %al
        outb    %al, $0x21
        movb    $0x02, %al
        outb    %al, $0xa1
        movb    $0x01, %al
        outb    %al, $0x21
        outb    %al, $0xa1
        movb    masks, %al
        outb    %al, $0x21
        movb    masks + 1, %al
        outb    %al, $0xa1
        lidtl   idt_real
        call    to_real
1:      movl    %ebx, 28(%esp)
        popal
        retl

        .balign 8
table:  .quad   0
        .word   0x003f, table
        .long   0x00009301              /* 08: this table */
        .quad   0x00009300000003ff      /* 10: IDT */
        .quad   0x000093010000ffff      /* 18: DS */
        .quad   0x000093010000ffff      /* 20: ES */
        .quad   0x000093010000ffff      /* 28: SS */
        .quad   0x00009b010000ffff      /* 30: CS */
        .quad   0                       /* 38: the BIOS makes it */
idt_real:
        .word   0x3ff
        .long   0
masks:  .byte   0, 0
switched:
        .fill   7, 2, 0
