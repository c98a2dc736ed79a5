/*
 * png.h - a picture as a PNG file.
 */
#ifndef GUI_PNG_H
#define GUI_PNG_H

#include "core/err.h"
#include "core/host.h"
#include "core/out.h"

/* Collects the file in `o`. o->failed tells of lack of memory. */
void png_encode(const struct frame *f, struct out *o);
bool png_write(const char *path, const struct frame *f, struct error *err);

#endif
