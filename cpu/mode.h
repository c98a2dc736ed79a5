/*
 * mode.h - bits of c->mode_key: what decoded code depends on besides the
 * bytes, CS base and CS limit.
 */
#ifndef CPU_MODE_H
#define CPU_MODE_H

#include "cpu/cpu.h"

/* Segment s (ES..GS) has base 0, limit 4 GiB - 1 and may be read and
 * written: no arithmetic and no check. */
#define KEY_FLAT(s)   (1u << (s))
#define KEY_ALL_FLAT  0x3fu
#define KEY_BITS16    (1u << 8)
#define KEY_BITS32    (1u << 9)
#define KEY_BITS64    (1u << 10)
#define KEY_STACK16   (1u << 11)
#define KEY_STACK64   (1u << 12)
#define KEY_USER      (1u << 13) /* CPL 3 */
#define KEY_REAL      (1u << 14) /* real or virtual-8086: some rows are #UD */
#define KEY_CHECKED   (1u << 15) /* #AC or an odd CS limit: slow twins only */
#define KEY_PROT      (1u << 16)

#endif
