/*
 * cmd_tables.c - info gdt, ldt, idt, ivt, tss.
 *
 * Descriptor formats: SDM vol. 3 ch. 3.4.5 and 6.11, TSS: ch. 8.2 and 8.7.
 */
#include "cpu/cpu.h"
#include "debugger/descriptor.h"
#include "debugger/handlers.h"

#include <inttypes.h>

static uint32_t descriptor_limit(uint32_t high, uint32_t low)
{
    uint32_t limit = (low & 0xffff) | (high & 0xf0000);

    return high & 0x800000 ? limit << 12 | 0xfff : limit;
}

static uint64_t descriptor_base(uint32_t high, uint32_t low)
{
    return low >> 16 | (high & 0xff) << 16 | (high & 0xff000000);
}

void print_segment_kind(struct debugger *d, uint32_t high, uint32_t low,
                        uint64_t base)
{
    unsigned type = high >> 8 & 15;
    uint32_t limit = descriptor_limit(high, low);

    if (type & 8) {
        say(d, "Code segment, base=0x%08" PRIx64 ", limit=0x%08x, %s, %s%s, ",
            base, limit, type & 2 ? "Execute/Read" : "Execute-Only",
            type & 4 ? "Conforming" : "Non-Conforming",
            type & 1 ? ", Accessed" : "");
        say(d, "%s",
            high & 0x200000   ? "64-bit"
            : high & 0x400000 ? "32-bit"
                              : "16-bit");
    } else {
        say(d, "Data segment, base=0x%08" PRIx64 ", limit=0x%08x, %s%s%s", base,
            limit, type & 2 ? "Read/Write" : "Read-Only",
            type & 4 ? ", Expand-down" : "", type & 1 ? ", Accessed" : "");
    }
}

static void print_gate(struct debugger *d, const char *name, uint32_t high,
                       uint32_t low, uint64_t upper, bool wide)
{
    uint64_t target = (low & 0xffff) | (high & 0xffff0000);

    say(d,
        wide ? "%s target=0x%04x:0x%016" PRIx64 ", DPL=%u"
             : "%s target=0x%04x:0x%08" PRIx64 ", DPL=%u",
        name, low >> 16, target | (wide ? upper << 32 : 0), high >> 13 & 3);
}

void print_descriptor(struct debugger *d, uint32_t high, uint32_t low,
                      uint64_t upper)
{
    static const char *const names[16] = {[1] = "16-Bit TSS (Available)",
                                          [2] = "LDT",
                                          [3] = "16-Bit TSS (Busy)",
                                          [4] = "16-Bit Call Gate",
                                          [5] = "Task Gate",
                                          [6] = "16-Bit Interrupt Gate",
                                          [7] = "16-Bit Trap Gate",
                                          [9] = "32-Bit TSS (Available)",
                                          [11] = "32-Bit TSS (Busy)",
                                          [12] = "32-Bit Call Gate",
                                          [14] = "32-Bit Interrupt Gate",
                                          [15] = "32-Bit Trap Gate"};
    static const char *const wide_names[16] = {[2] = "LDT",
                                               [9] = "64-Bit TSS (Available)",
                                               [11] = "64-Bit TSS (Busy)",
                                               [12] = "64-Bit Call Gate",
                                               [14] = "64-Bit Interrupt Gate",
                                               [15] = "64-Bit Trap Gate"};
    bool wide = cpu_long(target_cpu(d->t));
    unsigned type = high >> 8 & 15;
    const char *name = wide ? wide_names[type] : names[type];

    if (high & 0x1000) {
        print_segment_kind(d, high, low, descriptor_base(high, low));
    } else if (!name) {
        say(d, "??? descriptor hi=0x%08x, lo=0x%08x", high, low);
    } else if (type == 2 && !wide) {
        say(d, "LDT ");
    } else if (type == 2 || type == 1 || type == 3 || type == 9 || type == 11) {
        uint64_t base = descriptor_base(high, low);

        if (wide)
            base |= upper << 32;
        say(d, "%s at 0x%08" PRIx64 ", length 0x%05x", name, base,
            descriptor_limit(high, low));
    } else {
        print_gate(d, name, high, low, upper, wide);
    }
}

/* ---- ranges of entries ---- */

struct range {
    uint64_t first, last;
    bool all;
};

/* [N [M]] */
static bool arg_range(struct debugger *d, struct range *r, uint64_t count)
{
    *r = (struct range){0, count ? count - 1 : 0, true};
    if (!arg_more(d))
        return true;
    r->all = false;
    if (!arg_expr(d, &r->first) || !arg_expr_or(d, &r->last, r->first))
        return false;
    return arg_end(d);
}

struct table {
    const char *title, *command;
    uint64_t base, limit;
    unsigned size;  /* bytes of an entry */
    bool selectors; /* entries are numbered by selectors */
};

