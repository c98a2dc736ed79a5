/*
 * pmm.c - memory for option ROMs while POST runs; the PnP entry point.
 *
 * POST Memory Manager Specification 1.01. Blocks come from the top of two
 * areas: below 640 KiB what POST itself does not use, above 2 MiB what E820
 * will call RAM. Before INT 19h the structure is taken away. Plug and Play
 * BIOS Specification 1.0A: the structure is there for option ROMs, which look
 * whether this BIOS boots as the BIOS Boot Specification says; there are no
 * device nodes and no functions.
 */
#include "bios/real/real.h"

enum { ALLOCATE = 0, FIND = 1, DEALLOCATE = 2 };
enum { CONVENTIONAL = 1, EXTENDED = 2, ALIGNED = 4 };
enum { LOW_FROM = 0x20000, LOW_TO = 0x90000, HIGH_FROM = 0x200000 };

#define ANONYMOUS   0xffffffffu
#define UNSUPPORTED 0xffffffffu

void pmm_service(struct regs *r);

struct area {
    u32 from, to;
};

static struct area area_of(bool extended)
{
    struct area a = {LOW_FROM, LOW_TO};

    if (extended) {
        a.from = HIGH_FROM;
        a.to = 0x100000 + (bd.extended_kb << 10);
    }
    return a;
}

/* The block that overlaps, or -1. */
static int overlap(u32 at, u32 bytes)
{
    for (unsigned n = 0; n < MAX_PMM; n++)
        if (bd.pmm[n].bytes && at < bd.pmm[n].at + bd.pmm[n].bytes &&
            bd.pmm[n].at < at + bytes)
            return (int)n;
    return -1;
}

/* The highest place for so many bytes; 0 for none. */
static u32 place(bool extended, u32 bytes, u32 align)
{
    struct area a = area_of(extended);
    u32 top = a.to;

    while (top > a.from && top - a.from >= bytes) {
        u32 at = (top - bytes) & ~(align - 1);
        int n;

        if (at < a.from)
            return 0;
        n = overlap(at, bytes);
        if (n < 0)
            return at;
        top = bd.pmm[n].at;
    }
    return 0;
}

/* Paragraphs: the most that one call could get. */
static u32 largest(u16 kinds)
{
    u32 most = 0;

    for (unsigned n = 0; n < 2; n++) {
        struct area a = area_of(n);
        u32 step = a.to > a.from ? (a.to - a.from) & ~15u : 0, try = 0;

        if (!(kinds & (n ? EXTENDED : CONVENTIONAL)))
            continue;
        while (step > 15) { /* binary search: what fits is monotonous */
            if (place(n, try + step, 16))
                try += step;
            step = step >> 1 & ~15u;
        }
        most = try > most ?
        try : most
            ;
    }
    return most >> 4;
}

static int by_handle(u32 handle)
{
    for (unsigned n = 0; n < MAX_PMM; n++)
        if (bd.pmm[n].bytes && bd.pmm[n].handle == handle)
            return (int)n;
    return -1;
}

static u32 allocate(u32 paragraphs, u32 handle, u16 flags)
{
    u32 bytes = paragraphs << 4, align = 16, at = 0;
    unsigned n = 0;

    if (!(flags & (CONVENTIONAL | EXTENDED)))
        return 0;
    if (!paragraphs)
        return largest(flags);
    if (handle != ANONYMOUS && by_handle(handle) >= 0)
        return 0;
    while (n < MAX_PMM && bd.pmm[n].bytes)
        n++;
    if (n == MAX_PMM || paragraphs >= 0x8000000)
        return 0;
    if (flags & ALIGNED) /* to the lowest bit of the length */
        while (!(bytes & align))
            align <<= 1;
    if (flags & CONVENTIONAL)
        at = place(false, bytes, align);
    if (!at && flags & EXTENDED)
        at = place(true, bytes, align);
    if (at) {
        bd.pmm[n].at = at;
        bd.pmm[n].bytes = bytes;
        bd.pmm[n].handle = handle;
    }
    return at;
}

static u32 deallocate(u32 at)
{
    for (unsigned n = 0; n < MAX_PMM; n++)
        if (bd.pmm[n].bytes && bd.pmm[n].at == at) {
            bd.pmm[n].bytes = 0;
            return 0;
        }
    return 1;
}

/* Called far as a C function of the large model: its words lie behind the
 * return address, where struct regs has the flags. DX:AX is the result. */
void pmm_service(struct regs *r)
{
    const u16 *word = &r->flags;
    u32 first = word[1] | (u32)word[2] << 16, v = UNSUPPORTED;
    int n;

    switch (word[0]) {
    case ALLOCATE:
        v = allocate(first, word[3] | (u32)word[4] << 16, word[5]);
        break;
    case FIND:
        n = first == ANONYMOUS ? -1 : by_handle(first);
        v = n < 0 ? 0 : bd.pmm[n].at;
        break;
    case DEALLOCATE:
        v = deallocate(first);
        break;
    default:
        break;
    }
    r->a.x = (u16)v;
    r->d.x = (u16)(v >> 16);
}
