/*
 * fdc.c - Intel 82077AA floppy disk controller: registers and commands.
 *
 * Ports: 3F2h DOR, 3F3h TDR, 3F4h MSR/DSR, 3F5h FIFO, 3F7h DIR/CCR. IRQ 6,
 * DMA 2. Datasheet: Intel 290166-007. AT mode: SRA and SRB do not answer.
 * Departures: SCAN commands are invalid; perpendicular mode and gaps are
 * stored only; with the option implied_seek (the default) data commands seek
 * even without EIS; write precompensation, head load and unload times are zero;
 * WRITE DELETED DATA leaves a normal mark; timing=fast (the default) makes
 * seeks and rotation quick.
 */
#include "iodev/floppy/fdc_state.h"

enum { /* DOR */
       DOR_SELECT = 0x03,
       DOR_RESET = 0x04, /* active low */
       DOR_DMAGATE = 0x08,
};

enum { /* MSR */
       MSR_CB = 0x10,
       MSR_NDM = 0x20,
       MSR_DIO = 0x40,
       MSR_RQM = 0x80,
};

#define CONFIG_POLL_OFF 0x10u
#define CONFIG_EFIFO    0x20u /* 1: FIFO disabled */
#define CONFIG_DEFAULT  CONFIG_EFIFO

#define RESET_NS        50000u
#define FAST_SEEK_NS    500000u

/* ---- small things ---- */

struct floppy *fdc_drive(const struct fdc *f, unsigned unit)
{
    struct floppy *d = unit < 2 ? f->drive[unit] : NULL;

    return d && d->drive != FLOPPY_NONE ? d : NULL;
}

bool fdc_motor_on(const struct fdc *f, unsigned unit)
{
    return f->s.dor >> (4 + unit) & 1;
}

void fdc_set_irq(struct fdc *f, bool level)
{
    f->s.irq = level;
    line_set(&f->irq, level && (f->s.dor & DOR_DMAGATE));
}

void fdc_after(struct fdc *f, enum fdc_step step, uint64_t ns)
{
    f->s.phase = FDC_EXECUTE;
    f->s.step = (uint8_t)step;
    timer_arm_in_ns(&f->exec, ns);
}

void fdc_result(struct fdc *f, unsigned len, bool interrupt)
{
    f->s.phase = FDC_RESULT;
    f->s.step = FDC_STEP_NONE;
    f->s.result_len = (uint8_t)len;
    f->s.result_pos = 0;
    if (interrupt)
        fdc_set_irq(f, true);
}

static void idle(struct fdc *f)
{
    f->s.phase = FDC_COMMAND;
    f->s.step = FDC_STEP_NONE;
    f->s.command_len = 0;
}

static void invalid(struct fdc *f)
{
    f->s.result[0] = ST0_INVALID;
    fdc_result(f, 1, false);
}

/* ---- seeks ---- */

void fdc_step_head(struct fdc *f, unsigned unit, unsigned track)
{
    struct floppy *d = fdc_drive(f, unit);

    if (d)
        floppy_step_to(d, d->s.track + (int)track - f->s.pcn[unit]);
    f->s.pcn[unit] = (uint8_t)track;
}

/* SRT counts down from 16 ms at 500 kbit/s; slower rates take longer. */
static uint64_t seek_ns(const struct fdc *f, unsigned steps)
{
    static const uint16_t kbps[] = {500, 300, 250, 1000};
    uint64_t step_ms = 16u - (f->s.specify[0] >> 4);

    if (!f->timing)
        return FAST_SEEK_NS;
    return (steps + 1u) * step_ms * 1000000 * 500 / kbps[f->s.dsr & 3];
}

static void start_seek(struct fdc *f, unsigned unit, unsigned target)
{
    unsigned from = f->s.pcn[unit];

    f->s.target[unit] = (uint8_t)target;
    f->s.seeking |= (uint8_t)(1u << unit);
    f->s.pending &= (uint8_t) ~(1u << unit);
    timer_arm_in_ns(&f->seek[unit],
                    seek_ns(f, from > target ? from - target : target - from));
    idle(f);
}

static void seek_done(void *opaque)
{
    struct fdc_seek_ref *ref = opaque;
    struct fdc *f = ref->fdc;
    unsigned n = ref->n;
    struct floppy *d = fdc_drive(f, n);
    uint8_t st0 = (uint8_t)(ST0_SE | n);

    f->s.seeking &= (uint8_t) ~(1u << n);
    if (f->s.target[n] == 0xff) { /* RECALIBRATE */
        f->s.pcn[n] = 0;
        if (d)
            floppy_step_to(d, 0);
        else
            st0 |= ST0_ABNORMAL | ST0_EC; /* track 0 never came */
    } else {
        fdc_step_head(f, n, f->s.target[n]);
    }
    f->s.pending |= (uint8_t)(1u << n);
    f->s.pending_st0[n] = st0;
    fdc_set_irq(f, true);
}

/* ---- reset ---- */

/* What the RESET pin, DOR and DSR have in common (section 4.1). */
static void soft_reset(struct fdc *f)
{
    struct fdc_state *s = &f->s;

    timer_cancel(&f->exec);
    for (unsigned n = 0; n < 4; n++)
        timer_cancel(&f->seek[n]);
    line_set(&f->dreq, false);
    idle(f);
    s->seeking = s->pending = 0;
    s->result_len = s->result_pos = 0;
    s->pos = s->len = 0;
    memset(s->pcn, 0, sizeof s->pcn);
    s->perpendicular &= 0xfc;
    if (!s->locked) {
        s->config = (uint8_t)((s->config & 0x40) | CONFIG_DEFAULT);
        s->pretrk = 0;
    }
    fdc_set_irq(f, false);
}

/* With polling on, all four drives report a change of their ready line. */
static void reset_over(struct fdc *f)
{
    idle(f);
    if (f->s.config & CONFIG_POLL_OFF)
        return;
    for (unsigned n = 0; n < 4; n++)
        f->s.pending_st0[n] = (uint8_t)(ST0_READY_CHANGED | n);
    f->s.pending = 15;
    fdc_set_irq(f, true);
}

static void leave_reset(struct fdc *f)
{
    f->s.in_reset = false;
    fdc_after(f, FDC_STEP_RESET, RESET_NS);
}

/* ---- commands ---- */

static void cmd_specify(struct fdc *f)
{
    memcpy(f->s.specify, f->s.command + 1, 2);
    idle(f);
}

static void cmd_sense_drive(struct fdc *f)
{
    const struct floppy *d = fdc_drive(f, fdc_unit(f));

    /* RDY and TS are always 1 on this chip. */
    f->s.result[0] = (uint8_t)(0x28 | (f->s.command[1] & 7));
    if (d && d->s.track == 0)
        f->s.result[0] |= 0x10;
    if (d && floppy_protected(d))
        f->s.result[0] |= 0x40;
    fdc_result(f, 1, false);
}

static void cmd_recalibrate(struct fdc *f)
{
    start_seek(f, fdc_unit(f), 0xff);
}

/* Another seek's end interrupts again; the reports after a reset, which a
 * driver may leave unread, do not. */
static bool seek_end_pending(const struct fdc_state *s)
{
    for (unsigned n = 0; n < 4; n++)
        if (s->pending >> n & 1 &&
            (s->pending_st0[n] & 0xc0) != ST0_READY_CHANGED)
            return true;
    return false;
}

static void cmd_sense_interrupt(struct fdc *f)
{
    struct fdc_state *s = &f->s;

    for (unsigned n = 0; n < 4; n++) {
        if (!(s->pending >> n & 1))
            continue;
        s->pending &= (uint8_t) ~(1u << n);
        s->result[0] = s->pending_st0[n];
        s->result[1] = s->pcn[n];
        fdc_result(f, 2, false);
        fdc_set_irq(f, seek_end_pending(s));
        return;
    }
    fdc_set_irq(f, false);
    invalid(f);
}

