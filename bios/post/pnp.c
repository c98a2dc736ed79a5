/*
 * pnp.c - $PnP and $PMM, what option ROMs look for (real/pmm.c).
 */
#include "bios/post/post.h"

enum { PNP_BYTES = 0x21, PMM_BYTES = 16 };

/* 16-bit, in real/entry.S. */
extern const u8 pnp_entry[], pmm_entry[];

static u8 *pnp, *pmm;

static void put32(u8 *p, u32 v)
{
    memcpy(p, &v, 4);
}

void pnp_init(void)
{
    u8 *t = anchor_alloc(PNP_BYTES, 16);

    if (!t)
        return;
    memset(t, 0, PNP_BYTES);
    memcpy(t, "$PnP", 4);
    t[4] = 0x10;
    t[5] = PNP_BYTES;
    put32(t + 0x0d, (u32)CODE_SEG << 16 | (u16)(u32)pnp_entry);
    *(u16 *)(t + 0x11) = (u16)(u32)pnp_entry;
    put32(t + 0x13, CODE_BASE);
    *(u16 *)(t + 0x1b) = CODE_SEG;
    put32(t + 0x1d, CODE_BASE);
    t[8] = checksum(t, PNP_BYTES);
    bd.pnp_off = (u16)(u32)t;
    pnp = t;
}

/* Systems would look for device nodes. An option ROM that boots is still told
 * where the structure is. */
void pnp_close(void)
{
    for (unsigned n = 0; n < (unsigned)bd.boot_count + bd.boot_others; n++)
        if (bd.boot[n].kind == BOOT_ROM)
            return;
    if (pnp)
        memset(pnp, 0, PNP_BYTES);
}

void pmm_init(void)
{
    pmm = anchor_alloc(PMM_BYTES, 16);
    if (!pmm)
        return;
    memset(pmm, 0, PMM_BYTES);
    memcpy(pmm, "$PMM", 4);
    pmm[4] = 1;
    pmm[5] = PMM_BYTES;
    put32(pmm + 7, (u32)CODE_SEG << 16 | (u16)(u32)pmm_entry);
    pmm[6] = checksum(pmm, PMM_BYTES);
}

/* POST ends, and with it the memory's management. */
void pmm_close(void)
{
    if (pmm)
        memset(pmm, 0, PMM_BYTES);
}
