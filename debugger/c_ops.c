/*
 * c_ops.c - operators and conversions of C over the guest's values.
 */
#include "debugger/c_lang.h"

static bool is_float(struct c_work *w, const struct c_value *v)
{
    return c_plain(w, v->type)->kind == C_FLOAT;
}

/* At least an int; 64 bits keep it. */
static struct c_type *promoted(struct c_work *w, const struct c_value *v)
{
    struct c_type *t = c_plain(w, v->type);
    bool wide = t->size > 4;

    return c_int(w, wide ? 8 : 4,
                 t->kind == C_INT || t->kind == C_ENUM
                     ? t->is_signed || t->kind == C_ENUM || t->size < 4
                     : t->kind == C_BOOL);
}

static struct c_value sized(struct c_work *w, struct c_type *t, uint64_t n)
{
    return c_from_int(w, t, t->size == 4 ? (uint32_t)n : n);
}

bool c_negate(struct c_work *w, char op, struct c_value *v)
{
    uint64_t n;
    double x;

    if (op == '-' && is_float(w, v)) {
        if (!c_to_double(w, v, &x))
            return false;
        *v = c_from_double(w, -x);
        return true;
    }
    if (op == '~' && is_float(w, v))
        return error_set(&w->err, EXIT_USAGE, "not for floating point");
    if (!c_to_int(w, v, &n))
        return false;
    *v = op == '!' ? c_from_int(w, c_int(w, 4, true), !n)
                   : sized(w, promoted(w, v), op == '-' ? -n : ~n);
    return true;
}

struct c_value c_cast(struct c_work *w, const struct c_value *v,
                      struct c_type *t, bool *ok)
{
    struct c_type *to = c_plain(w, t);
    struct c_value out = *v;
    uint64_t n = 0;
    double x = 0;
    float f;
    uint32_t bits;

    *ok = true;
    if (to->kind == C_STRUCT || to->kind == C_UNION || to->kind == C_ARRAY) {
        /* What is at the same place, seen as something else. */
        *ok = v->memory || error_set(&w->err, EXIT_USAGE,
                                     "only what is in memory can become this");
        out.type = t;
        out.bit_size = 0;
        return out;
    }
    if (to->kind == C_FLOAT) {
        *ok = c_to_double(w, v, &x);
        out = c_from_double(w, x);
        if (to->size == 4) {
            f = (float)x;
            memcpy(&bits, &f, 4);
            st_le64(out.data, bits);
            out.type = t;
        }
        return out;
    }
    *ok = to->kind == C_VOID || c_to_int(w, v, &n);
    if (to->kind == C_BOOL)
        n = n != 0;
    return c_from_int(w, t, n);
}

/* ---- two operands ---- */

static bool with_floats(struct c_work *w, enum c_op op, const struct c_value *a,
                        const struct c_value *b, struct c_value *out)
{
    double x, y, r = 0;
    bool truth = false;

    if (!c_to_double(w, a, &x) || !c_to_double(w, b, &y))
        return false;
    switch (op) {
    case C_OP_ADD:
        r = x + y;
        break;
    case C_OP_SUB:
        r = x - y;
        break;
    case C_OP_MUL:
        r = x * y;
        break;
    case C_OP_DIV:
        r = x / y;
        break;
    case C_OP_EQ:
        truth = x == y;
        break;
    case C_OP_NE:
        truth = x != y;
        break;
    case C_OP_LT:
        truth = x < y;
        break;
    case C_OP_LE:
        truth = x <= y;
        break;
    case C_OP_GT:
        truth = x > y;
        break;
    case C_OP_GE:
        truth = x >= y;
        break;
    default:
        return error_set(&w->err, EXIT_USAGE, "not for floating point");
    }
    *out = op >= C_OP_ADD ? c_from_double(w, r)
                          : c_from_int(w, c_int(w, 4, true), truth);
    return true;
}

static bool compare(enum c_op op, uint64_t x, uint64_t y, bool is_signed)
{
    bool less = is_signed ? (int64_t)x < (int64_t)y : x < y;

    switch (op) {
    case C_OP_EQ:
        return x == y;
    case C_OP_NE:
        return x != y;
    case C_OP_LT:
        return less;
    case C_OP_LE:
        return less || x == y;
    case C_OP_GT:
        return !less && x != y;
    case C_OP_GE:
        return !less;
    case C_OP_LOR:
        return x || y;
    default:
        return x && y;
    }
}

