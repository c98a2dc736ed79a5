/*
 * start.S - from the reset vector to 32-bit code, and from there into 16-bit
 * code and back.
 *
 * POST is 32-bit code without paging; its stack lies below 64 KiB, so that
 * real mode can use it as it is (SS = 0).
 */
DATA_SEG = 0xec00
CODE_SEG = 0xf000
POST_STACK = 0x7000
AP_LOCK = 32                    /* in struct bios_data */
VGA_BDF = 52
AP_STACK = 0x2800               /* in the data segment, below the services' */

CODE32 = 0x08
DATA32 = 0x10
CODE16 = 0x18
DATA16 = 0x20

        .code16
        .section .text16, "ax"
        .global reset_start
reset_start:
        cli
        cld
        movb    $0x8f, %al              /* shutdown code; NMI off */
        outb    %al, $0x70
        inb     $0x71, %al
        movb    %al, %bl
        movb    $0x8f, %al
        outb    %al, $0x70
        xorb    %al, %al
        outb    %al, $0x71
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movl    $POST_STACK, %esp
        cmpb    $0x05, %bl
        je      1f
        cmpb    $0x0a, %bl
        je      2f
        movzbl  %bl, %ebx
        jmp     cold
1:      movb    $0x20, %al              /* 05h: as 0Ah, and ends interrupts */
        outb    %al, $0xa0
        outb    %al, $0x20
2:      ljmpw   *0x467

        /* EBX: shutdown code. No stack yet: it may be a sleeper's memory. */
cold:   movl    $0xf0000 + 1f, %edi
        jmp     enter_32_at
        .code32
1:
        cmpb    $0xfe, %bl
        je      resume
        movb    $0x01, %al
        outb    %al, $0x80
        movl    $0xffff0000 + shadow, %ecx
        call    *%ecx
        movl    %ebx, %eax
        movl    $post_main, %ecx        # linked where it runs, this is not
        call    *%ecx
1:      hlt
        jmp     1b

/* Out of S3: RAM is as it was, the shadow RAM too; the stack is that of the
 * data segment, since all else belongs to the system that sleeps. */
resume: movl    $0xffff0000 + shadow_on, %ecx
        movl    $0xf0000 + 1f, %edi
        jmp     *%ecx
1:      movl    $0xefff0, %esp
        movl    $resume_main, %ecx
        call    *%ecx                   /* EAX: waking vector, physical */
        testl   %eax, %eax
        jz      4f
        movl    %eax, %edx
        andl    $15, %edx
        shrl    $4, %eax
        shll    $16, %eax
        movw    %dx, %ax
        movl    %eax, %ebx
        ljmp    $CODE16, $1f
        .code16
1:      movw    $DATA16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    %cr0, %eax
        andb    $0xfe, %al
        movl    %eax, %cr0
        ljmpw   $CODE_SEG, $2f
2:      movw    $DATA_SEG, %ax
        movw    %ax, %ss
        movl    $0x3ff0, %esp
        lidtl   %cs:idt_real
        pushl   %ebx
        movw    %ss:VGA_BDF, %ax        /* the display in text mode again */
        cmpw    $0xffff, %ax
        je      3f
        lcallw  $0xc000, $0x0003
        movw    $0x0003, %ax
        int     $0x10
        cli
3:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        lretw
        .code32
4:      xorl    %ebx, %ebx              /* nobody sleeps: a cold start */
        movl    $POST_STACK, %esp
        movl    $0xffff0000 + shadow, %ecx
        call    *%ecx
        xorl    %eax, %eax
        movl    $post_main, %ecx
        call    *%ecx

/* The shadow RAM of E0000h-FFFFFh as POST has left it, without a copy. */
shadow_on:
        movw    $0xcf8, %dx
        movl    $0x80000058, %eax
        outl    %eax, %dx
        movw    $0xcfd, %dx
        movb    $0x10, %al
        outb    %al, %dx
        movw    $0xcf8, %dx
        movl    $0x8000005c, %eax
        outl    %eax, %dx
        movw    $0xcfe, %dx
        movw    $0x3111, %ax
        outw    %ax, %dx
        jmp     *%edi

/*
 * The ROM's contents into the RAM behind E0000h-FFFFFh, which is then read
 * and written: PAM0, PAM5 and PAM6 of the 82441FX. Runs in the ROM below 4
 * GiB. After a warm start the RAM still holds what the last POST wrote.
 */
shadow: movw    $0xcf8, %dx
        movl    $0x80000000, %eax
        outl    %eax, %dx
        movw    $0xcfc, %dx
        inl     %dx, %eax
        cmpl    $0x12378086, %eax
        jne     1f
        movw    $0xcf8, %dx
        movl    $0x80000058, %eax       /* 59h is PAM0 */
        outl    %eax, %dx
        movw    $0xcfd, %dx
        movb    $0x30, %al
        outb    %al, %dx
        movw    $0xcf8, %dx
        movl    $0x8000005c, %eax       /* 5Eh, 5Fh */
        outl    %eax, %dx
        movw    $0xcfe, %dx
        movw    $0x3333, %ax
        outw    %ax, %dx
        movl    $0xfffe0000, %esi
        movl    $0x000e0000, %edi
        movl    $0x20000 / 4, %ecx
        rep movsl
1:      ret

        .code16
        /* Returns (16-bit operand of calll: 32-bit return address) in 32-bit
         * mode behind the call. Keeps EBX. */
enter_32:
        popl    %edi
        addl    $0xf0000, %edi
        /* Goes on at EDI, without a stack. */
