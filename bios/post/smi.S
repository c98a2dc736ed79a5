/*
 * smi.S - what runs in system management mode.
 *
 * smm.c copies both parts to where they run: the first to SMBASE + 8000h of
 * the processor after reset, the second to A4000h of SMRAM. SMM begins in
 * 16-bit code with segments of 4 GiB; no stack is used.
 */
SMM_REVISION = 0xfefc
SMM_BASE_32 = 0xfef8            /* in the map of the P6 */
SMM_BASE_64 = 0xff00            /* in that of the AMD64, revision xxx64h */

GLBSTS = 0x18
GLBCTL_EOS = 0x2a
PM_CONTROL = 4
APM_CONTROL = 0xb2

        .section .post, "ax"
        .code16
        .global smm_move, smm_move_end, smm_handler, smm_handler_end

/* SMBASE becomes what smm.c puts at smm_move + 4; + 8 says that it was here. */
smm_move:
        jmp     1f
        .balign 4
        .long   0, 0
1:      movl    %cs:0x8004, %eax
        movw    $SMM_BASE_32, %bx
        cmpb    $0x64, %cs:SMM_REVISION
        jne     2f
        movw    $SMM_BASE_64, %bx
2:      movl    %eax, %cs:(%bx)
        movl    $1, %cs:0x8008
        rsm
smm_move_end:

/*
 * Commands at port B2h: ACPI enable and disable, power off (bios/data.h). The
 * power button ends everything unless ACPI has it. A chip without GLBSTS has
 * nothing but commands. The word at smm_handler + 4 is where the PM ports are.
 */
smm_handler:
        jmp     1f
        .balign 4
        .word   0, 0
1:      movw    %cs:4, %si
        leaw    GLBSTS(%si), %dx
        inb     %dx, %al
        movb    %al, %bl
        outb    %al, %dx
        leaw    2(%si), %dx
        inw     %dx, %ax                /* PMEN */
        movw    %ax, %cx
        movw    %si, %dx
        inw     %dx, %ax                /* PMSTS */
        andw    %ax, %cx
        leaw    PM_CONTROL(%si), %dx
        inw     %dx, %ax
        testb   $0x01, %ch              /* PWRBTN */
        jz      2f
        testb   $0x01, %al              /* SCI_EN */
        jz      off
2:      testb   $0x20, %bl              /* APM_STS */
        jnz     3f
        testb   %bl, %bl
        jnz     done
3:      movw    %ax, %cx
        inb     $APM_CONTROL, %al
        cmpb    $0xf1, %al
        je      enable
        cmpb    $0xf0, %al
        je      disable
        cmpb    $0xa0, %al
        jne     done
off:    movw    $0x2000, %ax            /* SUS_EN, type 0 */
        outw    %ax, %dx
        jmp     done
enable: orb     $0x01, %cl
        jmp     4f
disable:
        andb    $0xfe, %cl
4:      movw    %cx, %ax
        outw    %ax, %dx
done:   leaw    GLBCTL_EOS(%si), %dx    /* the next one may come */
        inb     %dx, %al
        orb     $0x01, %al
        outb    %al, %dx
        rsm
smm_handler_end:
