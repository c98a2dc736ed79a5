/*
 * kernel_linux.c - a Linux bzImage: real-mode setup, kernel, initrd.
 *
 * The Linux/x86 Boot Protocol, versions 2.00 to 2.15, by the 16-bit entry
 * point, which every kernel has. Offsets count from the start of the file.
 */
#include "machine/kernel_int.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    SETUP_SECTS = 0x1f1,
    SYSSIZE = 0x1f4, /* of 16 bytes; 4 bytes from 2.04 on */
    VID_MODE = 0x1fa,
    OLD_CL_MAGIC = 0x20,
    OLD_CL_OFFSET = 0x22,
    VERSION = 0x206,
    KERNEL_VERSION = 0x20e, /* where its text is, less 200h */
    TYPE_OF_LOADER = 0x210,
    LOADFLAGS = 0x211,
    RAMDISK_IMAGE = 0x218,
    RAMDISK_SIZE = 0x21c,
    HEAP_END_PTR = 0x224,
    CMD_LINE_PTR = 0x228,
    INITRD_ADDR_MAX = 0x22c,
    CMDLINE_SIZE = 0x238,
    PREF_ADDRESS = 0x258,
    INIT_SIZE = 0x260,
    HEADER_END = 0x264,

    LOADED_HIGH = 0x01,
    CAN_USE_HEAP = 0x80,
    LOADER_UNDEFINED = 0xff,

    /* Where the setup code lies, with its heap and stack, then the command
     * line; kernels before 2.02 want it at 90000h. */
    SETUP_AT = 0x10000,
    OLD_SETUP_AT = 0x90000,
    HEAP_END = 0xe000,
    OLD_HEAP_END = 0x9800,
    OLD_CMDLINE_MAX = 255,
    KERNEL_AT = 0x100000,
};

struct linux_file {
    const struct kernel_file *f;
    unsigned version;
    size_t setup_bytes, kernel_bytes;
};

/* Bytes of the header that the version has are there: the file is as long as
 * its setup part, which has at least 1 KiB. */
static bool check_sizes(struct linux_file *l, struct error *err)
{
    const struct kernel_file *f = l->f;
    unsigned sectors = f->data[SETUP_SECTS];
    uint64_t system;

    l->setup_bytes = ((sectors ? sectors : 4u) + 1u) * 512u;
    if (f->size <= l->setup_bytes)
        return kernel_bad(f, err, "it is cut off within its setup code");
    l->kernel_bytes = f->size - l->setup_bytes;
    system = l->version >= 0x204 ? ld_le32(f->data + SYSSIZE)
                                 : ld_le16(f->data + SYSSIZE);
    /* The last unit of 16 bytes may be a part of one. */
    if (system * 16 > l->kernel_bytes + 15)
        return kernel_bad(f, err, "it is cut off: %zu bytes of %llu are there",
                          l->kernel_bytes, (unsigned long long)system * 16);
    return true;
}

static bool check(struct linux_file *l, const struct kernel_request *r,
                  struct error *err)
{
    const struct kernel_file *f = l->f;
    size_t line = strlen(r->cmdline), most = OLD_CMDLINE_MAX;

    if (f->size < HEADER_END)
        return kernel_bad(f, err, "it is cut off within its header");
    l->version = ld_le16(f->data + VERSION);
    if (l->version < 0x200)
        return kernel_bad(f, err, "it has boot protocol %u.%02u, before 2.00",
                          l->version >> 8, l->version & 255);
    if (!(f->data[LOADFLAGS] & LOADED_HIGH))
        return kernel_bad(f, err,
                          "it is a zImage, for low memory; a bzImage is "
                          "needed");
    if (!check_sizes(l, err))
        return false;
    if (l->setup_bytes > (l->version >= 0x202 ? HEAP_END : OLD_HEAP_END) - 4096)
        return kernel_bad(f, err, "its setup code is too large: %zu bytes",
                          l->setup_bytes);
    if (l->version >= 0x206)
        most = ld_le32(f->data + CMDLINE_SIZE);
    if (line > most || line > 0xffff)
        return error_set(err, EXIT_USAGE,
                         "'%.150s' takes a command line of %zu characters, not "
                         "of %zu",
                         f->path, most < 0xffff ? most : 0xffff, line);
    return true;
}

/* ---- what a boot loader fills in ---- */

/* vga= is for the boot loader: a number, or one of three words. */
static uint16_t video_mode(const char *cmdline)
{
    const char *p = cmdline, *last = NULL;

    for (; (p = strstr(p, "vga=")); p += 4)
        if (p == cmdline || p[-1] == ' ')
            last = p + 4;
    if (!last)
        return 0xffff;
    if (!strncmp(last, "normal", 6))
        return 0xffff;
    if (!strncmp(last, "ext", 3))
        return 0xfffe;
    if (!strncmp(last, "ask", 3))
        return 0xfffd;
    return isdigit((unsigned char)*last) ? (uint16_t)strtoul(last, NULL, 0)
                                         : 0xffff;
}

static bool add_cmdline(const struct linux_file *l,
                        const struct kernel_request *r, struct kernel_plan *p,
                        struct error *err)
{
    struct kernel_bytes *setup = &p->piece[PIECE_SETUP];
    struct kernel_bytes *line = &p->piece[PIECE_CMDLINE];
    bool old = l->version < 0x202;

