/*
 * floppy.c - INT 13h for floppies (INT 40h), INT 0Eh, the motor's timer.
 *
 * Controller: Intel 82077AA datasheet (290166). DMA channel 2, IRQ 6.
 * Departure from the AT's BIOS: there is no wait for the motor to come up to
 * speed; the controller finds the index hole when it does.
 */
#include "bios/real/real.h"

enum { DOR = 0x3f2, MSR = 0x3f4, FIFO = 0x3f5, CCR = 0x3f7, DIR = 0x3f7 };
enum { RQM = 0x80, DIO = 0x40 };
enum {
    DMA_ADDRESS = 0x04,
    DMA_COUNT = 0x05,
    DMA_MASK = 0x0a,
    DMA_MODE = 0x0b,
    DMA_CLEAR = 0x0c,
    DMA_PAGE = 0x81
};
enum {
    SPECIFY = 0x03,
    RECALIBRATE = 0x07,
    SENSE_INTERRUPT = 0x08,
    READ_ID = 0x4a,
    FORMAT_TRACK = 0x4d,
    SEEK = 0x0f,
    WRITE = 0xc5,
    READ = 0xc6
};
enum { DMA_READS = 0x4a, DMA_WRITES = 0x46, DMA_VERIFIES = 0x42 };

enum {
    OK = 0x00,
    BAD_COMMAND = 0x01,
    ADDRESS_MARK = 0x02,
    WRITE_PROTECTED = 0x03,
    SECTOR_NOT_FOUND = 0x04,
    CHANGED = 0x06,
    OVERRUN = 0x08,
    DMA_BOUNDARY = 0x09,
    CRC_ERROR = 0x10,
    CONTROLLER = 0x20,
    SEEK_FAILED = 0x40,
    TIMED_OUT = 0x80,
};

#define IRQ_CAME     0x80
#define WAIT_TICKS   40u
#define MOTOR_TICKS  37u
#define FIFO_READS   200000u
#define UNKNOWN_RATE 0xff

void irq_floppy(struct regs *r);

/* By CMOS type 1-6: cylinders, sectors. */
TABLE u8 shapes[7][2] = {{0, 0},   {40, 9},  {80, 15}, {80, 9},
                         {80, 18}, {80, 36}, {80, 36}};

/* Data rates to try, CCR codes; FFh ends. */
TABLE u8 rates[7][4] = {{0xff, 0xff, 0xff, 0xff}, {2, 0xff, 0xff, 0xff},
                        {0, 1, 2, 0xff},          {2, 0xff, 0xff, 0xff},
                        {0, 2, 0xff, 0xff},       {3, 0, 2, 0xff},
                        {3, 0, 2, 0xff}};

/* Disk parameter tables (INT 1Eh) of the types. */
TABLE u8 parameter_tables[7][11] = {
    {0xaf, 0x02, 0x25, 2, 18, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 8},
    {0xdf, 0x02, 0x25, 2, 9, 0x2a, 0xff, 0x50, 0xf6, 0x0f, 8},
    {0xdf, 0x02, 0x25, 2, 15, 0x1b, 0xff, 0x54, 0xf6, 0x0f, 8},
    {0xdf, 0x02, 0x25, 2, 9, 0x2a, 0xff, 0x50, 0xf6, 0x0f, 8},
    {0xaf, 0x02, 0x25, 2, 18, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 8},
    {0xaf, 0x02, 0x25, 2, 36, 0x1b, 0xff, 0x53, 0xf6, 0x0f, 8},
    {0xaf, 0x02, 0x25, 2, 36, 0x1b, 0xff, 0x53, 0xf6, 0x0f, 8},
};

/* ---- the controller ------------------------------------------------------ */

void irq_floppy(struct regs *r)
{
    (void)r;
    set_bda8(BDA_FLOPPY_RECALIBRATED,
             (u8)(bda8(BDA_FLOPPY_RECALIBRATED) | IRQ_CAME));
    eoi_master();
}

