/*
 * run.c - letting the machine run, and telling where it stopped.
 *
 * Tracing, `show` and the record of branches look at every instruction:
 * while one of them is on, the machine goes by single steps.
 */
#include "debugger/source.h"

#include "cpu/cpu.h"
#include "cpu/decode.h"
#include "cpu/disasm/disasm.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- memory, for all that prints it ---- */

bool read_linear(struct debugger *d, uint64_t addr, void *out, size_t n)
{
    struct error err = {0};

    return target_read(d->t, ADDR_LINEAR, 0, addr, out, n, &err);
}

bool read_physical(struct debugger *d, uint64_t addr, void *out, size_t n)
{
    struct error err = {0};

    return target_read(d->t, ADDR_PHYSICAL, 0, addr, out, n, &err);
}

/* ---- where it stands ---- */

const char *mode_name(const struct cpu *c)
{
    switch (c->mode) {
    case MODE_REAL:
        return "real mode";
    case MODE_V86:
        return "v8086 mode";
    case MODE_PROT:
        return "protected mode";
    case MODE_COMPAT:
        return "compatibility mode";
    default:
        return "long mode";
    }
}

void symbol_text(struct debugger *d, uint64_t addr, char *out, size_t size)
{
    const struct symbol *y = symbols_at(d->syms, addr);

    if (y)
        snprintf(out, size, "%.60s+%" PRIx64, y->name, addr - y->addr);
    else
        snprintf(out, size, "%s", d->syms ? "no symbol" : "unk. ctxt");
}

static void put_hex(char *hex, const uint8_t *p, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        snprintf(hex + 2 * i, 3, "%02x", p[i]);
    hex[2 * n] = '\0';
}

static unsigned fetch(struct debugger *d, uint64_t addr, uint8_t raw[15])
{
    unsigned n = 15;

    if (read_linear(d, addr, raw, n))
        return n;
    for (n = 0; n < 15 && read_linear(d, addr + n, raw + n, 1); n++)
        ;
    return n;
}

unsigned disasm_at(struct debugger *d, uint64_t addr, unsigned bits,
                   uint64_t rip, char *text, char *hex)
{
    const struct cpu *c = target_cpu(d->t);
    struct decode_env env = {.mode = (uint8_t)bits,
                             .real_or_v86 = c->mode <= MODE_V86,
                             .features = c->features,
                             .quirks = c->quirks};
    struct decoded insn;
    uint8_t raw[15];
    unsigned n = fetch(d, addr, raw);

    if (!n)
        return 0;
    if (decode_insn(&env, raw, n, &insn) == DECODE_OK) {
        if (d->att)
            disasm_att(&insn, rip, text, 160);
        else
            disasm_intel(&insn, rip, text, 160);
        n = insn.len;
    } else {
        snprintf(text, 160, "(invalid)");
        n = 1;
    }
    put_hex(hex, raw, n);
    return n;
}

void print_position(struct debugger *d, bool with_tick)
{
    const struct cpu *c = target_cpu(d->t);
    uint64_t pc = target_pc(d->t), phys;
    char text[160], hex[32], sym[80], tick[32] = " ";
    unsigned n;

    if (with_tick)
        snprintf(tick, sizeof tick, ".[%" PRIu64 "] ", target_ticks(d->t));
    n = disasm_at(d, pc, target_code_bits(d->t), c->rip, text, hex);
    data_hex(d, "pc", pc);
    data_int(d, "ticks", target_ticks(d->t));
    if (!n || !to_physical(d, pc, &phys)) {
        say(d, "(0)%s??? (physical address not available)\n", tick);
        return;
    }
    symbol_text(d, pc, sym, sizeof sym);
    data_int(d, "cs", c->seg[SEG_CS].selector);
    data_hex(d, "rip", c->rip);
    data_text(d, "insn", text);
    data_text(d, "bytes", hex);
    if (symbols_at(d->syms, pc))
        data_text(d, "symbol", sym);
    if (c->mode <= MODE_V86)
        say(d, "(0)%s[0x%012" PRIx64 "] %04x:%04x (%s): %-25s ; %s\n", tick,
            phys, c->seg[SEG_CS].selector, (unsigned)c->rip, sym, text, hex);
    else
        say(d, "(0)%s[0x%012" PRIx64 "] %04x:%016" PRIx64 " (%s): %-25s ; %s\n",
            tick, phys, c->seg[SEG_CS].selector, c->rip, sym, text, hex);
}

/* ---- single steps that are looked at ---- */

bool must_step(const struct debugger *d)
{
    return d->trace || d->trace_reg || d->trace_mem || d->show;
}

/* What an instruction does to the flow of control. */
enum flow { FLOW_PLAIN, FLOW_CALL, FLOW_INT, FLOW_IRET, FLOW_JUMP };

struct seen {
    enum flow flow;
    uint64_t pc, next; /* linear */
    enum cpu_mode mode;
    uint64_t cr3;
};

static enum flow flow_of(const struct decoded *insn)
{
    const char *m = insn->info->mnemonic;

