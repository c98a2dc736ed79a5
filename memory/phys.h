/*
 * phys.h - the physical address space: RAM, ROM, memory-mapped devices.
 *
 * The space is a list of regions with priorities; where two overlap the
 * higher one shows. From it a flat, sorted view is made whenever the map
 * changes (PAM, SMRAM, BARs, A20), and everyone who caches translations is
 * told. Guest RAM is one lazily touched host allocation; below 4 GiB a hole
 * is left for devices and the rest of RAM starts at 4 GiB.
 */
#ifndef MEMORY_PHYS_H
#define MEMORY_PHYS_H

#include "core/base.h"
#include "core/err.h"
#include "core/log.h"
#include "core/out.h"

#define PAGE_SHIFT    12
#define PAGE_SIZE     4096u
#define PAGE_MASK     4095u

#define PHYS_BITS_MAX 40 /* addresses wider than this read as unmapped */

struct phys;
struct phys_region;

/* Accesses arrive with size 1, 2, 4 or 8, never crossing a page; `off` is
 * relative to the region. */
struct mmio_ops {
    uint64_t (*read)(void *opaque, uint64_t off, unsigned size);
    void (*write)(void *opaque, uint64_t off, uint64_t value, unsigned size);
};

enum region_kind {
    REGION_RAM,   /* host memory, readable and writable */
    REGION_ROM,   /* host memory, writes are ignored (or go to `ops`) */
    REGION_MMIO,  /* ops */
    REGION_ALIAS, /* shows another part of system RAM (SMRAM, shadow) */
    REGION_VIDEO, /* host memory with dirty tracking, e.g. a frame buffer */
};

/* What one page of the flat view is. `host` is NULL for MMIO and holes. */
struct phys_page {
    uint8_t *host;  /* first byte of this page */
    bool writable;  /* through `host` */
    uint8_t *flags; /* this page's flag byte, NULL for MMIO and ROM */
    const struct mmio_ops *ops;
    void *opaque;
    uint64_t off; /* of this page in its region */
};

/* Bits of a page's flag byte. A page with PAGE_CODE or without PAGE_WRITTEN
 * must be written through phys_write_slow (or be given to the hooks). */
enum {
    PAGE_CODE = 1,    /* decoded instructions depend on it */
    PAGE_DIRTY = 2,   /* written since the last phys_clean */
    PAGE_TOUCHED = 4, /* written since power-on; others are all zero */
    PAGE_UNHASHED = 8, /* written since the last phys_hash */
    /* Whoever writes, or may write from now on, sets all of these. */
    PAGE_WRITTEN = PAGE_DIRTY | PAGE_TOUCHED | PAGE_UNHASHED,
};

/* Told of every change that can make a cached translation wrong. */
struct phys_listener {
    void *opaque;
    void (*remap)(void *opaque); /* forget all cached host pointers */
    /* Some PAGE_WRITTEN flags were cleared: forget write permissions. */
    void (*clean)(void *opaque);
    /* Bytes on a PAGE_CODE page have changed. */
    void (*code_write)(void *opaque, uint64_t paddr, unsigned len);
    /* phys_read or phys_write is about to move these bytes. May be NULL. */
    void (*transfer)(void *opaque, uint64_t paddr, size_t len, bool write,
                     const uint8_t *bytes);
    struct phys_listener *next;
};

/* ram_bytes: multiple of 1 MiB, up to 64 GiB. hole_start: where RAM below
 * 4 GiB ends at the latest (0xc0000000 on a PC). */
struct phys *phys_create(uint64_t ram_bytes, uint64_t hole_start,
                         struct log *log, struct error *err);
void phys_destroy(struct phys *p);
uint64_t phys_ram_bytes(const struct phys *p);
/* Host address of RAM offset 0; RAM offset is not the address above 4 GiB. */
uint8_t *phys_ram(struct phys *p);
uint64_t phys_ram_below_4g(const struct phys *p);

