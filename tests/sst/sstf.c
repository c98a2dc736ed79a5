/*
 * sstf.c - reader of files of single instructions captured on real chips.
 */
#include "tests/sst/sstf.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Standard output of `xz -dc path`; -1: no process. */
static int start_xz(const char *path, pid_t *pid)
{
    int ends[2];

    if (pipe(ends))
        return -1;
    *pid = fork();
    if (*pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execlp("xz", "xz", "-dc", "--", path, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    if (*pid < 0) {
        close(ends[0]);
        return -1;
    }
    return ends[0];
}

static bool read_all(int fd, struct sst_file *f)
{
    size_t room = 0;
    ssize_t n;

    for (;;) {
        if (f->size == room) {
            uint8_t *more;

            room = room ? 2 * room : 1 << 22;
            more = realloc(f->text, room);
            if (!more)
                return false;
            f->text = more;
        }
        n = read(fd, f->text + f->size, room - f->size);
        if (n <= 0)
            return n == 0;
        f->size += (size_t)n;
    }
}

/* Where the vectors of each form are; false: the file is cut off. */
static bool find_forms(struct sst_file *f)
{
    enum { HEAD = 12, FORM_HEAD = 20 };
    size_t at = HEAD;

    if (f->size < HEAD || memcmp(f->text, "SSTF", 4) ||
        ld_le16(f->text + 4) != 1)
        return false;
    f->cpu = ld_le16(f->text + 6);
    f->forms = ld_le32(f->text + 8);
    if (f->forms > 4096)
        return false;
    f->form = calloc(f->forms, sizeof *f->form);
    if (!f->form)
        return false;
    for (unsigned n = 0; n < f->forms; n++) {
        struct sst_form *m = &f->form[n];
        const uint8_t *p = f->text + at;

        if (f->size - at < FORM_HEAD)
            return false;
        memcpy(m->name, p, 8);
        m->flags_mask = ld_le16(p + 8);
        m->status = p[10];
        m->count = ld_le32(p + 12);
        m->vectors = p + FORM_HEAD;
        at += FORM_HEAD;
        if (ld_le32(p + 16) > f->size - at)
            return false;
        at += ld_le32(p + 16);
    }
    return true;
}

bool sst_open(struct sst_file *f, const char *path, char *why, size_t why_size)
{
    int status = 0, fd;
    pid_t pid;
    bool good;

    *f = (struct sst_file){0};
    if (access(path, R_OK)) {
        snprintf(why, why_size, "%s is not there", path);
        return false;
    }
    fd = start_xz(path, &pid);
    if (fd < 0) {
        snprintf(why, why_size, "xz cannot be started");
        return false;
    }
    good = read_all(fd, f);
    close(fd);
    waitpid(pid, &status, 0);
    if (!good || status || !find_forms(f)) {
        snprintf(why, why_size, "%s: %s", path,
                 status ? "xz failed" : "no file of this format");
        sst_close(f);
        return false;
    }
    return true;
}

void sst_close(struct sst_file *f)
{
    free(f->text);
    free(f->form);
    *f = (struct sst_file){0};
}

static const uint8_t *read_list(const uint8_t *p, unsigned *count,
                                const uint8_t **at)
{
    *count = ld_le16(p);
    *at = p + 2;
    return p + 2 + 4 * *count;
}

const uint8_t *sst_next(const uint8_t *p, struct sst_vector *v)
{
    const uint8_t *end = p + 4 + ld_le32(p);

    *v = (struct sst_vector){.index = ld_le16(p + 4), .length = p[6]};
    v->bytes = p + 7;
    p += 7 + v->length;
    v->exception = *p++;
    if (v->exception != SST_NO_EXCEPTION) {
        v->flags_address = ld_le32(p);
        p += 4;
    }
    for (unsigned n = 0; n < SST_REGS; n++) {
        v->before[n] = ld_le16(p + 2 * n);
        v->after[n] = ld_le16(p + 2 * (SST_REGS + n));
    }
    p += 4 * SST_REGS;
    p += 1 + p[0]; /* prefetch queue before */
    p += 1 + p[0]; /* and after */
    p = read_list(p, &v->ram_before, &v->ram_before_at);
    p = read_list(p, &v->ram_after, &v->ram_after_at);
    v->clocks = ld_le16(p);
    v->cycles = ld_le16(p + 2);
    v->cycles_at = p + 4;
    p += 4 + 8 * v->cycles;
    v->text_length = p[0];
    v->text = (const char *)p + 1;
    return end;
}

void sst_byte(const uint8_t *list, unsigned n, uint32_t *addr, uint8_t *value)
{
    uint32_t w = ld_le32(list + 4 * n);

    *addr = w & 0xffffff;
    *value = (uint8_t)(w >> 24);
}

struct sst_bus sst_cycle_at(const struct sst_vector *v, unsigned n)
{
    const uint8_t *p = v->cycles_at + 8 * n;
    uint32_t w = ld_le32(p);

    return (struct sst_bus){
        .addr = w & 0xffffff,
        .type = w >> 24 & 7,
        .bhe_off = w >> 27 & 1,
        .lock = w >> 28 & 1,
        .data = ld_le16(p + 4),
        .clock = ld_le16(p + 6),
    };
}
