/*
 * smp.c - the other processors are started once, counted, and halted.
 *
 * Intel SDM volume 3, 9.4: INIT, then twice the start-up interrupt to all
 * others. They begin at FE000h (real/entry.S) and come one at a time to
 * ap_main. How many there should be stands in CMOS 5Fh, as emulators leave it:
 * with none the broadcast and its waits are saved.
 *
 * Used after S3 too: no variables but bd.
 */
#include "bios/post/post.h"

enum { ICR = 0x300, START_PAGE = 0xfe };
enum { INIT_OTHERS = 0xc4500, START_OTHERS = 0xc4600 };

#define LAPIC_AT 0xfee00000u
#define WAIT_US  500000u

void ap_main(void);

/* A processor, with the lock taken. */
void ap_main(void)
{
    if (bd.has_mtrr)
        mtrr_init();
    *mem32(LAPIC_AT + 0xf0) = 0x1ff;
    *mem32(LAPIC_AT + 0x350) = 0x10700; /* the 8259s are the first one's */
    *mem32(LAPIC_AT + 0x360) = 0x400;
    if (bd.ap_count < MAX_APS)
        bd.ap_id[bd.ap_count++] = (u8)(*mem32(LAPIC_AT + 0x20) >> 24);
}

static void sort(void)
{
    for (unsigned n = 1; n < bd.ap_count; n++)
        for (unsigned k = n; k && bd.ap_id[k - 1] > bd.ap_id[k]; k--) {
            u8 id = bd.ap_id[k];

            bd.ap_id[k] = bd.ap_id[k - 1];
            bd.ap_id[k - 1] = id;
        }
}

void smp_start(void)
{
    u8 expected = cmos_read(CMOS_PROCESSORS);

    bd.ap_count = 0;
    bd.ap_lock = 0;
    if (!expected)
        return;
    if (expected > MAX_APS)
        expected = MAX_APS;
    *mem32(LAPIC_AT + ICR) = INIT_OTHERS;
    wait_for(&bd.ap_count, 0xff, 10000);
    for (unsigned n = 0; n < 2; n++) {
        *mem32(LAPIC_AT + ICR) = START_OTHERS | START_PAGE;
        wait_for(&bd.ap_count, 0xff, 200);
    }
    wait_for(&bd.ap_count, expected, WAIT_US);
    while (bd.ap_lock) /* the last one may still be in */
        ;
    sort();
}
