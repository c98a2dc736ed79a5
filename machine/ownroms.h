/*
 * ownroms.h - where Klochs's own firmware is.
 */
#ifndef MACHINE_OWNROMS_H
#define MACHINE_OWNROMS_H

#include "core/err.h"
#include <stddef.h>

/*
 * Finds NAME.bin as `make` or `make install` left it: beside the program, else
 * in ../share/klochs from there, else in the data folder that configure was
 * told (KLOCHS_DATADIR, from the Makefile). Fails with EXIT_NO_OPEN, naming
 * the first and last. Writes the path, ended by a NUL, to `path` of `size`
 * bytes.
 */
bool ownroms_find(const char *name, char *path, size_t size, struct error *err);

#endif
