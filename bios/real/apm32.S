/*
 * apm32.S - the protected mode interfaces of APM 1.2, 16-bit and 32-bit.
 *
 * Advanced Power Management BIOS Interface Specification 1.2, sections 4.6.3
 * and 4.6.4. The caller has three selectors in a row: 32-bit code, 16-bit
 * code (both F0000h) and data (the data segment of the services), and calls
 * far with AX = 53xxh. The functions are those of apm.c in real mode.
 */
PM_BASE = 48                    /* in struct bios_data, checked in string.c */
APM_CONNECTED = 50

APM_CONTROL = 0xb2
SMI_POWER_OFF = 0xa0

        /* data: the data selector less CS; entry: where the caller comes in */
        .macro  interface entry, ret, data
\entry:
        cmpb    $0x10, %al
        ja      9f
        cmpb    $0x04, %al
        je      4f
        cmpb    $0x05, %al
        je      5f
        jb      9f
        cmpb    $0x07, %al
        je      7f
        cmpb    $0x0a, %al
        je      10f
        cmpb    $0x0b, %al
        je      11f
        cmpb    $0x0c, %al
        je      12f
        cmpb    $0x0e, %al
        je      14f
        cmpb    $0x10, %al
        je      16f
1:      clc                             /* 06h, 08h, 09h, 0Dh, 0Fh */
        \ret
2:      stc
        \ret
9:      movb    $0x0c, %ah              /* no such function */
        jmp     2b
        /* Disconnect. */
4:      pushl   %eax
        pushl   %ds
        movw    %cs, %ax
        addw    $\data, %ax
        movw    %ax, %ds
        movb    $0, APM_CONNECTED
        popl    %ds
        popl    %eax
        jmp     1b
        /* Idle: until an interrupt. */
5:      pushf
        sti
        hlt
        popf
        jmp     1b
        /* Set power state: CX 1 standby, 2 suspend, 3 off. */
7:      cmpw    $1, %bx
        movb    $0x09, %ah
        jne     2b
        cmpw    $3, %cx
        je      3f
        ja      6f
        testw   %cx, %cx
        jnz     5b
6:      movb    $0x0a, %ah
        jmp     2b
3:      movw    %cs, %ax
        addw    $\data, %ax
        movw    %ax, %ds
        movb    $SMI_POWER_OFF, %al
        outb    %al, $APM_CONTROL
        movw    PM_BASE, %dx
        addw    $4, %dx
        movw    $0x2000, %ax
        outw    %ax, %dx
8:      hlt
        jmp     8b
        /* Power status: mains, no battery. */
10:     cmpw    $1, %bx
        movb    $0x09, %ah
        jne     2b
        movb    $0x53, %ah
        movw    $0x01ff, %bx
        movw    $0x80ff, %cx
        movw    $0xffff, %dx
        jmp     1b
11:     movb    $0x80, %ah              /* no event */
        jmp     2b
12:     xorw    %cx, %cx
        jmp     1b
14:     movb    $0x01, %ah              /* 1.x, up to 1.2 */
        movb    $0x02, %al
        cmpb    %al, %cl
        jae     1b
        movb    %cl, %al
        jmp     1b
16:     xorb    %bl, %bl                /* no battery, nothing special */
        xorw    %cx, %cx
        jmp     1b
        .endm

        .section .text16, "ax"
        .global apm_entry_32, apm_entry_16
        .code32
        interface apm_entry_32, lretl, 16
        .code16
        interface apm_entry_16, lretw, 8
