/*
 * cmd_regs.c - registers shown and set.
 */
#include "cpu/cpu.h"
#include "debugger/descriptor.h"
#include "debugger/handlers.h"
#include "debugger/internal.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

static uint64_t flags_now(struct debugger *d)
{
    uint64_t mask;
    const struct target_reg *r = expr_register("eflags", &mask);

    return r ? expr_register_value(d->t, r) & mask : 0;
}

/* A name in upper case where its bit is set. */
static void print_bit(struct debugger *d, const char *name, bool on)
{
    char text[24];
    size_t n = 0;

    for (; name[n] && n < sizeof text - 1; n++)
        text[n] = (char)(on ? toupper((unsigned char)name[n])
                            : tolower((unsigned char)name[n]));
    text[n] = '\0';
    say(d, " %s", text);
}

struct bit_name {
    unsigned bit;
    const char *name;
};

static void print_bits(struct debugger *d, uint64_t v,
                       const struct bit_name *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        print_bit(d, names[i].name, v >> names[i].bit & 1);
    say(d, "\n");
}

void print_flags(struct debugger *d, uint64_t f)
{
    static const struct bit_name high[] = {{21, "id"}, {20, "vip"}, {19, "vif"},
                                           {18, "ac"}, {17, "vm"},  {16, "rf"},
                                           {14, "nt"}};
    static const struct bit_name low[] = {{11, "of"}, {10, "df"}, {9, "if"},
                                          {8, "tf"},  {7, "sf"},  {6, "zf"},
                                          {4, "af"},  {2, "pf"},  {0, "cf"}};

    for (size_t i = 0; i < ARRAY_LEN(high); i++) {
        bool on = f >> high[i].bit & 1;

        for (const char *p = high[i].name; *p; p++)
            say(d, "%c", on ? toupper((unsigned char)*p) : *p);
        say(d, " ");
    }
    say(d, "IOPL=%u", (unsigned)(f >> 12 & 3));
    print_bits(d, f, low, ARRAY_LEN(low));
    data_hex(d, "eflags", f);
}

void print_registers(struct debugger *d)
{
    static const char *const names[] = {
        "rax", "rbx", "rcx", "rdx", "rsp", "rbp", "rsi", "rdi", "r8",
        "r9",  "r10", "r11", "r12", "r13", "r14", "r15", "rip"};
    uint64_t f = flags_now(d);

    say(d, "CPU0:\n");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct target_reg *r = target_reg_find(names[i]);
        uint64_t v = r ? expr_register_value(d->t, r) : 0;

        say(d, "%-3s: %08x_%08x\n", names[i], (unsigned)(v >> 32), (unsigned)v);
        data_hex(d, names[i], v);
    }
    say(d, "eflags 0x%08x: ", (unsigned)f);
    print_flags(d, f);
}

/* r [NAME]: all, or one of any kind. */
void cmd_regs(struct debugger *d)
{
    const struct target_reg *r;
    uint8_t raw[64] = {0};
    char name[32];

    if (!arg_more(d)) {
        print_registers(d);
        return;
    }
    if (d->lx.kind != TOK_WORD) {
        syntax_error(d);
        return;
    }
    lexer_copy(&d->lx, name, sizeof name);
    r = target_reg_find(name);
    if (!r) {
        syntax_error(d);
        return;
    }
    lexer_next(&d->lx);
    if (!arg_end(d))
        return;
    target_reg_read(d->t, r, raw);
    say(d, "%s: 0x", r->name);
    for (unsigned n = (r->bits + 7u) / 8; n-- > 0;)
        say(d, "%02x", raw[n]);
    say(d, "\n");
    data_hex(d, r->name, expr_register_value(d->t, r));
}

/* ---- segments ---- */

static void print_segment(struct debugger *d, const char *name, unsigned s,
                          bool system)
{
    const struct cpu *c = target_cpu(d->t);
    const struct segment *g = &c->seg[s];
    uint32_t limit = SEG_G(g) ? g->limit >> 12 : g->limit, low, high;

    low = (uint32_t)(g->base << 16) | (limit & 0xffff);
    high = (uint32_t)(g->base & 0xff000000) | (uint32_t)(g->flags & 15) << 20 |
           (limit & 0xf0000) | (uint32_t)g->access << 8 |
           ((uint32_t)(g->base >> 16) & 0xff);
    say(d, "%s:0x%04x, dh=0x%08x, dl=0x%08x, valid=%u\n", name, g->selector,
        high, low, g->usable || !cpu_protected(c) ? 1u : 0u);
    if (!system && (g->usable || !cpu_protected(c))) {
        say(d, "\t");
        print_segment_kind(d, high, low, g->base);
        say(d, "\n");
    }
    data_open(d, name, '{');
    data_hex(d, "selector", g->selector);
    data_hex(d, "base", g->base);
    data_hex(d, "limit", g->limit);
    data_hex(d, "access", g->access);
    data_close(d, '}');
}