/* Bit 7: relative, by the DIR bit 6 inwards or outwards. */
static void cmd_seek(struct fdc *f)
{
    unsigned unit = fdc_unit(f), n = f->s.command[2];
    int track = (int)n;

    if (f->s.command[0] & 0x80) {
        track = f->s.pcn[unit] + (f->s.command[0] & 0x40 ? 1 : -1) * (int)n;
        track = track < 0 ? 0 : track;
    }
    start_seek(f, unit, track > 0xfe ? 0xfe : (unsigned)track);
}

static void cmd_dumpreg(struct fdc *f)
{
    struct fdc_state *s = &f->s;

    memcpy(s->result, s->pcn, 4);
    memcpy(s->result + 4, s->specify, 2);
    s->result[6] = s->eot;
    s->result[7] =
        (uint8_t)((s->locked ? 0x80 : 0) | (s->perpendicular & 0x3f));
    s->result[8] = s->config;
    s->result[9] = s->pretrk;
    fdc_result(f, 10, false);
}

static void cmd_version(struct fdc *f)
{
    f->s.result[0] = 0x90; /* enhanced controller */
    fdc_result(f, 1, false);
}

static void cmd_perpendicular(struct fdc *f)
{
    uint8_t v = f->s.command[1];

    /* OW protects the drive bits. */
    f->s.perpendicular =
        (uint8_t)(v & 0x80 ? v & 0x3f : (f->s.perpendicular & 0x3c) | (v & 3));
    idle(f);
}

static void cmd_configure(struct fdc *f)
{
    f->s.config = f->s.command[2] & 0x7f;
    f->s.pretrk = f->s.command[3];
    idle(f);
}

static void cmd_lock(struct fdc *f)
{
    f->s.locked = f->s.command[0] & 0x80;
    f->s.result[0] = f->s.locked ? 0x10 : 0;
    fdc_result(f, 1, false);
}

struct fdc_op {
    uint8_t mask, code; /* of the first byte */
    uint8_t len;
    void (*run)(struct fdc *f);
};

static const struct fdc_op ops[] = {
    {0x9f, 0x02, 9, fdc_start_transfer}, /* READ TRACK */
    {0xff, 0x03, 3, cmd_specify},
    {0xff, 0x04, 2, cmd_sense_drive},
    {0x3f, 0x05, 9, fdc_start_transfer}, /* WRITE DATA */
    {0x1f, 0x06, 9, fdc_start_transfer}, /* READ DATA */
    {0xff, 0x07, 2, cmd_recalibrate},
    {0xff, 0x08, 1, cmd_sense_interrupt},
    {0x3f, 0x09, 9, fdc_start_transfer}, /* WRITE DELETED DATA */
    {0xbf, 0x0a, 2, fdc_start_read_id},
    {0x1f, 0x0c, 9, fdc_start_transfer}, /* READ DELETED DATA */
    {0xbf, 0x0d, 6, fdc_start_format},
    {0xff, 0x0e, 1, cmd_dumpreg},
    {0xff, 0x0f, 3, cmd_seek},
    {0xbf, 0x8f, 3, cmd_seek}, /* RELATIVE SEEK */
    {0xff, 0x10, 1, cmd_version},
    {0xff, 0x12, 2, cmd_perpendicular},
    {0xff, 0x13, 4, cmd_configure},
    {0x7f, 0x14, 1, cmd_lock},
    {0x1f, 0x16, 9, fdc_start_transfer}, /* VERIFY */
};

static const struct fdc_op *find(uint8_t first)
{
    for (unsigned i = 0; i < ARRAY_LEN(ops); i++) {
        uint8_t mask = ops[i].mask;

        if ((first & mask) == (ops[i].code & mask))
            return &ops[i];
    }
    return NULL;
}

