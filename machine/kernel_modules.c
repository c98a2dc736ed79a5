/*
 * kernel_modules.c - what lies around a Multiboot kernel: modules, symbols,
 * the information for it.
 *
 * The piece KERNEL is what lies above 1 MiB, CMDLINE the part of a kernel
 * below, INITRD the information.
 */
#include "machine/kernel_int.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { INFO_AT = 0x9000, PAGE_UP = 0xfff };

uint8_t *kernel_append(struct kernel_plan *p, uint64_t ram, size_t size,
                       uint32_t *addr)
{
    struct kernel_bytes *k = &p->piece[PIECE_KERNEL];
    uint64_t end, at;
    uint8_t *longer;

    if (!k->data)
        k->addr = KERNEL_HIGH;
    end = (uint64_t)k->addr + k->size;
    at = (end + PAGE_UP) & ~(uint64_t)PAGE_UP;
    if (at + size > kernel_ram_end(ram))
        return NULL;
    longer = realloc(k->data, (size_t)(at - k->addr) + size + 1);
    if (!longer)
        return NULL;
    memset(longer + k->size, 0, (size_t)(at - end) + size);
    k->data = longer;
    k->size = (size_t)(at - k->addr) + size;
    *addr = (uint32_t)at;
    return longer + (at - k->addr);
}

/* "FILE" or "FILE ARGS"; a file with a space in its name comes first. */
static bool module_path(const struct kernel_module *m, char *path, size_t size,
                        struct error *err)
{
    const char *space = memchr(m->text, ' ', m->text_bytes);

    if (m->text_bytes >= size)
        return error_set(err, EXIT_USAGE, "initrd: '%.80s...' is too long",
                         m->text);
    snprintf(path, size, "%.*s", (int)m->text_bytes, m->text);
    if (space && access(path, F_OK))
        path[space - m->text] = 0;
    return true;
}

static bool load_module(const struct kernel_request *r, struct kernel_plan *p,
                        struct kernel_module *m, struct error *err)
{
    char path[4096];
    struct kernel_file f;
    uint8_t *to = NULL;
    bool ok;

    if (!module_path(m, path, sizeof path, err))
        return false;
    ok = kernel_read(&f, path, err);
    if (ok) {
        to = kernel_append(p, r->ram, f.size, &m->start);
        if (!to)
            ok = error_set(err, EXIT_BAD_DATA,
                           "'%.150s': %zu bytes of module do not fit into RAM "
                           "behind the kernel (memory: guest=)",
                           path, f.size);
    }
    if (ok) {
        memcpy(to, f.data, f.size);
        m->end = m->start + (uint32_t)f.size;
    }
    free(f.data);
    return ok;
}

bool modules_load(const struct kernel_request *r, struct kernel_plan *p,
                  struct kernel_modules *out, struct error *err)
{
    const char *text = r->initrd;

    out->count = 0;
    while (text && *text) {
        struct kernel_module *m = &out->m[out->count];
        size_t n = strcspn(text, ",");

        if (out->count == MODULES)
            return error_set(err, EXIT_USAGE, "initrd: more than %d modules",
                             MODULES);
        *m = (struct kernel_module){.text = text, .text_bytes = n};
        if (!load_module(r, p, m, err))
            return false;
        out->count++;
        text += n + (text[n] == ',');
    }
    return true;
}

/* In low memory, where other boot loaders have it, unless the kernel is
 * there. */
bool multiboot_place(const struct kernel_request *r, struct kernel_plan *p,
                     size_t size, struct error *err)
{
    const struct kernel_bytes *low = &p->piece[PIECE_CMDLINE];
    struct kernel_bytes *info = &p->piece[PIECE_INITRD];
    size_t room = size + KERNEL_MAP_ROOM;
    uint64_t low_end = (uint64_t)low->addr + low->size;
    uint64_t at = INFO_AT;

    if (!kernel_alloc(info, size, err))
        return false;
    if (low->size && low->addr < at + room && low_end > at)
        at = (low_end + PAGE_UP) & ~(uint64_t)PAGE_UP;
    if (at + room <= KERNEL_LOW_END) {
        info->addr = (uint32_t)at;
        return true;
    }
    return kernel_append(p, r->ram, room, &info->addr) ||
           error_set(err, EXIT_BAD_DATA,
                     "'%.150s': its information does not fit into RAM "
                     "(memory: guest=)",
                     r->path);
}
