/*
 * guest.h - what the programs of the BIOS tests share: INT n, TAP lines on the
 * first serial port.
 *
 * A program runs at 1000h:0, CS = DS = SS.
 */
#ifndef TESTS_BIOS_GUEST_H
#define TESTS_BIOS_GUEST_H

#include "bios/ports.h"
#include "bios/types.h"

struct regs {
    union {
        u32 e;
        u16 x;
        struct {
            u8 l, h;
        };
    } a, b, c, d, si, di;
    u32 flags;
    u32 bp;
    u16 ds, es;
};

enum { CF = 1, ZF = 0x40, SEGMENT = 0x1000, COM1 = 0x3f8 };

void int_call(u32 n, struct regs *r);
void main(void);
/* The drive that the program was booted from. */
extern volatile u8 start_drive;

static u32 number;
static u8 buffer[4096] __attribute__((aligned(16), unused));

static inline u32 peek(u16 seg, u16 off, u32 bytes)
{
    u32 v = 0;

    for (u32 n = 0; n < bytes; n++) {
        u8 b;

        __asm__ volatile("movw %w1, %%gs\n\tmovb %%gs:(%2), %0"
                         : "=q"(b)
                         : "r"(seg), "r"((u32)off + n));
        v |= (u32)b << (8 * n);
    }
    return v;
}

static inline void poke16(u16 seg, u16 off, u16 v)
{
    __asm__ volatile("movw %w0, %%gs\n\tmovw %w2, %%gs:(%1)"
                     :
                     : "r"(seg), "r"((u32)off), "r"(v)
                     : "memory");
}

/* 115200 bits, 8N1: results take time. */
static inline void serial_fast(void)
{
    outb(COM1 + 3, 0x83);
    outb(COM1, 1);
    outb(COM1 + 1, 0);
    outb(COM1 + 3, 0x03);
}

static inline void put(char c)
{
    while (!(inb(COM1 + 5) & 0x20))
        ;
    outb(COM1, (u8)c);
}

static inline void text(const char *s)
{
    for (; *s; s++) {
        if (*s == '\n')
            put('\r');
        put(*s);
    }
}

static inline void decimal(u32 v)
{
    if (v >= 10)
        decimal(v / 10);
    put((char)('0' + v % 10));
}

static inline void hex(u32 v)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        put("0123456789abcdef"[v >> shift & 15]);
}

static inline void value(const char *name, u32 v)
{
    text(name);
    hex(v);
}

/* A TAP line, and what came back for comparison with other BIOSes. */
static inline void ok(bool good, const char *name, const struct regs *r)
{
    text(good ? "ok " : "not ok ");
    decimal(++number);
    text(" - ");
    text(name);
    text("\n= ");
    text(name);
    value(" > eax=", r->a.e);
    value(" ebx=", r->b.e);
    value(" ecx=", r->c.e);
    value(" edx=", r->d.e);
    value(" cf=", r->flags & CF);
    text("\n");
}

/* The plan: `more` results come from elsewhere. */
static inline void plan(u32 more)
{
    text("1..");
    decimal(number + more);
    text("\n");
}

static inline void power_off(void)
{
    while (!(inb(COM1 + 5) & 0x40))
        ;
    outw(0xb004, 0x2000); /* PIIX4 soft off, where our BIOS puts its ports */
    outw(0x604, 0x2000);  /* ... and SeaBIOS */
}

static inline struct regs fresh(u32 eax)
{
    struct regs r;

    r.a.e = eax;
    r.b.e = r.c.e = r.d.e = r.si.e = r.di.e = r.flags = r.bp = 0;
    r.ds = r.es = SEGMENT;
    return r;
}

static inline bool cf(const struct regs *r)
{
    return r->flags & CF;
}

#endif
