/*
 * main.c - a kernel that tells on the first serial port what it was given.
 *
 * Multiboot 1 and 2 and PVH. Ends the run by port F4h with 0 (Klochs:
 * debug_exit; QEMU: isa-debug-exit); boots again first when it is told to.
 */
#include "bios/io.h"

enum { COM1 = 0x3f8, EXIT = 0xf4, CMOS_BOOTS = 0x70 };

static const u32 initialised[4] = {1, 2, 3, 4};
u32 zeroed[1024];
u32 modified = 5;

void kernel_main(u32 magic, u32 info);

/* 115200 baud, 8 bits. */
static void open_port(void)
{
    outb(COM1 + 3, 0x80);
    outb(COM1, 1);
    outb(COM1 + 1, 0);
    outb(COM1 + 3, 0x03);
}

static void put_char(char c)
{
    while (!(inb(COM1 + 5) & 0x20))
        ;
    outb(COM1, (u8)c);
}

static void put(const char *s)
{
    while (*s)
        put_char(*s++);
}

/* Until all of it is on the line. */
static void flush(void)
{
    while (!(inb(COM1 + 5) & 0x40))
        ;
}

static void put_hex(u64 v)
{
    int shift = 60;

    while (shift && !(v >> shift))
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        put_char("0123456789abcdef"[v >> shift & 15]);
}

static void line(const char *name, u64 v)
{
    put(name);
    put_char(' ');
    put_hex(v);
    put_char('\n');
}

static void text(const char *name, u32 at)
{
    put(name);
    put(" '");
    put((const char *)at);
    put("'\n");
}

static u32 load(u32 at)
{
    return *(volatile u32 *)at;
}

static u64 load64(u32 at)
{
    return load(at) | (u64)load(at + 4) << 32;
}

static int is(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static int has(const char *s, const char *word)
{
    for (; *s; s++) {
        u32 n = 0;

        while (word[n] && s[n] == word[n])
            n++;
        if (!word[n])
            return 1;
    }
    return 0;
}

static void range(u64 base, u64 length, u32 type)
{
    put("map ");
    put_hex(base);
    put_char(' ');
    put_hex(length);
    line("", type);
}

/* A module's first line and all of its bytes added up. */
static void module(u32 from, u32 to, u32 name)
{
    u32 sum = 0;

    put("module ");
    put_hex(to - from);
    for (u32 at = from; at < to; at++)
        sum += *(volatile u8 *)at;
    put_char(' ');
    put_hex(sum);
    text(from & 0xfff ? " crooked" : "", name);
}

/* Offsets in a section header, a symbol and its size: ELF32, ELF64. */
struct form {
    u32 header, address, size, link, value, symbol;
};

static const struct form forms[2] = {{40, 12, 20, 24, 4, 16},
                                     {64, 16, 32, 40, 8, 24}};

/* Finds its own symbol in the sections that it was given. */
static void sections(u32 count, u32 each, u32 at)
{
    const struct form *f = &forms[each == 64];

    for (u32 n = 1; n < count && each == f->header; n++) {
        u32 s = at + n * each, table = load(s + f->address), strings, end;

        if (load(s + 4) != 2)
            continue;
        end = table + load(s + f->size);
        strings = load(at + load(s + f->link) * each + f->address);
        for (; table && table < end; table += f->symbol)
            if (is((const char *)strings + load(table), "kernel_main"))
                line("own symbol", load(table + f->value) == (u32)kernel_main);
    }
}

static u32 multiboot(u32 info)
{
    u32 flags = load(info);

    line("flags", flags & 0x26f);
    line("lower", load(info + 4));
    line("upper", load(info + 8));
    text("cmdline", load(info + 16));
    for (u32 n = 0; flags & 8 && n < load(info + 20); n++) {
        u32 m = load(info + 24) + n * 16;

        module(load(m), load(m + 4), load(m + 8));
    }
    if (flags & 0x20)
        sections(load(info + 28), load(info + 32), load(info + 36));
    for (u32 m = load(info + 48); m < load(info + 48) + load(info + 44);
         m += load(m) + 4)
        range(load64(m + 4), load64(m + 12), load(m + 20));
    text("loader", load(info + 64));
    return load(info + 16);
}

static u32 multiboot2(u32 info)
{
    u32 cmdline = 0;

    line("whole", load(info) >= 16 && !(load(info) & 7));
    for (u32 t = info + 8; load(t); t += (load(t + 4) + 7) & ~7u) {
        switch (load(t)) {
        case 1:
            cmdline = t + 8;
            text("cmdline", cmdline);
            break;
        case 2:
            text("loader", t + 8);
            break;
        case 3:
            module(load(t + 8), load(t + 12), t + 16);
            break;
        case 4:
            line("lower", load(t + 8));
            line("upper", load(t + 12));
            break;
        case 6:
            for (u32 m = t + 16; m < t + load(t + 4); m += load(t + 8))
                range(load64(m), load64(m + 8), load(m + 16));
            break;
        case 9:
            sections(load(t + 8), load(t + 12), t + 20);
            break;
        case 15:
            line("rsdp", load(t + 8) == 0x20445352);
            break;
        default:
            break;
        }
    }
    return cmdline;
}

static u32 pvh(u32 info)
{
    line("version", load(info + 4));
    text("cmdline", load(info + 24));
    for (u32 n = 0; n < load(info + 12); n++) {
        u32 m = load(info + 16) + n * 32;

        module(load(m), load(m) + load(m + 8), (u32) "");
    }
    line("rsdp", load(load(info + 32)) == 0x20445352);
    for (u32 n = 0; n < load(info + 48); n++) {
        u32 m = load(info + 40) + n * 24;

        range(load64(m), load64(m + 8), load(m + 16));
    }
    return load(info + 24);
}

/* Data as the file has it, zeros where the file has nothing: after each
 * reset. What is left behind would show that it was not loaded again. */
static void check_image(void)
{
    u32 sum = 0;

    for (u32 n = 0; n < 4; n++)
        sum += initialised[n];
    for (u32 n = 0; n < 1024; n++)
        sum += zeroed[n];
    line("image", sum == 10 && modified == 5);
    for (u32 n = 0; n < 1024; n++)
        zeroed[n] = n;
    modified = 6;
}

/* By the keyboard controller, or with no way out of a fault; CMOS 70h counts.
 */
static void boot_again(const char *cmdline)
{
    static const u16 no_idt[3];

    if (cmos_read(CMOS_BOOTS) ||
        (!has(cmdline, "kbc") && !has(cmdline, "triple")))
        return;
    cmos_write(CMOS_BOOTS, 1);
    put("again\n");
    flush();
    while (inb(KBC_CMD) & KBC_IBF)
        ;
    if (has(cmdline, "kbc"))
        outb(KBC_CMD, 0xfe);
    else
        __asm__ volatile("lidt %0; int3" : : "m"(no_idt));
    for (;;)
        ;
}

void kernel_main(u32 magic, u32 info)
{
    u32 cmdline = 0;

    open_port();
    line("magic", magic ? magic : load(info));
    check_image();
    if (magic == 0x2badb002)
        cmdline = multiboot(info);
    else if (magic == 0x36d76289)
        cmdline = multiboot2(info);
    else if (load(info) == 0x336ec578)
        cmdline = pvh(info);
    if (cmdline)
        boot_again((const char *)cmdline);
    put("end\n");
    flush();
    outb(EXIT, 0);
}
