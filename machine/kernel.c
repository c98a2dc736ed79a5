/*
 * kernel.c - a kernel named on the command line: read, recognised, offered to
 * the firmware.
 */
#include "iodev/fwcfg.h"
#include "machine/kernel_int.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files ---- */

static bool read_whole(struct kernel_file *f, int fd, struct error *err)
{
    size_t done = 0;

    while (done < f->size) {
        ssize_t n = read(fd, f->data + done, f->size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, EXIT_IO, "cannot read '%.200s': %s", f->path,
                             strerror(errno));
        if (!n)
            break;
        done += (size_t)n;
    }
    f->size = done;
    return true;
}

bool kernel_read(struct kernel_file *f, const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    bool ok;

    *f = (struct kernel_file){.path = path};
    if (fd < 0)
        return error_set(err, EXIT_NO_OPEN, "cannot open '%.200s': %s", path,
                         strerror(errno));
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        ok = kernel_bad(f, err, "it is not a file");
    } else if (st.st_size > INT32_MAX) {
        ok = kernel_bad(f, err, "it has more than 2 GiB");
    } else {
        f->size = (size_t)st.st_size;
        f->data = malloc(f->size + 1);
        ok = f->data ? read_whole(f, fd, err)
                     : kernel_bad(f, err, "the host has no memory for it");
    }
    close(fd);
    if (ok && !f->size)
        ok = kernel_bad(f, err, "it is empty");
    return ok;
}

bool kernel_bad(const struct kernel_file *f, struct error *err, const char *fmt,
                ...)
{
    char why[300];
    va_list args;

    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    return error_set(err, EXIT_BAD_DATA, "'%.150s' cannot be booted: %s",
                     f->path, why);
}

bool kernel_alloc(struct kernel_bytes *b, size_t size, struct error *err)
{
    b->data = calloc(1, size ? size : 1);
    b->size = size;
    return b->data ||
           error_set(err, EXIT_BAD_DATA,
                     "the host has no memory for a kernel of %zu bytes", size);
}

uint64_t kernel_ram_end(uint64_t ram)
{
    /* Firmware with little RAM has no ACPI tables: bios/post/memory.c. */
    return ram < 0x400000 ? ram : ram - KERNEL_ACPI;
}

/* ---- kinds ---- */

bool kernel_is_elf(const uint8_t *head, size_t size)
{
    return size >= 4 && !memcmp(head, "\177ELF", 4);
}

bool kernel_is_linux(const uint8_t *head, size_t size)
{
    return size >= 0x206 && !memcmp(head + 0x202, "HdrS", 4);
}

bool kernel_is_plain_multiboot(const uint8_t *head, size_t size)
{
    struct kernel_file f = {.data = (uint8_t *)(uintptr_t)head, .size = size};
    size_t at;

    if (size >= 512 && ld_le16(head + 510) == 0xaa55)
        return false; /* a disk */
    return (multiboot_find(&f, &at) && ld_le32(head + at + 4) & 0x10000) ||
           multiboot2_find(&f, &at);
}

static bool prepare_elf(const struct kernel_request *r,
                        const struct kernel_file *f, struct kernel_plan *p,
                        struct error *err)
{
    struct elf_kernel e;
    uint32_t entry;
    size_t at;
    bool two, one;

    if (!elf_open(&e, f, err))
        return false;
    two = multiboot2_find(f, &at);
    one = !two && multiboot_find(f, &at);
    if (!two && !one && !elf_pvh_entry(&e, &entry))
        return kernel_bad(f, err,
                          "an ELF file with neither a Multiboot header nor a "
                          "PVH note");
    if (!elf_segments(&e, r->ram, err))
        return false;
    if (two)
        return kernel_multiboot2(r, f, &e, at, p, err);
    return one ? kernel_multiboot(r, f, &e, at, p, err)
               : kernel_pvh(r, &e, entry, p, err);
}

static bool prepare(const struct kernel_request *r, const struct kernel_file *f,
                    struct kernel_plan *p, struct error *err)
{
    size_t at;

