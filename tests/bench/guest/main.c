/*
 * main.c - runs the kernels of the benchmark payload and reports.
 *
 * Each kernel prints to COM1 (115200 bit/s) and to port E9h
 *   @@ NAME start
 *   @@ NAME end CHECKSUM TICKS      (hexadecimal; TICKS of the TSC)
 * The line at E9h is the last thing before the kernel and the first behind it,
 * so that a watcher can measure between them. `@@ NAME skip` tells of a kernel
 * that this processor cannot run, `@@ bench done` of the end. Then the machine
 * is asked to stop: port 8900h (Bochs, Klochs), port F4h (QEMU's exit device).
 */
#include "tests/bench/guest/bench.h"

enum { COM1 = 0x3f8, E9 = 0xe9, BOCHS_SHUTDOWN = 0x8900, QEMU_EXIT = 0xf4 };
enum { PAGED = 1, NEEDS_SSE2 = 2 };
enum { CPUID_TSC = 1u << 4, CPUID_SSE2 = 1u << 26 };

struct config {
    char magic[4];
    uint32_t scale; /* thousandths */
    uint32_t mask[2];
};

struct kernel {
    const char *name;
    uint32_t (*run)(uint32_t reps);
    uint32_t reps; /* at scale 1000 */
    uint32_t flags;
};

struct gate {
    uint16_t offset_low, selector, type;
    uint16_t offset_middle;
#ifdef __x86_64__
    uint32_t offset_high, reserved;
#endif
};

extern volatile const struct config config;
extern void on_int(void), on_ud(void), on_pf(void), on_other(void);
void bench_main(void);
_Noreturn void unexpected(void);

volatile uint32_t interrupt_count;

/* Bits of the configuration's mask count from here: append only. */
static const struct kernel kernels[] = {
    {"sieve", k_sieve, 40, 0},
    {"crc32", k_crc32, 400, 0},
    {"sort", k_sort, 60, 0},
    {"lz", k_lz, 100, 0},
    {"matint", k_matint, 250, 0},
    {"interp", k_interp, 300, 0},
    {"fib", k_fib, 6000, 0},
    {"divmix", k_divmix, 700, 0},
    {"branchy", k_branchy, 1000, 0},
    {"bigcode", k_bigcode, 3000, 0},
    {"str", k_str, 10000, 0},
    {"repstr", k_repstr, 300000, 0},
    {"repmovs", k_repmovs, 60000, 0},
    {"memloop", k_memloop, 60, 0},
    {"chase_small", k_chase_small, 4000, 0},
    {"chase_big", k_chase_big, 2500, 0},
    {"chase_4k", k_chase_big, 2500, PAGED},
    {"interp_4k", k_interp, 300, PAGED},
    {"sort_4k", k_sort, 60, PAGED},
    {"x87", k_x87, 50000, 0},
    {"x87math", k_x87math, 400000, 0},
    {"sse2d", k_sse2d, 50000, NEEDS_SSE2},
    {"sse2i", k_sse2i, 10000, NEEDS_SSE2},
    {"portio", k_portio, 1000000, 0},
    {"intiret", k_intiret, 1500000, 0},
    {"except_ud", k_except_ud, 1000000, 0},
    {"except_pf", k_except_pf, 500000, PAGED},
    {"invlpg", k_invlpg, 500000, PAGED},
    {"cr3", k_cr3, 100000, PAGED},
    {"smc", k_smc, 100000, 0},
};

/* ---- output ---- */

static void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void com1_init(void)
{
    out8(COM1 + 1, 0);
    out8(COM1 + 3, 0x80); /* divisor 1 */
    out8(COM1, 1);
    out8(COM1 + 1, 0);
    out8(COM1 + 3, 3); /* 8 bits, no parity */
}

static void to_com1(const char *s)
{
    for (; *s; s++) {
        while (!(in8(COM1 + 5) & 0x20)) /* THR empty */
            continue;
        out8(COM1, (uint8_t)*s);
    }
    while (!(in8(COM1 + 5) & 0x40)) /* all sent */
        continue;
}

