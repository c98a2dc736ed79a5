/*
 * tones.S - a boot sector that plays one tone after another, and ends.
 *
 * PC speaker 1000 Hz, Sound Blaster 16 500 Hz by auto-init DMA, OPL3 440 Hz, a
 * note to MIDI; then it writes to port F4h (debug_exit).
 */
        .code16
        .globl _start
_start:
        cli
        xor %ax, %ax
        mov %ax, %ss
        mov $0x7c00, %sp
        mov %ax, %ds
        cld

        /* speaker: counter 2, mode 3, 1193 */
        mov $0xb6, %al
        out %al, $0x43
        mov $0xa9, %al
        out %al, $0x42
        mov $4, %al
        out %al, $0x42
        in $0x61, %al
        or $3, %al
        out %al, $0x61
        call pause
        and $0xfc, %al
        out %al, $0x61
        call pause

        /* samples: 64 bytes at 20000h, two periods of a square */
        mov $0x2000, %ax
        mov %ax, %es
        xor %di, %di
        mov $2, %dl
1:      mov $0xc0, %al
        mov $16, %cx
        rep stosb
        mov $0x40, %al
        mov $16, %cx
        rep stosb
        dec %dl
        jnz 1b

        /* DSP reset, full volume */
        mov $0x226, %dx
        mov $1, %al
        out %al, %dx
        call short_pause
        xor %al, %al
        out %al, %dx
        call short_pause
        mov $0x22a, %dx
        in %dx, %al
        cmp $0xaa, %al
        jne fail
        mov $0x224, %dx
        mov $mixer, %si
        mov $6, %cx
2:      lodsw
        out %ax, %dx
        loop 2b

        /* DMA channel 1: single, auto-init, from memory */
        mov $dma, %si
        mov $9, %cx
3:      lodsw
        movzbw %al, %dx
        mov %ah, %al
        out %al, %dx
        loop 3b

        /* 16 kHz, blocks of 64 */
        mov $0x22c, %dx
        mov $dsp, %si
        mov $7, %cx
        rep outsb
        mov $75, %cx            /* blocks: 300 ms */
4:      mov $0x82, %al
        mov $0x224, %dx
        out %al, %dx
        inc %dx
5:      in %dx, %al
        test $1, %al
        jz 5b
        mov $0x22e, %dx
        in %dx, %al
        loop 4b
        mov $0x22c, %dx
        mov $0xda, %al
        out %al, %dx
        call pause

        /* OPL3: 440 Hz, the modulator silent */
        mov $fm, %si
        mov $11, %cx
        call fm_write
        call pause
        mov $1, %cx
        call fm_write
        call pause

        /* MPU-401: UART mode, note on */
        mov $0x331, %dx
        mov $0x3f, %al
        out %al, %dx
        dec %dx
        mov $note, %si
        mov $3, %cx
        rep outsb

        mov $0, %al
        jmp end
fail:   mov $1, %al
end:    mov $0xf4, %dx
        out %al, %dx
        hlt

fm_write:
        lodsw
        mov $0x388, %dx
        out %al, %dx
        inc %dx
        mov %ah, %al
        out %al, %dx
        loop fm_write
        ret

        /* 6 million and some thousand instructions */
pause:  push %cx
        mov $100, %bx
6:      mov $60000, %cx
7:      loop 7b
        dec %bx
        jnz 6b
        pop %cx
        ret
short_pause:
        mov $2000, %cx
8:      loop 8b
        ret

mixer:  .byte 0x30, 0xf8, 0x31, 0xf8, 0x32, 0xf8, 0x33, 0xf8
        .byte 0x34, 0xf8, 0x35, 0xf8
dma:    .byte 0x0a, 5, 0x0c, 0, 0x0b, 0x59, 2, 0, 2, 0, 3, 63, 3, 0
        .byte 0x83, 2, 0x0a, 1
dsp:    .byte 0x41, 16000 / 256, 16000 % 256, 0xc6, 0, 63, 0
fm:     .byte 0x20, 0x21, 0x40, 0x3f, 0x60, 0xf0, 0x80, 0x0f
        .byte 0x23, 0x21, 0x43, 0x00, 0x63, 0xf0, 0x83, 0x0f
        .byte 0xc0, 0x00, 0xa0, 580 % 256, 0xb0, 0x30 + 580 / 256
        .byte 0xb0, 0x10 + 580 / 256
note:   .byte 0x90, 60, 100

        .org 510
        .word 0xaa55
