/*
 * kernel.c - a kernel that the emulator was given, booted without a drive.
 *
 * Keys 07h-18h of the configuration device as QEMU documents them: four
 * pieces (kernel, initrd, command line, setup), each with an address, a size
 * and its bytes, which come by DMA. The emulator has checked and placed all of
 * it; what only the firmware knows, the memory map above all, is added here.
 *
 * The file opt/org.klochs/kernel says how it is started: a byte, then a name
 * for the boot list. Without it (QEMU) a setup piece means Linux, an entry
 * point Multiboot, whose information is then the initrd piece.
 *
 * Linux/x86 Boot Protocol; Multiboot 0.6.96 and 2.0; Xen's x86/HVM direct boot
 * ABI (PVH). Runs at INT 19h: no variables but bd, all other RAM may be the
 * kernel's.
 */
#include "bios/post/post.h"

enum {
    FWCFG_ID = 0x01,
    KERNEL_ADDR = 0x07,
    INITRD_ADDR = 0x0a,
    KERNEL_ENTRY = 0x10,
    CMDLINE_ADDR = 0x13,
    SETUP_ADDR = 0x16,
    DMA_HIGH = 0x514,
    DMA_LOW = 0x518,
    ID_DMA = 2,
    DMA_ERROR = 1,
    DMA_READ_SELECT = 2 | 8,
};

enum { START_NONE, START_LINUX, START_MULTIBOOT, START_MULTIBOOT2, START_PVH };

/* An entry of the maps of Multiboot 1 (with its size before it), Multiboot 2
 * and PVH (with a zero behind it): 24 bytes each. */
enum { MAP_ENTRY = 24 };

struct piece {
    u16 addr, size, data; /* keys */
};

void kernel_main(void);
void kernel_enter_32(u32 entry, u32 eax, u32 ebx) __attribute__((noreturn));
void kernel_enter_16(u32 segment, u32 stack) __attribute__((noreturn));

static const struct piece pieces[] = {
    {KERNEL_ADDR, 0x08, 0x11},
    {INITRD_ADDR, 0x0b, 0x12},
    {CMDLINE_ADDR, 0x14, 0x15},
    {SETUP_ADDR, 0x17, 0x18},
};

enum { KERNEL, INITRD, CMDLINE, SETUP };

static u32 address(unsigned n)
{
    return fwcfg_value(pieces[n].addr, 4);
}

static u32 size(unsigned n)
{
    return fwcfg_value(pieces[n].size, 4);
}

static u8 how(void)
{
    u8 start;

    if (!size(KERNEL) && !size(CMDLINE))
        return START_NONE;
    start = fwcfg_file("opt/org.klochs/kernel");
    if (start)
        return start;
    if (size(KERNEL) && size(SETUP))
        return START_LINUX;
    if (size(KERNEL) && size(INITRD) && fwcfg_value(KERNEL_ENTRY, 4))
        return START_MULTIBOOT;
    return START_NONE;
}

bool kernel_there(char *name)
{
    u32 bytes;
    u16 key;

    if (!fwcfg_present() || how() == START_NONE)
        return false;
    key = fwcfg_find("opt/org.klochs/kernel", &bytes);
    bytes = key ? bytes - 1 : 0;
    if (bytes >= KERNEL_NAME)
        bytes = KERNEL_NAME - 1;
    if (bytes)
        fwcfg_text(key, 1, name, bytes);
    name[bytes] = 0;
    return true;
}

/* ---- the pieces ---------------------------------------------------------- */

