/*
 * mkinsn_scan - which handlers the sources define.
 *
 * Finds definitions `void op_NAME(` at the start of a line, also those that
 * come out of function-like macros: their invocations at the start of a line
 * are expanded (parameters, ##, and macros in macros).
 */
#include "tools/mkinsn.h"
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { MAX_PARAMS = 12, MAX_DEPTH = 8 };

struct macro {
    char *name;
    char *param[MAX_PARAMS];
    unsigned params;
    char *body;
};

struct scan {
    struct name_list *names;
    struct macro *macro;
    size_t macros, room;
};

static void *more(void *p, size_t n)
{
    p = realloc(p, n ? n : 1);
    if (!p)
        die("memory", 0, "none left");
    return p;
}

static char *copy_text(const char *s, size_t n)
{
    char *to = more(NULL, n + 1);

    memcpy(to, s, n);
    to[n] = 0;
    return to;
}

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static size_t word_length(const char *s)
{
    size_t n = 0;

    while (word_char(s[n]))
        n++;
    return n;
}

static const char *skip_blanks(const char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    return s;
}

static void add_name(struct name_list *all, const char *s, size_t len)
{
    if (all->n == all->room) {
        all->room = all->room ? 2 * all->room : 256;
        all->name = more(all->name, all->room * sizeof *all->name);
    }
    all->name[all->n++] = copy_text(s, len);
}

/* ---- text of a file ---- */

/* Whole file without comments and with continued lines joined. */
static char *read_text(const char *path)
{
    FILE *in = fopen(path, "rb");
    char *text = NULL;
    size_t n = 0, got;

    if (!in)
        die(path, 0, "cannot be read");
    do {
        text = more(text, n + 65536);
        got = fread(text + n, 1, 65535, in);
        n += got;
    } while (got);
    fclose(in);
    text[n] = 0;

    char *to = text;
    for (const char *s = text; *s;) {
        if (s[0] == '/' && s[1] == '*') {
            const char *end = strstr(s + 2, "*/");
            s = end ? end + 2 : s + strlen(s);
            *to++ = ' ';
        } else if (s[0] == '\\' && s[1] == '\n') {
            s += 2;
            *to++ = ' ';
        } else {
            *to++ = *s++;
        }
    }
    *to = 0;
    return text;
}

/* ---- macros ---- */

static void add_macro(struct scan *sc, const char *s)
{
    struct macro m = {0};
    size_t n = word_length(s);

    if (!n || s[n] != '(')
        return;
    m.name = copy_text(s, n);
    s += n + 1;
    for (;;) {
        s = skip_blanks(s);
        n = word_length(s);
        if (n && m.params < MAX_PARAMS)
            m.param[m.params++] = copy_text(s, n);
        s = skip_blanks(s + n);
        if (*s != ',')
            break;
        s++;
    }
    s += strcspn(s, ")\n");
    m.body = copy_text(s + (*s == ')'), strcspn(s + (*s == ')'), "\n"));
    if (sc->macros == sc->room) {
        sc->room = sc->room ? 2 * sc->room : 256;
        sc->macro = more(sc->macro, sc->room * sizeof *sc->macro);
    }
    sc->macro[sc->macros++] = m;
}

/* The latest definition: a name may be defined anew. */
static const struct macro *find_macro(const struct scan *sc, const char *s,
                                      size_t n)
{
    for (size_t i = sc->macros; i-- > 0;) {
        if (strlen(sc->macro[i].name) == n && !strncmp(sc->macro[i].name, s, n))
            return &sc->macro[i];
    }
    return NULL;
}

/* Arguments of an invocation whose '(' is at s; returns behind ')'. */
static const char *read_args(const char *s, char **arg, unsigned *n)
{
    const char *start = ++s;
    unsigned depth = 0;

    *n = 0;
    for (; *s; s++) {
        if (*s == '(') {
            depth++;
        } else if (!depth && (*s == ',' || *s == ')')) {
            const char *end = s;
            start = skip_blanks(start);
            while (end > start && isspace((unsigned char)end[-1]))
                end--;
            if (*n < MAX_PARAMS)
                arg[(*n)++] =
                    copy_text(start, end > start ? (size_t)(end - start) : 0);
            start = s + 1;
            if (*s == ')')
                return s + 1;
        } else if (*s == ')') {
            depth--;
        }
    }
    return s;
}

static void scan_code(struct scan *sc, const char *text, unsigned depth,
                      bool line_start_only);

