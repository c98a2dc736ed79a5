/*
 * target_test.c - the debugger's view of a processor: points, steps,
 * registers, memory; and that looking changes nothing.
 */
#include "cpu/probe.h"
#include "debugger/target.h"
#include "tests/insn/sysrig.h"
#include <stdlib.h>

/* 32-bit, flat, at CODE. */
static const uint8_t program[] = {
    0xb9,          0x05, 0x00, 0x00, 0x00,       /* 00 mov ecx, 5 */
    0xb8,          0x00, 0x00, 0x00, 0x00,       /* 05 mov eax, 0 */
    0x40,                                        /* 0a inc eax */
    0xa3,          0x00, 0x60, 0x00, 0x00,       /* 0b mov [6000h], eax */
    0x49,                                        /* 10 dec ecx */
    0x75,          0xf7,                         /* 11 jne 0a */
    0xe8,          0x28, 0x00, 0x00, 0x00,       /* 13 call 40 */
    0x66,          0x87, 0xdb,                   /* 18 xchg bx, bx */
    0xff,          0x05, 0x00, 0x60, 0x00, 0x00, /* 1b inc dword [6000h] */
    0xb9,          0x08, 0x00, 0x00, 0x00,       /* 21 mov ecx, 8 */
    0xbf,          0xf0, 0x6f, 0x00, 0x00,       /* 26 mov edi, 6ff0h */
    0xf3,          0xab,                         /* 2b rep stosd */
    0x0f,          0x0b,                         /* 2d ud2 */
    0xb0,          0x55,                         /* 2f mov al, 55h */
    0xe6,          0x80,                         /* 31 out 80h, al */
    0xf4,                                        /* 33 hlt */
    [0x40] = 0x8b, 0x15, 0x00, 0x60, 0x00, 0x00, /* 40 mov edx, [6000h] */
    0x3c,          0x05,                         /* 46 cmp al, 5 */
    0x75,          0x05,                         /* 48 jne 4f */
    0x40,                                        /* 4a inc eax */
    0xe8,          0xf0, 0xff, 0xff, 0xff,       /* 4b call 40 */
    [0x50] = 0xc3,                               /* 50 ret */
};

/* 4f is the last byte of the call; the jump goes to 50. */
enum { LOOP = CODE + 0x0a, CALL = CODE + 0x13, AFTER = CODE + 0x18 };

struct bench {
    struct sysrig r;
    struct target *t;
    unsigned slice; /* ticks of a slice */
    bool ended;
};

static enum target_ran run(void *opaque, uint64_t until)
{
    struct bench *b = opaque;
    uint64_t end = b->r.clock.now + b->slice;

    if (cpu_run(b->r.c, end < until ? end : until) == RUN_SHUTDOWN)
        return TARGET_SHUTDOWN;
    return b->r.clock.now > 100000 ? TARGET_ENDED : TARGET_RAN;
}

static void start(struct bench *b)
{
    sysrig_protected(&b->r, 0);
    b->r.clock.now = 0;
    b->r.c->icount = 0;
    phys_poke(b->r.sv.phys, CODE, program, sizeof program);
    phys_poke(b->r.sv.phys, CODE + 0x49, &(uint8_t){0x06}, 1);
    /* #UD: skip it */
    phys_poke(b->r.sv.phys, HANDLER, "\x83\x04\x24\x02\xcf", 5);
    set_idt(&b->r, EXC_UD, gate(CODE0, HANDLER, 0x8e, 0));
    poke(&b->r, 0x6000, 0);
    b->r.c->rip = CODE;
    b->r.c->gpr[RSP] = STACK0;
    b->r.c->rflags = 2;
    b->r.c->events = 0;
    b->slice = 1000;
}

static void clear_points(struct bench *b)
{
    struct point *p;

    while ((p = target_point_at(b->t, 0)) != NULL)
        target_remove_point(b->t, p->id);
}

