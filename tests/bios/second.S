/*
 * second.S - a boot sector that says in one line of TAP that it was started,
 * from drive 00h or 80h; then the power goes off.
 */
        .code16
        .section .boot, "ax"
        .global _start
_start: ljmpw   $0, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ds
        cld
        pushw   %dx
        movw    $0x00e3, %ax            /* 9600 bits, 8N1 */
        xorw    %dx, %dx
        int     $0x14
        popw    %dx
        movw    $good, %si
        testb   %dl, %dl
        jz      2f
        movw    $disk, %si
        cmpb    $0x80, %dl
        je      2f
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
bad:    .asciz  "not ok - booted from a strange drive\r\n"
disk:   .asciz  "ok - the disk boots\r\n"
good:   .asciz  "ok - the floppy boots\r\n"
        .org    510
        .word   0xaa55
