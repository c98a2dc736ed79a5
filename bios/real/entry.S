/*
 * entry.S - the fixed addresses of F000h, and the way from INT n into C.
 *
 * Programs know some addresses of the IBM AT BIOS; they lie in the section
 * .fixed, which begins at E000h. A service saves the registers as struct regs
 * (real.h) on the caller's stack and calls its C function with a pointer to
 * them. INT 13h takes a stack of its own when that is free.
 */
        .code16

DATA_SEG = 0xec00
CODE_SEG = 0xf000
STACK_TOP = 0x4000

/* Offsets in struct bios_data, checked in string.c. */
STACK_BUSY = 8
STACK_SP = 28
STACK_SS = 30

REGS_BYTES = 8 + 32 + 6         /* struct regs */
REGS_SAVED = 8 + 32
REGS_FLAGS = 8 + 32 + 4

        .macro save
        pushal
        pushw   %ds
        pushw   %es
        pushw   %fs
        pushw   %gs
        cld
        .endm

        .macro restore_registers
        popw    %gs
        popw    %fs
        popw    %es
        popw    %ds
        popal
        .endm

        .macro restore
        restore_registers
        iretw
        .endm

        /* Service on the caller's stack. */
        .macro service function
        save
        movl    $\function, %ecx
        jmp     on_caller_stack
        .endm

        /* Service on the BIOS's stack, unless that is in use. */
        .macro big_service function
        save
        movl    $\function, %ecx
        jmp     on_own_stack
        .endm

        .section .text16, "ax"

on_caller_stack:
        movw    $DATA_SEG, %ax
        movw    %ax, %fs
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movzwl  %sp, %esp
        movl    %esp, %eax
        calll   *%ecx
        restore

on_own_stack:
        movw    $DATA_SEG, %ax
        movw    %ax, %fs
        cmpb    $0, %fs:STACK_BUSY
        jne     on_caller_stack
        movb    $1, %fs:STACK_BUSY
        movw    %ss, %dx
        movw    %dx, %fs:STACK_SS
        movw    %sp, %fs:STACK_SP
        movw    %sp, %si
        movw    %dx, %ds
        movw    %ax, %es
        movw    $STACK_TOP - REGS_BYTES - 2, %di
        movw    %di, %bx
        movw    %ax, %ss
        movzwl  %bx, %esp
        movl    %ecx, %ebp
        movw    $REGS_BYTES / 2, %cx
        rep movsw
        movw    %ax, %ds
        movl    %esp, %eax
        calll   *%ebp
        cli
        cld
        movw    $STACK_TOP - REGS_BYTES - 2, %si
        movw    %fs:STACK_SP, %di
        movw    %fs:STACK_SS, %dx
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %dx, %es
        movw    %di, %bx
        movw    $REGS_SAVED / 2, %cx
        rep movsw
        movw    REGS_FLAGS(%esp), %cx
        movw    %dx, %ss
        movzwl  %bx, %esp
        movw    %cx, %ss:REGS_FLAGS(%esp)
        movb    $0, %fs:STACK_BUSY
        restore

/* void call_int(u32 vector, struct regs *r), void call_far(u32, ...) */
        .global call_int, call_far, hook_int
call_int:
        movzwl  %ax, %eax
        shll    $2, %eax
        xorw    %cx, %cx
        movw    %cx, %gs
        movl    %gs:(%eax), %eax
        pushal
        pushw   %ds
        pushw   %es
        pushl   %edx                    /* r */
        movw    44(%edx), %cx
        andw    $0x00d5, %cx            /* arithmetic flags of r */
        pushfw                          /* iret takes them */
        andw    $0xff2a, %ss:(%esp)
        orw     %cx, %ss:(%esp)
        cli
        jmp     1f
call_far:
        pushal
        pushw   %ds
        pushw   %es
        pushl   %edx