static void command_byte(struct fdc *f, uint8_t v)
{
    struct fdc_state *s = &f->s;
    const struct fdc_op *op;

    if (s->command_len == 0) {
        op = find(v);
        s->command[0] = v;
        if (!op) {
            log_debug(&f->dev.log, "command %02x is not known", v);
            invalid(f);
            return;
        }
        s->command_need = op->len;
    } else {
        s->command[s->command_len] = v;
    }
    if (++s->command_len < s->command_need)
        return;
    op = find(s->command[0]);
    s->command_len = 0;
    if (op)
        op->run(f);
}

static void exec_fire(void *opaque)
{
    struct fdc *f = opaque;
    enum fdc_step step = f->s.step;

    f->s.step = FDC_STEP_NONE;
    if (step == FDC_STEP_RESET)
        reset_over(f);
    else if (step != FDC_STEP_NONE)
        fdc_data_step(f, step);
}

/* ---- registers ---- */

static uint8_t main_status(const struct fdc *f)
{
    const struct fdc_state *s = &f->s;
    uint8_t v = s->seeking;
    uint8_t nd = s->specify[1] & 1 ? MSR_NDM : 0;

    if (s->in_reset || s->step == FDC_STEP_RESET)
        return 0;
    switch (s->phase) {
    case FDC_COMMAND:
        return v | MSR_RQM | (s->command_len ? MSR_CB : 0);
    case FDC_EXECUTE:
        return v | MSR_CB | nd;
    case FDC_TO_HOST:
        return v | MSR_CB | nd | (nd ? MSR_RQM | MSR_DIO : 0);
    case FDC_FROM_HOST:
        return v | MSR_CB | nd | (nd ? MSR_RQM : 0);
    default:
        return v | MSR_CB | MSR_RQM | MSR_DIO;
    }
}

static uint8_t fifo_read(struct fdc *f)
{
    struct fdc_state *s = &f->s;
    uint8_t v;

    if (s->phase == FDC_TO_HOST && (s->specify[1] & 1))
        return fdc_data_read(f);
    if (s->phase != FDC_RESULT) {
        log_debug(&f->dev.log, "FIFO read without data");
        return 0;
    }
    if (s->result_pos == 0 && s->result_len == 7)
        fdc_set_irq(f, false);
    v = s->result[s->result_pos++ & 15];
    if (s->result_pos >= s->result_len)
        idle(f);
    return v;
}

static void fifo_write(struct fdc *f, uint8_t v)
{
    if (f->s.in_reset || f->s.step == FDC_STEP_RESET)
        return;
    if (f->s.phase == FDC_FROM_HOST && (f->s.specify[1] & 1))
        fdc_data_write(f, v);
    else if (f->s.phase == FDC_COMMAND)
        command_byte(f, v);
    else
        log_debug(&f->dev.log, "FIFO write of %02x ignored", v);
}

/* DSKCHG of the selected drive, while its motor is on. */
static uint8_t digital_input(const struct fdc *f)
{
    unsigned unit = f->s.dor & DOR_SELECT;
    const struct floppy *d = fdc_drive(f, unit);

    return fdc_motor_on(f, unit) && d && (d->s.changed || !d->image) ? 0x80 : 0;
}

static uint32_t fdc_read(struct device *dev, uint16_t port, unsigned size)
{
    struct fdc *f = fdc_of(dev);

    (void)size;
    switch (port & 7) {
    case 2:
        return f->s.dor;
    case 3:
        return f->s.tdr;
    case 4:
        return main_status(f);
    case 5:
        return fifo_read(f);
    case 7:
        return digital_input(f);
    default:
        return 0xff;
    }
}

static void write_dor(struct fdc *f, uint8_t v)
{
    uint8_t old = f->s.dor;

    f->s.dor = v;
    if (!(v & DOR_RESET)) {
        if (old & DOR_RESET)
            soft_reset(f);
        f->s.in_reset = true;
    } else if (!(old & DOR_RESET)) {
        leave_reset(f);
    }
    fdc_set_irq(f, f->s.irq);
}

