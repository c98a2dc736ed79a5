/* phys_test.c - the physical address space. */
#include "memory/phys.h"
#include "tests/tap.h"

#include <stdlib.h>

enum { K = 1024, M = 1024 * 1024 };

struct probe {
    uint64_t last_off, last_value;
    unsigned reads, writes, remaps, cleans, codes;
    uint64_t code_addr[4];
};

static uint64_t probe_read(void *opaque, uint64_t off, unsigned size)
{
    struct probe *b = opaque;

    b->reads++;
    b->last_off = off;
    return 0x1122334455667700u + size;
}

static void probe_write(void *opaque, uint64_t off, uint64_t v, unsigned size)
{
    struct probe *b = opaque;

    (void)size;
    b->writes++;
    b->last_off = off;
    b->last_value = v;
}

static const struct mmio_ops probe_ops = {probe_read, probe_write};

static void on_remap(void *opaque)
{
    ((struct probe *)opaque)->remaps++;
}

static void on_clean(void *opaque)
{
    ((struct probe *)opaque)->cleans++;
}

static void on_code(void *opaque, uint64_t paddr, unsigned len)
{
    struct probe *b = opaque;

    (void)len;
    b->code_addr[b->codes++ % 4] = paddr;
}

static struct phys *make(uint64_t bytes)
{
    struct error err;
    struct phys *p = phys_create(bytes, 0xc0000000, NULL, &err);

    if (!p) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }
    return p;
}

static void test_ram(struct tap *t)
{
    struct phys *p = make(16 * M);
    struct phys_page page;
    uint8_t buf[8] = {1, 2, 3, 4, 5, 6, 7, 8}, got[8];

    tap_eq(t, phys_load(p, 0x1000, 8), 0, "RAM starts as zeros");
    phys_store(p, 0x1002, 0x11223344, 4);
    tap_eq(t, phys_load(p, 0x1000, 8), 0x112233440000, "little-endian");
    tap_eq(t, phys_load(p, 16 * M, 4), 0xffffffff, "a hole reads ones");
    phys_write(p, 0x1ffc, buf, 8);
    phys_read(p, 0x1ffc, got, 8);
    tap_ok(t, memcmp(buf, got, 8) == 0, "a copy crosses pages");
    phys_write(p, 16 * M - 4, buf, 8);
    phys_read(p, 16 * M - 4, got, 8);
    tap_eq(t, ld_le64(got), 0xffffffff04030201, "a copy runs off the end");
    phys_lookup(p, 0x5000, &page);
    tap_ok(t, page.host == phys_ram(p) + 0x5000 && page.writable && page.flags,
           "lookup of a RAM page");
    tap_eq(t, *page.flags, 0, "an untouched page is clean");
    phys_store(p, 0x5000, 1, 1);
    tap_eq(t, *page.flags, PAGE_WRITTEN, "a store marks it");
    phys_lookup(p, 16 * M, &page);
    tap_ok(t, !page.host && !page.flags, "lookup of a hole");
    tap_eq(t, page.ops->read(page.opaque, page.off, 2), 0xffff,
           "the hole's ops read ones");
    phys_destroy(p);
}

static void test_4g(struct tap *t)
{
    struct phys *p = make((uint64_t)5 << 30);

    tap_eq(t, phys_ram_below_4g(p), 0xc0000000, "RAM stops at the hole");
    phys_store(p, 0x100000000, 0x55, 1);
    tap_eq(t, phys_ram(p)[0xc0000000], 0x55, "the rest is above 4 GiB");
    tap_eq(t, phys_load(p, 0xc0000000, 1), 0xff, "the hole is empty");
    phys_store(p, (uint64_t)1 << 50, 1, 8);
    tap_eq(t, phys_load(p, (uint64_t)1 << 50, 8), UINT64_MAX,
           "far addresses are unmapped");
    tap_eq(t, phys_load(p, UINT64_MAX, 1), 0xff, "the last address too");
    phys_destroy(p);
}

static void test_bad_sizes(struct tap *t)
{
    struct error err;

    tap_ok(t, !phys_create(0, 0xc0000000, NULL, &err), "no memory is refused");
    tap_ok(t, !phys_create(M + 1, 0xc0000000, NULL, &err), "odd size refused");
    tap_ok(t, !phys_create((uint64_t)65 << 30, 0xc0000000, NULL, &err),
           "too much is refused");
}