    if (!strncmp(m, "call", 4) || !strcmp(m, "syscall") ||
        !strcmp(m, "sysenter"))
        return FLOW_CALL;
    if (!strncmp(m, "iret", 4))
        return FLOW_IRET;
    if (!strcmp(m, "int") || !strcmp(m, "int3") || !strcmp(m, "into") ||
        !strcmp(m, "int1"))
        return FLOW_INT;
    return insn->info->attr & ATTR_JUMP ? FLOW_JUMP : FLOW_PLAIN;
}

static struct seen look_before(struct debugger *d)
{
    const struct cpu *c = target_cpu(d->t);
    struct decode_env env = {.mode = (uint8_t)target_code_bits(d->t),
                             .real_or_v86 = c->mode <= MODE_V86,
                             .features = c->features,
                             .quirks = c->quirks};
    struct seen s = {.pc = target_pc(d->t), .mode = c->mode, .cr3 = c->cr3};
    struct decoded insn;
    uint8_t raw[15];
    unsigned n = fetch(d, s.pc, raw);

    s.next = s.pc + 1;
    if (n && decode_insn(&env, raw, n, &insn) == DECODE_OK) {
        s.flow = flow_of(&insn);
        s.next = s.pc + insn.len;
    }
    return s;
}

static void show_line(struct debugger *d, const char *what, bool phys)
{
    const struct cpu *c = target_cpu(d->t);
    uint64_t pc = target_pc(d->t), paddr = 0;
    char sym[80];

    say(d,
        c->mode <= MODE_V86 ? "%011" PRIu64 ": %s %04x:%04" PRIx64
                            : "%011" PRIu64 ": %s %04x:%08" PRIx64,
        target_ticks(d->t), what, c->seg[SEG_CS].selector, c->rip);
    say(d, " (0x%08" PRIx64 ")", pc);
    if (phys) {
        symbol_text(d, pc, sym, sizeof sym);
        to_physical(d, pc, &paddr);
        say(d, " (phy: 0x%012" PRIx64 ") %s", paddr, sym);
    }
    say(d, "\n");
}

static void look_after(struct debugger *d, const struct seen *s)
{
    const struct cpu *c = target_cpu(d->t);
    uint64_t pc = target_pc(d->t);
    bool moved = pc != s->next && pc != s->pc;

    if (d->show & SHOW_MODE && c->mode != s->mode) {
        struct cpu before = *c;

        before.mode = s->mode;
        say(d, "%011" PRIu64 ": switched from '%s' to '%s'\n",
            target_ticks(d->t), mode_name(&before), mode_name(c));
    }
    if (d->show & SHOW_MODE && c->cr3 != s->cr3)
        say(d,
            "%011" PRIu64 ": address space switched. CR3: 0x%012" PRIx64 "\n",
            target_ticks(d->t), c->cr3);
    if (d->show & SHOW_CALL && s->flow == FLOW_CALL && moved)
        show_line(d, "call", true);
    else if (d->show & SHOW_IRET && s->flow == FLOW_IRET)
        show_line(d, "iret", false);
    else if (d->show & SHOW_SOFTINT && s->flow == FLOW_INT && moved)
        show_line(d, "softint", false);
    else if (d->show & SHOW_EXTINT && s->flow == FLOW_PLAIN && moved)
        show_line(d, "exception (not softint)", false);
}

/* By the MTRRs' default alone: the machine has no caches. */
static const char *memory_type(const struct cpu *c)
{
    static const char *const names[8] = {"UC", "WC", "??", "??",
                                         "WT", "WP", "WB", "??"};

    return c->msr.mtrr_def & 0x800 ? names[c->msr.mtrr_def & 7] : "UC";
}

static void trace_access(struct debugger *d, const struct stop *s)
{
    uint64_t phys = 0;
    unsigned len = s->len ? s->len : 1;

    to_physical(d, s->addr, &phys);
    say(d,
        "[CPU0 %s]: LIN 0x%016" PRIx64 " PHY 0x%012" PRIx64 " (len=%u, %s): ",
        s->write ? "WR" : "RD", s->addr, phys, len,
        memory_type(target_cpu(d->t)));
    if (len >= 8)
        say(d, "0x%08X_%08X\n", (unsigned)(s->value >> 32), (unsigned)s->value);
    else
        say(d, "0x%0*" PRIX64 "\n", (int)(2 * len), s->value);
}

/* One instruction. True: the run ends with *s. */
bool step_observed(struct debugger *d, struct stop *s)
{
    struct seen before = look_before(d);

    if (d->trace_reg)
        print_registers(d);
    if (d->trace)
        print_position(d, true);
    *s = target_step(d->t, 1);
    look_after(d, &before);
    if (s->kind == STOP_POINT && d->mem_id && s->point == d->mem_id) {
        trace_access(d, s);
        s->kind = STOP_STEP;
    }
    return s->kind != STOP_STEP;
}

/* ---- runs ---- */

