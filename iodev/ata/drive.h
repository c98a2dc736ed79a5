/*
 * drive.h - inside a drive: state and the engine shared by disk and CD-ROM;
 * only for iodev/ata.
 *
 * A command runs in steps. Each step that takes time sets BSY, remembers in
 * `step` what comes next and arms the timer. Data passes through `buffer`.
 */
#ifndef IODEV_ATA_DRIVE_H
#define IODEV_ATA_DRIVE_H

#include "iodev/ata/ata.h"
#include "iodev/block/block.h"

#define ATA_BUFFER_BYTES 65536u
#define ATA_MAX_MULTIPLE 16u
#define ATA_PACKET_BYTES 12u

/* How long things take, guest time. Short, but drivers get to see BSY. */
#define ATA_COMMAND_NS 20000u
#define ATA_BLOCK_NS   3000u
#define ATA_RESET_NS   100000u
#define ATA_DMA_NS     8u /* a byte: 125 MB/s */

enum { /* status register */
       ATA_ERR = 0x01,
       ATA_DRQ = 0x08,
       ATA_DSC = 0x10,
       ATA_DF = 0x20,
       ATA_DRDY = 0x40,
       ATA_BSY = 0x80,
};

enum { /* error register */
       ATA_ABRT = 0x04,
       ATA_IDNF = 0x10,
       ATA_UNC = 0x40,
};

enum { /* device register */
       ATA_DEV = 0x10,
       ATA_LBA = 0x40,
};

enum { /* interrupt reason: the count register of packet commands */
       ATA_CD = 0x01,
       ATA_IO = 0x02,
};

enum ata_phase {
    PHASE_IDLE,
    PHASE_BUSY,    /* the timer runs */
    PHASE_PIO_IN,  /* the host reads buffer[pos..len) */
    PHASE_PIO_OUT, /* the host writes buffer[pos..len) */
    PHASE_DMA_IN,  /* waiting for the bus master, to memory */
    PHASE_DMA_OUT,
    PHASES
};

/* What the timer does next. */
enum ata_step {
    STEP_NONE,
    STEP_COMMAND,    /* carry out `command` */
    STEP_READ,       /* disk: next block of a PIO read */
    STEP_WRITE,      /* disk: buffer is full, write it */
    STEP_DMA,        /* move everything */
    STEP_RESET,      /* end of a reset */
    STEP_PACKET,     /* CD-ROM: carry out packet[] */
    STEP_PACKET_IN,  /* CD-ROM: next piece of data */
    STEP_PACKET_OUT, /* CD-ROM: parameter list is complete */
    STEPS
};

/* A task file register holds the last two bytes written (ATA-6, 6.20). */
struct ata_pair {
    uint8_t now, previous;
};

struct ata_drive_state {
    struct ata_pair features, count, low, mid, high;
    uint8_t device, status, error, command;
    uint8_t phase, step;
    bool intrq;

    uint8_t multiple;      /* sectors per block, 0: not set */
    uint8_t transfer_mode; /* of SET FEATURES 03h */
    uint8_t heads, spt;    /* current translation */
    bool asleep, standby, write_cache, look_ahead;
    uint64_t sectors; /* accessible, SET MAX ADDRESS lowers it */

    uint64_t lba;  /* next sector of the transfer */
    uint32_t left; /* sectors still to be moved to or from buffer */
    uint32_t pos, len;
    uint32_t piece_end; /* CD-ROM: where the data behind the piece ends */
    uint8_t buffer[ATA_BUFFER_BYTES];

    /* CD-ROM */
    uint8_t packet[ATA_PACKET_BYTES];
    uint8_t sense, asc, ascq;
    uint8_t media_event; /* GET EVENT STATUS NOTIFICATION, 0: none */
    uint16_t limit;      /* byte count limit of the running packet */
    uint16_t cd_sector;  /* bytes of a sector as transferred */
    bool attention;      /* unit attention is pending */
    bool locked, tray_open, loaded, packet_dma;
    bool parameters; /* PIO out carries a parameter list, not a packet */
};

struct ata_drive {
    struct device dev;
    struct ata_drive_state s;

    /* options */
    int32_t type, mode, status, translation, cache, biosdetect;
    int64_t opt_cylinders, opt_heads, opt_spt, sect_size;
    char *path, *model, *serial, *journal;

