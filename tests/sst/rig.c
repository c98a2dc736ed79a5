/*
 * rig.c - a processor whose every bus cycle is written down.
 */
#include "tests/sst/rig.h"
#include "cpu/exception.h"
#include "cpu/flags.h"
#include "cpu/icache.h"
#include "cpu/models/model.h"
#include "cpu/reset.h"
#include "cpu/seg.h"
#include "cpu/tlb.h"
#include <stdio.h>
#include <stdlib.h>

/* ---- the bus: 16 bits wide, words at even addresses ---- */

static void put_cycle(struct rig_bus *b, uint8_t type, uint32_t addr,
                      unsigned size, unsigned data)
{
    if (!b->recording)
        return;
    if (b->count == RIG_CYCLES) {
        b->overrun = true;
        return;
    }
    b->cycle[b->count++] = (struct sst_bus){
        .addr = addr,
        .type = type,
        .bhe_off = size == 1 && !(addr & 1),
        .data = (uint16_t)(size == 1 && addr & 1 ? data << 8 : data),
    };
}

/* As the bus unit cuts up an access of any size. */
static void put_access(struct rig_bus *b, uint8_t type, uint32_t addr,
                       unsigned size, uint64_t data)
{
    while (size) {
        unsigned n = size > 1 && !(addr & 1) ? 2 : 1;

        put_cycle(b, type, addr, n, data & (n == 2 ? 0xffff : 0xff));
        data >>= 8 * n;
        addr += n;
        size -= n;
    }
}

static uint64_t ram_read(void *opaque, uint64_t off, unsigned size)
{
    struct rig_bus *b = opaque;
    uint64_t v = 0;

    for (unsigned n = 0; n < size; n++)
        v |= (uint64_t)b->ram[(off + n) % RIG_RAM] << (8 * n);
    put_access(b, SST_MEMR, (uint32_t)off, size, v);
    return v;
}

static void ram_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct rig_bus *b = opaque;

    for (unsigned n = 0; n < size; n++)
        b->ram[(off + n) % RIG_RAM] = (uint8_t)(v >> (8 * n));
    put_access(b, SST_MEMW, (uint32_t)off, size, v);
}

/* Nobody drives the data lines. */
static uint32_t port_read(struct device *dev, uint16_t port, unsigned size)
{
    struct rig_bus *b = container_of(dev, struct rig_bus, dev);
    uint32_t v = size == 1 ? 0xff : size == 2 ? 0xffff : UINT32_MAX;

    put_access(b, SST_IOR, port, size, v);
    return v;
}

static void port_write(struct device *dev, uint16_t port, uint32_t v,
                       unsigned size)
{
    put_access(container_of(dev, struct rig_bus, dev), SST_IOW, port, size, v);
}

static const struct mmio_ops ram_ops = {ram_read, ram_write};
/* A count has 16 bits: two halves. */
static const struct port_range ports[] = {
    {0, 0x8000, IO8 | IO16 | IO32, port_read, port_write, "all ports"},
    {0x8000, 0x8000, IO8 | IO16 | IO32, port_read, port_write, "all ports"},
    {0}};
static const struct device_class bus_class = {
    .name = "recorder", .summary = "bus recorder", .ports = ports};

/* ---- the processor ---- */

static bool make_bus(struct rig *r, bool record, struct error *err)
{
    struct rig_bus *b = &r->bus;

    b->dev.cls = &bus_class;
    r->sv.io = io_bus_create(&r->log);
    r->sv.phys = phys_create(RIG_RAM, 0xc0000000, &r->log, err);
    if (!r->sv.io || !r->sv.phys)
        return false;
    b->ram = phys_ram(r->sv.phys);
    memset(phys_ram_flags(r->sv.phys), PAGE_WRITTEN, RIG_RAM / PAGE_SIZE);
    if (record)
        r->recorder =
            phys_map_mmio(r->sv.phys, "recorder", 0, RIG_RAM, 100, &ram_ops, b);
    return (!record || r->recorder) &&
           io_map(r->sv.io, &b->dev, &ports[0], err) &&
           io_map(r->sv.io, &b->dev, &ports[1], err);
}

static bool make_cpu(struct rig *r, const char *model, struct error *err)
{
    struct cpu *c = calloc(1, sizeof *c);

    if (!c)
        return false;
    r->c = c;
    c->dev.cls = &cpu_class;
    c->dev.sv = &r->sv;
    c->phys = r->sv.phys;
    log_source_init(&r->log, &c->dev.log, "cpu");
    c->opt.model = strdup(model);
    if (!c->opt.model || !cpu_model_apply(c, err))
        return false;
    if (!tlb_create(c) || !icache_create(c))
        return false;
    timer_init(&c->apic_timer, &r->clock, "cpu.apic", NULL, NULL);
    cpu_reset(c, true);
    return true;
}

