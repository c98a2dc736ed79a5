/*
 * sound_file.c - sound as a RIFF WAVE file, or as bare samples.
 *
 * Format: "Multimedia Programming Interface and Data Specifications 1.0"
 * (IBM, Microsoft 1991): RIFF, fmt and data chunks.
 */
#include "gui/sound.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { HEADER = 44, FRAME = 4, CHUNK = 512 };

#define DATA_MAX (UINT32_MAX - HEADER)

struct sound_file {
    FILE *f;
    unsigned rate;
    unsigned header; /* bytes before the first frame */
    uint64_t size;   /* bytes of frames, holes included */
    uint64_t at;     /* where the file is written next, likewise */
};

static bool write_header(struct sound_file *w)
{
    uint8_t h[HEADER] = "RIFF....WAVEfmt ";

    if (!w->header)
        return true;
    st_le32(h + 4, (uint32_t)w->size + HEADER - 8);
    st_le32(h + 16, 16); /* bytes of the fmt chunk */
    st_le16(h + 20, 1);  /* PCM */
    st_le16(h + 22, 2);
    st_le32(h + 24, w->rate);
    st_le32(h + 28, w->rate * FRAME);
    st_le16(h + 32, FRAME);
    st_le16(h + 34, 16);
    memcpy(h + 36, "data", 4);
    st_le32(h + 40, (uint32_t)w->size);
    return !fseeko(w->f, 0, SEEK_SET) && fwrite(h, sizeof h, 1, w->f) == 1;
}

static void file_write(void *opaque, uint64_t frame, const int16_t *samples,
                       size_t frames)
{
    struct sound_file *w = opaque;
    uint8_t bytes[CHUNK * FRAME];

    if (frame * FRAME != w->at &&
        fseeko(w->f, (off_t)(w->header + frame * FRAME), SEEK_SET))
        return;
    while (frames) {
        size_t n = frames < CHUNK ? frames : CHUNK;

        if ((frame + n) * FRAME > DATA_MAX)
            return;
        for (size_t i = 0; i < 2 * n; i++)
            st_le16(bytes + 2 * i, (uint16_t)samples[i]);
        fwrite(bytes, FRAME, n, w->f);
        samples += 2 * n;
        frames -= n;
        frame += n;
    }
    w->at = frame * FRAME;
    if (w->size < w->at)
        w->size = w->at;
}

static void file_close(void *opaque)
{
    struct sound_file *w = opaque;

    write_header(w);
    fclose(w->f);
    free(w);
}

bool sound_file_open(const char *path, unsigned rate, bool raw,
                     struct sound_sink *out, struct error *err)
{
    struct sound_file *w = calloc(1, sizeof *w);

    if (!w)
        error_no_memory();
    w->rate = rate;
    w->header = raw ? 0 : HEADER;
    w->f = fopen(path, "wb");
    if (!w->f || !write_header(w)) {
        error_set(err, EXIT_NO_OPEN, "cannot write %s: %s", path,
                  strerror(errno));
        if (w->f)
            fclose(w->f);
        free(w);
        return false;
    }
    *out = (struct sound_sink){w, file_write, file_close};
    return true;
}