static u32 big_endian(u32 v)
{
    return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

static bool load(unsigned n)
{
    volatile struct {
        u32 control, length, high, low;
    } request;
    u32 bytes = size(n);

    if (!bytes)
        return true;
    request.control = big_endian((u32)pieces[n].data << 16 | DMA_READ_SELECT);
    request.length = big_endian(bytes);
    request.high = 0;
    request.low = big_endian(address(n));
    debug_resume("kernel: %u bytes to %x\n", bytes, address(n));
    outl(DMA_HIGH, 0);
    outl(DMA_LOW, big_endian((u32)&request));
    while (request.control & ~big_endian(DMA_ERROR))
        ;
    return !request.control;
}

static bool load_all(void)
{
    if (!(fwcfg_value(FWCFG_ID, 4) & ID_DMA))
        return false;
    for (unsigned n = 0; n < ARRAY_LEN(pieces); n++)
        if (!load(n))
            return false;
    return true;
}

/* ---- what the firmware knows --------------------------------------------- */

/* Returns the end of the map. */
static u32 write_map(u32 at, bool size_first)
{
    for (unsigned n = 0; n < bd.e820_count; n++, at += MAP_ENTRY) {
        u32 e = at;

        if (size_first) {
            *mem32(e) = MAP_ENTRY - 4;
            e += 4;
        } else {
            *mem32(e + 20) = 0;
        }
        *(volatile u64 *)e = bd.e820[n].base;
        *(volatile u64 *)(e + 8) = bd.e820[n].length;
        *mem32(e + 16) = bd.e820[n].type;
    }
    return at;
}

/* Root System Description Pointer, among what POST has written; 0: none. */
static u32 rsdp(void)
{
    for (u32 at = 0xe0000; at < 0x100000; at += 16)
        if (*mem32(at) == 0x20445352 && *mem32(at + 4) == 0x20525450 &&
            !checksum((const void *)at, 20))
            return at;
    return 0;
}

/* The end of a piece: maps lie behind it, for which there is room. */
static u32 behind(unsigned n)
{
    return (address(n) + size(n) + 7) & ~7u;
}

/* ---- ways to start ------------------------------------------------------- */

/* The stack ends where the command line begins. */
static void start_linux(void)
{
    u32 at = address(SETUP);

    kernel_enter_16(at >> 4, address(CMDLINE) - at - 16);
}

static void start_multiboot(void)
{
    enum { HAS_MEMORY = 1, HAS_MAP = 0x40 };
    u32 info = address(INITRD), map = behind(INITRD);

    *mem32(info) |= HAS_MEMORY | HAS_MAP;
    *mem32(info + 4) = *mem16(0x413);
    *mem32(info + 8) = bd.extended_kb;
    *mem32(info + 44) = write_map(map, true) - map;
    *mem32(info + 48) = map;
    kernel_enter_32(fwcfg_value(KERNEL_ENTRY, 4), 0x2badb002, info);
}

static u32 tag(u32 at, u32 type, u32 bytes)
{
    *mem32(at) = type;
    *mem32(at + 4) = bytes;
    return at + 8;
}

/* The tags that the emulator left open: memory, ACPI, the end. */
static void start_multiboot2(void)
{
    u32 info = address(INITRD), at = behind(INITRD), found = rsdp(), end;

    tag(at, 4, 16);
    *mem32(at + 8) = *mem16(0x413);
    *mem32(at + 12) = bd.extended_kb;
    at += 16;
    *mem32(at + 8) = MAP_ENTRY;
    *mem32(at + 12) = 0;
    end = write_map(at + 16, false);
    tag(at, 6, end - at);
    at = end;
    if (found) {
        bool old = *mem8(found + 15) < 2;
        u32 bytes = old ? 20 : 36;

        memcpy((void *)tag(at, old ? 14 : 15, 8 + bytes), (const void *)found,
               bytes);
        at = (at + 8 + bytes + 7) & ~7u;
    }
    at = tag(at, 0, 8);
    *mem32(info) = at - info;
    kernel_enter_32(fwcfg_value(KERNEL_ENTRY, 4), 0x36d76289, info);
}

static void start_pvh(void)
{
    u32 info = address(SETUP), map = behind(SETUP);

    *mem32(info + 32) = rsdp();
    *mem32(info + 40) = map;
    *mem32(info + 48) = (write_map(map, false) - map) / MAP_ENTRY;
    kernel_enter_32(fwcfg_value(KERNEL_ENTRY, 4), 0, info);
}

/* Comes back when there is no DMA or it was refused. */
void kernel_main(void)
{
    if (!load_all())
        return;
    switch (how()) {
    case START_LINUX:
        start_linux();
        break;
    case START_MULTIBOOT:
        start_multiboot();
        break;
    case START_MULTIBOOT2:
        start_multiboot2();
        break;
    case START_PVH:
        start_pvh();
        break;
    default:
        break;
    }
}
