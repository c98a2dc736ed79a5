/*
 * roms.c - firmware images: found, read, put into the address space.
 */
#include "machine/roms.h"
#include "cpu/models/model.h"
#include "iodev/pci/i440fx.h"
#include "machine/ownroms.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROM_MAX (16u << 20)
#define TOP_4G  (UINT64_C(1) << 32)

/* Taken in this order when our own were not built: that takes a compiler for
 * x86. */
static const char *const bios_paths[] = {
    "/usr/share/seabios/bios-256k.bin", "/usr/share/seabios/bios.bin",
    "/usr/share/bochs/BIOS-bochs-latest", NULL};
static const char *const vga_bar_paths[] = {
    "/usr/share/seabios/vgabios-stdvga.bin", NULL};
static const char *const vga_isa_paths[] = {
    "/usr/share/vgabios/vgabios.bin", "/usr/share/bochs/VGABIOS-lgpl-latest",
    "/usr/share/seabios/vgabios-isavga.bin", NULL};

static const char *first_readable(const char *const *list)
{
    for (; *list; list++)
        if (!access(*list, R_OK))
            return *list;
    return NULL;
}

/* Of a processor before the 386; else 0. */
static uint32_t old_quirks(const struct config *cfg)
{
    const struct cpu_model *model =
        cpu_model_find(config_text(cfg, "cpu", "model"));

    return model ? model->quirks : 0;
}

/* Files of Bochs's package need not be there to run what was made for it. */
static bool is_of_bochs(const char *path)
{
    const char *name = strrchr(path, '/');

    name = name ? name + 1 : path;
    return !strncmp(name, "BIOS-bochs-", 11) ||
           !strncmp(name, "VGABIOS-lgpl-", 13);
}

/* The file that a directive names, else our own, else one of a list. */
static bool choose(const struct config *cfg, const char *directive,
                   const char *own, const char *const *others, char *path,
                   struct error *err)
{
    const char *given = config_text(cfg, directive, "file");
    struct error missing;

    if (given && (!is_of_bochs(given) || !access(given, F_OK))) {
        snprintf(path, ROM_PATH_MAX, "%s", given);
        return true;
    }
    if (ownroms_find(own, path, ROM_PATH_MAX, &missing))
        return true;
    given = first_readable(others);
    if (!given)
        return error_set(err, missing.code, "%s: %s; file=PATH names another",
                         directive, missing.text);
    snprintf(path, ROM_PATH_MAX, "%s", given);
    return true;
}

static bool bios_path(const struct config *cfg, char *path, struct error *err)
{
    return choose(cfg, "romimage", "klochs-bios", bios_paths, path, err);
}

/* What a ROM says outside what is compressed. */
static bool contains(const char *path, const char *text, size_t n)
{
    FILE *f = fopen(path, "rb");
    size_t length = 0;
    int c = 0;

    while (f && length < n && (c = getc(f)) != EOF)
        length = c == text[length] ? length + 1 : c == text[0];
    if (f)
        fclose(f);
    return length == n;
}

/* SeaBIOS looks for the video ROM in the adapter's BAR, others at C0000h
 * too. */
static bool is_seabios(const char *path)
{
    static const char name[] = "SeaBIOS (version ";

    return contains(path, name, sizeof name - 1);
}

bool roms_vga_path(const struct config *cfg, char *path, bool *in_bar)
{
    *in_bar = bios_path(cfg, path, NULL) && is_seabios(path);
    return (*in_bar && choose(cfg, "vgaromimage", "klochs-vgabios",
                              vga_bar_paths, path, NULL)) ||
           choose(cfg, "vgaromimage", "klochs-vgabios", vga_isa_paths, path,
                  NULL);
}

/* Reads a whole file, padded with FFh to whole pages. */
static uint8_t *read_rom(struct machine *m, const char *path, size_t *size,
                         struct error *err)
{
    FILE *f = fopen(path, "rb");
    uint8_t *p;
    size_t n;

    if (!f) {
        error_set(err, EXIT_NO_OPEN, "cannot open ROM '%s': %s", path,
                  strerror(errno));
        return NULL;
    }
    p = malloc(ROM_MAX + PAGE_SIZE);
    if (!p || m->rom_count == ARRAY_LEN(m->roms))
        error_no_memory();
    n = fread(p, 1, ROM_MAX + 1, f);
    fclose(f);
    /* The host gives memory to what is touched: no more than the image. */
    memset(p + n, 0xff, PAGE_SIZE - (n & PAGE_MASK));
    m->roms[m->rom_count++] = p;
    if (n < 512 || n > ROM_MAX) {
        error_set(err, EXIT_BAD_DATA,
                  "ROM '%s' is %zu bytes; it must be 512 bytes to 16 MiB", path,
                  n);
        return NULL;
    }
    *size = (n + PAGE_MASK) & ~(size_t)PAGE_MASK;
    return p;
}

static bool is_listed(const char *const *list, const char *path)
{
    while (*list && strcmp(*list, path) != 0)
        list++;
    return *list;
}

/* Says so when it is neither what was asked for nor ours by default. */
static void note_choice(struct machine *m, const struct config *cfg,
                        const char *directive, const char *path)
{
    const char *given = config_text(cfg, directive, "file");

    if (given && strcmp(given, path) != 0)
        log_warn(&m->log_source, "%s: '%s' is not there; '%s' is used",
                 directive, given, path);
    else if (!given &&
             (is_listed(bios_paths, path) || is_listed(vga_bar_paths, path) ||
              is_listed(vga_isa_paths, path)))
        log_warn(&m->log_source, "%s: ours is not built; '%s' is used",
                 directive, path);
}

