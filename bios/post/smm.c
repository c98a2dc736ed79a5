/*
 * smm.c - a handler for SMI is put into SMRAM, which is then locked.
 *
 * Intel SDM volume 3, chapter 34; 82441FX (290549-001) 3.2.21; PIIX4
 * (290562-001) chapter 7. SMRAM is the RAM behind the display's A0000h-BFFFFh:
 *
 *   A0000h  what lay where processors save their state after reset
 *   A4000h  the handler
 *   A8000h  entries, 400h bytes apart for each processor
 *   AFC00h  states, the same
 *
 * Used after S3 too: no variables but bd.
 */
#include "bios/post/post.h"

extern const u8 smm_move[], smm_move_end[], smm_handler[], smm_handler_end[];

enum { SMRAM = 0x72, C_BASE_SEG = 0x02, G_SMRAME = 0x08, D_LCK = 0x10 };
enum { D_OPEN = 0x40, DEVACTB = 0x58, APMC_EN = 0x02, GLBCTL = 0x28 };
enum { PM_STATUS = 0, PM_ENABLE = 2, PWRBTN = 0x100, NEW_BASE = 4, DONE = 8 };

#define FIRST_BASE  0x30000u /* SMBASE after reset */
#define CODE_OFF    0x8000u
#define STATE_OFF   0xfc00u
#define STATE_BYTES 0x400u
#define SAVED       0xa0000u
#define HANDLER     0xa4000u
#define NEW_FIRST   0xa0000u
#define LAPIC_ICR   0xfee00300u
#define WAIT_US     500000u

static void copy(u32 to, u32 from, u32 bytes)
{
    memcpy((void *)to, (const void *)from, bytes);
}

/* The memory that the first SMI of each processor spoils. */
static void keep(bool back)
{
    u32 code = FIRST_BASE + CODE_OFF, state = FIRST_BASE + STATE_OFF;
    u32 bytes = (u32)(smm_move_end - smm_move);

    if (back) {
        copy(state, SAVED, STATE_BYTES);
        copy(code, SAVED + STATE_BYTES, bytes);
    } else {
        copy(SAVED, state, STATE_BYTES);
        copy(SAVED + STATE_BYTES, code, bytes);
        copy(code, (u32)smm_move, bytes);
    }
}

static void install(unsigned processors)
{
    copy(HANDLER, (u32)smm_handler, (u32)(smm_handler_end - smm_handler));
    *mem16(HANDLER + 4) = bd.pm_base;
    for (unsigned n = 0; n < processors; n++) {
        u32 at = NEW_FIRST + n * STATE_BYTES + CODE_OFF;

        *mem8(at) = 0xea; /* jmp far */
        *mem16(at + 1) = 0;
        *mem16(at + 3) = HANDLER >> 4;
    }
}

/* An SMI for processor n (0: this one), whose SMBASE moves. */
static bool move(unsigned n)
{
    u32 handler = FIRST_BASE + CODE_OFF;

    *mem32(handler + NEW_BASE) = NEW_FIRST + n * STATE_BYTES;
    *mem32(handler + DONE) = 0;
    if (n) {
        *mem32(LAPIC_ICR + 0x10) = (u32)bd.ap_id[n - 1] << 24;
        *mem32(LAPIC_ICR) = 0x4200;
    } else {
        outb(APM_CONTROL, 0);
    }
    return wait_for(mem8(handler + DONE), 1, WAIT_US);
}

static bool start(void)
{
    u16 pm = bd.pm_bdf;
    u8 control = pci_read8(pm, DEVACTB + 3);
    bool good;

    pci_write8(0, SMRAM, D_OPEN | G_SMRAME | C_BASE_SEG);
    keep(false);
    install(1u + bd.ap_count);
    pci_write8(pm, DEVACTB + 3, control | APMC_EN);
    outb((u16)(bd.pm_base + GLBCTL), 1); /* SMI_EN */
    good = move(0);
    for (unsigned n = 1; good && n <= bd.ap_count; n++)
        good = move(n);
    keep(true);
    if (good) {
        pci_write8(0, SMRAM, D_LCK | G_SMRAME | C_BASE_SEG);
    } else {
        pci_write8(0, SMRAM, C_BASE_SEG);
        pci_write8(pm, DEVACTB + 3, control);
    }
    return good;
}

/* The power button reaches the handler until a system enables ACPI. */
static void watch_button(void)
{
    outw((u16)(bd.pm_base + PM_STATUS), PWRBTN);
    outw((u16)(bd.pm_base + PM_ENABLE),
         inw((u16)(bd.pm_base + PM_ENABLE)) | PWRBTN);
}

/* APMC_EN from the start: an emulator that has no SMM says so. */
void smm_init(void)
{
    if (!bd.pm_base || !bd.has_smm || !has_pam())
        return;
    if (pci_read8(0, SMRAM) & D_LCK) {
        bd.smm = 1;
        return;
    }
    if (pci_read8(bd.pm_bdf, DEVACTB + 3) & APMC_EN)
        return;
    bd.smm = start();
    debug("SMM: %s\n", bd.smm ? "handler installed" : "no SMI came");
    if (bd.smm)
        watch_button();
}

void smm_resume(void)
{
    if (bd.smm)
        start();
}