static void test_mmio(struct tap *t)
{
    struct phys *p = make(4 * M);
    struct probe b = {0};
    struct phys_region *r =
        phys_map_mmio(p, "bar", 0xe0000000, 0x1000, 10, &probe_ops, &b);
    struct phys_page page;

    tap_eq(t, phys_load(p, 0xe0000010, 4), 0x55667704, "MMIO read, masked");
    tap_eq(t, b.last_off, 0x10, "offset is relative to the region");
    phys_store(p, 0xe0000020, 0x12345678, 2);
    tap_eq(t, b.last_value, 0x5678, "write value is cut to its size");
    phys_lookup(p, 0xe0000000, &page);
    tap_ok(t, !page.host && page.ops == &probe_ops && page.off == 0,
           "lookup of MMIO");
    phys_region_move(r, 0x3000);
    phys_store(p, 0x3004, 7, 4);
    tap_eq(t, b.last_value, 7, "a BAR over RAM wins by priority");
    tap_eq(t, phys_load(p, 0xe0000000, 1), 0xff, "its old place is empty");
    phys_region_move(r, UINT64_MAX - 0xfff);
    tap_eq(t, phys_load(p, UINT64_MAX - 0xff, 1), 0xff, "a BAR out of reach");
    phys_region_move(r, ((uint64_t)1 << 40) - 0x800);
    tap_eq(t, phys_load(p, ((uint64_t)1 << 40) - 0x800, 1), 1,
           "a BAR cut by the limit");
    phys_region_remove(r);
    tap_eq(t, phys_load(p, ((uint64_t)1 << 40) - 0x800, 1), 0xff, "removed");
    phys_destroy(p);
}

static void test_small_bars(struct tap *t)
{
    struct phys *p = make(4 * M);
    struct probe a = {0}, b = {0};
    struct phys_page page;

    phys_map_mmio(p, "a", 0xe0000000, 0x100, 10, &probe_ops, &a);
    phys_map_mmio(p, "b", 0xe0000100, 0x10, 10, &probe_ops, &b);
    phys_lookup(p, 0xe0000000, &page);
    page.ops->read(page.opaque, page.off + 0x104, 4);
    tap_eq(t, b.last_off, 4, "two regions in a page: second one");
    page.ops->write(page.opaque, page.off + 0xfc, 5, 4);
    tap_eq(t, a.last_value, 5, "two regions in a page: first one");
    tap_eq(t, page.ops->read(page.opaque, page.off + 0x200, 4), 0xffffffff,
           "the rest of the page is empty");
    tap_eq(t, phys_load(p, 0xe00000fe, 4), 0x01010101, "access spans two");
    tap_eq(t, a.reads, 2, "bytes of the first");
    tap_eq(t, phys_load(p, 0xe000010e, 4), 0xffff0101, "access runs off");
    phys_destroy(p);
}

static void test_pam(struct tap *t)
{
    struct phys *p = make(4 * M);
    uint8_t *rom = calloc(1, 64 * K);
    struct phys_region *pam;
    struct phys_page page;
    uint8_t v = 0xab;

    rom[0] = 0x5a;
    phys_map_rom(p, "bios", 0xf0000, 64 * K, 1, rom, NULL, NULL);
    pam = phys_map_alias(p, "pam", 0xf0000, 64 * K, 2, 0xf0000);
    phys_alias_access(pam, false, false);
    phys_store(p, 0xf0000, 0x11, 1);
    tap_eq(t, phys_load(p, 0xf0000, 1), 0x5a, "PAM off: ROM ignores writes");
    phys_lookup(p, 0xf0000, &page);
    tap_ok(t, page.host == rom && !page.writable && !page.flags,
           "lookup of ROM");
    phys_alias_access(pam, false, true);
    phys_store(p, 0xf0000, 0x22, 1);
    tap_eq(t, phys_load(p, 0xf0000, 1), 0x5a, "write-only: reads see ROM");
    tap_eq(t, phys_ram(p)[0xf0000], 0x22, "write-only: writes reach RAM");
    phys_lookup(p, 0xf0000, &page);
    tap_ok(t, page.host == rom && !page.writable, "write-only lookup");
    page.ops->write(page.opaque, page.off + 1, 0x33, 1);
    tap_eq(t, phys_ram(p)[0xf0001], 0x33, "the page's ops write RAM");
    phys_write(p, 0xf0002, &v, 1);
    tap_eq(t, phys_ram(p)[0xf0002], 0xab, "phys_write reaches RAM");
    phys_alias_access(pam, true, false);
    tap_eq(t, phys_load(p, 0xf0000, 1), 0x22, "read-only: reads see RAM");
    phys_store(p, 0xf0000, 0x44, 1);
    tap_eq(t, phys_load(p, 0xf0000, 1), 0x22, "read-only: RAM is protected");
    phys_lookup(p, 0xf0000, &page);
    tap_ok(t, page.host == phys_ram(p) + 0xf0000 && !page.writable,
           "read-only lookup");
    phys_alias_access(pam, true, true);
    phys_store(p, 0xf0000, 0x55, 1);
    tap_eq(t, phys_load(p, 0xf0000, 1), 0x55, "read/write");
    phys_lookup(p, 0xf0000, &page);
    tap_ok(t, page.writable && page.flags, "read/write lookup");
    phys_alias_access(pam, false, false);
    phys_poke(p, 0xf0000, &v, 1);
    tap_eq(t, rom[0], 0xab, "poke writes ROM");
    phys_destroy(p);
    free(rom);
}

