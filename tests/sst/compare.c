/*
 * compare.c - does a run agree with the capture?
 */
#include "tests/sst/compare.h"
#include <stdarg.h>
#include <stdio.h>

static const char *const names[SST_REGS] = {"ax", "bx", "cx", "dx",   "cs",
                                            "ss", "ds", "es", "sp",   "bp",
                                            "si", "di", "ip", "flags"};
static const char *const types[8] = {"code", "memr", "memw", "ior",
                                     "iow",  "inta", "halt", "?"};

struct text {
    char *at;
    size_t size;
};

PRINTF_LIKE(2, 3)
static void say(struct text *t, const char *fmt, ...)
{
    va_list ap;
    int n;

    if (!t->at || !t->size)
        return;
    va_start(ap, fmt);
    n = vsnprintf(t->at, t->size, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    t->at += (size_t)n < t->size ? (size_t)n : t->size;
    t->size -= (size_t)n < t->size ? (size_t)n : t->size;
}

/* The HLT behind a 286's instruction was executed in the capture. */
static uint16_t wanted_ip(unsigned cpu, const struct sst_form *form,
                          const struct sst_vector *v)
{
    bool halted = false, is_hlt = !strcmp(form->name, "F4");

    for (unsigned n = 0; n < v->cycles; n++)
        halted |= sst_cycle_at(v, n).type == SST_HALT;
    return (uint16_t)(v->after[SST_IP] - (cpu == 286 && halted && !is_hlt));
}

static unsigned compare_registers(struct rig *r, unsigned cpu,
                                  const struct sst_form *form,
                                  const struct sst_vector *v, struct text *t)
{
    unsigned diff = 0;

    for (unsigned n = 0; n < SST_REGS; n++) {
        uint16_t got = rig_register(r, n), want = v->after[n];
        uint16_t mask = n == SST_FLAGS ? form->flags_mask : 0xffff;

        if (n == SST_IP)
            want = wanted_ip(cpu, form, v);
        if (!((got ^ want) & mask))
            continue;
        say(t, " %s %04x want %04x", names[n], got, want);
        diff |= n == SST_FLAGS               ? DIFF_FLAGS
                : n == SST_IP || n == SST_CS ? DIFF_IP
                                             : DIFF_REGISTERS;
    }
    return diff;
}

/* Linear addresses of the two bytes of a pushed FLAGS word, if any. */
static bool pushed_flags(unsigned cpu, const struct sst_form *form,
                         const struct sst_vector *v, uint32_t at[2])
{
    uint16_t sp = v->after[SST_SP];
    uint32_t base = (uint32_t)v->after[SST_SS] << 4;
    uint32_t mask = cpu == 86 ? 0xfffff : 0xffffff;

    if (cpu == 86 ? form->flags_mask == 0xffff ||
                        (uint16_t)(v->before[SST_SP] - sp) != 6
                  : v->exception == SST_NO_EXCEPTION)
        return false;
    at[0] = (base + (uint16_t)(sp + 4)) & mask;
    at[1] = (base + (uint16_t)(sp + 5)) & mask;
    return true;
}

static uint8_t mask_of(const uint32_t flags[2], const struct sst_form *form,
                       uint32_t addr)
{
    if (addr == flags[0])
        return form->flags_mask & 0xff;
    return addr == flags[1] ? form->flags_mask >> 8 : 0xff;
}

static bool find_byte(const uint8_t *list, unsigned count, uint32_t addr,
                      uint8_t *value)
{
    uint32_t a;

    for (unsigned n = 0; n < count; n++) {
        sst_byte(list, n, &a, value);
        if (a == addr)
            return true;
    }
    *value = 0;
    return false;
}

static unsigned check_byte(const struct rig *r, const struct sst_form *form,
                           const struct sst_vector *v, const uint32_t flags[2],
                           uint32_t addr, struct text *t)
{
    uint8_t want, got = r->bus.ram[addr % RIG_RAM];

    if (!find_byte(v->ram_after_at, v->ram_after, addr, &want))
        find_byte(v->ram_before_at, v->ram_before, addr, &want);
    if (!((got ^ want) & mask_of(flags, form, addr)))
        return 0;
    say(t, " [%x] %02x want %02x", addr, got, want);
    return DIFF_RAM;
}

/* What the capture says has changed, and all that this run has written. */
static unsigned compare_ram(const struct rig *r, const struct sst_form *form,
                            const struct sst_vector *v, const uint32_t flags[2],
                            struct text *t)
{
    unsigned diff = 0;
    uint32_t addr;
    uint8_t value;

    for (unsigned n = 0; n < v->ram_after; n++) {
        sst_byte(v->ram_after_at, n, &addr, &value);
        diff |= check_byte(r, form, v, flags, addr, t);
    }
    for (unsigned n = 0; n < r->bus.count; n++) {
        const struct sst_bus *b = &r->bus.cycle[n];

        if (b->type != SST_MEMW)
            continue;
        diff |= check_byte(r, form, v, flags, b->addr, t);
        if (!(b->addr & 1) && !b->bhe_off)
            diff |= check_byte(r, form, v, flags, b->addr + 1, t);
    }
    return diff;
}

/* Bits of the data lines that carry something. */
static uint16_t lanes(const struct sst_bus *b)
{
    return b->addr & 1 ? 0xff00 : b->bhe_off ? 0x00ff : 0xffff;
}

static bool same_cycle(const struct sst_bus *a, const struct sst_bus *b,
                       const uint32_t flags[2], const struct sst_form *form)
{
    uint16_t mask = lanes(b);

    uint32_t wires =
        b->type == SST_MEMR || b->type == SST_MEMW ? 0xffffff : 0xffff;

    /* Nothing decodes A16 and up of a port: the carry of a word at FFFFh. */
    if (a->type != b->type || (a->addr ^ b->addr) & wires || lanes(a) != mask)
        return false;
    if (b->type == SST_MEMW) {
        if (b->addr & 1)
            mask &= (uint16_t)(mask_of(flags, form, b->addr) << 8);
        else
            mask &= (uint16_t)(mask_of(flags, form, b->addr) |
                               mask_of(flags, form, b->addr + 1) << 8);
    }
    return !((a->data ^ b->data) & mask);
}

static bool is_data(const struct sst_bus *b)
{
    return b->type >= SST_MEMR && b->type <= SST_IOW;
}

static void say_cycle(struct text *t, const struct sst_bus *b)
{
    say(t, " %s@%x%s=%04x", types[b->type], b->addr, b->bhe_off ? "b" : "",
        b->data & lanes(b));
}

static unsigned compare_bus(const struct rig *r, const struct sst_form *form,
                            const struct sst_vector *v, const uint32_t flags[2],
                            struct text *t)
{
    unsigned at = 0;
    bool good = !r->bus.overrun;

    for (unsigned n = 0; n < v->cycles; n++) {
        struct sst_bus want = sst_cycle_at(v, n);

        if (!is_data(&want))
            continue;
        good &= at < r->bus.count &&
                same_cycle(&r->bus.cycle[at], &want, flags, form);
        at++;
    }
    if (good && at == r->bus.count)
        return 0;
    say(t, " bus");
    for (unsigned n = 0; n < r->bus.count && n < 12; n++)
        say_cycle(t, &r->bus.cycle[n]);
    say(t, " want");
    for (unsigned n = 0; n < v->cycles; n++) {
        struct sst_bus want = sst_cycle_at(v, n);

        if (is_data(&want))
            say_cycle(t, &want);
    }
    return DIFF_BUS;
}

unsigned compare(struct rig *r, unsigned cpu, const struct sst_form *form,
                 const struct sst_vector *v, char *text, size_t text_size)
{
    struct text t = {text, text_size};
    uint32_t flags[2] = {UINT32_MAX, UINT32_MAX};

    if (text_size)
        text[0] = 0;
    pushed_flags(cpu, form, v, flags);
    return compare_registers(r, cpu, form, v, &t) |
           compare_ram(r, form, v, flags, &t) |
           compare_bus(r, form, v, flags, &t);
}
