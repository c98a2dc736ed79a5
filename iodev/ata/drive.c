/*
 * drive.c - an ATA drive: task file, phases, data port, resets.
 *
 * Source: ATA/ATAPI-6 (T13/1410D r3b), chapters 7, 9 and 10.
 */
#include "iodev/ata/drive.h"

#include "core/host.h"

#include <stdlib.h>

/* ---- ending a step ---- */

bool drive_has_dma(const struct ata_drive *d)
{
    return ata_bus_master(d->channel) != NULL;
}

void drive_interrupt(struct ata_drive *d)
{
    d->s.intrq = true;
    ata_update_irq(d->channel);
}

void drive_after(struct ata_drive *d, enum ata_step step, uint64_t ns)
{
    d->s.phase = PHASE_BUSY;
    d->s.step = (uint8_t)step;
    d->s.status = (uint8_t)((d->s.status | ATA_BSY) & ~(ATA_DRQ | ATA_ERR));
    timer_arm_in_ns(&d->timer, ns);
}

static void idle(struct ata_drive *d)
{
    d->s.phase = PHASE_IDLE;
    d->s.step = STEP_NONE;
    d->s.pos = d->s.len = 0;
    timer_cancel(&d->timer);
}

void drive_done(struct ata_drive *d)
{
    idle(d);
    d->s.status = ATA_DRDY | ATA_DSC;
    d->s.error = 0;
    drive_interrupt(d);
}

void drive_fail(struct ata_drive *d, uint8_t error)
{
    idle(d);
    d->s.status = ATA_DRDY | ATA_DSC | ATA_ERR;
    d->s.error = error;
    drive_interrupt(d);
}

/* ---- PIO ---- */

void drive_pio(struct ata_drive *d, enum ata_phase phase, uint32_t len,
               bool interrupt)
{
    d->s.phase = (uint8_t)phase;
    d->s.step = STEP_NONE;
    d->s.len = len;
    d->s.status = ATA_DRDY | ATA_DSC | ATA_DRQ;
    if (interrupt)
        drive_interrupt(d);
}

/* The host has read all of a block. */
static void drained(struct ata_drive *d)
{
    if (d->type == ATA_CDROM && d->s.command == 0xa0) {
        drive_after(d, STEP_PACKET_IN, ATA_BLOCK_NS);
    } else if (d->s.left) {
        drive_after(d, STEP_READ, ATA_BLOCK_NS);
    } else {
        idle(d);
        d->s.status = ATA_DRDY | ATA_DSC;
    }
}

static void filled(struct ata_drive *d)
{
    if (d->type == ATA_CDROM)
        packet_received(d);
    else
        drive_after(d, STEP_WRITE, ATA_BLOCK_NS);
}

uint32_t drive_data_read(struct ata_drive *d, unsigned size)
{
    struct ata_drive_state *s = &d->s;
    uint8_t bytes[4] = {0};
    unsigned n;

    if (s->phase != PHASE_PIO_IN)
        return UINT32_MAX;
    n = s->len - s->pos < size ? s->len - s->pos : size;
    memcpy(bytes, s->buffer + s->pos, n);
    s->pos += n;
    if (s->pos == s->len)
        drained(d);
    return ld_le32(bytes);
}

void drive_data_write(struct ata_drive *d, uint32_t v, unsigned size)
{
    struct ata_drive_state *s = &d->s;
    uint8_t bytes[4];
    unsigned n;

    if (s->phase != PHASE_PIO_OUT)
        return;
    st_le32(bytes, v);
    n = s->len - s->pos < size ? s->len - s->pos : size;
    memcpy(s->buffer + s->pos, bytes, n);
    s->pos += n;
    if (s->pos == s->len)
        filled(d);
}

/* Of `count` elements those that leave something of the block. */
static uint32_t before_end(const struct ata_drive_state *s, uint32_t count,
                           unsigned size)
{
    uint32_t most = s->len > s->pos ? (s->len - s->pos - 1) / size : 0;

    return count < most ? count : most;
}

uint32_t drive_block_read(struct ata_drive *d, uint8_t *to, uint32_t count,
                          unsigned size)
{
    struct ata_drive_state *s = &d->s;

    if (s->phase != PHASE_PIO_IN)
        return 0;
    count = before_end(s, count, size);
    memcpy(to, s->buffer + s->pos, (size_t)count * size);
    s->pos += count * size;
    return count;
}

