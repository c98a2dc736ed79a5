/*
 * chips_fuzz_test.c - every chip alone on the bench: random port and memory
 * traffic, random pins, time, states saved and loaded on the way, and random
 * bytes in place of a state. Nothing may crash, hang, or differ after a load.
 */
#include "core/rng.h"
#include "core/state.h"
#include "iodev/cmos.h"
#include "iodev/debugport.h"
#include "iodev/dma.h"
#include "iodev/elcr.h"
#include "iodev/fwcfg.h"
#include "iodev/hpet.h"
#include "iodev/ioapic.h"
#include "iodev/kbc.h"
#include "iodev/parallel.h"
#include "iodev/pic.h"
#include "iodev/pit.h"
#include "iodev/port92.h"
#include "iodev/ps2kbd.h"
#include "iodev/ps2mouse.h"
#include "iodev/serial.h"
#include "iodev/sound/opl3.h"
#include "iodev/sound/sb16.h"
#include "iodev/speaker.h"
#include "tests/device/rig.h"

#include <stdlib.h>

static const struct {
    const struct device_class *cls;
    uint32_t mmio;
} chips[] = {
    {&cmos_class, 0},
    {&debugport_class, 0},
    {&dma_class, 0},
    {&elcr_class, 0},
    {&fwcfg_class, 0},
    {&hpet_class, HPET_BASE},
    {&ioapic_class, IOAPIC_BASE},
    {&kbc_class, 0},
    {&opl3_class, 0},
    {&parallel_class, 0},
    {&pic_class, 0},
    {&pit_class, 0},
    {&port92_class, 0},
    {&ps2kbd_class, 0},
    {&ps2mouse_class, 0},
    {&sb16_class, 0},
    {&serial_class, 0},
    {&speaker_class, 0},
};

static const struct ps2_ops *ps2_ops_of(const struct device_class *cls)
{
    if (cls == &ps2kbd_class)
        return &ps2kbd_ops;
    return cls == &ps2mouse_class ? &ps2mouse_ops : NULL;
}

static void poke_port(struct rig *r, struct device *dev, struct rng *g)
{
    const struct port_range *p = dev->cls->ports;
    unsigned n = 0, pick;
    uint16_t port;

    while (p && p[n].count)
        n++;
    if (n == 0)
        return;
    pick = (unsigned)(rng_next(g) % n);
    port =
        (uint16_t)(dev->io_base + p[pick].first + rng_next(g) % p[pick].count);
    if (rng_next(g) & 1)
        io_write(r->sv.io, port, (uint32_t)rng_next(g), 1u << rng_next(g) % 3);
    else
        io_read(r->sv.io, port, 1u << rng_next(g) % 3);
}

static void poke_pin(struct device *dev, struct rng *g)
{
    const struct line_in *p = dev->cls->lines_in;
    unsigned n = 0, pick;

    while (p && p[n].name)
        n++;
    if (n == 0)
        return;
    pick = (unsigned)(rng_next(g) % n);
    p[pick].set(dev, (unsigned)(rng_next(g) % p[pick].count), rng_next(g) & 1);
}

static void poke_other(struct rig *r, struct device *dev, struct rng *g,
                       uint32_t mmio)
{
    const struct ps2_ops *ops = ps2_ops_of(dev->cls);
    uint8_t bytes[8];

    if (mmio && (rng_next(g) & 1))
        phys_store(r->sv.phys, mmio + rng_next(g) % 0x180, rng_next(g),
                   1u << rng_next(g) % 4);
    else if (mmio)
        phys_load(r->sv.phys, mmio + rng_next(g) % 0x180,
                  1u << rng_next(g) % 4);
    if (ops && (rng_next(g) & 1))
        ops->send(dev, (uint8_t)rng_next(g));
    else if (ops)
        ops->take(dev, bytes);
    st_le64(bytes, rng_next(g));
    if (dev->cls->input)
        rig_input(dev, (enum input_kind)(rng_next(g) % 4),
                  (uint32_t)rng_next(g), (uint32_t)rng_next(g), bytes, 8);
}

static void traffic(struct rig *r, struct device *dev, struct rng *g,
                    uint32_t mmio, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++) {
        poke_port(r, dev, g);
        poke_pin(dev, g);
        poke_other(r, dev, g, mmio);
        rig_run_ticks(r, rng_next(g) % 512);
    }
}

/* A state that is all noise is refused or is lived with. */
static void noise(struct rig *r, struct device *dev, struct rng *g,
                  uint32_t mmio)
{
    uint8_t *s = device_state(dev);
    size_t size = dev->cls->state_size;
    uint8_t *kept = malloc(size);
    struct state_buf b = {0};

    memcpy(kept, s, size);
    for (unsigned i = 0; i < 4; i++) {
        /* Whole values by way of the file, so that bools stay bools. */
        size_t at;

        state_buf_free(&b);
        state_pack(dev->cls->fields, s, &b);
        at = rng_next(g) % b.len;
        b.data[at] = (uint8_t)rng_next(g);
        if (device_load(dev, dev->cls->state_version, b.data, b.len, NULL))
            traffic(r, dev, g, mmio, 20);
    }
    state_buf_free(&b);
    memcpy(s, kept, size);
    free(kept);
}

static bool same_after_load(struct device *dev)
{
    struct state_buf a = {0}, b = {0};
    bool same;

    device_save(dev, &a);
    same = device_load(dev, dev->cls->state_version, a.data, a.len, NULL);
    device_save(dev, &b);
    same &= a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
    state_buf_free(&a);
    state_buf_free(&b);
    return same;
}

static void test_chip(struct tap *t, const struct device_class *cls,
                      uint32_t mmio)
{
    static struct rig r;
    struct device *dev;
    struct out out;
    struct rng g;
    bool good = true;

    rig_init(&r, 5000000);
    rng_seed(&g, 1);
    dev = rig_add(&r, cls, "chip", cls->ports && cls->ports->first ? 0 : 0x300);
    for (unsigned round = 0; round < 60; round++) {
        traffic(&r, dev, &g, mmio, 60);
        good &= same_after_load(dev);
        noise(&r, dev, &g, mmio);
        if (round % 16 == 15)
            device_reset(dev, (enum reset_kind)(round / 16 % 2));
    }
    out_to_string(&out);
    device_info(dev, &out);
    tap_ok(t, good && out.len > 0, "%s: random traffic, save, load, info",
           cls->name);
    tap_eq(t, state_uncovered(cls->fields, cls->state_size), 0,
           "the field table covers the state");
    out_free(&out);
    rig_free(&r);
}

int main(void)
{
    struct tap t = {0};

    for (size_t i = 0; i < ARRAY_LEN(chips); i++)
        test_chip(&t, chips[i].cls, chips[i].mmio);
    return tap_done(&t);
}