    if (kernel_is_linux(f->data, f->size))
        return kernel_linux(r, f, p, err);
    /* Addresses in the header come before those of an ELF file. */
    if (multiboot_find(f, &at) && ld_le32(f->data + at + 4) & 0x10000)
        return kernel_multiboot(r, f, NULL, at, p, err);
    if (kernel_is_elf(f->data, f->size))
        return prepare_elf(r, f, p, err);
    if (multiboot2_find(f, &at))
        return kernel_multiboot2(r, f, NULL, at, p, err);
    return kernel_bad(f, err,
                      "it is no kernel: neither a Linux bzImage nor an ELF "
                      "file, and without a Multiboot header");
}

bool kernel_prepare(const struct kernel_request *r, struct kernel_plan *p,
                    struct error *err)
{
    struct kernel_file f;
    bool ok;

    *p = (struct kernel_plan){.entry = 0};
    ok = kernel_read(&f, r->path, err) && prepare(r, &f, p, err);
    free(f.data);
    return ok;
}

void kernel_free(struct kernel_plan *p)
{
    for (unsigned n = 0; n < KERNEL_PIECES; n++) {
        free(p->piece[n].data);
        p->piece[n].data = NULL;
    }
}

/* ---- to the firmware ---- */

static const struct {
    uint8_t addr, size, data; /* keys */
} keys[KERNEL_PIECES] = {
    [PIECE_KERNEL] = {FWCFG_KERNEL_ADDR, FWCFG_KERNEL_SIZE, FWCFG_KERNEL_DATA},
    [PIECE_INITRD] = {FWCFG_INITRD_ADDR, FWCFG_INITRD_SIZE, FWCFG_INITRD_DATA},
    [PIECE_CMDLINE] = {FWCFG_CMDLINE_ADDR, FWCFG_CMDLINE_SIZE,
                       FWCFG_CMDLINE_DATA},
    [PIECE_SETUP] = {FWCFG_SETUP_ADDR, FWCFG_SETUP_SIZE, FWCFG_SETUP_DATA},
};

/* A byte on how to start it, and its name for the boot list. */
static bool offer_name(struct device *fwcfg, const struct kernel_plan *p,
                       const char *path)
{
    const char *base = strrchr(path, '/');
    char text[64];
    int n;

    base = base ? base + 1 : path;
    n = snprintf(text, sizeof text, "%c%.60s", (char)p->start, base);
    return fwcfg_add_file(fwcfg, "opt/org.klochs/kernel", text, (size_t)n);
}

static bool offer(struct device *fwcfg, struct kernel_plan *p, const char *path)
{
    for (unsigned n = 0; n < KERNEL_PIECES; n++) {
        struct kernel_bytes *b = &p->piece[n];

        if (!b->data)
            continue;
        if (!fwcfg_add_int(fwcfg, keys[n].addr, b->addr, 4) ||
            !fwcfg_add_int(fwcfg, keys[n].size, b->size, 4) ||
            !fwcfg_give_item(fwcfg, keys[n].data, b->data, b->size))
            return false;
        b->data = NULL;
    }
    return fwcfg_add_int(fwcfg, FWCFG_KERNEL_ENTRY, p->entry, 4) &&
           offer_name(fwcfg, p, path);
}

bool kernel_offer(const struct config *cfg, struct device *fwcfg, uint64_t ram,
                  struct error *err)
{
    const char *cmdline = config_text(cfg, "kernel", "cmdline");
    struct kernel_request r = {.path = config_text(cfg, "kernel", "path"),
                               .initrd = config_text(cfg, "kernel", "initrd"),
                               .cmdline = cmdline ? cmdline : "",
                               .ram = ram};
    struct kernel_plan p;
    bool ok;

    if (!r.path)
        return true;
    if (!fwcfg)
        return error_set(err, EXIT_USAGE,
                         "kernel: it reaches the firmware through the "
                         "configuration device; fw_cfg: enabled=1");
    ok = kernel_prepare(&r, &p, err);
    if (ok && !offer(fwcfg, &p, r.path))
        ok = error_set(err, EXIT_BAD_DATA,
                       "'%.150s': the pieces are too large for the "
                       "configuration device",
                       r.path);
    kernel_free(&p);
    return ok;
}