uint32_t drive_block_write(struct ata_drive *d, const uint8_t *from,
                           uint32_t count, unsigned size)
{
    struct ata_drive_state *s = &d->s;

    if (s->phase != PHASE_PIO_OUT)
        return 0;
    count = before_end(s, count, size);
    memcpy(s->buffer + s->pos, from, (size_t)count * size);
    s->pos += count * size;
    return count;
}

/* ---- DMA ---- */

void drive_dma(struct ata_drive *d, bool to_memory)
{
    d->s.phase = to_memory ? PHASE_DMA_IN : PHASE_DMA_OUT;
    d->s.step = STEP_NONE;
    d->s.status = ATA_DRDY | ATA_DSC | ATA_DRQ;
    drive_try_dma(d);
}

void drive_try_dma(struct ata_drive *d)
{
    const struct ata_bus_master *bm = ata_bus_master(d->channel);
    bool to_memory = d->s.phase == PHASE_DMA_IN;
    uint64_t bytes;

    if ((!to_memory && d->s.phase != PHASE_DMA_OUT) || !bm ||
        d->s.step == STEP_DMA || !bm->ready(bm->opaque, to_memory))
        return;
    bytes = (uint64_t)d->s.left * 512 + (d->s.len - d->s.pos);
    d->s.step = STEP_DMA;
    d->s.status = ATA_BSY | ATA_DSC;
    timer_arm_in_ns(&d->timer, ATA_BLOCK_NS + bytes * ATA_DMA_NS);
}

/* Everything in one go; stops where the descriptor table ends. */
static void dma_step(struct ata_drive *d)
{
    const struct ata_bus_master *bm = ata_bus_master(d->channel);
    bool to_memory = d->s.phase == PHASE_DMA_IN;

    d->s.step = STEP_NONE;
    d->s.status = ATA_DRDY | ATA_DSC | ATA_DRQ;
    while (bm && bm->ready(bm->opaque, to_memory)) {
        uint32_t n = d->s.len - d->s.pos;

        if (n) {
            size_t moved =
                bm->move(bm->opaque, d->s.buffer + d->s.pos, n, to_memory);

            d->s.pos += (uint32_t)moved;
            if (moved < n)
                return; /* waits for a new table, or for a reset */
        }
        if (!(d->type == ATA_CDROM ? packet_dma_next(d) : disk_dma_next(d))) {
            bm->finished(bm->opaque);
            return;
        }
    }
}

/* ---- commands and resets ---- */

void drive_write_register(struct ata_drive *d, unsigned reg, uint8_t v)
{
    struct ata_pair *const pairs[] = {NULL,      &d->s.features, &d->s.count,
                                      &d->s.low, &d->s.mid,      &d->s.high};

    /* Not looked at while the drive is busy (9.2). */
    if (d->s.status & ATA_BSY)
        return;
    if (reg == 6) {
        d->s.device = v;
    } else if (reg < ARRAY_LEN(pairs) && pairs[reg]) {
        pairs[reg]->previous = pairs[reg]->now;
        pairs[reg]->now = v;
    }
}

/* Table 39: what a drive leaves in the task file after a reset. */
void drive_signature(struct ata_drive *d)
{
    bool cd = d->type == ATA_CDROM;

    d->s.count = d->s.low = (struct ata_pair){.now = 1};
    d->s.mid = (struct ata_pair){.now = cd ? 0x14 : 0};
    d->s.high = (struct ata_pair){.now = cd ? 0xeb : 0};
    d->s.device &= ATA_DEV;
}

static void reset_done(struct ata_drive *d)
{
    bool diagnosed = d->s.command == 0x90;

    idle(d);
    d->s.error = 1; /* passed */
    d->s.status = d->type == ATA_CDROM ? 0 : ATA_DRDY | ATA_DSC;
    d->s.command = 0;
    if (diagnosed)
        drive_interrupt(d);
}

static void start_reset(struct ata_drive *d)
{
    idle(d);
    d->s.device = 0;
    drive_signature(d);
    d->s.intrq = false;
    d->s.asleep = d->s.standby = false;
    d->s.left = 0;
    drive_after(d, STEP_RESET, ATA_RESET_NS);
}

void drive_srst(struct ata_drive *d, bool level)
{
    start_reset(d);
    d->s.command = 0;
    if (level)
        timer_cancel(&d->timer); /* BSY as long as SRST is set */
}

