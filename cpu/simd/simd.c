/*
 * simd.c - checks and operands that all vector handlers share.
 *
 * Intel SDM vol. 2, 2.4 (exceptions by class), vol. 3, 2.5 and 13.
 */
#include "cpu/simd/simd.h"

uint32_t simd_mxcsr_mask(const struct cpu *c)
{
    uint32_t mask = 0xffbf;

    if (cpu_has(c, FEAT_SSE2)) /* DAZ came with it */
        mask |= 1u << 6;
    if (cpu_has(c, FEAT_MISALIGNED_SSE))
        mask |= MXCSR_MM;
    return mask;
}

void simd_check_slowly(struct cpu *c, const struct decoded *d)
{
    const uint64_t avx = XSTATE_SSE | XSTATE_AVX;

    if (d->vex) {
        if (UNLIKELY(!(c->cr4 & CR4_OSXSAVE) || (c->xcr0 & avx) != avx))
            cpu_fault(c, EXC_UD);
    } else if (UNLIKELY(c->cr0 & CR0_EM || !(c->cr4 & CR4_OSFXSR))) {
        cpu_fault(c, EXC_UD);
    }
    if (UNLIKELY(c->cr0 & CR0_TS))
        cpu_fault(c, EXC_NM);
}

void simd_finish(struct cpu *c, const struct fp_env *e)
{
    uint8_t flags = fp_sse_flags(e);

    c->mxcsr |= flags;
    if (UNLIKELY(flags & ~e->masks))
        cpu_fault(c, c->cr4 & CR4_OSXMMEXCPT ? EXC_XM : EXC_UD);
}

const struct vec *simd_memory(struct cpu *c, const struct decoded *d,
                              struct vec *tmp, unsigned n, unsigned align)
{
    const uint8_t *p = simd_direct(c, d, n, align, false);

    if (LIKELY(p != NULL))
        return (const void *)p;
    mem_read_bytes(c, d->seg, mem_ea(c, d), tmp->b, n, align);
    return tmp;
}

uint64_t simd_read64(struct cpu *c, const struct decoded *d)
{
    const uint8_t *p = simd_direct(c, d, 8, 1, false);

    if (LIKELY(p && !c->ac_check))
        return ld_le64(p);
    return mem_read64(c, d->seg, mem_ea(c, d));
}

uint32_t simd_read32(struct cpu *c, const struct decoded *d)
{
    const uint8_t *p = simd_direct(c, d, 4, 1, false);

    if (LIKELY(p && !c->ac_check))
        return ld_le32(p);
    return mem_read32(c, d->seg, mem_ea(c, d));
}

void simd_write64(struct cpu *c, const struct decoded *d, uint64_t v)
{
    uint8_t *p = simd_direct(c, d, 8, 1, true);

    if (LIKELY(p && !c->ac_check))
        st_le64(p, v);
    else
        mem_write64(c, d->seg, mem_ea(c, d), v);
}

void simd_write32(struct cpu *c, const struct decoded *d, uint32_t v)
{
    uint8_t *p = simd_direct(c, d, 4, 1, true);

    if (LIKELY(p && !c->ac_check))
        st_le32(p, v);
    else
        mem_write32(c, d->seg, mem_ea(c, d), v);
}

void simd_store(struct cpu *c, const struct decoded *d, const struct vec *v,
                unsigned n, unsigned align)
{
    uint8_t *p = simd_direct(c, d, n, align, true);

    if (UNLIKELY(!p))
        mem_write_bytes(c, d->seg, mem_ea(c, d), v->b, n, align);
    else if (LIKELY(n == 16))
        memcpy(p, v->b, 16);
    else if (n == 8)
        memcpy(p, v->b, 8);
    else
        memcpy(p, v->b, n);
}

uint64_t simd_mmx_src(struct cpu *c, const struct decoded *d, unsigned n)
{
    uint64_t v;

    fpu_mmx_check(c);
    if (d->mod == 3)
        v = fpu_mmx_read(c, d->rm);
    else
        v = n == 8 ? simd_read64(c, d) : simd_read32(c, d);
    fpu_mmx_enter(c);
    return v;
}
