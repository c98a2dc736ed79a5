/*
 * real.h - what 16-bit code of the BIOS works with.
 *
 * The services run on the stack of their caller, in real or virtual-8086
 * mode, compiled as 32-bit code for 16-bit segments: CS is F000h, DS = ES = SS
 * is the stack, FS the BIOS's data segment, GS whatever was looked at last.
 * So the address of a local is an ordinary pointer, everything else goes
 * through the segments named here. Plain constant data (string literals,
 * initialisers that the compiler keeps in memory) cannot be reached: the
 * linker script refuses it; tables are written with TABLE.
 */
#ifndef BIOS_REAL_REAL_H
#define BIOS_REAL_REAL_H

#include "bios/data.h"
#include "bios/io.h"
#include "bios/types.h"

#define bd    (*(volatile struct bios_data __seg_fs *)0)
#define TABLE static const volatile __seg_fs __attribute__((section(".table")))

/* Under names of their own: POST has 32-bit ones. */
void *memset(void *to, int value, size_t n) __asm__("real_memset");
void *memcpy(void *to, const void *from, size_t n) __asm__("real_memcpy");

union reg {
    u32 e;
    u16 x;
    struct {
        u8 l, h;
    };
};

/* Registers of the caller as the entry code has pushed them. */
struct regs {
    u16 gs, fs, es, ds;
    union reg di, si, bp, sp, b, d, c, a;
    u16 ip, cs, flags;
};

enum { CF = 0x0001, ZF = 0x0040, TF = 0x0100, IF = 0x0200 };

static inline void set_gs(u16 seg)
{
    __asm__ volatile("movw %w0, %%gs" : : "r"(seg) : "memory");
}

