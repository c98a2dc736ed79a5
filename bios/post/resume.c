/*
 * resume.c - waking from S3: ACPI 3.0, sections 5.2.10 and 16.3.2.
 *
 * No variables may be used but bd, and no low memory: it belongs to the
 * system that sleeps.
 */
#include "bios/post/post.h"

enum { FACS_WAKING_VECTOR = 12, PAM1 = 0x5a };

u32 resume_main(void);

/* The address of the system's waking code, 0 when there is none. */
u32 resume_main(void)
{
    u32 vector;

    post_code(0x0a);
    if (bd.rom_header[0] != 0x55 || bd.rom_header[1] != 0xaa || !bd.facs)
        return 0;
    vector = *mem32(bd.facs + FACS_WAKING_VECTOR);
    if (!vector || vector >= 0x100000)
        return 0;
    chips_init();
    pci_resume();
    if (bd.has_mtrr)
        mtrr_init();
    smp_start();
    smm_resume();
    for (unsigned n = 0; n < 4; n++)
        pci_write8(0, PAM1 + n, bd.rom_windows[n]);
    debug_resume("Waking from S3 at %x\n", vector);
    return vector;
}