static unsigned add(struct bench *b, enum point_kind kind, uint64_t addr,
                    uint64_t len)
{
    return target_add_point(
        b->t, &(struct point){
                  .kind = kind, .addr = addr, .len = len, .enabled = true});
}

static uint64_t reg(struct bench *b, const char *name)
{
    uint8_t v[32];

    target_reg_read(b->t, target_reg_find(name), v);
    return ld_le64(v);
}

static bool set(struct bench *b, const char *name, uint64_t value)
{
    uint8_t v[32] = {0};
    struct error err;

    st_le64(v, value);
    return target_reg_write(b->t, target_reg_find(name), v, &err);
}

static void code_points(struct bench *b)
{
    struct tap *t = &b->r.tap;
    unsigned id, hits = 0;
    struct stop s;

    start(b);
    id = add(b, POINT_CODE, LOOP, 0);
    for (s = target_continue(b->t, 0); s.kind == STOP_POINT;
         s = target_continue(b->t, 200))
        hits += s.point == id && target_pc(b->t) == LOOP;
    tap_eq(t, hits, 5, "a code point in a loop stops each time");
    tap_eq(t, target_point(b->t, id)->hits, 5, "and counts");
    clear_points(b);

    start(b);
    id = add(b, POINT_CODE, LOOP, 0);
    target_point(b->t, id)->ignore = 3;
    s = target_continue(b->t, 0);
    tap_eq(t, reg(b, "eax"), 3, "ignore count");
    s = target_step(b->t, 1);
    tap_eq(t, s.kind, STOP_STEP, "a step off a code point");
    tap_eq(t, target_pc(b->t), LOOP + 1, "runs the instruction");
    target_point(b->t, id)->enabled = false;
    target_points_changed(b->t);
    s = target_continue(b->t, 200);
    tap_eq(t, s.kind, STOP_TIME, "a disabled point does not stop");
    clear_points(b);

    start(b);
    id = target_add_point(b->t, &(struct point){.kind = POINT_CODE,
                                                .space = ADDR_PHYSICAL,
                                                .addr = CALL,
                                                .temporary = true,
                                                .enabled = true});
    s = target_continue(b->t, 0);
    tap_ok(t, s.point == id && target_pc(b->t) == CALL, "physical code point");
    tap_ok(t, !target_point(b->t, id), "a temporary point is gone");
    id = target_add_point(b->t, &(struct point){.kind = POINT_CODE,
                                                .space = ADDR_VIRTUAL,
                                                .selector = CODE0,
                                                .addr = AFTER,
                                                .enabled = true});
    s = target_continue(b->t, 0);
    tap_ok(t, s.point == id && target_pc(b->t) == AFTER, "virtual code point");
    clear_points(b);
    start(b);
    target_add_point(b->t, &(struct point){.kind = POINT_CODE,
                                           .space = ADDR_VIRTUAL,
                                           .selector = CODE3,
                                           .addr = LOOP,
                                           .enabled = true});
    s = target_continue(b->t, 200);
    tap_eq(t, s.kind, STOP_TIME, "not with another selector");
    clear_points(b);
}

static bool ecx_is_two(void *opaque, struct target *t, const struct point *p)
{
    (void)p;
    ++*(unsigned *)opaque;
    return target_cpu(t)->gpr[RCX] == 2;
}

static void conditions(struct bench *b)
{
    struct tap *t = &b->r.tap;
    unsigned asked = 0;
    struct stop s;

    start(b);
    target_add_point(b->t, &(struct point){.kind = POINT_CODE,
                                           .addr = LOOP,
                                           .enabled = true,
                                           .condition = ecx_is_two,
                                           .opaque = &asked});
    s = target_continue(b->t, 0);
    tap_eq(t, s.kind, STOP_POINT, "condition");
    tap_eq(t, reg(b, "ecx"), 2, "is true at the stop");
    tap_eq(t, asked, 4, "asked once for each pass");
    clear_points(b);
}

