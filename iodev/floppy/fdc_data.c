/*
 * fdc_data.c - the execution phase of data commands.
 *
 * A transfer goes sector by sector: the timer brings the sector under the
 * head, then its bytes go by DMA (DREQ) or through the FIFO port.
 * Datasheet: Intel 290166 (82077AA), sections 5.1 and 6.
 */
#include "iodev/floppy/fdc_state.h"

#define FAST_SECTOR_NS 100000u
#define FAST_SEARCH_NS 1000000u
#define TURN_NS        200000000u /* 300 rpm */

enum {
    CMD_READ_TRACK = 0x02,
    CMD_WRITE = 0x05,
    CMD_READ = 0x06,
    CMD_WRITE_DELETED = 0x09,
    CMD_READ_DELETED = 0x0c,
    CMD_FORMAT = 0x0d,
    CMD_VERIFY = 0x16,
};

static unsigned opcode(const struct fdc *f)
{
    return f->s.command[0] & 0x1f;
}

static bool is_write(const struct fdc *f)
{
    unsigned op = opcode(f);

    return op == CMD_WRITE || op == CMD_WRITE_DELETED;
}

static bool uses_dma(const struct fdc *f)
{
    return !(f->s.specify[1] & 1); /* ND */
}

/* ---- time ---- */

/* Until sector r has passed the head completely. */
static uint64_t sector_ns(const struct fdc *f, const struct floppy *d)
{
    uint64_t slot, now, start;

    if (!f->timing || !d->spt)
        return FAST_SECTOR_NS;
    slot = TURN_NS / d->spt;
    now = clock_ns(f->dev.sv->clock) % TURN_NS;
    start = (uint64_t)((f->s.r ? f->s.r - 1u : 0u) % d->spt) * slot;
    return (start + TURN_NS - now) % TURN_NS + slot;
}

/* Two index pulses without finding it. */
static uint64_t search_ns(const struct fdc *f)
{
    return f->timing ? 2u * TURN_NS : FAST_SEARCH_NS;
}

/* ---- ends ---- */

/* Seven result bytes: ST0-ST2, C, H, R, N. */
static void end_transfer(struct fdc *f)
{
    struct fdc_state *s = &f->s;
    bool bad = s->st1 || (s->st2 & ~ST2_CM);

    line_set(&f->dreq, false);
    s->result[0] =
        (uint8_t)((bad ? ST0_ABNORMAL : 0) | fdc_head(f) << 2 | fdc_unit(f));
    s->result[1] = s->st1;
    s->result[2] = s->st2;
    s->result[3] = s->c;
    s->result[4] = s->h;
    s->result[5] = s->r;
    s->result[6] = s->n;
    fdc_result(f, 7, true);
}

static void fail(struct fdc *f, uint8_t st1, uint8_t st2)
{
    f->s.st1 |= st1;
    f->s.st2 |= st2;
    fdc_after(f, FDC_STEP_FAIL, search_ns(f));
}

/* Table 5-1's next id: on to the other side with MT, else the next cylinder.
 * False at the end of the cylinder. */
static bool advance(struct fdc *f)
{
    struct fdc_state *s = &f->s;

    if (s->r != s->eot) {
        s->r++;
        return true;
    }
    s->r = 1;
    if (s->multi_track && !(s->h & 1)) {
        s->h ^= 1;
        s->command[1] |= 4;
        return true;
    }
    if (s->multi_track)
        s->h ^= 1;
    s->c++;
    return false;
}

/* ---- the disk ---- */

/* False: somebody must come and change something first; a real controller
 * waits for index pulses for ever, until software resets it. */
static bool turning(struct fdc *f, const struct floppy *d)
{
    if (d && d->image && fdc_motor_on(f, fdc_unit(f)))
        return true;
    log_error(&f->dev.log, "drive %c: %s, waiting for ever",
              (char)('A' + (int)fdc_unit(f)),
              !d          ? "not there"
              : !d->image ? "no disk"
                          : "the motor is off");
    return false;
}

static bool rate_fits(const struct fdc *f, const struct floppy *d)
{
    static const uint16_t kbps[] = {500, 300, 250, 1000};

    return !f->check_rate || kbps[f->s.dsr & 3] == d->rate_kbps;
}

/* Is the sector with this id on the track? Otherwise the failure is on its
 * way. */
static bool find_sector(struct fdc *f, const struct floppy *d)
{
    const struct fdc_state *s = &f->s;
    unsigned cylinder = floppy_cylinder(d), head = fdc_head(f);

    if (!rate_fits(f, d) || head >= d->heads || cylinder >= d->cylinders)
        fail(f, ST1_MA, 0);
    else if (s->c != cylinder)
        fail(f, ST1_ND, ST2_WC);
    else if (s->h != head || s->n != 2 || s->r < 1 || s->r > d->spt)
        fail(f, ST1_ND, 0);
    else
        return true;
    return false;
}

/* ---- moving data ---- */