void drive_diagnose(struct ata_drive *d)
{
    start_reset(d);
    d->s.command = 0x90;
}

void drive_command(struct ata_drive *d, uint8_t command)
{
    d->s.intrq = false;
    if (command == 0x08 && d->type == ATA_CDROM) { /* DEVICE RESET */
        uint8_t device = d->s.device;

        start_reset(d);
        d->s.device = device & ATA_DEV;
        d->s.command = command;
        return;
    }
    if (d->s.phase == PHASE_BUSY || d->s.step == STEP_DMA || d->s.asleep) {
        log_debug(&d->dev.log, "command %02x while %s", command,
                  d->s.asleep ? "asleep" : "busy");
        return;
    }
    if (d->s.phase != PHASE_IDLE)
        log_debug(&d->dev.log, "command %02x ends a transfer", command);
    idle(d);
    d->s.command = command;
    d->s.left = 0;
    drive_after(d, STEP_COMMAND, ATA_COMMAND_NS);
}

static void drive_step(void *opaque)
{
    struct ata_drive *d = opaque;
    enum ata_step step = d->s.step;

    d->s.step = STEP_NONE;
    switch (step) {
    case STEP_COMMAND:
        if (d->type == ATA_CDROM)
            packet_command(d);
        else
            disk_command(d);
        break;
    case STEP_READ:
        disk_read_block(d);
        break;
    case STEP_WRITE:
        disk_buffer_full(d);
        break;
    case STEP_DMA:
        dma_step(d);
        break;
    case STEP_RESET:
        reset_done(d);
        break;
    case STEP_PACKET:
    case STEP_PACKET_IN:
    case STEP_PACKET_OUT:
        packet_step(d, step);
        break;
    case STEP_NONE:
    case STEPS:
        break;
    }
}

/* ---- life ---- */

struct ata_geometry ata_drive_geometry(struct device *drive)
{
    struct ata_drive *d = drive ? ata_drive_of(drive) : NULL;

    if (!d || d->type == ATA_NONE)
        return (struct ata_geometry){.kind = ATA_NONE};
    return (struct ata_geometry){
        .kind = (enum ata_kind)d->type,
        .sectors = d->native_sectors,
        .cylinders = d->cylinders,
        .heads = d->heads,
        .spt = d->spt,
        .translation = (enum ata_translation)d->translation,
        .has_media = d->image != NULL,
    };
}

/* Given geometry, or 16 heads of 63 sectors. */
static bool set_geometry(struct ata_drive *d, struct error *err)
{
    uint64_t size = d->native_sectors, cylinders;

    if (!d->opt_cylinders != !d->opt_heads || !d->opt_heads != !d->opt_spt)
        return error_set(err, EXIT_USAGE,
                         "give all of cylinders, heads and spt, or none");
    d->heads = d->opt_heads ? (uint32_t)d->opt_heads : 16;
    d->spt = d->opt_spt ? (uint32_t)d->opt_spt : 63;
    cylinders = size / ((uint64_t)d->heads * d->spt);
    if (d->opt_cylinders) {
        if ((uint64_t)d->opt_cylinders > cylinders)
            return error_set(err, EXIT_USAGE,
                             "geometry %u/%u/%u is larger than the image "
                             "(%llu sectors)",
                             (unsigned)d->opt_cylinders, d->heads,
                             d->spt, (unsigned long long)size);
        cylinders = (uint64_t)d->opt_cylinders;
        if (cylinders * d->heads * d->spt != size)
            log_warn(&d->dev.log, "the image is larger than its geometry");
    }
    /* A disk too small for one cylinder still has one. */
    d->cylinders = cylinders == 0         ? 1
                   : cylinders > 0xffffff ? 0xffffff
                                          : (uint32_t)cylinders;
    return true;
}

static bool open_disk(struct ata_drive *d, struct error *err)
{
    struct block_params p = {
        .path = d->path,
        .overlay = d->journal,
        .mode = (enum block_mode)d->mode,
        .cache = (enum block_cache)d->cache,
        .access = BLOCK_READ_WRITE,
        .sector_size = (uint32_t)d->sect_size,
    };

    if (p.sector_size != 512 && p.sector_size != 1024 && p.sector_size != 4096)
        return error_set(err, EXIT_USAGE, "sect_size %u: use 512, 1024 or 4096",
                         p.sector_size);
    d->image = block_open(&p, &d->dev.log, err);
    if (!d->image)
        return false;
    d->native_sectors = d->image->sectors;
    return set_geometry(d, err);
}

