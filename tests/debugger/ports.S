# ports.S - a ROM of 64 KiB that asks for the debugger by ports 8900h, 8A00h.
        .code16
        .globl  _start
        .macro  command value
        movw    $\value, %ax
        outw    %ax, (%dx)
        .endm
_start:
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7c00, %sp
        movw    $0x8a00, %dx
        inw     (%dx), %ax
        movw    %ax, 0x500              # off: 0
        command 0x8ae0                  # means nothing yet
        command 0x8a00
        inw     (%dx), %ax
        movw    %ax, 0x502              # on: 8A00h
        command 0x8a01
        incw    %dx
        command 0x0000
        command 0x0600                  # from 600h
        decw    %dx
        command 0x8a02
        incw    %dx
        command 0x0000
        command 0x0603                  # to 603h
        decw    %dx
        command 0x8a80
        movb    $1, 0x5ff
        movb    $2, 0x603               # stops
        movb    0x600, %al              # stops
        movb    $3, 0x604
        command 0x8ae3
        nop                             # traced
        command 0x8ae2
        command 0x8ae5
        nop                             # with registers
        command 0x8ae4
        nop
        command 0x8ae0                  # stops
        nop
        command 0x8aff
        inw     (%dx), %ax
        movw    %ax, 0x504              # off: 0
        movb    $4, 0x603               # no more
        movw    $0x8900, %dx
        movb    $'D', %al
        outb    %al, (%dx)              # stops
        nop
        movl    $0x0a000000, 0x610      # fw_cfg: item 0, 4 bytes to 620h
        movl    $0x04000000, 0x614
        movl    $0, 0x618
        movl    $0x20060000, 0x61c
        movl    $0x10060000, %eax
        movw    $0x518, %dx
        outl    %eax, (%dx)
        nop
        movw    $0x8900, %dx
        movw    $word, %si
        movw    $8, %cx
next:   cs lodsb
        outb    %al, (%dx)
        loop    next
hang:   hlt
        jmp     hang
word:   .ascii  "Shutdown"
        .org    0xfff0
        ljmp    $0xf000, $0
        .org    0x10000
