/*
 * start.S - boot sector of the test guest, INT 10h for C, protected mode.
 *
 * The sector loads the rest of the floppy's first tracks to 0000:7E00 and runs
 * it with all segments 0 and the stack below 7C00h.
 */
    .code16
    .section .boot, "ax", @progbits
    .globl boot
boot:
    ljmp $0, $1f
1:  cli
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $0x7c00, %esp
    sti
    cld
    movw $0x07e0, %di           /* segment that is loaded next */
    movw $1, %si                /* sector, from 0 */
    movw $guest_sectors, %bp
2:  movw %si, %ax
    movb $18, %cl
    divb %cl                    /* AL track * 2 + head, AH sector */
    movb %ah, %cl
    incb %cl
    movb %al, %ch
    shrb $1, %ch
    movb %al, %dh
    andb $1, %dh
    movb $0, %dl
    movw %di, %es
    xorw %bx, %bx
    movw $0x0201, %ax
    int $0x13
    jc 3f
    addw $32, %di
    incw %si
    decw %bp
    jnz 2b
    xorw %ax, %ax
    movw %ax, %es
    jmp start
3:  movb $'!', %al
    outb %al, $0xe9
    hlt
    jmp 3b
    .org 510
    .word 0xaa55

    .text
start:
    calll guest_main
    cli
4:  hlt
    jmp 4b

/*
 * void call_video(struct call *c): INT 10h with its registers. Layout: EAX EBX
 * ECX EDX ESI EDI EBP, then ES and FLAGS.
 */
    .globl call_video
call_video:
    pushal
    pushw %es
    pushl %eax
    movl %eax, %esi
    pushl 16(%esi)
    movw 28(%esi), %es
    movl 4(%esi), %ebx
    movl 8(%esi), %ecx
    movl 12(%esi), %edx
    movl 20(%esi), %edi
    movl 24(%esi), %ebp
    movl (%esi), %eax
    popl %esi
    int $0x10
    pushfw
    pushl %esi
    movl %esp, %esi
    movl 6(%esi), %esi          /* the pointer again */
    movl %eax, (%esi)
    movl %ebx, 4(%esi)
    movl %ecx, 8(%esi)
    movl %edx, 12(%esi)
    movl %edi, 20(%esi)
    movl %ebp, 24(%esi)
    movw %es, 28(%esi)
    popl 16(%esi)
    popw 30(%esi)
    popl %eax
    popw %es
    cld
    popal
    retl

/*
 * void call_protected(uint32_t entry, struct call *c): a 32-bit near call in
 * protected mode with flat segments; the same registers.
 */
    .globl call_protected
call_protected:
    pushal
    movl %eax, pm_entry
    movl %edx, pm_call
    cli
    lgdtl pm_gdt_pointer
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl $8, $5f
    .code32
5:  movw $16, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl pm_call, %esi
    movl (%esi), %eax
    movl 4(%esi), %ebx
    movl 8(%esi), %ecx
    movl 12(%esi), %edx
    movl 20(%esi), %edi
    call *pm_entry
    movl pm_call, %esi
    movl %eax, (%esi)
    movl %ebx, 4(%esi)
    movl %ecx, 8(%esi)
    movl %edx, 12(%esi)
    ljmpl $24, $6f
    .code16
6:  movw $32, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmpw $0, $7f
7:  xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    sti
    popal
    retl

/*
 * void call_protected_16(uint32_t offset, struct call *c): a far call into the
 * copy of the ROM at 50000h in 16-bit protected mode; the same registers, ES is
 * SCRATCH.
 */
    .globl call_protected_16
call_protected_16:
    pushal
    movw %ax, pm_far
    movl %edx, pm_call
    cli
    lgdtl pm_gdt_pointer
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpw $24, $8f
8:  movw $32, %ax
    movw %ax, %ds
    movw %ax, %ss
    movw %ax, %fs
    movw %ax, %gs
    movw $0x58, %ax
    movw %ax, %es
    movl pm_call, %esi
    movl (%esi), %eax
    movl 4(%esi), %ebx
    movl 8(%esi), %ecx
    movl 12(%esi), %edx
    movl 20(%esi), %edi
    movl 24(%esi), %ebp
    lcallw *pm_far
    movl pm_call, %esi
    movl %eax, (%esi)
    movl %ebx, 4(%esi)
    movl %ecx, 8(%esi)
    movl %edx, 12(%esi)
    movl %edi, 20(%esi)
    jmp 6b

    .data
pm_far:
    .word 0, 0x28
    .balign 8
pm_gdt:
    .quad 0
    .quad 0x00cf9b000000ffff    /* 08: 32-bit code */
    .quad 0x00cf93000000ffff    /* 10: 32-bit data */
    .quad 0x00009b000000ffff    /* 18: 16-bit code */
    .quad 0x000093000000ffff    /* 20: 16-bit data */
    .quad 0x00009b050000ffff    /* 28: the copy of the ROM */
    .quad 0x000093050000ffff    /* 30: the same as data */
    .quad 0x00009306000005ff    /* 38: 600h bytes for a BIOS data area */
    .quad 0x0000930a0000ffff    /* 40: display memory */
    .quad 0x0000930b0000ffff    /* 48 */
    .quad 0x0000930b80007fff    /* 50 */
    .quad 0x000093030000ffff    /* 58: SCRATCH */
pm_gdt_pointer:
    .word 95
    .long pm_gdt
pm_entry:
    .long 0
pm_call:
    .long 0
    .section .note.GNU-stack, "", @progbits