static void fdc_write(struct device *dev, uint16_t port, uint32_t value,
                      unsigned size)
{
    struct fdc *f = fdc_of(dev);
    uint8_t v = (uint8_t)value;

    (void)size;
    switch (port & 7) {
    case 2:
        write_dor(f, v);
        break;
    case 3:
        f->s.tdr = v & 3;
        break;
    case 4:
        f->s.dsr = v & 0x7f;
        if ((v & 0x80) && !f->s.in_reset) { /* resets and clears itself */
            soft_reset(f);
            leave_reset(f);
        }
        break;
    case 5:
        fifo_write(f, v);
        break;
    case 7: /* CCR sets the rate as DSR does */
        f->s.ccr = v & 3;
        f->s.dsr = (uint8_t)((f->s.dsr & ~3) | (v & 3));
        break;
    }
}

/* ---- DMA ---- */

static size_t dma_read(void *opaque, uint8_t *to, size_t n)
{
    return fdc_give(opaque, to, n);
}

static size_t dma_write(void *opaque, const uint8_t *from, size_t n)
{
    return fdc_take(opaque, from, n);
}

static void dma_tc(void *opaque)
{
    fdc_terminal_count(opaque);
}

const struct dma_client *fdc_dma_client(struct device *fdc)
{
    struct fdc *f = fdc_of(fdc);

    f->client = (struct dma_client){f, dma_read, dma_write, dma_tc};
    return &f->client;
}

void fdc_attach(struct device *fdc, unsigned n, struct device *drive)
{
    fdc_of(fdc)->drive[n & 1] = floppy_of(drive);
}

/* ---- life ---- */

static bool fdc_init(struct device *dev, struct error *err)
{
    struct fdc *f = fdc_of(dev);

    (void)err;
    snprintf(f->names[4], sizeof f->names[4], "%s.exec", dev->id);
    timer_init(&f->exec, dev->sv->clock, f->names[4], exec_fire, f);
    for (unsigned n = 0; n < 4; n++) {
        f->ref[n] = (struct fdc_seek_ref){f, n};
        snprintf(f->names[n], sizeof f->names[n], "%s.seek%u", dev->id, n);
        timer_init(&f->seek[n], dev->sv->clock, f->names[n], seek_done,
                   &f->ref[n]);
    }
    return true;
}

static void fdc_reset(struct device *dev, enum reset_kind kind)
{
    struct fdc *f = fdc_of(dev);

    if (kind == RESET_SOFTWARE) /* INIT reaches the processor alone */
        return;
    f->s = (struct fdc_state){
        .dsr = 0x02, .in_reset = true, .config = CONFIG_DEFAULT};
    soft_reset(f);
}

static bool fdc_post_load(struct device *dev, struct error *err)
{
    const struct fdc_state *s = &fdc_of(dev)->s;

    if (s->phase >= FDC_PHASES || s->step >= FDC_STEPS || s->pos > s->len ||
        s->len > FDC_SECTOR || s->command_need > sizeof s->command ||
        s->command_len > s->command_need ||
        (s->command_len && s->command_len == s->command_need) ||
        s->result_len > sizeof s->result || s->result_pos > s->result_len ||
        s->seeking > 15 || s->pending > 15)
        return error_set(err, EXIT_BAD_DATA,
                         "floppy controller state is out of range");
    return true;
}

static void fdc_info(struct device *dev, struct out *out)
{
    struct fdc *f = fdc_of(dev);

    out_printf(out, "MSR %02x\n", main_status(f));
    for (unsigned n = 0; n < 2; n++)
        if (fdc_drive(f, n))
            out_printf(out, "drive %c: track %u, motor %s\n", (char)('A' + n),
                       f->drive[n]->s.track, fdc_motor_on(f, n) ? "on" : "off");
}

