/*
 * kernel_multiboot2.c - kernels of the Multiboot2 Specification 2.0.
 *
 * The information is a list of tags in the piece INITRD; the firmware ends it
 * with memory sizes, memory map and RSDP. Not given: boot device, VBE, APM,
 * SMBIOS, EFI, network, load base. Kernels are not relocated.
 */
#include "machine/kernel_int.h"
#include <stdlib.h>

#define MAGIC 0xe85250d6u

enum {
    SEARCH = 32768,
    I386 = 0,
    OPTIONAL = 1,

    /* Tags of the header. */
    H_END = 0,
    H_REQUEST,
    H_ADDRESS,
    H_ENTRY,
    H_CONSOLE,
    H_SCREEN,
    H_ALIGN,
    H_EFI,
    H_EFI_ENTRY32,
    H_EFI_ENTRY64,
    H_RELOCATABLE,

    /* Tags of the information. */
    T_CMDLINE = 1,
    T_LOADER = 2,
    T_MODULE = 3,
    T_MEMORY = 4,
    T_MAP = 6,
    T_SCREEN = 8,
    T_SECTIONS = 9,
    T_RSDP_OLD = 14,
    T_RSDP = 15,
};

static const char loader[] = "Klochs";

bool multiboot2_find(const struct kernel_file *f, size_t *at)
{
    for (*at = 0; *at + 16 <= f->size && *at + 16 <= SEARCH; *at += 8) {
        const uint8_t *p = f->data + *at;

        if (ld_le32(p) == MAGIC &&
            !(uint32_t)(MAGIC + ld_le32(p + 4) + ld_le32(p + 8) +
                        ld_le32(p + 12)))
            return true;
    }
    return false;
}

/* ---- what the kernel asks for ---- */

struct wishes {
    bool has_addresses, has_entry;
    struct multiboot_addresses a;
};

static bool is_given(uint32_t tag)
{
    return tag == T_CMDLINE || tag == T_LOADER || tag == T_MODULE ||
           tag == T_MEMORY || tag == T_MAP || tag == T_SCREEN ||
           tag == T_SECTIONS || tag == T_RSDP_OLD || tag == T_RSDP;
}

/* A tag of n bytes, header and all; they are there. */
static bool read_tag(const struct kernel_file *f, const uint8_t *t, size_t n,
                     struct wishes *w, struct error *err)
{
    unsigned type = ld_le16(t);
    bool optional = ld_le16(t + 2) & OPTIONAL;

    switch (type) {
    case H_REQUEST:
        for (size_t k = 8; k + 4 <= n && !optional; k += 4)
            if (!is_given(ld_le32(t + k)))
                return kernel_bad(f, err,
                                  "its Multiboot2 header asks for information "
                                  "%u, which is not there",
                                  ld_le32(t + k));
        return true;
    case H_ADDRESS:
        if (n < 24)
            break;
        w->has_addresses = true;
        w->a.header = ld_le32(t + 8);
        w->a.load = ld_le32(t + 12);
        w->a.load_end = ld_le32(t + 16);
        w->a.bss_end = ld_le32(t + 20);
        return true;
    case H_ENTRY:
        if (n < 12)
            break;
        w->has_entry = true;
        w->a.entry = ld_le32(t + 8);
        return true;
    case H_CONSOLE:
    case H_SCREEN:
    case H_ALIGN:
    case H_EFI:
    case H_EFI_ENTRY32:
    case H_EFI_ENTRY64:
    case H_RELOCATABLE:
        return true;
    default:
        if (optional)
            return true;
        return kernel_bad(f, err,
                          "its Multiboot2 header has tag %u, which is not "
                          "known",
                          type);
    }
    return kernel_bad(f, err, "tag %u of its Multiboot2 header is too short",
                      type);
}

static bool read_header(const struct kernel_file *f, size_t at,
                        struct wishes *w, struct error *err)
{
    const uint8_t *h = f->data + at;
    size_t length = ld_le32(h + 8), k = 16;

    if (ld_le32(h + 4) != I386)
        return kernel_bad(f, err, "its Multiboot2 header is not for x86");
    if (length < 16 || length > f->size - at)
        return kernel_bad(f, err, "its Multiboot2 header is cut off");
    while (length - k >= 8) {
        size_t n = ld_le32(h + k + 4);

        if (n < 8 || n > length - k)
            return kernel_bad(f, err, "its Multiboot2 header is damaged");
        if (ld_le16(h + k) == H_END)
            return true;
        if (!read_tag(f, h + k, n, w, err))
            return false;
        n = (n + 7) & ~(size_t)7;
        if (n > length - k)
            break;
        k += n;
    }
    return true;
}

