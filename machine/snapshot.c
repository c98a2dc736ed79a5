/*
 * snapshot.c - a whole machine in a file, and back.
 *
 * Loading is checked as far as it goes before anything is changed. At its end
 * the hash of the machine must be the one that was saved: then everything
 * that the guest can see is as it was.
 */
#include "machine/snapshot.h"
#include "core/hash.h"
#include "iodev/ata/drive.h"
#include "iodev/block/block.h"
#include "iodev/floppy/floppy.h"
#include "iodev/fwcfg.h"
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Names of the sections that are no device's. */
#define MACHINE "machine"
#define CLOCK   "clock"
#define RAM     "ram"
#define CONFIG  "config"
#define MEMORY  "memory"
#define DISK    "disk"

enum { VERSION = 1, RAM_RECORD = 8 + PAGE_SIZE };

enum { /* offsets in the machine's section */
       M_TICK = 0,
       M_HASH = 8,
       M_ROMS = 16,
       M_TIME0 = 24,
       M_A20 = 32,
       M_SIZE = 33
};

enum { /* offsets in a disk's section; the path and changes follow */
       D_BYTES = 0,
       D_MTIME = 8,
       D_PATH_LEN = 16,
       D_SIZE = 18
};

/* ---- what the file does not hold ---- */

/* With the kernel that a reset boots. */
static uint64_t rom_hash(struct machine *m)
{
    uint8_t rom[PAGE_SIZE];
    struct device *fwcfg = device_find(&m->devices, "fwcfg");
    uint64_t h = m->rom_count;

    for (uint64_t at = UINT64_C(0xfff00000); at <= 0xffffffff;
         at += PAGE_SIZE) {
        phys_read(m->sv.phys, at, rom, PAGE_SIZE);
        h = hash_bytes(rom, PAGE_SIZE, h);
    }
    return fwcfg ? fwcfg_kernel_hash(fwcfg, h) : h;
}

struct block_image *snapshot_medium(struct device *d)
{
    if (d->cls == &ata_drive_class)
        return ata_drive_of(d)->image;
    if (d->cls == &floppy_class)
        return floppy_of(d)->image;
    return NULL;
}

bool snapshot_is_drive(const struct device *d)
{
    return d->cls == &ata_drive_class || d->cls == &floppy_class;
}

static int64_t modified_ns(const char *path)
{
    struct stat st;

    if (stat(path, &st))
        return 0;
    return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

/* ---- saving ---- */

static void put_section(struct state_buf *file, const char *cls, const char *id,
                        uint16_t version, struct state_buf *data)
{
    file->failed |= data->failed;
    state_file_section(file, cls, id, version, data->data, data->len);
    state_buf_free(data);
}

static void save_machine(struct machine *m, struct state_buf *file)
{
    uint8_t s[M_SIZE];
    struct state_buf b = {.data = NULL};

    st_le64(s + M_TICK, m->clock.now);
    st_le64(s + M_HASH, machine_hash(m));
    st_le64(s + M_ROMS, rom_hash(m));
    st_le64(s + M_TIME0, (uint64_t)m->time0);
    s[M_A20] = phys_a20(m->sv.phys);
    state_file_section(file, MACHINE, "", VERSION, s, sizeof s);
    clock_save(&m->clock, &b);
    put_section(file, CLOCK, "", VERSION, &b);
}

/* Pages of zeros are left out. */
static void save_ram(struct machine *m, struct state_buf *file)
{
    uint64_t bytes = phys_ram_bytes(m->sv.phys);
    const uint8_t *ram = phys_ram(m->sv.phys);
    const uint8_t *flags = phys_ram_flags(m->sv.phys);
    static const uint8_t zero[PAGE_SIZE];
    struct state_buf b = {.data = NULL};

    state_buf_put_u64(&b, bytes);
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) {
        if (!(flags[at >> PAGE_SHIFT] & PAGE_TOUCHED) ||
            !memcmp(ram + at, zero, PAGE_SIZE))
            continue;
        state_buf_put_u64(&b, at);
        state_buf_put(&b, ram + at, PAGE_SIZE);
    }
    put_section(file, RAM, "", VERSION, &b);
}

