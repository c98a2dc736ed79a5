/*
 * string.c - what the compiler may call by itself; what entry.S relies on.
 */
#include "bios/real/real.h"

/* Numbers in entry.S. */
_Static_assert(offsetof(struct bios_data, stack_busy) == 8, "STACK_BUSY");
_Static_assert(offsetof(struct bios_data, stack_sp) == 28, "STACK_SP");
_Static_assert(offsetof(struct bios_data, stack_ss) == 30, "STACK_SS");
_Static_assert(offsetof(struct bios_data, ap_lock) == 32, "AP_LOCK");
_Static_assert(offsetof(struct bios_data, pm_base) == 48, "PM_BASE");
_Static_assert(offsetof(struct bios_data, apm_connected) == 50,
               "APM_CONNECTED");
_Static_assert(offsetof(struct bios_data, vga_bdf) == 52, "VGA_BDF");
_Static_assert(offsetof(struct regs, ip) == 40, "REGS_SAVED");
_Static_assert(offsetof(struct regs, flags) == 44, "REGS_FLAGS");
_Static_assert(sizeof(struct bios_data) <= 0xe00, "tables begin there");

void *memset(void *to, int value, size_t n)
{
    u8 *p = to;

    while (n--)
        *p++ = (u8)value;
    return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
    u8 *p = to;
    const u8 *q = from;

    while (n--)
        *p++ = *q++;
    return to;
}
