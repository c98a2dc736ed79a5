/*
 * start.S - boot sector of the BIOS test: loads services.c behind itself at
 * 1000h:0 and calls it; INT n for C.
 */
        .code16
        .section .boot, "ax"
        .global _start
_start: ljmpw   $0, $1f
1:      cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7c00, %sp
        sti
        movb    %dl, boot_drive
        movw    $0x1000, %ax
        movw    %ax, %es
        xorw    %bx, %bx
        movw    $0, %si                 /* track, as cylinder * 2 + head */
2:      movw    %si, %ax
        shrw    $1, %ax
        movb    %al, %ch
        movw    %si, %dx
        andb    $1, %dl
        movb    %dl, %dh
        movb    boot_drive, %dl
        movb    $1, %cl
        movw    $0x0212, %ax            /* a track, this sector included */
        int     $0x13
        jc      3f
        movw    %es, %ax
        addw    $18 * 32, %ax
        movw    %ax, %es
        incw    %si
        cmpw    $4, %si
        jb      2b
        cli
        movw    $0x1000, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $0xfff0, %esp
        sti
        cld
        movb    %cs:boot_drive, %dl
        ljmpw   $0x1000, $entry16
3:      hlt
        jmp     3b
boot_drive:
        .byte   0
        .org    0x1be                   # as a disk: 20 cylinders, 2 heads
        .byte   0x80, 0, 2, 0, 0x83, 1, 18, 19
        .long   1, 719
        .org    510
        .word   0xaa55

        .text
        .global entry16
entry16:
        movb    %dl, %cs:start_drive
        calll   main
1:      cli
        hlt
        jmp     1b

/* Waking from S3: sleep.c. CS is not 1000h but the address is. */
        .weak   woken
        .global wake_start
wake_start:
        ljmpw   $0x1000, $1f
1:      movw    %cs, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $0xfff0, %esp
        cld
        sti
        calll   woken
2:      hlt
        jmp     2b

        .global start_drive
start_drive:
        .byte   0

/* void int_call(u32 n, struct regs *r): regs as in services.c */
        .global int_call
int_call:
        pushal
        pushw   %es
        pushl   %edx
        movb    %al, %cs:number
        movl    %edx, %ebp
        pushw   32(%ebp)                /* ds */
        movw    34(%ebp), %es
        movl    0(%ebp), %eax
        movl    4(%ebp), %ebx
        movl    8(%ebp), %ecx
        movl    12(%ebp), %edx
        movl    16(%ebp), %esi
        movl    20(%ebp), %edi
        popw    %ds
        .byte   0xcd
number: .byte   0
        pushfw
        pushw   %ds
        pushl   %ebp
        pushw   %cs
        popw    %ds
        movl    8(%esp), %ebp
        popl    28(%ebp)
        popw    32(%ebp)
        popw    24(%ebp)
        movw    %es, 34(%ebp)
        movl    %eax, 0(%ebp)
        movl    %ebx, 4(%ebp)
        movl    %ecx, 8(%ebp)
        movl    %edx, 12(%ebp)
        movl    %esi, 16(%ebp)
        movl    %edi, 20(%ebp)
        addw    $4, %sp
        popw    %es
        popal
        retl

/* Called by INT 15h C2h: counts. */
        .global mouse_handler
mouse_handler:
        incw    %cs:mouse_calls
        lretw
        .global mouse_calls
mouse_calls:
        .word   0
/* INT 1Ch and 4Ah hooks. */
        .global tick_hook, tick_calls, alarm_hook, alarm_calls
tick_hook:
        incw    %cs:tick_calls
        iretw
tick_calls:
        .word   0
alarm_hook:
        incw    %cs:alarm_calls
        iretw
alarm_calls:
        .word   0
