# rom.S - a ROM of 64 KiB that does what firmware does with a boot sector.
        .code16
        .globl  _start
_start:
        cld
        lidtl   %cs:idtr - _start
        xorw    %di, %di
        movw    %di, %es
        movw    %di, %ss
        movw    %cs, %di
        movw    %di, %ds
        movw    $0x7c00, %sp
        movw    $sector - _start, %si
        movw    $0x7c00, %di
        movw    $256, %cx
        rep movsw
        ljmpw   $0, $0x7c00
idtr:   .word   0x3ff
        .long   0
sector: .incbin "tour.img"
        .org    0xfff0
        ljmpw   $0xf000, $0
        .org    0x10000
