/*
 * acpi.h - physical memory and the ACPI tables, for programs of the BIOS tests.
 */
#ifndef TESTS_BIOS_ACPI_H
#define TESTS_BIOS_ACPI_H

#include "tests/bios/guest.h"

enum { HERE = SEGMENT * 16 };

static inline void descriptor(u8 *d, u32 base)
{
    *(u16 *)d = 0xffff;
    *(u32 *)(d + 2) = (base & 0xffffff) | 0x93000000;
    d[6] = 0;
    d[7] = (u8)(base >> 24);
}

/* Physical memory, by INT 15h 87h. */
static inline void move(u32 to, u32 from, u32 bytes)
{
    static u8 gdt[48];
    struct regs r = fresh(0x8700);

    descriptor(gdt + 16, from);
    descriptor(gdt + 24, to);
    r.c.x = (u16)(bytes / 2);
    r.si.x = (u16)(uintptr_t)gdt;
    int_call(0x15, &r);
}

static inline u32 load(u32 at)
{
    static volatile u32 v;

    move(HERE + (u32)(uintptr_t)&v, at, 4);
    return v;
}

static inline void store(u32 at, u32 v)
{
    static volatile u32 from;

    from = v;
    move(at, HERE + (u32)(uintptr_t)&from, 4);
}

static inline bool is_rsdp(u16 seg)
{
    u8 sum = 0;

    for (u16 n = 0; n < 20; n++)
        sum = (u8)(sum + peek(seg, n, 1));
    return peek(seg, 0, 4) == 0x20445352 && peek(seg, 4, 4) == 0x20525450 &&
           !sum;
}

/* The physical address of a table of the RSDT; 0 without. */
static inline u32 table(u32 signature)
{
    u32 at = 0xe0000, rsdt, bytes;

    while (at < 0x100000 && !is_rsdp((u16)(at >> 4)))
        at += 16;
    if (at == 0x100000)
        return 0;
    rsdt = peek((u16)(at >> 4), 16, 4);
    bytes = load(rsdt + 4);
    for (u32 n = 36; n < bytes; n += 4)
        if (load(load(rsdt + n)) == signature)
            return load(rsdt + n);
    return 0;
}

static inline u8 cmos(u8 index)
{
    outb(0x70, index);
    return inb(0x71);
}

#endif