static uint64_t next_time_stop(const struct debugger *d)
{
    uint64_t best = UINT64_MAX;

    for (unsigned i = 0; i < d->time_stops; i++)
        if (d->time_stop[i] < best)
            best = d->time_stop[i];
    return best;
}

static struct stop by_steps(struct debugger *d, uint64_t n)
{
    struct stop s = {.kind = STOP_STEP};

    for (uint64_t i = 0; !n || i < n; i++) {
        if (step_observed(d, &s))
            return s;
        point_arrived(d, &s);
        if (s.kind != STOP_STEP)
            return s;
        if (target_ticks(d->t) >= next_time_stop(d))
            return (struct stop){.kind = STOP_TIME};
        if (d->set.interrupted && d->set.interrupted(d->set.opaque))
            return (struct stop){.kind = STOP_USER};
    }
    s.kind = STOP_STEP;
    return s;
}

/* Step over while every instruction is looked at. */
static struct stop over_by_steps(struct debugger *d)
{
    struct seen here = look_before(d);
    struct point p = {.kind = POINT_CODE,
                      .space = ADDR_LINEAR,
                      .addr = here.next,
                      .len = 1,
                      .enabled = true};
    struct stop s;
    unsigned id;

    if (here.flow != FLOW_CALL && here.flow != FLOW_INT)
        return by_steps(d, 1);
    id = target_add_point(d->t, &p);
    s = by_steps(d, 0);
    target_remove_point(d->t, id);
    if (s.kind == STOP_POINT && s.point == id)
        s.kind = STOP_STEP;
    return s;
}

static struct stop go(struct debugger *d, uint64_t n, bool over)
{
    uint64_t at = next_time_stop(d), now = target_ticks(d->t);

    if (over)
        return must_step(d) ? over_by_steps(d) : target_step_over(d->t);
    if (must_step(d))
        return by_steps(d, n);
    if (n)
        return target_step(d->t, n);
    if (at == UINT64_MAX)
        return target_continue(d->t, 0);
    return target_continue(d->t, at > now ? at - now : 1);
}

static void drop_time_stops(struct debugger *d)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < d->time_stops; i++)
        if (d->time_stop[i] > target_ticks(d->t))
            d->time_stop[kept++] = d->time_stop[i];
    d->time_stops = kept;
}

void debugger_later(struct debugger *d, const char *text)
{
    size_t n = strlen(d->later);

    if (!text)
        d->later_stop = true;
    else if (n + strlen(text) + 3 < sizeof d->later)
        snprintf(d->later + n, sizeof d->later - n, "%s%s", n ? "; " : "",
                 text);
}

/* True: go on. */
static bool guest_asked(struct debugger *d)
{
    char text[sizeof d->later];
    bool stop = d->later_stop;

    memcpy(text, d->later, sizeof text);
    d->later[0] = '\0';
    d->later_stop = false;
    debugger_commands_text(d, text);
    if (stop)
        say(d, "(0) Stopped by the guest through a debug port\n");
    return !stop && !d->quit;
}

/* True: go on. */
static bool report(struct debugger *d, const struct stop *s)
{
    static const char *const names[] = {"step", "point", "magic",    "port",
                                        "user", "time",  "shutdown", "end"};

    data_text(d, "stop", names[s->kind]);
    switch (s->kind) {
    case STOP_POINT:
        return point_report(d, s);
    case STOP_MAGIC:
        say(d, "(0) Magic breakpoint\n");
        break;
    case STOP_BREAK_PORT:
        return guest_asked(d);
    case STOP_TIME:
        say(d, "(0) Caught time breakpoint\n");
        drop_time_stops(d);
        break;
    case STOP_SHUTDOWN:
        print_position(d, true);
        say(d, "(0) Triple fault: the processor has shut down; see explain\n");
        break;
    case STOP_USER:
        say(d, "(0) Interrupted\n");
        break;
    case STOP_END:
        say(d, "(0) The session has ended\n");
        d->over = true;
        break;
    default:
        break;
    }
    return false;
}

static void told(struct debugger *d)
{
    say(d, "Next at t=%" PRIu64 "\n", target_ticks(d->t));
    if (d->trace_reg)
        print_registers(d);
    if (!d->no_auto_disasm)
        print_position(d, false);
    print_source_line(d, target_pc(d->t));
    if (d->layout && !d->quit)
        debugger_source(d, d->layout);
}

void run_machine(struct debugger *d, uint64_t n, bool over)
{
    uint64_t begin = target_cpu(d->t)->icount, done;
    struct stop s;

    if (d->over) {
        fail(d, "the session has ended: the machine cannot run");
        return;
    }
    do {
        done = target_cpu(d->t)->icount - begin;
        if (n && done >= n)
            break;
        s = go(d, n ? n - done : 0, over);
        if (s.kind == STOP_STEP)
            point_arrived(d, &s);
    } while (report(d, &s));
    told(d);
}

void run_stopped(struct debugger *d, struct stop *s)
{
    if (s->kind == STOP_STEP)
        point_arrived(d, s);
    report(d, s);
    told(d);
}
