/*
 * display.c - what displays share: their option strings.
 */
#include "gui/display.h"

static bool is_separator(char c)
{
    return c == ' ' || c == ',' || c == '\t';
}

bool display_option(const char *options, const char *key, char *buf,
                    size_t size)
{
    size_t klen = strlen(key);
    const char *p = options ? options : "";

    while (*p) {
        const char *end;
        size_t len;

        while (is_separator(*p))
            p++;
        for (end = p; *end && !is_separator(*end); end++)
            ;
        len = (size_t)(end - p);
        if (len >= klen && !strncmp(p, key, klen) &&
            (len == klen || p[klen] == '=')) {
            const char *value = p + klen + (len > klen);

            len = (size_t)(end - value);
            if (len >= size)
                len = size - 1;
            memcpy(buf, value, len);
            buf[len] = 0;
            return true;
        }
        p = end;
    }
    return false;
}
