/*
 * cmd_mem.c - memory shown, changed, searched, written to files.
 */
#include "cpu/cpu.h"
#include "debugger/handlers.h"
#include "debugger/internal.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* More than this in one command is taken for a mistake. */
#define COUNT_MAX 1000000u
#define FILE_MAX  (UINT64_C(1) << 32)

/* ---- x, xp ---- */

struct examine {
    uint64_t count;
    char format;
    unsigned size;
    bool dump;
};

/* /NUF: a number and letters in any order. */
static bool arg_format(struct debugger *d, struct examine *e, bool *given)
{
    const char *p;

    *given = lexer_is(&d->lx, "/");
    if (!*given)
        return true;
    p = d->lx.next;
    while (isspace((unsigned char)*p))
        p++;
    for (; *p && !isspace((unsigned char)*p); p++) {
        if (isdigit((unsigned char)*p)) {
            e->count = 0;
            while (isdigit((unsigned char)*p) && e->count < COUNT_MAX)
                e->count = e->count * 10 + (unsigned)(*p++ - '0');
            p--;
        } else if (strchr("xduotcsi", *p)) {
            e->format = *p;
        } else if (strchr("bhwg", *p)) {
            e->size = 1u << (strchr("bhwg", *p) - "bhwg");
        } else if (*p == 'm') {
            e->dump = true;
        } else {
            break;
        }
    }
    d->lx.next = p;
    lexer_next(&d->lx);
    if (*p && !isspace((unsigned char)*p)) {
        syntax_error(d);
        return false;
    }
    return true;
}

static bool fetch_unit(struct debugger *d, uint64_t addr, unsigned size,
                       uint64_t *v)
{
    struct error err = {0};
    uint8_t raw[8] = {0};
    bool ok = target_read(d->t, d->x_physical ? ADDR_PHYSICAL : ADDR_LINEAR, 0,
                          addr, raw, size, &err);

    *v = ld_le64(raw);
    if (!ok)
        fail(d,
             "bx_dbg_read_linear: physical address not available for "
             "linear 0x%016" PRIx64,
             addr);
    return ok;
}

static void print_binary(struct debugger *d, uint64_t v, unsigned bits)
{
    char text[65];

    for (unsigned i = 0; i < bits; i++)
        text[i] = v >> (bits - 1 - i) & 1 ? '1' : '0';
    text[bits] = '\0';
    say(d, "\t%s", text);
}

static void print_char(struct debugger *d, unsigned char ch)
{
    static const char escapes[] = "\a\b\f\n\r\t\v";
    const char *e = ch ? strchr(escapes, ch) : NULL;

    if (!ch)
        say(d, " \\0  ");
    else if (e)
        say(d, " \\%c  ", "abfnrtv"[e - escapes]);
    else if (isprint(ch) && ch < 0x80)
        say(d, "  %c  ", ch);
    else
        say(d, " \\x%02X", ch);
}

static int64_t sign_extend(uint64_t v, unsigned size)
{
    unsigned shift = 64 - 8 * size;

    return (int64_t)(v << shift) >> shift;
}

static void print_unit(struct debugger *d, const struct examine *e, uint64_t v)
{
    switch (e->format) {
    case 'd':
        say(d, "\t%" PRId64, sign_extend(v, e->size));
        break;
    case 'u':
        say(d, "\t%" PRIu64, v);
        break;
    case 'o':
        say(d, "\t%" PRIo64, v);
        break;
    case 't':
        print_binary(d, v, 8 * e->size);
        break;
    case 'c':
        for (unsigned i = e->size; i-- > 0;)
            print_char(d, (unsigned char)(v >> 8 * i));
        break;
    default:
        /* Bochs does not pad giant words. */
        say(d, "\t0x%0*" PRIx64, e->size == 8 ? 0 : (int)(2 * e->size), v);
        break;
    }
}

static void print_dump(struct debugger *d, const struct examine *e,
                       uint64_t addr)
{
    unsigned per_line = 16 / e->size;
    uint64_t v;

    for (uint64_t i = 0; i < e->count; i++) {
        if (i % per_line == 0)
            say(d, "%s0x%016" PRIx64 ":", i ? "\n" : "", addr);
        else if (i % per_line == per_line / 2)
            say(d, " ");
        if (!fetch_unit(d, addr, e->size, &v))
            return;
        say(d, "%0*" PRIX64 " ", (int)(2 * e->size), v);
        data_hex(d, NULL, v);
        addr += e->size;
    }
    say(d, "\n");
    d->x_addr = addr;
}