    if (!kernel_alloc(line, strlen(r->cmdline) + 1, err))
        return false;
    memcpy(line->data, r->cmdline, line->size);
    line->addr = setup->addr + (old ? OLD_HEAP_END : HEAP_END);
    if (!old) {
        st_le32(setup->data + CMD_LINE_PTR, line->addr);
    } else {
        st_le16(setup->data + OLD_CL_MAGIC, 0xa33f);
        st_le16(setup->data + OLD_CL_OFFSET, OLD_HEAP_END);
    }
    return true;
}

static bool add_setup(const struct linux_file *l,
                      const struct kernel_request *r, struct kernel_plan *p,
                      struct error *err)
{
    struct kernel_bytes *setup = &p->piece[PIECE_SETUP];
    bool old = l->version < 0x202;

    if (!kernel_alloc(setup, l->setup_bytes, err))
        return false;
    memcpy(setup->data, l->f->data, l->setup_bytes);
    setup->addr = old ? OLD_SETUP_AT : SETUP_AT;
    setup->data[TYPE_OF_LOADER] = LOADER_UNDEFINED;
    st_le16(setup->data + VID_MODE, video_mode(r->cmdline));
    if (l->version >= 0x201) {
        setup->data[LOADFLAGS] |= CAN_USE_HEAP;
        st_le16(setup->data + HEAP_END_PTR,
                (uint16_t)((old ? OLD_HEAP_END : HEAP_END) - 0x200));
    }
    return add_cmdline(l, r, p, err);
}

/* The first byte behind what the kernel needs while it unpacks itself. */
static uint64_t kernel_end(const struct linux_file *l)
{
    uint64_t end = KERNEL_AT + (uint64_t)l->kernel_bytes;
    uint64_t preferred = ld_le64(l->f->data + PREF_ADDRESS);
    uint32_t needed = ld_le32(l->f->data + INIT_SIZE);

    if (l->version >= 0x20a && preferred < UINT32_MAX &&
        preferred + needed > end)
        end = preferred + needed;
    return end;
}

static bool add_kernel(const struct linux_file *l,
                       const struct kernel_request *r, struct kernel_plan *p,
                       struct error *err)
{
    struct kernel_bytes *k = &p->piece[PIECE_KERNEL];

    if (kernel_end(l) > kernel_ram_end(r->ram))
        return kernel_bad(
            l->f, err, "it needs %llu MiB of RAM (memory: guest=)",
            (unsigned long long)(kernel_end(l) + KERNEL_ACPI + 0xfffff) >> 20);
    if (!kernel_alloc(k, l->kernel_bytes, err))
        return false;
    memcpy(k->data, l->f->data + l->setup_bytes, l->kernel_bytes);
    k->addr = KERNEL_AT;
    return true;
}

/* As high as it may be, where nothing of the kernel comes. */
static bool add_initrd(const struct linux_file *l,
                       const struct kernel_request *r, struct kernel_plan *p,
                       struct error *err)
{
    struct kernel_bytes *setup = &p->piece[PIECE_SETUP];
    struct kernel_bytes *b = &p->piece[PIECE_INITRD];
    uint64_t top = kernel_ram_end(r->ram);
    uint64_t most = l->version >= 0x203
                        ? (uint64_t)ld_le32(l->f->data + INITRD_ADDR_MAX) + 1
                        : 0x38000000;
    struct kernel_file f;

    if (!r->initrd)
        return true;
    if (!kernel_read(&f, r->initrd, err)) {
        free(f.data);
        return false;
    }
    b->data = f.data;
    b->size = f.size;
    if (top > most)
        top = most;
    top &= ~(uint64_t)0xfff;
    if (top < f.size || ((top - f.size) & ~(uint64_t)0xfff) < kernel_end(l))
        return error_set(err, EXIT_BAD_DATA,
                         "'%.150s': %zu bytes of initrd do not fit into RAM "
                         "behind the kernel (memory: guest=)",
                         r->initrd, f.size);
    b->addr = (uint32_t)((top - f.size) & ~(uint64_t)0xfff);
    st_le32(setup->data + RAMDISK_IMAGE, b->addr);
    st_le32(setup->data + RAMDISK_SIZE, (uint32_t)b->size);
    return true;
}

/* "6.1.0-50-amd64 (debian-kernel@...": the first word. */
static size_t read_version(const struct kernel_file *f, char *text, size_t size)
{
    size_t at = ld_le16(f->data + KERNEL_VERSION) + 0x200u, n = 0;

    while (at > 0x200 && at + n < f->size && n + 1 < size &&
           f->data[at + n] > ' ' && f->data[at + n] < 0x7f &&
           f->data[at + n] != '/') {
        text[n] = (char)f->data[at + n];
        n++;
    }
    text[n] = 0;
    return n;
}

bool kernel_version(const char *path, char *text, size_t size)
{
    struct kernel_file f;
    struct error err;
    bool ok = kernel_read(&f, path, &err) && f.size >= HEADER_END &&
              kernel_is_linux(f.data, f.size) && read_version(&f, text, size);

    free(f.data);
    return ok;
}

bool kernel_linux(const struct kernel_request *r, const struct kernel_file *f,
                  struct kernel_plan *p, struct error *err)
{
    struct linux_file l = {.f = f};

    p->start = KERNEL_LINUX;
    if (!check(&l, r, err))
        return false;
    return add_setup(&l, r, p, err) && add_kernel(&l, r, p, err) &&
           add_initrd(&l, r, p, err);
}
