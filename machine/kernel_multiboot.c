/*
 * kernel_multiboot.c - kernels of the Multiboot Specification 0.6.96.
 *
 * The information goes to the piece INITRD, as QEMU's firmware expects it; the
 * firmware adds memory sizes and the memory map behind it. Not given: drives,
 * the configuration table, APM, VBE.
 */
#include "machine/kernel_int.h"
#include <stdlib.h>

enum {
    SEARCH = 8192,
    MAGIC = 0x1badb002,
    WANTS_UNKNOWN = 0xfff8, /* bits 3-15: nobody has defined them */
    HAS_ADDRESSES = 0x10000,

    /* The information and its flags. */
    INFO_BYTES = 116,
    I_CMDLINE = 16,
    I_MODS_COUNT = 20,
    I_MODS = 24,
    I_SECTIONS = 28, /* number, size of one, address, index of names */
    I_LOADER = 64,
    I_SCREEN = 88,
    F_CMDLINE = 0x4,
    F_MODS = 0x8,
    F_SECTIONS = 0x20,
    F_LOADER = 0x200,
    F_SCREEN = 0x1000,
    MODULE_BYTES = 16,
};

static const char loader[] = "Klochs";

bool multiboot_find(const struct kernel_file *f, size_t *at)
{
    for (*at = 0; *at + 12 <= f->size && *at + 12 <= SEARCH; *at += 4) {
        const uint8_t *p = f->data + *at;

        if (ld_le32(p) == MAGIC &&
            !(uint32_t)(MAGIC + ld_le32(p + 4) + ld_le32(p + 8)))
            return true;
    }
    return false;
}

/* ---- a file that says itself where it goes ---- */

static bool check_addresses(const struct kernel_file *f, size_t at,
                            const struct multiboot_addresses *a,
                            struct error *err)
{
    if (a->header < a->load || a->header - a->load > at)
        return kernel_bad(f, err,
                          "its Multiboot header says load at %#x, with "
                          "the header at %#x, which is byte %zu of the file",
                          a->load, a->header, at);
    if (a->load_end && a->load_end < a->load)
        return kernel_bad(f, err, "its Multiboot header ends before it begins");
    if (a->load_end &&
        a->load_end - a->load > f->size - (at - (a->header - a->load)))
        return kernel_bad(f, err,
                          "it is cut off: the Multiboot header says %u "
                          "bytes",
                          a->load_end - a->load);
    return true;
}

bool multiboot_lay_out(const struct kernel_request *r,
                       const struct kernel_file *f, size_t at,
                       const struct multiboot_addresses *a,
                       struct kernel_plan *p, struct error *err)
{
    uint64_t top = kernel_ram_end(r->ram), end;
    bool low = a->load < KERNEL_HIGH;
    struct kernel_bytes *b = &p->piece[low ? PIECE_CMDLINE : PIECE_KERNEL];
    size_t from, bytes;

    if (!check_addresses(f, at, a, err))
        return false;
    from = at - (a->header - a->load);
    bytes = a->load_end ? a->load_end - a->load : f->size - from;
    end = (uint64_t)a->load + bytes;
    if (a->bss_end > end)
        end = a->bss_end;
    if (low ? a->load < KERNEL_LOW || end > KERNEL_LOW_END : end > top)
        return kernel_bad(f, err,
                          "%#x-%#llx is not in RAM (%#x-%#x, %#x-%#llx; "
                          "memory: guest=)",
                          a->load, (unsigned long long)end - 1, KERNEL_LOW,
                          KERNEL_LOW_END - 1, KERNEL_HIGH,
                          (unsigned long long)top - 1);
    if (a->entry < a->load || a->entry >= end)
        return kernel_bad(f, err, "its entry point %#x is outside of it",
                          a->entry);
    if (!kernel_alloc(b, (size_t)(end - a->load), err))
        return false;
    memcpy(b->data, f->data + from, bytes);
    b->addr = a->load;
    p->entry = a->entry;
    return true;
}

static bool by_header(const struct kernel_request *r,
                      const struct kernel_file *f, size_t at,
                      struct kernel_plan *p, struct error *err)
{
    const uint8_t *h = f->data + at;
    struct multiboot_addresses a;

    if (f->size - at < 32)
        return kernel_bad(f, err, "it is cut off within its Multiboot header");
    a = (struct multiboot_addresses){ld_le32(h + 12), ld_le32(h + 16),
                                     ld_le32(h + 20), ld_le32(h + 24),
                                     ld_le32(h + 28)};
    return multiboot_lay_out(r, f, at, &a, p, err);
}

