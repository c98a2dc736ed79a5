/*
 * sys_run_test.c - short programs through the run loop: rings, traps, faults.
 *
 * What single handlers cannot show: delivery and restart as the engine does
 * them. SDM vol. 3 ch. 6, 17.
 */
#include "cpu/apic.h"
#include "cpu/debugreg.h"
#include "cpu/exception.h"
#include "tests/insn/sysrig.h"

static void put(struct sysrig *r, uint32_t at, const uint8_t *code, size_t n)
{
    phys_poke(r->sv.phys, at, code, n);
}

static enum run_result run(struct sysrig *r, unsigned ticks)
{
    return cpu_run(r->c, r->clock.now + ticks);
}

static bool halted(const struct sysrig *r)
{
    return r->c->events & EV_HALT;
}

/* From real mode to CPL 3 and back by interrupt gates. */
static const uint8_t rings_code[] = {
    0xfa,                                              /* cli */
    0x2e,          0x66, 0x0f, 0x01, 0x16, 0xf0, 0x01, /* lgdtl %cs:0x1f0 */
    0x2e,          0x66, 0x0f, 0x01, 0x1e, 0xf8, 0x01, /* lidtl %cs:0x1f8 */
    0x0f,          0x20, 0xc0,                         /* mov %cr0,%eax */
    0x0c,          0x01,                               /* or $0x1,%al */
    0x0f,          0x22, 0xc0,                         /* mov %eax,%cr0 */
    0x66,          0xea, 0x40, 0x00, 0x01, 0x00, 0x08,
    0x00,                                              /* ljmpl $0x8,$0x10040 */
    [0x40] = 0x66, 0xb8, 0x10, 0x00,                   /* mov $0x10,%ax */
    0x8e,          0xd8,                               /* mov %eax,%ds */
    0x8e,          0xd0,                               /* mov %eax,%ss */
    0xbc,          0x00, 0xf0, 0x01, 0x00,             /* mov $0x1f000,%esp */
    0x66,          0xb8, 0x28, 0x00,                   /* mov $0x28,%ax */
    0x0f,          0x00, 0xd8,                         /* ltr %ax */
    0x6a,          0x23,                               /* push $0x23 */
    0x68,          0x00, 0x80, 0x02, 0x00,             /* push $0x28000 */
    0x68,          0x02, 0x02, 0x00, 0x00,             /* push $0x202 */
    0x6a,          0x1b,                               /* push $0x1b */
    0x68,          0xa0, 0x00, 0x01, 0x00,             /* push $0x100a0 */
    0xcf,                                              /* iret */
    [0xa0] = 0xb9, 0x05, 0x00, 0x00, 0x00,             /* mov $0x5,%ecx */
    0xcd,          0x30,                               /* int $0x30 */
    0x49,                                              /* dec %ecx */
    0x75,          0xfb,                               /* jne 0xa5 */
    0xb8,          0x77, 0x00, 0x00, 0x00,             /* mov $0x77,%eax */
    0xcd,          0x31,                               /* int $0x31 */
    [0xc0] = 0x36, 0xff, 0x05, 0x00, 0x60, 0x00, 0x00, /* incl %ss:0x6000 */
    0xcf,                                              /* iret */
    [0xd0] = 0x36, 0xa3, 0x04, 0x60, 0x00, 0x00,       /* mov %eax,%ss:0x6004 */
    0xf4,                                              /* hlt */
};

static void rings(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0); /* fills the tables */
    set_idt(r, 0x30, gate(CODE0, CODE + 0xc0, 0xee, 0));
    set_idt(r, 0x31, gate(CODE0, CODE + 0xd0, 0xee, 0));
    set_gdt(r, SEL_TSS_A, descriptor(TSS_A, 0x3ff, 0x89, 0));
    put(r, CODE, rings_code, sizeof rings_code);
    poke16(r, CODE + 0x1f0, GDT_LIMIT);
    poke(r, CODE + 0x1f2, GDT);
    poke16(r, CODE + 0x1f8, 0x7ff);
    poke(r, CODE + 0x1fa, IDT);
    c->cr0 = CR0_ET;
    c->seg[SEG_CS] = c->seg[SEG_SS] = c->seg[SEG_DS] =
        (struct segment){.limit = 0xffff, .access = 0x93, .usable = true};
    c->seg[SEG_CS].selector = CODE >> 4;
    c->seg[SEG_CS].base = CODE;
    c->rip = 0;
    cpu_update_mode(c);
    run(r, 1000);
    tap_ok(&r->tap, halted(r), "rings: reached HLT");
    tap_eq(&r->tap, peek(r, 0x6000), 5, "five calls from CPL 3");
    tap_eq(&r->tap, peek(r, 0x6004), 0x77, "EAX arrived");
    tap_eq(&r->tap, c->cpl, 0, "CPL 0");
}