void cmd_sreg(struct debugger *d)
{
    static const struct {
        const char *name;
        unsigned s;
    } order[] = {{"es", SEG_ES}, {"cs", SEG_CS}, {"ss", SEG_SS},
                 {"ds", SEG_DS}, {"fs", SEG_FS}, {"gs", SEG_GS}};
    const struct cpu *c = target_cpu(d->t);

    if (!arg_end(d))
        return;
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        print_segment(d, order[i].name, order[i].s, false);
    print_segment(d, "ldtr", SEG_LDTR, true);
    print_segment(d, "tr", SEG_TR, true);
    say(d, "gdtr:base=0x%016" PRIx64 ", limit=0x%x\n", c->gdtr.base,
        c->gdtr.limit);
    say(d, "idtr:base=0x%016" PRIx64 ", limit=0x%x\n", c->idtr.base,
        c->idtr.limit);
    data_hex(d, "gdtr_base", c->gdtr.base);
    data_hex(d, "gdtr_limit", c->gdtr.limit);
    data_hex(d, "idtr_base", c->idtr.base);
    data_hex(d, "idtr_limit", c->idtr.limit);
}

/* ---- control and debug registers ---- */

static void print_cr4(struct debugger *d, uint64_t v)
{
    static const struct bit_name names[] = {
        {24, "pks"},      {23, "cet"},        {22, "pke"},     {21, "smap"},
        {20, "smep"},     {19, "keylock"},    {18, "osxsave"}, {17, "pcid"},
        {16, "fsgsbase"}, {14, "smx"},        {13, "vmx"},     {12, "la57"},
        {11, "umip"},     {10, "osxmmexcpt"}, {9, "osfxsr"},   {8, "pce"},
        {7, "pge"},       {6, "mce"},         {5, "pae"},      {4, "pse"},
        {3, "de"},        {2, "tsd"},         {1, "pvi"},      {0, "vme"}};

    say(d, "CR4=0x%08x:", (unsigned)v);
    print_bits(d, v, names, ARRAY_LEN(names));
}

static void print_control(struct debugger *d)
{
    static const struct bit_name cr0[] = {
        {31, "pg"}, {30, "cd"}, {29, "nw"}, {18, "ac"}, {16, "wp"}, {5, "ne"},
        {4, "et"},  {3, "ts"},  {2, "em"},  {1, "mp"},  {0, "pe"}};
    static const struct bit_name efer[] = {
        {14, "ffxsr"}, {11, "nxe"}, {10, "lma"}, {8, "lme"}, {0, "sce"}};
    static const struct bit_name xcr0[] = {
        {12, "cet_s"},    {11, "cet_u"}, {9, "pkru"},   {7, "hi_zmm"},
        {6, "zmm_hi256"}, {5, "opmask"}, {4, "bndcfg"}, {3, "bndregs"},
        {2, "ymm"},       {1, "sse"},    {0, "fpu"}};
    const struct cpu *c = target_cpu(d->t);

    say(d, "CR0=0x%08x:", (unsigned)c->cr0);
    print_bits(d, c->cr0, cr0, ARRAY_LEN(cr0));
    say(d, "CR2=page fault laddr=0x%016" PRIx64 "\n", c->cr2);
    say(d, "CR3=0x%012" PRIx64 "\n", c->cr3);
    say(d, "    PCD=page-level cache disable=%u\n",
        (unsigned)(c->cr3 >> 4 & 1));
    say(d, "    PWT=page-level write-through=%u\n",
        (unsigned)(c->cr3 >> 3 & 1));
    print_cr4(d, c->cr4);
    say(d, "CR8: 0x%x\n", c->apic.tpr >> 4 & 15);
    say(d, "EFER=0x%08x:", (unsigned)c->efer);
    print_bits(d, c->efer, efer, ARRAY_LEN(efer));
    if (cpu_has(c, FEAT_XSAVE)) {
        say(d, "XCR0=0x%08x:", (unsigned)c->xcr0);
        print_bits(d, c->xcr0, xcr0, ARRAY_LEN(xcr0));
    }
    data_hex(d, "cr0", c->cr0);
    data_hex(d, "cr2", c->cr2);
    data_hex(d, "cr3", c->cr3);
    data_hex(d, "cr4", c->cr4);
    data_hex(d, "efer", c->efer);
    data_hex(d, "xcr0", c->xcr0);
}

void cmd_creg(struct debugger *d)
{
    if (arg_end(d))
        print_control(d);
}

