/*
 * oracle_test.c - integer instructions, one by one and in a row, against the
 * processor of the host.
 */
#include "tests/insn/oracle.h"

static const struct oracle_part parts[] = {
    {"single 64", 64, false, FAM_INT, 1, 1, false, 3},
    {"single 32", 32, false, FAM_INT, 1, 1, false, 2},
    {"single 32 legacy", 32, true, FAM_INT, 1, 1, false, 1},
    {"single 16", 16, false, FAM_INT, 1, 1, false, 1},
    {"single 16 legacy", 16, true, FAM_INT, 1, 1, false, 1},
    {"row 64", 64, false, FAM_INT, 3, 16, false, 4},
    {"row 32", 32, false, FAM_INT, 3, 16, false, 2},
    {"row 32 legacy", 32, true, FAM_INT, 3, 16, false, 1},
    {"row 16", 16, false, FAM_INT, 3, 16, false, 1},
    {"flags 64", 64, false, FAM_CONSUME, 2, 10, false, 2},
    {"flags 32", 32, false, FAM_CONSUME, 2, 10, false, 1},
    {"flag loop 64", 64, false, FAM_CONSUME, 2, 8, true, 1},
    {"loop 64", 64, false, FAM_INT, 2, 8, true, 2},
    {"loop 32", 32, false, FAM_INT, 2, 8, true, 1},
};

int main(void)
{
    static struct oracle o;

    oracle_open(&o);
    if (o.skip)
        return 0;
    oracle_parts(&o, parts, ARRAY_LEN(parts));
    oracle_close(&o);
    return tap_done(&o.tap);
}