static bool save_disk(struct device *d, struct state_buf *file,
                      struct error *err)
{
    struct block_image *img = snapshot_medium(d);
    const char *path = img ? img->path : "";
    uint8_t head[D_SIZE] = {0};
    struct state_buf b = {.data = NULL};
    bool good;

    if (img) {
        st_le64(head + D_BYTES, img->sectors * img->sector_size);
        st_le64(head + D_MTIME, (uint64_t)modified_ns(path));
    }
    st_le16(head + D_PATH_LEN, (uint16_t)strlen(path));
    state_buf_put(&b, head, sizeof head);
    state_buf_put(&b, path, strlen(path));
    good = !img || (block_flush(img) && block_save_changes(img, &b)) ||
           error_set(err, EXIT_IO, "%s: cannot read the changes of '%s'", d->id,
                     path);
    put_section(file, DISK, d->id, VERSION, &b);
    return good;
}

static bool save_device(struct device *d, struct state_buf *file,
                        struct error *err)
{
    struct state_buf b = {.data = NULL};
    size_t n = 0;
    uint8_t *mem = d->cls->memory ? d->cls->memory(d, &n) : NULL;

    device_save(d, &b);
    put_section(file, d->cls->name, d->id, d->cls->state_version, &b);
    if (mem)
        state_file_section(file, MEMORY, d->id, VERSION, mem, n);
    return !snapshot_is_drive(d) || save_disk(d, file, err);
}

bool snapshot_save(struct machine *m, const char *config, const char *path,
                   struct error *err)
{
    struct state_buf file = {.data = NULL};
    bool good = true;

    if (m->stopped || m->reset_wanted || m->sleep_wanted)
        return error_set(err, EXIT_USAGE,
                         "the machine has stopped: there is nothing to save");
    if (input_next_tick(m->input) != CLOCK_NEVER)
        return error_set(err, EXIT_USAGE,
                         "input is on its way to the guest; "
                         "save when it has arrived");
    state_file_begin(&file);
    state_file_section(&file, CONFIG, "", VERSION, config, strlen(config));
    save_machine(m, &file);
    save_ram(m, &file);
    for (struct device *d = m->devices.first; d && good; d = d->next)
        good = save_device(d, &file, err);
    good = good && state_file_end(&file, err) &&
           state_file_write(path, &file, err);
    state_buf_free(&file);
    return good;
}

/* ---- checking ---- */

static bool damaged(struct error *err, const char *what)
{
    return error_set(err, EXIT_BAD_DATA, "the state's section '%s' is damaged",
                     what);
}

static const struct state_section *need(const struct state_file *f,
                                        const char *cls, const char *id,
                                        struct error *err)
{
    const struct state_section *s = state_file_find(f, cls, id);

    if (!s)
        error_set(err, EXIT_BAD_DATA,
                  "the state has no section '%s%s%s': it is of another machine",
                  cls, *id ? " " : "", id);
    return s;
}

char *snapshot_config(const struct state_file *f, struct error *err)
{
    const struct state_section *s = need(f, CONFIG, "", err);
    char *text;

    if (!s)
        return NULL;
    text = malloc(s->len + 1);
    if (!text)
        error_no_memory();
    memcpy(text, s->data, s->len);
    text[s->len] = 0;
    return text;
}

static bool check_machine(struct machine *m, const struct state_file *f,
                          struct error *err)
{
    const struct state_section *s = need(f, MACHINE, "", err);
    const struct state_section *k = need(f, CLOCK, "", err);

    if (!s || !k)
        return false;
    if (s->version != VERSION || s->len != M_SIZE || s->data[M_A20] > 1)
        return damaged(err, MACHINE);
    if (ld_le64(s->data + M_ROMS) != rom_hash(m))
        return error_set(
            err, EXIT_BAD_DATA,
            "the state was saved with other ROMs or another kernel");
    return clock_check(&m->clock, k->data, k->len, err);
}

