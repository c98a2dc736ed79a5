/*
 * cmd_symbols.c - symbols: loading and listing them.
 */
#include "cpu/cpu.h"
#include "debugger/handlers.h"
#include "debugger/internal.h"

#include <inttypes.h>

static bool load(struct debugger *d, const char *path, uint64_t offset,
                 uint64_t space, struct error *err)
{
    bool ok;

    if (!d->syms) {
        d->syms = symbols_create();
        symbols_follow(d->syms, &target_cpu(d->t)->cr3);
    }
    ok = symbols_load(d->syms, path, offset, space, err);
    if (!ok && symbols_empty(d->syms)) {
        symbols_destroy(d->syms);
        d->syms = NULL;
    }
    return ok;
}

bool debugger_symbols(struct debugger *d, const char *path, size_t *count,
                      struct error *err)
{
    bool ok = load(d, path, 0, SYMBOLS_GLOBAL, err);

    *count = symbols_count(d->syms);
    return ok;
}

/* ldsym [global] FILE [OFFSET] [cr3=EXPR]. As in Bochs a file belongs to the
 * address space in which it is loaded, and to all when CR3 is 0. */
void cmd_ldsym(struct debugger *d)
{
    char path[512];
    struct error err = {0};
    uint64_t offset = 0, cr3 = target_cpu(d->t)->cr3, space;
    bool global = lexer_take(&d->lx, "global");

    if (!arg_text(d, path, sizeof path))
        return;
    if (arg_more(d) && !lexer_is(&d->lx, "cr3") && !arg_expr(d, &offset))
        return;
    if (lexer_take(&d->lx, "cr3") &&
        (!lexer_take(&d->lx, "=") || !arg_expr(d, &cr3))) {
        syntax_error(d);
        return;
    }
    if (!arg_end(d))
        return;
    space = cr3 >> 12 << 12;
    if (global || !space)
        space = SYMBOLS_GLOBAL;
    if (!load(d, path, offset, space, &err)) {
        fail(d, "%s", err.text);
    } else if (err.text[0]) {
        say(d, "%s\n", err.text);
    }
    if (space != SYMBOLS_GLOBAL)
        data_hex(d, "cr3", space);
    data_int(d, "symbols", symbols_count(d->syms));
}

void cmd_slist(struct debugger *d)
{
    char prefix[64] = "";

    if (arg_more(d) && (!arg_text(d, prefix, sizeof prefix) || !arg_end(d)))
        return;
    if (!d->syms) {
        fail(d, "Global context not available");
        return;
    }
    data_open(d, "symbols", '[');
    for (size_t i = 0; i < symbols_count(d->syms); i++) {
        const struct symbol *y = symbols_get(d->syms, i);

        if (strncmp(y->name, prefix, strlen(prefix)) != 0)
            continue;
        say(d, *prefix ? "%016" PRIx64 ": %s\n" : "%16" PRIx64 ": %s\n",
            y->addr, y->name);
        data_open(d, NULL, '{');
        data_text(d, "name", y->name);
        data_hex(d, "address", y->addr);
        data_close(d, '}');
    }
    data_close(d, ']');
}