    struct device *channel;
    struct block_image *image; /* NULL: no medium */
    uint64_t native_sectors;
    uint32_t cylinders, heads, spt; /* default translation */
    struct timer timer;
    char timer_name[24];
};

static inline struct ata_drive *ata_drive_of(struct device *dev)
{
    return container_of(dev, struct ata_drive, dev);
}

/* ---- from drive.c ---- */

void drive_write_register(struct ata_drive *d, unsigned reg, uint8_t v);
void drive_command(struct ata_drive *d, uint8_t command);
/* SRST was set (true) or cleared. */
void drive_srst(struct ata_drive *d, bool level);
/* EXECUTE DEVICE DIAGNOSTIC, also for the drive that is not selected. */
void drive_diagnose(struct ata_drive *d);
uint32_t drive_data_read(struct ata_drive *d, unsigned size);
void drive_data_write(struct ata_drive *d, uint32_t v, unsigned size);
/* The same for up to `count` elements; the one that ends the block is left
 * over. Return how many were moved. */
uint32_t drive_block_read(struct ata_drive *d, uint8_t *to, uint32_t count,
                          unsigned size);
uint32_t drive_block_write(struct ata_drive *d, const uint8_t *from,
                           uint32_t count, unsigned size);
/* Starts the waiting DMA transfer if both sides are ready. */
void drive_try_dma(struct ata_drive *d);

void drive_signature(struct ata_drive *d);
/* BSY until `step` comes after ns. */
void drive_after(struct ata_drive *d, enum ata_step step, uint64_t ns);
/* End of a command, with interrupt. */
void drive_done(struct ata_drive *d);
void drive_fail(struct ata_drive *d, uint8_t error);
/* buffer[0..len) is ready (or wanted). */
void drive_pio(struct ata_drive *d, enum ata_phase phase, uint32_t len,
               bool interrupt);
void drive_dma(struct ata_drive *d, bool to_memory);
void drive_interrupt(struct ata_drive *d);
bool drive_has_dma(const struct ata_drive *d);

/* ---- from ata.c ---- */

void ata_update_irq(struct device *channel);
const struct ata_bus_master *ata_bus_master(struct device *channel);

/* ---- from disk.c ---- */

void disk_command(struct ata_drive *d);
void disk_read_block(struct ata_drive *d);
void disk_buffer_full(struct ata_drive *d);
/* Refills (reading) or empties (writing) the buffer of a DMA transfer; false
 * when the command ended, well or not. */
bool disk_dma_next(struct ata_drive *d);

/* ---- from identify.c ---- */

void identify_disk(struct ata_drive *d, uint8_t *out);
void identify_cdrom(struct ata_drive *d, uint8_t *out);
/* SET FEATURES, common to both kinds; false: abort. */
bool drive_set_features(struct ata_drive *d);

/* ---- from packet.c ---- */

void packet_command(struct ata_drive *d);
void packet_received(struct ata_drive *d);
void packet_step(struct ata_drive *d, enum ata_step step);
bool packet_dma_next(struct ata_drive *d);
void packet_sense(struct ata_drive *d, uint8_t key, uint8_t asc, uint8_t ascq);

/* ---- from media.c ---- */

bool media_insert(struct ata_drive *d, const char *path, struct error *err);
void media_eject(struct ata_drive *d);

/* ---- from mmc.c ---- */

/* What an MMC command answers: builds up to ATA_BUFFER_BYTES in s.buffer and
 * returns the length; -1 after packet_sense. */
int mmc_read_toc(struct ata_drive *d);
int mmc_mode_sense(struct ata_drive *d);
int mmc_get_configuration(struct ata_drive *d);
int mmc_get_event_status(struct ata_drive *d);
int mmc_read_disc_info(struct ata_drive *d);
int mmc_read_track_info(struct ata_drive *d);
int mmc_read_subchannel(struct ata_drive *d);
int mmc_mechanism_status(struct ata_drive *d);
int mmc_read_dvd_structure(struct ata_drive *d);
int mmc_inquiry(struct ata_drive *d);

static inline uint16_t ld_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t ld_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static inline void st_be16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void st_be32(uint8_t *p, uint32_t v)
{
    st_be16(p, v >> 16);
    st_be16(p + 2, v);
}

#endif