/* TF on for eleven instructions. */
static const uint8_t step_code[] = {
    0x68,          0x02, 0x01, 0x00, 0x00,       /* push $0x102 */
    0x9d,                                        /* popf */
    0x90,                                        /* nop */
    0x31,          0xc0,                         /* xor %eax,%eax */
    0xb9,          0x03, 0x00, 0x00, 0x00,       /* mov $0x3,%ecx */
    0x40,                                        /* inc %eax */
    0xe2,          0xfd,                         /* loop 0xe */
    0x6a,          0x02,                         /* push $0x2 */
    0x9d,                                        /* popf */
    0x40,                                        /* inc %eax */
    0xf4,                                        /* hlt */
    [0x40] = 0xff, 0x05, 0x00, 0x60, 0x00, 0x00, /* incl 0x6000 */
    0x0f,          0x21, 0xf3,                   /* mov %db6,%ebx */
    0xcf,                                        /* iret */
};

static void steps(struct sysrig *r)
{
    sysrig_protected(r, 0);
    set_idt(r, 1, gate(CODE0, CODE + 0x40, 0x8e, 0));
    put(r, CODE, step_code, sizeof step_code);
    run(r, 1000);
    tap_ok(&r->tap, halted(r), "steps: reached HLT");
    tap_eq(&r->tap, peek(r, 0x6000), 11, "eleven traps");
    tap_eq(&r->tap, r->c->gpr[RBX], DR6_FIXED | DR6_BS, "DR6");
    tap_eq(&r->tap, r->c->gpr[RAX], 4, "the program is undisturbed");
}

/* MWAIT with ECX bit 0 and interrupts off, then HLT. */
static const uint8_t mwait_code[] = {
    0xfa,                         /* cli */
    0xb8, 0x00, 0x60, 0x00, 0x00, /* mov $0x6000,%eax */
    0x31, 0xc9,                   /* xor %ecx,%ecx */
    0x31, 0xd2,                   /* xor %edx,%edx */
    0x0f, 0x01, 0xc8,             /* monitor %eax,%ecx,%edx */
    0x41,                         /* inc %ecx */
    0x0f, 0x01, 0xc9,             /* mwait %eax,%ecx */
    0xb3, 0x55,                   /* mov $0x55,%bl */
    0xf4,                         /* hlt */
};

/* SDM vol. 2, MWAIT: a masked interrupt ends the wait, but is not taken. */
static void masked_break(struct sysrig *r)
{
    struct cpu *c = r->c;
    uint64_t before = c->icount;

    sysrig_protected(r, 0);
    put(r, CODE, mwait_code, sizeof mwait_code);
    run(r, 1000);
    tap_ok(&r->tap, halted(r) && cpu_halted(c), "MWAIT waits, IF clear");
    tap_eq(&r->tap, c->icount - before, 7, "its time is idle");
    cpu_raise(c, EV_INTR);
    run(r, 1000);
    tap_eq(&r->tap, c->gpr[RBX] & 0xff, 0x55, "INTR ends it, not taken");
    tap_ok(&r->tap, halted(r) && cpu_halted(c), "but does not end HLT");
    c->events = 0;
}

/* Stores to a page that nothing but the processor writes. */
static const uint8_t hash_code[] = {
    0xb9, 0x08, 0x00, 0x00, 0x00,       /* mov $0x8,%ecx */
    0xff, 0x05, 0x00, 0x90, 0x03, 0x00, /* incl 0x39000 */
    0xe2, 0xf8,                         /* loop 0x5 */
    0xeb, 0xf6,                         /* jmp 0x5 */
};

/* The processor keeps permission to write pages; a hash takes it away. */
static void hashes(struct sysrig *r)
{
    uint64_t before;

    sysrig_protected(r, 0);
    put(r, CODE, hash_code, sizeof hash_code);
    before = phys_hash(r->sv.phys, 0);
    for (unsigned n = 0; n < 3; n++) {
        uint64_t after;

        run(r, 100);
        after = phys_hash(r->sv.phys, 0);
        tap_ok(&r->tap, after != before, "stores change the hash, run %u", n);
        before = after;
    }
    tap_eq(&r->tap, phys_hash(r->sv.phys, 0), before, "and only stores do");
}