/* Of each timer tick: motors stop some time after the last use. */
void floppy_tick(void)
{
    u8 left = bda8(BDA_FLOPPY_TIMEOUT);

    if (!left)
        return;
    set_bda8(BDA_FLOPPY_TIMEOUT, --left);
    if (!left) {
        u8 motors = bda8(BDA_FLOPPY_MOTOR);

        set_bda8(BDA_FLOPPY_MOTOR, motors & 0xf0);
        outb(DOR, (u8)(0x0c | (motors >> 4 & 3)));
    }
}

static u8 table_byte(unsigned n)
{
    return peek8(peek16(0, 0x1e * 4 + 2), peek16(0, 0x1e * 4) + n);
}

static u8 type_of(unsigned drive)
{
    u8 types = cmos_read(CMOS_FLOPPIES);
    u8 type = drive ? types & 15 : types >> 4;

    return type > 6 ? 0 : type;
}

static bool wait_interrupt(void)
{
    u16 start = bda16(BDA_TICKS);

    for (;;) {
        u8 flags;

        irq_off();
        flags = bda8(BDA_FLOPPY_RECALIBRATED);
        if (flags & IRQ_CAME) {
            set_bda8(BDA_FLOPPY_RECALIBRATED, flags & ~IRQ_CAME);
            irq_on();
            return true;
        }
        if ((u16)(bda16(BDA_TICKS) - start) > WAIT_TICKS) {
            irq_on();
            return false;
        }
        wait_irq();
    }
}

static void forget_interrupt(void)
{
    set_bda8(BDA_FLOPPY_RECALIBRATED,
             bda8(BDA_FLOPPY_RECALIBRATED) & ~IRQ_CAME);
}

static bool wait_fifo(u8 direction)
{
    for (u32 n = 0; n < FIFO_READS; n++)
        if ((inb(MSR) & (RQM | DIO)) == (RQM | direction))
            return true;
    return false;
}

static bool send(u8 v)
{
    if (!wait_fifo(0))
        return false;
    outb(FIFO, v);
    return true;
}

static bool results(unsigned n)
{
    for (unsigned k = 0; k < n; k++) {
        if (!wait_fifo(DIO))
            return false;
        set_bda8(BDA_FDC_RESULT + k, inb(FIFO));
    }
    return true;
}

static bool sense_interrupt(void)
{
    return send(SENSE_INTERRUPT) && results(2);
}

static u8 reset_controller(void)
{
    u8 motors = bda8(BDA_FLOPPY_MOTOR);
    u8 dor = (u8)((motors & 3) << 4 | (motors >> 4 & 3));

    irq_off();
    forget_interrupt();
    outb(DOR, dor | 0x08);
    inb(MSR);
    inb(MSR);
    set_bda8(BDA_FLOPPY_RECALIBRATED, 0);
    outb(DOR, dor | 0x0c);
    irq_on();
    if (!wait_interrupt())
        return TIMED_OUT;
    for (unsigned n = 0; n < 4; n++)
        if (!sense_interrupt())
            return CONTROLLER;
    if (!send(SPECIFY) || !send(table_byte(0)) || !send(table_byte(1)))
        return CONTROLLER;
    return OK;
}

static void motor_on(unsigned drive)
{
    set_bda8(BDA_FLOPPY_TIMEOUT, 0xff);
    set_bda8(BDA_FLOPPY_MOTOR,
             (u8)((bda8(BDA_FLOPPY_MOTOR) & 0x8f) | 1 << drive | drive << 4));
    outb(DOR, (u8)(0x0c | (bda8(BDA_FLOPPY_MOTOR) & 3) << 4 | drive));
}

static void let_motor_run(void)
{
    set_bda8(BDA_FLOPPY_TIMEOUT, MOTOR_TICKS);
}

