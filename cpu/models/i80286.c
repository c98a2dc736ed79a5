/*
 * i80286.c - the Intel 80286: real mode and 16-bit protected mode.
 *
 * 80286 Programmer's Reference Manual (210498); behaviour that it leaves open
 * as captured from real parts (tests/sst). Departures: no 80287 unless x87 is
 * added to the features; clocks are not modelled.
 */
#include "cpu/models/model.h"

static const uint16_t features[] = {FEAT_LIKE_286, FEAT_8086, FEAT_186,
                                    FEAT_286, FEAT_COUNT};

const struct cpu_model cpu_model_i80286 = {
    .name = "i80286",
    .summary = "Intel 80286",
    .phys_bits = 24,
    .linear_bits = 24,
    .features = features,
    .quirks = QUIRK_ROWS_286 | QUIRK_NARROW_BUS | QUIRK_FLAGS_ZEROS |
              QUIRK_OLD_PREFIXES | QUIRK_LOCK_ANY | QUIRK_TEN_BYTES |
              QUIRK_OVERRUN_GP | QUIRK_DESCRIPTORS_286,
};