/* Room for the body with every parameter replaced and ## gone. */
static char *substitute(const struct macro *m, char *const *arg, unsigned n)
{
    size_t used = 0, room = strlen(m->body) + 1;
    char *out = more(NULL, room);

    for (const char *s = m->body; *s;) {
        size_t len = word_length(s);
        const char *put = s;
        size_t put_len = len ? len : 1;

        if (s[0] == '#' && s[1] == '#') {
            while (used && out[used - 1] == ' ')
                used--;
            s = skip_blanks(s + 2);
            continue;
        }
        for (unsigned i = 0; len && i < m->params && i < n; i++) {
            if (strlen(m->param[i]) == len && !strncmp(m->param[i], s, len)) {
                put = arg[i];
                put_len = strlen(put);
                break;
            }
        }
        s += len ? len : 1;
        room += put_len;
        out = more(out, room);
        memcpy(out + used, put, put_len);
        used += put_len;
    }
    out[used] = 0;
    return out;
}

static const char *expand(struct scan *sc, const struct macro *m, const char *s,
                          unsigned depth)
{
    char *arg[MAX_PARAMS] = {0};
    unsigned n = 0;

    s = read_args(s, arg, &n);
    char *text = substitute(m, arg, n);
    scan_code(sc, text, depth + 1, false);
    free(text);
    for (unsigned i = 0; i < n; i++)
        free(arg[i]);
    return s;
}

/* `s` is at the start of a word. Returns where to go on. */
static const char *scan_word(struct scan *sc, const char *s, unsigned depth)
{
    size_t n = word_length(s);

    if (!strncmp(s, "void op_", 8)) {
        size_t len = word_length(s + 8);
        size_t to_end = strcspn(s, ";{");

        if (s[8 + len] == '(' && s[to_end] == '{')
            add_name(sc->names, s + 8, len);
        return s + 8 + len;
    }
    if (s[n] == '(' && depth < MAX_DEPTH) {
        const struct macro *m = find_macro(sc, s, n);
        if (m)
            return expand(sc, m, s + n, depth);
    }
    return s + n;
}

static void scan_code(struct scan *sc, const char *text, unsigned depth,
                      bool line_start_only)
{
    const char *s = text;

    while (*s) {
        bool line_start = s == text || s[-1] == '\n';

        if (line_start_only && line_start && *s == '#') {
            const char *w = skip_blanks(s + 1);
            if (!strncmp(w, "define", 6))
                add_macro(sc, skip_blanks(w + 6));
            s += strcspn(s, "\n");
        } else if (word_char(*s) && (line_start || !line_start_only)) {
            s = scan_word(sc, s, depth);
        } else if (line_start_only) {
            s += strcspn(s, "\n");
            s += *s == '\n';
        } else {
            s++;
        }
        if (line_start_only && *s && s != text && s[-1] != '\n') {
            s += strcspn(s, "\n");
            s += *s == '\n';
        }
    }
}

static void scan_path(struct scan *sc, const char *path)
{
    char *text = read_text(path);

    scan_code(sc, text, 0, true);
    free(text);
}

/* ---- folders ---- */

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);

    return n > k && !strcmp(s + n - k, end);
}

/* Headers first: their macros are used in the sources. */
static void scan_folder(struct scan *sc, const char *path, bool headers)
{
    DIR *dir = opendir(path);
    struct dirent *e;

    if (!dir)
        die(path, 0, "cannot be read");
    while ((e = readdir(dir))) {
        char name[4096];
        struct stat st;

        if (e->d_name[0] == '.' ||
            snprintf(name, sizeof name, "%s/%s", path, e->d_name) >=
                (int)sizeof name ||
            stat(name, &st))
            continue;
        if (S_ISDIR(st.st_mode))
            scan_folder(sc, name, headers);
        else if (headers ? ends_with(name, ".h") : ends_with(name, ".c"))
            scan_path(sc, name);
    }
    closedir(dir);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void scan_sources(struct name_list *names, const char *folder, char **files,
                  int n)
{
    struct scan sc = {.names = names};

    if (n > 0) {
        for (int i = 0; i < n; i++)
            scan_path(&sc, files[i]);
    } else {
        scan_folder(&sc, folder, true);
        scan_folder(&sc, folder, false);
    }
    if (names->n)
        qsort(names->name, names->n, sizeof *names->name, by_text);
    for (size_t i = 0; i < sc.macros; i++) {
        free(sc.macro[i].name);
        free(sc.macro[i].body);
        for (unsigned k = 0; k < sc.macro[i].params; k++)
            free(sc.macro[i].param[k]);
    }
    free(sc.macro);
}

bool has_name(const struct name_list *names, const char *s)
{
    return names->n &&
           bsearch(&s, names->name, names->n, sizeof *names->name, by_text);
}
