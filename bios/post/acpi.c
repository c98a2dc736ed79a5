/*
 * acpi.c - ACPI tables: RSDP, RSDT, XSDT, FADT, FACS, DSDT, MADT, HPET.
 *
 * ACPI 3.0b, chapter 5; IA-PC HPET 1.0a, section 3.2.4. Offsets are those of
 * the specification's tables.
 */
#include "bios/post/acpi.h"
#include "bios/post/post.h"

enum { HEADER = 36, FADT_BYTES = 244, MAX_TABLES = 8, DSDT_ROOM = 0x4000 };
enum { PM_EVENT = 0, PM_CONTROL = 4, PM_TIMER = 8, SCI = 9 };
enum { ACPI_ENABLE = 0xf1, ACPI_DISABLE = 0xf0 };

#define GPE0_IO   0xafe0u
#define HPET_AT   0xfed00000u
#define LAPIC_AT  0xfee00000u
#define IOAPIC_AT 0xfec00000u

/* FADT flags, 5.2.9 table 5-10. */
enum { WBINVD = 1, PROC_C1 = 4, SLP_BUTTON = 0x20, RESET_REG_SUP = 0x400 };

struct list {
    u32 at[MAX_TABLES];
    unsigned n;
};

static void put16(u8 *p, u32 v)
{
    p[0] = (u8)v;
    p[1] = (u8)(v >> 8);
}

static void put32(u8 *p, u32 v)
{
    put16(p, v);
    put16(p + 2, v >> 16);
}

static u8 *begin(const char *signature, u32 bytes, u8 revision)
{
    u8 *t = table_alloc(bytes, 16);

    if (!t)
        return NULL;
    memset(t, 0, bytes);
    memcpy(t, signature, 4);
    put32(t + 4, bytes);
    t[8] = revision;
    memcpy(t + 10, "KLOCHS", 6);
    memcpy(t + 16, "KLBOARD ", 8);
    put32(t + 24, 1);
    memcpy(t + 28, "KLOC", 4);
    put32(t + 32, 1);
    return t;
}

static u32 seal(u8 *t, u32 bytes)
{
    t[9] = 0;
    t[9] = checksum(t, bytes);
    return (u32)t;
}

static void add(struct list *l, u8 *t, u32 bytes)
{
    seal(t, bytes);
    if (l->n < MAX_TABLES)
        l->at[l->n++] = (u32)t;
}

/* Generic address of `bits` at a port. */
static void address(u8 *p, u16 port, u8 bits)
{
    p[0] = 1;
    p[1] = bits;
    p[2] = 0;
    p[3] = (u8)(bits == 8 ? 1 : bits == 16 ? 2 : 3);
    put32(p + 4, port);
    put32(p + 8, 0);
}

static void fadt(struct list *l, u32 facs, u32 dsdt)
{
    u8 *t = begin("FACP", FADT_BYTES, 3);
    u16 pm = bd.pm_base;

    if (!t)
        return;
    put32(t + 36, facs);
    put32(t + 40, dsdt);
    t[45] = 1; /* desktop */
    put16(t + 46, SCI);
    put32(t + 48, APM_CONTROL);
    t[52] = ACPI_ENABLE;
    t[53] = ACPI_DISABLE;
    put32(t + 56, pm + PM_EVENT);
    put32(t + 64, pm + PM_CONTROL);
    put32(t + 76, pm + PM_TIMER);
    put32(t + 80, GPE0_IO);
    t[88] = 4;
    t[89] = 2;
    t[91] = 4;
    t[92] = 4;
    put16(t + 96, 0xfff); /* no C2, no C3 */
    put16(t + 98, 0xfff);
    t[108] = CMOS_CENTURY;
    put16(t + 109, 0x0003); /* legacy devices, keyboard controller */
    put32(t + 112, WBINVD | PROC_C1 | SLP_BUTTON | RESET_REG_SUP);
    address(t + 116, 0xcf9, 8);
    t[128] = 0x06;
    put32(t + 140, dsdt);
    address(t + 148, (u16)(pm + PM_EVENT), 32);
    address(t + 172, (u16)(pm + PM_CONTROL), 16);
    address(t + 208, (u16)(pm + PM_TIMER), 32);
    address(t + 220, GPE0_IO, 32);
    add(l, t, FADT_BYTES);
}

