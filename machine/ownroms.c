/*
 * ownroms.c - where Klochs's own firmware is.
 */
#include "machine/ownroms.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The folder of the program, ended by a slash. */
static bool program_folder(char *folder, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", folder, size - 1);
    char *slash;

    folder[n > 0 ? n : 0] = 0;
    slash = strrchr(folder, '/');
    if (slash)
        slash[1] = 0;
    return slash;
}

static bool is_there(char *path, size_t size, const char *base,
                     const char *folder, const char *name)
{
    int length = snprintf(path, size, "%s%s%s.bin", base, folder, name);

    return length > 0 && (size_t)length < size && !access(path, R_OK);
}

bool ownroms_find(const char *name, char *path, size_t size, struct error *err)
{
    static const char share[] = "../share/klochs/";
    char program[512];

    if (program_folder(program, sizeof program) &&
        (is_there(path, size, program, "", name) ||
         is_there(path, size, program, share, name)))
        return true;
    if (is_there(path, size, KLOCHS_DATADIR, "/", name))
        return true;
    return error_set(err, EXIT_NO_OPEN,
                     "%s.bin is neither in %s nor in %s: building it takes a "
                     "compiler with -m16",
                     name, program, KLOCHS_DATADIR);
}
