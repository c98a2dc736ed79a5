/*
 * smbios.c - SMBIOS 2.8 (DMTF DSP0134): entry point and structures, in the
 * 4 KiB for tables of the F segment.
 */
#include "bios/post/post.h"

enum { ROOM = 0x280, PROCESSOR_ROOM = 0x80, ENTRY_BYTES = 31 };

struct writer {
    u8 *start, *at, *end;
    u8 *structure;
    u16 count, largest, handle;
};

static void byte(struct writer *w, u32 v)
{
    if (w->at < w->end)
        *w->at++ = (u8)v;
}

static void word(struct writer *w, u32 v)
{
    byte(w, v);
    byte(w, v >> 8);
}

static void dword(struct writer *w, u32 v)
{
    word(w, v);
    word(w, v >> 16);
}

static void zeros(struct writer *w, unsigned n)
{
    while (n--)
        byte(w, 0);
}

static void begin(struct writer *w, u8 type, u16 handle)
{
    w->structure = w->at;
    w->handle = handle;
    byte(w, type);
    byte(w, 0);
    word(w, handle);
}

/* Strings behind the formatted part; the list ends with NULL. */
static void end(struct writer *w, const char *const *strings)
{
    u32 bytes;

    w->structure[1] = (u8)(w->at - w->structure);
    if (!strings || !*strings)
        byte(w, 0);
    for (; strings && *strings; strings++) {
        for (const char *s = *strings; *s; s++)
            byte(w, (u8)*s);
        byte(w, 0);
    }
    byte(w, 0);
    bytes = (u32)(w->at - w->structure);
    if (bytes > w->largest)
        w->largest = (u16)bytes;
    w->count++;
}

static void firmware(struct writer *w)
{
    static const char *const s[] = {"Klochs", ROM_VERSION, "11/21/2026", NULL};

    begin(w, 0, 0x0000);
    byte(w, 1);
    byte(w, 2);
    word(w, 0xe000);
    byte(w, 3);
    byte(w, 1);           /* 128 KiB */
    dword(w, 0x00099490); /* ISA, PCI, APM, shadow, CD, boot menu, EDD */
    dword(w, 0);
    byte(w, 0x01); /* ACPI */
    byte(w, 0x11); /* boot specification, virtual machine */
    byte(w, 1);
    byte(w, 0);
    byte(w, 0xff);
    byte(w, 0xff);
    end(w, s);
}

static void system(struct writer *w)
{
    static const char *const s[] = {"Klochs", "PC (i440FX + PIIX)", "1", NULL};

    begin(w, 1, 0x0100);
    byte(w, 1);
    byte(w, 2);
    byte(w, 3);
    byte(w, 0);
    zeros(w, 16); /* UUID not set */
    byte(w, 6);   /* power switch */
    byte(w, 0);
    byte(w, 0);
    end(w, s);
}

static void chassis(struct writer *w)
{
    static const char *const s[] = {"Klochs", NULL};

    begin(w, 3, 0x0300);
    byte(w, 1);
    byte(w, 1); /* other */
    zeros(w, 3);
    byte(w, 3); /* safe: boot-up, supply, thermal */
    byte(w, 3);
    byte(w, 3);
    byte(w, 2); /* security unknown */
    dword(w, 0);
    zeros(w, 5); /* height, cords, contained elements, SKU */
    end(w, s);
}

static void processor(struct writer *w, unsigned n)
{
    const char *s[4] = {"CPU", cpu.vendor, cpu.brand, NULL};
    bool brand = cpu.brand[0], vendor = cpu.vendor[0];

    begin(w, 4, (u16)(0x0400 + n));
    byte(w, 1);
    byte(w, 3); /* central processor */
    byte(w, 1); /* family: other */
    byte(w, vendor ? 2 : 0);
    dword(w, cpu.signature);
    dword(w, cpu.features);
    byte(w, brand ? 3 : 0);
    byte(w, 0);
    word(w, 0);
    word(w, 0); /* clocks: as slow or fast as the host is */
    word(w, 0);
    byte(w, 0x41); /* enabled */
    byte(w, 1);
    word(w, 0xffff);
    word(w, 0xffff);
    word(w, 0xffff);
    zeros(w, 3);
    byte(w, 1); /* cores */
    byte(w, 1);
    byte(w, 1);
    word(w, 0);
    word(w, 1);
    word(w, 0);
    word(w, 0);
    word(w, 0);
    s[1] = vendor ? s[1] : brand ? s[2] : NULL;
    s[2] = vendor && brand ? s[2] : NULL;
    end(w, s);
}