static void data_points(struct bench *b)
{
    struct tap *t = &b->r.tap;
    unsigned id, n = 0;
    struct stop s;

    start(b);
    target_continue(b->t, 30); /* so that everything is cached */
    start(b);
    id = add(b, POINT_WRITE, 0x6002, 1);
    s = target_continue(b->t, 0);
    tap_ok(t, s.kind == STOP_POINT && s.point == id && s.write,
           "a write that covers the byte");
    tap_eq(t, s.addr, 0x6000, "address of the access");
    tap_eq(t, s.value, 1, "new value");
    tap_eq(t, s.len, 4, "length");
    tap_eq(t, target_pc(b->t), CODE + 0x10, "stops behind the instruction");
    s = target_continue(b->t, 0);
    tap_ok(t, s.value == 2 && s.old == 1, "old value");
    clear_points(b);
    add(b, POINT_READ, 0x6000, 4);
    s = target_continue(b->t, 0);
    tap_eq(t, target_pc(b->t), CODE + 0x46, "a read");
    clear_points(b);
    add(b, POINT_ACCESS, 0x6000, 4);
    while ((s = target_continue(b->t, 0)).kind == STOP_POINT && ++n < 9)
        if (target_pc(b->t) == CODE + 0x21)
            break;
    tap_ok(t, s.write && s.value == s.old + 1,
           "a read-modify-write is one access");
    clear_points(b);

    target_add_point(b->t, &(struct point){.kind = POINT_WRITE,
                                           .space = ADDR_PHYSICAL,
                                           .addr = 0x6ff8,
                                           .len = 4,
                                           .enabled = true});
    s = target_continue(b->t, 0);
    tap_ok(t, s.kind == STOP_POINT && s.addr == 0x6ff8,
           "an element of a string instruction");
    tap_eq(t, reg(b, "ecx"), 5, "stops in the middle of it");
    tap_eq(t, target_pc(b->t), CODE + 0x2b, "with RIP on it");
    s = target_continue(b->t, 50);
    tap_eq(t, s.kind, STOP_TIME, "no other element");
    clear_points(b);
}

static void events(struct bench *b)
{
    struct tap *t = &b->r.tap;
    struct stop s;

    start(b);
    add(b, POINT_EXCEPTION, EXC_UD, 1);
    s = target_continue(b->t, 0);
    tap_ok(t, s.kind == STOP_POINT && s.addr == EXC_UD, "exception");
    tap_eq(t, target_pc(b->t), CODE + 0x2d, "before its delivery");
    s = target_step(b->t, 1);
    tap_eq(t, target_pc(b->t), HANDLER, "then the handler");
    clear_points(b);
    add(b, POINT_PORT_WRITE, 0x80, 1);
    s = target_continue(b->t, 0);
    tap_ok(t, s.kind == STOP_POINT && s.addr == 0x80 && s.value == 0x55,
           "port");
    tap_eq(t, target_pc(b->t), CODE + 0x33, "behind the OUT");
    clear_points(b);

    start(b);
    add(b, POINT_INTERRUPT, 0, 0);
    s = target_continue(b->t, 200);
    tap_eq(t, s.kind, STOP_TIME, "an exception is no interrupt");
    clear_points(b);

    start(b);
    add(b, POINT_REGISTER,
        (uint64_t)(target_reg_find("edx") - target_reg_at(0)), 0);
    s = target_continue(b->t, 0);
    tap_ok(t,
           s.kind == STOP_POINT && s.value == 5 &&
               target_pc(b->t) == CODE + 0x46,
           "register");
    clear_points(b);

    start(b);
    target_set_magic(b->t, 1 << RBX);
    s = target_continue(b->t, 200);
    tap_eq(t, s.kind, STOP_MAGIC, "magic");
    tap_eq(t, target_pc(b->t), AFTER + 3, "behind it");
    target_set_magic(b->t, 1 << RCX);
    start(b);
    s = target_continue(b->t, 200);
    tap_eq(t, s.kind, STOP_TIME, "another register's is not");
    target_set_magic(b->t, 0);
}