static bool drive_init(struct device *dev, struct error *err)
{
    struct ata_drive *d = ata_drive_of(dev);

    snprintf(d->timer_name, sizeof d->timer_name, "%s.step", dev->id);
    timer_init(&d->timer, dev->sv->clock, d->timer_name, drive_step, d);
    if (d->type == ATA_DISK)
        return open_disk(d, err);
    if (d->type == ATA_CDROM && d->status && d->path && *d->path &&
        strcmp(d->path, "none"))
        return media_insert(d, d->path, err);
    return true;
}

static void drive_reset(struct device *dev, enum reset_kind kind)
{
    struct ata_drive *d = ata_drive_of(dev);
    bool cd = d->type == ATA_CDROM;

    if (kind == RESET_SOFTWARE) /* INIT reaches the processor alone */
        return;
    timer_cancel(&d->timer);
    d->s = (struct ata_drive_state){
        .status = cd ? 0 : ATA_DRDY | ATA_DSC,
        .error = 1,
        .heads = (uint8_t)d->heads,
        .spt = (uint8_t)d->spt,
        .write_cache = true,
        .look_ahead = true,
        .sectors = d->native_sectors,
        .loaded = d->image != NULL,
        .attention = cd && d->image,
        .media_event = cd && d->image ? 2 : 0,
    };
    drive_signature(d);
    ata_update_irq(d->channel);
}

static bool drive_post_load(struct device *dev, struct error *err)
{
    struct ata_drive *d = ata_drive_of(dev);
    const struct ata_drive_state *s = &d->s;

    if (s->phase >= PHASES || s->step >= STEPS || s->pos > s->len ||
        s->len > ATA_BUFFER_BYTES || s->piece_end > ATA_BUFFER_BYTES ||
        s->multiple > ATA_MAX_MULTIPLE || s->sectors > d->native_sectors)
        return error_set(err, EXIT_BAD_DATA,
                         "%s: state is out of range or the disk has another "
                         "size",
                         dev->id);
    if (s->loaded != (d->image != NULL))
        return error_set(err, EXIT_BAD_DATA,
                         "%s: saved with%s a medium; insert or eject it first",
                         dev->id, s->loaded ? "" : "out");
    if (s->cd_sector != 0 && s->cd_sector != 2048 && s->cd_sector != 2352)
        return error_set(err, EXIT_BAD_DATA, "%s: CD sector of %u bytes",
                         dev->id, s->cd_sector);
    return true;
}

static void drive_info(struct device *dev, struct out *out)
{
    struct ata_drive *d = ata_drive_of(dev);

    if (!d->image) {
        out_printf(out, "no medium\n");
        return;
    }
    out_printf(out, "%s: %llu sectors of %u bytes%s\n", d->image->path,
               (unsigned long long)d->image->sectors, d->image->sector_size,
               d->image->read_only ? ", read-only" : "");
    if (d->type == ATA_DISK)
        out_printf(out, "geometry %u/%u/%u, now %u heads, %u sectors\n",
                   d->cylinders, d->heads, d->spt, d->s.heads, d->s.spt);
}

static void drive_input(struct device *dev, const struct input_event *ev)
{
    struct ata_drive *d = ata_drive_of(dev);
    struct error err = {0};
    char path[1024];

    if (ev->kind != INPUT_CHANGE || d->type != ATA_CDROM)
        return;
    media_eject(d);
    if (!ev->a)
        return;
    if (!ev->data || ev->len == 0 || ev->len >= sizeof path) {
        log_error(&dev->log, "insert without a usable path");
        return;
    }
    memcpy(path, ev->data, ev->len);
    path[ev->len] = 0;
    if (!media_insert(d, path, &err)) {
        log_error(&dev->log, "%s", err.text);
        return;
    }
    free(d->path); /* what the guest loads again after an eject */
    d->path = strdup(path);
}

static void drive_destroy(struct device *dev)
{
    struct ata_drive *d = ata_drive_of(dev);

    block_close(d->image);
    d->image = NULL;
    timer_destroy(&d->timer);
}

static const struct field pair_fields[] = {
    FIELD(struct ata_pair, now, "last byte written"),
    FIELD(struct ata_pair, previous, "the one before it"),
    FIELD_END,
};

