/*
 * keymap_file.c - keymaps from files of Bochs's form.
 */
#include "gui/keymap_file.h"
#include "gui/cp437.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PREFIX "BX_KEY_"

/* The keys that give characters or modify them. Letters and digits are told
 * by their name. */
static const struct {
    const char *name;
    uint8_t key, modifier;
} names[] = {
    {"SPACE", KEY_SPACE, 0},
    {"SINGLE_QUOTE", KEY_QUOTE, 0},
    {"COMMA", KEY_COMMA, 0},
    {"PERIOD", KEY_DOT, 0},
    {"SLASH", KEY_SLASH, 0},
    {"SEMICOLON", KEY_SEMICOLON, 0},
    {"EQUALS", KEY_EQUAL, 0},
    {"LEFT_BRACKET", KEY_LBRACKET, 0},
    {"RIGHT_BRACKET", KEY_RBRACKET, 0},
    {"BACKSLASH", KEY_BACKSLASH, 0},
    {"LEFT_BACKSLASH", KEY_102ND, 0},
    {"MINUS", KEY_MINUS, 0},
    {"GRAVE", KEY_GRAVE, 0},
    {"ENTER", KEY_ENTER, 0},
    {"TAB", KEY_TAB, 0},
    {"BACKSPACE", KEY_BACKSPACE, 0},
    {"ESC", KEY_ESC, 0},
    {"SHIFT_L", 0, KEYMAP_SHIFT},
    {"SHIFT_R", 0, KEYMAP_SHIFT},
    {"CTRL_L", 0, KEYMAP_CTRL},
    {"CTRL_R", 0, KEYMAP_CTRL},
    {"ALT_L", 0, KEYMAP_ALT},
    {"ALT_R", 0, KEYMAP_ALTGR},
};

/* The key in the name after BX_KEY_; no key: a modifier, or not known. */
static void find_name(const char *p, size_t n, struct key_press *out)
{
    struct key_press k;

    if (n == 1) {
        char c = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;

        if (keymap_char(NULL, (uint8_t)c, &k))
            out->key = k.key;
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strlen(names[i].name) != n || strncmp(names[i].name, p, n))
            continue;
        if (names[i].key)
            out->key = names[i].key;
        out->modifiers |= names[i].modifier;
    }
}

/* BX_KEY_0+BX_KEY_SHIFT_L; false: not of that form. */
static bool parse_keys(const char *p, struct key_press *out)
{
    while (*p) {
        size_t n = strcspn(p, "+");

        if (strncmp(p, PREFIX, strlen(PREFIX)) != 0)
            return false;
        find_name(p + strlen(PREFIX), n - strlen(PREFIX), out);
        p += n + (p[n] == '+');
    }
    return true;
}

/* The character, 0 for none. `p` may be more than the one word. */
static uint32_t parse_char(const char *p)
{
    static const struct {
        const char *word;
        uint8_t code;
    } words[] = {{"space", ' '},
                 {"return", '\r'},
                 {"tab", '\t'},
                 {"backslash", '\\'},
                 {"apostrophe", '\''}};
    const char *last = *p ? strchr(p + 1, '\'') : NULL;

    if (*p == '\'' && p[1] && last) {
        const char *q = ++p;
        uint32_t code;

        if (last == p) /* three of them are one in quotes */
            return '\'';
        code = utf8_decode(&q, last);
        return q == last && code != 0xfffd ? code : (uint8_t)*p;
    }
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strncmp(p, words[i].word, strlen(words[i].word)))
            return words[i].code;
    return 0;
}

static bool add(struct keymap *m, uint32_t code, struct key_press press)
{
    struct keymap_entry *more =
        realloc(m->entries, (m->count + 1) * sizeof *more);

    if (!more)
        return false;
    m->entries = more;
    more[m->count++] = (struct keymap_entry){code, press};
    return true;
}

static bool parse_line(struct keymap *m, const char *path, unsigned number,
                       char *line, struct error *err)
{
    char *p = line + strspn(line, " \t"), *end;
    struct key_press press = {0};
    uint32_t code;

    p[strcspn(p, "\r\n")] = 0;
    if (!*p || *p == '#' || !strncmp(p, "include", 7))
        return true;
    end = p + strcspn(p, " \t");
    if (*end)
        *end++ = 0;
    if (!parse_keys(p, &press))
        return error_set(err, EXIT_BAD_DATA,
                         "%s:%u: '%.40s' does not begin with " PREFIX, path,
                         number, p);
    code = parse_char(end + strspn(end, " \t"));
    if (!code || !press.key)
        return true;
    return add(m, code, press) ||
           error_set(err, EXIT_NO_OPEN, "keymap: out of memory");
}

/* Where `name` is; false: nowhere. */
static bool locate(const char *name, char *path, size_t size)
{
    const char *share = getenv("BXSHARE");
    const char *base = strrchr(name, '/');

    snprintf(path, size, "%s", name);
    /* What has no dot and no slash is the name of a layout. */
    if (!strpbrk(name, "./"))
        return false;
    if (!access(path, R_OK))
        return true;
    if (!share)
        return false;
    /* As in old files: $BXSHARE/keymaps/x11-pc-de.map */
    snprintf(path, size, "%s/keymaps/%s", share, base ? base + 1 : name);
    return !access(path, R_OK);
}

bool keymap_file_exists(const char *name)
{
    char path[1024];

    return locate(name, path, sizeof path);
}

bool keymap_file_read(const char *name, const struct keymap **out,
                      struct error *err)
{
    char path[1024], line[512];
    struct keymap *m = calloc(1, sizeof *m);
    bool good = m != NULL;
    unsigned number = 0;
    FILE *f;

    locate(name, path, sizeof path);
    f = fopen(path, "r");
    if (!f || !m) {
        free(m);
        if (f)
            fclose(f);
        return error_set(err, EXIT_NO_OPEN, "keymap %s: %s", path,
                         strerror(errno));
    }
    while (good && fgets(line, sizeof line, f))
        good = parse_line(m, path, ++number, line, err);
    fclose(f);
    if (good && !m->count)
        good = error_set(err, EXIT_BAD_DATA, "%s: no key in it", path);
    if (good)
        *out = m;
    else
        keymap_close(m);
    return good;
}