static bool lay_out(const struct kernel_request *r, const struct kernel_file *f,
                    const struct elf_kernel *e, size_t at, struct wishes *w,
                    struct kernel_plan *p, struct error *err)
{
    if (w->has_addresses) {
        if (!w->has_entry)
            return kernel_bad(f, err,
                              "its Multiboot2 header has addresses and no "
                              "entry point");
        if (w->a.load == UINT32_MAX && at <= w->a.header)
            w->a.load = w->a.header - (uint32_t)at; /* the whole file */
        return multiboot_lay_out(r, f, at, &w->a, p, err);
    }
    if (!e)
        return kernel_bad(f, err,
                          "it is no ELF file, and its Multiboot2 header has "
                          "no addresses");
    if (!elf_lay_out(e, &p->piece[PIECE_CMDLINE], &p->piece[PIECE_KERNEL], err))
        return false;
    p->entry = w->a.entry; /* physical */
    return w->has_entry || elf_entry(e, &p->entry, err);
}

/* ---- the information ---- */

enum { TAG_HEADER = 8, SCREEN_BYTES = 32, SECTIONS_HEADER = 20 };

static size_t room_for(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

struct writer {
    uint8_t *at;
};

/* Returns where the tag's own data go. */
static uint8_t *tag(struct writer *w, unsigned type, size_t bytes)
{
    uint8_t *t = w->at;

    st_le32(t, type);
    st_le32(t + 4, (uint32_t)bytes);
    w->at += room_for(bytes);
    return t + TAG_HEADER;
}

static void put_text(struct writer *w, unsigned type, const char *text)
{
    size_t n = strlen(text) + 1;

    memcpy(tag(w, type, TAG_HEADER + n), text, n);
}

/* The text screen, as POST has set it. */
static void put_screen(struct writer *w)
{
    uint8_t *s = tag(w, T_SCREEN, SCREEN_BYTES);

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
    uint8_t *s = tag(w, T_SECTIONS, SECTIONS_HEADER + sections->size);

    st_le32(s, e->shnum);
    st_le32(s + 4, e->shentsize);
    st_le32(s + 8, e->shstrndx);
    memcpy(s + 12, sections->data, sections->size);
}

static bool make_info(const struct kernel_request *r,
                      const struct elf_kernel *e,
                      const struct kernel_modules *mods,
                      const struct kernel_bytes *sections,
                      struct kernel_plan *p, struct error *err)
{
    size_t size = 8 + room_for(TAG_HEADER + strlen(r->cmdline) + 1) +
                  room_for(TAG_HEADER + sizeof loader) + SCREEN_BYTES;
    struct writer w;

    for (unsigned n = 0; n < mods->count; n++)
        size += room_for(TAG_HEADER + 9 + mods->m[n].text_bytes);
    if (sections->size)
        size += room_for(SECTIONS_HEADER + sections->size);
    if (!multiboot_place(r, p, size, err))
        return false;
    w.at = p->piece[PIECE_INITRD].data + 8;
    put_text(&w, T_CMDLINE, r->cmdline);
    put_text(&w, T_LOADER, loader);
    put_screen(&w);
    for (unsigned n = 0; n < mods->count; n++) {
        const struct kernel_module *m = &mods->m[n];
        uint8_t *t = tag(&w, T_MODULE, TAG_HEADER + 9 + m->text_bytes);

        st_le32(t, m->start);
        st_le32(t + 4, m->end);
        memcpy(t + 8, m->text, m->text_bytes);
    }
    if (sections->size)
        put_sections(&w, e, sections);
    return true;
}

/* The entry is where something was loaded. */
static bool check_entry(const struct kernel_file *f,
                        const struct kernel_plan *p, struct error *err)
{
    const struct kernel_bytes *low = &p->piece[PIECE_CMDLINE];
    const struct kernel_bytes *high = &p->piece[PIECE_KERNEL];

    if (p->entry - low->addr < low->size || p->entry - high->addr < high->size)
        return true;
    return kernel_bad(f, err, "its entry point %#x is outside of it", p->entry);
}

bool kernel_multiboot2(const struct kernel_request *r,
                       const struct kernel_file *f, const struct elf_kernel *e,
                       size_t at, struct kernel_plan *p, struct error *err)
{
    struct kernel_bytes sections = {.size = 0};
    struct wishes w = {.has_entry = false};
    struct kernel_modules mods;
    bool ok;

    p->start = KERNEL_MULTIBOOT2;
    ok = read_header(f, at, &w, err) && lay_out(r, f, e, at, &w, p, err) &&
         check_entry(f, p, err) &&
         (!e || elf_sections(e, r->ram, p, &sections, err)) &&
         modules_load(r, p, &mods, err) &&
         make_info(r, e, &mods, &sections, p, err);
    free(sections.data);
    return ok;
}
