/*
 * gdb_regs.c - registers as gdb numbers them, and the description of it.
 *
 * Features org.gnu.gdb.i386.core, .sse, .avx and .segments are gdb's (manual,
 * "i386 Features"); the system registers are in features of our own.
 */
#include "cpu/cpu.h"
#include "debugger/gdb_int.h"
#include <stdlib.h>

enum special { PLAIN, PC, SP, YMM_HIGH };

struct gdb_reg {
    char name[16];
    const char *reg; /* of target_reg_find; NULL: name */
    uint16_t bits;
    const char *type;
    const char *group; /* NULL: gdb's own choice */
    enum special special;
};

enum { MAX_REGS = 160 };

struct layout {
    struct gdb_reg reg[MAX_REGS];
    unsigned count;
    unsigned sse, avx, segments, system; /* where the features begin */
};

static void add(struct layout *l, const char *name, const char *reg,
                unsigned bits, const char *type, const char *group)
{
    struct gdb_reg *r = &l->reg[l->count++];

    *r = (struct gdb_reg){
        .reg = reg, .bits = (uint16_t)bits, .type = type, .group = group};
    snprintf(r->name, sizeof r->name, "%s", name);
}

static void add_numbered(struct layout *l, const char *name, const char *reg,
                         const char *tail, unsigned n, unsigned bits,
                         const char *type)
{
    struct gdb_reg *r;
    char text[16];

    snprintf(text, sizeof text, "%s%u%s", name, n, tail);
    add(l, text, NULL, bits, type, NULL);
    r = &l->reg[l->count - 1];
    if (reg)
        r->special = YMM_HIGH;
}

static void add_core(struct layout *l, bool wide)
{
    static const char *const r64[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi",
                                      "rbp", "rsp", "r8",  "r9",  "r10", "r11",
                                      "r12", "r13", "r14", "r15", "rip"};
    static const char *const r32[] = {"eax", "ecx", "edx", "ebx", "esp",
                                      "ebp", "esi", "edi", "eip"};
    static const char *const seg[] = {"cs", "ss", "ds", "es", "fs", "gs"};
    static const char *const fpu[] = {"fctrl", "fstat", "ftag",  "fiseg",
                                      "fioff", "foseg", "fooff", "fop"};
    size_t n = wide ? ARRAY_LEN(r64) : ARRAY_LEN(r32);

    for (size_t k = 0; k < n; k++) {
        const char *name = wide ? r64[k] : r32[k];
        bool ip = name[1] == 'i' && name[2] == 'p';
        bool sp = name[1] == 's' && name[2] == 'p';
        bool bp = name[1] == 'b' && name[2] == 'p';

        add(l, name, NULL, wide ? 64 : 32,
            ip         ? "code_ptr"
            : sp || bp ? "data_ptr"
            : wide     ? "int64"
                       : "int32",
            NULL);
        if (ip || sp)
            l->reg[l->count - 1].special = ip ? PC : SP;
    }
    add(l, "eflags", NULL, 32, "i386_eflags", NULL);
    for (size_t k = 0; k < ARRAY_LEN(seg); k++)
        add(l, seg[k], NULL, 32, "int32", NULL);
    for (unsigned k = 0; k < 8; k++)
        add_numbered(l, "st", NULL, "", k, 80, "i387_ext");
    for (size_t k = 0; k < ARRAY_LEN(fpu); k++)
        add(l, fpu[k], NULL, 32, "int", "float");
}

static void add_vectors(struct layout *l, bool wide)
{
    unsigned n = wide ? 16 : 8;

    l->sse = l->count;
    for (unsigned k = 0; k < n; k++)
        add_numbered(l, "xmm", NULL, "", k, 128, "vec128");
    add(l, "mxcsr", NULL, 32, "i386_mxcsr", "vector");
    l->avx = l->count;
    for (unsigned k = 0; k < n; k++)
        add_numbered(l, "ymm", "ymm", "h", k, 128, "uint128");
}

