/*
 * kernel_elf.c - ELF kernels: segments, entry point, PVH note, sections.
 *
 * System V ABI, chapters 4 and 5; the file is trusted nowhere.
 */
#include "machine/kernel_int.h"
#include <stdlib.h>

enum {
    EM_386 = 3,
    EM_X86_64 = 62,
    ET_EXEC = 2,
    ET_DYN = 3,
    PT_LOAD = 1,
    PT_NOTE = 4,
    XEN_PHYS32_ENTRY = 18,
    SHT_NULL = 0,
    SHT_NOBITS = 8,
    SHF_ALLOC = 2,
    SECTIONS_MAX = 512,
};

/* The size of ELF64's fields and offsets, and of ELF32's. */
struct header_form {
    uint8_t bytes, phoff, shoff, phentsize, phnum, shentsize, shnum, shstrndx;
    uint8_t phdr, shdr;
};

static const struct header_form forms[2] = {
    {52, 28, 32, 42, 44, 46, 48, 50, 32, 40},
    {64, 32, 40, 54, 56, 58, 60, 62, 56, 64},
};

static const uint8_t *bytes_at(const struct elf_kernel *e, uint64_t at)
{
    return e->f->data + at;
}

static bool inside(const struct elf_kernel *e, uint64_t at, uint64_t n)
{
    return at <= e->f->size && n <= e->f->size - at;
}

static uint64_t word(const struct elf_kernel *e, uint64_t at)
{
    return e->wide ? ld_le64(bytes_at(e, at)) : ld_le32(bytes_at(e, at));
}

static bool read_header(struct elf_kernel *e, struct error *err)
{
    const struct kernel_file *f = e->f;
    const struct header_form *h;
    unsigned machine;

    if (f->size < 64)
        return kernel_bad(f, err, "it is cut off within its ELF header");
    e->wide = f->data[4] == 2;
    h = &forms[e->wide];
    machine = ld_le16(f->data + 18);
    if ((f->data[4] != 1 && f->data[4] != 2) || f->data[5] != 1 ||
        (machine != EM_386 && machine != EM_X86_64))
        return kernel_bad(f, err, "the ELF file is not for x86 (machine %u)",
                          machine);
    if (ld_le16(f->data + 16) != ET_EXEC && ld_le16(f->data + 16) != ET_DYN)
        return kernel_bad(f, err,
                          "the ELF file is no program (type %u); is it "
                          "linked?",
                          ld_le16(f->data + 16));
    e->entry = word(e, 24);
    e->phoff = word(e, h->phoff);
    e->phnum = ld_le16(f->data + h->phnum);
    e->shoff = word(e, h->shoff);
    e->shnum = ld_le16(f->data + h->shnum);
    e->shentsize = h->shdr;
    e->shstrndx = ld_le16(f->data + h->shstrndx);
    if (!e->phnum || ld_le16(f->data + h->phentsize) != h->phdr ||
        !inside(e, e->phoff, (uint64_t)e->phnum * h->phdr))
        return kernel_bad(f, err, "its ELF program headers are damaged");
    if (ld_le16(f->data + h->shentsize) != h->shdr || e->shnum > SECTIONS_MAX ||
        !inside(e, e->shoff, (uint64_t)e->shnum * h->shdr))
        e->shnum = 0; /* stripped, or cut off: nobody needs them */
    return true;
}

/* ---- segments ---- */

static uint64_t phdr_at(const struct elf_kernel *e, unsigned n)
{
    return e->phoff + (uint64_t)n * forms[e->wide].phdr;
}

static void read_segment(const struct elf_kernel *e, unsigned n,
                         struct elf_segment *s)
{
    uint64_t at = phdr_at(e, n);

    if (e->wide)
        *s = (struct elf_segment){word(e, at + 8), word(e, at + 32),
                                  word(e, at + 24), word(e, at + 16),
                                  word(e, at + 40)};
    else
        *s = (struct elf_segment){word(e, at + 4), word(e, at + 16),
                                  word(e, at + 12), word(e, at + 8),
                                  word(e, at + 20)};
}

