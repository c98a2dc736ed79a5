/*
 * x86_conformance.c - every row of x86.tab that user mode can run, against the
 * processor of the host, and the table of what came out. `make conformance`
 * and `make conformance-long` run it; docs/conformance.md has its settings.
 */
#include "tests/insn/conf.h"

int main(int argc, char **argv)
{
    static const struct conf_defaults d = {3000, 1000000, 2};

    return conf_program(&d, argc, argv);
}