static void print_dr7_point(struct debugger *d, unsigned i, uint64_t dr7)
{
    static const char *const kind[] = {"Code", "DataW", "I/O", "DataRW"};
    static const char *const size[] = {"Byte", "Word", "QWord", "Dword"};

    say(d, " DR%u=%s-%s", i, kind[dr7 >> (16 + 4 * i) & 3],
        size[dr7 >> (18 + 4 * i) & 3]);
}

void cmd_dreg(struct debugger *d)
{
    static const struct bit_name dr6[] = {{15, "bt"}, {14, "bs"}, {13, "bd"},
                                          {3, "b3"},  {2, "b2"},  {1, "b1"},
                                          {0, "b0"}};
    static const struct bit_name low[] = {{7, "g3"}, {6, "l3"}, {5, "g2"},
                                          {4, "l2"}, {3, "g1"}, {2, "l1"},
                                          {1, "g0"}, {0, "l0"}};
    const struct cpu *c = target_cpu(d->t);
    uint64_t v = c->dr[7];

    if (!arg_end(d))
        return;
    for (unsigned i = 0; i < 4; i++)
        say(d, "DR%u=0x%016" PRIx64 "\n", i, c->dr[i]);
    say(d, "DR6=0x%08x:", (unsigned)c->dr[6]);
    print_bits(d, c->dr[6], dr6, ARRAY_LEN(dr6));
    say(d, "DR7=0x%08x:", (unsigned)v);
    for (unsigned i = 4; i-- > 0;)
        print_dr7_point(d, i, v);
    print_bit(d, "gd", v >> 13 & 1);
    say(d, " |");
    print_bit(d, "ge", v >> 9 & 1);
    print_bit(d, "le", v >> 8 & 1);
    say(d, " |");
    print_bits(d, v, low, ARRAY_LEN(low));
    for (unsigned i = 0; i < 8; i++) {
        char name[8];

        snprintf(name, sizeof name, "dr%u", i);
        if (i != 4 && i != 5)
            data_hex(d, name, c->dr[i]);
    }
}

/* ---- set ---- */

static void set_register(struct debugger *d, const char *name)
{
    uint64_t mask, v;
    const struct target_reg *r = expr_register(name, &mask);
    struct error err = {0};
    uint8_t raw[64] = {0};

    if (!r) {
        syntax_error(d);
        return;
    }
    lexer_next(&d->lx);
    if (!lexer_take(&d->lx, "=")) {
        syntax_error(d);
        return;
    }
    if (!arg_expr(d, &v) || !arg_end(d))
        return;
    target_reg_read(d->t, r, raw);
    if (mask == UINT32_MAX || mask == UINT64_MAX)
        mask = UINT64_MAX;
    st_le64(raw, (ld_le64(raw) & ~mask) | (v & mask));
    if (!target_reg_write(d->t, r, raw, &err))
        fail(d, "%s", err.text);
}

/* set $name = value */
static void set_variable(struct debugger *d)
{
    char name[32];
    uint64_t v;

    if (d->lx.kind != TOK_WORD) {
        syntax_error(d);
        return;
    }
    lexer_copy(&d->lx, name, sizeof name);
    if (!strcmp(name, "eflags")) {
        set_register(d, name);
        return;
    }
    lexer_next(&d->lx);
    if (!lexer_take(&d->lx, "=")) {
        syntax_error(d);
        return;
    }
    if (!arg_expr(d, &v) || !arg_end(d))
        return;
    if (!strcmp(name, "auto_disassemble"))
        d->no_auto_disasm = !v;
    else if (!strcmp(name, "json"))
        d->json_always = v != 0;
    else if (!strcmp(name, "cpu") && v)
        fail(d, "invalid cpu id number %" PRIu64, v);
    else if (strcmp(name, "cpu") && strcmp(name, "synchronous_dma") &&
             strcmp(name, "synchronous_irq") && strcmp(name, "event_reports"))
        fail(d, "set: there is no variable $%s", name);
}

void cmd_set(struct debugger *d)
{
    char name[32];

    if (lexer_take(&d->lx, "$")) {
        set_variable(d);
        return;
    }
    if (lexer_is(&d->lx, "u") || lexer_is(&d->lx, "disassemble") ||
        lexer_is(&d->lx, "disasm")) {
        lexer_next(&d->lx);
        if (!lexer_is(&d->lx, "on") && !lexer_is(&d->lx, "off")) {
            syntax_error(d);
            return;
        }
        d->no_auto_disasm = lexer_is(&d->lx, "off");
        lexer_next(&d->lx);
        arg_end(d);
        return;
    }
    if (d->lx.kind != TOK_WORD) {
        syntax_error(d);
        return;
    }
    lexer_copy(&d->lx, name, sizeof name);
    set_register(d, name);
}

void cmd_cpu(struct debugger *d)
{
    uint64_t n;

    if (!arg_expr(d, &n) || !arg_end(d))
        return;
    if (n)
        fail(d, "invalid cpu id number %" PRIu64, n);
}
