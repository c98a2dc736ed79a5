/*
 * ownroms.c - where Klochs's own firmware is.
 */
#include "machine/ownroms.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool ownroms_find(const char *name, char *path, size_t size, struct error *err)
{
    static const char *const folders[] = {"", "../share/klochs/"};
    char program[512];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash;

    program[n > 0 ? n : 0] = 0;
    slash = strrchr(program, '/');
    if (!slash)
        return error_set(err, EXIT_NO_OPEN,
                         "%s: /proc does not say where this program is; give "
                         "the path of the file",
                         name);
    slash[1] = 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        int length =
            snprintf(path, size, "%s%s%s.bin", program, folders[i], name);

        if (length > 0 && (size_t)length < size && !access(path, R_OK))
            return true;
    }
    return error_set(err, EXIT_NO_OPEN,
                     "%s.bin is neither in %s nor in %s%s: building it takes a "
                     "compiler with -m16",
                     name, program, program, folders[1]);
}