static void add_system(struct layout *l, bool wide)
{
    unsigned word = wide ? 64 : 32;
    const char *type = wide ? "int64" : "int32";

    l->segments = l->count;
    if (wide) {
        add(l, "fs_base", NULL, 64, "int64", NULL);
        add(l, "gs_base", NULL, 64, "int64", NULL);
    }
    l->system = l->count;
    for (size_t k = 0; k < target_reg_count(); k++) {
        const struct target_reg *r = target_reg_at(k);
        static const char *const group[REG_CLASS_COUNT] = {
            [REG_SYSTEM] = "system",
            [REG_CONTROL] = "control",
            [REG_DEBUG] = "debug",
            [REG_MSR] = "msr"};
        bool named_before = wide && (!strcmp(r->name, "fs_base") ||
                                     !strcmp(r->name, "gs_base"));

        if (!strcmp(r->name, "ldtr") || !strcmp(r->name, "tr"))
            add(l, r->name, NULL, 32, "int32", "system");
        else if (!group[r->cls] || named_before)
            continue;
        else if (r->cls == REG_MSR)
            add(l, r->name, NULL, 64, "int64", "msr");
        else if (r->bits < 64)
            add(l, r->name, NULL, 32, "int32", group[r->cls]);
        else
            add(l, r->name, NULL, word, type, group[r->cls]);
        if (r->cls == REG_CONTROL && !strcmp(r->name, "cr0"))
            l->reg[l->count - 1].type = wide ? "cr0_64" : "cr0_32";
        if (r->cls == REG_CONTROL && !strcmp(r->name, "cr4"))
            l->reg[l->count - 1].type = wide ? "cr4_64" : "cr4_32";
        if (r->cls == REG_CONTROL && !strcmp(r->name, "efer"))
            l->reg[l->count - 1].type = wide ? "efer_64" : "efer_32";
    }
}

static void make_layout(struct layout *l, enum gdb_layout which)
{
    bool wide = which == GDB_64;

    *l = (struct layout){.count = 0};
    add_core(l, wide);
    add_vectors(l, wide);
    add_system(l, wide);
}

/* ---- description ---- */

struct flag {
    const char *name;
    unsigned bit;
};

static void flags_type(struct out *o, const char *id, unsigned bits,
                       const struct flag *f)
{
    out_printf(o, "<flags id=\"%s\" size=\"%u\">", id, bits / 8);
    for (; f->name; f++)
        out_printf(o, "<field name=\"%s\" start=\"%u\" end=\"%u\"/>", f->name,
                   f->bit, f->bit);
    out_printf(o, "</flags>\n");
}

static void core_types(struct out *o)
{
    static const struct flag eflags[] = {
        {"CF", 0},   {"", 1},    {"PF", 2},  {"AF", 4},  {"ZF", 6},
        {"SF", 7},   {"TF", 8},  {"IF", 9},  {"DF", 10}, {"OF", 11},
        {"NT", 14},  {"RF", 16}, {"VM", 17}, {"AC", 18}, {"VIF", 19},
        {"VIP", 20}, {"ID", 21}, {NULL, 0}};

    flags_type(o, "i386_eflags", 32, eflags);
}

static void sse_types(struct out *o)
{
    static const struct flag mxcsr[] = {
        {"IE", 0},  {"DE", 1},  {"ZE", 2},  {"OE", 3},  {"UE", 4},
        {"PE", 5},  {"DAZ", 6}, {"IM", 7},  {"DM", 8},  {"ZM", 9},
        {"OM", 10}, {"UM", 11}, {"PM", 12}, {"FZ", 15}, {NULL, 0}};

    out_printf(o, "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
                  "<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
                  "<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>"
                  "<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>"
                  "<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>"
                  "<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>\n"
                  "<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/>"
                  "<field name=\"v2_double\" type=\"v2d\"/>"
                  "<field name=\"v16_int8\" type=\"v16i8\"/>"
                  "<field name=\"v8_int16\" type=\"v8i16\"/>"
                  "<field name=\"v4_int32\" type=\"v4i32\"/>"
                  "<field name=\"v2_int64\" type=\"v2i64\"/>"
                  "<field name=\"uint128\" type=\"uint128\"/></union>\n");
    flags_type(o, "i386_mxcsr", 32, mxcsr);
}

