/*
 * seg.h - descriptors, loading of segment registers, stacks being filled.
 *
 * SDM vol. 3 ch. 3.4, 3.5 and 5. Faults leave by longjmp and change nothing.
 */
#ifndef CPU_SEG_H
#define CPU_SEG_H

#include "cpu/cpu.h"

/* System descriptor types, SDM vol. 3 table 3-2. */
enum {
    SYS_TSS16 = 1,
    SYS_LDT = 2,
    SYS_TSS16_BUSY = 3,
    SYS_CALL16 = 4,
    SYS_TASK_GATE = 5,
    SYS_INT16 = 6,
    SYS_TRAP16 = 7,
    SYS_TSS32 = 9,
    SYS_TSS32_BUSY = 11,
    SYS_CALL32 = 12,
    SYS_INT32 = 14,
    SYS_TRAP32 = 15
};

enum { SEL_RPL = 3, SEL_TI = 4 };

/* A descriptor as read: `seg` holds its fields with `selector` filled in. */
struct descriptor {
    uint64_t laddr;
    uint64_t raw;
    struct segment seg;
};

static inline bool seg_null(uint16_t sel)
{
    return (sel & ~SEL_RPL) == 0;
}

static inline bool seg_is_code(const struct segment *s)
{
    return (s->access & 0x18) == 0x18;
}

static inline bool seg_is_conforming(const struct segment *s)
{
    return (s->access & 0x1c) == 0x1c;
}

static inline bool seg_is_writable_data(const struct segment *s)
{
    return (s->access & 0x1a) == 0x12;
}

static inline bool seg_is_readable(const struct segment *s)
{
    return SEG_S(s) && (s->access & 0x0a) != 0x08;
}

static inline bool addr_canonical(uint64_t a)
{
    return (uint64_t)((int64_t)(a << 16) >> 16) == a;
}

/* Error code of a selector: index and TI. */
static inline uint32_t sel_code(uint16_t sel)
{
    return sel & 0xfffcu;
}

/* What the processor sees of eight bytes of a descriptor table. */
uint64_t seg_raw(const struct cpu *c, uint64_t raw);
/* False: outside its table, or an LDT that is not there. May page fault. */
bool seg_fetch(struct cpu *c, uint16_t sel, struct descriptor *d);
/* Bytes 8..15 of a 16-byte descriptor; false: outside the table. */
bool seg_fetch_high(struct cpu *c, const struct descriptor *d, uint64_t *high);
/* Splits 8 raw bytes. */
void seg_decode(uint64_t raw, uint16_t sel, struct segment *s);
/* Sets the accessed bit in memory and in d if it is clear. */
void seg_mark_accessed(struct cpu *c, struct descriptor *d);
/* Rewrites the type nibble of a TSS descriptor (busy bit). */
void seg_set_tss_busy(struct cpu *c, struct descriptor *d, bool busy);

/* MOV, POP, LDS to ES, SS, DS, FS, GS in any mode. */
void seg_load(struct cpu *c, unsigned s, uint16_t sel);
/* The same without any check, as real and virtual-8086 mode do, CS too; the
 * caller calls cpu_update_transfer. */
void seg_set_real(struct cpu *c, unsigned s, uint16_t sel);
/* Unusable with this selector. */
void seg_set_null(struct cpu *c, unsigned s, uint16_t sel);
/* Commits a code segment: RPL becomes cpl. The caller has checked it, marked
 * it accessed and calls cpu_update_transfer after the rest. */
void seg_set_cs(struct cpu *c, const struct descriptor *d, unsigned cpl);
/* Null what CPL cannot see after a return to an outer ring. */
void seg_drop_inner(struct cpu *c);

void seg_load_ldtr(struct cpu *c, uint16_t sel);
void seg_load_tr(struct cpu *c, uint16_t sel);

/*
 * Checks a stack selector for privilege `dpl` as a ring change does: #GP or
 * #TS (`vector`) for a bad one, #SS(sel) if not present. Fills d.
 */
void seg_check_stack(struct cpu *c, uint16_t sel, unsigned dpl, unsigned vector,
                     struct descriptor *d);
/* #GP(0) unless `rip` may be executed from code segment s, which is 64-bit
 * code if long mode is active and its L bit set. */
void seg_check_rip(struct cpu *c, const struct segment *s, uint64_t rip);

/* RSP = v as wide as the stack (mask 0xffff keeps the upper bits). */
void set_rsp(struct cpu *c, uint64_t v, uint64_t mask);

/* A stack being filled; nothing but memory changes until set_rsp. */
struct push_frame {
    const struct segment *ss; /* NULL: 64-bit, flat */
    uint64_t rsp, mask;
    uint32_t code; /* of #SS */
    bool user;     /* accessed with CPL 3 rights */
};

void frame_current(const struct cpu *c, struct push_frame *f);
/* On a new stack segment, not yet loaded. */
void frame_new(struct push_frame *f, const struct segment *ss, uint64_t rsp,
               unsigned cpl);
void frame_push(struct cpu *c, struct push_frame *f, uint64_t v, unsigned size);

/* SS:rSP of an inner ring from the current 16- or 32-bit TSS, #TS(TR) if it
 * is too short. */
void tss_inner_stack(struct cpu *c, unsigned cpl, uint16_t *ss, uint32_t *esp);
/* Eight bytes at `off` of the 64-bit TSS. */
uint64_t tss_rsp64(struct cpu *c, unsigned off);

/* #GP(0) if the program may not touch these ports (SDM vol. 1 ch. 18.5). */
void cpu_check_io(struct cpu *c, uint16_t port, unsigned size);

#endif
