/*
 * c_vars.c - variables of the guest's C programs: by name, and their values
 * where the debug information says that they are.
 */
#include "debugger/c_lang.h"

#include "debugger/expr.h"

#include <stdio.h>

/* A value that is not in memory. */
#define LOOSE_MAX 65536u

/* ---- from places to values ---- */

/* The bytes of one piece; false: lost. */
static bool piece_bytes(struct c_work *w, struct dw_module *m,
                        const struct loc *l, uint8_t *out, size_t n)
{
    uint8_t raw[32] = {0};

    switch (l->kind) {
    case LOC_MEMORY:
        return target_read(w->x.t, ADDR_LINEAR, 0, l->value, out, n, NULL);
    case LOC_REGISTER:
        if (!w->f || !dw_register(&w->x, w->f, m, (unsigned)l->value, raw))
            return false;
        memcpy(out, raw, n < sizeof raw ? n : sizeof raw);
        return true;
    case LOC_VALUE:
        st_le64(raw, l->value);
        memcpy(out, raw, n < 8 ? n : 8);
        return true;
    case LOC_BYTES:
        memcpy(out, l->bytes, n < l->size ? n : l->size);
        return true;
    default:
        return false;
    }
}

static void assemble(struct c_work *w, struct dw_module *m,
                     const struct locs *at, struct c_value *v)
{
    size_t n = (size_t)c_size(w, v->type), done = 0;

    v->data = c_alloc(w, n + 16);
    for (unsigned i = 0; i < at->count && done < n; i++) {
        size_t k = at->piece[i].size;

        if (at->count == 1 || !k || k > n - done)
            k = n - done;
        if (!piece_bytes(w, m, &at->piece[i], v->data + done, k))
            v->lost = true;
        done += k;
    }
    v->lost |= done < n;
    if (at->count == 1 && at->piece[0].kind == LOC_REGISTER)
        v->gpr = frame_gpr(m, (unsigned)at->piece[0].value);
}

static struct c_value constant(struct c_work *w, struct dw_module *m,
                               struct dw_attr *a, struct c_type *t)
{
    struct c_value v = c_from_int(w, t, 0);
    size_t n = (size_t)c_size(w, t);
    struct dw_block b;
    uint64_t u;
    int64_t s;

    if (n > LOOSE_MAX) {
        v.lost = true;
    } else if (m->api.block(a, &b) == 0) {
        if (n > 32)
            v.data = c_alloc(w, n);
        memcpy(v.data, b.data, b.length < n ? (size_t)b.length : n);
    } else if (m->api.sdata(a, &s) == 0) {
        st_le64(v.data, (uint64_t)s);
    } else if (m->api.udata(a, &u) == 0) {
        st_le64(v.data, u);
    } else {
        v.lost = true;
    }
    return v;
}

struct c_value c_value_of_die(struct c_work *w, struct dw_module *m,
                              struct dw_die *die)
{
    struct c_value v = {.type = c_type_of(w, m, die), .gpr = -1};
    struct dw_attr a;
    struct locs at;

    if (m->api.attr(die, DW_AT_const_value, &a))
        return constant(w, m, &a, v.type);
    if (!dw_locate(&w->x, w->f, m, die, &at)) {
        v.lost = true;
    } else if (at.count == 1 && at.piece[0].kind == LOC_MEMORY) {
        v.memory = true;
        v.addr = at.piece[0].value;
    } else if (c_size(w, v.type) <= LOOSE_MAX) {
        assemble(w, m, &at, &v);
    } else {
        v.lost = true;
    }
    return v;
}

/* ---- by name ---- */

void c_each_in(struct c_work *w, struct dw_die *scope, c_each_fn *each,
               void *opaque)
{
    struct dw_module *m = w->f->m;
    struct dw_die die;

    if (m->api.child(scope, &die) != 0)
        return;
    do {
        int tag = m->api.tag(&die);

        if (tag == DW_TAG_variable || tag == DW_TAG_formal_parameter)
            each(opaque, w, &die, tag == DW_TAG_formal_parameter);
    } while (m->api.sibling(&die, &die) == 0);
}

struct wanted {
    const char *name;
    struct dw_die die;
    bool found;
};

static void match(void *opaque, struct c_work *w, struct dw_die *die,
                  bool parameter)
{
    struct wanted *k = opaque;
    const char *name = w->f->m->api.name(die);

    (void)parameter;
    if (k->found || !name || strcmp(name, k->name) != 0 ||
        dw_declares(w->f->m, die))
        return;
    k->die = *die;
    k->found = true;
}

static bool local(struct c_work *w, const char *name, struct dw_path *p,
                  struct c_value *out)
{
    struct wanted k = {.name = name};

    if (!w->f || !w->f->m || !dw_path_at(w->f->m, frame_module_pc(w->f), p))
        return false;
    for (unsigned i = p->count; i-- > 1 && !k.found;)
        c_each_in(w, &p->die[i], match, &k);
    if (k.found)
        *out = c_value_of_die(w, w->f->m, &k.die);
    return k.found;
}

static bool global(struct c_work *w, struct dw_module *m,
                   const struct dw_die *near, const char *name,
                   struct c_value *out)
{
    static const unsigned tags[] = {DW_TAG_variable, DW_TAG_subprogram,
                                    DW_TAG_enumerator, 0};
    const struct dw_name *found;
    struct dw_die die, type;

    if (!dw_find(m, name, tags, near, &found) ||
        !m->api.offdie(m->dw, found->die, &die))
        return false;
    if (found->tag == DW_TAG_subprogram) {
        *out = (struct c_value){
            .type = c_type_at(w, m, &die), .memory = true, .gpr = -1};
        if (m->api.entry_pc(&die, &out->addr) != 0)
            return false;
        out->addr += m->offset;
    } else if (found->tag == DW_TAG_enumerator) {
        struct c_type *t;

        if (!m->api.offdie(m->dw, found->parent, &type))
            return false;
        t = c_type_at(w, m, &type);
        *out = c_from_int(w, t, (uint64_t)c_enum_value(w, t, &die));
    } else {
        *out = c_value_of_die(w, m, &die);
    }
    return true;
}

bool c_variable(struct c_work *w, const char *name, struct c_value *out)
{
    struct dw_path p = {.count = 0};
    struct dw_module *m = NULL;

    if (local(w, name, &p, out))
        return true;
    if (w->f && w->f->m &&
        global(w, w->f->m, p.count ? &p.die[0] : NULL, name, out))
        return true;
    while ((m = symbols_module(w->x.s, m)) != NULL)
        if ((!w->f || m != w->f->m) && global(w, m, NULL, name, out))
            return true;
    return false;
}