#define PAIR(m, h)                                                             \
    {                                                                          \
        .name = #m, .help = h, .type = FIELD_STRUCT,                           \
        .offset = offsetof(struct ata_drive_state, m),                         \
        .size = sizeof(struct ata_pair), .count = 1, .sub = pair_fields        \
    }
#define ROW(m, h) FIELD(struct ata_drive_state, m, h)

static const struct field drive_fields[] = {
    PAIR(features, "features register"),
    PAIR(count, "sector count register"),
    PAIR(low, "LBA low register"),
    PAIR(mid, "LBA mid register"),
    PAIR(high, "LBA high register"),
    ROW(device, "device register"),
    ROW(status, "status register"),
    ROW(error, "error register"),
    ROW(command, "last command"),
    ROW(phase, "phase: idle, busy, PIO in/out, DMA in/out"),
    ROW(step, "what the timer does next"),
    ROW(intrq, "interrupt pending"),
    ROW(multiple, "sectors per block of READ/WRITE MULTIPLE"),
    ROW(transfer_mode, "transfer mode of SET FEATURES"),
    ROW(heads, "heads of the current translation"),
    ROW(spt, "sectors per track of the current translation"),
    ROW(asleep, "in sleep mode"),
    ROW(standby, "in standby mode"),
    ROW(write_cache, "write cache enabled"),
    ROW(look_ahead, "read look-ahead enabled"),
    ROW(sectors, "accessible sectors"),
    ROW(lba, "next sector of the transfer"),
    ROW(left, "sectors left to transfer"),
    ROW(pos, "place in the buffer"),
    ROW(len, "end of the data in the buffer"),
    ROW(piece_end, "end of the data behind the current piece"),
    FIELD_ARRAY(struct ata_drive_state, buffer, "sector buffer"),
    FIELD_ARRAY(struct ata_drive_state, packet, "command packet"),
    ROW(sense, "sense key"),
    ROW(asc, "additional sense code"),
    ROW(ascq, "additional sense code qualifier"),
    ROW(media_event, "media event to be reported"),
    ROW(limit, "byte count limit"),
    ROW(cd_sector, "bytes of a sector as transferred"),
    ROW(attention, "unit attention pending"),
    ROW(locked, "medium removal prevented"),
    ROW(tray_open, "tray is open"),
    ROW(loaded, "medium is in the drive"),
    ROW(parameters, "packet sends a parameter list"),
    ROW(packet_dma, "packet data goes by DMA"),
    FIELD_END,
};

#define AT(m) offsetof(struct ata_drive, m)

/* clang-format off */
static const struct option drive_options[] = {
    {"type", "enum:none|disk|cdrom", AT(type), "none", "kind of drive"},
    {"path", "path", AT(path), NULL, "image file"},
    {"mode", BLOCK_MODES, AT(mode), "flat", "image format"},
    {"journal", "path", AT(journal), NULL,
     "overlay file of mode undoable; empty: PATH.redolog"},
    {"cache", BLOCK_CACHES, AT(cache), "writeback",
     "when written data is forced to the medium"},
    {"cylinders", "int:0..262143", AT(opt_cylinders), "0", "0: from the size"},
    {"heads", "int:0..16", AT(opt_heads), "0", "0: 16"},
    {"spt", "int:0..63", AT(opt_spt), "0", "sectors per track; 0: 63"},
    {"sect_size", "int:512..4096", AT(sect_size), "512",
     "bytes per sector: 512, 1024 or 4096"},
    {"status", "enum:ejected|inserted", AT(status), "inserted",
     "medium in the CD-ROM drive"},
    {"model", "string", AT(model), "Generic 1234",
     "model of IDENTIFY, up to 40 characters"},
    {"serial", "string", AT(serial), NULL,
     "serial number, up to 20 characters; empty: from the place"},
    {"translation", "enum:none|lba|large|echs|rechs|auto", AT(translation),
     "auto", "BIOS translation of large disks"},
    {"biosdetect", "enum:none|auto|cmos", AT(biosdetect), "auto",
     "accepted for old files, without effect"},
    {0},
};
/* clang-format on */

const struct device_class ata_drive_class = {
    .name = "ata_drive",
    .summary = "ATA disk or ATAPI CD-ROM drive",
    DEVICE_STATE(struct ata_drive, s),
    .state_version = 1,
    .fields = drive_fields,
    .options = drive_options,
    .init = drive_init,
    .reset = drive_reset,
    .post_load = drive_post_load,
    .info = drive_info,
    .input = drive_input,
    .destroy = drive_destroy,
};
