/*
 * post.h - what the 32-bit part of the BIOS works with.
 *
 * Flat memory, no paging, interrupts off; 16-bit code is called through
 * real_call. Variables live in RAM that is free until boot; what the services
 * need later is in bd.
 */
#ifndef BIOS_POST_POST_H
#define BIOS_POST_POST_H

#include "bios/data.h"
#include "bios/io.h"
#include "bios/types.h"

#define bd          (*(volatile struct bios_data *)DATA_BASE)

#define ROM_VERSION "1.0"

/* As real.h's struct regs. */
union reg {
    u32 e;
    u16 x;
    struct {
        u8 l, h;
    };
};

struct regs {
    u16 gs, fs, es, ds;
    union reg di, si, bp, sp, b, d, c, a;
    u16 ip, cs, flags;
};

enum { CALL_INT, CALL_FAR, CALL_C };

/* start.S; r lies on the stack (below 64 KiB). */
u32 real_call(u32 kind, u32 target, struct regs *r);

static inline volatile u8 *mem8(u32 at)
{
    return (volatile u8 *)at;
}

static inline volatile u16 *mem16(u32 at)
{
    return (volatile u16 *)at;
}

static inline volatile u32 *mem32(u32 at)
{
    return (volatile u32 *)at;
}

/* lib.c */
void *memset(void *to, int value, size_t n);
void *memcpy(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
/* To port 402h and E9h: %s %c %u %x (%08x with width). */
void debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same without variables, after S3. */
void debug_resume(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
/* As debug, and on the screen. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What was said so far goes on the screen, and from now on all of it. */
void verbose_on(void);
void post_code(u8 code);
u8 checksum(const void *p, u32 n);

/* chips.c */
void chips_init(void);
/* Until *at has come up to `least`, or us microseconds have passed: false. */
bool wait_for(volatile const u8 *at, u8 least, u32 us);
void keyboard_start(void);
void keyboard_finish(void);
void clock_init(void);
void ports_detect(void);

/* memory.c */
struct memory {
    u32 below_4g; /* bytes */
    u64 above_4g;
    u32 tables; /* next free byte of the ACPI area */
    u32 tables_end;
    u32 nvs;
};
extern struct memory memory;
void memory_detect(void);
void memory_map(void);
bool has_pam(void);
void *table_alloc(u32 bytes, u32 align);
/* In F0000h-FFFFFh; NULL when it is full. */
void *anchor_alloc(u32 bytes, u32 align);
void shadow_close(void);

/* pci.c */
struct pci_info {
    u16 isa, ide, pm; /* functions of the PIIX, FFFFh none */
    u16 vga;
    bool present;
};
extern struct pci_info pci;
void pci_init(void);
/* Next function after `at` (start: -1), -1 at the end. */
int pci_next(int at);
void pci_resume(void);
u8 pirq_irq(unsigned slot, unsigned pin);

/* vectors.c */
void vectors_init(void);

/* optrom.c */
void vga_rom_init(void);
void option_roms_init(void);

/* pnp.c */
void pnp_init(void);
void pnp_close(void);
void pmm_init(void);
void pmm_close(void);

/* cpu.c */
struct cpu_info {
    bool has_cpuid, has_apic, has_ioapic, has_mtrr;
    u8 ioapic_id;
    u32 signature, features;
    char vendor[13];
    char brand[49];
    unsigned count;
    u8 apic_id[64];
};
extern struct cpu_info cpu;
void cpu_init(void);
/* The processor's memory types; for one that has them. */
void mtrr_init(void);

/* smp.c, smm.c; also after S3 */
void smp_start(void);
void smm_init(void);
void smm_resume(void);

/* tables */
void pir_init(void);
void mp_init(void);
void acpi_init(void);
void smbios_init(void);
void bios32_init(void);

/* bootlist.c */
void drives_init(void);
void boot_list(void);
/* What INT 18h and 19h call: a ROM's bootstrap entry vector. */
void boot_add_rom(u16 seg, u16 off, u16 bdf, const char *name);
void boot_menu(void);

/* fwcfg.c */
bool fwcfg_present(void);
u32 fwcfg_value(u16 key, unsigned bytes);
/* The first byte of a file, 0 when there is none. */
u8 fwcfg_file(const char *name);
/* Key and size of a file; 0: there is none. */
u16 fwcfg_find(const char *name, u32 *bytes);
/* Bytes of an item, from number `skip` on. */
void fwcfg_text(u16 key, u32 skip, char *to, u32 bytes);

/* kernel.c */
enum { KERNEL_NAME = 40 };
/* Is there a kernel to boot without a drive? Its name goes to `name`. */
bool kernel_there(char *name);

#endif
