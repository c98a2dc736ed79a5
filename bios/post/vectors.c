/*
 * vectors.c - interrupt vectors and the BIOS data area at 400h.
 */
#include "bios/post/post.h"

/* Offsets in F000h: symbols of real/entry.S. */
extern const u8 int_02[], int_05[], int_08[], int_09[], int_0e[], int_11[];
extern const u8 int_12[], int_13[], int_14[], int_15[], int_16[], int_17[];
extern const u8 int_18[], int_19[], int_1a[], int_40[], int_70[], int_74[];
extern const u8 int_75[], int_76[], int_dummy[], int_master[], int_slave[];
extern const u8 floppy_table[];

static void set(unsigned vector, const u8 *offset)
{
    *mem32(vector * 4) = (u32)CODE_SEG << 16 | (u16)(u32)offset;
}

void vectors_init(void)
{
    for (unsigned n = 0; n < 0x78; n++)
        set(n, int_dummy);
    for (unsigned n = 0x78; n < 0x100; n++)
        *mem32(n * 4) = 0;
    for (unsigned n = 0x60; n < 0x68; n++)
        *mem32(n * 4) = 0; /* for programs */
    for (unsigned n = 0x08; n < 0x10; n++)
        set(n, int_master);
    for (unsigned n = 0x70; n < 0x78; n++)
        set(n, int_slave);
    set(0x02, int_02);
    set(0x05, int_05);
    set(0x08, int_08);
    set(0x09, int_09);
    set(0x0e, int_0e);
    set(0x11, int_11);
    set(0x12, int_12);
    set(0x13, int_13);
    set(0x14, int_14);
    set(0x15, int_15);
    set(0x16, int_16);
    set(0x17, int_17);
    set(0x18, int_18);
    set(0x19, int_19);
    set(0x1a, int_1a);
    *mem32(0x1d * 4) = 0xf000f0a4;
    set(0x1e, floppy_table);
    *mem32(0x1f * 4) = 0;
    set(0x40, int_40);
    *mem32(0x43 * 4) = 0;
    set(0x70, int_70);
    set(0x74, int_74);
    set(0x75, int_75);
    set(0x76, int_76);
    set(0x77, int_76);

    memset((void *)0x400, 0, 0x100);
    *mem16(0x410) = 0x0026; /* FPU, mouse port, 80x25 colour */
    *mem16(0x413) = 639;
    *mem16(0x41a) = 0x1e;
    *mem16(0x41c) = 0x1e;
    *mem16(0x480) = 0x1e;
    *mem16(0x482) = 0x3e;
}
