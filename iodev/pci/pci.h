/*
 * pci.h - a PCI 2.1 bus: configuration space, BARs, interrupt pins.
 *
 * A PCI device embeds one `struct pci_function` per function and keeps the
 * 256 bytes of its configuration space in its guest state (a member
 * `uint8_t config[PCI_CONFIG_SIZE]` with a PCI_CONFIG_FIELD row). Its verbs
 * call
 *   init:      pci_function_init, then pci_bar_io / pci_bar_mem / pci_writable
 *   reset:     pci_function_reset (fills config, unmaps every BAR)
 *   post_load: pci_function_restore (maps what config says)
 * The board puts it on the bus with pci_attach, before the first reset.
 */
#ifndef IODEV_PCI_PCI_H
#define IODEV_PCI_PCI_H

#include "core/device.h"
#include "memory/phys.h"

#define PCI_CONFIG_SIZE 256u
#define PCI_BARS        6u
#define PCI_ROM_SLOT    6u /* index of the expansion ROM among the BARs */

/* Memory behind a BAR ranks below RAM: the host bridge gives an address that
 * both claim to DRAM (82441FX, section 3.2). */
#define PCI_MEM_PRIORITY (-10)

/* Configuration registers of a type 0 header (PCI 2.1, chapter 6). */
enum {
    PCI_VENDOR_ID = 0x00,
    PCI_DEVICE_ID = 0x02,
    PCI_COMMAND = 0x04,
    PCI_STATUS = 0x06,
    PCI_REVISION = 0x08,
    PCI_CLASS = 0x09, /* 3 bytes: interface, sub-class, base class */
    PCI_LATENCY = 0x0d,
    PCI_HEADER_TYPE = 0x0e,
    PCI_BAR0 = 0x10,
    PCI_SUBSYSTEM_VENDOR = 0x2c,
    PCI_SUBSYSTEM = 0x2e,
    PCI_ROM = 0x30,
    PCI_INTERRUPT_LINE = 0x3c,
    PCI_INTERRUPT_PIN = 0x3d,
};

enum {
    PCI_COMMAND_IO = 1,
    PCI_COMMAND_MEM = 2,
    PCI_COMMAND_MASTER = 4,
};

/* What a function answers to at power-on. */
struct pci_ident {
    uint16_t vendor, device;
    uint16_t command, status;
    uint32_t class_code; /* base << 16 | sub << 8 | interface */
    uint8_t revision;
    uint8_t header_type;   /* 80h: other functions exist */
    uint8_t interrupt_pin; /* 0 none, 1..4 INTA#..INTD# */
    uint16_t command_mask; /* bits of PCI_COMMAND the guest can change */
    uint16_t subsystem_vendor, subsystem;
};

struct pci_bar {
    uint32_t size; /* power of two; 0: not implemented */
    uint8_t flags; /* low bits that the guest cannot change */
    bool io;
    const struct port_range *ports; /* I/O: ends with count 0 */
    struct phys_region *region;     /* memory */
    bool mapped;
    uint32_t base; /* while mapped */
};

struct pci_function {
    struct device *dev; /* the owner, passed to the hook */
    uint8_t *config;    /* PCI_CONFIG_SIZE bytes of guest state */
    const struct pci_ident *ident;
    uint8_t mask[PCI_CONFIG_SIZE];  /* bits that writes replace */
    uint8_t clear[PCI_CONFIG_SIZE]; /* bits that writing 1 clears */
    struct pci_bar bar[PCI_BARS + 1];
    /* After a guest wrote byte `reg`; `old` is what it was. May be NULL. */
    void (*written)(struct device *dev, unsigned reg, uint8_t old);
    struct device *bus; /* NULL while not attached */
    unsigned devfn;     /* device << 3 | function */
};

#define PCI_CONFIG_FIELD(T) FIELD_ARRAY(T, config, "PCI configuration space")

extern const struct device_class pci_class;

/* ---- for devices ---- */

/* `config` and `ident` must outlive the function. Status error bits get
 * write-one-to-clear, interrupt line and latency become writable. */
void pci_function_init(struct pci_function *f, struct device *dev,
                       uint8_t *config, const struct pci_ident *ident);
/* Lets the guest write the `mask` bits of the little-endian register of
 * `bytes` bytes at reg. */
void pci_writable(struct pci_function *f, unsigned reg, unsigned bytes,
                  uint32_t mask);
/* I/O BAR: every range of `ports` is mapped so that its handlers see the
 * offset from the BAR. size: power of two from 4 to 256. */
void pci_bar_io(struct pci_function *f, unsigned n, uint32_t size,
                const struct port_range *ports);
/* Memory BAR (n = PCI_ROM_SLOT: expansion ROM). `region` was mapped with
 * PCI_MEM_PRIORITY; the bus moves and enables it. NULL region: the BAR can be
 * sized and read, nothing appears. size: power of two, at least 4096. */
void pci_bar_mem(struct pci_function *f, unsigned n, uint32_t size,
                 bool prefetch, struct phys_region *region);
/* Power-on configuration space; every BAR is unmapped, INTx released. */
void pci_function_reset(struct pci_function *f);
/* After a load: checks the read-only identity, maps the BARs. */
bool pci_function_restore(struct pci_function *f, struct error *err);
/* Before the device goes away. */
void pci_function_destroy(struct pci_function *f);
/* Maps I/O BARs and memory as config says, after the device changed it. */
void pci_update_bars(struct pci_function *f);
/* Drives the interrupt pin named in the configuration space. */
void pci_set_irq(struct pci_function *f, bool level);

static inline bool pci_is_master(const struct pci_function *f)
{
    return f->config[PCI_COMMAND] & PCI_COMMAND_MASTER;
}

/* ---- for the board and for bridges ---- */

/* Puts the function on the bus at `devfn` (device << 3 | function). A place
 * that is taken is a board bug and asserts. */
void pci_attach(struct device *bus, unsigned devfn, struct pci_function *f);
/* The function at a place, NULL if empty. */
struct pci_function *pci_find(struct device *bus, unsigned devfn);
/* Gives byte accesses to port CF9h, inside the bus's own range, to the south
 * bridge, which owns the reset control register. */
void pci_claim_cf9(struct device *bus, struct device *owner, port_read_fn *read,
                   port_write_fn *write);

/* Configuration cycles, as the host bridge makes them. reg + size <= 256. */
uint32_t pci_config_read(struct pci_function *f, unsigned reg, unsigned size);
void pci_config_write(struct pci_function *f, unsigned reg, uint32_t value,
                      unsigned size);

#endif