static void stepping(struct bench *b)
{
    struct tap *t = &b->r.tap;
    struct stop s;

    start(b);
    target_step(b->t, 3);
    tap_eq(t, target_pc(b->t), LOOP + 1, "three steps");
    target_step(b->t, 18);
    tap_eq(t, target_pc(b->t), CALL - 2, "eighteen more");
    target_step(b->t, 1);
    s = target_step_over(b->t);
    tap_eq(t, target_pc(b->t), AFTER, "over a call that calls itself");
    tap_eq(t, s.kind, STOP_STEP, "is a step");
    tap_eq(t, reg(b, "esp"), STACK0, "in the outermost frame");
    tap_ok(t, !target_point_at(b->t, 0), "and leaves no point");
    target_step(b->t, 4);
    target_step_over(b->t);
    tap_eq(t, target_pc(b->t), CODE + 0x2d, "over REP");
    s = target_step(b->t, 1000);
    tap_eq(t, s.kind, STOP_END, "a halted processor never gets there");
}

static void registers(struct bench *b)
{
    struct tap *t = &b->r.tap;
    struct error err;
    uint8_t v[32] = {0};

    start(b);
    tap_ok(t,
           set(b, "rax", 0x1122334455667788) && reg(b, "ax") == 0x7788 &&
               reg(b, "ah") == 0x77 && reg(b, "eax") == 0x55667788,
           "parts of a register");
    set(b, "ah", 0xaa);
    tap_eq(t, reg(b, "rax"), 0x112233445566aa88, "writing a part");
    set(b, "eax", 1);
    tap_eq(t, reg(b, "rax"), 1, "writing 32 bits clears the upper half");
    v[0] = 1;
    st_le32(v, 0x80000010);
    tap_ok(t, !target_reg_write(b->t, target_reg_find("cr0"), v, &err),
           "CR0 with PG and without PE is refused: %s", err.text);
    tap_ok(t, reg(b, "cr0") & 1, "and nothing changed");
    st_le32(v, 0x1000);
    tap_ok(t, !target_reg_write(b->t, target_reg_find("ds"), v, &err),
           "a selector beyond the table: %s", err.text);
    tap_ok(t, set(b, "ds", DATA16) && reg(b, "ds") == DATA16, "another DS");
    tap_eq(t, reg(b, "ds_limit"), b->r.c->seg[SEG_DS].limit, "its limit");
    tap_ok(t, set(b, "eflags", 0x246) && (reg(b, "eflags") & 0x44) == 0x44,
           "flags");
    tap_ok(t, set(b, "cs", CODE16) && target_code_bits(b->t) == 16,
           "16-bit CS");
    tap_ok(t, set(b, "cs", CODE0) && target_code_bits(b->t) == 32, "and back");
    for (size_t n = 0; n < target_reg_count(); n++) {
        target_reg_read(b->t, target_reg_at(n), v);
        if (!target_reg_write(b->t, target_reg_at(n), v, &err))
            tap_ok(t, false, "%s takes its own value: %s",
                   target_reg_at(n)->name, err.text);
    }
    tap_ok(t, true, "every register takes its own value");
}

