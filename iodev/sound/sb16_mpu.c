/*
 * sb16_mpu.c - the MPU-401 of the Sound Blaster 16.
 *
 * Reference: Roland, MPU-401 Technical Reference Manual. The card has the UART
 * mode only, and answers to the reset before it.
 */
#include "iodev/sound/sb16_state.h"

enum {
    NO_DATA = 0x80, /* DSR */
    REST = 0x3f,
    ACK = 0xfe,
    CMD_UART = 0x3f,
    CMD_VERSION = 0xac,
    CMD_REVISION = 0xad,
    CMD_RESET = 0xff
};

static void answer(struct sb16 *p, uint8_t v)
{
    if (p->s.mpu_count < SB16_MPU_IN)
        p->s.mpu_in[p->s.mpu_count++] = v;
}

/* In UART mode only a reset is heard, and it is not acknowledged. */
static void command(struct sb16 *p, uint8_t v)
{
    if (p->s.mpu_uart) {
        if (v == CMD_RESET)
            p->s.mpu_uart = false;
        return;
    }
    if (v == CMD_RESET)
        p->s.mpu_count = 0;
    answer(p, ACK);
    if (v == CMD_UART)
        p->s.mpu_uart = true;
    else if (v == CMD_VERSION)
        answer(p, 0x15);
    else if (v == CMD_REVISION)
        answer(p, 0x01);
    else if (v != CMD_RESET)
        log_debug(&p->dev.log, "MPU-401 command %02x", v);
}

void sb16_mpu_write(struct sb16 *p, unsigned reg, uint8_t v)
{
    if (reg)
        command(p, v);
    else if (p->s.mpu_uart)
        sb16_midi(p, v);
}

uint8_t sb16_mpu_read(struct sb16 *p, unsigned reg)
{
    uint8_t v = p->s.mpu_in[0];

    if (reg)
        return REST | (p->s.mpu_count ? 0 : NO_DATA);
    if (p->s.mpu_count == 0)
        return 0xff;
    p->s.mpu_count--;
    memmove(p->s.mpu_in, p->s.mpu_in + 1, SB16_MPU_IN - 1);
    p->s.mpu_in[SB16_MPU_IN - 1] = 0;
    return v;
}