static bool in_ram(const struct elf_segment *s, uint64_t ram)
{
    uint64_t top = kernel_ram_end(ram);

    if (s->paddr >= KERNEL_HIGH)
        return s->paddr <= top && s->memory_bytes <= top - s->paddr;
    return s->paddr >= KERNEL_LOW && s->paddr <= KERNEL_LOW_END &&
           s->memory_bytes <= KERNEL_LOW_END - s->paddr;
}

static bool check_segment(const struct elf_kernel *e,
                          const struct elf_segment *s, uint64_t ram,
                          struct error *err)
{
    if (!inside(e, s->offset, s->file_bytes))
        return kernel_bad(e->f, err,
                          "it is cut off: a segment ends at byte %llu",
                          (unsigned long long)(s->offset + s->file_bytes));
    if (s->file_bytes > s->memory_bytes)
        return kernel_bad(e->f, err,
                          "a segment has more bytes in the file than in "
                          "memory");
    if (!in_ram(s, ram))
        return kernel_bad(e->f, err,
                          "a segment of %#llx bytes at %#llx is not in RAM "
                          "(%#x-%#x, %#x-%#llx; memory: guest=)",
                          (unsigned long long)s->memory_bytes,
                          (unsigned long long)s->paddr, KERNEL_LOW,
                          KERNEL_LOW_END - 1, KERNEL_HIGH,
                          (unsigned long long)kernel_ram_end(ram) - 1);
    return true;
}

/* Keeps the array in the order of addresses. */
static void insert(struct elf_kernel *e, const struct elf_segment *s)
{
    unsigned n = e->count++;

    for (; n && e->segment[n - 1].paddr > s->paddr; n--)
        e->segment[n] = e->segment[n - 1];
    e->segment[n] = *s;
}

bool elf_segments(struct elf_kernel *e, uint64_t ram, struct error *err)
{
    struct elf_segment s;

    for (unsigned n = 0; n < e->phnum; n++) {
        if (ld_le32(bytes_at(e, phdr_at(e, n))) != PT_LOAD)
            continue;
        read_segment(e, n, &s);
        if (!s.memory_bytes)
            continue;
        if (e->count == ELF_SEGMENTS)
            return kernel_bad(e->f, err, "it has more than %d segments",
                              ELF_SEGMENTS);
        if (!check_segment(e, &s, ram, err))
            return false;
        insert(e, &s);
    }
    for (unsigned n = 1; n < e->count; n++)
        if (e->segment[n].paddr - e->segment[n - 1].paddr <
            e->segment[n - 1].memory_bytes)
            return kernel_bad(e->f, err, "segments overlap at %#llx",
                              (unsigned long long)e->segment[n].paddr);
    return e->count || kernel_bad(e->f, err, "it has no segment to load");
}

bool elf_open(struct elf_kernel *e, const struct kernel_file *f,
              struct error *err)
{
    *e = (struct elf_kernel){.f = f};
    return read_header(e, err);
}

/* Entry points are virtual; of a kernel without paging they may be physical
 * all the same. */
bool elf_entry(const struct elf_kernel *e, uint32_t *entry, struct error *err)
{
    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned n = 0; n < e->count; n++) {
            const struct elf_segment *s = &e->segment[n];
            uint64_t from = pass ? s->paddr : s->vaddr;

            if (e->entry < from || e->entry - from >= s->memory_bytes)
                continue;
            *entry = (uint32_t)(s->paddr + (e->entry - from));
            return true;
        }
    return kernel_bad(e->f, err, "its entry point %#llx is in no segment",
                      (unsigned long long)e->entry);
}

/* Segments first to last, which end below or begin above 1 MiB. */
static bool flatten(const struct elf_kernel *e, unsigned first, unsigned end,
                    struct kernel_bytes *b, struct error *err)
{
    const struct elf_segment *s = &e->segment[first];
    const struct elf_segment *last = s + (end - first) - 1;

