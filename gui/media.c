/*
 * media.c - files of the host that may go into a drive.
 */
#include "gui/media.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

/* More than anybody would page through. */
#define MAX_FILES 4000u

/* 2.88 MB, and some disks have two tracks more. */
#define FLOPPY_MAX (82u * 2 * 36 * 512)

static int compare(const void *a, const void *b)
{
    const struct media_file *x = a, *y = b;
    int by_name;

    if (x->folder != y->folder)
        return x->folder ? -1 : 1;
    by_name = strcasecmp(x->name, y->name);
    return by_name ? by_name : strcmp(x->name, y->name);
}

static bool add(struct media_list *l, const char *folder, const char *name)
{
    struct media_file *more;
    struct stat st;
    char path[2048];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (stat(path, &st) || (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)))
        return true;
    more = realloc(l->files, (l->count + 1) * sizeof *more);
    if (!more)
        return false;
    l->files = more;
    more[l->count].name = strdup(name);
    more[l->count].folder = S_ISDIR(st.st_mode);
    if (!more[l->count].name)
        return false;
    l->count++;
    return true;
}

bool media_read(struct media_list *l, const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *e;

    *l = (struct media_list){.count = 0};
    if (!d)
        return false;
    while (l->count < MAX_FILES && (e = readdir(d)) != NULL)
        if (*e->d_name != '.' && !add(l, folder, e->d_name))
            break;
    closedir(d);
    if (l->count)
        qsort(l->files, l->count, sizeof *l->files, compare);
    return true;
}

void media_free(struct media_list *l)
{
    for (unsigned i = 0; i < l->count; i++)
        free(l->files[i].name);
    free(l->files);
    *l = (struct media_list){.count = 0};
}

static bool ends_like_cd(const char *path)
{
    static const char *const ends[] = {".iso", ".cdr", ".img.iso", ".toast"};
    size_t n = strlen(path);

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        size_t k = strlen(ends[i]);

        if (n > k && !strcasecmp(path + n - k, ends[i]))
            return true;
    }
    return false;
}

const struct display_drive *media_drive(const struct display_status *s,
                                        const char *path)
{
    struct stat st;
    bool cd = ends_like_cd(path) ||
              (!stat(path, &st) && st.st_size > (off_t)FLOPPY_MAX);

    for (unsigned i = 0; i < s->drive_count; i++) {
        bool floppy = !strncmp(s->drives[i].id, "floppy", 6);

        if (s->drives[i].removable && floppy != cd)
            return &s->drives[i];
    }
    return NULL;
}
