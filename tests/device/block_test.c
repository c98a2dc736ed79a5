/*
 * block_test.c - disk images: flat, undoable, volatile, locks, damage.
 */
#include "core/log.h"
#include "iodev/block/block.h"
#include "tests/tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    struct tap t;
    struct log log;
    struct log_source src;
    char dir[64], path[96], redolog[112];
};

#define SECTORS 100u

static void make_image(struct fixture *f)
{
    uint8_t s[512];
    FILE *file = fopen(f->path, "wb");

    if (!file)
        exit(1);
    for (unsigned i = 0; i < SECTORS; i++) {
        memset(s, (int)i, sizeof s);
        fwrite(s, sizeof s, 1, file);
    }
    fclose(file);
}

static struct block_image *image(struct fixture *f, enum block_mode mode,
                                 enum block_access access, struct error *err)
{
    struct block_params p = {
        .path = f->path, .mode = mode, .access = access, .sector_size = 512};

    *err = (struct error){0};
    return block_open(&p, &f->src, err);
}

static unsigned first_byte(struct block_image *img, unsigned lba)
{
    uint8_t buf[512] = {0};

    return block_read(img, lba, 1, buf) ? buf[0] : 0x100;
}

static bool put(struct block_image *img, unsigned lba, unsigned value)
{
    uint8_t buf[512];

    memset(buf, (int)value, sizeof buf);
    return block_write(img, lba, 1, buf);
}

static void test_flat(struct fixture *f)
{
    struct error err;
    struct block_image *a = image(f, BLOCK_FLAT, BLOCK_READ_WRITE, &err), *b;
    uint8_t buf[1024];

    tap_ok(&f->t, a && a->sectors == SECTORS, "flat opens: %s", err.text);
    tap_eq(&f->t, first_byte(a, 7), 7, "reads");
    tap_ok(&f->t, put(a, 7, 0xee) && first_byte(a, 7) == 0xee, "writes");
    tap_ok(&f->t, !block_read(a, SECTORS - 1, 2, buf), "end is checked");
    tap_ok(&f->t, !block_read(a, UINT64_MAX, 1, buf), "wrap is checked");
    b = image(f, BLOCK_FLAT, BLOCK_READ_WRITE, &err);
    tap_ok(&f->t, !b && err.code == EXIT_NO_OPEN, "second writer: %s",
           err.text);
    b = image(f, BLOCK_VOLATILE, BLOCK_READ_WRITE, &err);
    tap_ok(&f->t, !b, "reader beside a writer is refused");
    tap_ok(&f->t, block_flush(a), "flush");
    block_close(a);
    a = image(f, BLOCK_FLAT, BLOCK_READ_ONLY, &err);
    b = image(f, BLOCK_FLAT, BLOCK_READ_ONLY, &err);
    tap_ok(&f->t, a && b, "two readers");
    tap_ok(&f->t, !put(a, 1, 1), "read-only refuses writes");
    tap_eq(&f->t, first_byte(b, 7), 0xee, "what was written is there");
    block_close(a);
    block_close(b);
}

static void test_overlays(struct fixture *f)
{
    struct error err;
    struct block_image *a, *b;

    make_image(f);
    a = image(f, BLOCK_VOLATILE, BLOCK_READ_WRITE, &err);
    b = image(f, BLOCK_VOLATILE, BLOCK_READ_WRITE, &err);
    tap_ok(&f->t, a && b, "two volatile overlays of one base: %s", err.text);
    tap_ok(&f->t, put(a, 9, 0x99) && first_byte(a, 9) == 0x99, "written");
    tap_ok(&f->t, first_byte(a, 8) == 8 && first_byte(a, 10) == 10,
           "neighbours in the chunk come from the base");
    tap_eq(&f->t, first_byte(b, 9), 9, "the other does not see it");
    tap_ok(&f->t,
           put(a, SECTORS - 1, 0x77) && first_byte(a, SECTORS - 1) == 0x77 &&
               first_byte(a, SECTORS - 2) == SECTORS - 2,
           "last, partial chunk");
    block_close(a);
    block_close(b);
    a = image(f, BLOCK_UNDOABLE, BLOCK_READ_WRITE, &err);
    tap_ok(&f->t, a && put(a, 9, 0x55), "undoable: %s", err.text);
    b = image(f, BLOCK_UNDOABLE, BLOCK_READ_WRITE, &err);
    tap_ok(&f->t, !b, "redolog is locked: %s", err.text);
    block_close(a);
    a = image(f, BLOCK_UNDOABLE, BLOCK_READ_WRITE, &err);
    tap_ok(&f->t, a && first_byte(a, 9) == 0x55 && first_byte(a, 8) == 8,
           "changes are kept");
    block_close(a);
    a = image(f, BLOCK_FLAT, BLOCK_READ_ONLY, &err);
    tap_eq(&f->t, first_byte(a, 9), 9, "the base is untouched");
    block_close(a);
}