/* Far memory; off is below 64 KiB. */
#define PEEK(bits)                                                             \
    static inline u##bits peek##bits(u16 seg, u32 off)                         \
    {                                                                          \
        set_gs(seg);                                                           \
        return *(volatile u##bits __seg_gs *)off;                              \
    }                                                                          \
    static inline void poke##bits(u16 seg, u32 off, u##bits v)                 \
    {                                                                          \
        set_gs(seg);                                                           \
        *(volatile u##bits __seg_gs *)off = v;                                 \
    }                                                                          \
    static inline u##bits bda##bits(u32 off)                                   \
    {                                                                          \
        return peek##bits(0x40, off);                                          \
    }                                                                          \
    static inline void set_bda##bits(u32 off, u##bits v)                       \
    {                                                                          \
        poke##bits(0x40, off, v);                                              \
    }

PEEK(8)
PEEK(16)
PEEK(32)

enum {
    BDA_COM = 0x00,
    BDA_LPT = 0x08,
    BDA_EBDA = 0x0e,
    BDA_EQUIPMENT = 0x10,
    BDA_MEMORY_KB = 0x13,
    BDA_KBD_FLAGS = 0x17,
    BDA_KBD_FLAGS2 = 0x18,
    BDA_ALT_KEYPAD = 0x19,
    BDA_KBD_HEAD = 0x1a,
    BDA_KBD_TAIL = 0x1c,
    BDA_KBD_BUFFER = 0x1e,
    BDA_FLOPPY_RECALIBRATED = 0x3e,
    BDA_FLOPPY_MOTOR = 0x3f,
    BDA_FLOPPY_TIMEOUT = 0x40,
    BDA_FLOPPY_STATUS = 0x41,
    BDA_FDC_RESULT = 0x42,
    BDA_CRTC_BASE = 0x63,
    BDA_RESET_VECTOR = 0x67,
    BDA_TICKS = 0x6c,
    BDA_MIDNIGHT = 0x70,
    BDA_BREAK = 0x71,
    BDA_WARM_BOOT = 0x72,
    BDA_DISK_STATUS = 0x74,
    BDA_DISKS = 0x75,
    BDA_LPT_TIMEOUT = 0x78,
    BDA_COM_TIMEOUT = 0x7c,
    BDA_KBD_START = 0x80,
    BDA_KBD_END = 0x82,
    BDA_FLOPPY_RATE = 0x8b,
    BDA_DISK_INTERRUPT = 0x8e,
    BDA_FLOPPY_INFO = 0x8f,
    BDA_FLOPPY_MEDIA = 0x90,
    BDA_FLOPPY_TRACK = 0x94,
    BDA_KBD_MODE = 0x96,
    BDA_KBD_LEDS = 0x97,
    BDA_WAIT_FLAG = 0x98,  /* far pointer */
    BDA_WAIT_COUNT = 0x9c, /* microseconds */
    BDA_WAIT_ACTIVE = 0xa0,
};

static inline void irq_on(void)
{
    __asm__ volatile("sti" : : : "memory");
}

static inline void irq_off(void)
{
    __asm__ volatile("cli" : : : "memory");
}

/* Lets an interrupt come, and the processor rest until one does. */
static inline void wait_irq(void)
{
    __asm__ volatile("sti; hlt; cli" : : : "memory");
}

static inline void set_flag(struct regs *r, u16 flag, bool on)
{
    if (on)
        r->flags |= flag;
    else
        r->flags &= (u16)~flag;
}

/* INT 15h's and 13h's way to answer: AH and carry. */
static inline void answer(struct regs *r, u8 ah)
{
    r->a.h = ah;
    set_flag(r, CF, ah != 0);
}

static inline void eoi_master(void)
{
    outb(PIC0_CMD, 0x20);
}

static inline void eoi_slave(void)
{
    outb(PIC1_CMD, 0x20);
    outb(PIC0_CMD, 0x20);
}

/* Software interrupt with the registers in r; flags come back (entry.S). */
void call_int(u32 vector, struct regs *r);
/* Far call; r as for call_int. */
void call_far(u32 seg_off, struct regs *r);
/* INT n whose handler needs no registers: hooks such as 1Ch, 4Ah, 1Bh. */
void hook_int(u32 vector);

/* entry.S: to a boot sector, with a fresh stack. */
void boot_jump(u32 seg_off, u32 drive) __attribute__((noreturn));

/* post/start.S: to kernel_main, and back to kernel_failed. */
void kernel_jump(void) __attribute__((noreturn));

/* disk.c */
void int13_disk(struct regs *r);
/* floppy.c */
void floppy_service(struct regs *r);
bool floppy_transfer_ticks(void);
void floppy_tick(void);
/* ata.c: status of INT 13h; n sectors at lba to or from seg:off. */
u8 ata_transfer(unsigned drive, u32 lba_low, u32 lba_high, unsigned n, u16 seg,
                u32 off, bool write);
u8 ata_command(unsigned drive, u8 command, u32 lba, unsigned n);
/* atapi.c: blocks of 2048 bytes; status of INT 13h. */
u8 atapi_read(unsigned drive, u32 lba, unsigned n, u16 seg, u32 off);
u8 atapi_ready(unsigned drive);
u8 atapi_eject(unsigned drive, bool eject);
u8 atapi_lock(unsigned drive, bool lock);
bool ata_wait_status(u16 io, u8 mask, u8 value);
u8 ata_select(unsigned drive, u8 head);
void ata_input(u16 io, u16 seg, u32 off, unsigned bytes);
void ata_skip(u16 io, unsigned bytes);
/* eltorito.c */
u8 eltorito_boot(unsigned cd);
void eltorito_jump(void) __attribute__((noreturn));
void eltorito_service(struct regs *r);
bool eltorito_owns(u8 dl);
/* edd.c */
void edd_service(struct regs *r, unsigned drive);
u32 cd_edd(struct regs *r, unsigned drive);
/* kbd.c */
bool kbd_store(u16 key);
void kbd_leds(void);
bool kbc_send(u8 v);
/* mouse.c */
void mouse_service(struct regs *r);
/* apm.c */
void apm_service(struct regs *r);
/* pcibios.c */
void pcibios_service(struct regs *r);

#endif