static bool check_ram(struct machine *m, const struct state_file *f,
                      struct error *err)
{
    const struct state_section *s = need(f, RAM, "", err);
    uint64_t bytes = phys_ram_bytes(m->sv.phys), next = 0;

    if (!s)
        return false;
    if (s->version != VERSION || s->len < 8 || (s->len - 8) % RAM_RECORD)
        return damaged(err, RAM);
    if (ld_le64(s->data) != bytes)
        return error_set(err, EXIT_BAD_DATA,
                         "the state has %" PRIu64
                         " MiB of memory, not %" PRIu64,
                         ld_le64(s->data) >> 20, bytes >> 20);
    for (size_t at = 8; at < s->len; at += RAM_RECORD) {
        uint64_t page = ld_le64(s->data + at);

        if (page < next || page >= bytes || page % PAGE_SIZE)
            return damaged(err, RAM);
        next = page + PAGE_SIZE;
    }
    return true;
}

/* The path in a disk's section; false when that is damaged. */
static bool disk_path(const struct state_section *s, char *path, size_t room)
{
    size_t n = s->len >= D_SIZE ? ld_le16(s->data + D_PATH_LEN) : SIZE_MAX;

    if (s->version != VERSION || n >= room || s->len < D_SIZE + n)
        return false;
    memcpy(path, s->data + D_SIZE, n);
    path[n] = 0;
    return strlen(path) == n;
}

static bool check_disk(struct device *d, const struct state_file *f,
                       struct error *err)
{
    const struct state_section *s = need(f, DISK, d->id, err);
    struct block_image *img = snapshot_medium(d);
    char path[4096];

    if (!s)
        return false;
    if (!disk_path(s, path, sizeof path))
        return damaged(err, DISK);
    if (!*path)
        return true;
    if (modified_ns(path) != (int64_t)ld_le64(s->data + D_MTIME))
        return error_set(err, EXIT_BAD_DATA,
                         "%s: '%s' was changed after the state was saved; "
                         "mode=volatile or undoable keeps an image as it is",
                         d->id, path);
    if (!img || strcmp(img->path, path)) /* will be put in */
        return true;
    if (img->sectors * img->sector_size != ld_le64(s->data + D_BYTES))
        return error_set(err, EXIT_BAD_DATA, "%s: '%s' has another size", d->id,
                         path);
    return block_check_changes(img, s->data + D_SIZE + strlen(path),
                               s->len - D_SIZE - strlen(path), err);
}

static bool check_device(struct device *d, const struct state_file *f,
                         struct error *err)
{
    const struct state_section *s = need(f, d->cls->name, d->id, err);
    size_t n = 0;
    uint8_t *mem = d->cls->memory ? d->cls->memory(d, &n) : NULL;

    if (!s)
        return false;
    if (s->version > d->cls->state_version)
        return error_set(err, EXIT_BAD_DATA,
                         "%s: the state is of a newer version", d->id);
    if (!device_check(d, s->version, s->data, s->len, err))
        return error_prefix(err, "%s", d->id);
    if (mem) {
        s = need(f, MEMORY, d->id, err);
        if (!s || s->len != n)
            return s && error_set(err, EXIT_BAD_DATA,
                                  "%s: its memory has another size", d->id);
    }
    return !snapshot_is_drive(d) || check_disk(d, f, err);
}

/* A device of the file that this machine does not have. */
static bool check_surplus(struct machine *m, const struct state_file *f,
                          struct error *err)
{
    for (unsigned n = 0; n < f->count; n++) {
        const struct state_section *s = &f->sections[n];

        if (*s->id && !device_find(&m->devices, s->id))
            return error_set(err, EXIT_BAD_DATA,
                             "the state has a device '%s' (%s), which is not "
                             "there",
                             s->id, s->class_name);
    }
    return true;
}

