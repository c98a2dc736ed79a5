/*
 * plugin_reads.c - what a plugin may ask of the machine. Nothing here changes
 * what the guest can see.
 */
#include "cpu/disasm/disasm.h"
#include "cpu/flags.h"
#include "cpu/paging.h"
#include "gen/insn_table.h"
#include "instrument/plugins_int.h"
#include "memory/phys.h"

static struct plugins *owner(const struct klochs_host *h)
{
    return container_of(h, struct plugins, host);
}

static uint64_t read_ticks(const struct klochs_host *h)
{
    struct cpu *c = owner(h)->c;

    if (!c)
        return 0;
    return c->running ? cpu_ticks(c) : c->dev.sv->clock->now;
}

static uint64_t read_instructions(const struct klochs_host *h, unsigned cpu)
{
    struct cpu *c = owner(h)->c;

    if (cpu || !c)
        return 0;
    return c->icount + (c->running ? cpu_ticks(c) - c->last_now : 0);
}

/* ---- registers ---- */

static uint64_t general(struct plugins *p, enum klochs_reg r)
{
    struct cpu *c = p->c;

    switch (r) {
    case KLOCHS_RIP:
        return p->between ? c->rip : c->insn_rip;
    case KLOCHS_RFLAGS:
        flags_sync(c);
        return c->rflags;
    case KLOCHS_GDTR_BASE:
        return c->gdtr.base;
    case KLOCHS_IDTR_BASE:
        return c->idtr.base;
    case KLOCHS_CPL:
        return c->cpl;
    case KLOCHS_BITS:
        return c->code_bits;
    default:
        return 0;
    }
}

static uint64_t control(const struct cpu *c, enum klochs_reg r)
{
    switch (r) {
    case KLOCHS_CR0:
        return c->cr0;
    case KLOCHS_CR2:
        return c->cr2;
    case KLOCHS_CR3:
        return c->cr3;
    case KLOCHS_CR4:
        return c->cr4;
    case KLOCHS_CR8:
        return c->apic.tpr >> 4 & 15;
    case KLOCHS_XCR0:
        return c->xcr0;
    case KLOCHS_EFER:
        return c->efer;
    case KLOCHS_DR6:
    case KLOCHS_DR7:
        return c->dr[6 + (r - KLOCHS_DR6)];
    default:
        return c->dr[r - KLOCHS_DR0];
    }
}

static uint64_t read_reg(const struct klochs_host *h, unsigned cpu,
                         enum klochs_reg r)
{
    struct plugins *p = owner(h);
    const struct cpu *c = p->c;

    if (cpu || !c || (unsigned)r >= KLOCHS_REGS)
        return 0;
    if (r <= KLOCHS_R15)
        return c->gpr[r];
    if (r >= KLOCHS_ES && r <= KLOCHS_TR)
        return c->seg[r - KLOCHS_ES].selector;
    if (r >= KLOCHS_ES_BASE && r <= KLOCHS_TR_BASE)
        return c->seg[r - KLOCHS_ES_BASE].base;
    if (r >= KLOCHS_CR0 && r <= KLOCHS_DR7)
        return control(c, r);
    return general(p, r);
}

/* ---- memory ---- */

static size_t in_page(uint64_t addr, size_t n)
{
    size_t room = PAGE_SIZE - (size_t)(addr & PAGE_MASK);

    return n < room ? n : room;
}

static size_t read_physical(const struct klochs_host *h, uint64_t paddr,
                            void *out, size_t n)
{
    size_t done = 0;

    if (!owner(h)->c)
        return 0;
    while (done < n) {
        size_t k = in_page(paddr + done, n - done);
        uint8_t *to = (uint8_t *)out + done;
        struct phys_page page;

        phys_lookup(owner(h)->c->phys, paddr + done, &page);
        if (page.host)
            memcpy(to, page.host + ((paddr + done) & PAGE_MASK), k);
        else
            memset(to, 0xff, k);
        done += k;
    }
    return n;
}

static int translate(const struct klochs_host *h, unsigned cpu, uint64_t laddr,
                     uint64_t *paddr)
{
    struct cpu *c = owner(h)->c;

    return !cpu && c && paging_translate_debug(c, laddr, paddr);
}

static size_t read_linear(const struct klochs_host *h, unsigned cpu,
                          uint64_t laddr, void *out, size_t n)
{
    size_t done = 0;
    uint64_t paddr;

    while (done < n && translate(h, cpu, laddr + done, &paddr)) {
        size_t k = in_page(laddr + done, n - done);

        read_physical(h, paddr, (uint8_t *)out + done, k);
        done += k;
    }
    return done;
}

/* ---- instructions ---- */

static const char *mnemonic(const struct klochs_host *h, unsigned op)
{
    (void)h;
    return op < INSN_COUNT ? insn_table[op].mnemonic : NULL;
}

static unsigned disassemble(const struct klochs_host *h, unsigned cpu,
                            uint64_t laddr, char *out, size_t size)
{
    const struct cpu *c = owner(h)->c;
    struct decode_env env = {c->code_bits,
                             c->mode == MODE_REAL || c->mode == MODE_V86,
                             c->features, c->quirks};
    uint64_t base = c->mode == MODE_LONG64 ? 0 : c->seg[SEG_CS].base;
    struct decoded d;
    uint8_t bytes[15];
    size_t n;

    if (!size)
        return 0;
    *out = 0;
    n = read_linear(h, cpu, laddr, bytes, sizeof bytes);
    if (!n || decode_insn(&env, bytes, (unsigned)n, &d) != DECODE_OK)
        return 0;
    disasm_intel(&d, laddr - base, out, size);
    return d.len;
}

static void to_log(const struct klochs_host *h, const char *text)
{
    if (owner(h)->c)
        log_info(&owner(h)->log, "%s", text);
}

void plugin_reads(struct plugins *p)
{
    p->host.ticks = read_ticks;
    p->host.instructions = read_instructions;
    p->host.reg = read_reg;
    p->host.read = read_linear;
    p->host.read_physical = read_physical;
    p->host.translate = translate;
    p->host.ops = INSN_COUNT;
    p->host.mnemonic = mnemonic;
    p->host.disassemble = disassemble;
    p->host.log = to_log;
}
