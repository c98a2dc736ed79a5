/*
 * sstf.h - reader of files of single instructions captured on real chips.
 *
 * A file is a list of forms (one opcode, or one opcode with its ModRM.reg),
 * each with some hundred vectors: the state before, the instruction's bytes,
 * the state behind it and every bus cycle between. Names of fields follow
 * the flat "SSTF" format.
 */
#ifndef TESTS_SST_SSTF_H
#define TESTS_SST_SSTF_H

#include "core/base.h"

/* Order of the registers in a vector. */
enum sst_reg {
    SST_AX,
    SST_BX,
    SST_CX,
    SST_DX,
    SST_CS,
    SST_SS,
    SST_DS,
    SST_ES,
    SST_SP,
    SST_BP,
    SST_SI,
    SST_DI,
    SST_IP,
    SST_FLAGS,
    SST_REGS
};

enum sst_cycle {
    SST_CODE,
    SST_MEMR,
    SST_MEMW,
    SST_IOR,
    SST_IOW,
    SST_INTA,
    SST_HALT
};

enum { SST_NO_EXCEPTION = 255 };

struct sst_bus {
    uint32_t addr;
    uint16_t data, clock;
    uint8_t type; /* enum sst_cycle */
    bool bhe_off; /* the high half of the bus is not used */
    bool lock;
};

struct sst_form {
    char name[9];
    uint16_t flags_mask; /* FLAGS bits that are defined */
    uint8_t status;      /* 0 normal 1 alias 2 undocumented 3 undefined 4 fpu
                            5 prefix 6 extension */
    uint32_t count;      /* vectors */
    const uint8_t *vectors;
};

/* Pointers lead into the file's text; use the functions below. */
struct sst_vector {
    uint16_t index;
    uint8_t length;
    const uint8_t *bytes;
    uint8_t exception;      /* SST_NO_EXCEPTION: none */
    uint32_t flags_address; /* where FLAGS were pushed, if there was one */
    uint16_t before[SST_REGS], after[SST_REGS];
    unsigned ram_before, ram_after, cycles, clocks;
    const uint8_t *ram_before_at, *ram_after_at, *cycles_at;
    const char *text; /* disassembly */
    unsigned text_length;
};

struct sst_file {
    uint8_t *text;
    size_t size;
    unsigned cpu; /* 86 or 286 */
    unsigned forms;
    struct sst_form *form;
};

/* Reads an .xz file through xz; false with a message if that fails. */
bool sst_open(struct sst_file *f, const char *path, char *why, size_t why_size);
void sst_close(struct sst_file *f);
/* Parses the vector at p; the start of the next one. */
const uint8_t *sst_next(const uint8_t *p, struct sst_vector *v);
void sst_byte(const uint8_t *list, unsigned n, uint32_t *addr, uint8_t *value);
struct sst_bus sst_cycle_at(const struct sst_vector *v, unsigned n);

#endif