bool snapshot_check(struct machine *m, const struct state_file *f,
                    struct error *err)
{
    if (!check_machine(m, f, err) || !check_ram(m, f, err) ||
        !check_surplus(m, f, err))
        return false;
    for (struct device *d = m->devices.first; d; d = d->next)
        if (!check_device(d, f, err))
            return false;
    return true;
}

/* ---- loading ---- */

static void load_ram(struct machine *m, const struct state_section *s)
{
    uint64_t bytes = phys_ram_bytes(m->sv.phys);
    uint8_t *ram = phys_ram(m->sv.phys), *flags = phys_ram_flags(m->sv.phys);

    /* ROM and option images were written before. */
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) {
        if (!(flags[at >> PAGE_SHIFT] & PAGE_TOUCHED))
            continue;
        memset(ram + at, 0, PAGE_SIZE);
        flags[at >> PAGE_SHIFT] |= PAGE_WRITTEN;
    }
    for (size_t at = 8; at < s->len; at += RAM_RECORD) {
        uint64_t page = ld_le64(s->data + at);

        memcpy(ram + page, s->data + at + 8, PAGE_SIZE);
        flags[page >> PAGE_SHIFT] |= PAGE_WRITTEN;
    }
}

/* The medium that was in the drive, and what was written to it. */
static bool load_disk(struct device *d, const struct state_file *f,
                      struct error *err)
{
    const struct state_section *s = state_file_find(f, DISK, d->id);
    struct block_image *img = snapshot_medium(d);
    char path[4096];

    if (!disk_path(s, path, sizeof path))
        return damaged(err, DISK);
    if (strcmp(img ? img->path : "", path)) {
        struct input_event ev = {.kind = INPUT_CHANGE,
                                 .device = d->id,
                                 .a = *path != 0,
                                 .data = (const uint8_t *)path,
                                 .len = strlen(path)};

        d->cls->input(d, &ev);
        img = snapshot_medium(d);
        if (*path && !img)
            return error_set(err, EXIT_NO_OPEN, "%s: cannot put in '%s'", d->id,
                             path);
    }
    return !img || block_load_changes(img, s->data + D_SIZE + strlen(path),
                                      s->len - D_SIZE - strlen(path), err);
}

static bool load_device(struct device *d, const struct state_file *f,
                        struct error *err)
{
    const struct state_section *s = state_file_find(f, d->cls->name, d->id);
    size_t n = 0;
    uint8_t *mem = d->cls->memory ? d->cls->memory(d, &n) : NULL;

    if (mem)
        memcpy(mem, state_file_find(f, MEMORY, d->id)->data, n);
    return device_load(d, s->version, s->data, s->len, err);
}

bool snapshot_load(struct machine *m, const struct state_file *f,
                   struct error *err)
{
    const struct state_section *s, *k;

    if (!snapshot_check(m, f, err))
        return false;
    s = state_file_find(f, MACHINE, "");
    k = state_file_find(f, CLOCK, "");
    input_clear(m->input);
    /* What putting in a disk does to timers and lines is undone below. */
    for (struct device *d = m->devices.first; d; d = d->next)
        if (snapshot_is_drive(d) && !load_disk(d, f, err))
            return false;
    /* The time first: some chips compute from it. Once more at the end, since
     * they may have armed timers. */
    if (!clock_load(&m->clock, k->data, k->len, err))
        return false;
    m->time0 = (int64_t)ld_le64(s->data + M_TIME0);
    load_ram(m, state_file_find(f, RAM, ""));
    phys_begin(m->sv.phys);
    phys_set_a20(m->sv.phys, s->data[M_A20]);
    for (struct device *d = m->devices.first; d; d = d->next)
        if (!load_device(d, f, err)) {
            phys_commit(m->sv.phys);
            return false;
        }
    phys_commit(m->sv.phys);
    if (!clock_load(&m->clock, k->data, k->len, err))
        return false;
    if (machine_hash(m) != ld_le64(s->data + M_HASH))
        return error_set(err, EXIT_BAD_DATA,
                         "the restored machine is not the one that was saved");
    return true;
}
