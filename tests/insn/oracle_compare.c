/*
 * oracle_compare.c - what differs between two results of the same code.
 */
#include "tests/insn/oracle_compare.h"
#include "gen/insn_table.h"

#define MXCSR_AMD_MM 0x20000u /* misaligned SSE mode */
#define XSAVE_AREA   832u     /* bytes, with AVX */

void differ(struct differences *d, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(d->text + d->len, sizeof d->text - d->len, fmt, ap);
    va_end(ap);
    d->len += n > 0 ? (size_t)n : 0;
    if (d->len >= sizeof d->text)
        d->len = sizeof d->text - 1;
}

static void number_differs(struct differences *d, const char *name,
                           uint64_t ours, uint64_t want)
{
    if (ours != want)
        differ(d, " %s=%llx want %llx", name, (unsigned long long)ours,
               (unsigned long long)want);
}

static uint64_t undefined_at(const struct prog *p, uint64_t pos)
{
    uint64_t all = 0;

    for (unsigned k = 0; k <= p->n; k++) {
        if (p->off[k] == pos)
            return p->undef[k];
        all |= p->undef[k];
    }
    return all;
}

/* The instruction at `pos`. */
static const char *name_at(const struct prog *p, uint64_t pos)
{
    for (unsigned k = 0; k < p->n; k++)
        if (p->off[k] == pos)
            return p->dec[k].info->mnemonic;
    return "";
}

static bool vector_row(const struct prog *p, uint64_t pos)
{
    for (unsigned k = 0; k < p->n; k++)
        if (p->off[k] == pos)
            for (unsigned i = 0; i < 2; i++) {
                unsigned loc = operand_info[p->dec[k].info->operand[i]].loc;

                if (loc >= LOC_P && loc <= LOC_XMM0)
                    return true;
            }
    return false;
}

static bool mmx_row(const struct prog *p)
{
    for (unsigned i = 0; i < 2; i++) {
        unsigned loc = operand_info[p->dec[0].info->operand[i]].loc;

        if (loc >= LOC_P && loc <= LOC_N)
            return true;
    }
    return false;
}

/* Faults whose order or kind the manuals leave open. */
bool compare_tolerates(const struct prog *p, const struct exec_state *e,
                       const struct exec_state *n, uint64_t start)
{
    const char *m = name_at(p, n->rip - start);

    /* A jump into the page where Linux emulates old system calls. */
    if (e->vector == EXC_PF && e->cr2 >> 12 == UINT64_C(0xffffffffff600))
        return true;
    /* AMD has a bit 17 in MXCSR. */
    if (e->vector == EXC_GP && n->mxcsr & MXCSR_AMD_MM &&
        (strstr(name_at(p, e->rip - start), "ldmxcsr") ||
         strstr(name_at(p, e->rip - start), "xrstor")))
        return true;
    /* AMD does not check the alignment of SHA operands. */
    if (e->vector == EXC_GP && !strncmp(name_at(p, e->rip - start), "sha", 3) &&
        vector_row(p, e->rip - start))
        return true;
    /* A mask of zeros: faults all the same, or not (SDM, MASKMOVDQU); CR2 is
     * the first byte, or the first that is stored. */
    if (n->rip == start &&
        (!strncmp(m, "maskmov", 7) || !strcmp(m, "vmaskmovdqu")) &&
        (n->vector == EXC_PF || n->vector == EXC_GP || n->vector == EXC_SS))
        return true;
    if (n->vector == EXC_BP)
        return false;
    /* A hypervisor that sees #DB first hands on INT1's as a fault. */
    if (!strcmp(m, "int1") && e->rip == n->rip + p->len)
        return true;
    /* Which word of the frame is read first. */
    if ((!strcmp(m, "retf") || !strncmp(m, "iret", 4)) && n->rip == start &&
        e->rip == start)
        return true;
    /* Which end of the area is touched first. */
    if (n->vector == EXC_PF && e->vector == EXC_PF && e->rip == n->rip &&
        (uint32_t)(e->cr2 - n->cr2) + XSAVE_AREA < 2 * XSAVE_AREA &&
        (!strncmp(m, "fxsave", 6) || !strncmp(m, "xsave", 5) ||
         strstr(m, "xrstor")))
        return true;
    /* Unaligned vectors: #AC, or not (SDM, MOVUPS and Interrupt 17), and
     * whether before #PF and #XM. */
    if (n->vector == EXC_AC && n->rip == start && vector_row(p, 0))
        return true;
    if (n->vector == EXC_AC && e->rip == n->rip && e->vector == EXC_PF &&
        m[0] == 'f')
        return true;
    /* AMD multiplies and adds before it reports what was found first. */
    if (n->vector == EXC_XM && e->vector == EXC_XM && strstr(m, "dpp"))
        return true;
    /* AMD enters the MMX state before a conversion raises #XM. */
    if (n->vector == EXC_XM && e->vector == EXC_XM && strstr(m, "cvt") &&
        mmx_row(p))
        return true;
    /* Does the probe of ENTER's last stack pointer check its alignment? */
    if (!strcmp(m, "enter") && n->vector == EXC_AC)
        return true;
    if (e->rip != n->rip)
        return false;
    /* Which operand is looked at first. */
    if (!strncmp(m, "cmps", 4))
        return true;
    /* Alignment before or after the canonical check. */
    if (e->vector == EXC_SS && n->vector == EXC_GP)
        return !strcmp(m, "cmpxchg16b") || m[0] == 'f' ||
               !strncmp(m, "xsave", 5) || !strncmp(m, "xrstor", 6) ||
               vector_row(p, n->rip - start);
    /* The limit is checked for the whole area first, or piece by piece. */
    if (m[0] == 'f' && (e->vector == EXC_GP || e->vector == EXC_SS) &&
        (n->vector == EXC_PF || n->vector == EXC_AC))
        return true;
    if ((!strncmp(m, "xsave", 5) || !strncmp(m, "xrstor", 6)) &&
        e->vector == EXC_GP && n->vector == EXC_PF && n->bits != 64)
        return n->cr2 > UINT32_MAX - XSAVE_AREA;
    if (!strcmp(m, "frstor") || !strcmp(m, "fnsave") || !strcmp(m, "fldenv") ||
        !strcmp(m, "fnstenv"))
        return n->vector == EXC_PF;
    /* What an interrupted gather leaves in the mask; AMD takes a single-step
     * trap before a fault of a later element. */
    if (strstr(m, "gather"))
        return e->vector == n->vector || n->vector == EXC_DB;
    /* The target is checked before the push (SDM), or after it. */
    return !strcmp(m, "call") && e->vector == EXC_GP && n->vector == EXC_PF;
}

