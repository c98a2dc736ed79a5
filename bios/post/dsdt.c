/*
 * dsdt.c - the DSDT: PCI bus, its interrupts, the ISA devices, sleep states.
 *
 * Descriptors of resources: ACPI 3.0, section 6.4. Interrupt links write the
 * PIIX's PIRQRC[A:D] (60h-63h).
 */
#include "bios/post/acpi.h"
#include "bios/post/post.h"

/* End of a resource template, its checksum not used. */
#define END_TAG 0x79, 0x00
#define IO_PORTS(first, count)                                                 \
    0x47, 0x01, (first)&0xff, (first) >> 8, (first)&0xff, (first) >> 8, 0x01,  \
        (count)
#define IRQ(n)   0x22, (1 << (n)) & 0xff, (1 << (n)) >> 8
#define DMA(n)   0x2a, 1 << (n), 0x00
#define DWORD(v) (u8)(v), (u8)((v) >> 8), (u8)((v) >> 16), (u8)((u32)(v) >> 24)

static const u8 link_irqs[] = {0x89,     0x0e,      0x00,      0x09,   0x03,
                               DWORD(5), DWORD(10), DWORD(11), END_TAG};
static const u8 link_now[] = {0x89, 0x06, 0x00, 0x09, 0x01, DWORD(0), END_TAG};

/* ---- sleep states -------------------------------------------------------- */

/* SLP_TYP of the PIIX4: 0 soft off, 1 suspend to RAM. */
static void sleep_state(struct aml *a, const char *name, u8 type)
{
    aml_byte(a, AML_NAME);
    aml_text(a, name);
    aml_open_package(a, 4);
    aml_integer(a, type);
    aml_integer(a, type);
    aml_integer(a, 0);
    aml_integer(a, 0);
    aml_close(a);
}

/* ---- PCI ----------------------------------------------------------------- */

static void root_resources(struct aml *a)
{
    static const u8 ranges[] = {
        /* buses 0-255 */
        0x88, 0x0d, 0x00, 0x02, 0x0c, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x00,
        0x00, 0x00, 0x00, 0x01,
        /* the configuration ports, not for the bus */
        0x47, 0x01, 0xf8, 0x0c, 0xf8, 0x0c, 0x01, 0x08,
        /* ports 0-CF7h, D00h-FFFFh */
        0x88, 0x0d, 0x00, 0x01, 0x0c, 0x03, 0x00, 0x00, 0x00, 0x00, 0xf7, 0x0c,
        0x00, 0x00, 0xf8, 0x0c, 0x88, 0x0d, 0x00, 0x01, 0x0c, 0x03, 0x00, 0x00,
        0x00, 0x0d, 0xff, 0xff, 0x00, 0x00, 0x00, 0xf3,
        /* memory A0000h-BFFFFh */
        0x87, 0x17, 0x00, 0x00, 0x0c, 0x03, DWORD(0), DWORD(0xa0000),
        DWORD(0xbffff), DWORD(0), DWORD(0x20000),
        /* memory E0000000h-FEBFFFFFh */
        0x87, 0x17, 0x00, 0x00, 0x0c, 0x01, DWORD(0), DWORD(0xe0000000),
        DWORD(0xfebfffff), DWORD(0), DWORD(0x1ec00000), END_TAG};

    aml_name_buffer(a, "_CRS", ranges, sizeof ranges);
}

static void routing(struct aml *a)
{
    aml_byte(a, AML_NAME);
    aml_text(a, "_PRT");
    aml_open_package(a, 31 * 4);
    for (u32 slot = 1; slot < 32; slot++)
        for (u32 pin = 0; pin < 4; pin++) {
            aml_open_package(a, 4);
            aml_integer(a, slot << 16 | 0xffff);
            aml_integer(a, pin);
            aml_text(a, "LNK");
            aml_byte(a, (u8)('A' + ((slot - 1 + pin) & 3)));
            aml_integer(a, 0);
            aml_close(a);
        }
    aml_close(a);
}

