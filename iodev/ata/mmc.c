/*
 * mmc.c - the data that MMC and SPC commands answer with.
 *
 * Sources: MMC-3 (T10/1363D r10g), SPC-2, Mt. Fuji 5. The disc is one session
 * with one data track.
 */
#include "iodev/ata/drive.h"

#define LEAD_OUT       0xaau
#define DATA_TRACK     0x14u   /* ADR 1, control 4: data, uninterrupted */
#define CD_MAX_SECTORS 450000u /* 100 minutes; more must be a DVD */

enum { PROFILE_NONE = 0, PROFILE_CD_ROM = 8, PROFILE_DVD_ROM = 0x10 };

static uint32_t sectors(const struct ata_drive *d)
{
    return d->image ? (uint32_t)d->image->sectors : 0;
}

static bool is_dvd(const struct ata_drive *d)
{
    return sectors(d) > CD_MAX_SECTORS;
}

static int invalid_field(struct ata_drive *d)
{
    packet_sense(d, 5, 0x24, 0);
    return -1;
}

static uint8_t *clear(struct ata_drive *d, size_t n)
{
    return memset(d->s.buffer, 0, n);
}

/* An address as LBA or as minute, second, frame. */
static void put_address(uint8_t *p, uint32_t lba, bool msf)
{
    if (!msf) {
        st_be32(p, lba);
        return;
    }
    lba += 150;
    p[0] = 0;
    p[1] = (uint8_t)(lba / 75 / 60);
    p[2] = (uint8_t)(lba / 75 % 60);
    p[3] = (uint8_t)(lba % 75);
}

int mmc_inquiry(struct ata_drive *d)
{
    static const char names[] = "KLOCHS  Virtual CD-ROM  1.0 ";
    uint8_t *p = clear(d, 36);

    if (d->s.packet[1] & 1) /* vital product data: none */
        return invalid_field(d);
    p[0] = 5; /* CD-ROM */
    p[1] = 0x80;
    p[3] = 0x21; /* ATAPI, response format 1 */
    p[4] = 31;
    memcpy(p + 8, names, 28);
    return 36;
}

/* ---- READ TOC/PMA/ATIP, 5.26 ---- */

static unsigned toc_track(uint8_t *p, unsigned track, uint32_t lba, bool msf)
{
    p[0] = 0;
    p[1] = DATA_TRACK;
    p[2] = (uint8_t)track;
    p[3] = 0;
    put_address(p + 4, lba, msf);
    return 8;
}

static int toc_raw(struct ata_drive *d)
{
    static const uint8_t points[] = {0xa0, 0xa1, 0xa2, 1};
    uint8_t *p = clear(d, 4 + 11 * sizeof points);

    st_be16(p, 2 + 11 * (unsigned)sizeof points);
    p[2] = p[3] = 1;
    for (unsigned i = 0; i < sizeof points; i++) {
        uint8_t *e = p + 4 + 11 * i, at[4];

        e[0] = 1;
        e[1] = DATA_TRACK;
        e[3] = points[i];
        if (points[i] == 0xa0 || points[i] == 0xa1) {
            e[8] = 1; /* first and last track */
        } else {
            put_address(at, points[i] == 1 ? 0 : sectors(d), true);
            memcpy(e + 8, at + 1, 3);
        }
    }
    return 4 + 11 * (int)sizeof points;
}

int mmc_read_toc(struct ata_drive *d)
{
    const uint8_t *c = d->s.packet;
    bool msf = c[1] & 2;
    unsigned format = c[2] & 15u ? c[2] & 15u : c[9] >> 6, n = 4;
    uint8_t *p;

    if (format == 2)
        return toc_raw(d);
    if (format > 2 || (format == 0 && c[6] > 1 && c[6] != LEAD_OUT))
        return invalid_field(d);
    p = clear(d, 20);
    p[2] = p[3] = 1;
    if (format == 1 || c[6] <= 1)
        n += toc_track(p + n, 1, 0, msf);
    if (format == 0)
        n += toc_track(p + n, LEAD_OUT, sectors(d), msf);
    st_be16(p, n - 2);
    return (int)n;
}

/* ---- MODE SENSE, 6.3 ---- */

static unsigned page_recovery(uint8_t *p)
{
    memset(p, 0, 8);
    p[0] = 0x01;
    p[1] = 6;
    p[3] = 5; /* retries */
    return 8;
}

