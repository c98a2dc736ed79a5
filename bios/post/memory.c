/*
 * memory.c - how much RAM there is, the map of it, and the shadow RAM.
 *
 * Sizes come from CMOS, where the board (or an emulator) leaves them.
 * Shadow RAM: PAM registers of the Intel 82441FX, 290549-001, 3.2.19.
 */
#include "bios/post/post.h"

enum { PAM0 = 0x59, PAM_READ = 1, PAM_BOTH = 3 };

#define ROM_AT       0xfffe0000u
#define SHADOW_AT    0xe0000u
#define ANCHORS      0xfd000u
#define ANCHORS_END  0xfe000u
#define TABLES_BYTES 0x10000u
#define NVS_BYTES    0x1000u
#define HOST_BRIDGE  0x0000
#define LOW_TOP      0x9fc00u

struct memory memory;
static u32 anchor_next;

bool has_pam(void)
{
    return pci_read32(HOST_BRIDGE, 0) == 0x12378086;
}

/* All read-only but the data segment at EC000h. */
void shadow_close(void)
{
    if (!has_pam())
        return;
    pci_write8(HOST_BRIDGE, PAM0, PAM_READ << 4);
    pci_write8(HOST_BRIDGE, PAM0 + 5, PAM_READ * 0x11);
    pci_write8(HOST_BRIDGE, PAM0 + 6, PAM_READ | PAM_BOTH << 4);
    for (unsigned n = 0; n < 4; n++) {
        bd.rom_windows[n] = pci_read8(HOST_BRIDGE, PAM0 + 1 + n) & 0x11;
        pci_write8(HOST_BRIDGE, PAM0 + 1 + n, bd.rom_windows[n]);
    }
}

void *anchor_alloc(u32 bytes, u32 align)
{
    u32 at;

    if (!anchor_next) {
        anchor_next = ANCHORS;
        memset((void *)ANCHORS, 0, ANCHORS_END - ANCHORS);
    }
    at = (anchor_next + align - 1) & ~(align - 1);
    if (at + bytes > ANCHORS_END)
        return NULL;
    anchor_next = at + bytes;
    return (void *)at;
}

void *table_alloc(u32 bytes, u32 align)
{
    u32 at = (memory.tables + align - 1) & ~(align - 1);

    if (at + bytes > memory.tables_end)
        return NULL;
    memory.tables = at + bytes;
    return (void *)at;
}

void memory_detect(void)
{
    u32 blocks = cmos_read16(CMOS_ABOVE_16M);
    u32 kb = cmos_read16(CMOS_EXTENDED);

    if (blocks)
        memory.below_4g = 0x1000000 + (blocks << 16);
    else
        memory.below_4g = 0x100000 + (kb << 10);
    memory.above_4g =
        ((u64)cmos_read(CMOS_ABOVE_4G + 2) << 16 | cmos_read16(CMOS_ABOVE_4G))
        << 16;
    debug("RAM: %u KiB below 4 GiB, %u MiB above\n", memory.below_4g >> 10,
          (u32)(memory.above_4g >> 20));
}

static void add(u64 base, u64 end, u32 type)
{
    unsigned n = bd.e820_count;

    if (base >= end || n == MAX_E820)
        return;
    bd.e820[n].base = base;
    bd.e820[n].length = end - base;
    bd.e820[n].type = type;
    bd.e820_count = (u16)(n + 1);
}

/* RAM with its last 68 KiB taken for ACPI, when there are some MiB of it. */
void memory_map(void)
{
    u32 top = memory.below_4g;

    add(0, LOW_TOP, E820_RAM);
    add(LOW_TOP, 0xa0000, E820_RESERVED);
    add(SHADOW_AT, 0x100000, E820_RESERVED);
    memory.nvs = top;
    memory.tables = memory.tables_end = top;
    if (top >= 0x400000) {
        memory.nvs = top - NVS_BYTES;
        memory.tables_end = memory.nvs;
        memory.tables = memory.nvs - TABLES_BYTES;
        memset((void *)memory.tables, 0, TABLES_BYTES + NVS_BYTES);
    }
    add(0x100000, memory.tables, E820_RAM);
    add(memory.tables, memory.tables_end, E820_ACPI);
    add(memory.nvs, top, E820_NVS);
    add(0xfec00000, 0xfec01000, E820_RESERVED);
    add(0xfee00000, 0xfee01000, E820_RESERVED);
    add(ROM_AT, (u64)1 << 32, E820_RESERVED);
    add((u64)1 << 32, ((u64)1 << 32) + memory.above_4g, E820_RAM);
    bd.extended_kb = (memory.tables - 0x100000) >> 10;
    *mem16(0x413) = LOW_TOP >> 10;
    *mem16(0x40e) = LOW_TOP >> 4;
    *mem8(LOW_TOP) = 1; /* EBDA, KiB */
}