/* Only ours knows how to boot what is in no drive. */
static bool boots_kernels(const struct config *cfg, const char *path,
                          struct error *err)
{
    static const char knows[] = "opt/org.klochs/kernel";

    return !config_text(cfg, "kernel", "path") ||
           contains(path, knows, sizeof knows) ||
           error_set(err, EXIT_USAGE,
                     "kernel: '%.150s' is not our own system BIOS "
                     "(romimage: file=klochs-bios), which alone boots a kernel "
                     "without a drive",
                     path);
}

static bool load_bios(struct machine *m, const struct config *cfg,
                      struct error *err)
{
    uint64_t base = (uint64_t)config_int(cfg, "romimage", "address");
    uint32_t quirks = old_quirks(cfg);
    char path[ROM_PATH_MAX];
    size_t size, low;
    uint8_t *rom;

    if (quirks && !config_text(cfg, "romimage", "file"))
        return error_set(err, EXIT_USAGE,
                         "cpu: model=%s: our own system BIOS needs a 386; give "
                         "romimage: file=PATH of one that does not",
                         config_text(cfg, "cpu", "model"));
    if (!bios_path(cfg, path, err) || !boots_kernels(cfg, path, err))
        return false;
    note_choice(m, cfg, "romimage", path);
    rom = read_rom(m, path, &size, err);
    if (!rom)
        return false;
    if (!base || base + size > TOP_4G)
        base = TOP_4G - size;
    low = size < 0x20000 ? size : 0x20000;
    phys_map_rom(m->sv.phys, "bios", base, size, I440FX_PRIORITY_DEVICES, rom,
                 NULL, NULL);
    phys_map_rom(m->sv.phys, "bios-low", 0x100000 - low, low,
                 I440FX_PRIORITY_DEVICES, rom + size - low, NULL, NULL);
    /* Where an 80286 starts: at the end of its 16 MiB. */
    if (quirks & QUIRK_ROWS_286)
        phys_map_rom(m->sv.phys, "bios-16m", 0x1000000 - low, low,
                     I440FX_PRIORITY_DEVICES, rom + size - low, NULL, NULL);
    return true;
}

static bool load_vga(struct machine *m, const struct config *cfg,
                     struct error *err)
{
    char path[ROM_PATH_MAX];
    bool in_bar;
    uint8_t *rom;
    size_t size;

    if (!roms_vga_path(cfg, path, &in_bar)) {
        log_warn(&m->log_source, "there is no VGA BIOS");
        return true;
    }
    note_choice(m, cfg, "vgaromimage", path);
    if (in_bar)
        return true;
    rom = read_rom(m, path, &size, err);
    if (!rom)
        return false;
    if (size > 0x20000)
        return error_set(err, EXIT_BAD_DATA,
                         "VGA BIOS '%s' is larger than 128 KiB", path);
    phys_map_rom(m->sv.phys, "vgabios", 0xc0000, size, I440FX_PRIORITY_DEVICES,
                 rom, NULL, NULL);
    return true;
}

static bool load_option_rom(struct machine *m, const struct config *cfg,
                            const char *directive, struct error *err)
{
    const char *path = config_given_text(cfg, directive, "file");
    uint64_t base = (uint64_t)config_int(cfg, directive, "address");
    uint8_t *rom;
    size_t size;

    if (!path)
        return true;
    rom = read_rom(m, path, &size, err);
    if (!rom)
        return false;
    if (base < 0xc0000 || base % 2048 || base + size > 0xf0000)
        return error_set(err, EXIT_USAGE,
                         "%s: '%s' does not fit at address=%#llx: it must lie "
                         "between 0xc0000 and 0xf0000, on a multiple of 2048",
                         directive, path, (unsigned long long)base);
    phys_map_rom(m->sv.phys, directive, base, size, I440FX_PRIORITY_DEVICES,
                 rom, NULL, NULL);
    return true;
}

static bool load_option_ram(struct machine *m, const struct config *cfg,
                            const char *directive, struct error *err)
{
    const char *path = config_given_text(cfg, directive, "file");
    uint64_t base = (uint64_t)config_int(cfg, directive, "address");
    uint8_t buf[4096];
    FILE *f = path ? fopen(path, "rb") : NULL;
    size_t n;

    if (!path)
        return true;
    if (!f)
        return error_set(err, EXIT_NO_OPEN, "%s: cannot open '%s': %s",
                         directive, path, strerror(errno));
    while ((n = fread(buf, 1, sizeof buf, f)) != 0 &&
           base + n <= phys_ram_below_4g(m->sv.phys)) {
        phys_write(m->sv.phys, base, buf, n);
        base += n;
    }
    fclose(f);
    if (n)
        return error_set(err, EXIT_USAGE, "%s: '%s' does not fit into RAM",
                         directive, path);
    return true;
}

static bool load_options(struct machine *m, const struct config *cfg,
                         struct error *err)
{
    static const char *const roms[] = {"optromimage1", "optromimage2",
                                       "optromimage3", "optromimage4"};
    static const char *const rams[] = {"optramimage1", "optramimage2",
                                       "optramimage3", "optramimage4"};

    for (unsigned n = 0; n < 4; n++)
        if (!load_option_rom(m, cfg, roms[n], err) ||
            !load_option_ram(m, cfg, rams[n], err))
            return false;
    return true;
}

bool roms_load(struct machine *m, const struct config *cfg, struct error *err)
{
    return load_bios(m, cfg, err) && load_vga(m, cfg, err) &&
           load_options(m, cfg, err);
}
