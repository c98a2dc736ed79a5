/*
 * lib.c - memory, text and messages for POST.
 */
#include "bios/post/post.h"

#include <stdarg.h>

void *memset(void *to, int value, size_t n)
{
    void *p = to;

    __asm__ volatile("rep stosb" : "+D"(p), "+c"(n) : "a"(value) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
    void *p = to;
    size_t words = n / 4, rest = n % 4;

    __asm__ volatile("rep movsl\n\tmovl %3, %%ecx\n\trep movsb"
                     : "+D"(p), "+S"(from), "+c"(words)
                     : "r"(rest)
                     : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const u8 *p = a, *q = b;

    for (; n--; p++, q++)
        if (*p != *q)
            return *p - *q;
    return 0;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

u8 checksum(const void *p, u32 n)
{
    const u8 *b = p;
    u8 sum = 0;

    while (n--)
        sum = (u8)(sum + *b++);
    return (u8)-sum;
}

void post_code(u8 code)
{
    outb(POST_CODE, code);
}

/* ---- messages ------------------------------------------------------------ */

/* All that was said, for the screen when that is wanted later. */
#define LOG_AT    0x18000u
#define LOG_BYTES 0x4000u

enum where { PORT, LOG, SCREEN }; /* each with those before it */

struct sink {
    enum where where;
};

static u32 logged;
static bool verbose;

static void screen_put(char c)
{
    struct regs r = {.flags = 0};

    if (c == '\n') {
        r.a.x = 0x0e0d;
        real_call(CALL_INT, 0x10, &r);
    }
    r.a.x = (u16)(0x0e00 | (u8)c);
    r.b.x = 0x0007;
    real_call(CALL_INT, 0x10, &r);
}

static void put(const struct sink *s, char c)
{
    outb(DEBUG_402, (u8)c);
    if (s->where == PORT)
        return;
    if (logged < LOG_BYTES)
        *mem8(LOG_AT + logged++) = (u8)c;
    if (s->where == SCREEN || verbose)
        screen_put(c);
}

void verbose_on(void)
{
    if (verbose)
        return;
    verbose = true;
    for (u32 n = 0; n < logged; n++)
        screen_put((char)*mem8(LOG_AT + n));
}

static void put_number(const struct sink *s, u32 v, u32 base, unsigned width)
{
    char digits[12];
    unsigned n = 0;

    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    for (; width > n; width--)
        put(s, '0');
    while (n)
        put(s, digits[--n]);
}

static void print(const struct sink *s, const char *f, va_list args)
{
    for (; *f; f++) {
        unsigned width = 0;

        if (*f != '%') {
            put(s, *f);
            continue;
        }
        for (f++; *f >= '0' && *f <= '9'; f++)
            width = width * 10 + (unsigned)(*f - '0');
        if (*f == 's') {
            const char *text = va_arg(args, const char *);

            while (*text)
                put(s, *text++);
        } else if (*f == 'c') {
            put(s, (char)va_arg(args, int));
        } else if (*f == 'x') {
            put_number(s, va_arg(args, u32), 16, width);
        } else if (*f == 'u') {
            put_number(s, va_arg(args, u32), 10, width);
        }
    }
}

void debug(const char *format, ...)
{
    struct sink s = {LOG};
    va_list args;

    va_start(args, format);
    print(&s, format, args);
    va_end(args);
}

void debug_resume(const char *format, ...)
{
    struct sink s = {PORT};
    va_list args;

    va_start(args, format);
    print(&s, format, args);
    va_end(args);
}

void say(const char *format, ...)
{
    struct sink s = {SCREEN};
    va_list args;

    va_start(args, format);
    print(&s, format, args);
    va_end(args);
}