static void fdc_destroy(struct device *dev)
{
    struct fdc *f = fdc_of(dev);

    timer_destroy(&f->exec);
    for (unsigned n = 0; n < 4; n++)
        timer_destroy(&f->seek[n]);
}

#define ROW(m, h)  FIELD(struct fdc_state, m, h)
#define ROWS(m, h) FIELD_ARRAY(struct fdc_state, m, h)

static const struct field fdc_fields[] = {
    ROW(dor, "digital output register"),
    ROW(dsr, "data rate select register"),
    ROW(ccr, "configuration control register"),
    ROW(tdr, "tape drive register"),
    ROW(phase, "phase: command, execute, to host, from host, result"),
    ROW(step, "what the timer does next"),
    ROW(irq, "interrupt request before the DMAGATE"),
    ROW(in_reset, "held in reset by DOR"),
    ROWS(command, "command bytes"),
    ROW(command_len, "command bytes received"),
    ROW(command_need, "command bytes expected"),
    ROWS(result, "result bytes"),
    ROW(result_len, "result bytes in all"),
    ROW(result_pos, "result bytes read"),
    ROWS(specify, "SPECIFY: SRT HUT, HLT ND"),
    ROW(config, "CONFIGURE: EIS EFIFO POLL FIFOTHR"),
    ROW(pretrk, "precompensation start track"),
    ROW(perpendicular, "PERPENDICULAR MODE bits"),
    ROW(locked, "LOCK: software reset keeps the configuration"),
    ROW(eot, "last sector of a track"),
    ROWS(pcn, "present cylinder numbers"),
    ROWS(target, "targets of seeks, 255: recalibrate"),
    ROW(seeking, "drives that seek"),
    ROW(pending, "drives with an interrupt status to sense"),
    ROWS(pending_st0, "their ST0"),
    ROW(c, "cylinder of the sector id"),
    ROW(h, "head of the sector id"),
    ROW(r, "record of the sector id"),
    ROW(n, "size code of the sector id"),
    ROW(st1, "status register 1 so far"),
    ROW(st2, "status register 2 so far"),
    ROW(tc, "terminal count was seen"),
    ROW(multi_track, "transfer goes on to the other side"),
    ROW(pos, "place in the data"),
    ROW(len, "end of the data"),
    ROWS(data, "sector being moved"),
    ROW(sectors_left, "sectors left to format or verify"),
    FIELD_END,
};

/* clang-format off */
static const struct option fdc_options[] = {
    {"timing", "enum:fast|real", offsetof(struct fdc, timing), "fast",
     "seek and rotation times"},
    {"check_rate", "bool", offsetof(struct fdc, check_rate), "0",
     "fail when the data rate does not fit the disk"},
    {"implied_seek", "bool", offsetof(struct fdc, implied_seek), "1",
     "READ and WRITE move the head by themselves, as Bochs's BIOS expects"},
    {0},
};
/* clang-format on */

/* clang-format off */
static const struct port_range fdc_ports[] = {
    {0x3f0, 6, IO8, fdc_read, fdc_write, "floppy controller"},
    {0x3f7, 1, IO8, fdc_read, fdc_write, "disk change, data rate"},
    {0},
};
/* clang-format on */

static const struct line_out fdc_lines_out[] = {
    {"irq", offsetof(struct fdc, irq), 1},
    {"dreq", offsetof(struct fdc, dreq), 1},
    {0},
};

const struct device_class fdc_class = {
    .name = "fdc",
    .summary = "82077AA floppy disk controller",
    DEVICE_STATE(struct fdc, s),
    .state_version = 1,
    .fields = fdc_fields,
    .ports = fdc_ports,
    .options = fdc_options,
    .lines_out = fdc_lines_out,
    .init = fdc_init,
    .reset = fdc_reset,
    .post_load = fdc_post_load,
    .info = fdc_info,
    .destroy = fdc_destroy,
};
