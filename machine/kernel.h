/*
 * kernel.h - a kernel named on the command line, made ready for the firmware.
 *
 * The files are read, checked and laid out here, before the guest starts; what
 * comes out is four pieces with addresses, which the firmware (bios/post/
 * kernel.c) copies into RAM at each start, adds its memory map to, and enters.
 */
#ifndef MACHINE_KERNEL_H
#define MACHINE_KERNEL_H

#include "core/device.h"
#include "machine/config.h"

/* What the firmware reads in the first byte of opt/org.klochs/kernel. */
enum kernel_start {
    KERNEL_LINUX = 1,
    KERNEL_MULTIBOOT,
    KERNEL_MULTIBOOT2,
    KERNEL_PVH,
};

/* In the order of the keys that the configuration device has for them. */
enum kernel_piece {
    PIECE_KERNEL,
    PIECE_INITRD,
    PIECE_CMDLINE,
    PIECE_SETUP,
    KERNEL_PIECES
};

struct kernel_bytes {
    uint32_t addr;
    uint8_t *data; /* owned */
    size_t size;
};

struct machine;
struct debugger;

struct kernel_plan {
    enum kernel_start start;
    struct kernel_bytes piece[KERNEL_PIECES];
    uint32_t entry; /* of those that are entered in 32-bit mode */
};

struct kernel_request {
    const char *path;
    const char *initrd;  /* FILE, for Multiboot FILE[ ARGS][,...]; or NULL */
    const char *cmdline; /* never NULL */
    uint64_t ram;        /* bytes below 4 GiB */
};

/* False: not a kernel that can be booted; the message names the file. `p` can
 * be given to kernel_free in any case. */
bool kernel_prepare(const struct kernel_request *r, struct kernel_plan *p,
                    struct error *err);
void kernel_free(struct kernel_plan *p);

/* Could the first bytes of a file be those of a kernel? */
bool kernel_is_elf(const uint8_t *head, size_t size);
bool kernel_is_linux(const uint8_t *head, size_t size);
/* A Multiboot header that says itself where the file goes. */
bool kernel_is_plain_multiboot(const uint8_t *head, size_t size);

/* The kernel of the configuration, if there is one, goes to the configuration
 * device. */
bool kernel_offer(const struct config *cfg, struct device *fwcfg, uint64_t ram,
                  struct error *err);

/* "6.1.0-50-amd64"; false: the file is no bzImage, or does not say. */
bool kernel_version(const char *path, char *text, size_t size);
/* Those of the configuration's kernel, if there is one: its own, or of a file
 * beside it. One line in the log says which. */
void kernel_symbols(struct machine *m, const struct config *cfg,
                    struct debugger *d);

#endif
