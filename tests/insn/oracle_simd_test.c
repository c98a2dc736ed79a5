/*
 * oracle_simd_test.c - x87, MMX, SSE and AVX instructions against the
 * processor of the host.
 */
#include "tests/insn/oracle.h"

static const struct oracle_part parts[] = {
    {"x87 64", 64, false, FAM_X87, 1, 1, false, 2},
    {"x87 32", 32, false, FAM_X87, 1, 1, false, 1},
    {"x87 row 64", 64, false, FAM_X87, 2, 8, false, 1},
    {"sse 64", 64, false, FAM_SSE, 1, 1, false, 3},
    {"sse 32", 32, false, FAM_SSE, 1, 1, false, 1},
    {"sse row 64", 64, false, FAM_SSE, 2, 8, false, 1},
    {"avx 64", 64, false, FAM_AVX, 1, 1, false, 3},
    {"avx 32", 32, false, FAM_AVX, 1, 1, false, 1},
    {"avx row 64", 64, false, FAM_AVX, 2, 8, false, 1},
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