static void print_units(struct debugger *d, const struct examine *e,
                        uint64_t addr)
{
    unsigned per_line = e->size == 1 || e->size == 2 ? 8 : 16 / e->size;
    uint64_t start = addr, v;
    char sym[80];

    for (uint64_t i = 0; i < e->count; i++) {
        if (i % per_line == 0) {
            if (symbols_at(d->syms, addr))
                symbol_text(d, addr, sym, sizeof sym);
            else
                snprintf(sym, sizeof sym, "bogus+%8u",
                         (unsigned)(addr - start));
            say(d, "%s0x%016" PRIx64 " <%s>:", i ? "\n" : "", addr, sym);
        }
        if (!fetch_unit(d, addr, e->size, &v))
            return;
        print_unit(d, e, v);
        data_hex(d, NULL, v);
        addr += e->size;
    }
    say(d, "\n");
    d->x_addr = addr;
}

/* /s: zero-terminated strings. */
static void print_strings(struct debugger *d, const struct examine *e,
                          uint64_t addr)
{
    for (uint64_t i = 0; i < e->count; i++) {
        say(d, "0x%016" PRIx64 ": \"", addr);
        for (unsigned n = 0; n < 4096; n++) {
            uint64_t v;

            if (!fetch_unit(d, addr++, 1, &v))
                return;
            if (!v)
                break;
            say(d, isprint((int)v) && v < 0x80 ? "%c" : "\\x%02x", (unsigned)v);
        }
        say(d, "\"\n");
    }
    d->x_addr = addr;
}

static uint64_t print_insns(struct debugger *d, uint64_t addr, uint64_t end,
                            uint64_t count);

static void examine(struct debugger *d, bool physical)
{
    struct examine e = {1, d->x_format, d->x_size, false};
    bool given;
    uint64_t addr;

    if (!arg_format(d, &e, &given))
        return;
    addr = d->x_addr;
    if (!arg_expr_or(d, &addr, addr) || !arg_end(d))
        return;
    if (e.count > COUNT_MAX) {
        fail(d, "at most %u units at a time", COUNT_MAX);
        return;
    }
    d->x_physical = physical;
    if (e.format != 's' && e.format != 'i')
        d->x_format = e.format;
    d->x_size = e.size;
    d->x_addr = addr;
    data_hex(d, "address", addr);
    data_int(d, "unit", e.size);
    data_open(d, "values", '[');
    say(d, "[bochs]:\n");
    if (e.format == 'i' && physical)
        fail(d, "instructions are shown at linear addresses: x /i");
    else if (e.format == 'i')
        d->x_addr = print_insns(d, addr, UINT64_MAX, e.count);
    else if (e.format == 's')
        print_strings(d, &e, addr);
    else if (e.dump)
        print_dump(d, &e, addr);
    else
        print_units(d, &e, addr);
    data_close(d, ']');
}

void cmd_x(struct debugger *d)
{
    /* `x` alone goes on where the last x or xp stopped, in its space. */
    examine(d, arg_more(d) ? false : d->x_physical);
}

void cmd_xp(struct debugger *d)
{
    examine(d, true);
}

/* ---- u ---- */

static uint64_t print_insns(struct debugger *d, uint64_t addr, uint64_t end,
                            uint64_t count)
{
    const struct cpu *c = target_cpu(d->t);
    unsigned bits = d->disasm_bits ? d->disasm_bits : target_code_bits(d->t);

    for (uint64_t i = 0; i < count && addr < end; i++) {
        char text[160], hex[32], sym[80];
        uint64_t rip = bits == 64 ? addr : addr - c->seg[SEG_CS].base;
        unsigned n = disasm_at(d, addr, bits, rip, text, hex);

        if (!n) {
            fail(d, "physical address not available for linear 0x%016" PRIx64,
                 addr);
            return addr;
        }
        sym[0] = '\0';
        if (symbols_at(d->syms, addr))
            symbol_text(d, addr, sym, sizeof sym);
        say(d, "%016" PRIx64 ": (%20.20s): %-25s ; %s\n", addr, sym, text, hex);
        data_open(d, NULL, '{');
        data_hex(d, "address", addr);
        data_text(d, "insn", text);
        data_text(d, "bytes", hex);
        data_close(d, '}');
        addr += n;
    }
    return addr;
}

