/*
 * symbols_test.c - symbols of address spaces, COFF and PE files, line rows.
 */
#include "core/rng.h"
#include "debugger/symbols.h"
#include "tests/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    if (f) {
        fputs(text, f);
        fclose(f);
    }
}

/* ---- address spaces ---- */

static void test_spaces(struct tap *t)
{
    char path[] = "/tmp/klochs-symbols-XXXXXX";
    struct symbols *s = symbols_create();
    uint64_t cr3 = 0, v = 0;
    struct error err = {0};
    int fd = mkstemp(path);

    if (fd >= 0)
        close(fd);
    write_file(path, "1000 T start\n1100 T shared\n");
    tap_ok(t, symbols_load(s, path, 0, SYMBOLS_GLOBAL, &err), "for all: %s",
           err.text);
    write_file(path, "1000 T program\n1100 T shared\n");
    tap_ok(t, symbols_load(s, path, 0x400000, 0x5000, &err), "for CR3 5000h");
    tap_ok(t, symbols_load(s, path, 0x800000, 0x6000, &err), "for CR3 6000h");
    symbols_follow(s, &cr3);
    tap_ok(t, !symbols_value(s, "program", &v),
           "another space's names are not seen");
    tap_ok(t, symbols_value(s, "shared", &v) && v == 0x1100,
           "those of all are");
    tap_eq(t, symbols_count(s), 2, "their number");
    cr3 = 0x5018;
    tap_ok(t, symbols_value(s, "program", &v) && v == 0x401000,
           "in its space a name is, low bits of CR3 aside");
    tap_ok(t, symbols_value(s, "shared", &v) && v == 0x401100,
           "the space's own name comes first");
    tap_ok(t, symbols_value(s, "start", &v) && v == 0x1000,
           "those of all are seen as well");
    tap_eq(t, symbols_count(s), 4, "their number in a space");
    tap_ok(t,
           symbols_at(s, 0x401004) &&
               !strcmp(symbols_at(s, 0x401004)->name, "program"),
           "by address");
    cr3 = 0x6000;
    tap_ok(t, symbols_value(s, "program", &v) && v == 0x801000,
           "the same file elsewhere in another space");
    tap_ok(t, !strcmp(symbols_get(s, 3)->name, "shared"),
           "the list ends with those of all");
    unlink(path);
    symbols_destroy(s);
}

/* ---- lines ---- */

static void test_rows(struct tap *t)
{
    char path[] = "/tmp/klochs-symbols-XXXXXX";
    struct symbols *s = symbols_create();
    struct error err = {0};
    uint32_t file = symbols_add_file(s, "/src/a.c");
    int fd = mkstemp(path);
    uint64_t v = 0, places[4];

    if (fd >= 0)
        close(fd);
    symbols_add_line(s, 0x200, file, 5);
    symbols_add_line(s, 0x208, file, 9);
    symbols_add_line(s, 0x210, file, 5);
    symbols_add_line(s, 0x120, file, 0); /* the end of what comes next */
    symbols_add_line(s, 0x100, file, 7);
    symbols_add_line(s, 0x100, file, 5);
    symbols_add_line(s, 0x110, file, 6);
    symbols_add_line(s, 0x120, file, 20);
    write_file(path, "100 f\n200 g\n300 f\n");
    symbols_load(s, path, 0, SYMBOLS_GLOBAL, &err); /* sorts */
    tap_eq(t, symbols_line_at(s, 0x104)->line, 5,
           "of rows at one address the last one counts");
    tap_ok(t, symbols_lines_share(s, 0x100) && !symbols_lines_share(s, 0x110),
           "that more than one begins there is known");
    tap_eq(t, symbols_line_at(s, 0x120)->line, 20,
           "code begins where other code ends");
    tap_ok(t, !symbols_line_at(s, 0xff), "before the first row");
    tap_ok(t, symbols_line_addr(s, "a.c", 6, &v) && v == 0x110,
           "a file without its folders");
    tap_ok(t, symbols_line_addr(s, "a.c", 10, &v) && v == 0x120,
           "a line without code: the next one that has some");
    tap_ok(t, !symbols_line_addr(s, "b.c", 6, &v), "another file");
    tap_ok(t, !symbols_line_addr(s, "a.c", 21, &v), "behind the last line");
    tap_ok(t,
           symbols_line_addrs(s, "a.c", 5, places, 4) == 2 &&
               places[0] == 0x100 && places[1] == 0x200,
           "a line in two functions, once in each");
    tap_ok(t,
           symbols_values(s, "f", places, 4) == 2 && places[0] == 0x100 &&
               places[1] == 0x300,
           "a name that two functions have");
    unlink(path);
    symbols_destroy(s);
}

/* ---- COFF ---- */

enum { OBJECT = 300, PROGRAM = 0x600 };

static void put_symbol(uint8_t *p, const char *name, uint32_t value,
                       uint16_t section, uint8_t class)
{
    memset(p, 0, 18);
    memcpy(p, name, strnlen(name, 8));
    st_le32(p + 8, value);
    st_le16(p + 12, section);
    p[16] = class;
}