static u8 recalibrate(unsigned drive)
{
    /* One command makes 79 steps; a drive may have 80 to go. */
    for (unsigned n = 0; n < 2; n++) {
        forget_interrupt();
        if (!send(RECALIBRATE) || !send((u8)drive))
            return CONTROLLER;
        if (!wait_interrupt())
            return TIMED_OUT;
        if (!sense_interrupt())
            return CONTROLLER;
        if ((bda8(BDA_FDC_RESULT) & 0xf0) == 0x20) {
            set_bda8(BDA_FLOPPY_RECALIBRATED,
                     (u8)(bda8(BDA_FLOPPY_RECALIBRATED) | 1 << drive));
            set_bda8(BDA_FLOPPY_TRACK + drive, 0);
            return OK;
        }
    }
    return SEEK_FAILED;
}

static bool double_steps(unsigned drive)
{
    return bda8(BDA_FLOPPY_MEDIA + drive) & 0x20;
}

static u8 seek(unsigned drive, u8 head, u8 cylinder)
{
    if (!(bda8(BDA_FLOPPY_RECALIBRATED) & 1 << drive)) {
        u8 status = recalibrate(drive);

        if (status)
            return status;
    }
    if (bda8(BDA_FLOPPY_TRACK + drive) == cylinder)
        return OK;
    forget_interrupt();
    if (!send(SEEK) || !send((u8)(head << 2 | drive)) ||
        !send((u8)(double_steps(drive) ? cylinder * 2 : cylinder)))
        return CONTROLLER;
    if (!wait_interrupt())
        return TIMED_OUT;
    if (!sense_interrupt())
        return CONTROLLER;
    if ((bda8(BDA_FDC_RESULT) & 0xf0) != 0x20)
        return SEEK_FAILED;
    set_bda8(BDA_FLOPPY_TRACK + drive, cylinder);
    return OK;
}

/* ---- the medium ---------------------------------------------------------- */

static bool readable(unsigned drive, u8 rate)
{
    outb(CCR, rate);
    forget_interrupt();
    if (!send(READ_ID) || !send((u8)drive) || !wait_interrupt() || !results(7))
        return false;
    return (bda8(BDA_FDC_RESULT) & 0xc0) == 0;
}

/* Media state byte: rate in bits 7:6 (CCR code), 5 double step, 4 known. */
static void set_media(unsigned drive, u8 rate)
{
    u8 type = type_of(drive);
    u8 kind = 0x07; /* 720K, 1.44M, 2.88M in such a drive */
    bool twice = type == 2 && rate == 1;

    if (type == 2)
        kind = rate == 0 ? 0x05 : 0x04;
    else if (type == 1)
        kind = 0x03;
    set_bda8(BDA_FLOPPY_MEDIA + drive,
             (u8)(rate << 6 | (twice ? 0x20 : 0) | 0x10 | kind));
    bd.floppy_rate[drive] = rate;
}

/* Finds the data rate. Without a disk the search ends by the time limit of
 * the controller's answer. */
static u8 find_media(unsigned drive)
{
    u8 type = type_of(drive);
    u8 status = recalibrate(drive);

    if (status)
        return status;
    for (unsigned n = 0; n < 4 && rates[type][n] != 0xff; n++) {
        if (readable(drive, rates[type][n])) {
            set_media(drive, rates[type][n]);
            return OK;
        }
        if (!(bda8(BDA_FDC_RESULT) & 0xc0)) {
            reset_controller();
            return TIMED_OUT;
        }
    }
    return ADDRESS_MARK;
}

/* The change line falls when the heads step with a disk in the drive. */
static u8 clear_change(unsigned drive)
{
    bool known = bd.floppy_rate[drive] != UNKNOWN_RATE;

    bd.floppy_rate[drive] = UNKNOWN_RATE;
    set_bda8(BDA_FLOPPY_MEDIA + drive, 0);
    set_bda8(BDA_FLOPPY_RECALIBRATED,
             bda8(BDA_FLOPPY_RECALIBRATED) & (u8) ~(1 << drive));
    u8 status = recalibrate(drive);

    if (!status && inb(DIR) & 0x80) {
        set_bda8(BDA_FLOPPY_TRACK + drive, 0xff);
        status = seek(drive, 0, 1);
    }
    if (status)
        return status;
    if (inb(DIR) & 0x80)
        return TIMED_OUT; /* no disk */
    return known ? CHANGED : OK;
}