static void damage(struct fixture *f, off_t at, const char *what)
{
    int fd = open(f->redolog, O_RDWR);
    struct error err;
    struct block_image *a;
    uint8_t old, bad;

    if (fd < 0 || pread(fd, &old, 1, at) != 1)
        exit(1);
    bad = old ^ 0x80;
    if (pwrite(fd, &bad, 1, at) != 1)
        exit(1);
    a = image(f, BLOCK_UNDOABLE, BLOCK_READ_WRITE, &err);
    tap_ok(&f->t, !a && err.code == EXIT_BAD_DATA, "%s: %s", what, err.text);
    block_close(a);
    if (pwrite(fd, &old, 1, at) != 1)
        exit(1);
    close(fd);
}

static void test_damage(struct fixture *f)
{
    struct error err;
    struct block_image *a;
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

    damage(f, 0, "magic");
    damage(f, 17, "size");
    damage(f, 33, "checksum");
    damage(f, 4096 + 2, "bitmap beyond the end");
    a = image(f, BLOCK_UNDOABLE, BLOCK_READ_WRITE, &err);
    tap_ok(&f->t, a != NULL, "repaired: %s", err.text);
    block_close(a);
    if (truncate(f->redolog, 5000) != 0)
        exit(1);
    a = image(f, BLOCK_UNDOABLE, BLOCK_READ_WRITE, &err);
    tap_ok(&f->t, !a && err.code == EXIT_BAD_DATA, "cut short: %s", err.text);
    utimensat(AT_FDCWD, f->path, times, 0);
    a = image(f, BLOCK_UNDOABLE, BLOCK_READ_WRITE, &err);
    tap_ok(&f->t, !a, "base changed: %s", err.text);
}

static void test_raw_cd(struct fixture *f)
{
    static uint8_t sector[2352];
    struct block_params p = {.path = f->path,
                             .access = BLOCK_READ_ONLY,
                             .sector_size = 2048,
                             .optical = true};
    struct error err = {0};
    struct block_image *a;
    uint8_t buf[4096];
    FILE *file = fopen(f->path, "wb");

    memset(sector + 1, 0xff, 10);
    sector[15] = 1;
    for (unsigned i = 0; i < 3; i++) {
        memset(sector + 16, (int)i + 1, 2048);
        fwrite(sector, sizeof sector, 1, file);
    }
    fclose(file);
    a = block_open(&p, &f->src, &err);
    tap_ok(&f->t,
           a && a->sectors == 3 && block_read(a, 1, 2, buf) && buf[0] == 2 &&
               buf[2047] == 2 && buf[2048] == 3,
           "raw CD image: %s", err.text);
    block_close(a);
}

int main(void)
{
    struct fixture f = {0};

    log_init(&f.log);
    log_set_action(&f.log, NULL, LOG_ERROR, LOG_IGNORE);
    log_source_init(&f.log, &f.src, "disk");
    snprintf(f.dir, sizeof f.dir, "/tmp/klochs-block-XXXXXX");
    if (!mkdtemp(f.dir))
        return 1;
    snprintf(f.path, sizeof f.path, "%s/disk.img", f.dir);
    snprintf(f.redolog, sizeof f.redolog, "%s.redolog", f.path);
    make_image(&f);
    test_flat(&f);
    test_overlays(&f);
    test_damage(&f);
    test_raw_cd(&f);
    unlink(f.redolog);
    unlink(f.path);
    rmdir(f.dir);
    log_close(&f.log);
    return tap_done(&f.t);
}
