/*
 * fwcfg.c - the configuration items that emulators have for firmware.
 *
 * Ports 510h (selector) and 511h (data), as QEMU documents them.
 */
#include "bios/post/post.h"

enum { SELECTOR = 0x510, DATA = 0x511, SIGNATURE = 0x00, FILES = 0x19 };

bool fwcfg_present(void)
{
    static const char want[] = "QEMU";

    outw(SELECTOR, SIGNATURE);
    for (unsigned n = 0; n < 4; n++)
        if (inb(DATA) != (u8)want[n])
            return false;
    return true;
}

u32 fwcfg_value(u16 key, unsigned bytes)
{
    u32 v = 0;

    outw(SELECTOR, key);
    for (unsigned n = 0; n < bytes; n++)
        v |= (u32)inb(DATA) << (8 * n);
    return v;
}

static u32 big_endian(unsigned bytes)
{
    u32 v = 0;

    while (bytes--)
        v = v << 8 | inb(DATA);
    return v;
}

/* The directory: a number, then entries of 64 bytes; all big-endian. */
u16 fwcfg_find(const char *name, u32 *bytes)
{
    u32 files;

    outw(SELECTOR, FILES);
    files = big_endian(4);
    for (u32 n = 0; n < files && n < 256; n++) {
        u16 key;
        bool same = true;
        size_t k = 0, length = strlen(name);

        *bytes = big_endian(4);
        key = (u16)big_endian(2);
        big_endian(2);
        for (; k < 56; k++) {
            char c = (char)inb(DATA);

            if (k <= length && c != name[k])
                same = false;
        }
        if (same && *bytes)
            return key;
    }
    return 0;
}

u8 fwcfg_file(const char *name)
{
    u32 bytes;
    u16 key = fwcfg_find(name, &bytes);

    return key ? (u8)fwcfg_value(key, 1) : 0;
}

void fwcfg_text(u16 key, u32 skip, char *to, u32 bytes)
{
    outw(SELECTOR, key);
    while (skip--)
        inb(DATA);
    while (bytes--)
        *to++ = (char)inb(DATA);
}
