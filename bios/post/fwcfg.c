/*
 * fwcfg.c - the configuration items that emulators have for firmware.
 *
 * Ports 510h (selector) and 511h (data), as QEMU documents them.
 */
#include "bios/post/post.h"

enum { SELECTOR = 0x510, DATA = 0x511, SIGNATURE = 0x00 };

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