static bool print_entry(struct debugger *d, const struct table *t, uint64_t n)
{
    uint8_t raw[16] = {0};
    uint32_t low, high;
    bool wide = t->size == 16;

    if (!read_linear(d, t->base + n * t->size, raw, t->size)) {
        fail(d,
             "error: table entry 0x%02" PRIx64 " is not mapped (linear "
             "0x%016" PRIx64 ")",
             n, t->base + n * t->size);
        return false;
    }
    low = ld_le32(raw);
    high = ld_le32(raw + 4);
    /* System descriptors of the GDT take two places in long mode. */
    if (t->selectors && cpu_long(target_cpu(d->t)) && !(high & 0x1000) &&
        (high & 0xf00))
        wide = read_linear(d, t->base + n * 8, raw, 16);
    say(d, t->selectors ? "%s[0x%04" PRIx64 "]=" : "%s[0x%02" PRIx64 "]=",
        t->command, t->selectors && t->command[0] == 'G' ? n * 8 : n);
    print_descriptor(d, high, low, wide ? ld_le32(raw + 8) : 0);
    say(d, "\n");
    return true;
}

static void print_table(struct debugger *d, const struct table *t)
{
    uint64_t count = (t->limit + 1) / t->size;
    char lower[4] = {(char)(t->command[0] | 32), (char)(t->command[1] | 32),
                     (char)(t->command[2] | 32), 0};
    struct range r;

    if (!arg_range(d, &r, count))
        return;
    say(d, "%s (base=0x%016" PRIx64 ", limit=%" PRIu64 "):\n", t->title,
        t->base, t->limit);
    /* An IDT has no more vectors, whatever its limit is. */
    if (t->command[0] == 'I' && count > 256)
        count = 256;
    for (uint64_t n = r.first; n <= r.last && n < count; n++)
        if (!print_entry(d, t, n))
            return;
    if (r.all)
        say(d,
            "You can list individual entries with 'info %s [NUM]' or "
            "groups with 'info %s [NUM] [NUM]'\n",
            lower, lower);
    data_hex(d, "base", t->base);
    data_hex(d, "limit", t->limit);
}

void info_gdt(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);
    struct table t = {
        "Global Descriptor Table", "GDT", c->gdtr.base, c->gdtr.limit, 8, true};

    print_table(d, &t);
}

void info_ldt(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);
    struct table t = {"Local Descriptor Table", "LDT", c->seg[SEG_LDTR].base,
                      c->seg[SEG_LDTR].limit,   8,     false};

    print_table(d, &t);
}

void info_idt(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);
    struct table t = {
        "Interrupt Descriptor Table", "IDT", c->idtr.base, c->idtr.limit,
        cpu_long(c) ? 16 : 8,         false};

    print_table(d, &t);
}

/* ---- real mode ---- */

static const char *vector_name(unsigned n)
{
    static const char *const names[0x78] = {
        "DIVIDE ERROR",
        "SINGLE STEP",
        "NON-MASKABLE INTERRUPT",
        "BREAKPOINT",
        "INT0 DETECTED OVERFLOW",
        "BOUND RANGE EXCEED",
        "INVALID OPCODE",
        "PROCESSOR EXTENSION NOT AVAILABLE",
        "IRQ0 - SYSTEM TIMER",
        "IRQ1 - KEYBOARD DATA READY",
        "IRQ2 - LPT2",
        "IRQ3 - COM2",
        "IRQ4 - COM1",
        "IRQ5 - FIXED DISK",
        "IRQ6 - DISKETTE CONTROLLER",
        "IRQ7 - PARALLEL PRINTER",
        "VIDEO",
        "GET EQUIPMENT LIST",
        "GET MEMORY SIZE",
        "DISK",
        "SERIAL",
        "SYSTEM",
        "KEYBOARD",
        "PRINTER",
        "CASETTE BASIC",
        "BOOTSTRAP LOADER",
        "TIME",
        "KEYBOARD - CONTROL-BREAK HANDLER",
        "TIME - SYSTEM TIMER TICK",
        "SYSTEM DATA - VIDEO PARAMETER TABLES",
        "SYSTEM DATA - DISKETTE PARAMETERS",
        "SYSTEM DATA - 8x8 GRAPHICS FONT",
        [0x70] = "IRQ8 - CMOS REAL-TIME CLOCK",
        "IRQ9 - REDIRECTED TO INT 0A BY BIOS",
        "IRQ10 - RESERVED",
        "IRQ11 - RESERVED",
        "IRQ12 - POINTING DEVICE",
        "IRQ13 - MATH COPROCESSOR EXCEPTION",
        "IRQ14 - HARD DISK CONTROLLER OPERATION COMPLETE",
        "IRQ15 - SECONDARY IDE CONTROLLER OPERATION COMPLETE"};

    return n < ARRAY_LEN(names) && names[n] ? names[n] : "";
}

