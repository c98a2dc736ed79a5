# devices.S - a ROM of 64 KiB that sets the usual chips up, for `info device`.
#
# At the magic XCHG all is done; then it waits for interrupts, with a handler
# that does nothing.
        .code16
        .globl  _start
        .macro  put port, value
        movb    $\value, %al
        .if \port < 256
        outb    %al, $\port
        .else
        movw    $\port, %dx
        outb    %al, %dx
        .endif
        .endm
        .macro  vga port, index, value
        put     \port, \index
        put     (\port + 1), \value
        .endm
        .macro  pci addr, value
        movl    $0x80000000 + (\addr & 0xfffc), %eax
        movw    $0xcf8, %dx
        outl    %eax, %dx
        movw    $0xcfc + (\addr & 3), %dx
        movb    $\value, %al
        outb    %al, %dx
        .endm
_start:
        put     0x3f2, 0x1c             # the floppy controller needs 250 us
        movw    $0x4000, %cx
wait:   loop    wait
        pci     0x1004, 0x03            # an adapter on the PCI bus answers
        put     0x20, 0x11
        put     0x21, 0x08
        put     0x21, 0x04
        put     0x21, 0x01
        put     0xa0, 0x11
        put     0xa1, 0x70
        put     0xa1, 0x02
        put     0xa1, 0x01
        put     0x21, 0xb8
        put     0xa1, 0x8f
        put     0x43, 0x34
        put     0x40, 0x34
        put     0x40, 0x12
        put     0x43, 0x54
        put     0x41, 0x12
        put     0x43, 0xb6
        put     0x42, 0x00
        put     0x42, 0x04
        put     0x61, 0x03
        put     0x0c, 0x00
        put     0x0b, 0x46
        put     0x04, 0x00
        put     0x04, 0x10
        put     0x05, 0xff
        put     0x05, 0x01
        put     0x81, 0x01
        put     0x0a, 0x02
        put     0xd6, 0xc0
        put     0xd4, 0x00
        put     0x70, 0x0a
        put     0x71, 0x26
        put     0x70, 0x40
        put     0x71, 0x55
        pci     0x5b, 0x11
        pci     0x5a, 0x33
        pci     0x860, 0x0b
        pci     0x861, 0x0a
        put     0x4d0, 0x08
        put     0x4d1, 0x0c
        put     0x3c2, 0x67
        vga     0x3c4, 1, 0
        vga     0x3c4, 2, 3
        vga     0x3c4, 4, 2
        vga     0x3ce, 5, 0x10
        vga     0x3ce, 6, 0x0e
        movw    $0x3da, %dx
        inb     %dx, %al
        put     0x3c0, 0x10
        put     0x3c0, 0x0c
        put     0x3c0, 0x20
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7000, %sp
        movw    $8 * 4, %bx             # IRQ 0
        movw    $ignore - _start, (%bx)
        movw    $0xf000, 2(%bx)
        movw    $15 * 4, %bx            # IRQ 7
        movw    $ignore - _start, (%bx)
        movw    $0xf000, 2(%bx)
        xchgw   %bx, %bx
        sti
hang:   hlt
        jmp     hang
ignore: iret
        .org    0xfff0
        ljmp    $0xf000, $0
        .org    0x10000
