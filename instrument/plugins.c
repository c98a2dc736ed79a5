/*
 * plugins.c - loading plugins, and closing them.
 */
#include "instrument/plugins_int.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

bool plugin_list_add(struct plugin_list *l, const char *text, struct error *err)
{
    if (l->count == ARRAY_LEN(l->given))
        return error_set(err, EXIT_USAGE, "more than %d plugins",
                         (int)ARRAY_LEN(l->given));
    if (!*text || *text == ',')
        return error_set(err, EXIT_USAGE,
                         "--plugin wants FILE.so or FILE.so,ARGUMENTS");
    l->given[l->count++] = text;
    return true;
}

/* ---- loading ---- */

typedef const char *open_fn(const struct klochs_host *host,
                            const char *arguments, struct klochs_plugin *p);

/* ISO C has no conversion from dlsym's pointer to one to a function; POSIX
 * says that both are alike. */
static open_fn *entry_of(void *library)
{
    void *symbol = dlsym(library, "klochs_plugin");
    open_fn *f;

    _Static_assert(sizeof f == sizeof symbol, "POSIX dlsym");
    memcpy(&f, &symbol, sizeof f);
    return f;
}

/* A file of the present folder, too: dlopen would look in the system's. */
static void *load(const char *file, struct error *err)
{
    size_t n = strlen(file) + 3;
    char *path = malloc(n);
    void *library;

    if (!path)
        error_no_memory();
    snprintf(path, n, "%s%s", strchr(file, '/') ? "" : "./", file);
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    free(path);
    if (!library)
        error_set(err, EXIT_NO_OPEN, "cannot load plugin %.300s", dlerror());
    return library;
}

static bool check(const struct plugin *g, const char *why, struct error *err)
{
    if (why)
        return error_set(err, EXIT_USAGE, "plugin %s: %.300s", g->name, why);
    if (g->p.version && g->p.version <= KLOCHS_PLUGIN_VERSION)
        return true;
    return error_set(err, EXIT_NO_OPEN,
                     "plugin %s is made for version %u of the interface, this "
                     "program has %u; compile it with this program's "
                     "klochs-plugin.h",
                     g->name, g->p.version, KLOCHS_PLUGIN_VERSION);
}

static bool begin(struct plugins *p, struct plugin *g, const char *file,
                  const char *arguments, struct error *err)
{
    const char *slash = strrchr(file, '/');
    const char *why;
    open_fn *f;

    g->name = strdup(slash ? slash + 1 : file);
    g->library = load(file, err);
    if (!g->name)
        error_no_memory();
    if (!g->library)
        return false;
    f = entry_of(g->library);
    if (!f)
        return error_set(err, EXIT_NO_OPEN,
                         "%.300s is no plugin: it does not define "
                         "klochs_plugin()",
                         file);
    g->p.size = sizeof g->p;
    why = f(&p->host, arguments, &g->p);
    if (check(g, why, err))
        return true;
    g->p = (struct klochs_plugin){0}; /* it is not closed: it never began */
    return false;
}

static bool add(struct plugins *p, const char *text, struct error *err)
{
    struct plugin *g = calloc(1, sizeof *g), **end = &p->first;
    const char *comma = strchr(text, ',');
    char *file = strndup(text, comma ? (size_t)(comma - text) : strlen(text));
    bool good;

    if (!g || !file)
        error_no_memory();
    while (*end)
        end = &(*end)->next;
    *end = g;
    good = begin(p, g, file, comma ? comma + 1 : "", err);
    free(file);
    return good;
}

bool plugins_open(const struct plugin_list *l, struct cpu *c, struct log *log,
                  const char *program, struct plugins **out, struct error *err)
{
    struct plugins *p;

    *out = NULL;
    if (!l->count)
        return true;
    p = calloc(1, sizeof *p);
    if (!p)
        error_no_memory();
    p->c = c;
    log_source_init(log, &p->log, "plugin");
    p->on = true;
    p->host = (struct klochs_host){.version = KLOCHS_PLUGIN_VERSION,
                                   .size = sizeof p->host,
                                   .program = program,
                                   .cpus = 1};
    plugin_reads(p);
    for (unsigned n = 0; n < l->count; n++)
        if (!add(p, l->given[n], err)) {
            plugins_close(p);
            return false;
        }
    plugin_calls(p);
    plugins_listen(p, true);
    *out = p;
    return true;
}

static void connect(struct plugins *p, bool on)
{
    p->listener.mask = on ? p->wanted : 0;
    p->c->listener = on ? &p->listener : NULL;
    probe_update(p->c);
}

void plugins_listen(struct plugins *p, bool on)
{
    p->on = on;
    connect(p, on);
}

void plugins_detach(struct plugins *p)
{
    if (!p || !p->c)
        return;
    connect(p, false);
    log_source_destroy(&p->log);
    p->c = NULL;
}

void plugins_attach(struct plugins *p, struct cpu *c, struct log *log)
{
    if (!p)
        return;
    p->c = c;
    p->between = false;
    log_source_init(log, &p->log, "plugin");
    connect(p, p->on);
}

void plugins_close(struct plugins *p)
{
    struct plugin *next;

    if (!p)
        return;
    if (p->c)
        connect(p, false);
    for (struct plugin *g = p->first; g; g = next) {
        next = g->next;
        if (g->p.close)
            g->p.close(g->p.self);
        if (g->library)
            dlclose(g->library);
        free(g->name);
        free(g);
    }
    if (p->c)
        log_source_destroy(&p->log);
    free(p);
}

/* ---- for the debugger ---- */

bool plugins_command(struct plugins *p, const char *text,
                     void (*say)(void *opaque, const char *line), void *opaque)
{
    bool known = false;

    for (struct plugin *g = p ? p->first : NULL; g; g = g->next)
        if (g->p.command && !g->p.command(g->p.self, text, say, opaque))
            known = true;
    return known;
}

const char *plugins_name(const struct plugins *p, unsigned i)
{
    for (const struct plugin *g = p ? p->first : NULL; g; g = g->next)
        if (!i--)
            return g->p.name ? g->p.name : g->name;
    return NULL;
}
