/*
 * rig.h - a processor whose every bus cycle is written down.
 *
 * Memory is one device that covers the whole address space, and so are the
 * ports: no access can take a short cut past the recorder.
 */
#ifndef TESTS_SST_RIG_H
#define TESTS_SST_RIG_H

#include "cpu/cpu.h"
#include "memory/phys.h"
#include "tests/sst/sstf.h"

enum { RIG_RAM = 2 << 20, RIG_CYCLES = 1024 };

struct rig_bus {
    struct device dev;
    bool recording;
    bool overrun; /* more cycles than there is room for */
    unsigned count;
    struct sst_bus cycle[RIG_CYCLES];
    uint8_t *ram; /* the machine's */
};

struct rig {
    struct clock clock;
    struct log log;
    struct services sv;
    struct cpu *c;
    struct phys_region *recorder;
    uint16_t flags; /* bits that a capture's FLAGS may have before */
    struct rig_bus bus;
};

/* A processor of the named model for captures of an 8086 (86) or 80286.
 * Without `record` its memory is plain RAM, reached by the fast handlers, and
 * no cycle is written down. */
bool rig_init(struct rig *r, const char *model, unsigned cpu, bool record,
              char *why, size_t why_size);
void rig_done(struct rig *r);

/* Loads registers and RAM from the vector, runs its instruction. */
void rig_run(struct rig *r, const struct sst_vector *v);
uint16_t rig_register(struct rig *r, enum sst_reg n);
/* Do both end with the same registers and bytes, where r has the record? */
bool rig_same(struct rig *r, struct rig *plain);
/* Puts back to 0 what the vector's run may have touched, by the record. */
void rig_clean(struct rig *r, const struct rig_bus *record,
               const struct sst_vector *v);

#endif
