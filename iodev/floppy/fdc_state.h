/*
 * fdc_state.h - inside the floppy controller; only for iodev/floppy.
 */
#ifndef IODEV_FLOPPY_FDC_STATE_H
#define IODEV_FLOPPY_FDC_STATE_H

#include "iodev/floppy/fdc.h"
#include "iodev/floppy/floppy.h"

#define FDC_SECTOR 512u

enum fdc_phase {
    FDC_COMMAND,   /* waits for command bytes */
    FDC_EXECUTE,   /* busy: seeks, waits for a sector */
    FDC_TO_HOST,   /* data[pos..len) goes to the host */
    FDC_FROM_HOST, /* data[pos..len) comes from the host */
    FDC_RESULT,    /* result bytes wait */
    FDC_PHASES
};

/* What the execution timer does next. */
enum fdc_step {
    FDC_STEP_NONE,
    FDC_STEP_RESET,  /* internal reset is over */
    FDC_STEP_SECTOR, /* the sector is under the head */
    FDC_STEP_STORE,  /* data[] is complete: write it */
    FDC_STEP_ID,     /* READ ID found one */
    FDC_STEP_END,    /* terminal count: result phase */
    FDC_STEP_FAIL,   /* report st1/st2 after the search */
    FDC_STEPS
};

enum { /* ST0 */
       ST0_ABNORMAL = 0x40,
       ST0_INVALID = 0x80,
       ST0_READY_CHANGED = 0xc0,
       ST0_SE = 0x20,
       ST0_EC = 0x10,
};

enum { /* ST1 */
       ST1_MA = 0x01,
       ST1_NW = 0x02,
       ST1_ND = 0x04,
       ST1_DE = 0x20,
       ST1_EN = 0x80,
};

enum { /* ST2 */
       ST2_WC = 0x10,
       ST2_DD = 0x20,
       ST2_CM = 0x40,
};

struct fdc_state {
    uint8_t dor, dsr, ccr, tdr;
    uint8_t phase, step;
    bool irq; /* before the DOR gate */
    bool in_reset;

    uint8_t command[9], command_len, command_need;
    uint8_t result[16], result_len, result_pos;

    uint8_t specify[2];     /* SRT HUT, HLT ND */
    uint8_t config, pretrk; /* CONFIGURE: EIS EFIFO POLL FIFOTHR */
    uint8_t perpendicular;
    bool locked;
    uint8_t eot; /* SC/EOT of DUMPREG */

    uint8_t pcn[4];    /* where the controller thinks the heads are */
    uint8_t target[4]; /* of a seek under way */
    uint8_t seeking;   /* drives, a bit each: MSR 3:0 */
    uint8_t pending;   /* drives that SENSE INTERRUPT tells about */
    uint8_t pending_st0[4];

    /* the transfer */
    uint8_t c, h, r, n; /* next sector id */
    uint8_t st1, st2;
    bool tc, multi_track;
    uint32_t pos, len;
    uint8_t data[FDC_SECTOR];
    uint8_t sectors_left; /* FORMAT: ids to come; VERIFY: to check */
};

struct fdc {
    struct device dev;
    struct fdc_state s;

    int32_t timing; /* 0 fast, 1 real */
    bool check_rate, implied_seek;

    struct line irq, dreq;
    struct floppy *drive[2];
    struct dma_client client;
    struct timer exec, seek[4];
    char names[5][24];
    struct fdc_seek_ref {
        struct fdc *fdc;
        unsigned n;
    } ref[4];
};

static inline struct fdc *fdc_of(struct device *dev)
{
    return container_of(dev, struct fdc, dev);
}

/* ---- fdc.c ---- */

/* The drive and head that command byte 1 names. */
static inline unsigned fdc_unit(const struct fdc *f)
{
    return f->s.command[1] & 3u;
}

static inline unsigned fdc_head(const struct fdc *f)
{
    return f->s.command[1] >> 2 & 1u;
}

/* NULL when no drive is there. */
struct floppy *fdc_drive(const struct fdc *f, unsigned unit);
bool fdc_motor_on(const struct fdc *f, unsigned unit);
void fdc_set_irq(struct fdc *f, bool level);
void fdc_after(struct fdc *f, enum fdc_step step, uint64_t ns);
/* To the result phase; with interrupt if the command has an execution
 * phase. */
void fdc_result(struct fdc *f, unsigned len, bool interrupt);
/* Moves a head as step pulses would: relative to what the FDC believes. */
void fdc_step_head(struct fdc *f, unsigned unit, unsigned track);

/* ---- fdc_data.c ---- */

void fdc_start_transfer(struct fdc *f);
void fdc_start_read_id(struct fdc *f);
void fdc_start_format(struct fdc *f);
void fdc_data_step(struct fdc *f, enum fdc_step step);
/* FIFO accesses in the execution phase (non-DMA mode). */
uint8_t fdc_data_read(struct fdc *f);
void fdc_data_write(struct fdc *f, uint8_t v);
void fdc_terminal_count(struct fdc *f);
size_t fdc_give(struct fdc *f, uint8_t *to, size_t n);
size_t fdc_take(struct fdc *f, const uint8_t *from, size_t n);

#endif
