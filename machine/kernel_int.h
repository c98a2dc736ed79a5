/*
 * kernel_int.h - what the readers of kernel files share.
 */
#ifndef MACHINE_KERNEL_INT_H
#define MACHINE_KERNEL_INT_H

#include "machine/kernel.h"

/* RAM as the firmware leaves it (bios/post/memory.c): below the EBDA, above
 * the BIOS data area; from 1 MiB to the ACPI tables at the top. */
enum {
    KERNEL_LOW = 0x600,
    KERNEL_LOW_END = 0x9f000,
    KERNEL_HIGH = 0x100000,
    KERNEL_ACPI = 0x11000,
    KERNEL_MAP_ROOM = 1024, /* for its memory map, behind the information */
};

struct kernel_file {
    const char *path;
    uint8_t *data; /* owned */
    size_t size;
};

/* A regular file as a whole. */
bool kernel_read(struct kernel_file *f, const char *path, struct error *err);
/* Sets err: "PATH: why" with EXIT_BAD_DATA. Returns false. */
bool kernel_bad(const struct kernel_file *f, struct error *err, const char *fmt,
                ...) PRINTF_LIKE(3, 4);
/* Zeros, or false with "out of memory". */
bool kernel_alloc(struct kernel_bytes *b, size_t size, struct error *err);
/* The first byte above all RAM that a kernel may have. */
uint64_t kernel_ram_end(uint64_t ram);

/* kernel_linux.c */
bool kernel_linux(const struct kernel_request *r, const struct kernel_file *f,
                  struct kernel_plan *p, struct error *err);

/* ---- ELF (kernel_elf.c) ---- */

struct elf_segment {
    uint64_t offset, file_bytes, paddr, vaddr, memory_bytes;
};

enum { ELF_SEGMENTS = 64 };

struct elf_kernel {
    const struct kernel_file *f;
    bool wide; /* ELF64 */
    uint64_t entry;
    unsigned count; /* PT_LOAD segments with memory, by address */
    struct elf_segment segment[ELF_SEGMENTS];
    uint64_t phoff;
    unsigned phnum;
    uint64_t shoff;
    unsigned shnum, shentsize, shstrndx;
};

/* The headers. */
bool elf_open(struct elf_kernel *e, const struct kernel_file *f,
              struct error *err);
/* The segments: file, RAM, overlaps. Needed for what follows. */
bool elf_segments(struct elf_kernel *e, uint64_t ram, struct error *err);
/* The physical address of the entry point. */
bool elf_entry(const struct elf_kernel *e, uint32_t *entry, struct error *err);
/* The segments below 1 MiB and those above: two pieces; each may be empty. */
bool elf_lay_out(const struct elf_kernel *e, struct kernel_bytes *low,
                 struct kernel_bytes *high, struct error *err);
/* XEN_ELFNOTE_PHYS32_ENTRY; false: there is none. */
bool elf_pvh_entry(const struct elf_kernel *e, uint32_t *entry);

/* kernel_pvh.c */
bool kernel_pvh(const struct kernel_request *r, const struct elf_kernel *e,
                uint32_t entry, struct kernel_plan *p, struct error *err);

/* ---- Multiboot (kernel_multiboot.c, kernel_modules.c) ---- */

/* The offset of a header of version 1 or 2; false: there is none. */
bool multiboot_find(const struct kernel_file *f, size_t *at);
bool multiboot2_find(const struct kernel_file *f, size_t *at);
/* `e` is NULL when the file is no ELF file. */
bool kernel_multiboot(const struct kernel_request *r,
                      const struct kernel_file *f, const struct elf_kernel *e,
                      size_t at, struct kernel_plan *p, struct error *err);
bool kernel_multiboot2(const struct kernel_request *r,
                       const struct kernel_file *f, const struct elf_kernel *e,
                       size_t at, struct kernel_plan *p, struct error *err);

/* The addresses of a header that describes the file itself. */
struct multiboot_addresses {
    uint32_t header, load, load_end, bss_end, entry;
};
bool multiboot_lay_out(const struct kernel_request *r,
                       const struct kernel_file *f, size_t at,
                       const struct multiboot_addresses *a,
                       struct kernel_plan *p, struct error *err);

/* Modules and sections, behind the kernel in its piece. */
enum { MODULES = 32 };

struct kernel_module {
    const char *text; /* "FILE ARGS", in `words` */
    size_t text_bytes;
    uint32_t start, end;
};

struct kernel_modules {
    unsigned count;
    struct kernel_module m[MODULES];
};

bool modules_load(const struct kernel_request *r, struct kernel_plan *p,
                  struct kernel_modules *out, struct error *err);
/* Makes room for `size` bytes behind the high piece, at a page; NULL: there is
 * not that much RAM. */
uint8_t *kernel_append(struct kernel_plan *p, uint64_t ram, size_t size,
                       uint32_t *addr);
/* The section headers, with the sections that no segment holds loaded behind
 * the kernel and their addresses filled in. Empty: there are none. */
bool elf_sections(const struct elf_kernel *e, uint64_t ram,
                  struct kernel_plan *p, struct kernel_bytes *out,
                  struct error *err);
/* A place for the information of `size` bytes and the map behind it. */
bool multiboot_place(const struct kernel_request *r, struct kernel_plan *p,
                     size_t size, struct error *err);

#endif
