/*
 * simd.h - what the MMX, SSE and AVX handlers share: checks, operands, shapes.
 *
 * Intel SDM vol. 1 ch. 9-14, vol. 2 (2.4: exception classes, 2.3: VEX),
 * vol. 3 ch. 12 and 13.
 *
 * An operation is a kernel: an inline function from one or two source vectors
 * to a result of n bytes (8 MMX, 16 XMM, 32 YMM). r never overlaps a or b.
 * The functions and macros below make handlers of it: a legacy form whose
 * destination is its first source and keeps the upper bits of the register,
 * and a VEX form with a source of its own that clears them. One body serves
 * both; d->vex tells them apart.
 */
#ifndef CPU_SIMD_SIMD_H
#define CPU_SIMD_SIMD_H

#include "cpu/access.h"
#include "cpu/fpu/fpu.h"
#include "cpu/tlb.h"

#define MXCSR_DEFAULT 0x1f80u
#define MXCSR_MM      (1u << 17) /* AMD: no alignment check */

/* XCR0 and the state components of XSAVE. */
enum { XSTATE_X87 = 1, XSTATE_SSE = 2, XSTATE_AVX = 4 };

typedef void vec_fn(struct vec *r, const struct vec *a, const struct vec *b,
                    unsigned n);
typedef void vec_imm_fn(struct vec *r, const struct vec *a, const struct vec *b,
                        unsigned n, unsigned imm);

/* Bits of MXCSR that can be set: the MXCSR_MASK of FXSAVE. */
uint32_t simd_mxcsr_mask(const struct cpu *c);

/* The #UD or #NM of an instruction that may not be used now, if one is due. */
void simd_check_slowly(struct cpu *c, const struct decoded *d);

/* #UD or #NM unless SSE (legacy encoding) or AVX (VEX) may be used now. */
static inline void simd_check(struct cpu *c, const struct decoded *d)
{
    if (UNLIKELY((c->cr0 & (CR0_EM | CR0_TS)) | (~c->cr4 & CR4_OSFXSR) |
                 d->vex))
        simd_check_slowly(c, d);
}

/* Ends a floating-point instruction: ORs the flags of e into MXCSR; #XM, or
 * #UD without CR4.OSXMMEXCPT, if one of them is unmasked. */
void simd_finish(struct cpu *c, const struct fp_env *e);

/* ---- vector operands ---- */

/* Bytes of a vector: 16 or 32. */
static inline unsigned simd_bytes(const struct decoded *d)
{
    return 16u << d->vl;
}

/* Alignment that a legacy instruction wants of its operand of 16 bytes. */
static inline unsigned simd_align(const struct cpu *c, const struct decoded *d)
{
    return d->vex || c->mxcsr & MXCSR_MM ? 1 : 16;
}

/* n bytes of guest memory at the operand's address, where they lie in one
 * page of plain RAM that the TLB knows and may be read (written); else NULL:
 * ask access.h. NULL as well when they are not aligned as asked. */
static inline uint8_t *simd_direct(const struct cpu *c, const struct decoded *d,
                                   unsigned n, unsigned align, bool write)
{
    const struct seg_fast *f = &c->fast[d->seg];
    const struct tlb_entry *e;
    uint64_t la = (uint64_t)d->disp, at;

    if (d->base < 16)
        la += c->gpr[d->base];
    else if (d->base == REG_RIP)
        la += c->rip;
    if (d->index != REG_NONE)
        la += c->gpr[d->index] << d->scale;
    if (LIKELY(c->mode == MODE_LONG64)) {
        la = (d->asize == 8 ? la : (uint32_t)la) + f->base;
    } else {
        la = mem_ea_add(d, la, 0);
        if (la + n > (write ? f->write_end : f->read_end))
            return NULL;
        la = (uint32_t)(la + f->base);
    }
    e = &c->dtlb[tlb_index(la)];
    at = la - (write ? e->tag_w : e->tag_r);
    /* TLB_NONE is an address, too, though not a canonical one. */
    if (UNLIKELY(at > PAGE_SIZE - n || la & (align - 1) || la >> 62 == 1))
        return NULL;
    return e->host + at;
}

/* Memory operand: in place, or read into tmp. */
const struct vec *simd_memory(struct cpu *c, const struct decoded *d,
                              struct vec *tmp, unsigned n, unsigned align);

/* simd_check(), then the operand by ModRM.rm: a register, or n bytes of
 * memory. The bytes above n are not to be used; nor is the operand after a
 * write to memory. */
static inline const struct vec *simd_rm(struct cpu *c, const struct decoded *d,
                                        struct vec *tmp, unsigned n,
                                        unsigned align)
{
    simd_check(c, d);
    if (d->mod == 3)
        return &c->vec[d->rm];
    return simd_memory(c, d, tmp, n, align);
}

/* A memory operand of 8 or 4 bytes that alignment checking applies to. */
uint64_t simd_read64(struct cpu *c, const struct decoded *d);
uint32_t simd_read32(struct cpu *c, const struct decoded *d);
void simd_write64(struct cpu *c, const struct decoded *d, uint64_t v);
void simd_write32(struct cpu *c, const struct decoded *d, uint32_t v);

/* Stores n bytes of a register at the memory operand. */
void simd_store(struct cpu *c, const struct decoded *d, const struct vec *v,
                unsigned n, unsigned align);

/* The same for a whole vector, aligned where that is asked for. */
static inline const struct vec *simd_src(struct cpu *c, const struct decoded *d,
                                         struct vec *tmp)
{
    return simd_rm(c, d, tmp, simd_bytes(d), simd_align(c, d));
}