/* ---- map (owner: board and chipset) ---- */
/*
 * Size in whole pages for all kinds but MMIO, whose ranges may start and end
 * anywhere (small BARs); the base of the others is rounded down to a page.
 * What lies above PHYS_BITS_MAX, or beyond the end of RAM for an alias, does
 * not show. Regions start enabled. Among equal priorities the newer one
 * shows. NULL only when the host is out of memory.
 */
struct phys_region *phys_map_mmio(struct phys *p, const char *name,
                                  uint64_t base, uint64_t size, int priority,
                                  const struct mmio_ops *ops, void *opaque);
/* `host` stays the caller's and must outlive the region. ops, if not NULL,
 * receives writes (flash, or to log them). */
struct phys_region *phys_map_rom(struct phys *p, const char *name,
                                 uint64_t base, uint64_t size, int priority,
                                 uint8_t *host, const struct mmio_ops *ops,
                                 void *opaque);
/* Frame buffer in the caller's memory, with dirty flags of its own. */
struct phys_region *phys_map_video(struct phys *p, const char *name,
                                   uint64_t base, uint64_t size, int priority,
                                   uint8_t *host);
/*
 * Another view of RAM: `read_ram` / `write_ram` say which accesses reach RAM
 * at ram_offset; the others fall through to the next lower region (for
 * writes that means ROM ignores them). Used for PAM and SMRAM.
 */
struct phys_region *phys_map_alias(struct phys *p, const char *name,
                                   uint64_t base, uint64_t size, int priority,
                                   uint64_t ram_offset);
void phys_alias_access(struct phys_region *r, bool read_ram, bool write_ram);
void phys_region_enable(struct phys_region *r, bool enabled);
void phys_region_move(struct phys_region *r, uint64_t base);
void phys_region_remove(struct phys_region *r);
/* For REGION_VIDEO: is any page of [off, off+len) dirty, and clear it. */
bool phys_video_take_dirty(struct phys_region *r, uint64_t off, uint64_t len);
/* A20 gate: with it masked, address bit 20 reads as 0 everywhere. */
void phys_set_a20(struct phys *p, bool enabled);
bool phys_a20(const struct phys *p);
/* One remap notice for a group of map changes. Calls nest. */
void phys_begin(struct phys *p);
void phys_commit(struct phys *p);
void phys_info(const struct phys *p, struct out *out);

/* ---- access ---- */
void phys_listen(struct phys *p, struct phys_listener *l);
/* The page at a physical address, A20 applied; for filling TLBs. */
void phys_lookup(struct phys *p, uint64_t paddr, struct phys_page *out);
/* Any length, any alignment, across regions; DMA and debugger use these.
 * Unmapped bytes read FFh. Writes honour ROM, dirty flags and code pages. */
void phys_read(struct phys *p, uint64_t paddr, void *buf, size_t len);
void phys_write(struct phys *p, uint64_t paddr, const void *buf, size_t len);
/* One access of 1, 2, 4 or 8 bytes inside a page, MMIO included. */
uint64_t phys_load(struct phys *p, uint64_t paddr, unsigned size);
void phys_store(struct phys *p, uint64_t paddr, uint64_t value, unsigned size);
/* Like phys_write but also into ROM (loading images, debugger). */
void phys_poke(struct phys *p, uint64_t paddr, const void *buf, size_t len);

/* ---- dirty tracking of RAM (snapshots) ---- */
void phys_clean(struct phys *p); /* clears PAGE_DIRTY of all RAM */
/* Hash of all RAM, independent of host. Only pages written since the last
 * call cost anything. */
uint64_t phys_hash(struct phys *p, uint64_t seed);
/* One flag byte per page of RAM, in order of RAM offset. Whoever writes RAM
 * through phys_ram() instead of phys_poke() sets PAGE_WRITTEN here. */
uint8_t *phys_ram_flags(struct phys *p);

/* ---- CPU side of code tracking ---- */
/* Marks or unmarks the RAM or video page that shows at paddr; no effect on
 * ROM and MMIO. The caller drops the write permissions that it has cached
 * for the page. `code_write` names every address at which the page shows. */
void phys_set_code(struct phys *p, uint64_t paddr, bool has_code);

#endif
