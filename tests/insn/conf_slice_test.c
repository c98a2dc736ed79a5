/*
 * conf_slice_test.c - a slice of the conformance suite, for every check.
 */
#include "tests/insn/conf.h"

int main(int argc, char **argv)
{
    static const struct conf_defaults d = {2400, 30, 1};

    return conf_program(&d, argc, argv);
}