/* PRQA-PRQD: the routing registers. */
static void routing_registers(struct aml *a)
{
    aml_byte(a, 0x5b);
    aml_byte(a, AML_REGION);
    aml_text(a, "PIRQ");
    aml_byte(a, 0x02); /* PCI configuration space */
    aml_integer(a, 0x60);
    aml_integer(a, 0x04);
    aml_open_extended(a, AML_FIELD);
    aml_text(a, "PIRQ");
    aml_byte(a, 0x01); /* bytes, preserve */
    for (char c = 'A'; c <= 'D'; c++) {
        aml_text(a, "PRQ");
        aml_byte(a, (u8)c);
        aml_byte(a, 8);
    }
    aml_close(a);
}

static void link_register(struct aml *a, char letter)
{
    static const u8 up_pci_isa[] = {0x5c, 0x2f, 0x04};

    /* \_SB_.PCI0.ISA_.PRQx */
    aml_bytes(a, up_pci_isa, 3);
    aml_text(a, "_SB_PCI0ISA_PRQ");
    aml_byte(a, (u8)letter);
}

static void link_methods(struct aml *a, char letter)
{
    aml_open_method(a, "_STA", 0);
    aml_open(a, AML_IF);
    aml_byte(a, AML_AND);
    link_register(a, letter);
    aml_integer(a, 0x80);
    aml_byte(a, 0); /* no target */
    aml_byte(a, AML_RETURN);
    aml_integer(a, 0x09);
    aml_close(a);
    aml_byte(a, AML_RETURN);
    aml_integer(a, 0x0b);
    aml_close(a);

    aml_open_method(a, "_DIS", 0);
    aml_byte(a, AML_OR);
    link_register(a, letter);
    aml_integer(a, 0x80);
    link_register(a, letter);
    aml_close(a);

    aml_open_method(a, "_CRS", 8);
    aml_byte(a, AML_DWORD_FIELD);
    aml_text(a, "NOW_");
    aml_integer(a, 5);
    aml_text(a, "IRQN");
    aml_byte(a, AML_AND);
    link_register(a, letter);
    aml_integer(a, 0x0f);
    aml_text(a, "IRQN");
    aml_byte(a, AML_RETURN);
    aml_text(a, "NOW_");
    aml_close(a);

    aml_open_method(a, "_SRS", 8 | 1);
    aml_byte(a, AML_DWORD_FIELD);
    aml_byte(a, AML_ARG0);
    aml_integer(a, 5);
    aml_text(a, "IRQN");
    aml_byte(a, AML_STORE);
    aml_text(a, "IRQN");
    link_register(a, letter);
    aml_close(a);
}

static void link(struct aml *a, char letter)
{
    aml_open_device(a, "LNK");
    aml_byte(a, (u8)letter);
    aml_hid(a, "PNP0C0F");
    aml_name_integer(a, "_UID", (u32)(letter - 'A' + 1));
    aml_name_buffer(a, "_PRS", link_irqs, sizeof link_irqs);
    aml_name_buffer(a, "NOW_", link_now, sizeof link_now);
    link_methods(a, letter);
    aml_close(a);
}

/* ---- ISA ----------------------------------------------------------------- */

static void isa_device(struct aml *a, const char *name, const char *id,
                       const u8 *resources, unsigned n)
{
    aml_open_device(a, name);
    aml_hid(a, id);
    if (n)
        aml_name_buffer(a, "_CRS", resources, n);
    aml_close(a);
}

#define ISA_DEVICE(a, name, id, ...)                                           \
    do {                                                                       \
        static const u8 crs[] = {__VA_ARGS__, END_TAG};                        \
        isa_device(a, name, id, crs, sizeof crs);                              \
    } while (0)

static void serial(struct aml *a, const char *name, u32 uid, const u8 *crs,
                   unsigned n)
{
    aml_open_device(a, name);
    aml_hid(a, "PNP0501");
    aml_name_integer(a, "_UID", uid);
    aml_name_buffer(a, "_CRS", crs, n);
    aml_close(a);
}

