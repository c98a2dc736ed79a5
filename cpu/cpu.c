/*
 * cpu.c - a processor as a device: options, birth and death.
 */
#include "cpu/apic.h"
#include "cpu/icache.h"
#include "cpu/models/model.h"
#include "cpu/reset.h"
#include "cpu/tlb.h"

static void timers_moved(void *opaque)
{
    struct cpu *c = opaque;

    c->attention = true;
}

bool cpu_class_init(struct device *dev, struct error *err)
{
    struct cpu *c = container_of(dev, struct cpu, dev);

    c->phys = dev->sv->phys;
    if (!cpu_model_apply(c, err))
        return false;
    if (!icache_create(c) || !tlb_create(c))
        return error_set(err, EXIT_INTERNAL, "cpu: out of memory");
    rng_seed(&c->rng, (uint64_t)c->opt.seed);
    apic_create(c);
    dev->sv->clock->earlier = timers_moved;
    dev->sv->clock->opaque = c;
    return true;
}

void cpu_class_destroy(struct device *dev)
{
    struct cpu *c = container_of(dev, struct cpu, dev);

    if (c->apic_region)
        apic_destroy(c);
    tlb_destroy(c);
    icache_destroy(c);
}

#define ROW(m, t, d, h)                                                        \
    {.key = #m, .type = t, .offset = offsetof(struct cpu, opt.m), .dflt = d,   \
     .help = h}

const struct option cpu_option_table[] = {
    ROW(model, "string", "corei7_haswell_4770", "processor model"),
    ROW(add_features, "string", NULL, "features on top of the model's"),
    ROW(exclude_features, "string", NULL, "features taken from the model"),
    ROW(brand_string, "string", NULL, "name in CPUID 80000002h-80000004h"),
    ROW(msrs, "string", NULL, "file with further MSRs"),
    ROW(ips, "int:1000000..4294967295", "50000000",
        "guest instructions in a guest second"),
    ROW(reset_on_triple_fault, "bool", "1", "reset, else stop"),
    ROW(ignore_bad_msrs, "bool", "1", "unknown MSRs read 0 instead of #GP"),
    ROW(cpuid_limit_winnt, "bool", "0", "CPUID 0 reports at most leaf 2"),
    ROW(mwait_is_nop, "bool", "0", "MWAIT does not wait"),
    ROW(force_ignne, "bool", "0", "IGNNE# is always asserted"),
    ROW(seed, "int:0..9223372036854775807", "1",
        "start of the random numbers of RDRAND and RDSEED"),
    {.key = NULL}};