static unsigned page_cd(uint8_t *p)
{
    memset(p, 0, 8);
    p[0] = 0x0d;
    p[1] = 6;
    p[5] = 60;
    p[7] = 75;
    return 8;
}

static unsigned page_audio(uint8_t *p)
{
    memset(p, 0, 16);
    p[0] = 0x0e;
    p[1] = 14;
    p[2] = 4;
    return 16;
}

static unsigned page_capabilities(const struct ata_drive *d, uint8_t *p)
{
    memset(p, 0, 22);
    p[0] = 0x2a;
    p[1] = 20;
    p[2] = 0x3b; /* reads CD-R, CD-RW, method 2, DVD-ROM, DVD-R */
    p[4] = 0x70; /* mode 2 form 1 and 2, multi-session */
    p[5] = 0x03; /* CD-DA commands, accurate stream */
    p[6] = (uint8_t)(0x29 | (d->s.locked ? 2 : 0)); /* tray, lock, eject */
    st_be16(p + 8, 706);                            /* KB/s: 4x */
    st_be16(p + 10, 2);
    st_be16(p + 12, 512);
    st_be16(p + 14, 706);
    return 22;
}

int mmc_mode_sense(struct ata_drive *d)
{
    const uint8_t *c = d->s.packet;
    bool ten = c[0] == 0x5a;
    unsigned page = c[2] & 0x3fu, head = ten ? 8 : 4, n = head;
    bool all = page == 0x3f;
    uint8_t *p = clear(d, 64);

    if (c[2] >> 6 == 3) { /* saved values */
        packet_sense(d, 5, 0x39, 0);
        return -1;
    }
    if (all || page == 0x01)
        n += page_recovery(p + n);
    if (all || page == 0x0d)
        n += page_cd(p + n);
    if (all || page == 0x0e)
        n += page_audio(p + n);
    if (all || page == 0x2a)
        n += page_capabilities(d, p + n);
    if (n == head)
        return invalid_field(d);
    if (c[2] >> 6 == 1) /* changeable values: none */
        for (unsigned at = head; at < n; at += 2u + p[at + 1])
            memset(p + at + 2, 0, p[at + 1]);
    /* Medium type: 70h door closed without disc, 71h open, 01h data disc. */
    p[ten ? 2 : 1] = d->image ? 1 : d->s.tray_open ? 0x71 : 0x70;
    if (ten)
        st_be16(p, n - 2);
    else
        p[0] = (uint8_t)(n - 1);
    return (int)n;
}

/* ---- GET CONFIGURATION, 5.8 and 4.4 ---- */

struct feature {
    uint16_t code;
    uint8_t flags; /* version << 2 | persistent << 1 | current */
    uint8_t len, data[8];
};

int mmc_get_configuration(struct ata_drive *d)
{
    const uint8_t *c = d->s.packet;
    unsigned rt = c[1] & 3u, start = ld_be16(c + 2), n = 8;
    unsigned profile = !d->image   ? PROFILE_NONE
                       : is_dvd(d) ? PROFILE_DVD_ROM
                                   : PROFILE_CD_ROM;
    uint8_t cd = profile == PROFILE_CD_ROM, dvd = profile == PROFILE_DVD_ROM;
    /* clang-format off */
    const struct feature features[] = {
        {0x0000, 3, 8, {0, PROFILE_DVD_ROM, dvd, 0, 0, PROFILE_CD_ROM, cd, 0}},
        {0x0001, 3, 4, {0, 0, 0, 2}},               /* core, ATAPI */
        {0x0002, 3, 4, {2}},                        /* morphing */
        {0x0003, 3, 4, {0x29}},                     /* removable, tray */
        {0x0010, cd | dvd, 8, {0, 0, 8, 0, 0, 16}}, /* random readable */
        {0x001e, cd, 0, {0}},                       /* CD read */
        {0x001f, dvd, 0, {0}},                      /* DVD read */
    };
    /* clang-format on */
    uint8_t *p = clear(d, 128);

    if (rt == 3)
        return invalid_field(d);
    st_be16(p + 6, profile);
    for (unsigned i = 0; i < ARRAY_LEN(features); i++) {
        const struct feature *f = &features[i];

        /* RT: 0 all from `start`, 1 the current ones, 2 just `start`. */
        if (f->code < start || (rt == 1 && !(f->flags & 1)) ||
            (rt == 2 && f->code != start))
            continue;
        st_be16(p + n, f->code);
        p[n + 2] = f->flags;
        p[n + 3] = f->len;
        memcpy(p + n + 4, f->data, f->len);
        n += 4u + f->len;
    }
    st_be32(p, n - 4);
    return (int)n;
}