/* ---- the information ---- */

struct writer {
    struct kernel_bytes *b;
    size_t at;
};

/* Copies behind what is there; returns the guest's address. */
static uint32_t put(struct writer *w, const void *data, size_t n)
{
    uint32_t addr = w->b->addr + (uint32_t)w->at;

    memcpy(w->b->data + w->at, data, n);
    w->at += (n + 4) & ~(size_t)3; /* a zero ends texts */
    return addr;
}

static size_t room_for(size_t n)
{
    return (n + 4) & ~(size_t)3;
}

static void put_modules(struct writer *w, const struct kernel_modules *mods)
{
    uint8_t *info = w->b->data, *list = info + w->at;

    st_le32(info + I_MODS_COUNT, mods->count);
    st_le32(info + I_MODS, w->b->addr + (uint32_t)w->at);
    w->at += (size_t)mods->count * MODULE_BYTES;
    for (unsigned n = 0; n < mods->count; n++, list += MODULE_BYTES) {
        const struct kernel_module *m = &mods->m[n];

        st_le32(list, m->start);
        st_le32(list + 4, m->end);
        st_le32(list + 8, put(w, m->text, m->text_bytes));
    }
}

/* The text screen, as POST has set it. */
static void put_screen(uint8_t *info)
{
    uint8_t *s = info + I_SCREEN;

    st_le64(s, 0xb8000);
    st_le32(s + 8, 160);
    st_le32(s + 12, 80);
    st_le32(s + 16, 25);
    s[20] = 16;
    s[21] = 2;
}

static void put_sections(struct writer *w, const struct elf_kernel *e,
                         const struct kernel_bytes *sections)
{
    uint8_t *info = w->b->data;

    st_le32(info + I_SECTIONS, e->shnum);
    st_le32(info + I_SECTIONS + 4, e->shentsize);
    st_le32(info + I_SECTIONS + 8, put(w, sections->data, sections->size));
    st_le32(info + I_SECTIONS + 12, e->shstrndx);
}

static bool make_info(const struct kernel_request *r,
                      const struct elf_kernel *e,
                      const struct kernel_modules *mods,
                      const struct kernel_bytes *sections,
                      struct kernel_plan *p, struct error *err)
{
    size_t size = INFO_BYTES + room_for(strlen(r->cmdline)) +
                  room_for(sizeof loader) + room_for(sections->size) +
                  (size_t)mods->count * MODULE_BYTES;
    struct writer w = {&p->piece[PIECE_INITRD], INFO_BYTES};
    uint32_t flags = F_CMDLINE | F_MODS | F_LOADER | F_SCREEN;
    uint8_t *info;

    for (unsigned n = 0; n < mods->count; n++)
        size += room_for(mods->m[n].text_bytes);
    if (!multiboot_place(r, p, size, err))
        return false;
    info = w.b->data;
    st_le32(info + I_CMDLINE, put(&w, r->cmdline, strlen(r->cmdline)));
    st_le32(info + I_LOADER, put(&w, loader, strlen(loader)));
    put_modules(&w, mods);
    put_screen(info);
    if (sections->size) {
        put_sections(&w, e, sections);
        flags |= F_SECTIONS;
    }
    st_le32(info, flags);
    return true;
}

bool kernel_multiboot(const struct kernel_request *r,
                      const struct kernel_file *f, const struct elf_kernel *e,
                      size_t at, struct kernel_plan *p, struct error *err)
{
    uint32_t flags = ld_le32(f->data + at + 4);
    struct kernel_bytes sections = {.size = 0};
    struct kernel_modules mods;
    bool ok;

    p->start = KERNEL_MULTIBOOT;
    if (flags & WANTS_UNKNOWN)
        return kernel_bad(f, err,
                          "its Multiboot header asks for what is not there: "
                          "flags %#x",
                          flags);
    if (!e && !(flags & HAS_ADDRESSES))
        return kernel_bad(f, err,
                          "it is no ELF file, and its Multiboot header has no "
                          "addresses");
    ok = e ? elf_entry(e, &p->entry, err) &&
                 elf_lay_out(e, &p->piece[PIECE_CMDLINE],
                             &p->piece[PIECE_KERNEL], err) &&
                 elf_sections(e, r->ram, p, &sections, err)
           : by_header(r, f, at, p, err);
    ok = ok && modules_load(r, p, &mods, err) &&
         make_info(r, e, &mods, &sections, p, err);
    free(sections.data);
    return ok;
}
