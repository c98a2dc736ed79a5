/*
 * second.S - a boot sector that says in one line of TAP that it was started,
 * from drive 00h; then the power goes off.
 */
        .code16
        .section .boot, "ax"
        .global _start
_start: ljmpw   $0, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ds
        cld
        movw    $good, %si
        testb   %dl, %dl                /* the floppy's number */
        jz      2f
        movw    $bad, %si
2:      lodsb
        testb   %al, %al
        jz      3f
        movb    $0x01, %ah
        xorw    %dx, %dx
        int     $0x14
        jmp     2b
3:      movw    $0x2000, %ax
        movw    $0xb004, %dx
        outw    %ax, %dx
4:      hlt
        jmp     4b
bad:    .ascii  "not "
good:   .asciz  "ok - the floppy boots\r\n"
        .org    510
        .word   0xaa55