void info_ivt(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);
    struct range r;

    if (!arg_range(d, &r, 256))
        return;
    if (cpu_protected(c)) {
        fail(d, "cpu in protected mode, use info idt");
        return;
    }
    if (r.first > 255 || r.last > 255) {
        fail(d, "IVT entry should be [0-255], 'info ivt' command malformed");
        return;
    }
    for (uint64_t n = r.first; n <= r.last; n++) {
        uint8_t raw[4] = {0}, code = 0;
        unsigned seg, off;

        read_linear(d, c->idtr.base + 4 * n, raw, 4);
        off = ld_le16(raw);
        seg = ld_le16(raw + 2);
        read_linear(d, (seg << 4) + off, &code, 1);
        say(d, "INT# %02" PRIx64 " > %04X:%04X (0x%08x) %s%s\n", n, seg, off,
            (seg << 4) + off, vector_name((unsigned)n),
            code == 0xcf ? " ; dummy iret" : "");
    }
    if (r.all)
        say(d, "You can list individual entries with 'info ivt [NUM]' or "
               "groups with 'info ivt [NUM] [NUM]'\n");
}

/* ---- TSS ---- */

static void tss32(struct debugger *d, const uint8_t *p)
{
    for (unsigned i = 0; i < 3; i++)
        say(d, "ss:esp(%u): 0x%04x:0x%08x\n", i, ld_le16(p + 8 + 8 * i),
            ld_le32(p + 4 + 8 * i));
    say(d, "cr3: 0x%08x\neip: 0x%08x\neflags: 0x%08x\n", ld_le32(p + 28),
        ld_le32(p + 32), ld_le32(p + 36));
    say(d, "cs: 0x%04x ds: 0x%04x ss: 0x%04x\n", ld_le16(p + 76),
        ld_le16(p + 84), ld_le16(p + 80));
    say(d, "es: 0x%04x fs: 0x%04x gs: 0x%04x\n", ld_le16(p + 72),
        ld_le16(p + 88), ld_le16(p + 92));
    say(d, "eax: 0x%08x  ebx: 0x%08x  ecx: 0x%08x  edx: 0x%08x\n",
        ld_le32(p + 40), ld_le32(p + 52), ld_le32(p + 44), ld_le32(p + 48));
    say(d, "esi: 0x%08x  edi: 0x%08x  ebp: 0x%08x  esp: 0x%08x\n",
        ld_le32(p + 64), ld_le32(p + 68), ld_le32(p + 60), ld_le32(p + 56));
    say(d, "ldt: 0x%04x\ni/o map: 0x%04x\n", ld_le16(p + 96), ld_le16(p + 102));
}

static void tss64(struct debugger *d, const uint8_t *p)
{
    for (unsigned i = 0; i < 3; i++)
        say(d, "rsp(%u): 0x%016" PRIx64 "\n", i, ld_le64(p + 4 + 8 * i));
    for (unsigned i = 1; i < 8; i++)
        say(d, "ist(%u): 0x%016" PRIx64 "\n", i, ld_le64(p + 28 + 8 * i));
    say(d, "i/o map: 0x%04x\n", ld_le16(p + 102));
}

static void tss16(struct debugger *d, const uint8_t *p)
{
    for (unsigned i = 0; i < 3; i++)
        say(d, "ss:sp(%u): 0x%04x:0x%04x\n", i, ld_le16(p + 4 + 4 * i),
            ld_le16(p + 2 + 4 * i));
    say(d, "ip: 0x%04x\nflags: 0x%04x\n", ld_le16(p + 14), ld_le16(p + 16));
    say(d, "cs: 0x%04x ds: 0x%04x ss: 0x%04x es: 0x%04x\n", ld_le16(p + 36),
        ld_le16(p + 40), ld_le16(p + 38), ld_le16(p + 34));
    say(d, "ldt: 0x%04x\n", ld_le16(p + 42));
}

void info_tss(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);
    const struct segment *tr = &c->seg[SEG_TR];
    uint8_t raw[104] = {0};
    bool small = !(SEG_TYPE(tr) & 8);

    if (!arg_end(d))
        return;
    say(d, "tr:s=0x%x, base=0x%016" PRIx64 ", valid=%u\n", tr->selector,
        tr->base, tr->usable || !cpu_protected(c) ? 1u : 0u);
    if (!read_linear(d, tr->base, raw, small ? 44 : sizeof raw)) {
        fail(d, "the TSS is not mapped (linear 0x%016" PRIx64 ")", tr->base);
        return;
    }
    if (small)
        tss16(d, raw);
    else if (cpu_long(c))
        tss64(d, raw);
    else
        tss32(d, raw);
}
