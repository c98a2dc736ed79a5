/*
 * fwcfg.h - configuration items for the firmware (the fw_cfg interface).
 *
 * No pins. The board adds items and files before the machine starts.
 */
#ifndef IODEV_FWCFG_H
#define IODEV_FWCFG_H

#include "core/device.h"

extern const struct device_class fwcfg_class;

/* Well-known keys; all integers little-endian. */
enum fwcfg_key {
    FWCFG_SIGNATURE = 0x00, /* "QEMU", made by the device */
    FWCFG_ID = 0x01,        /* features, made by the device */
    FWCFG_UUID = 0x02,
    FWCFG_RAM_SIZE = 0x03, /* 8 bytes */
    FWCFG_NB_CPUS = 0x05,  /* 2 bytes */
    /* A kernel without a drive: addresses and sizes 4 bytes each. */
    FWCFG_KERNEL_ADDR = 0x07,
    FWCFG_KERNEL_SIZE = 0x08,
    FWCFG_INITRD_ADDR = 0x0a,
    FWCFG_INITRD_SIZE = 0x0b,
    FWCFG_BOOT_MENU = 0x0e,
    FWCFG_MAX_CPUS = 0x0f,     /* 2 bytes */
    FWCFG_KERNEL_ENTRY = 0x10, /* 4 bytes */
    FWCFG_KERNEL_DATA = 0x11,
    FWCFG_INITRD_DATA = 0x12,
    FWCFG_CMDLINE_ADDR = 0x13,
    FWCFG_CMDLINE_SIZE = 0x14,
    FWCFG_CMDLINE_DATA = 0x15,
    FWCFG_SETUP_ADDR = 0x16,
    FWCFG_SETUP_SIZE = 0x17,
    FWCFG_SETUP_DATA = 0x18,
    FWCFG_FILE_DIR = 0x19,        /* made by the device */
    FWCFG_ARCH_LOCAL = 0x8000,    /* a second space of eight keys */
    FWCFG_IRQ0_OVERRIDE = 0x8002, /* 4 bytes; 1: IRQ 0 is pin 2 of the APIC */
};

/*
 * Both copy the data; an item or file of the same key or name is replaced.
 * Names have up to 55 characters; files are listed in order of name:
 * "etc/e820", "bootorder", "etc/smbios/...". False: no room, or the name is
 * too long.
 */
bool fwcfg_add_item(struct device *dev, unsigned key, const void *data,
                    size_t len);
/* Takes `data`, from malloc, over without a copy, unless it says false. */
bool fwcfg_give_item(struct device *dev, unsigned key, uint8_t *data,
                     size_t len);
bool fwcfg_add_file(struct device *dev, const char *name, const void *data,
                    size_t len);
/* `seed` mixed with the items of a kernel (07h-18h) that were added: what a
 * saved state has to find again. */
uint64_t fwcfg_kernel_hash(struct device *dev, uint64_t seed);
/* Integers of up to 8 bytes. */
bool fwcfg_add_int(struct device *dev, unsigned key, uint64_t value,
                   unsigned size);

#endif
