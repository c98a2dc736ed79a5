/*
 * kernel_symbols.c - symbols for the debugger, of the kernel that is booted.
 *
 * An ELF kernel has its own. Beside a bzImage there may be vmlinux or
 * System.map, with or without its version in the name. Debian's System.map is
 * a line that says where the real one is.
 */
#include "debugger/debugger.h"
#include "machine/kernel_int.h"
#include "machine/machine.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, VERSION_BYTES = 64 };

struct place {
    const char *folder; /* NULL: the kernel's */
    const char *name;
    bool versioned; /* its name ends with the kernel's version */
};

static const struct place places[] = {
    {NULL, "vmlinux", true},
    {NULL, "vmlinux", false},
    {"/usr/lib/debug/boot/", "vmlinux", true},
    {NULL, "System.map", true},
    {NULL, "System.map", false},
};

static bool holds(const struct kernel_file *f, const char *text, size_t n)
{
    const uint8_t *p = f->data, *end = f->data + f->size;

    while ((size_t)(end - p) >= n &&
           (p = memchr(p, text[0], (size_t)(end - p) - n + 1)) != NULL) {
        if (!memcmp(p, text, n))
            return true;
        p++;
    }
    return false;
}

/* A map lists the kernel's first symbol; a vmlinux without a version in its
 * name says of which version it is. */
static bool belongs(const struct kernel_file *f, const struct place *at,
                    const char *version)
{
    char text[VERSION_BYTES + 32];

    if (!kernel_is_elf(f->data, f->size))
        return holds(f, " _stext\n", 8) || holds(f, " _text\n", 7);
    if (at->versioned)
        return true;
    snprintf(text, sizeof text, "Linux version %s ", version);
    return holds(f, text, strlen(text));
}

/* Goes to `path` when it is there and fits. */
static bool try_place(struct machine *m, const struct place *at,
                      const char *kernel, const char *version, char *path)
{
    const char *slash = strrchr(kernel, '/');
    struct kernel_file f;
    struct error err;
    bool ok;

    snprintf(path, PATH_BYTES, "%.*s%s%s%s",
             at->folder ? (int)strlen(at->folder)
             : slash    ? (int)(slash + 1 - kernel)
                        : 0,
             at->folder ? at->folder : kernel, at->name,
             at->versioned ? "-" : "", at->versioned ? version : "");
    if (access(path, R_OK))
        return false;
    ok = kernel_read(&f, path, &err) && belongs(&f, at, version);
    free(f.data);
    if (!ok)
        log_info(&m->log_source, "kernel symbols: '%s' has none of Linux %s",
                 path, version);
    return ok;
}

static bool find_beside(struct machine *m, const char *kernel, char *path)
{
    char version[VERSION_BYTES];

    if (!kernel_version(kernel, version, sizeof version))
        return false;
    for (size_t n = 0; n < ARRAY_LEN(places); n++)
        if (try_place(m, &places[n], kernel, version, path))
            return true;
    return false;
}

static bool is_elf(const char *path)
{
    uint8_t head[4];
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(head, 1, sizeof head, f) : 0;

    if (f)
        fclose(f);
    return kernel_is_elf(head, n);
}

/* Linux moves itself, and its symbols are then not where it is. */
static bool moves(const char *kernel, const char *cmdline)
{
    char version[VERSION_BYTES];

    return kernel_version(kernel, version, sizeof version) &&
           !(cmdline && strstr(cmdline, "nokaslr"));
}

void kernel_symbols(struct machine *m, const struct config *cfg,
                    struct debugger *d)
{
    const char *kernel = config_text(cfg, "kernel", "path");
    const char *given = config_text(cfg, "kernel", "symbols");
    char path[PATH_BYTES];
    struct error err = {.text = ""};
    size_t count;

    if (!kernel)
        return;
    if (given || is_elf(kernel))
        snprintf(path, sizeof path, "%s", given ? given : kernel);
    else if (!find_beside(m, kernel, path))
        return;
    if (!debugger_symbols(d, path, &count, &err)) {
        if (given)
            log_warn(&m->log_source, "kernel symbols: %s", err.text);
        else
            log_info(&m->log_source, "kernel symbols: '%.150s': %s", path,
                     err.text);
        return;
    }
    log_info(&m->log_source, "kernel symbols: %zu, of '%.150s'%s", count, path,
             moves(kernel, config_text(cfg, "kernel", "cmdline"))
                 ? "; without nokaslr Linux moves away from them"
                 : "");
}