1:      pushw   %cs
        pushw   $2f
        pushl   %eax                    /* where to go, through lret */
        movl    %edx, %ebp
        movw    0(%ebp), %gs
        movw    4(%ebp), %es
        movl    8(%ebp), %edi
        movl    12(%ebp), %esi
        movl    24(%ebp), %ebx
        movl    28(%ebp), %edx
        movl    32(%ebp), %ecx
        movl    36(%ebp), %eax
        pushw   6(%ebp)
        pushl   16(%ebp)
        popl    %ebp
        popw    %ds
        lretw
2:      pushfw
        pushl   %ebp
        pushl   %eax
        cld
        movw    $DATA_SEG, %ax
        movw    %ax, %fs
        movzwl  %sp, %esp
        movl    %esp, %ebp
        movl    10(%ebp), %ebp          /* r */
        popl    %ss:36(%ebp)
        popl    %ss:16(%ebp)
        popw    %ss:44(%ebp)
        movl    %ecx, %ss:32(%ebp)
        movl    %edx, %ss:28(%ebp)
        movl    %ebx, %ss:24(%ebp)
        movl    %esi, %ss:12(%ebp)
        movl    %edi, %ss:8(%ebp)
        movw    %es, %ss:4(%ebp)
        addw    $4, %sp
        popw    %es
        popw    %ds
        popal
        retl

/* void hook_int(u32 vector): all registers are kept. */
hook_int:
        pushal
        pushw   %ds
        pushw   %es
        movzwl  %ax, %eax
        shll    $2, %eax
        xorw    %cx, %cx
        movw    %cx, %gs
        pushfw
        lcallw  *%gs:(%eax)
        movw    $DATA_SEG, %ax
        movw    %ax, %fs
        movzwl  %sp, %esp
        cld
        popw    %es
        popw    %ds
        popal
        retl

/*
 * u32 block_move(u32 es_si, u32 words): INT 15h 87h in protected mode, with
 * the six descriptors at ES:SI. 0, or 3 when A20 does not open.
 */
        .global block_move
block_move:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        pushl   %ebp
        pushw   %ds
        pushw   %es
        pushw   %fs
        pushw   %gs
        movl    %edx, %ecx
        movl    %eax, %edi
        shrl    $16, %eax
        movw    %ax, %es
        movzwl  %di, %edi
        /* GDT register: limit 30h, base es * 16 + si */
        movzwl  %ax, %eax
        shll    $4, %eax
        addl    %edi, %eax
        pushl   %eax
        pushw   $0x2f
        movl    %esp, %ebp
        /* Descriptor 4: our code; 5: the stack as data, limit 64 KiB. */
        movl    $0x0000ffff, %es:0x20(%edi)
        movl    $0x00009b0f, %es:0x24(%edi)
        xorl    %edx, %edx
        movw    %ss, %dx
        shll    $4, %edx
        movl    %edx, %ebx
        shll    $16, %edx
        movw    $0xffff, %dx
        movl    %edx, %es:0x28(%edi)
        shrl    $16, %ebx
        andl    $0xf, %ebx
        orl     $0x00009300, %ebx
        movl    %ebx, %es:0x2c(%edi)
        inb     $0x92, %al
        movb    %al, %bl
        orb     $0x02, %al
        andb    $0xfe, %al
        outb    %al, $0x92
        cli
        lgdtl   %ss:(%ebp)
        movw    %ss, %dx
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpw   $0x20, $1f
1:      movw    $0x10, %ax
        movw    %ax, %ds
        movw    $0x18, %ax
        movw    %ax, %es
        movw    $0x28, %ax
        movw    %ax, %ss
        xorl    %esi, %esi
        xorl    %edi, %edi
        shrl    $1, %ecx
        jnc     2f
        addr32 movsw
2:      addr32 rep movsl
        movw    $0x28, %ax              /* limits of real mode again */
        movw    %ax, %ds
        movw    %ax, %es
        movl    %cr0, %eax
        andb    $0xfe, %al
        movl    %eax, %cr0
        ljmpw   $CODE_SEG, $3f
3:      movw    %dx, %ss
        movb    %bl, %al                /* A20 as it was */
        andb    $0xfe, %al
        outb    %al, $0x92
        addw    $6, %sp
        popw    %gs
        popw    %fs
        popw    %es
        popw    %ds
        popl    %ebp
        popl    %edi
        popl    %esi
        popl    %ebx
        xorl    %eax, %eax
        retl

