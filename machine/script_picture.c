/*
 * script_picture.c - verbs about the picture: screen shots, comparisons.
 *
 * The hash of a picture is that of its width, height and pixels (0x00RRGGBB)
 * as little-endian 32-bit words.
 */
#include "core/hash.h"
#include "gui/png.h"
#include "machine/script.h"
#include "machine/script_json.h"
#include "machine/script_png.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

static const struct frame black = {
    .width = 1, .height = 1, .pixels = &(const uint32_t){0}};

/* A screen that is off is one black pixel. */
static struct frame look(const struct script *s)
{
    struct frame f = {0};

    if (!s->m->screen.render || !s->m->screen.render(s->m->screen.opaque, &f) ||
        !f.pixels)
        return black;
    return f;
}

static uint64_t hash_frame(const struct frame *f)
{
    uint8_t line[4 * 4096];
    uint64_t h;

    st_le32(line, f->width);
    st_le32(line + 4, f->height);
    h = hash_bytes(line, 8, 0);
    for (unsigned y = 0; y < f->height; y++) {
        for (unsigned x = 0; x < f->width && x < 4096; x++)
            st_le32(line + 4 * x, f->pixels[(size_t)y * f->width + x]);
        h = hash_bytes(line, 4 * (size_t)f->width, h);
    }
    return h;
}

static void tell(struct script *s, const struct frame *f)
{
    char text[20];

    snprintf(text, sizeof text, "%016" PRIx64, hash_frame(f));
    json_field(&s->fields, "picture", text);
    json_field_u64(&s->fields, "width", f->width);
    json_field_u64(&s->fields, "height", f->height);
}

/* ---- screen shots ---- */

static bool write_png(struct script *s, const char *name, struct error *err)
{
    struct frame f = look(s);
    char path[1024];

    if (*name == '/' || !s->out_dir)
        snprintf(path, sizeof path, "%s", name);
    else
        snprintf(path, sizeof path, "%s/%s", s->out_dir, name);
    return png_write(path, &f, err);
}

bool verb_screenshot(struct script *s, char **argv)
{
    struct frame f = look(s);

    tell(s, &f);
    return write_png(s, argv[0], &s->err);
}

void script_keep_picture(struct script *s, const char *name)
{
    if (s->m && s->out_dir)
        write_png(s, name, NULL);
}

/* ---- comparisons ---- */

/* What a picture shall be like: a hash or a file. */
struct wanted {
    bool is_hash;
    uint64_t hash;
    struct png_picture png;
};

static bool parse_wanted(const char *text, struct wanted *w, struct error *err)
{
    *w = (struct wanted){.is_hash = strlen(text) == 16};
    for (const char *p = text; *p; p++)
        w->is_hash = w->is_hash && isxdigit((unsigned char)*p);
    if (!w->is_hash)
        return png_read(text, &w->png, err);
    w->hash = strtoull(text, NULL, 16);
    return true;
}

/* Pixels that differ; all when the sizes do. */
static uint64_t difference(const struct wanted *w, const struct frame *f)
{
    uint64_t n = 0, all = (uint64_t)f->width * f->height;

    if (w->is_hash)
        return hash_frame(f) == w->hash ? 0 : all;
    if (w->png.width != f->width || w->png.height != f->height)
        return all;
    for (uint64_t i = 0; i < all; i++)
        n += w->png.pixels[i] != f->pixels[i];
    return n;
}

static bool not_alike(struct script *s, const struct wanted *w,
                      const char *text)
{
    struct frame f = look(s);

    if (w->is_hash)
        return error_set(&s->err, (enum exit_code)EXIT_CHECK,
                         "the picture is %016" PRIx64 " (%u x %u), not %s",
                         hash_frame(&f), f.width, f.height, text);
    return error_set(&s->err, (enum exit_code)EXIT_CHECK,
                     "%" PRIu64 " of %u x %u pixels are not those of '%s' "
                     "(%u x %u)",
                     difference(w, &f), f.width, f.height, text, w->png.width,
                     w->png.height);
}

bool verb_picture(struct script *s, char **argv)
{
    struct frame f = look(s);
    struct wanted w;
    bool good = true;

    tell(s, &f);
    if (!argv[0])
        return true;
    if (!parse_wanted(argv[0], &w, &s->err))
        return false;
    if (difference(&w, &f))
        good = not_alike(s, &w, argv[0]);
    png_picture_free(&w.png);
    return good;
}

static bool alike(struct script *s, void *opaque)
{
    struct frame f = look(s);

    return !difference(opaque, &f);
}

bool verb_wait_picture(struct script *s, char **argv)
{
    uint64_t ticks = s->patience;
    struct wanted w;
    struct frame f;
    bool good, met;

    if (argv[1] && !script_ticks(s, argv[1], &ticks))
        return false;
    if (!parse_wanted(argv[0], &w, &s->err))
        return false;
    good = script_run_until(s, s->m->clock.now + ticks, SCRIPT_PICTURE_TICKS,
                            alike, &w, &met);
    if (good && !met)
        good = not_alike(s, &w, argv[0]);
    f = look(s);
    tell(s, &f);
    png_picture_free(&w.png);
    return good;
}

struct still {
    uint64_t hash, since, ticks;
};

static bool is_still(struct script *s, void *opaque)
{
    struct still *t = opaque;
    struct frame f = look(s);
    uint64_t h = hash_frame(&f);

    if (h != t->hash) {
        t->hash = h;
        t->since = s->m->clock.now;
    }
    return s->m->clock.now - t->since >= t->ticks;
}

bool verb_wait_still(struct script *s, char **argv)
{
    struct still t = {.since = s->m->clock.now};
    uint64_t ticks = s->patience;
    struct frame f;
    bool met;

    if (!script_ticks(s, argv[0], &t.ticks) ||
        (argv[1] && !script_ticks(s, argv[1], &ticks)))
        return false;
    if (!script_run_until(s, s->m->clock.now + ticks, SCRIPT_PICTURE_TICKS,
                          is_still, &t, &met))
        return false;
    f = look(s);
    tell(s, &f);
    return met || error_set(&s->err, (enum exit_code)EXIT_CHECK,
                            "the picture does not keep still");
}
