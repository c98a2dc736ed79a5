/*
 * entry.S - the first bytes of the ROM, the ways into it, the 32-bit services.
 *
 * Header: PCI Firmware Specification 3.0, 5.1 (expansion ROM, PCI data
 * structure). tools/mkrom fills in the size and the checksum.
 */
    .code16
    .section .header, "ax", @progbits
    .globl rom_start
rom_start:
    .byte 0x55, 0xaa
    .byte 0                     /* size in 512 bytes */
    jmp post_entry
    .org 0x18
    .word pcir
    .word 0                     /* no Plug and Play header */
    .org 0x1e
    .ascii "IBM"                /* by this old programs know a video ROM */
    .byte 0
    .ascii "Klochs VGA BIOS"
    .byte 0

    .balign 4
    .globl pcir
pcir:
    .ascii "PCIR"
    .word 0x1234, 0x1111        /* vendor, device */
    .word 0                     /* no vital product data */
    .word 24                    /* length of this structure */
    .byte 0                     /* its revision */
    .byte 0x00, 0x00, 0x03      /* class: VGA-compatible display */
    .word 0                     /* size in 512 bytes */
    .word 1                     /* code revision */
    .byte 0                     /* code for PC-AT */
    .byte 0x80                  /* last image */
    .word 0

    .text
/*
 * Saves the caller's registers as struct regs (rom.h), sets the segments and
 * calls a C function with its address. The upper half of ESP is unknown in
 * real mode, but C addresses the stack through all of it.
 */
    .macro service function
    pushw %ds
    pushw %es
    pushw %fs
    pushw %gs
    pushal
    cld
    movw %ss, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %cs, %ax
    movw %ax, %gs
    movw %cs:pm_data_area, %ax  /* 0 in real mode */
    movw %ax, %fs
    movl %esp, %ebx
    movzwl %sp, %esp
    movl %esp, %eax
    calll \function
    movl %ebx, %esp
    popal
    popw %gs
    popw %fs
    popw %es
    popw %ds
    .endm

post_entry:
    service post
    lretw

    .globl video_entry
video_entry:
    service video
    iretw

/*
 * The protected-mode entry point (VBE 3.0): programs look for PMID in the first
 * 32 KiB of the ROM, copy all of it to RAM and fill in selectors. Then these
 * are far calls in a 16-bit code segment on a 16-bit stack. tools/mkrom fills
 * in the checksum.
 */
    .globl pm_info
pm_info:
    .ascii "PMID"
    .word pm_video, pm_start_up
pm_data_area:
    .word 0
    .word 0xa000, 0xb000, 0xb800, 0xc000
    .byte 0                     /* 1: in protected mode */
    .byte 0

pm_start_up:
    service protected_init
    lretw

pm_video:
    service video
    lretw

/* The window function of VBE mode information: BH=0 set, 1 get, BL window,
 * DX position in 64 KiB. */
    .globl vbe_window_entry
vbe_window_entry:
    pushw %ax
    movw $0x4f05, %ax
    pushfw
    pushw %cs
    callw video_entry
    popw %ax
    lretw

/*
 * The save table of 0040:00A8 and the second one that it points to (IBM PS/2
 * and PC BIOS Interface Technical Reference, section 3). A video ROM lies at
 * C0000h.
 */
    .balign 4
    .globl save_table
save_table:
    .word mode_table, 0xc000
    .long 0, 0, 0               /* dynamic area, text font, graphics font */
    .word save_table_2, 0xc000
    .long 0, 0
save_table_2:
    .word 26                    /* bytes */
    .word combinations, 0xc000
    .long 0, 0, 0, 0, 0

/*
 * The protected-mode interface (VBE 3.0, function 0Ah): 32-bit code that the
 * caller copies anywhere.
 */
    .balign 4
    .globl pm_table, pm_table_end
pm_table:
    .word pm_window - pm_table
    .word pm_start - pm_table
    .word pm_palette - pm_table
    .word pm_ports - pm_table
pm_ports:
    .word 0x1ce, 0x1cf, 0x3c6, 0x3c7, 0x3c8, 0x3c9, 0x3da, 0xffff
    .word 0xffff                /* no memory of its own */

    .code32