static u8 ready(unsigned drive)
{
    u8 type = type_of(drive), status = OK;

    motor_on(drive);
    if (type != 1 && inb(DIR) & 0x80)
        status = clear_change(drive);
    if (!status && bd.floppy_rate[drive] == UNKNOWN_RATE)
        status = find_media(drive);
    if (!status)
        outb(CCR, bd.floppy_rate[drive]);
    return status;
}

/* ---- transfers ----------------------------------------------------------- */

static bool start_dma(u32 address, u32 bytes, u8 mode)
{
    u32 count = bytes - 1;

    if ((address & 0xffff) + count > 0xffff)
        return false;
    outb(DMA_MASK, 0x06);
    outb(DMA_CLEAR, 0);
    outb(DMA_MODE, mode);
    outb(DMA_ADDRESS, (u8)address);
    outb(DMA_ADDRESS, (u8)(address >> 8));
    outb(DMA_PAGE, (u8)(address >> 16));
    outb(DMA_COUNT, (u8)count);
    outb(DMA_COUNT, (u8)(count >> 8));
    outb(DMA_MASK, 0x02);
    return true;
}

static u8 status_code(void)
{
    u8 st0 = bda8(BDA_FDC_RESULT), st1 = bda8(BDA_FDC_RESULT + 1);

    if (!(st0 & 0xc0))
        return OK;
    if (st1 & 0x02)
        return WRITE_PROTECTED;
    if (st1 & 0x20)
        return CRC_ERROR;
    if (st1 & 0x84)
        return SECTOR_NOT_FOUND;
    if (st1 & 0x10)
        return OVERRUN;
    if (st1 & 0x01)
        return ADDRESS_MARK;
    return st0 & 0x08 ? TIMED_OUT : CONTROLLER;
}

struct job {
    u8 command, mode, drive, cylinder, head, sector, count;
    u32 address;
};

static u8 command_bytes(const struct job *j)
{
    bool format = j->command == FORMAT_TRACK;
    u8 last = (u8)(j->sector + j->count - 1), spt = table_byte(4);

    if (last < spt)
        last = spt;
    if (!send(j->command) || !send((u8)(j->head << 2 | j->drive)))
        return CONTROLLER;
    if (format) {
        if (!send(table_byte(3)) || !send(spt) || !send(table_byte(7)) ||
            !send(table_byte(8)))
            return CONTROLLER;
        return OK;
    }
    if (!send(j->cylinder) || !send(j->head) || !send(j->sector) ||
        !send(table_byte(3)) || !send(last) || !send(table_byte(5)) ||
        !send(table_byte(6)))
        return CONTROLLER;
    return OK;
}

static u8 run(const struct job *j)
{
    u32 bytes = j->count * 512u;
    u8 status;

    if (j->command == FORMAT_TRACK)
        bytes = table_byte(4) * 4u;
    if (!start_dma(j->address, bytes, j->mode))
        return DMA_BOUNDARY;
    status = ready(j->drive);
    if (!status)
        status = seek(j->drive, j->head, j->cylinder);
    if (status)
        return status;
    forget_interrupt();
    status = command_bytes(j);
    if (status)
        return status;
    if (!wait_interrupt()) {
        reset_controller();
        return TIMED_OUT;
    }
    return results(7) ? status_code() : CONTROLLER;
}

static void transfer(struct regs *r, u8 command, u8 mode)
{
    struct job j;
    u8 status;

    j.command = command;
    j.mode = mode;
    j.drive = r->d.l;
    j.cylinder = r->c.h;
    j.head = r->d.h;
    j.sector = r->c.l;
    j.count = r->a.l;
    j.address = (u32)r->es * 16 + r->b.x;
    if (j.head > 1 || (command != FORMAT_TRACK && (!j.count || !j.sector))) {
        answer(r, BAD_COMMAND);
        r->a.l = 0;
        return;
    }
    if (mode == DMA_VERIFIES)
        j.address = 0;
    status = run(&j);
    if (status) {
        r->a.l = 0;
        if (status == CONTROLLER)
            reset_controller();
    }
    let_motor_run();
    answer(r, status);
}

