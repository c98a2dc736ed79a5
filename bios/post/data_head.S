/*
 * data_head.S - the begin of the data segment as the ROM holds it: the header
 * of an option ROM of 16 KiB, for programs that look what is there.
 */
        .section .data_head, "a"
        .byte   0x55, 0xaa, 32
        lret
        .byte   0, 0, 0, 0