/* A loop of stores over a watched dword. */
static const uint8_t watch_code[] = {
    0xbf,          0x00, 0x50, 0x00, 0x00,       /* mov $0x5000,%edi */
    0xb9,          0x40, 0x00, 0x00, 0x00,       /* mov $0x40,%ecx */
    0x89,          0x0f,                         /* mov %ecx,(%edi) */
    0x83,          0xc7, 0x04,                   /* add $0x4,%edi */
    0xe2,          0xf9,                         /* loop 0xa */
    0xf4,                                        /* hlt */
    [0x40] = 0xff, 0x05, 0x00, 0x60, 0x00, 0x00, /* incl 0x6000 */
    0x0f,          0x21, 0xf3,                   /* mov %db6,%ebx */
    0x8b,          0x14, 0x24,                   /* mov (%esp),%edx */
    0xcf,                                        /* iret */
};

static void watch(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    set_idt(r, 1, gate(CODE0, CODE + 0x40, 0x8e, 0));
    put(r, CODE, watch_code, sizeof watch_code);
    c->dr[0] = 0x5010;
    c->dr[7] |= 1 | 0xdu << 16;
    tlb_flush_all(c);
    run(r, 1000);
    tap_ok(&r->tap, halted(r), "watch: reached HLT");
    tap_eq(&r->tap, peek(r, 0x6000), 1, "one trap");
    tap_eq(&r->tap, c->gpr[RDX], CODE + 12, "right after the store");
    tap_eq(&r->tap, c->gpr[RBX], DR6_FIXED | 1, "DR6");
    tap_eq(&r->tap, peek(r, 0x50fc), 1, "all stores done");
    sysrig_protected(r, 0);
    set_idt(r, 1, gate(CODE0, CODE + 0x40, 0x8e, 0));
    put(r, CODE, watch_code, sizeof watch_code);
    c->dr[2] = CODE + 12; /* the ADD, for execution */
    c->dr[7] |= 0x20;
    run(r, 1000);
    tap_ok(&r->tap, !halted(r) && peek(r, 0x6000) > 5,
           "an instruction breakpoint without RF hits for ever");
}

/* A page that the handler maps. */
static const uint8_t page_code[] = {
    0x48,          0xc7, 0xc3, 0x10, 0x00, 0x40, 0x00, /* mov $0x400010,%rbx */
    0x8b,          0x03,                               /* mov (%rbx),%eax */
    0xf4,                                              /* hlt */
    [0x40] = 0x0f, 0x20, 0xd2,                         /* mov %cr2,%rdx */
    0xb9,          0x87, 0x00, 0x00, 0x00,             /* mov $0x87,%ecx */
    0x48,          0x89, 0x0c, 0x25, 0x10, 0x20, 0x04,
    0x00,                                              /* mov %rcx,0x42010 */
    0x59,                                              /* pop %rcx */
    0xff,          0x04, 0x25, 0x00, 0x60, 0x00, 0x00, /* incl 0x6000 */
    0x48,          0xcf,                               /* iretq */
};

static void demand_page(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 0);
    set_idt64(r, 14, CODE64, CODE + 0x40, 0x8e, 0);
    put(r, CODE, page_code, sizeof page_code);
    poke(r, 0x10, 0x11223344);
    run(r, 1000);
    tap_ok(&r->tap, halted(r), "page: reached HLT");
    tap_eq(&r->tap, peek(r, 0x6000), 1, "one fault");
    tap_eq(&r->tap, c->gpr[RDX], 0x400010, "CR2");
    tap_eq(&r->tap, c->gpr[RAX], 0x11223344, "the load was restarted");
}

/* FS flat, then not, then flat again, within one straight line. */
static const uint8_t segment_code[] = {
    0xb8, 0x10, 0x00, 0x00, 0x00,             /* mov $0x10,%eax */
    0x8e, 0xe0,                               /* mov %eax,%fs */
    0x90,                                     /* nop */
    0x64, 0x8b, 0x1d, 0x00, 0x60, 0x00, 0x00, /* mov %fs:0x6000,%ebx */
    0x68, 0xa0, 0x00, 0x00, 0x00,             /* push $0xa0 */
    0x0f, 0xa1,                               /* pop %fs */
    0x64, 0x8b, 0x0d, 0x00, 0x00, 0x00, 0x00, /* mov %fs:0x0,%ecx */
    0x0f, 0xb4, 0x15, 0x10, 0x60, 0x00, 0x00, /* lfs 0x6010,%edx */
    0x64, 0x8b, 0x35, 0x00, 0x00, 0x00, 0x00, /* mov %fs:0x0,%esi */
    0xf4,                                     /* hlt */
};

