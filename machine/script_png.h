/*
 * script_png.h - reading PNG files to compare pictures with.
 */
#ifndef MACHINE_SCRIPT_PNG_H
#define MACHINE_SCRIPT_PNG_H

#include "core/err.h"

struct png_picture {
    unsigned width, height;
    uint32_t *pixels; /* 0x00RRGGBB, owned */
};

/* Colour or greyscale of 8 bits, with or without alpha (which is dropped),
 * palettes of 8 bits; not interlaced. Others are refused. */
bool png_read(const char *path, struct png_picture *out, struct error *err);
void png_picture_free(struct png_picture *p);

#endif