static void disasm_size(struct debugger *d)
{
    uint64_t v;

    if (!lexer_take(&d->lx, "=")) {
        syntax_error(d);
        return;
    }
    if (!arg_expr(d, &v) || !arg_end(d))
        return;
    if (v != 0 && v != 16 && v != 32 && v != 64) {
        fail(d, "Invalid disassemble size, must be 0, 16, 32 or 64");
        return;
    }
    d->disasm_bits = (unsigned)v;
}

void cmd_disasm(struct debugger *d)
{
    struct lexer l = d->lx;
    uint64_t count = 1, from, to = UINT64_MAX;

    lexer_whole_word(&l);
    if (lexer_is(&l, "switch-mode")) {
        lexer_next(&l);
        d->lx = l;
        if (arg_end(d))
            d->att = !d->att;
        return;
    }
    if (lexer_take(&d->lx, "size")) {
        disasm_size(d);
        return;
    }
    if (lexer_take(&d->lx, "/") && !arg_number(d, &count))
        return;
    from = target_pc(d->t);
    if (arg_more(d) && !arg_expr(d, &from))
        return;
    if (arg_more(d)) {
        if (!arg_expr(d, &to) || !arg_end(d))
            return;
        count = COUNT_MAX;
    }
    if (count > COUNT_MAX)
        count = COUNT_MAX;
    data_open(d, "insns", '[');
    d->u_addr = print_insns(d, from, to, count);
    data_close(d, ']');
}

/* ---- changes ---- */

static bool write_memory(struct debugger *d, enum addr_kind space,
                         uint64_t addr, const void *p, size_t n)
{
    struct error err = {0};

    if (target_write(d->t, space, 0, addr, p, n, &err))
        return true;
    fail(d, "%s", err.text);
    return false;
}

void cmd_setpmem(struct debugger *d)
{
    uint64_t addr, size, v;
    uint8_t raw[8];

    if (!arg_expr(d, &addr) || !arg_expr(d, &size) || !arg_expr(d, &v) ||
        !arg_end(d))
        return;
    if (size != 1 && size != 2 && size != 4 && size != 8) {
        fail(d, "Error: setpmem: bad length value = %" PRIu64, size);
        return;
    }
    st_le64(raw, v);
    write_memory(d, ADDR_PHYSICAL, addr, raw, (size_t)size);
}

/* patch ADDR BYTE...: linear; code that was decoded is decoded anew. */
void cmd_patch(struct debugger *d)
{
    uint8_t raw[256];
    uint64_t addr, v;
    size_t n = 0;

    if (!arg_expr(d, &addr))
        return;
    do {
        if (d->lx.kind == TOK_STRING) {
            if (d->lx.len > sizeof raw - n) {
                fail(d, "at most %zu bytes at a time", sizeof raw);
                return;
            }
            memcpy(raw + n, d->lx.start, d->lx.len);
            n += d->lx.len;
            lexer_next(&d->lx);
            continue;
        }
        if (!arg_number(d, &v))
            return;
        if (n == sizeof raw || v > 0xff) {
            fail(d,
                 v > 0xff ? "0x%" PRIx64 " is not a byte"
                          : "too many bytes before 0x%" PRIx64,
                 v);
            return;
        }
        raw[n++] = (uint8_t)v;
    } while (arg_more(d));
    if (write_memory(d, ADDR_LINEAR, addr, raw, n))
        say(d, "%zu bytes at 0x%08" PRIx64 "\n", n, addr);
}

void cmd_writemem(struct debugger *d)
{
    uint64_t addr, len;
    char path[512];
    FILE *f;

    if (!arg_text(d, path, sizeof path) || !arg_expr(d, &addr) ||
        !arg_expr(d, &len) || !arg_end(d))
        return;
    if (len > FILE_MAX) {
        fail(d, "0x%" PRIx64 " bytes are too many", len);
        return;
    }
    f = fopen(path, "wb");
    if (!f) {
        fail(d, "Can not open file %s: %s", path, strerror(errno));
        return;
    }
    while (len) {
        uint8_t raw[4096];
        size_t n = len < sizeof raw ? (size_t)len : sizeof raw;

        if (!read_linear(d, addr, raw, n)) {
            fail(d,
                 "linear 0x%016" PRIx64 " is not mapped; the file ends "
                 "before it",
                 addr);
            break;
        }
        if (fwrite(raw, 1, n, f) != n) {
            fail(d, "%s: %s", path, strerror(errno));
            break;
        }
        addr += n;
        len -= n;
    }
    if (fclose(f) && !d->failed)
        fail(d, "%s: %s", path, strerror(errno));
}

