/*
 * midi_file.c - what a guest says to MIDI instruments, as a file.
 *
 * Format: Standard MIDI Files 1.0 (MIDI Manufacturers Association), format 0,
 * one track, a tick being a millisecond from the first event on. System
 * real-time and common messages have no place in such a file.
 */
#include "iodev/sound/midi_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    HEADER = 14,
    TRACK = HEADER + 8,      /* where the events begin */
    TICKS_PER_QUARTER = 500, /* the tempo is 120 a minute unless set */
    SYSEX = 0xf0,
    END_OF_SYSEX = 0xf7,
    REAL_TIME = 0xf8,
    MESSAGE_MAX = 4096 /* longer system exclusive messages are dropped */
};

struct midi_file {
    FILE *f;
    bool raw;
    bool begun;
    uint64_t last_ms;
    uint8_t status; /* running status, 0: none */
    uint8_t message[MESSAGE_MAX];
    size_t have; /* data bytes of the message */
    uint64_t track_bytes;
};

static void put(struct midi_file *f, const void *p, size_t n)
{
    fwrite(p, 1, n, f->f);
    f->track_bytes += n;
}

static void put_number(struct midi_file *f, uint64_t v)
{
    uint8_t b[5];
    unsigned n = sizeof b;

    b[--n] = v & 0x7f;
    while ((v >>= 7) && n)
        b[--n] = (uint8_t)(0x80 | (v & 0x7f));
    put(f, b + n, sizeof b - n);
}

static void put_message(struct midi_file *f, uint64_t ns)
{
    uint64_t ms = ns / 1000000;

    put_number(f, f->begun && ms > f->last_ms ? ms - f->last_ms : 0);
    f->begun = true;
    f->last_ms = ms;
    put(f, &f->status, 1);
    if (f->status == SYSEX)
        put_number(f, f->have);
    put(f, f->message, f->have);
}

/* Data bytes of a channel message: two, but for program and pressure. */
static size_t length_of(uint8_t status)
{
    return (status & 0xe0) == 0xc0 ? 1 : 2;
}

static void status_byte(struct midi_file *f, uint8_t v, uint64_t ns)
{
    if (v >= REAL_TIME)
        return;
    if (v == END_OF_SYSEX && f->status == SYSEX && f->have < MESSAGE_MAX) {
        f->message[f->have++] = v;
        put_message(f, ns);
    }
    f->status = v == SYSEX || v < SYSEX ? v : 0;
    f->have = 0;
}

void midi_file_byte(struct midi_file *f, uint8_t v, uint64_t ns)
{
    if (!f)
        return;
    if (f->raw) {
        putc(v, f->f);
    } else if (v & 0x80) {
        status_byte(f, v, ns);
    } else if (f->status && f->have < MESSAGE_MAX) {
        f->message[f->have++] = v;
        if (f->status != SYSEX && f->have == length_of(f->status)) {
            put_message(f, ns);
            f->have = 0;
        }
    }
}

static void put_be(uint8_t *p, uint32_t v, unsigned bytes)
{
    while (bytes--)
        *p++ = (uint8_t)(v >> 8 * bytes);
}

static void write_header(struct midi_file *f)
{
    uint8_t h[TRACK] = "MThd";

    put_be(h + 4, 6, 4);
    put_be(h + 10, 1, 2); /* tracks, of format 0 */
    put_be(h + 12, TICKS_PER_QUARTER, 2);
    memcpy(h + HEADER, "MTrk", 4);
    put_be(h + HEADER + 4, (uint32_t)f->track_bytes, 4);
    fwrite(h, sizeof h, 1, f->f);
}

struct midi_file *midi_file_open(const char *path, bool raw, struct error *err)
{
    struct midi_file *f = calloc(1, sizeof *f);

    if (!f)
        error_no_memory();
    f->raw = raw;
    f->f = fopen(path, "wb");
    if (!f->f) {
        error_set(err, EXIT_NO_OPEN, "cannot write %s: %s", path,
                  strerror(errno));
        free(f);
        return NULL;
    }
    if (!raw)
        write_header(f);
    return f;
}

void midi_file_close(struct midi_file *f)
{
    static const uint8_t end[] = {0x00, 0xff, 0x2f, 0x00};

    if (!f)
        return;
    if (!f->raw) {
        put(f, end, sizeof end);
        if (!fseek(f->f, 0, SEEK_SET))
            write_header(f);
    }
    fclose(f->f);
    free(f);
}