/* ---- functions ----------------------------------------------------------- */

static void set_table(struct regs *r, u8 type)
{
    r->es = DATA_SEG;
    r->di.x = (u16)(u32)&parameter_tables[type];
}

static void get_parameters(struct regs *r)
{
    u8 type = type_of(r->d.l);

    r->a.x = 0;
    r->b.x = type;
    r->d.l = bd.floppies;
    if (!type) {
        r->c.x = 0;
        r->d.h = 0;
        r->es = 0;
        r->di.x = 0;
    } else {
        r->c.h = (u8)(shapes[type][0] - 1);
        r->c.l = shapes[type][1];
        r->d.h = 1;
        set_table(r, type);
    }
    answer(r, OK);
}

static void get_type(struct regs *r)
{
    u8 type = type_of(r->d.l);

    r->a.h = (u8)(!type ? 0 : type == 1 ? 1 : 2); /* 2: with change line */
    set_flag(r, CF, false);
}

static u8 check_change(unsigned drive)
{
    u8 status = OK;

    if (type_of(drive) == 1)
        return CHANGED;
    motor_on(drive);
    if (inb(DIR) & 0x80)
        status = CHANGED;
    let_motor_run();
    return status;
}

/* 17h: AL 1 360K in 360K, 2 360K in 1.2M, 3 1.2M, 4 720K (or 1.44M). */
static u8 set_kind(unsigned drive, u8 kind)
{
    TABLE u8 rate[5] = {0, 2, 1, 0, 2};

    if (!kind || kind > 4)
        return BAD_COMMAND;
    set_media(drive, rate[kind]);
    return OK;
}

/* 18h: a number of tracks and sectors to format. */
static void set_shape(struct regs *r)
{
    u8 type = type_of(r->d.l), tracks = (u8)(r->c.h + 1);

    for (u8 t = 1; t <= 5; t++) {
        bool fits = t == type || (type == 2 && t == 1) ||
                    (type >= 4 && (t == 3 || t == 4));

        if (!fits || shapes[t][0] != tracks || shapes[t][1] != r->c.l)
            continue;
        if (t > type)
            continue;
        set_media(r->d.l, (u8)(t == 1 && type == 2 ? 1 : rates[t][0]));
        set_table(r, t);
        answer(r, OK);
        return;
    }
    answer(r, 0x0c);
}

void floppy_service(struct regs *r)
{
    irq_on();
    if (r->d.l > 1 || (!type_of(r->d.l) && r->a.h != 0x08 && r->a.h != 0x15)) {
        if (r->a.h == 0x08 && r->d.l < 0x80) {
            get_parameters(r);
            return;
        }
        answer(r, r->a.h == 0 ? OK : BAD_COMMAND);
        set_bda8(BDA_FLOPPY_STATUS, r->a.h);
        return;
    }
    switch (r->a.h) {
    case 0x00:
        answer(r, reset_controller());
        break;
    case 0x01:
        answer(r, bda8(BDA_FLOPPY_STATUS));
        return;
    case 0x02:
        transfer(r, READ, DMA_WRITES);
        break;
    case 0x03:
        transfer(r, WRITE, DMA_READS);
        break;
    case 0x04:
        transfer(r, READ, DMA_VERIFIES);
        break;
    case 0x05:
        transfer(r, FORMAT_TRACK, DMA_READS);
        break;
    case 0x08:
        get_parameters(r);
        return;
    case 0x15:
        get_type(r);
        return;
    case 0x16:
        answer(r, check_change(r->d.l));
        break;
    case 0x17:
        answer(r, set_kind(r->d.l, r->a.l));
        break;
    case 0x18:
        set_shape(r);
        break;
    default:
        answer(r, BAD_COMMAND);
        break;
    }
    set_bda8(BDA_FLOPPY_STATUS, r->a.h);
}
