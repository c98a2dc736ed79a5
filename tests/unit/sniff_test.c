/*
 * sniff_test.c - images told apart by their contents.
 */
#include "machine/sniff.h"
#include "tests/tap.h"
#include <stdlib.h>
#include <unistd.h>

/* A file of `size` bytes with `n` bytes at `at`. */
static void make(const char *path, long size, long at, const char *bytes,
                 size_t n)
{
    FILE *f = fopen(path, "wb");

    if (!f || ftruncate(fileno(f), size) || fseek(f, at, SEEK_SET) ||
        fwrite(bytes, 1, n, f) != n || fclose(f))
        exit(99);
}

struct good {
    const char *name;
    long size, at;
    const char *bytes;
    size_t n;
    enum image_kind kind;
};

static const struct good goods[] = {
    {"ISO 9660", 400000, 0x8001, "CD001", 5, IMAGE_CDROM},
    {"ISO 9660 with a partition table", 400000, 0x8001, "CD001", 5,
     IMAGE_CDROM},
    {"1.44 MB", 1474560, 510, "\x55\xaa", 2, IMAGE_FLOPPY},
    {"160 KB without a signature", 163840, 0, "", 0, IMAGE_FLOPPY},
    {"2.88 MB", 2949120, 0, "", 0, IMAGE_FLOPPY},
    {"disk", 10321920, 510, "\x55\xaa", 2, IMAGE_DISK},
    {"blank disk", 10321920, 0, "", 0, IMAGE_DISK},
    {"ELF", 5000, 0,
     "\x7f"
     "ELF",
     4, IMAGE_KERNEL},
    {"Linux kernel", 50000, 0x202, "HdrS", 4, IMAGE_KERNEL},
    {"Linux kernel on a floppy", 1474560, 0x202, "HdrS", 4, IMAGE_FLOPPY},
    {"Multiboot with addresses", 50000, 512,
     "\x02\xb0\xad\x1b\0\0\x01\0\xfe\x4f\x51\xe4", 12, IMAGE_KERNEL},
    {"Multiboot without", 50000, 512,
     "\x02\xb0\xad\x1b\0\0\0\0\xfe\x4f\x52\xe4", 12, IMAGE_DISK},
    {"Multiboot2", 50000, 512,
     "\xd6\x50\x52\xe8\0\0\0\0\x10\0\0\0\x1a\xaf\xad\x17", 16, IMAGE_KERNEL},
    {"one sector", 512, 510, "\x55\xaa", 2, IMAGE_DISK},
};

struct bad {
    const char *name;
    long size, at;
    const char *bytes;
    size_t n;
    const char *says;
};

static const struct bad bads[] = {
    {"nothing", 0, 0, "", 0, "empty"},
    {"qcow2", 1474560, 0, "QFI\xfb", 4, "qemu-img"},
    {"gzip", 5000, 0, "\x1f\x8b\x08", 3, "gunzip"},
    {"text", 11, 0, "megs: 32\r\n\n", 11, "-f"},
};

int main(void)
{
    struct tap t = {0};
    struct error err = {0};
    enum image_kind kind;
    char path[] = "/tmp/klochs-sniff-XXXXXX";

    if (mkstemp(path) < 0)
        return 99;
    for (size_t n = 0; n < ARRAY_LEN(goods); n++) {
        const struct good *g = &goods[n];

        make(path, g->size, g->at, g->bytes, g->n);
        tap_ok(&t, sniff_image(path, &kind, &err) && kind == g->kind, "%s",
               g->name);
    }
    for (size_t n = 0; n < ARRAY_LEN(bads); n++) {
        const struct bad *b = &bads[n];

        make(path, b->size, b->at, b->bytes, b->n);
        err = (struct error){0};
        tap_ok(&t,
               !sniff_image(path, &kind, &err) && err.code == EXIT_BAD_DATA &&
                   strstr(err.text, b->says),
               "%s is refused: %s", b->name, err.text);
    }
    unlink(path);
    tap_ok(&t, !sniff_image(path, &kind, &err) && err.code == EXIT_NO_OPEN,
           "a missing file");
    tap_ok(&t, !sniff_image("/", &kind, &err) && err.code == EXIT_BAD_DATA,
           "a folder");
    return tap_done(&t);
}
