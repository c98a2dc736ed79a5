/*
 * block_io_test.c - REP INS and OUTS with and without a device that moves
 * blocks: nothing that anybody can see differs.
 *
 * Two processors run the same random programs. Their devices are the same but
 * for the block verbs; both are cut into the same slices of time.
 */
#include "core/device.h"
#include "core/rng.h"
#include "tests/insn/sysrig.h"
#include <stdlib.h>

enum { PORT = 0x1f0, ROUNDS = 300, PAGES = 0x50000 };

/* A buffer of changing length; at its end it wants an interrupt, which stays
 * masked, and notes when that was. */
struct chip {
    struct device dev;
    uint8_t buffer[1024];
    uint32_t pos, len;
    uint64_t ends, end_ticks, moved_at_once;
    struct cpu *c;
};

static void moved(struct chip *p)
{
    if (p->pos < p->len)
        return;
    p->pos = 0;
    p->len = 16 + (p->len * 5 + 60) % (sizeof p->buffer - 16);
    p->ends++;
    p->end_ticks = p->end_ticks * 31 + p->dev.sv->clock->now;
    cpu_raise(p->c, EV_INTR);
}

static uint32_t chip_read(struct device *dev, uint16_t port, unsigned size)
{
    struct chip *p = container_of(dev, struct chip, dev);
    uint8_t bytes[4] = {0};

    (void)port;
    for (unsigned n = 0; n < size && p->pos < p->len; n++)
        bytes[n] = p->buffer[p->pos++];
    moved(p);
    return ld_le32(bytes);
}

static void chip_write(struct device *dev, uint16_t port, uint32_t v,
                       unsigned size)
{
    struct chip *p = container_of(dev, struct chip, dev);

    (void)port;
    for (unsigned n = 0; n < size && p->pos < p->len; n++)
        p->buffer[p->pos++] = (uint8_t)(v >> 8 * n);
    moved(p);
}

static uint32_t before_end(struct chip *p, uint32_t count, unsigned size)
{
    uint32_t most = (p->len - p->pos - 1) / size;

    count = count < most ? count : most;
    p->moved_at_once += count;
    return count;
}

static uint32_t chip_block_read(struct device *dev, uint16_t port, uint8_t *to,
                                uint32_t count, unsigned size)
{
    struct chip *p = container_of(dev, struct chip, dev);

    (void)port;
    count = before_end(p, count, size);
    memcpy(to, p->buffer + p->pos, (size_t)count * size);
    p->pos += count * size;
    return count;
}

static uint32_t chip_block_write(struct device *dev, uint16_t port,
                                 const uint8_t *from, uint32_t count,
                                 unsigned size)
{
    struct chip *p = container_of(dev, struct chip, dev);

    (void)port;
    count = before_end(p, count, size);
    memcpy(p->buffer + p->pos, from, (size_t)count * size);
    p->pos += count * size;
    return count;
}

static const struct port_range data_port = {.first = PORT,
                                            .count = 1,
                                            .widths = IO8 | IO16 | IO32,
                                            .read = chip_read,
                                            .write = chip_write};

static const struct device_class by_blocks = {.name = "blocks",
                                              .block_read = chip_block_read,
                                              .block_write = chip_block_write};
static const struct device_class one_by_one = {.name = "single"};

struct side {
    struct sysrig r;
    struct chip chip;
};

static void side_init(struct side *s, const struct device_class *cls)
{
    struct error err;

    sysrig_init(&s->r);
    s->chip = (struct chip){.dev = {.cls = cls, .sv = &s->r.sv}, .len = 512};
    s->chip.c = s->r.c;
    memcpy(s->chip.dev.id, cls->name, strlen(cls->name));
    for (unsigned n = 0; n < sizeof s->chip.buffer; n++)
        s->chip.buffer[n] = (uint8_t)(n * 7 + (n >> 8));
    if (!io_map(s->r.sv.io, &s->chip.dev, &data_port, &err)) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }
}

/* ---- programs ---- */

struct program {
    uint8_t code[256];
    unsigned len;
};

static void byte(struct program *p, unsigned v)
{
    p->code[p->len++] = (uint8_t)v;
}