/* AX: register of the display interface -> AX its value; DX changed. */
pm_dispi_read:
    movw $0x1ce, %dx
    outw %ax, %dx
    incw %dx
    inw %dx, %ax
    ret

/* AX register, CX value; DX changed. */
pm_dispi_write:
    movw $0x1ce, %dx
    outw %ax, %dx
    incw %dx
    xchgw %ax, %cx
    outw %ax, %dx
    xchgw %ax, %cx
    ret

/* Waits for the start of a vertical retrace, but not for ever. */
pm_retrace:
    pushl %ecx
    movw $0x3da, %dx
    movl $0x100000, %ecx
1:  inb %dx, %al
    testb $8, %al
    loopnz 1b
    movl $0x100000, %ecx
2:  inb %dx, %al
    testb $8, %al
    loopz 2b
    popl %ecx
    ret

/* 4F05h: BH=0 set, 1 get; BL window; DX position. */
pm_window:
    pushl %ecx
    testb %bl, %bl
    jnz pm_window_fails
    cmpb $1, %bh
    ja pm_window_fails
    je pm_window_get
    pushl %edx
    movw %dx, %cx
    movw $5, %ax
    call pm_dispi_write
    movw $5, %ax
    call pm_dispi_read
    popl %edx
    cmpw %ax, %dx
    jne pm_window_fails
    popl %ecx
    movw $0x004f, %ax
    ret
pm_window_get:
    movw $5, %ax
    call pm_dispi_read
    movzwl %ax, %edx
    popl %ecx
    movw $0x004f, %ax
    ret
pm_window_fails:
    popl %ecx
    movw $0x014f, %ax
    ret

/*
 * 4F07h: DX:CX start in units of 4 bytes (in bytes of a plane with 4 bits a
 * pixel), BL bit 7: wait for the retrace.
 */
pm_start:
    pushal
    testb $0x80, %bl
    jz 1f
    call pm_retrace
1:  movl 20(%esp), %edi         /* EDX of the caller */
    shll $16, %edi
    movw 24(%esp), %di          /* CX */
    movw $3, %ax
    call pm_dispi_read
    movzwl %ax, %ebx            /* bits a pixel */
    movw $6, %ax
    call pm_dispi_read
    movzwl %ax, %esi            /* pixels a line */
    cmpl $4, %ebx
    jne 2f
    shrl $3, %esi               /* bytes a line */
    movl $8, %ebp               /* pixels a byte */
    jmp 3f
2:  shll $2, %edi
    addl $7, %ebx
    shrl $3, %ebx               /* bytes a pixel */
    imull %ebx, %esi
    xorl %ebp, %ebp
3:  testl %esi, %esi
    jz pm_start_fails
    movl %edi, %eax
    xorl %edx, %edx
    divl %esi                   /* EAX line, EDX byte in the line */
    movl %eax, %edi
    movl %edx, %eax
    testl %ebp, %ebp
    jz 4f
    imull %ebp, %eax
    jmp 5f
4:  xorl %edx, %edx
    divl %ebx
5:  movw %ax, %cx
    movw $8, %ax
    call pm_dispi_write
    movw %di, %cx
    movw $9, %ax
    call pm_dispi_write
    popal
    movw $0x004f, %ax
    ret
pm_start_fails:
    popal
    movw $0x014f, %ax
    ret

/* 4F09h: BL=0 or 80h (in the retrace) set, DX first, CX count, EDI table of
 * blue, green, red, unused. */
pm_palette:
    testb $0x7f, %bl
    jnz pm_palette_fails
    pushal
    testb %bl, %bl
    jns 1f
    pushl %edx
    call pm_retrace
    popl %edx
1:  movb %dl, %al
    movw $0x3c8, %dx
    outb %al, %dx
    incw %dx
    movzwl %cx, %ecx
    jecxz 3f
2:  movb 2(%edi), %al
    outb %al, %dx
    movb 1(%edi), %al
    outb %al, %dx
    movb (%edi), %al
    outb %al, %dx
    addl $4, %edi
    loop 2b
3:  popal
    movw $0x004f, %ax
    ret
pm_palette_fails:
    movw $0x024f, %ax
    ret
pm_table_end:
    .section .note.GNU-stack, "", @progbits
