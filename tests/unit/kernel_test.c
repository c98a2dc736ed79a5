/*
 * kernel_test.c - kernel files: what is laid out, and damaged ones.
 *
 * Damaged files may be refused or not; what is laid out lies in RAM, apart,
 * and is entered where something was loaded.
 */
#include "core/base.h"
#include "machine/kernel.h"
#include "tests/tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RAM = 32 << 20, SIZE = 24576, ROUNDS = 1000, HEAD = 1024 };

static char path[] = "/tmp/klochs-kernel-XXXXXX";

struct image {
    const char *name;
    void (*make)(uint8_t *p);
    size_t hot; /* what is damaged most lies before this byte */
};

/* ---- files ---- */

static void elf32(uint8_t *p, uint32_t entry)
{
    static const uint32_t segments[2][8] = {
        {1, 4096, 0xc0100000, 0x100000, 8192, 8192, 5, 4096},
        {1, 12288, 0xc0103000, 0x103000, 4096, 65536, 6, 4096}};

    memcpy(p, "\177ELF\1\1\1", 7);
    st_le16(p + 16, 2);
    st_le16(p + 18, 3);
    st_le32(p + 20, 1);
    st_le32(p + 24, entry);
    st_le32(p + 28, 52);
    st_le32(p + 32, 16384);
    st_le16(p + 40, 52);
    st_le16(p + 42, 32);
    st_le16(p + 44, 2);
    st_le16(p + 46, 40);
    st_le16(p + 48, 4);
    st_le16(p + 50, 3);
    for (unsigned n = 0; n < 16; n++)
        st_le32(p + 52 + n * 4, segments[n / 8][n % 8]);
    /* a symbol table in no segment */
    st_le32(p + 16384 + 80 + 4, 2);
    st_le32(p + 16384 + 80 + 16, 20000);
    st_le32(p + 16384 + 80 + 20, 160);
}

static void multiboot(uint8_t *p, uint32_t flags)
{
    st_le32(p, 0x1badb002);
    st_le32(p + 4, flags);
    st_le32(p + 8, -(0x1badb002 + flags));
}

static void make_multiboot(uint8_t *p)
{
    elf32(p, 0xc0100010);
    multiboot(p + 256, 3);
}

static void make_addresses(uint8_t *p)
{
    multiboot(p + 64, 0x10003);
    st_le32(p + 76, 0x200040);
    st_le32(p + 80, 0x200000);
    st_le32(p + 84, 0x203000);
    st_le32(p + 88, 0x210000);
    st_le32(p + 92, 0x200100);
}

static void make_multiboot2(uint8_t *p)
{
    static const uint8_t tags[] = {
        1, 0, 0, 0, 16, 0, 0, 0, 4, 0, 0, 0, 6, 0, 0, 0, /* request */
        4, 0, 1, 0, 12, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, /* console */
        0, 0, 0, 0, 8,  0, 0, 0};

    elf32(p, 0xc0100010);
    st_le32(p + 256, 0xe85250d6);
    st_le32(p + 264, 16 + sizeof tags);
    st_le32(p + 268, -(0xe85250d6 + 16 + (uint32_t)sizeof tags));
    memcpy(p + 272, tags, sizeof tags);
}

/* ELF64 with a note. */
static void make_pvh(uint8_t *p)
{
    memcpy(p, "\177ELF\2\1\1", 7);
    st_le16(p + 16, 2);
    st_le16(p + 18, 62);
    st_le64(p + 24, 0x1000000);
    st_le64(p + 32, 64);
    st_le16(p + 52, 64);
    st_le16(p + 54, 56);
    st_le16(p + 56, 2);
    st_le32(p + 64, 1);
    st_le64(p + 72, 4096);
    st_le64(p + 80, 0xffffffff81000000);
    st_le64(p + 88, 0x1000000);
    st_le64(p + 96, 8192);
    st_le64(p + 104, 65536);
    st_le32(p + 120, 4);
    st_le64(p + 128, 512);
    st_le64(p + 152, 20);
    st_le32(p + 512, 4);
    st_le32(p + 516, 4);
    st_le32(p + 520, 18);
    memcpy(p + 524, "Xen", 4);
    st_le32(p + 528, 0x1000010);
}

static void make_linux(uint8_t *p)
{
    p[0x1f1] = 3;
    st_le32(p + 0x1f4, (SIZE - 2048) / 16);
    st_le16(p + 0x1fe, 0xaa55);
    memcpy(p + 0x202, "HdrS", 4);
    st_le16(p + 0x206, 0x20f);
    st_le16(p + 0x20e, 0x300);
    p[0x211] = 1;
    st_le32(p + 0x22c, 0x7fffffff);
    st_le32(p + 0x238, 255);
    st_le64(p + 0x258, 0x1000000);
    st_le32(p + 0x260, 0x100000);
    strcpy((char *)p + 0x500, "6.1.0-test (a@b) #1");
}

