/*
 * data.h - what POST leaves for the services: the BIOS's own data segment.
 *
 * The segment EC00h is shadow RAM that stays writable. It begins like an
 * option ROM, so that memory managers take it for one and keep away. 16-bit
 * code reaches it through FS, POST by its linear address.
 */
#ifndef BIOS_DATA_H
#define BIOS_DATA_H

#include "bios/types.h"

#define DATA_SEG   0xec00
#define DATA_BASE  0xec000
#define CODE_SEG   0xf000
#define CODE_BASE  0xf0000
#define DATA_BYTES 0x4000

enum {
    MAX_DRIVES = 8,
    MAX_E820 = 24,
    MAX_BOOT = 20,
    MAX_APS = 14,
    MAX_PMM = 16
};

/* How APM is used. */
enum { APM_NOBODY, APM_REAL, APM_16, APM_32 };

/* Commands at APM_CONTROL for the handler of SMI (post/smi.S). */
enum { SMI_POWER_OFF = 0xa0, SMI_ACPI_DISABLE = 0xf0, SMI_ACPI_ENABLE = 0xf1 };

enum { DRIVE_NONE, DRIVE_DISK, DRIVE_CD };

/* CMOS_TRANSLATION, two bits a drive. */
enum { TRANSLATE_NONE, TRANSLATE_LBA, TRANSLATE_LARGE, TRANSLATE_R_ECHS };

struct geometry {
    u16 cylinders, heads, spt;
};

/* A device on an ATA channel. */
struct drive {
    u8 kind;  /* DRIVE_ */
    u8 index; /* 2 * channel + slave */
    u16 io, control;
    u8 irq;
    u8 slave; /* 0 or 1 */
    u8 lba48;
    u8 translation;
    u8 locks; /* INT 13h 45h */
    u8 removable;
    struct geometry physical, logical;
    u64 sectors;
    u16 sector_bytes;
    u16 bm; /* bus master registers of the channel, 0 none */
    char model[42];
};

enum { E820_RAM = 1, E820_RESERVED = 2, E820_ACPI = 3, E820_NVS = 4 };

struct e820 {
    u64 base, length;
    u32 type;
} PACKED;

/* El Torito, the booted image. */
struct emulation {
    u8 active;
    u8 media; /* 0 none, 1-3 floppies, 4 hard disk */
    u8 drive; /* INT 13h number */
    u8 cd;    /* index in bios_data.cd */
    u32 lba;  /* of the image, 2048-byte blocks */
    u16 load_segment;
    u16 load_sectors;
    struct geometry geometry;
    u32 sectors; /* 512-byte sectors, 0 when unknown */
};

enum { BOOT_FLOPPY = 1, BOOT_DISK, BOOT_CD, BOOT_ROM, BOOT_KERNEL };

struct boot_entry {
    u8 kind;
    u8 unit;
    u16 rom_seg, rom_off, bdf; /* BOOT_ROM: its BEV */
    char name[44];
};

/* The disk address packet's companion of INT 13h 48h (EDD 3.0 table 6). */
struct edd_parameters {
    u16 io, control;
    u8 head_prefix;
    u8 internal;
    u8 irq;
    u8 block_count;
    u8 dma;
    u8 pio;
    u16 options;
    u16 reserved;
    u8 revision;
    u8 checksum;
} PACKED;

struct fixed_disk_table {
    u16 cylinders;
    u8 heads;
    u8 signature; /* A0h: physical geometry follows */
    u8 physical_spt;
    u16 precompensation;
    u8 control;
    u16 physical_cylinders;
    u8 physical_heads;
    u16 landing_zone;
    u8 spt;
    u8 checksum;
} PACKED;

/* A block of the POST memory manager; no bytes: free. */
struct pmm_block {
    u32 at, bytes, handle;
};

struct bios_data {
    u8 rom_header[8];
    u8 stack_busy;
    u8 disks, cds; /* entries of disk[] and cd[] */
    u8 floppies;
    u8 disk[MAX_DRIVES], cd[MAX_DRIVES]; /* indices in drive[] */
    u16 stack_sp, stack_ss;              /* of the interrupted caller */
    u8 ap_lock, ap_count;                /* the other processors, post/smp.c */
    u8 ap_id[MAX_APS];
    u16 pm_base;      /* ports of the PIIX4, 0 none */
    u8 apm_connected; /* APM_ */
    u16 vga_bdf;      /* whose ROM runs at C0000h, FFFFh none */
    struct drive drive[MAX_DRIVES];
    struct emulation emulation;
    struct edd_parameters edd;
    struct fixed_disk_table fdpt[2];
    u16 e820_count;
    struct e820 e820[MAX_E820];
    u16 boot_count, boot_others, boot_at;
    struct boot_entry boot[MAX_BOOT];
    u8 floppy_track[4];
    u8 floppy_rate[2]; /* of the medium, FFh unknown */
    u8 check_floppy_signature;
    u8 pci_last_bus;
    u16 pm_bdf, isa_bdf;
    u8 has_mtrr, has_smm;
    u8 smm;            /* our handler answers SMI_ commands */
    u32 facs;          /* 0 without ACPI */
    u8 rom_windows[4]; /* PAM1-PAM4 after POST */
    /* INT 15h C2h, pointing device. */
    u8 mouse_enabled, mouse_package_bytes;
    u8 mouse_have, mouse_bytes[8];
    u16 mouse_off, mouse_seg;
    u8 mouse_status[3];
    /* APM 1.2. */
    u8 apm_version_minor;
    u32 extended_kb;
    u16 pnp_off, pir_off; /* of $PnP and $PIR in F000h; 0 without */
    struct pmm_block pmm[MAX_PMM];
};

#endif