/* ---- the others ---- */

/* Only the polled media class (5.9). */
int mmc_get_event_status(struct ata_drive *d)
{
    const uint8_t *c = d->s.packet;
    uint8_t *p = clear(d, 8);

    if (!(c[1] & 1)) /* asynchronous notification */
        return invalid_field(d);
    p[3] = 0x10; /* classes supported: media */
    if (!(c[4] & 0x10)) {
        p[1] = 2;
        p[2] = 0x80; /* no event available */
        return 4;
    }
    p[1] = 6;
    p[2] = 4; /* class: media */
    p[4] = d->s.media_event;
    p[5] = (uint8_t)((d->image ? 2 : 0) | (d->s.tray_open ? 1 : 0));
    d->s.media_event = 0;
    return 8;
}

int mmc_read_disc_info(struct ata_drive *d)
{
    uint8_t *p = clear(d, 34);

    st_be16(p, 32);
    p[2] = 0x0e; /* complete session, finalised disc */
    p[3] = p[4] = p[5] = p[6] = 1;
    p[7] = 0x20; /* unrestricted use */
    memset(p + 16, 0xff, 8);
    return 34;
}

int mmc_read_track_info(struct ata_drive *d)
{
    const uint8_t *c = d->s.packet;
    uint32_t at = ld_be32(c + 2);
    unsigned type = c[1] & 3u;
    uint8_t *p = clear(d, 36);

    if ((type == 0 && at >= sectors(d)) || (type != 0 && at != 1))
        return invalid_field(d);
    st_be16(p, 34);
    p[2] = p[3] = 1;
    p[5] = 4;
    p[6] = 1; /* mode 1 */
    st_be32(p + 24, sectors(d));
    return 36;
}

int mmc_read_subchannel(struct ata_drive *d)
{
    const uint8_t *c = d->s.packet;
    uint8_t *p = clear(d, 24);

    p[1] = 0x15; /* no current audio status */
    if (!(c[2] & 0x40))
        return 4;
    p[4] = c[3];
    switch (c[3]) {
    case 1: /* current position */
        st_be16(p + 2, 12);
        p[5] = DATA_TRACK;
        p[6] = p[7] = 1;
        put_address(p + 8, (uint32_t)d->s.lba, c[1] & 2);
        put_address(p + 12, (uint32_t)d->s.lba, c[1] & 2);
        return 16;
    case 2: /* catalogue number: none */
    case 3: /* ISRC: none */
        st_be16(p + 2, 20);
        return 24;
    default:
        return invalid_field(d);
    }
}

int mmc_mechanism_status(struct ata_drive *d)
{
    uint8_t *p = clear(d, 8);

    p[1] = d->s.tray_open ? 0x10 : 0;
    p[5] = 1; /* one slot, no table */
    return 8;
}

int mmc_read_dvd_structure(struct ata_drive *d)
{
    const uint8_t *c = d->s.packet;
    uint32_t last = 0x30000 + sectors(d) - 1;
    uint8_t *p;

    if (!is_dvd(d)) {
        packet_sense(d, 5, 0x30, 2); /* incompatible medium */
        return -1;
    }
    if (c[6] != 0)
        return invalid_field(d);
    p = clear(d, 2052);
    switch (c[7]) {
    case 0:          /* physical format */
        p[4] = 0x01; /* DVD-ROM, version 1 */
        p[5] = 0x0f; /* 120 mm, no minimum rate */
        p[6] = 0x01; /* one layer, embossed */
        p[9] = 0x03; /* data starts at 30000h */
        st_be32(p + 12, last);
        st_be16(p, 2050);
        return 2052;
    case 1: /* copyright: unprotected, all regions */
        st_be16(p, 6);
        return 8;
    case 4: /* manufacturer */
        st_be16(p, 2050);
        return 2052;
    default:
        return invalid_field(d);
    }
}
