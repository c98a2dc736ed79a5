/*
 * cp437.h - the character set of the PC's ROM fonts, as Unicode.
 */
#ifndef GUI_CP437_H
#define GUI_CP437_H

#include "core/base.h"

/* Control codes give the pictures that the fonts have there. */
extern const uint16_t cp437_unicode[256];

/* Code point to UTF-8; returns the number of bytes, up to 4. */
unsigned utf8_encode(uint32_t code, char out[4]);
/* Next code point of [*p, end); moves *p. Bad bytes give U+FFFD. p < end. */
uint32_t utf8_decode(const char **p, const char *end);

#endif
