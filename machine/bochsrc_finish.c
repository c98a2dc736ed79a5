/*
 * bochsrc_finish.c - what can be told only when all directives are known.
 */
#include "machine/bochsrc.h"
#include "machine/ownroms.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* PROCESSORS[:CORES[:THREADS]] */
static bool check_count(const struct config *cfg, struct error *err)
{
    const char *text = config_text(cfg, "cpu", "count");
    unsigned long product = 1;
    const char *p = text;

    for (unsigned n = 0; n < 3; n++) {
        char *end;
        unsigned long v = strtoul(p, &end, 10);

        if (end == p || !isdigit((unsigned char)*p) || v < 1 || v > 255)
            return error_set(err, EXIT_USAGE,
                             "cpu: count='%s' is not "
                             "PROCESSORS[:CORES[:THREADS]]",
                             text);
        product *= v;
        p = end;
        if (!*p)
            break;
        if (*p++ != ':' || n == 2)
            return error_set(err, EXIT_USAGE, "cpu: count='%s': what is '%s'?",
                             text, p - 1);
    }
    if (product == 1)
        return true;
    return error_set(err, EXIT_USAGE,
                     "cpu: count=%s: more than one processor is not there yet "
                     "(docs/known-gaps.md)",
                     text);
}

static const char *boot_word(const char *word)
{
    if (!strcmp(word, "a"))
        return "floppy";
    return !strcmp(word, "c") ? "disk" : word;
}

static bool check_boot(const struct config *cfg, struct error *err)
{
    static const char *const keys[] = {"1", "2", "3"};

    for (unsigned n = 1; n < 3; n++) {
        const char *a = config_given_text(cfg, "boot", keys[n]);

        for (unsigned k = 0; a && strcmp(a, "none") && k < n; k++) {
            const char *b = config_given_text(cfg, "boot", keys[k]);

            if (b && !strcmp(boot_word(a), boot_word(b)))
                return error_set(err, EXIT_USAGE, "boot: %s is named twice",
                                 boot_word(a));
        }
    }
    return true;
}

/* The file of Bochs's sample holds comments only: then nothing is missed. */
static bool says_something(const char *path)
{
    FILE *f = fopen(path, "r");
    char line[1024];
    bool found = false;

    if (!f)
        return false;
    while (!found && fgets(line, sizeof line, f)) {
        const char *p = line + strspn(line, " \t\r\n");

        found = *p && *p != '#';
    }
    fclose(f);
    return found;
}

static void forget_empty_msrs(struct config *cfg)
{
    const char *path = config_given_text(cfg, "cpu", "msrs");

    if (path && !says_something(path))
        config_unset(cfg, "cpu", "msrs");
}

/* A drive with an image and no type is a disk. */
static bool default_types(struct config *cfg, struct error *err)
{
    char drive[16];

    for (unsigned n = 0; n < 8; n++) {
        snprintf(drive, sizeof drive, "ata%u-%s", n / 2,
                 n & 1 ? "slave" : "master");
        if (config_given_text(cfg, drive, "path") &&
            !config_given_text(cfg, drive, "type") &&
            !config_set(cfg, drive, "type", "disk", "default", err))
            return false;
    }
    return true;
}

/* Bochs's VGA BIOS has had several names; Debian's package has its own. Ours
 * needs no path. */
static bool find_vga_bios(struct config *cfg, struct error *err)
{
    static const char debian[] = "/usr/share/vgabios/vgabios.bin";
    const char *path = config_given_text(cfg, "vgaromimage", "file");
    const char *name = path ? strrchr(path, '/') : NULL;

    if (!name || strncmp(name, "/VGABIOS-lgpl-", 14) || !access(path, F_OK) ||
        access(debian, F_OK))
        return true;
    config_note(cfg, "vgaromimage", "'%.200s' is not there; '%s' is used", path,
                debian);
    return config_set(cfg, "vgaromimage", "file", debian, "default", err);
}

/* What belongs to a kernel needs one. */
static bool check_kernel(const struct config *cfg, struct error *err)
{
    const char *line = config_text(cfg, "kernel", "cmdline");

    if (line && strpbrk(line, "\r\n"))
        return error_set(err, EXIT_USAGE,
                         "kernel: cmdline is more than one line");
    if (!config_given(cfg, "kernel") || config_text(cfg, "kernel", "path"))
        return true;
    return error_set(err, EXIT_USAGE,
                     "kernel: there is an initrd, command line or symbol file, "
                     "and no kernel is named");
}

/* Our own firmware is called by its name. */
static bool find_own(struct config *cfg, const char *directive,
                     const char *name, struct error *err)
{
    const char *given = config_given_text(cfg, directive, "file");
    char path[1024];

    return !given || strcmp(given, name) != 0 ||
           (ownroms_find(name, path, sizeof path, err) &&
            config_set(cfg, directive, "file", path, "default", err));
}

bool bochsrc_finish(struct config *cfg, struct out *notes, struct error *err)
{
    forget_empty_msrs(cfg);
    return find_own(cfg, "romimage", "klochs-bios", err) &&
           find_own(cfg, "vgaromimage", "klochs-vgabios", err) &&
           find_vga_bios(cfg, err) && default_types(cfg, err) &&
           check_count(cfg, err) && check_boot(cfg, err) &&
           check_kernel(cfg, err) && config_check(cfg, notes, err);
}