/* An object of one section and four symbols; the third is a long name, the
 * second has an auxiliary record. */
static void make_object(uint8_t *p)
{
    static const char longer[] = "a_name_of_more_than_eight";
    uint8_t *y = p + 60;

    memset(p, 0, OBJECT);
    st_le16(p, 0x14c);
    st_le16(p + 2, 1);
    st_le32(p + 8, 60);
    st_le32(p + 12, 5);
    memcpy(p + 20, ".text", 5);
    st_le32(p + 32, 0x100); /* its virtual address */
    put_symbol(y, "_main", 0x10, 1, 2);
    put_symbol(y + 18, "static1", 0x20, 1, 3);
    y[18 + 17] = 1;
    memset(y + 36, 0x41, 18);
    put_symbol(y + 54, "", 0x30, 1, 2);
    st_le32(y + 54 + 4, 4);
    put_symbol(y + 72, "extern1", 0, 0, 2); /* not defined here */
    st_le32(y + 90, 4 + sizeof longer);
    memcpy(y + 94, longer, sizeof longer);
}

/* A program without a symbol table that exports one function. */
static void make_program(uint8_t *p)
{
    uint8_t *h = p + 64, *o = h + 24, *d = p + 0x400;

    memset(p, 0, PROGRAM);
    memcpy(p, "MZ", 2);
    st_le32(p + 60, 64);
    memcpy(h, "PE\0\0", 4);
    st_le16(h + 4, 0x8664);
    st_le16(h + 6, 1);
    st_le16(h + 20, 240);
    st_le16(h + 22, 2);
    st_le16(o, 0x20b);
    st_le64(o + 24, UINT64_C(0x140000000));
    st_le32(o + 112, 0x2000);
    memcpy(o + 240, ".edata", 6);
    st_le32(o + 240 + 12, 0x2000);
    st_le32(o + 240 + 16, 0x200);
    st_le32(o + 240 + 20, 0x400);
    st_le32(d + 20, 2); /* functions */
    st_le32(d + 24, 1); /* names */
    st_le32(d + 28, 0x2030);
    st_le32(d + 32, 0x2040);
    st_le32(d + 36, 0x2048);
    st_le32(d + 0x34, 0x1234); /* the second function */
    st_le32(d + 0x40, 0x2050);
    st_le16(d + 0x48, 1);
    memcpy(d + 0x50, "KeExported", 11);
}

static void test_coff(struct tap *t)
{
    struct symbols *s = symbols_create();
    struct error err = {0};
    uint8_t p[PROGRAM];
    uint64_t v = 0;

    make_object(p);
    tap_ok(t, symbols_is_coff(p, OBJECT), "an object is known as COFF");
    tap_ok(t, symbols_load_coff(s, p, OBJECT, 0x1000, &err), "and read: %s",
           err.text);
    tap_ok(t, symbols_value(s, "_main", &v) && v == 0x1110,
           "value, section and offset add up");
    tap_ok(t, symbols_value(s, "static1", &v) && v == 0x1120, "a static one");
    tap_ok(t, symbols_value(s, "a_name_of_more_than_eight", &v) && v == 0x1130,
           "a long name, behind an auxiliary record");
    tap_eq(t, symbols_count(s), 3, "and no others");
    symbols_destroy(s);
    s = symbols_create();
    make_program(p);
    tap_ok(t, symbols_is_coff(p, PROGRAM), "a program is known as PE");
    tap_ok(t, symbols_load_coff(s, p, PROGRAM, 0, &err), "and read: %s",
           err.text);
    tap_ok(t, symbols_value(s, "KeExported", &v) && v == UINT64_C(0x140001234),
           "an exported name at the preferred base");
    symbols_destroy(s);
    p[4 + 64] = 0x99;
    p[5 + 64] = 0x99;
    tap_ok(t, !symbols_is_coff(p, PROGRAM), "of another processor: no");
}

static void test_damage(struct tap *t)
{
    struct rng rng;
    struct error err;

    rng_seed(&rng, 5);
    for (unsigned i = 0; i < 4000; i++) {
        size_t size = i & 1 ? OBJECT : PROGRAM;
        size_t n = i % 5 ? size : (size_t)(rng_next(&rng) % size);
        uint8_t whole[PROGRAM], *copy = malloc(n + 1);
        struct symbols *s = symbols_create();

        if (!copy)
            break;
        if (i & 1)
            make_object(whole);
        else
            make_program(whole);
        memcpy(copy, whole, n);
        copy[n] = 0;
        for (unsigned k = 0; k < 4 && n > 4; k++)
            copy[2 + rng_next(&rng) % (n - 2)] = (uint8_t)rng_next(&rng);
        if (symbols_is_coff(copy, n))
            symbols_load_coff(s, copy, n, 0, &err);
        symbols_destroy(s);
        free(copy);
    }
    tap_ok(t, true, "4,000 damaged COFF files do no harm");
}

int main(void)
{
    struct tap t = {0};

    test_spaces(&t);
    test_rows(&t);
    test_coff(&t);
    test_damage(&t);
    return tap_done(&t);
}