static uint64_t divide(enum c_op op, uint64_t x, uint64_t y, bool is_signed)
{
    if (is_signed && y == UINT64_MAX)
        return op == C_OP_DIV ? -x : 0;
    if (is_signed)
        return op == C_OP_DIV ? (uint64_t)((int64_t)x / (int64_t)y)
                              : (uint64_t)((int64_t)x % (int64_t)y);
    return op == C_OP_DIV ? x / y : x % y;
}

static bool with_ints(struct c_work *w, enum c_op op, const struct c_value *a,
                      const struct c_value *b, struct c_value *out)
{
    struct c_type *s = promoted(w, a), *t = promoted(w, b);
    struct c_type *r = op == C_OP_SHL || op == C_OP_SHR ? s
                       : s->size != t->size ? s->size > t->size ? s : t
                       : s->is_signed       ? t
                                            : s;
    uint64_t x, y, v;

    if (!c_to_int(w, a, &x) || !c_to_int(w, b, &y))
        return false;
    if ((op == C_OP_DIV || op == C_OP_MOD) && !y)
        return error_set(&w->err, EXIT_USAGE, "division by zero");
    switch (op) {
    case C_OP_OR:
        v = x | y;
        break;
    case C_OP_XOR:
        v = x ^ y;
        break;
    case C_OP_AND:
        v = x & y;
        break;
    case C_OP_SHL:
        v = y < 64 ? x << y : 0;
        break;
    case C_OP_SHR:
        v = r->is_signed ? (uint64_t)((int64_t)x >> (y < 63 ? y : 63))
            : y < 64     ? x >> y
                         : 0;
        break;
    case C_OP_ADD:
        v = x + y;
        break;
    case C_OP_SUB:
        v = x - y;
        break;
    case C_OP_MUL:
        v = x * y;
        break;
    case C_OP_DIV:
    case C_OP_MOD:
        v = divide(op, x, y, r->is_signed);
        break;
    default:
        *out =
            c_from_int(w, c_int(w, 4, true), compare(op, x, y, r->is_signed));
        return true;
    }
    *out = sized(w, r, v);
    return true;
}

static bool is_pointer(struct c_work *w, const struct c_value *v)
{
    struct c_type *t = c_plain(w, v->type);

    return t->kind == C_POINTER || t->kind == C_ARRAY;
}

/* p + n, n + p, p - n, p - q. */
static bool with_pointers(struct c_work *w, enum c_op op,
                          const struct c_value *a, const struct c_value *b,
                          struct c_value *out)
{
    bool left = is_pointer(w, a);
    const struct c_value *p = left ? a : b, *n = left ? b : a;
    struct c_type *of = c_target(w, c_plain(w, p->type));
    uint64_t x, y, size = c_size(w, of);

    if (!c_to_int(w, p, &x) || !c_to_int(w, n, &y))
        return false;
    if (op == C_OP_SUB && is_pointer(w, n)) {
        *out =
            c_from_int(w, c_int(w, 8, true),
                       size ? (uint64_t)((int64_t)(x - y) / (int64_t)size) : 0);
        return true;
    }
    *out = c_from_int(w, c_pointer_to(w, of),
                      op == C_OP_SUB ? x - y * size : x + y * size);
    return true;
}

static bool repeat(struct c_work *w, const struct c_value *a,
                   const struct c_value *b, struct c_value *out)
{
    uint64_t n;

    if (!c_to_int(w, b, &n))
        return false;
    if (!a->memory || a->bit_size || !n || n > 65536)
        return error_set(&w->err, EXIT_USAGE,
                         "E@N wants an object in memory and a count");
    *out = *a;
    out->type = c_array_of(w, a->type, n);
    return true;
}

bool c_binary(struct c_work *w, enum c_op op, const struct c_value *a,
              const struct c_value *b, struct c_value *out)
{
    if (op == C_OP_REPEAT)
        return repeat(w, a, b, out);
    if ((op == C_OP_ADD || op == C_OP_SUB) &&
        (is_pointer(w, a) || is_pointer(w, b)))
        return with_pointers(w, op, a, b, out);
    if (is_float(w, a) || is_float(w, b))
        return with_floats(w, op, a, b, out);
    return with_ints(w, op, a, b, out);
}