static void memory_array(struct writer *w, u32 mib)
{
    begin(w, 16, 0x1000);
    byte(w, 3); /* system board */
    byte(w, 3); /* system memory */
    byte(w, 3); /* no error correction */
    dword(w, mib * 1024);
    word(w, 0xfffe);
    word(w, 1);
    dword(w, 0);
    dword(w, 0);
    end(w, NULL);
}

static void memory_device(struct writer *w, u32 mib)
{
    static const char *const s[] = {"DIMM 0", NULL};

    begin(w, 17, 0x1100);
    word(w, 0x1000);
    word(w, 0xfffe);
    word(w, 0xffff);
    word(w, 0xffff);
    word(w, mib < 0x7fff ? mib : 0x7fff);
    byte(w, 9); /* DIMM */
    byte(w, 0);
    byte(w, 1);
    byte(w, 0);
    byte(w, 7); /* RAM */
    word(w, 2);
    word(w, 0);
    zeros(w, 4); /* manufacturer, serial, tag, part number */
    byte(w, 0);
    dword(w, mib < 0x7fff ? 0 : mib);
    zeros(w, 2 + 6); /* clock, voltages */
    end(w, s);
}

static void mapped_range(struct writer *w, u16 handle, u32 first_kb,
                         u32 last_kb)
{
    begin(w, 19, handle);
    dword(w, first_kb);
    dword(w, last_kb);
    word(w, 0x1000);
    byte(w, 1);
    dword(w, 0);
    dword(w, 0);
    dword(w, 0);
    dword(w, 0);
    end(w, NULL);
}

static void structures(struct writer *w)
{
    u32 low_kb = memory.below_4g >> 10;
    u32 high_kb = (u32)(memory.above_4g >> 10);
    u32 mib = (low_kb >> 10) + (high_kb >> 10);

    firmware(w);
    system(w);
    chassis(w);
    for (unsigned n = 0; n < cpu.count; n++)
        processor(w, n);
    memory_array(w, mib);
    memory_device(w, mib);
    mapped_range(w, 0x1300, 0, low_kb - 1);
    if (high_kb)
        mapped_range(w, 0x1301, 0x400000, 0x400000 + high_kb - 1);
    begin(w, 32, 0x2000);
    zeros(w, 7); /* no errors */
    end(w, NULL);
    begin(w, 127, 0x7f00);
    end(w, NULL);
}

void smbios_init(void)
{
    u8 *e = anchor_alloc(ENTRY_BYTES + 1, 16);
    struct writer w = {.count = 0};
    u32 bytes, room = ROOM + cpu.count * PROCESSOR_ROOM;

    w.start = w.at = anchor_alloc(room, 16);
    if (!e || !w.start)
        return;
    w.end = w.start + room;
    structures(&w);
    bytes = (u32)(w.at - w.start);
    memcpy(e, "_SM_", 4);
    e[5] = ENTRY_BYTES;
    e[6] = 2;
    e[7] = 8;
    *(u16 *)(e + 8) = w.largest;
    memcpy(e + 16, "_DMI_", 5);
    *(u16 *)(e + 22) = (u16)bytes;
    *(u32 *)(e + 24) = (u32)w.start;
    *(u16 *)(e + 28) = w.count;
    e[30] = 0x28;
    e[21] = checksum(e + 16, 15);
    e[4] = checksum(e, ENTRY_BYTES);
    debug("SMBIOS at %x, %u structures, %u bytes\n", (u32)e, w.count, bytes);
}