void cmd_loadmem(struct debugger *d)
{
    uint64_t addr, total = 0;
    char path[512];
    size_t n;
    FILE *f;

    if (!arg_text(d, path, sizeof path) || !arg_expr(d, &addr) || !arg_end(d))
        return;
    f = fopen(path, "rb");
    if (!f) {
        fail(d, "Can not open file %s: %s", path, strerror(errno));
        return;
    }
    do {
        uint8_t raw[4096];

        n = fread(raw, 1, sizeof raw, f);
        if (n && !write_memory(d, ADDR_LINEAR, addr + total, raw, n))
            break;
        total += n;
    } while (n && total < FILE_MAX);
    fclose(f);
    say(d, "%" PRIu64 " bytes at 0x%08" PRIx64 "\n", total, addr);
}

/* ---- questions ---- */

static uint32_t crc32_more(uint32_t crc, const uint8_t *p, size_t n)
{
    while (n--) {
        crc ^= *p++;
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return crc;
}

void cmd_crc(struct debugger *d)
{
    uint64_t from, to;
    uint32_t crc = UINT32_MAX;

    if (!arg_expr(d, &from) || !arg_expr(d, &to) || !arg_end(d))
        return;
    if (to < from || to - from > FILE_MAX) {
        fail(d, "crc: the range must have a begin, an end and at most 4 GiB");
        return;
    }
    for (uint64_t at = from; at < to;) {
        uint8_t raw[4096];
        size_t n = to - at < sizeof raw ? (size_t)(to - at) : sizeof raw;

        if (!read_physical(d, at, raw, n)) {
            fail(d, "could not read memory at 0x%" PRIx64, at);
            return;
        }
        crc = crc32_more(crc, raw, n);
        at += n;
    }
    say(d, "0x%08x\n", ~crc);
    data_hex(d, "crc", (uint32_t)~crc);
}

void cmd_deref(struct debugger *d)
{
    unsigned n = target_code_bits(d->t) == 64 ? 8 : 4;
    uint64_t addr, depth;

    if (!arg_expr(d, &addr) || !arg_expr(d, &depth) || !arg_end(d))
        return;
    for (uint64_t i = 0; i < depth && i < 64; i++) {
        uint8_t raw[8] = {0};

        if (!read_linear(d, addr, raw, n)) {
            fail(d, "linear 0x%08" PRIx64 " is not mapped", addr);
            return;
        }
        say(d, "0x%08" PRIx64 " -> 0x%08" PRIx64 "\n", addr, ld_le64(raw));
        addr = ld_le64(raw);
    }
    data_hex(d, "value", addr);
}

/* find ADDR LEN "text" | BYTE...: in linear memory. */
void cmd_find(struct debugger *d)
{
    uint8_t what[256], raw[4096 + 256];
    uint64_t addr, len, v, found = 0;
    size_t n = 0;

    if (!arg_expr(d, &addr) || !arg_expr(d, &len))
        return;
    if (d->lx.kind == TOK_STRING) {
        n = d->lx.len < sizeof what ? d->lx.len : sizeof what;
        memcpy(what, d->lx.start, n);
        lexer_next(&d->lx);
    }
    while (arg_more(d) && n < sizeof what) {
        if (!arg_number(d, &v))
            return;
        what[n++] = (uint8_t)v;
    }
    if (!n || len > FILE_MAX) {
        syntax_error(d);
        return;
    }
    data_open(d, "found", '[');
    for (uint64_t end = addr + len; addr < end && found < 1000;) {
        size_t step = end - addr < 4096 ? (size_t)(end - addr) : 4096;
        size_t have = step + n - 1;

        if (!read_linear(d, addr, raw, have)) {
            have = step;
            if (!read_linear(d, addr, raw, have)) {
                addr += step;
                continue;
            }
        }
        for (size_t i = 0; i < step && i + n <= have; i++)
            if (!memcmp(raw + i, what, n)) {
                say(d, "0x%08" PRIx64 "\n", addr + i);
                data_hex(d, NULL, addr + i);
                found++;
            }
        addr += step;
    }
    data_close(d, ']');
    if (!found)
        say(d, "not found\n");
}