bool rig_init(struct rig *r, const char *model, unsigned cpu, bool record,
              char *why, size_t why_size)
{
    struct error err = {0};

    /* The 286 was set up in a way that put anything into bits 12-15. */
    *r = (struct rig){.flags = cpu == 286 ? 0x0fff : 0xffff};
    clock_init(&r->clock, 1000000);
    log_init(&r->log);
    log_set_action(&r->log, NULL, LOG_ERROR, LOG_IGNORE);
    r->sv = (struct services){.clock = &r->clock, .log = &r->log};
    if (!make_bus(r, record, &err) || !make_cpu(r, model, &err)) {
        snprintf(why, why_size, "%s", err.text);
        return false;
    }
    phys_set_a20(r->sv.phys, cpu != 86); /* whatever the model */
    return true;
}

void rig_done(struct rig *r)
{
    if (!r->sv.clock)
        return;
    if (r->c) {
        icache_destroy(r->c);
        tlb_destroy(r->c);
        timer_destroy(&r->c->apic_timer);
        log_source_destroy(&r->c->dev.log);
        free(r->c->opt.model);
        free(r->c);
    }
    if (r->sv.phys)
        phys_destroy(r->sv.phys);
    if (r->sv.io)
        io_bus_destroy(r->sv.io);
    clock_destroy(&r->clock);
    log_close(&r->log);
}

static const uint8_t gpr_of[SST_REGS] = {
    [SST_AX] = RAX, [SST_BX] = RBX, [SST_CX] = RCX, [SST_DX] = RDX,
    [SST_SP] = RSP, [SST_BP] = RBP, [SST_SI] = RSI, [SST_DI] = RDI};
static const uint8_t seg_of[SST_REGS] = {
    [SST_CS] = SEG_CS, [SST_SS] = SEG_SS, [SST_DS] = SEG_DS, [SST_ES] = SEG_ES};

static bool is_segment(unsigned n)
{
    return n >= SST_CS && n <= SST_ES;
}

static void load(struct rig *r, const struct sst_vector *v)
{
    struct cpu *c = r->c;
    uint32_t addr;
    uint8_t byte;

    cpu_reset(c, true);
    /* No cache: what CD and NW say does not matter. */
    c->idtr = (struct table_reg){.limit = 0x3ff};
    for (unsigned n = 0; n < SST_IP; n++) {
        if (is_segment(n))
            seg_set_real(c, seg_of[n], v->before[n]);
        else
            c->gpr[gpr_of[n]] = v->before[n];
    }
    c->rip = v->before[SST_IP];
    c->fl_kind = FL_EFLAGS;
    c->rflags = v->before[SST_FLAGS] & r->flags;
    cpu_update_mode(c);
    c->events = 0;
    for (unsigned n = 0; n < v->ram_before; n++) {
        sst_byte(v->ram_before_at, n, &addr, &byte);
        r->bus.ram[addr % RIG_RAM] = byte;
    }
}

/* One instruction, all repetitions of a string instruction, and the
 * exception that it raises. */
static void step(struct rig *r)
{
    struct cpu *c = r->c;
    struct trace *t;
    uint64_t rip = c->rip;

    c->running = true;
    c->attention = false;
    c->budget = 1 << 24;
    c->tick_base = r->clock.now + (1 << 24);
    c->last_now = r->clock.now;
    r->bus.recording = false;
    r->bus.overrun = false;
    r->bus.count = 0;
    if (setjmp(c->fault_env)) {
        r->bus.recording = r->recorder != NULL;
        if (!(c->events & EV_SHUTDOWN))
            cpu_deliver_exception(c);
    } else {
        c->insn_rip = rip;
        t = icache_lookup(c, 1); /* fetches */
        r->bus.recording = r->recorder != NULL;
        icache_enter(c, t);
    }
    c->running = false;
}

void rig_run(struct rig *r, const struct sst_vector *v)
{
    load(r, v);
    step(r);
}

uint16_t rig_register(struct rig *r, enum sst_reg n)
{
    if (n == SST_IP)
        return (uint16_t)r->c->rip;
    if (n == SST_FLAGS)
        return (uint16_t)flags_sync(r->c);
    return is_segment(n) ? r->c->seg[seg_of[n]].selector
                         : (uint16_t)r->c->gpr[gpr_of[n]];
}

bool rig_same(struct rig *r, struct rig *plain)
{
    for (unsigned n = 0; n < SST_REGS; n++)
        if (rig_register(r, n) != rig_register(plain, n))
            return false;
    for (unsigned n = 0; n < r->bus.count; n++) {
        uint32_t at = r->bus.cycle[n].addr % (RIG_RAM - 1);

        if (r->bus.cycle[n].type == SST_MEMW &&
            memcmp(r->bus.ram + at, plain->bus.ram + at, 2))
            return false;
    }
    return true;
}

void rig_clean(struct rig *r, const struct rig_bus *record,
               const struct sst_vector *v)
{
    uint8_t *ram = r->bus.ram, byte;
    uint32_t addr;

    if (record->overrun) {
        memset(ram, 0, RIG_RAM);
        return;
    }
    for (unsigned n = 0; n < v->ram_before; n++) {
        sst_byte(v->ram_before_at, n, &addr, &byte);
        ram[addr % RIG_RAM] = 0;
    }
    for (unsigned n = 0; n < record->count; n++) {
        ram[record->cycle[n].addr % RIG_RAM] = 0;
        ram[(record->cycle[n].addr + 1) % RIG_RAM] = 0;
    }
}