static void memory(struct bench *b)
{
    struct tap *t = &b->r.tap;
    struct error err;
    uint8_t v[8];

    start(b);
    target_continue(b->t, 30);
    start(b);
    v[0] = 0x48; /* dec eax */
    tap_ok(t, target_write(b->t, ADDR_LINEAR, 0, LOOP, v, 1, &err),
           "a patch of code that was decoded");
    target_continue(b->t, 12);
    tap_eq(t, reg(b, "eax"), 0xfffffffd, "is what runs");
    tap_ok(t,
           target_read(b->t, ADDR_PHYSICAL, 0, 0x300000, v, 8, &err) &&
               v[0] == 0xff,
           "no memory shows FFh");
    sysrig_long(&b->r, 0);
    tap_ok(t, !target_read(b->t, ADDR_LINEAR, 0, 0x40000000, v, 8, &err),
           "not mapped: %s", err.text);
    sysrig_real(&b->r);
    tap_eq(t, target_address(b->t, ADDR_VIRTUAL, 0x1234, 0x10), 0x12350,
           "real-mode address");
}

/* What a run leaves behind must not depend on who looked. */
static void neutrality(struct bench *b)
{
    struct tap *t = &b->r.tap;
    uint64_t gpr[17], now, rip, icount;

    start(b);
    target_continue(b->t, 100);
    memcpy(gpr, b->r.c->gpr, sizeof gpr);
    now = b->r.clock.now;
    rip = b->r.c->rip;
    icount = b->r.c->icount;
    start(b);
    b->slice = 3;
    add(b, POINT_CODE, LOOP, 0);
    add(b, POINT_CODE, CODE + 0x40, 0);
    add(b, POINT_CODE, CODE + 0x2b, 0);
    add(b, POINT_ACCESS, 0x6000, 4);
    add(b, POINT_WRITE, 0x6ff0, 64);
    add(b, POINT_EXCEPTION, 0, 0);
    while (b->r.clock.now < 100)
        target_continue(b->t, 100 - b->r.clock.now);
    tap_eq(t, b->r.clock.now, now, "ticks");
    tap_ok(t, !memcmp(gpr, b->r.c->gpr, sizeof gpr), "registers");
    tap_eq(t, b->r.c->rip, rip, "RIP");
    tap_eq(t, b->r.c->icount, icount, "instructions");
    clear_points(b);
}

static void faults_kept(struct bench *b)
{
    struct tap *t = &b->r.tap;
    const struct fault_record *f;

    start(b);
    target_continue(b->t, 100);
    f = target_fault(b->t, 0);
    tap_ok(t, f && f->vector == EXC_UD && f->rip == CODE + 0x2d && f->why,
           "the last fault and why");
    sysrig_long(&b->r, 0);
    poke(&b->r, CODE, 0x00a08b48); /* mov rax, [rax + 0] */
    b->r.c->gpr[RAX] = 0x40000000;
    b->r.c->rip = CODE;
    target_step(b->t, 1);
    for (size_t n = 0; (f = target_fault(b->t, n)) != NULL; n++)
        if (f->vector == EXC_PF)
            break;
    tap_ok(t, f && f->laddr == 0x40000000 && f->level && !(f->entry & 1),
           "a page fault and the entry of its walk");
}

static void branches(struct bench *b)
{
    struct tap *t = &b->r.tap;
    uint64_t from, to;
    uint16_t cs;

    start(b);
    target_record_branches(b->t, true);
    target_continue(b->t, 100);
    tap_ok(t,
           target_branch(b->t, 0, &cs, &from, &to) && from == CODE + 0x11 &&
               to == LOOP && cs == CODE0,
           "the first branch");
    tap_ok(t,
           target_branch(b->t, 4, &cs, &from, &to) && from == CALL &&
               to == CODE + 0x40,
           "the call");
    target_record_branches(b->t, false);
}

int main(void)
{
    struct bench b = {.slice = 1000};
    struct target_host h = {.opaque = &b, .run = run};

    sysrig_init(&b.r);
    b.t = target_create(b.r.c, &h);
    code_points(&b);
    conditions(&b);
    data_points(&b);
    events(&b);
    stepping(&b);
    registers(&b);
    memory(&b);
    neutrality(&b);
    branches(&b);
    faults_kept(&b);
    target_destroy(b.t);
    return sysrig_done(&b.r);
}