static void to_e9(const char *s)
{
    while (*s)
        out8(E9, (uint8_t)*s++);
}

static char *add_text(char *to, const char *text)
{
    while (*text)
        *to++ = *text++;
    *to = 0;
    return to;
}

static char *add_hex(char *to, uint32_t value)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        *to++ = "0123456789abcdef"[value >> shift & 15];
    *to = 0;
    return to;
}

static void say(const char *name, const char *what)
{
    char line[80];

    add_text(
        add_text(add_text(add_text(add_text(line, "@@ "), name), " "), what),
        "\n");
    to_com1(line);
    to_e9(line);
}

static _Noreturn void stop(void)
{
    say("bench", "done");
    for (const char *s = "Shutdown"; *s; s++)
        out8(BOCHS_SHUTDOWN, (uint8_t)*s);
    out8(QEMU_EXIT, 0);
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

void unexpected(void)
{
    say("bench", "unexpected interrupt");
    stop();
}

/* ---- processor ---- */

static void set_gate(unsigned vector, void (*handler)(void))
{
    static struct gate idt[256];
    struct {
        uint16_t limit;
        uintptr_t base;
    } __attribute__((packed)) idtr = {sizeof idt - 1, (uintptr_t)idt};
    uintptr_t at = (uintptr_t)handler;

    idt[vector] = (struct gate){.offset_low = (uint16_t)at,
                                .offset_middle = (uint16_t)(at >> 16),
#ifdef __x86_64__
                                .selector = 0x18,
#else
                                .selector = 0x08,
#endif
                                .type = 0x8e00};
    __asm__ volatile("lidt %0" : : "m"(idtr));
}

static uint32_t cpu_features(void)
{
    uint32_t a = 1, b, c, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
    return d;
}

static void enable_sse(void)
{
    uintptr_t cr4;

    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | 0x600)); /* OSFXSR, ... */
}

static uint64_t ticks(uint32_t features)
{
    uint32_t low = 0, high = 0;

    if (features & CPUID_TSC)
        __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* ---- the run ---- */

/* Quotient and rest apart: the product of all would need 64 bits. */
static uint32_t scaled(uint32_t reps)
{
    uint32_t scale = config.scale;
    uint32_t n = reps / 1000 * scale + reps % 1000 * scale / 1000;

    return n ? n : 1;
}

static void run_kernel(const struct kernel *k, uint32_t features)
{
    char line[80], *end;
    uint64_t from, spent;
    uint32_t sum;

    if (k->flags & PAGED)
        paging_4k();
    say(k->name, "start");
    from = ticks(features);
    sum = k->run(scaled(k->reps));
    spent = ticks(features) - from;
    end = add_text(add_text(add_text(line, "@@ "), k->name), " end ");
    end = add_text(add_hex(end, sum), " ");
    end = add_hex(add_hex(end, (uint32_t)(spent >> 32)), (uint32_t)spent);
    add_text(end, "\n");
    to_e9(line);
    to_com1(line);
    if (k->flags & PAGED)
        paging_default();
}

void bench_main(void)
{
    uint32_t features = cpu_features();

    com1_init();
    for (unsigned v = 0; v < 256; v++)
        set_gate(v, on_other);
    set_gate(6, on_ud);
    set_gate(14, on_pf);
    set_gate(0x40, on_int);
    if (features & CPUID_SSE2)
        enable_sse();
    for (unsigned n = 0; n < sizeof kernels / sizeof kernels[0]; n++) {
        if (!(config.mask[n / 32] >> (n % 32) & 1))
            continue;
        if (kernels[n].flags & NEEDS_SSE2 && !(features & CPUID_SSE2))
            say(kernels[n].name, "skip");
        else
            run_kernel(&kernels[n], features);
    }
    stop();
}