static u32 facs(void)
{
    u8 *t = (u8 *)memory.nvs;

    memset(t, 0, 64);
    memcpy(t, "FACS", 4);
    put32(t + 4, 64);
    t[32] = 1;
    return (u32)t;
}

static u32 dsdt(void)
{
    u8 *t = begin("DSDT", DSDT_ROOM, 2);
    struct aml a = {.depth = 0};
    u32 bytes;

    if (!t)
        return 0;
    a.start = t;
    a.at = t + HEADER;
    a.end = t + DSDT_ROOM;
    dsdt_write(&a);
    if (a.full || a.depth) {
        debug("ACPI: the DSDT is too large\n");
        return 0;
    }
    bytes = (u32)(a.at - t);
    put32(t + 4, bytes);
    memory.tables = (u32)a.at;
    return seal(t, bytes);
}

/* ---- interrupts ---------------------------------------------------------- */

static u8 *madt_override(u8 *p, u8 source, u32 global, u16 flags)
{
    p[0] = 2;
    p[1] = 10;
    p[3] = source;
    put32(p + 4, global);
    put16(p + 8, flags);
    return p + 10;
}

static void madt(struct list *l)
{
    /* Level triggered, active high: SCI and the PCI links. */
    static const u8 level[] = {5, 9, 10, 11};
    u32 bytes = 44 + 8 * cpu.count + 12 + 10 * 5 + 6;
    u8 *t = begin("APIC", bytes, 1), *p;

    if (!t)
        return;
    put32(t + 36, LAPIC_AT);
    put32(t + 40, 1); /* 8259s are there too */
    p = t + 44;
    for (unsigned n = 0; n < cpu.count; n++, p += 8) {
        p[1] = 8;
        p[2] = (u8)n;
        p[3] = cpu.apic_id[n];
        put32(p + 4, 1);
    }
    p[0] = 1;
    p[1] = 12;
    p[2] = cpu.ioapic_id;
    put32(p + 4, IOAPIC_AT);
    p += 12;
    p = madt_override(p, 0, 2, 0);
    for (unsigned n = 0; n < sizeof level; n++)
        p = madt_override(p, level[n], level[n], 0x0d);
    p[0] = 4; /* LINT1 of all processors is NMI */
    p[1] = 6;
    p[2] = 0xff;
    p[5] = 1;
    add(l, t, bytes);
}

bool hpet_present(void)
{
    u32 id = *mem32(HPET_AT);

    return id && id != 0xffffffff && *mem32(HPET_AT + 4) >= 1000000 &&
           *mem32(HPET_AT + 4) <= 100000000;
}

static void hpet(struct list *l)
{
    u8 *t;

    if (!hpet_present())
        return;
    t = begin("HPET", 56, 1);
    if (!t)
        return;
    put32(t + 36, *mem32(HPET_AT));
    put32(t + 44, HPET_AT);
    put16(t + 53, 0x80); /* shortest period that loses no interrupt */
    add(l, t, 56);
}

/* ---- roots --------------------------------------------------------------- */

static u32 root(const struct list *l, const char *signature, unsigned width)
{
    u32 bytes = HEADER + l->n * width;
    u8 *t = begin(signature, bytes, 1);

    if (!t)
        return 0;
    for (unsigned n = 0; n < l->n; n++)
        put32(t + HEADER + n * width, l->at[n]);
    return seal(t, bytes);
}

static void rsdp(u32 rsdt, u32 xsdt)
{
    u8 *p = anchor_alloc(36, 16);

    if (!p || !rsdt || !xsdt)
        return;
    memset(p, 0, 36);
    memcpy(p, "RSD PTR ", 8);
    memcpy(p + 9, "KLOCHS", 6);
    p[15] = 2;
    put32(p + 16, rsdt);
    put32(p + 20, 36);
    put32(p + 24, xsdt);
    p[8] = checksum(p, 20);
    p[32] = checksum(p, 36);
    debug("ACPI: RSDP at %x, tables end at %x\n", (u32)p, memory.tables);
}

void acpi_init(void)
{
    struct list l = {.n = 0};
    u32 body;

    if (pci.pm == 0xffff || memory.tables == memory.tables_end)
        return;
    body = dsdt();
    if (!body)
        return;
    fadt(&l, facs(), body);
    if (cpu.has_apic && cpu.has_ioapic)
        madt(&l);
    hpet(&l);
    u32 rsdt = root(&l, "RSDT", 4);

    rsdp(rsdt, root(&l, "XSDT", 8));
}