static void segments(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    put(r, CODE, segment_code, sizeof segment_code);
    set_gdt(r, SEL_TEST, descriptor(0x7000, 0xfff, 0x92, 4));
    poke(r, 0x6000, 0x11111111);
    poke(r, 0x7000, 0x22222222);
    poke(r, 0, 0x33333333);
    poke(r, 0x6010, 0x12345678);
    poke(r, 0x6014, DATA0);
    run(r, 1000);
    tap_ok(&r->tap, halted(r), "segments: reached HLT");
    tap_eq(&r->tap, c->gpr[RBX], 0x11111111, "MOV FS");
    tap_eq(&r->tap, c->gpr[RCX], 0x22222222, "POP FS");
    tap_eq(&r->tap, c->gpr[RDX], 0x12345678, "LFS: offset");
    tap_eq(&r->tap, c->gpr[RSI], 0x33333333, "LFS: segment");
}

/* Interrupts that wait for POPF, and for the end of two shadows. */
static const uint8_t interrupt_code[] = {
    0xfa, /* cli */
    0xb9, 0x03, 0x00, 0x00, 0x00, /* mov $0x3,%ecx */
    0x40, /* inc %eax */
    0xe2, 0xfd, /* loop 0x6 */
    0x68, 0x02, 0x02, 0x00, 0x00, /* push $0x202 */
    0x9d, /* popf */
    0x43, /* inc %ebx */
    0xfa, /* cli */
    0xba, 0x10, 0x00, 0x00, 0x00, /* mov $0x10,%edx */
    0xb9, 0x03, 0x00, 0x00, 0x00, /* mov $0x3,%ecx */
    0x40, /* inc %eax */
    0xe2, 0xfd, /* loop 0x1b */
    0xfb, /* sti */
    0x8e, 0xd2, /* mov %edx,%ss */
    0x43, /* inc %ebx */
    0xf4, /* hlt */
    [0x40] = 0x8b, 0x2c, 0x24, /* mov (%esp),%ebp */
    0x8b, 0x3d, 0x00, 0x60, 0x00, 0x00, /* mov 0x6000,%edi */
    0x89, 0x2c, 0xbd, 0x04, 0x60, 0x00, 0x00, /* mov %ebp,0x6004(,%edi,4) */
    0xff, 0x05, 0x00, 0x60, 0x00, 0x00, /* incl 0x6000 */
    0xcf, /* iret */
};

static uint8_t take_vector(void *opaque)
{
    apic_intr_pin(opaque, 0, false);
    return 0x30;
}

static void raise_intr(void *opaque)
{
    apic_intr_pin(opaque, 0, true);
}

static void interrupts(struct sysrig *r)
{
    struct cpu *c = r->c;
    struct timer t;

    sysrig_protected(r, 0);
    set_idt(r, 0x30, gate(CODE0, CODE + 0x40, 0x8e, 0));
    put(r, CODE, interrupt_code, sizeof interrupt_code);
    c->apic.base = 0; /* no APIC: the pin reaches the core */
    c->intack = take_vector;
    c->intack_opaque = c;
    timer_init(&t, &r->clock, "test", raise_intr, c);
    timer_arm_tick(&t, r->clock.now + 22); /* in the second loop */
    raise_intr(c);
    run(r, 1000);
    tap_ok(&r->tap, halted(r), "interrupts: reached HLT");
    tap_eq(&r->tap, peek(r, 0x6000), 2, "two interrupts");
    tap_eq(&r->tap, peek(r, 0x6004), CODE + 0x0f, "right after POPF");
    tap_eq(&r->tap, peek(r, 0x6008), CODE + 0x22,
           "after STI, MOV SS and one more");
    timer_destroy(&t);
}

static void shutdown(struct sysrig *r)
{
    static const uint8_t ud2[] = {0x0f, 0x0b};

    sysrig_protected(r, 0);
    put(r, CODE, ud2, sizeof ud2);
    tap_eq(&r->tap, run(r, 1000), RUN_SHUTDOWN, "triple fault");
}

int main(void)
{
    struct sysrig r;

    sysrig_init(&r);
    rings(&r);
    steps(&r);
    masked_break(&r);
    hashes(&r);
    watch(&r);
    demand_page(&r);
    segments(&r);
    interrupts(&r);
    shutdown(&r);
    return sysrig_done(&r);
}
