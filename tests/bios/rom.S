/*
 * rom.S - an option ROM with two PnP expansion headers: it tells in TAP what
 * it finds when it is initialised, connected (BCV) and booted (BEV), and
 * comes back. images.py sets the checksum.
 */
        .code16
        .text
        .global _start
HANDLE = 0x4b4c4f01
_start: .word   0xaa55
        .byte   4                       /* 2 KiB */
        jmp     init
        .org    0x1a
        .word   bev_header
        .balign 16
bev_header:
        .ascii  "$PnP"
        .byte   1, 2
        .word   bcv_header
        .byte   0, 0
        .long   0
        .word   0, product
        .byte   2, 0, 0, 0x14
        .word   0, 0, bev, 0, 0
bcv_header:
        .ascii  "$PnP"
        .byte   1, 2
        .word   0
        .byte   0, 0
        .long   0
        .word   0, product
        .byte   1, 0, 0, 0x14
        .word   bcv, 0, 0, 0, 0
product:
        .asciz  "test ROM"

        /* A result: carry says that it is bad. Keeps all registers. */
        .macro  result text
        pushaw
        movw    $1f, %si
        call    tell
        popaw
        jmp     2f
1:      .asciz  "\text\r\n"
2:
        .endm

tell:   jc      1f
        pushw   %si
        movw    $good, %si
        jmp     2f
1:      pushw   %si
        movw    $bad, %si
2:      call    print
        popw    %si
print:  cld
1:      movw    $0x3fd, %dx
        inb     %dx, %al
        testb   $0x20, %al
        jz      1b
        .byte   0x2e                    /* cs */
        lodsb
        testb   %al, %al
        jz      2f
        movw    $0x3f8, %dx
        outb    %al, %dx
        jmp     1b
2:      ret
bad:    .ascii  "not "
good:   .asciz  "ok - option ROM: "
count:  .asciz  "1..13\r\n"

        /* Carry: ES:DI does not show $PnP. */
check_pnp:
        cmpl    $0x506e5024, %es:(%di)
        jne     no
        cmpb    $0x10, %es:4(%di)
        jne     no
        clc
        ret
no:     stc
        ret
        .macro  check condition
        \condition 1f
        stc
        jmp     2f
1:      clc
2:
        .endm

init:   pushaw
        pushw   %es
        pushw   %ds
        movw    $0x3fb, %dx             /* 115200 bits, 8N1 */
        movb    $0x83, %al
        outb    %al, %dx
        movw    $0x3f8, %dx
        movw    $1, %ax
        outw    %ax, %dx
        movw    $0x3fb, %dx
        movb    $3, %al
        outb    %al, %dx
        pushw   %si
        movw    $count, %si
        call    print
        popw    %si
        call    check_pnp
        result  "ES:DI shows $PnP"
        movb    $1, %cs:writable
        cmpb    $1, %cs:writable
        check   je
        result  "it may write to itself"
        call    find_pmm
        result  "there is $PMM"
        pushw   $2                      /* extended */
        pushl   $HANDLE
        pushl   $0x1000                 /* 64 KiB */
        pushw   $0
        lcall   *%es:7(%di)
        addw    $12, %sp
        movw    %dx, %bx
        shll    $16, %ebx
        movw    %ax, %bx
        cmpl    $0x100000, %ebx
        check   jae
        result  "PMM: 64 KiB above 1 MiB"
        xorw    %ax, %ax
        movw    %ax, %ds
        addr32 movl $0x12345678, (%ebx)
        addr32 cmpl $0x12345678, (%ebx)
        check   je
        result  "it is reached in big real mode"
        pushl   $HANDLE
        pushw   $1
        lcall   *%es:7(%di)
        addw    $6, %sp
        cmpw    %bx, %ax
        check   je
        result  "PMM: found by its handle"
        pushl   %ebx
        pushw   $2
        lcall   *%es:7(%di)
        addw    $6, %sp
        orw     %dx, %ax
        check   jz
        result  "PMM: given back"
        pushl   $HANDLE
        pushw   $1
        lcall   *%es:7(%di)
        addw    $6, %sp
        orw     %dx, %ax
        check   jz
        result  "PMM: and no longer found"
        pushw   $1                      /* conventional */
        pushl   $0xffffffff
        pushl   $0
        pushw   $0
        lcall   *%es:7(%di)
        addw    $12, %sp
        testw   %dx, %dx                /* paragraphs, below 1 MiB */
        jnz     1f
        cmpw    $0x1000, %ax
1:      check   jae
        result  "PMM: how much there is"
        pushw   $9
        lcall   *%es:7(%di)
        addw    $2, %sp
        andw    %dx, %ax
        cmpw    $0xffff, %ax
        check   je
        result  "PMM: no function 9"
        popw    %ds
        popw    %es
        popaw
        movw    $0x20, %ax              /* a boot device is there */
        lretw

        /* ES:DI: the structure. */
find_pmm:
        movw    $0xe000, %ax
1:      movw    %ax, %es
        xorw    %di, %di
        cmpl    $0x4d4d5024, %es:(%di)
        je      2f
        incw    %ax
        jnz     1b
        stc
        ret
2:      clc
        ret

bcv:    call    check_pnp
        result  "its BCV is called"
        pushw   %ds
        movw    $0x40, %ax
        movw    %ax, %ds
        incb    0x75
        popw    %ds
        lretw

bev:    call    check_pnp
        jc      1f
        call    find_pmm
        cmc
1:      result  "its BEV is called, PMM is gone"
        lretw
writable:
        .byte   0
        .org    2047
        .byte   0
