/*
 * kernel_pvh.c - an ELF kernel with a PVH entry point (Linux's vmlinux).
 *
 * Xen's x86/HVM direct boot ABI: 32-bit, EBX is struct hvm_start_info, to
 * which the firmware adds the memory map and the RSDP.
 */
#include "machine/kernel_int.h"
#include <stdlib.h>

enum {
    MAGIC = 0x336ec578,
    VERSION = 1, /* with a memory map */
    INFO_AT = 0x9000,
    INFO_BYTES = 56,
    MODULE_BYTES = 32,
    CMDLINE_AT = 0x20000,
    CMDLINE_MAX = 0xffff,
};

static bool add_initrd(const struct kernel_request *r, struct kernel_plan *p,
                       struct error *err)
{
    const struct kernel_bytes *k = &p->piece[PIECE_KERNEL];
    struct kernel_bytes *b = &p->piece[PIECE_INITRD];
    uint64_t top = kernel_ram_end(r->ram) & ~UINT64_C(0xfff), at;
    struct kernel_file f;

    if (!r->initrd)
        return true;
    if (!kernel_read(&f, r->initrd, err)) {
        free(f.data);
        return false;
    }
    b->data = f.data;
    b->size = f.size;
    at = top < f.size ? 0 : (top - f.size) & ~UINT64_C(0xfff);
    if (at < (uint64_t)k->addr + k->size)
        return error_set(err, EXIT_BAD_DATA,
                         "'%.150s': %zu bytes of initrd do not fit into RAM "
                         "behind the kernel (memory: guest=)",
                         r->initrd, f.size);
    b->addr = (uint32_t)at;
    return true;
}

static bool add_info(struct kernel_plan *p, struct error *err)
{
    struct kernel_bytes *s = &p->piece[PIECE_SETUP];
    const struct kernel_bytes *initrd = &p->piece[PIECE_INITRD];

    if (!kernel_alloc(s, INFO_BYTES + MODULE_BYTES, err))
        return false;
    s->addr = INFO_AT;
    st_le32(s->data, MAGIC);
    st_le32(s->data + 4, VERSION);
    st_le64(s->data + 24, CMDLINE_AT);
    if (!initrd->size)
        return true;
    st_le32(s->data + 12, 1);
    st_le64(s->data + 16, INFO_AT + INFO_BYTES);
    st_le64(s->data + INFO_BYTES, initrd->addr);
    st_le64(s->data + INFO_BYTES + 8, initrd->size);
    return true;
}

bool kernel_pvh(const struct kernel_request *r, const struct elf_kernel *e,
                uint32_t entry, struct kernel_plan *p, struct error *err)
{
    struct kernel_bytes *line = &p->piece[PIECE_CMDLINE], low = {.size = 0};
    size_t length = strlen(r->cmdline);
    bool ok;

    p->start = KERNEL_PVH;
    p->entry = entry;
    ok = elf_lay_out(e, &low, &p->piece[PIECE_KERNEL], err);
    free(low.data);
    if (!ok)
        return false;
    if (low.size)
        return kernel_bad(e->f, err,
                          "a segment lies below 1 MiB, where the "
                          "information for PVH goes");
    if (entry - p->piece[PIECE_KERNEL].addr >= p->piece[PIECE_KERNEL].size)
        return kernel_bad(e->f, err, "its PVH entry point %#x is in no segment",
                          entry);
    if (length > CMDLINE_MAX)
        return error_set(err, EXIT_USAGE,
                         "'%.150s' takes a command line of %d characters, not "
                         "of %zu",
                         r->path, CMDLINE_MAX, length);
    if (!kernel_alloc(line, length + 1, err))
        return false;
    memcpy(line->data, r->cmdline, length);
    line->addr = CMDLINE_AT;
    return add_initrd(r, p, err) && add_info(p, err);
}