/* void enter_protected(struct regs *r): INT 15h 89h. Descriptors at ES:SI:
 * 1 GDT, 2 IDT, 3 DS, 4 ES, 5 SS, 6 CS, 7 the BIOS's code, made here. The
 * caller goes on behind its INT with AX = 0, all interrupts masked. */
        .global enter_protected
enter_protected:
        movl    %eax, %ebp
        movw    4(%ebp), %es            /* ES:SI of the caller */
        movzwl  12(%ebp), %esi
        movl    $0x0000ffff, %es:0x38(%esi)
        movl    $0x00009b0f, %es:0x3c(%esi)
        movl    32(%ebp), %ecx
        movl    28(%ebp), %edx
        movl    8(%ebp), %edi
        pushw   40(%ebp)                /* IP of the caller */
        popw    %bx
        movl    16(%ebp), %eax          /* BP of the caller */
        movzwl  %bp, %esp
        addw    $46, %sp                /* its stack before the INT */
        xchgl   %eax, %ebp
        lgdtw   %es:0x08(%esi)
        lidtw   %es:0x10(%esi)
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpw   $0x38, $1f
1:      movw    $0x18, %ax
        movw    %ax, %ds
        movw    $0x20, %ax
        movw    %ax, %es
        movw    $0x28, %ax
        movw    %ax, %ss
        pushw   $0x30
        pushw   %bx
        xorw    %ax, %ax
        lretw

/* void call_mouse(u32 seg_off, u32 status_x, u32 y_z): the handler that INT
 * 15h C207h was given, with its four words on the stack. */
        .global call_mouse
call_mouse:
        pushal
        pushw   %ds
        pushw   %es
        pushw   %dx
        shrl    $16, %edx
        pushw   %dx
        pushw   %cx
        shrl    $16, %ecx
        pushw   %cx
        pushw   %cs
        pushw   $1f
        pushl   %eax
        lretw
1:      addw    $8, %sp
        movzwl  %sp, %esp
        cld
        movw    $DATA_SEG, %ax
        movw    %ax, %fs
        popw    %es
        popw    %ds
        popal
        retl

/*
 * ---- handlers that the vectors name -------------------------------------
 */
        .global int_dummy, int_master, int_slave, int_11, int_12, int_13
        .global int_16, int_17, int_18, int_19, int_1a, int_70, int_74
        .global int_75, int_76, int_14, int_15, int_08, int_09, int_0e, int_40
        .global int_02, int_05

int_master:
        service irq_master
int_slave:
        service irq_slave
int_70: service irq_rtc
int_74: service irq_mouse
int_76: service irq_disk
int_75:
        pushw   %ax
        xorw    %ax, %ax
        outb    %al, $0xf0              /* takes FERR# back */
        movb    $0x20, %al
        outb    %al, $0xa0
        outb    %al, $0x20
        popw    %ax
        int     $0x02
        iretw
int_18: cli
        movl    $int18_boot_failed, %ecx
        jmp     boot_stack
        .global boot_stack
boot_stack:
        xorw    %ax, %ax
        movw    %ax, %ss
        movl    $0x7c00, %esp
        movw    %ax, %ds
        movw    %ax, %es
        movw    $DATA_SEG, %ax
        movw    %ax, %fs
        movb    $0, %fs:STACK_BUSY
        cld
        sti
        calll   *%ecx
1:      hlt
        jmp     1b

/* Rests until an interrupt comes; for POST. */
        .global post_rest
post_rest:
        sti
        hlt
        retl

/* void boot_jump(u32 seg_off, u32 drive): to a boot sector. */
        .global boot_jump
boot_jump:
        cli
        xorl    %ecx, %ecx
        movw    %cx, %ss
        movl    $0x7c00, %esp
        movw    %cx, %ds
        movw    %cx, %es
        movw    %cx, %fs
        movw    %cx, %gs
        pushw   $0x0202
        pushl   %eax
        xorl    %eax, %eax
        movw    $0xaa55, %ax
        movzbl  %dl, %edx
        xorl    %ebx, %ebx
        xorl    %esi, %esi
        xorl    %edi, %edi
        xorl    %ebp, %ebp
        iretw