static const struct image images[] = {
    {"Multiboot", make_multiboot, 300},
    {"Multiboot, no ELF file", make_addresses, 128},
    {"Multiboot2", make_multiboot2, 330},
    {"PVH", make_pvh, 540},
    {"Linux", make_linux, 0x270},
};

/* ---- what is right ---- */

/* In place, which spares the host much. */
static bool write_file(const uint8_t *p, size_t n)
{
    int fd = open(path, O_WRONLY);
    bool ok = fd >= 0 && pwrite(fd, p, n, 0) == (ssize_t)n &&
              !ftruncate(fd, (off_t)n);

    return !close(fd) && ok;
}

static bool prepare(struct kernel_plan *plan, const char *initrd,
                    struct error *err)
{
    struct kernel_request r = {
        .path = path, .initrd = initrd, .cmdline = "a b", .ram = RAM};

    return kernel_prepare(&r, plan, err);
}

static bool in_ram(uint64_t at, uint64_t end)
{
    return (at >= 0x600 && end <= 0x9f000) ||
           (at >= 0x100000 && end <= RAM - 0x11000);
}

/* The information may lie in room that was made for it behind the kernel. */
static bool apart(const struct kernel_plan *p, unsigned a, unsigned b)
{
    uint64_t x = p->piece[a].addr, y = p->piece[b].addr;

    return (p->start != KERNEL_LINUX && p->start != KERNEL_PVH &&
            (a == PIECE_INITRD || b == PIECE_INITRD)) ||
           !p->piece[a].size || !p->piece[b].size ||
           x + p->piece[a].size <= y || y + p->piece[b].size <= x;
}

static bool is_sound(const struct kernel_plan *p)
{
    bool entered = p->start == KERNEL_LINUX;

    for (unsigned n = 0; n < KERNEL_PIECES; n++) {
        const struct kernel_bytes *b = &p->piece[n];

        if (b->size && !in_ram(b->addr, (uint64_t)b->addr + b->size))
            return false;
        if (p->entry - b->addr < b->size)
            entered = true;
        for (unsigned k = 0; k < n; k++)
            if (!apart(p, n, k))
                return false;
    }
    return entered;
}

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void damage(uint8_t *p, const struct image *im, uint32_t *seed)
{
    static const uint32_t nasty[] = {0,          1,          0x7fffffff,
                                     0x80000000, 0xffffffff, 0xfffffff0,
                                     0x100000,   RAM,        SIZE};

    for (unsigned n = next(seed) % 3 + 1; n; n--) {
        size_t at = next(seed) % (next(seed) % 4 ? im->hot : SIZE - 4);

        if (next(seed) % 2)
            p[at] = (uint8_t)next(seed);
        else
            st_le32(p + (at & ~(size_t)3),
                    nasty[next(seed) % ARRAY_LEN(nasty)]);
    }
}

static void damaged(struct tap *t, const struct image *im)
{
    static uint8_t p[SIZE];
    unsigned good = 0, bad = 0, wrong = 0;
    uint32_t seed = (uint32_t)im->hot;

    for (unsigned n = 0; n < ROUNDS; n++) {
        struct kernel_plan plan;
        struct error err = {.text = ""};
        size_t size = next(&seed) % 4 ? SIZE : next(&seed) % SIZE;

        memset(p, 0, sizeof p);
        im->make(p);
        damage(p, im, &seed);
        if (!write_file(p, size))
            break;
        if (prepare(&plan, next(&seed) % 2 ? path : NULL, &err)) {
            good++;
            wrong += !is_sound(&plan);
        } else {
            bad++;
            wrong += !strstr(err.text, "klochs-kernel") ||
                     (err.code != EXIT_BAD_DATA && err.code != EXIT_USAGE);
        }
        kernel_free(&plan);
    }
    tap_ok(t, good && bad && good + bad == ROUNDS && !wrong,
           "%s: damaged files, some booted, some refused, %u wrong", im->name,
           wrong);
}

static void undamaged(struct tap *t, const struct image *im)
{
    static uint8_t p[SIZE];
    struct kernel_plan plan;
    struct error err = {.text = ""};
    bool ok;

    memset(p, 0, sizeof p);
    im->make(p);
    ok = write_file(p, sizeof p) && prepare(&plan, path, &err) &&
         is_sound(&plan);
    tap_ok(t, ok, "%s", im->name);
    kernel_free(&plan);
}

/* ---- single things ---- */

struct edit {
    const char *name;
    void (*make)(uint8_t *p);
    size_t at;
    uint32_t v;
    const char *says;
};