    if (first == end)
        return true;
    b->addr = (uint32_t)s->paddr;
    if (!kernel_alloc(b, (size_t)(last->paddr + last->memory_bytes - s->paddr),
                      err))
        return false;
    for (; s <= last; s++)
        memcpy(b->data + (s->paddr - b->addr), bytes_at(e, s->offset),
               (size_t)s->file_bytes);
    return true;
}

bool elf_lay_out(const struct elf_kernel *e, struct kernel_bytes *low,
                 struct kernel_bytes *high, struct error *err)
{
    unsigned n = 0;

    while (n < e->count && e->segment[n].paddr < KERNEL_HIGH)
        n++;
    return flatten(e, 0, n, low, err) && flatten(e, n, e->count, high, err);
}

/* ---- notes ---- */

static uint64_t aligned(uint64_t n)
{
    return (n + 3) & ~UINT64_C(3);
}

static bool note_entry(const struct elf_kernel *e, uint64_t at, uint64_t end,
                       uint32_t *entry)
{
    while (end - at >= 12) {
        const uint8_t *p = bytes_at(e, at);
        uint64_t name = ld_le32(p), value = ld_le32(p + 4);

        if (aligned(name) + aligned(value) > end - at - 12)
            return false;
        if (ld_le32(p + 8) == XEN_PHYS32_ENTRY && name == 4 &&
            !memcmp(p + 12, "Xen", 4) && value >= 4) {
            *entry = ld_le32(p + 16);
            return true;
        }
        at += 12 + aligned(name) + aligned(value);
    }
    return false;
}

bool elf_pvh_entry(const struct elf_kernel *e, uint32_t *entry)
{
    struct elf_segment s;

    for (unsigned n = 0; n < e->phnum; n++) {
        if (ld_le32(bytes_at(e, phdr_at(e, n))) != PT_NOTE)
            continue;
        read_segment(e, n, &s);
        if (inside(e, s.offset, s.file_bytes) &&
            note_entry(e, s.offset, s.offset + s.file_bytes, entry))
            return true;
    }
    return false;
}

/* ---- sections ---- */

struct shdr_form {
    uint8_t flags, addr, offset, size;
};

/* A section that is in no segment goes behind the kernel, so that it finds
 * its symbols there; address 0: there was no room. */
static bool load_section(const struct elf_kernel *e, uint64_t ram,
                         struct kernel_plan *p, uint8_t *header,
                         struct error *err)
{
    static const struct shdr_form shdr[2] = {{8, 12, 16, 20}, {8, 16, 24, 32}};
    const struct shdr_form *h = &shdr[e->wide];
    uint64_t offset =
        e->wide ? ld_le64(header + h->offset) : ld_le32(header + h->offset);
    uint64_t size =
        e->wide ? ld_le64(header + h->size) : ld_le32(header + h->size);
    uint32_t type = ld_le32(header + 4), addr;
    uint8_t *to;

    if (type == SHT_NULL || type == SHT_NOBITS || !size ||
        ld_le32(header + h->flags) & SHF_ALLOC)
        return true;
    if (!inside(e, offset, size))
        return kernel_bad(e->f, err,
                          "it is cut off: a section ends at byte "
                          "%llu",
                          (unsigned long long)(offset + size));
    to = kernel_append(p, ram, (size_t)size, &addr);
    if (!to)
        return true; /* debug information may be larger than RAM */
    memcpy(to, bytes_at(e, offset), (size_t)size);
    st_le32(header + h->addr, addr);
    return true;
}

bool elf_sections(const struct elf_kernel *e, uint64_t ram,
                  struct kernel_plan *p, struct kernel_bytes *out,
                  struct error *err)
{
    size_t size = (size_t)e->shnum * e->shentsize;

    if (!size)
        return true;
    if (!kernel_alloc(out, size, err))
        return false;
    memcpy(out->data, bytes_at(e, e->shoff), size);
    for (unsigned n = 1; n < e->shnum; n++)
        if (!load_section(e, ram, p, out->data + (size_t)n * e->shentsize, err))
            return false;
    return true;
}