/* Called far, with arguments on the stack: pmm.c. */
        .global pmm_entry, pnp_entry
pmm_entry:
        save
        movw    $DATA_SEG, %ax
        movw    %ax, %fs
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movzwl  %sp, %esp
        movl    %esp, %eax
        calll   pmm_service
        restore_registers
        lretw

/* The same from protected mode: no such function. */
pnp_entry:
        movw    $0x0082, %ax
        lretw

int_02_body:
        service int02_nmi
int_13_body:
        big_service int13
int_14_body:
        service int14
int_16_body:
        service int16
int_09_body:
        service irq_keyboard
int_40_body:
        service floppy_service
int_0e_body:
        service irq_floppy
int_17_body:
        service int17
int_15_body:
        service int15
int_1a_body:
        service int1a
int_08_body:
        service irq_timer
int_05_body:
        service int05_print_screen
int_19_body:
        cli
        movl    $int19_boot, %ecx
        jmp     boot_stack

/*
 * ---- fixed addresses -----------------------------------------------------
 */
        .section .fixed, "ax"
        .macro  at address
        .org    \address - 0xe000, 0xff
        .endm

        /* FE00:0000, where other processors start (post/smp.c). */
        ljmpw   $CODE_SEG, $ap_start

        at      0xe05b
        jmp     reset_start             /* warm and cold start */

        at      0xe2c3
int_02: jmp     int_02_body

        at      0xe3fe
int_13: jmp     int_13_body

        at      0xe401
        .byte   0                       /* fixed disk tables lie in DATA_SEG */

        at      0xe6f2
int_19: jmp     int_19_body

        at      0xe6f5                  /* INT 15h C0h: configuration */
        .global config_table
config_table:
        .word   8
        .byte   0xfc, 0x01, 0x00        /* model, sub-model, revision */
        .byte   0x74                    /* slave PIC, RTC, 4Fh, extended area */
        .byte   0x40, 0, 0, 0           /* 16h 09h */

        at      0xe729                  /* baud rate divisors */
        .word   0x0417, 0x0300, 0x0180, 0x00c0
        .word   0x0060, 0x0030, 0x0018, 0x000c

        at      0xe739
int_14: jmp     int_14_body

        at      0xe82e
int_16: jmp     int_16_body

        at      0xe987
int_09: jmp     int_09_body

        at      0xec59
int_40: jmp     int_40_body

        at      0xef57
int_0e: jmp     int_0e_body

        at      0xefc7                  /* floppy parameters, 1.44 MB */
        .global floppy_table
floppy_table:
        .byte   0xaf, 0x02, 0x25, 0x02, 18, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 0x08

        at      0xefd2
int_17: jmp     int_17_body

        at      0xf045
        iretw

        at      0xf065
int_10: iretw

        at      0xf0a4                  /* video parameters: VGA BIOS's */
        .byte   0

        at      0xf841
int_12: pushw   %ds
        movw    $0x40, %ax
        movw    %ax, %ds
        movw    0x13, %ax
        popw    %ds
        iretw

        at      0xf84d
int_11: pushw   %ds
        movw    $0x40, %ax
        movw    %ax, %ds
        movw    0x10, %ax
        popw    %ds
        iretw

        at      0xf859
int_15: jmp     int_15_body

        at      0xfa6e                  /* characters 00h-7Fh, 8x8 */
        .include "bios/font8x8.inc"

        at      0xfe6e
int_1a: jmp     int_1a_body

        at      0xfea5
int_08: jmp     int_08_body

        at      0xff53
int_dummy:
        iretw

        at      0xff54
int_05: jmp     int_05_body

        at      0xfff0
        ljmpw   $CODE_SEG, $0xe05b
        at      0xfff5
        .ascii  "11/21/26"
        at      0xfffe
        .byte   0xfc                    /* model: AT */
        .byte   0