static const struct edit edits[] = {
    {"a segment outside of RAM", make_multiboot, 52 + 12, RAM, "not in RAM"},
    {"a segment that ends there", make_multiboot, 84 + 20, RAM, "not in RAM"},
    {"a segment over the video memory", make_multiboot, 52 + 12, 0x9e000,
     "not in RAM"},
    {"segments that overlap", make_multiboot, 84 + 12, 0x101000, "overlap"},
    {"more in the file than in memory", make_multiboot, 52 + 20, 4096, "more"},
    {"an entry point outside", make_multiboot, 24, 0x300000, "entry point"},
    {"another processor", make_multiboot, 18, 40, "not for x86"},
    {"an object file", make_multiboot, 16, 0x30001, "no program"},
    {"a load address above the header's", make_addresses, 80, 0x201000,
     "header"},
    {"more than the file has", make_addresses, 84, 0x300000, "cut off"},
    {"a large bss", make_addresses, 88, 0xfff00000, "not in RAM"},
    {"an entry point outside, by address", make_addresses, 92, 0x100,
     "entry point"},
    {"a request for APM's table", make_multiboot2, 280, 10, "information 10"},
    {"an unknown tag", make_multiboot2, 288, 99, "tag 99"},
    {"a PVH entry outside", make_pvh, 528, 0x100, "entry point"},
    {"a zImage", make_linux, 0x210, 0, "zImage"},
    {"an old protocol", make_linux, 0x206, 0x105, "1.05"},
    {"more than the file has, Linux", make_linux, 0x1f4, SIZE, "cut off"},
    {"RAM for unpacking", make_linux, 0x260, RAM, "MiB of RAM"},
    {"a short command line", make_linux, 0x238, 2, "command line"},
    {"a large setup", make_linux, 0x1f0, 0x7f00, "cut off"},
};

static void refusals(struct tap *t)
{
    static uint8_t p[SIZE];

    for (size_t n = 0; n < ARRAY_LEN(edits); n++) {
        const struct edit *e = &edits[n];
        struct kernel_plan plan;
        struct error err = {.text = ""};
        bool ok;

        memset(p, 0, sizeof p);
        e->make(p);
        st_le32(p + e->at, e->v);
        ok = write_file(p, sizeof p) && !prepare(&plan, NULL, &err) &&
             strstr(err.text, e->says) && strstr(err.text, path);
        tap_ok(t, ok, "%s", e->name);
        kernel_free(&plan);
    }
}

static void linux_fields(struct tap *t)
{
    static uint8_t p[SIZE];
    struct kernel_request r = {.path = path,
                               .initrd = path,
                               .cmdline = "quiet vga=0x318 x",
                               .ram = RAM};
    const struct kernel_bytes *setup, *initrd;
    struct kernel_plan plan;
    char version[64];
    struct error err;

    make_linux(p);
    write_file(p, sizeof p);
    tap_ok(t, kernel_prepare(&r, &plan, &err), "Linux with an initrd");
    setup = &plan.piece[PIECE_SETUP];
    initrd = &plan.piece[PIECE_INITRD];
    tap_ok(t,
           kernel_version(path, version, sizeof version) &&
               !strcmp(version, "6.1.0-test"),
           "its version");
    tap_eq(t, setup->size, 2048, "setup sectors");
    tap_eq(t, setup->data[0x210], 0xff, "type_of_loader");
    tap_eq(t, setup->data[0x211], 0x81, "loadflags");
    tap_eq(t, ld_le16(setup->data + 0x1fa), 0x318, "vid_mode");
    tap_eq(t, ld_le32(setup->data + 0x218), initrd->addr, "ramdisk_image");
    tap_eq(t, ld_le32(setup->data + 0x21c), SIZE, "ramdisk_size");
    tap_eq(t, initrd->addr, (RAM - 0x11000 - SIZE) & ~0xfffu, "as high as can");
    tap_eq(t, ld_le32(setup->data + 0x228), plan.piece[PIECE_CMDLINE].addr,
           "cmd_line_ptr");
    kernel_free(&plan);

    st_le16(p + 0x206, 0x201);
    write_file(p, sizeof p);
    tap_ok(t, kernel_prepare(&r, &plan, &err), "protocol 2.01");
    setup = &plan.piece[PIECE_SETUP];
    tap_eq(t, setup->addr, 0x90000, "setup at 90000h");
    tap_eq(t, ld_le16(setup->data + 0x20), 0xa33f, "mark of the command line");
    tap_eq(t, setup->addr + ld_le16(setup->data + 0x22),
           plan.piece[PIECE_CMDLINE].addr, "its place");
    kernel_free(&plan);
}

int main(void)
{
    struct tap t = {0};

    if (mkstemp(path) < 0)
        return 99;
    for (size_t n = 0; n < ARRAY_LEN(images); n++)
        undamaged(&t, &images[n]);
    refusals(&t);
    linux_fields(&t);
    for (size_t n = 0; n < ARRAY_LEN(images); n++)
        damaged(&t, &images[n]);
    unlink(path);
    return tap_done(&t);
}
