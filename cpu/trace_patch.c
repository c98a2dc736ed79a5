/*
 * trace_patch.c - a constant of a decoded instruction that the guest changes.
 *
 * Programs that write code mostly write the immediates and displacements of
 * instructions that stay what they are. Then the slot gets the new value and
 * the trace lives on, with all that is linked to it.
 */
#include "cpu/icache_int.h"
#include "cpu/optable.h"
#include "gen/insn_handlers.h"

static bool has_immediate(const struct insn_info *info)
{
    for (unsigned k = 0; k < 4 && info->operand[k]; k++)
        if (operand_info[info->operand[k]].loc == LOC_I ||
            operand_info[info->operand[k]].loc == LOC_SI)
            return true;
    return false;
}

/* Addresses that are made when the slot is filled, other than RIP-relative
 * ones, would need the choice of a handler again. */
static bool plain_address(const struct decoded *d)
{
    if (d->mode != 64)
        return true;
    return d->asize == 8 && d->disp_len <= 4 &&
           (d->base != REG_NONE || d->index != REG_NONE);
}

uint8_t trace_constants(const struct icache *ic, const struct decoded *d,
                        uint16_t op)
{
    unsigned n = d->disp_len + d->imm_len;

    /* What flags are dead depends on the count of a shift. */
    if (!n || d->info->attr & (ATTR_JUMP | ATTR_COND) || ic->fact[op].shift ||
        ic->fact[op].rotate)
        return 0;
    if (d->imm_len && !has_immediate(d->info) && !ic->fact[op].movabs)
        return 0;
    if (d->disp_len && !plain_address(d))
        return 0;
    return (uint8_t)(d->len - n);
}

/* The slot whose instruction has these bytes of the trace among its
 * constants. */
static struct slot_cold *slot_at(const struct trace *t, unsigned at, unsigned n)
{
    for (unsigned s = 0; s < t->slots; s++) {
        struct slot_cold *k = &t->cold[s];

        if (k->off <= at && at < k->off + k->len)
            return k->constants && at >= (unsigned)k->off + k->constants &&
                           at + n <= (unsigned)k->off + k->len
                       ? k
                       : NULL;
    }
    return NULL;
}

static void put_constants(const struct icache *ic, struct trace *t,
                          struct slot_cold *k, const struct decoded *d)
{
    struct insn *i = &t->insn[k - t->cold];

    if (d->imm_len && ic->fact[k->op].movabs)
        i->q = d->imm;
    else if (d->imm_len)
        i->imm = (int32_t)d->imm;
    if (d->disp_len) {
        i->disp = (int32_t)d->disp;
        if (d->base == REG_RIP)
            i->q = t->rip + k->off + k->len + (uint64_t)d->disp;
    }
    if (k->dec)
        *k->dec = *d;
}

bool trace_patch(struct cpu *c, struct trace *t, uint64_t paddr, unsigned n,
                 const uint8_t *page)
{
    unsigned at = (unsigned)(paddr - t->paddr), room;
    struct slot_cold *k;
    struct decode_env env;
    struct decoded d;

    /* What a debugger watches for, and bytes that are no longer where they
     * were found, are decoded again. */
    if (paddr < t->paddr || t->crosses || t->mode_id != c->mode_id || !page ||
        c->icache->flush || c->probe_mask)
        return false;
    k = slot_at(t, at, n);
    /* An instruction is not changed under its own handler. */
    if (!k || t->rip + k->off == c->insn_rip)
        return false;
    env = trace_env(c);
    at = (unsigned)(t->paddr & PAGE_MASK) + k->off;
    room = PAGE_SIZE - at < 15 ? PAGE_SIZE - at : 15;
    if (decode_insn(&env, page + at, room, &d) != DECODE_OK || d.len != k->len)
        return false;
    put_constants(c->icache, t, k, &d);
    return true;
}