static void isa_ports(struct aml *a)
{
    static const u8 com1[] = {IO_PORTS(0x3f8, 8), IRQ(4), END_TAG};
    static const u8 com2[] = {IO_PORTS(0x2f8, 8), IRQ(3), END_TAG};

    for (unsigned n = 0; n < 4; n++) {
        u16 io = *mem16(0x400 + 2 * n);

        if (io == 0x3f8)
            serial(a, "COM1", 1, com1, sizeof com1);
        else if (io == 0x2f8)
            serial(a, "COM2", 2, com2, sizeof com2);
    }
    if (*mem16(0x408) == 0x378)
        ISA_DEVICE(a, "LPT1", "PNP0400", IO_PORTS(0x378, 8), IRQ(7));
    if (bd.floppies)
        ISA_DEVICE(a, "FDC0", "PNP0700", IO_PORTS(0x3f2, 4), IO_PORTS(0x3f7, 1),
                   IRQ(6), DMA(2));
}

static void isa_devices(struct aml *a)
{
    ISA_DEVICE(a, "PIC_", "PNP0000", IO_PORTS(0x20, 2), IO_PORTS(0xa0, 2),
               IO_PORTS(0x4d0, 2), IRQ(2));
    ISA_DEVICE(a, "DMAC", "PNP0200", IO_PORTS(0x00, 0x10), IO_PORTS(0x81, 0x0f),
               IO_PORTS(0xc0, 0x20), DMA(4));
    ISA_DEVICE(a, "TIMR", "PNP0100", IO_PORTS(0x40, 4), IRQ(0));
    ISA_DEVICE(a, "RTC_", "PNP0B00", IO_PORTS(0x70, 2), IRQ(8));
    ISA_DEVICE(a, "SPKR", "PNP0800", IO_PORTS(0x61, 1));
    ISA_DEVICE(a, "FPU_", "PNP0C04", IO_PORTS(0xf0, 0x10), IRQ(13));
    ISA_DEVICE(a, "KBD_", "PNP0303", IO_PORTS(0x60, 1), IO_PORTS(0x64, 1),
               IRQ(1));
    ISA_DEVICE(a, "MOU_", "PNP0F13", IRQ(12));
    /* The board's own ports: SMI, PIIX4 PM and SMBus, GPE. */
    ISA_DEVICE(a, "MBRD", "PNP0C02", IO_PORTS(0xb2, 2), IO_PORTS(0xb000, 0x40),
               IO_PORTS(0xb100, 0x10), IO_PORTS(0xafe0, 4));
    isa_ports(a);
}

/* ---- the whole ----------------------------------------------------------- */

static void hpet(struct aml *a)
{
    static const u8 crs[] = {
        0x86, 0x09, 0x00, 0x00, DWORD(0xfed00000), DWORD(0x400), END_TAG};

    aml_open_device(a, "HPET");
    aml_hid(a, "PNP0103");
    aml_name_integer(a, "_UID", 0);
    aml_name_buffer(a, "_CRS", crs, sizeof crs);
    aml_close(a);
}

static void processors(struct aml *a)
{
    for (unsigned n = 0; n < cpu.count; n++) {
        static const char digits[] = "0123456789ABCDEF";

        aml_open_extended(a, AML_PROCESSOR);
        aml_text(a, "CP");
        aml_byte(a, (u8)digits[n >> 4]);
        aml_byte(a, (u8)digits[n & 15]);
        aml_byte(a, (u8)n);
        aml_dword(a, 0); /* no P_BLK */
        aml_byte(a, 0);
        aml_close(a);
    }
}

void dsdt_write(struct aml *a)
{
    sleep_state(a, "_S0_", 0);
    if (pci.pm != 0xffff) {
        sleep_state(a, "_S3_", 1);
        sleep_state(a, "_S5_", 0);
    }
    aml_open(a, AML_SCOPE);
    aml_text(a, "_SB_");
    processors(a);
    if (pci.present) {
        aml_open_device(a, "PCI0");
        aml_hid(a, "PNP0A03");
        aml_name_integer(a, "_UID", 0);
        aml_name_integer(a, "_BBN", 0);
        root_resources(a);
        routing(a);
        aml_open_device(a, "ISA_");
        aml_name_integer(a, "_ADR", (u32)pci.isa >> 3 << 16 | (pci.isa & 7));
        routing_registers(a);
        isa_devices(a);
        aml_close(a);
        aml_close(a);
        for (char c = 'A'; c <= 'D'; c++)
            link(a, c);
    }
    if (hpet_present())
        hpet(a);
    aml_close(a);
}