static void mov(struct program *p, unsigned reg, uint32_t v)
{
    byte(p, 0xb8 + reg);
    st_le32(p->code + p->len, v);
    p->len += 4;
}

static uint32_t below(struct rng *g, uint32_t n)
{
    return (uint32_t)(rng_next(g) % n);
}

/* Near the edges of pages, and near the segment's limit. */
static uint32_t address(struct rng *g)
{
    return PAGES + below(g, 9) * 0x1000 - 300 + below(g, 600);
}

static void make(struct program *p, struct rng *g)
{
    static const uint8_t ops[] = {0x6c, 0x6d, 0x6d, 0x6e, 0x6f, 0x6f};

    p->len = 0;
    mov(p, RDX, PORT);
    for (unsigned n = 0; n < 6; n++) {
        mov(p, RDI, address(g));
        mov(p, RSI, address(g));
        mov(p, RCX, below(g, below(g, 2) ? 700 : 4));
        byte(p, below(g, 8) ? 0xfc : 0xfd); /* CLD, STD */
        if (below(g, 2))
            byte(p, 0x66);
        if (below(g, 8))
            byte(p, 0xf3);
        byte(p, ops[below(g, ARRAY_LEN(ops))]);
    }
    byte(p, 0xf4);
}

static void load(struct side *s, const struct program *p, bool limited)
{
    static const uint8_t halt[] = {0xf4};
    struct sysrig *r = &s->r;

    sysrig_protected(r, 0);
    phys_poke(r->sv.phys, CODE, p->code, p->len);
    phys_poke(r->sv.phys, HANDLER, halt, 1);
    set_idt(r, 13, gate(CODE0, HANDLER, 0x8e, 0));
    for (unsigned n = 0; n < 0x9000; n += 4)
        poke(r, PAGES + n, n * 0x9e3779b1);
    if (limited)
        r->c->seg[SEG_ES].limit = PAGES + 0x7123;
    cpu_update_mode(r->c);
}

static bool same(struct side *a, struct side *b)
{
    struct cpu *c = a->r.c, *d = b->r.c;

    return !memcmp(c->gpr, d->gpr, sizeof c->gpr) && c->rip == d->rip &&
           c->rflags == d->rflags && c->events == d->events &&
           a->r.clock.now == b->r.clock.now && c->icount == d->icount &&
           a->chip.pos == b->chip.pos && a->chip.len == b->chip.len &&
           a->chip.ends == b->chip.ends &&
           a->chip.end_ticks == b->chip.end_ticks &&
           !memcmp(a->chip.buffer, b->chip.buffer, sizeof a->chip.buffer);
}

static bool round_good(struct side *a, struct side *b, struct rng *g)
{
    struct program p;
    bool limited = !below(g, 4);

    make(&p, g);
    load(a, &p, limited);
    load(b, &p, limited);
    for (unsigned slice = 0; slice < 60; slice++) {
        uint64_t ticks = 1 + below(g, slice % 3 ? 400 : 3);

        cpu_run(a->r.c, a->r.clock.now + ticks);
        cpu_run(b->r.c, b->r.clock.now + ticks);
        if (!same(a, b))
            return false;
    }
    return phys_hash(a->r.sv.phys, 0) == phys_hash(b->r.sv.phys, 0);
}

int main(void)
{
    struct side a, b;
    struct rng g;
    unsigned bad = 0;

    rng_seed(&g, 1);
    side_init(&a, &by_blocks);
    side_init(&b, &one_by_one);
    for (unsigned n = 0; n < ROUNDS; n++)
        bad += !round_good(&a, &b, &g);
    tap_eq(&a.r.tap, bad, 0, "rounds that differ");
    tap_ok(&a.r.tap, a.chip.moved_at_once > 100000 && !b.chip.moved_at_once,
           "%u elements in blocks", (unsigned)a.chip.moved_at_once);
    tap_ok(&a.r.tap, a.chip.ends > 100, "%u ends of a block",
           (unsigned)a.chip.ends);
    sysrig_free(&b.r);
    return sysrig_done(&a.r);
}