enter_32_at:
        cli
        inb     $0x92, %al              /* A20 */
        orb     $0x02, %al
        andb    $0xfe, %al
        outb    %al, $0x92
        lgdtl   %cs:gdt_register
        movl    %cr0, %eax
        andl    $0x9fffffff, %eax       /* CD, NW: the caches are on */
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $CODE32, $(0xf0000 + in_32)
        .code32
in_32:  movl    $DATA32, %eax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    %ax, %fs
        movw    %ax, %gs
        jmp     *%edi

/* Another processor: one at a time to ap_main, then it rests for good. */
        .code16
        .global ap_start
ap_start:
        cli
        cld
        movw    $DATA_SEG, %ax
        movw    %ax, %ds
1:      movb    $1, %al
        xchgb   %al, AP_LOCK
        testb   %al, %al
        jz      2f
        pause
        jmp     1b
2:      lgdtl   %cs:gdt_register
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $CODE32, $(0xf0000 + ap_32)
        .code32
ap_32:  movl    $DATA32, %eax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $DATA_SEG * 16 + AP_STACK, %esp
        movl    $ap_main, %ecx
        call    *%ecx
        movb    $0, DATA_SEG * 16 + AP_LOCK
1:      cli
        hlt
        jmp     1b

        .balign 8
gdt:    .quad   0
        .quad   0x00cf9b000000ffff      /* CODE32: flat */
        .quad   0x00cf93000000ffff      /* DATA32: flat */
        .quad   0x00009b0f0000ffff      /* CODE16: base F0000h */
        .quad   0x000093000000ffff      /* DATA16: base 0 */
gdt_end:
gdt_register:
        .word   gdt_end - gdt - 1
        .long   0xf0000 + gdt
idt_real:
        .word   0x3ff
        .long   0

/*
 * void real_call(u32 kind, u32 target, struct real_regs *r): with interrupts
 * on. kind 0: INT target; 1: far call to seg:off; 2: C function of the 16-bit
 * part, r is its argument. Registers are struct regs (real.h). Far calls are
 * made in "big real mode": segments end at 4 GiB.
 */
        .section .post, "ax"
        .code32
        .global real_call
real_call:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        pushl   %ebp
        movl    %eax, %ebx
        movl    %edx, %esi
        movl    %ecx, %edx              /* r */
        ljmp    $CODE16, $to_real

        .code16
        .section .text16, "ax"
to_real:
        movw    $DATA16, %ax
        movw    %ax, %ss
        cmpl    $1, %ebx                /* ROMs reach all memory: PMM 1.01 */
        jne     1f
        movw    $DATA32, %ax
1:      movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movl    %cr0, %eax
        andb    $0xfe, %al
        movl    %eax, %cr0
        ljmpw   $CODE_SEG, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    %ax, %gs
        movw    $DATA_SEG, %ax
        movw    %ax, %fs
        lidtl   %cs:idt_real
        movl    %esi, %eax
        sti
        cmpl    $1, %ebx
        je      2f
        ja      3f
        calll   call_int
        jmp     4f
2:      calll   call_far
        jmp     4f
3:      movl    %eax, %ecx
        movl    %edx, %eax
        calll   *%ecx
4:      movl    %eax, %ebx
        calll   enter_32
        .code32
        movl    %ebx, %eax
        popl    %ebp
        popl    %edi
        popl    %esi
        popl    %ebx
        ret

/*
 * A kernel in place of a boot sector: kernel_main (post/kernel.c) loads it,
 * with the data segment's stack, since all RAM below may belong to it.
 */
        .section .text16, "ax"
        .code16
        .global kernel_jump
kernel_jump:
        movl    $0xf0000 + 1f, %edi
        jmp     enter_32_at
        .code32
1:      movl    $0xefff0, %esp
        movl    $kernel_main, %ecx
        call    *%ecx
        ljmp    $CODE16, $1f            # it came back
        .code16
1:      movw    $DATA16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    %cr0, %eax
        andb    $0xfe, %al
        movl    %eax, %cr0
        ljmpw   $CODE_SEG, $2f
2:      lidtl   %cs:idt_real
        movl    $kernel_failed, %ecx
        jmp     boot_stack

/* void kernel_enter_32(u32 entry, u32 eax, u32 ebx) */
        .section .post, "ax"
        .code32
        .global kernel_enter_32, kernel_enter_16
kernel_enter_32:
        movl    %ecx, %ebx
        movl    %eax, %ecx
        movl    %edx, %eax
        xorl    %edx, %edx
        xorl    %esi, %esi
        xorl    %edi, %edi
        xorl    %ebp, %ebp
        cld
        jmp     *%ecx

/* void kernel_enter_16(u32 segment, u32 stack): to segment + 20h:0 with all
 * segments but CS at `segment`. */
kernel_enter_16:
        movl    %eax, %ebx
        movl    %edx, %ebp
        ljmp    $CODE16, $to_setup
        .code16
        .section .text16, "ax"
to_setup:
        movw    $DATA16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movl    %cr0, %eax
        andb    $0xfe, %al
        movl    %eax, %cr0
        ljmpw   $CODE_SEG, $1f
1:      lidtl   %cs:idt_real
        movw    %bx, %ds
        movw    %bx, %es
        movw    %bx, %fs
        movw    %bx, %gs
        movw    %bx, %ss
        movl    %ebp, %esp
        addw    $0x20, %bx
        pushw   %bx
        pushw   $0
        xorl    %eax, %eax
        xorl    %ebx, %ebx
        xorl    %ecx, %ecx
        xorl    %edx, %edx
        xorl    %ebp, %ebp
        xorl    %esi, %esi
        xorl    %edi, %edi
        cld
        lretw