static void test_a20(struct tap *t)
{
    struct phys *p = make(4 * M);
    struct phys_page page;

    phys_store(p, 0x000500, 0x11, 1);
    phys_store(p, 0x100500, 0x22, 1);
    phys_set_a20(p, false);
    tap_eq(t, phys_load(p, 0x100500, 1), 0x11, "A20 masked wraps at 1 MiB");
    tap_eq(t, phys_load(p, 0x300500, 1), 0, "bit 20 only");
    phys_lookup(p, 0x100000, &page);
    tap_ok(t, page.host == phys_ram(p), "lookup applies A20");
    phys_set_a20(p, true);
    tap_eq(t, phys_load(p, 0x100500, 1), 0x22, "A20 open again");
    phys_destroy(p);
}

static void test_listeners(struct tap *t)
{
    struct phys *p = make(4 * M);
    struct probe b = {0};
    struct phys_listener l = {.opaque = &b,
                              .remap = on_remap,
                              .clean = on_clean,
                              .code_write = on_code};
    struct phys_region *smram, *high;

    phys_listen(p, &l);
    phys_begin(p);
    phys_begin(p);
    smram = phys_map_alias(p, "smram", 0xa0000, 128 * K, 5, 0xa0000);
    high = phys_map_alias(p, "hseg", 0xfeda0000, 128 * K, 5, 0xa0000);
    phys_commit(p);
    tap_eq(t, b.remaps, 0, "nothing before the outer commit");
    phys_commit(p);
    tap_eq(t, b.remaps, 1, "one notice per group");
    phys_begin(p);
    phys_commit(p);
    phys_region_enable(smram, true);
    tap_eq(t, b.remaps, 1, "no notice without a change");
    phys_region_enable(smram, false);
    tap_eq(t, b.remaps, 2, "a single change is told at once");

    phys_store(p, 0xfeda0010, 9, 1);
    tap_eq(t, phys_load(p, 0xa0010, 1), 9, "two views of the same RAM");
    tap_eq(t, b.codes, 0, "no code there yet");
    phys_set_code(p, 0xfeda0000, true);
    phys_store(p, 0xa0010, 9, 1);
    tap_eq(t, b.codes, 0, "a store that changes nothing is not told");
    phys_store(p, 0xa0010, 8, 1);
    tap_eq(t, b.codes, 2, "a code write is told for each view");
    tap_ok(t, b.code_addr[0] == 0xa0010 && b.code_addr[1] == 0xfeda0010,
           "accessed address first, then the other");
    phys_set_code(p, 0xa0000, false);
    phys_store(p, 0xfeda0010, 9, 1);
    tap_eq(t, b.codes, 2, "the mark is gone in both views");
    phys_clean(p);
    phys_clean(p);
    tap_eq(t, b.cleans, 1, "clean is told only when something was dirty");
    phys_region_enable(high, false);
    phys_destroy(p);
}

static void test_video(struct tap *t)
{
    struct phys *p = make(4 * M);
    uint8_t *fb = calloc(1, 64 * K);
    struct phys_region *r = phys_map_video(p, "fb", 0xe0000000, 64 * K, 3, fb);

    tap_ok(t, !phys_video_take_dirty(r, 0, 64 * K), "clean at first");
    phys_store(p, 0xe0005004, 0xff, 4);
    tap_eq(t, fb[0x5004], 0xff, "stores reach the frame buffer");
    tap_ok(t, !phys_video_take_dirty(r, 0, 0x5000), "pages before are clean");
    tap_ok(t, phys_video_take_dirty(r, 0x5fff, 1), "the page is dirty");
    tap_ok(t, !phys_video_take_dirty(r, 0, UINT64_MAX), "taken once");
    tap_ok(t, !phys_video_take_dirty(r, 64 * K, 1), "beyond the end");
    phys_destroy(p);
    free(fb);
}

static void test_hash(struct tap *t)
{
    struct phys *p = make(4 * M);
    uint64_t empty = phys_hash(p, 1), one;
    struct phys_page page;

    phys_store(p, 0x7000, 0, 1);
    tap_eq(t, phys_hash(p, 1), empty, "a zero page hashes as untouched");
    phys_store(p, 0x7000, 1, 1);
    one = phys_hash(p, 1);
    tap_ok(t, one != empty, "contents change the hash");
    phys_store(p, 0x7000, 0, 1);
    phys_store(p, 0x8000, 1, 1);
    tap_ok(t, phys_hash(p, 1) != one, "place changes the hash");
    phys_store(p, 0x8000, 0, 1);
    tap_eq(t, phys_hash(p, 1), empty, "the same memory, the same hash");
    phys_lookup(p, 0x9000, &page);
    page.host[5] = 7;
    *page.flags |= PAGE_WRITTEN;
    one = phys_hash(p, 1);
    tap_ok(t, one != empty, "a page written by its pointer counts");
    tap_ok(t, !(*page.flags & PAGE_UNHASHED), "and is clean afterwards");
    phys_destroy(p);
}

int main(void)
{
    struct tap t = {0};

    test_ram(&t);
    test_4g(&t);
    test_bad_sizes(&t);
    test_mmio(&t);
    test_small_bars(&t);
    test_pam(&t);
    test_a20(&t);
    test_listeners(&t);
    test_video(&t);
    test_hash(&t);
    return tap_done(&t);
}