void compare_integer(struct differences *d, const struct prog *p,
                     const struct exec_state *e, const struct exec_state *n,
                     uint64_t start)
{
    static const char *const names[16] = {
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
        "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    uint64_t mask = n->bits == 64 ? UINT64_MAX : UINT32_MAX;
    uint64_t flags = EFL_ARITH | EFL_DF | EFL_TF | EFL_NT | EFL_AC | EFL_ID |
                     EFL_IF | EFL_IOPL | EFL_VM | EFL_VIF | EFL_VIP;
    uint64_t pos = n->rip - start - (n->vector == EXC_BP);

    flags &= ~undefined_at(p, pos);
    number_differs(d, "vector", e->vector, n->vector);
    for (unsigned k = 0; k < 16; k++) {
        /* The kernel cannot keep the upper half of a 16-bit stack's ESP. */
        uint64_t m = n->bits == 16 && k == RSP ? 0xffff : mask;

        number_differs(d, names[k], e->gpr[k] & m, n->gpr[k] & m);
    }
    number_differs(d, "rip", e->rip, n->rip);
    number_differs(d, "flags", e->rflags & flags, n->rflags & flags);
}

/* The kernel says "present" for what is above user space, and our tables are
 * not present there. */
void compare_fault(struct differences *d, const struct exec_state *e,
                   const struct exec_state *n)
{
    bool top = n->vector == EXC_PF && (n->cr2 >= UINT64_C(0x7ffffffff000) ||
                                       n->cr2 - EXEC_SYSTEM < 0x10000);
    uint32_t mask = top ? ~1u : ~0u;

    if (e->vector != n->vector)
        return;
    number_differs(d, "code", e->code & mask, n->code & mask);
    if (n->vector == EXC_PF && (d->len || e->cr2 != n->cr2))
        differ(d, " cr2=%llx want %llx", (unsigned long long)e->cr2,
               (unsigned long long)n->cr2);
}

void compare_data(struct differences *d, const uint8_t *ours,
                  const uint8_t *want)
{
    unsigned shown = 0;

    if (!memcmp(ours, want, EXEC_DATA_SIZE))
        return;
    for (unsigned k = 0; k < EXEC_DATA_SIZE && shown < 8; k++)
        if (ours[k] != want[k]) {
            differ(d, " [%x]=%02x want %02x", k, ours[k], want[k]);
            shown++;
        }
}

/* C1 after FCOMI and its kin: cleared (SDM) or left alone (AMD). TOP after
 * EMMS: left alone (SDM) or 0 (AMD). */
static uint16_t status_mask(const struct prog *p)
{
    for (unsigned k = 0; k < p->n; k++)
        if (strstr(p->dec[k].info->mnemonic, "comi"))
            return (uint16_t)~0x200u;
        else if (strstr(p->dec[k].info->mnemonic, "emms"))
            return (uint16_t)~0x3800u;
    return 0xffff;
}

void compare_vectors(struct differences *d, const struct prog *p,
                     const struct exec_state *e, const struct exec_state *n,
                     bool x87)
{
    if (x87) {
        uint16_t m = status_mask(p);

        number_differs(d, "fcw", e->fpu.cw, n->fpu.cw);
        number_differs(d, "fsw", e->fpu.sw & m, n->fpu.sw & m);
        number_differs(d, "ftw", e->fpu.tw, n->fpu.tw);
        for (unsigned k = 0; k < 8; k++) {
            char name[8];

            snprintf(name, sizeof name, "R%u", k);
            if (e->fpu.r[k].frac != n->fpu.r[k].frac ||
                e->fpu.r[k].se != n->fpu.r[k].se)
                differ(d, " %s=%04x:%016llx want %04x:%016llx", name,
                       e->fpu.r[k].se, (unsigned long long)e->fpu.r[k].frac,
                       n->fpu.r[k].se, (unsigned long long)n->fpu.r[k].frac);
        }
        return;
    }
    number_differs(d, "mxcsr", e->mxcsr, n->mxcsr);
    for (unsigned k = 0; k < 16; k++)
        for (unsigned q = 4; q-- > 0;)
            if (vec_u64(&e->vec[k], q) != vec_u64(&n->vec[k], q))
                differ(d, " v%u[%u]=%016llx want %016llx", k, q,
                       (unsigned long long)vec_u64(&e->vec[k], q),
                       (unsigned long long)vec_u64(&n->vec[k], q));
}