static void system_types(struct out *o, bool wide)
{
    static const struct flag cr0[] = {
        {"PE", 0},  {"MP", 1},  {"EM", 2},  {"TS", 3},  {"ET", 4},  {"NE", 5},
        {"WP", 16}, {"AM", 18}, {"NW", 29}, {"CD", 30}, {"PG", 31}, {NULL, 0}};
    static const struct flag cr4[] = {
        {"VME", 0},       {"PVI", 1},    {"TSD", 2},      {"DE", 3},
        {"PSE", 4},       {"PAE", 5},    {"MCE", 6},      {"PGE", 7},
        {"PCE", 8},       {"OSFXSR", 9}, {"OSXMM", 10},   {"UMIP", 11},
        {"FSGSBASE", 16}, {"PCIDE", 17}, {"OSXSAVE", 18}, {"SMEP", 20},
        {"SMAP", 21},     {NULL, 0}};
    static const struct flag efer[] = {
        {"SCE", 0}, {"LME", 8}, {"LMA", 10}, {"NXE", 11}, {NULL, 0}};
    unsigned bits = wide ? 64 : 32;

    flags_type(o, wide ? "cr0_64" : "cr0_32", bits, cr0);
    flags_type(o, wide ? "cr4_64" : "cr4_32", bits, cr4);
    flags_type(o, wide ? "efer_64" : "efer_32", bits, efer);
}

static void reg_lines(struct out *o, const struct layout *l, unsigned from,
                      unsigned to)
{
    for (unsigned n = from; n < to; n++) {
        const struct gdb_reg *r = &l->reg[n];

        out_printf(o,
                   "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" "
                   "regnum=\"%u\"",
                   r->name, r->bits, r->type, n);
        if (r->group)
            out_printf(o, " group=\"%s\"", r->group);
        out_printf(o, "/>\n");
    }
    out_printf(o, "</feature>\n");
}

static void feature(struct out *o, const char *name)
{
    out_printf(o, "<feature name=\"%s\">\n", name);
}

enum gdb_layout gdb_layout_now(struct gdb *g)
{
    unsigned bits = target_code_bits(g->t);

    return bits == 64 ? GDB_64 : bits == 32 ? GDB_32 : GDB_16;
}

void gdb_describe(struct gdb *g)
{
    static const char *const arch[] = {"i8086", "i386", "i386:x86-64"};
    struct layout *l = malloc(sizeof *l);
    struct out *o = &g->description;
    bool wide;

    if (!l)
        error_no_memory();
    g->layout = gdb_layout_now(g);
    g->told_width = false;
    wide = g->layout == GDB_64;
    make_layout(l, g->layout);
    out_free(o);
    out_to_string(o);
    out_printf(o,
               "<?xml version=\"1.0\"?>\n"
               "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target>\n"
               "<architecture>%s</architecture>\n",
               arch[g->layout]);
    out_printf(o, "<osabi>none</osabi>\n");
    /* Symbols of another part of the kernel may be loaded. */
    out_printf(o, "<compatible>%s</compatible>\n",
               wide ? "i386" : "i386:x86-64");
    feature(o, "org.gnu.gdb.i386.core");
    core_types(o);
    reg_lines(o, l, 0, l->sse);
    feature(o, "org.gnu.gdb.i386.sse");
    sse_types(o);
    reg_lines(o, l, l->sse, l->avx);
    feature(o, "org.gnu.gdb.i386.avx");
    reg_lines(o, l, l->avx, l->segments);
    if (wide) {
        feature(o, "org.gnu.gdb.i386.segments");
        reg_lines(o, l, l->segments, l->system);
    }
    feature(o, "org.klochs.system");
    system_types(o, wide);
    reg_lines(o, l, l->system, l->count);
    out_printf(o, "</target>\n");
    free(l);
}

/* ---- values ---- */

static const struct target_reg *source_of(const struct gdb_reg *r)
{
    char name[16];

    if (r->special != YMM_HIGH)
        return target_reg_find(r->name);
    snprintf(name, sizeof name, "%s", r->name);
    name[strlen(name) - 1] = 0; /* ymm0h */
    return target_reg_find(name);
}

/* Base that gdb's idea of this register includes. */
static uint64_t base_of(struct gdb *g, const struct gdb_reg *r)
{
    const struct cpu *c = target_cpu(g->t);

    if (c->mode == MODE_LONG64 || r->special == PLAIN)
        return 0;
    return c->seg[r->special == PC ? SEG_CS : SEG_SS].base;
}