static void offer(struct fdc *f, enum fdc_phase phase, uint32_t len)
{
    f->s.phase = (uint8_t)phase;
    f->s.pos = 0;
    f->s.len = len;
    if (uses_dma(f)) {
        line_set(&f->dreq, true);
        return;
    }
    fdc_set_irq(f, true);
}

/* All bytes of the sector (or id field) have been moved. */
static void moved(struct fdc *f)
{
    struct floppy *d = fdc_drive(f, fdc_unit(f));

    line_set(&f->dreq, false);
    if (f->s.phase == FDC_FROM_HOST) {
        f->s.phase = FDC_EXECUTE;
        fdc_after(f, FDC_STEP_STORE, d ? sector_ns(f, d) : FAST_SECTOR_NS);
        return;
    }
    f->s.phase = FDC_EXECUTE;
    if (f->s.st2 & ST2_CM) { /* the wrong kind of mark ends the command */
        advance(f);
        fdc_after(f, FDC_STEP_END, FAST_SECTOR_NS / 10);
    } else if (advance(f)) {
        fdc_after(f, FDC_STEP_SECTOR, d ? sector_ns(f, d) : FAST_SECTOR_NS);
    } else {
        f->s.st1 |= ST1_EN; /* taken back if terminal count comes */
        fdc_after(f, FDC_STEP_END, FAST_SECTOR_NS / 10);
    }
}

size_t fdc_give(struct fdc *f, uint8_t *to, size_t n)
{
    if (f->s.phase != FDC_TO_HOST)
        return 0;
    n = n < f->s.len - f->s.pos ? n : f->s.len - f->s.pos;
    memcpy(to, f->s.data + f->s.pos, n);
    f->s.pos += (uint32_t)n;
    if (f->s.pos == f->s.len)
        moved(f);
    return n;
}

size_t fdc_take(struct fdc *f, const uint8_t *from, size_t n)
{
    if (f->s.phase != FDC_FROM_HOST)
        return 0;
    n = n < f->s.len - f->s.pos ? n : f->s.len - f->s.pos;
    memcpy(f->s.data + f->s.pos, from, n);
    f->s.pos += (uint32_t)n;
    if (f->s.pos == f->s.len)
        moved(f);
    return n;
}

uint8_t fdc_data_read(struct fdc *f)
{
    uint8_t v = 0;

    fdc_set_irq(f, false);
    fdc_give(f, &v, 1);
    return v;
}

void fdc_data_write(struct fdc *f, uint8_t v)
{
    fdc_set_irq(f, false);
    fdc_take(f, &v, 1);
}

/* A write that ends inside a sector fills it up with zeros (6.2.2). */
void fdc_terminal_count(struct fdc *f)
{
    struct fdc_state *s = &f->s;

    if (s->phase != FDC_EXECUTE && s->phase != FDC_TO_HOST &&
        s->phase != FDC_FROM_HOST)
        return;
    s->tc = true;
    s->st1 &= (uint8_t)~ST1_EN;
    if (s->phase == FDC_TO_HOST) {
        line_set(&f->dreq, false);
        s->phase = FDC_EXECUTE;
        advance(f);
        fdc_after(f, FDC_STEP_END, FAST_SECTOR_NS / 10);
    } else if (s->phase == FDC_FROM_HOST && opcode(f) != CMD_FORMAT) {
        if (s->pos == 0 && s->len == FDC_SECTOR) { /* nothing of this one */
            line_set(&f->dreq, false);
            fdc_after(f, FDC_STEP_END, FAST_SECTOR_NS / 10);
            return;
        }
        memset(s->data + s->pos, 0, s->len - s->pos);
        s->pos = s->len;
        moved(f);
    } else if (s->step == FDC_STEP_SECTOR) {
        fdc_after(f, FDC_STEP_END, FAST_SECTOR_NS / 10);
    }
}

/* ---- READ, WRITE, VERIFY ---- */

void fdc_start_transfer(struct fdc *f)
{
    struct fdc_state *s = &f->s;
    struct floppy *d = fdc_drive(f, fdc_unit(f));

    s->c = s->command[2];
    s->h = s->command[3];
    s->r = opcode(f) == CMD_READ_TRACK ? 1 : s->command[4];
    s->n = s->command[5];
    s->eot = s->command[6];
    s->multi_track = (s->command[0] & 0x80) && opcode(f) != CMD_READ_TRACK;
    s->st1 = s->st2 = 0;
    s->tc = false;
    /* VERIFY with EC set counts sectors in the last byte. */
    s->sectors_left = s->command[1] & 0x80 ? s->command[8] : 0;
    s->phase = FDC_EXECUTE;
    if (!turning(f, d))
        return;
    if (s->config & 0x40 || f->implied_seek) /* EIS */
        fdc_step_head(f, fdc_unit(f), s->c);
    if (is_write(f) && floppy_protected(d)) {
        s->st1 = ST1_NW;
        fdc_after(f, FDC_STEP_FAIL, FAST_SECTOR_NS);
        return;
    }
    fdc_after(f, FDC_STEP_SECTOR, sector_ns(f, d));
}