/* The first source: VEX.vvvv, or the destination. */
static inline const struct vec *simd_src1(const struct cpu *c,
                                          const struct decoded *d)
{
    return &c->vec[d->vex ? d->vvvv : d->reg];
}

/* Clears a register above n bytes, as VEX instructions do. */
static inline void simd_clear_above(struct vec *v, unsigned n)
{
    memset(v->b + n, 0, VEC_BYTES - n);
}

/* Writes the n low bytes of a register; VEX clears the others. */
static inline void simd_write(struct cpu *c, const struct decoded *d,
                              unsigned reg, const struct vec *r, unsigned n)
{
    if (LIKELY(n == 16))
        for (unsigned i = 0; i < 2; i++)
            vec_set_u64(&c->vec[reg], i, vec_u64(r, i));
    else
        memmove(c->vec[reg].b, r->b, n);
    if (d->vex)
        simd_clear_above(&c->vec[reg], n);
}

/* A result of the vector's length into the register by ModRM.reg. */
static inline void simd_commit(struct cpu *c, const struct decoded *d,
                               const struct vec *r)
{
    simd_write(c, d, d->reg, r, simd_bytes(d));
}

/* ---- bodies of handlers ---- */

/* V, H|V, W */
static ALWAYS_INLINE void simd_binary(struct cpu *c, const struct decoded *d,
                                      vec_fn *fn)
{
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp), *a = simd_src1(c, d);

    if (LIKELY(!d->vl))
        fn(&r, a, b, 16);
    else
        fn(&r, a, b, 32);
    simd_commit(c, d, &r);
}

/* V, H|V, W, Ib */
static ALWAYS_INLINE void
simd_binary_imm(struct cpu *c, const struct decoded *d, vec_imm_fn *fn)
{
    struct vec tmp, r;
    const struct vec *b = simd_src(c, d, &tmp), *a = simd_src1(c, d);

    fn(&r, a, b, simd_bytes(d), (uint8_t)d->imm);
    simd_commit(c, d, &r);
}

/* MMX checks, then Qq: a register or eight bytes (Qd: four) of memory. */
uint64_t simd_mmx_src(struct cpu *c, const struct decoded *d, unsigned n);

/* P, Q */
static ALWAYS_INLINE void simd_mmx_binary(struct cpu *c,
                                          const struct decoded *d,
                                          unsigned bytes, vec_fn *fn)
{
    struct vec a, b, r;

    vec_set_u64(&b, 0, simd_mmx_src(c, d, bytes));
    vec_set_u64(&a, 0, fpu_mmx_read(c, d->reg));
    fn(&r, &a, &b, 8);
    fpu_mmx_write(c, d->reg, vec_u64(&r, 0));
}

/* P, Q, Ib */
static ALWAYS_INLINE void
simd_mmx_binary_imm(struct cpu *c, const struct decoded *d, vec_imm_fn *fn)
{
    struct vec a, b, r;

    vec_set_u64(&b, 0, simd_mmx_src(c, d, 8));
    vec_set_u64(&a, 0, fpu_mmx_read(c, d->reg));
    fn(&r, &a, &b, 8, (uint8_t)d->imm);
    fpu_mmx_write(c, d->reg, vec_u64(&r, 0));
}

/* The handler op_NAME, which calls a body. tools/mkinsn knows these macros:
 * they stand at the start of a line. */
#define HANDLER(name, body)                                                    \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        body(c, d);                                                            \
    }

/* The same with one more argument, or two. */
#define HANDLER1(name, body, x)                                                \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        body(c, d, x);                                                         \
    }

#define HANDLER2(name, body, x, y)                                             \
    void op_##name(struct cpu *c, const struct decoded *d)                     \
    {                                                                          \
        body(c, d, x, y);                                                      \
    }

/* Handlers of one kernel k_NAME for XMM and YMM, legacy and VEX. */
#define XMM_OP(name)                                                           \
    static void do_##name(struct cpu *c, const struct decoded *d)              \
    {                                                                          \
        simd_binary(c, d, k_##name);                                           \
    }                                                                          \
    HANDLER(name##_vx_wx, do_##name)                                           \
    HANDLER(v##name##_vx_hx_wx, do_##name)

#define MMX_OP(name)                                                           \
    void op_##name##_pq_qq(struct cpu *c, const struct decoded *d)             \
    {                                                                          \
        simd_mmx_binary(c, d, 8, k_##name);                                    \
    }

#define MMX_XMM_OP(name)                                                       \
    MMX_OP(name)                                                               \
    XMM_OP(name)

/* ---- kernels element by element ---- */

/* Lanes: 16 bytes, in MMX 8. */
static inline unsigned simd_lane(unsigned n)
{
    return n < 16 ? n : 16;
}

/* k_NAME with expr of the elements x and y, unsigned and `bits` wide. */
#define EACH(name, bits, expr)                                                 \
    static ALWAYS_INLINE void k_##name(struct vec *r, const struct vec *a,     \
                                       const struct vec *b, unsigned n)        \
    {                                                                          \
        for (unsigned i = 0; i < n / (bits / 8); i++) {                        \
            uint##bits##_t x = vec_u##bits(a, i), y = vec_u##bits(b, i);       \
                                                                               \
            (void)x;                                                           \
            vec_set_u##bits(r, i, (uint##bits##_t)(expr));                     \
        }                                                                      \
    }

#endif