static void get(struct gdb *g, const struct gdb_reg *r, uint8_t out[32])
{
    const struct target_reg *t = source_of(r);
    uint8_t v[32] = {0};

    memset(out, 0, 32);
    if (!t)
        return;
    target_reg_read(g->t, t, v);
    if (r->special == YMM_HIGH) {
        memcpy(out, v + 16, 16);
        return;
    }
    if (r->special == PC || r->special == SP) {
        const struct cpu *c = target_cpu(g->t);
        uint64_t at = ld_le64(v);

        /* Only the offset's width counts; the rest may hold anything. */
        if (r->special == SP && c->stack_mask == 0xffff)
            at &= 0xffff;
        at += base_of(g, r);
        st_le64(v, c->mode == MODE_LONG64 ? at : (uint32_t)at);
    }
    memcpy(out, v, r->bits / 8);
}

static bool put(struct gdb *g, const struct gdb_reg *r, const uint8_t *in)
{
    const struct target_reg *t = source_of(r);
    uint8_t v[32] = {0}, now[32];
    size_t n = r->bits / 8;

    get(g, r, now);
    if (!memcmp(now, in, n))
        return true;
    if (!t)
        return false;
    target_reg_read(g->t, t, v);
    if (r->special == YMM_HIGH) {
        memcpy(v + 16, in, 16);
    } else {
        /* A 32-bit view leaves nothing of the upper half behind. */
        memset(v, 0, sizeof v);
        memcpy(v, in, n);
        if (r->special == PC || r->special == SP)
            st_le64(v, (uint32_t)(ld_le64(v) - base_of(g, r)) |
                           (n == 8 && target_code_bits(g->t) == 64
                                ? ld_le64(v) & ~UINT64_C(0xffffffff)
                                : 0));
    }
    return target_reg_write(g->t, t, v, NULL);
}

static struct layout *layout_of(struct gdb *g)
{
    struct layout *l = malloc(sizeof *l);

    if (!l)
        error_no_memory();
    make_layout(l, g->layout);
    return l;
}

static void reply_out(struct gdb *g, struct out *o)
{
    gdb_reply(g, o->text ? o->text : "");
    out_free(o);
}

void gdb_packet_g(struct gdb *g)
{
    struct layout *l = layout_of(g);
    struct out o;

    out_to_string(&o);
    for (unsigned n = 0; n < l->count; n++) {
        uint8_t v[32];

        get(g, &l->reg[n], v);
        gdb_hex(&o, v, l->reg[n].bits / 8);
    }
    free(l);
    reply_out(g, &o);
}

/* Registers in the order of gdb; values that cannot be are left out. CS comes
 * late, so the program counter is done last. */
void gdb_packet_G(struct gdb *g, const char *hex)
{
    struct layout *l = layout_of(g);
    size_t digits = strlen(hex), at = 0;

    for (unsigned pass = 0; pass < 2; pass++) {
        at = 0;
        for (unsigned n = 0; n < l->count; n++) {
            size_t bytes = l->reg[n].bits / 8;
            bool late = l->reg[n].special == PC || l->reg[n].special == SP;
            uint8_t v[32];

            if (at + 2 * bytes > digits)
                break;
            if (late == (pass == 1) && gdb_unhex(hex + at, v, bytes))
                put(g, &l->reg[n], v);
            at += 2 * bytes;
        }
    }
    free(l);
    gdb_reply(g, at ? "OK" : "E01");
}

void gdb_packet_p(struct gdb *g, const char *rest)
{
    struct layout *l = layout_of(g);
    uint64_t n;
    uint8_t v[32];
    struct out o;

    if (!gdb_number(&rest, &n) || n >= l->count) {
        gdb_reply(g, "E01");
    } else {
        get(g, &l->reg[n], v);
        out_to_string(&o);
        gdb_hex(&o, v, l->reg[n].bits / 8);
        reply_out(g, &o);
    }
    free(l);
}

void gdb_packet_P(struct gdb *g, const char *rest)
{
    struct layout *l = layout_of(g);
    uint64_t n;
    uint8_t v[32];
    bool good = gdb_number(&rest, &n) && n < l->count && *rest++ == '=' &&
                strlen(rest) >= l->reg[n].bits / 4u &&
                gdb_unhex(rest, v, l->reg[n].bits / 8) && put(g, &l->reg[n], v);

    free(l);
    gdb_reply(g, good ? "OK" : "E01");
}