static void verified(struct fdc *f, const struct floppy *d)
{
    bool counted = f->s.command[1] & 0x80;

    if (counted && f->s.sectors_left)
        f->s.sectors_left--;
    if (!advance(f) || (counted && !f->s.sectors_left))
        end_transfer(f);
    else
        fdc_after(f, FDC_STEP_SECTOR, sector_ns(f, d));
}

static void sector_reached(struct fdc *f, struct floppy *d)
{
    if (!turning(f, d) || !find_sector(f, d))
        return;
    if (is_write(f)) {
        offer(f, FDC_FROM_HOST, FDC_SECTOR);
        return;
    }
    if (!floppy_read(d, fdc_head(f), f->s.r, f->s.data)) {
        fail(f, ST1_DE, ST2_DD);
        return;
    }
    if (opcode(f) == CMD_VERIFY) {
        verified(f, d);
        return;
    }
    if (opcode(f) == CMD_READ_DELETED)
        f->s.st2 |= ST2_CM; /* every sector has a normal mark */
    offer(f, FDC_TO_HOST, FDC_SECTOR);
}

static void store_sector(struct fdc *f, struct floppy *d)
{
    if (!turning(f, d))
        return;
    if (!floppy_write(d, fdc_head(f), f->s.r, f->s.data)) {
        fail(f, ST1_DE, ST2_DD);
    } else if (!advance(f)) {
        if (!f->s.tc)
            f->s.st1 |= ST1_EN;
        end_transfer(f);
    } else if (f->s.tc) {
        end_transfer(f);
    } else {
        fdc_after(f, FDC_STEP_SECTOR, sector_ns(f, d));
    }
}

/* ---- FORMAT TRACK: four id bytes from the host for each sector ---- */

void fdc_start_format(struct fdc *f)
{
    struct fdc_state *s = &f->s;
    struct floppy *d = fdc_drive(f, fdc_unit(f));

    s->st1 = s->st2 = 0;
    s->tc = false;
    s->n = s->command[2];
    s->sectors_left = s->command[3];
    s->c = s->h = s->r = 0;
    s->phase = FDC_EXECUTE;
    if (!turning(f, d))
        return;
    if (floppy_protected(d)) {
        s->st1 = ST1_NW;
        fdc_after(f, FDC_STEP_FAIL, FAST_SECTOR_NS);
    } else if (!s->sectors_left || s->n != 2 || !rate_fits(f, d)) {
        fail(f, ST1_ND, 0);
    } else {
        offer(f, FDC_FROM_HOST, 4);
    }
}

static void store_format(struct fdc *f, struct floppy *d)
{
    struct fdc_state *s = &f->s;

    if (!turning(f, d))
        return;
    s->c = s->data[0];
    s->h = s->data[1];
    s->r = s->data[2];
    s->n = s->data[3];
    memset(s->data, s->command[5], FDC_SECTOR);
    /* An id that the image has no room for is lost, as data under a wrong
     * id would be. */
    if (s->c == floppy_cylinder(d) && s->h == fdc_head(f) && s->n == 2)
        floppy_write(d, fdc_head(f), s->r, s->data);
    if (--s->sectors_left)
        offer(f, FDC_FROM_HOST, 4);
    else
        end_transfer(f);
}

/* ---- READ ID ---- */

void fdc_start_read_id(struct fdc *f)
{
    struct fdc_state *s = &f->s;
    struct floppy *d = fdc_drive(f, fdc_unit(f));

    s->st1 = s->st2 = 0;
    s->c = s->h = s->r = s->n = 0;
    s->phase = FDC_EXECUTE;
    if (!turning(f, d))
        return;
    fdc_after(f, FDC_STEP_ID,
              f->timing && d->spt ? TURN_NS / d->spt : FAST_SECTOR_NS);
}

/* The next id that comes by. */
static void id_reached(struct fdc *f, struct floppy *d)
{
    struct fdc_state *s = &f->s;
    uint64_t slot;

    if (!turning(f, d))
        return;
    if (!rate_fits(f, d) || fdc_head(f) >= d->heads ||
        floppy_cylinder(d) >= d->cylinders || !d->spt) {
        fail(f, ST1_MA, 0);
        return;
    }
    slot = clock_ns(f->dev.sv->clock) / (TURN_NS / d->spt);
    s->c = (uint8_t)floppy_cylinder(d);
    s->h = (uint8_t)fdc_head(f);
    s->r = (uint8_t)(slot % d->spt + 1);
    s->n = 2;
    end_transfer(f);
}

void fdc_data_step(struct fdc *f, enum fdc_step step)
{
    struct floppy *d = fdc_drive(f, fdc_unit(f));

    switch (step) {
    case FDC_STEP_SECTOR:
        sector_reached(f, d);
        break;
    case FDC_STEP_STORE:
        if (opcode(f) == CMD_FORMAT)
            store_format(f, d);
        else
            store_sector(f, d);
        break;
    case FDC_STEP_ID:
        id_reached(f, d);
        break;
    default: /* END, FAIL */
        end_transfer(f);
        break;
    }
}
