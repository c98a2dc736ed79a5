/*
 * i8086.c - the Intel 8086, the first of the line.
 *
 * iAPX 86,88 User's Manual; behaviour that it leaves open as captured from
 * real parts (tests/sst). Departures: no 8087 (ESC reads its operand and does
 * nothing); clocks are not modelled.
 */
#include "cpu/models/model.h"

static const uint16_t features[] = {FEAT_LIKE_8086, FEAT_8086, FEAT_COUNT};

const struct cpu_model cpu_model_i8086 = {
    .name = "i8086",
    .summary = "Intel 8086",
    .phys_bits = 20,
    .linear_bits = 20,
    .features = features,
    .quirks = QUIRK_ROWS_8086 | QUIRK_NARROW_BUS | QUIRK_WRAP_64K |
              QUIRK_FLAGS_ONES | QUIRK_OLD_PREFIXES | QUIRK_LOCK_ANY |
              QUIRK_VECTOR_FIRST | QUIRK_OPCODE_ALIASES,
};
