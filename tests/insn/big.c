/*
 * big.c - numbers of 256 significant bits.
 *
 * Every operation truncates. The series are Taylor's, after a reduction that
 * leaves an argument below 1/2 or so.
 */
#include "tests/insn/big.h"

enum { LIMBS = 4, TERMS = 300 };

bool big_is_zero(const struct big *a)
{
    return !(a->m[0] | a->m[1] | a->m[2] | a->m[3]);
}

static void shift_left(uint64_t *m, unsigned n)
{
    for (; n >= 64; n -= 64) {
        memmove(m + 1, m, (LIMBS - 1) * sizeof *m);
        m[0] = 0;
    }
    for (unsigned k = LIMBS; n && k-- > 0;)
        m[k] = m[k] << n | (k ? m[k - 1] >> (64 - n) : 0);
}

static void shift_right(uint64_t *m, unsigned n)
{
    if (n >= 64 * LIMBS) {
        memset(m, 0, LIMBS * sizeof *m);
        return;
    }
    for (; n >= 64; n -= 64) {
        memmove(m, m + 1, (LIMBS - 1) * sizeof *m);
        m[LIMBS - 1] = 0;
    }
    for (unsigned k = 0; n && k < LIMBS; k++)
        m[k] = m[k] >> n | (k + 1 < LIMBS ? m[k + 1] << (64 - n) : 0);
}

static struct big normal(struct big a)
{
    unsigned n = 0;

    if (big_is_zero(&a))
        return (struct big){.sign = a.sign};
    while (!(a.m[LIMBS - 1 - n / 64] >> (63 - n % 64) & 1))
        n++;
    shift_left(a.m, n);
    a.exp -= (int32_t)n;
    return a;
}

struct big big_from(bool sign, int32_t exp, uint64_t sig)
{
    return normal((struct big){sign, exp + 63, {0, 0, 0, sig}});
}

struct big big_int(int64_t v)
{
    return big_from(v < 0, 0, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

struct big big_neg(struct big a)
{
    a.sign = !a.sign;
    return a;
}

static int compare(const uint64_t *a, const uint64_t *b)
{
    for (unsigned k = LIMBS; k-- > 0;)
        if (a[k] != b[k])
            return a[k] > b[k] ? 1 : -1;
    return 0;
}

/* The carry, or borrow. */
static unsigned add_to(uint64_t *a, const uint64_t *b, bool subtract)
{
    unsigned carry = subtract;

    for (unsigned k = 0; k < LIMBS; k++) {
        uint128 s = (uint128)a[k] + (subtract ? ~b[k] : b[k]) + carry;

        a[k] = (uint64_t)s;
        carry = (unsigned)(s >> 64);
    }
    return carry ^ subtract;
}

struct big big_add(struct big a, struct big b)
{
    if (big_is_zero(&a))
        return b;
    if (big_is_zero(&b))
        return a;
    if (a.exp < b.exp || (a.exp == b.exp && compare(a.m, b.m) < 0)) {
        struct big t = a;

        a = b;
        b = t;
    }
    shift_right(b.m, (unsigned)(a.exp - b.exp));
    if (a.sign != b.sign) {
        add_to(a.m, b.m, true);
        return normal(a);
    }
    if (add_to(a.m, b.m, false)) {
        shift_right(a.m, 1);
        a.m[LIMBS - 1] |= UINT64_C(1) << 63;
        a.exp++;
    }
    return a;
}

struct big big_mul(struct big a, struct big b)
{
    uint64_t p[2 * LIMBS] = {0};
    struct big r = {a.sign != b.sign, a.exp + b.exp + 1, {0}};

    for (unsigned i = 0; i < LIMBS; i++) {
        uint64_t carry = 0;

        for (unsigned k = 0; k < LIMBS; k++) {
            uint128 t = (uint128)a.m[i] * b.m[k] + p[i + k] + carry;

            p[i + k] = (uint64_t)t;
            carry = (uint64_t)(t >> 64);
        }
        p[i + LIMBS] = carry;
    }
    memcpy(r.m, p + LIMBS, sizeof r.m);
    return normal(r);
}

static struct big divide_small(struct big a, uint64_t d)
{
    uint128 rest = 0;
    struct big r = {a.sign, a.exp, {0}};
    uint64_t low;

    for (unsigned k = LIMBS; k-- > 0;) {
        rest = rest << 64 | a.m[k];
        r.m[k] = (uint64_t)(rest / d);
        rest %= d;
    }
    /* Bits that normal() would shift in. */
    low = (uint64_t)((rest << 64) / d);
    r = normal(r);
    if (r.exp < a.exp)
        r.m[0] |= low >> (64 - (unsigned)(a.exp - r.exp));
    return r;
}

struct big big_div(struct big a, struct big b)
{
    struct big r = {a.sign != b.sign, a.exp - b.exp, {0}};
    bool over = false;

    for (unsigned n = 0; n < 64 * LIMBS; n++) {
        shift_left(r.m, 1);
        if (over || compare(a.m, b.m) >= 0) {
            add_to(a.m, b.m, true);
            r.m[0] |= 1;
        }
        over = a.m[LIMBS - 1] >> 63;
        shift_left(a.m, 1);
    }
    return normal(r);
}

static bool negligible(const struct big *term, const struct big *sum)
{
    return big_is_zero(term) || term->exp < sum->exp - 64 * LIMBS;
}

/* ---- constants ---- */

/* ln 2 = sum of 1 / (n 2^n) */
static struct big ln_2(void)
{
    struct big sum = {0}, p = big_int(1);

    for (unsigned n = 1; n < TERMS; n++) {
        p.exp--;
        sum = big_add(sum, divide_small(p, n));
    }
    return sum;
}

/* For |a| < 1/2: a - a^3/3 + ..., or with + throughout. */
static struct big arc_series(struct big a, bool minus)
{
    struct big square = big_mul(a, a), p = a, sum = a;

    for (unsigned n = 3; n < 2 * TERMS; n += 2) {
        struct big t;

        p = big_mul(p, square);
        p.sign = minus ? !p.sign : p.sign;
        t = divide_small(p, n);
        if (negligible(&t, &sum))
            break;
        sum = big_add(sum, t);
    }
    return sum;
}

/* Machin: pi = 16 atan(1/5) - 4 atan(1/239). */
static struct big pi(void)
{
    struct big a = arc_series(divide_small(big_int(1), 5), true);
    struct big b = arc_series(divide_small(big_int(1), 239), true);

    a.exp += 4;
    b.exp += 2;
    return big_add(a, big_neg(b));
}

/* ---- angles ---- */

struct big big_reduce(struct big a, unsigned *quadrant)
{
    /* 3.243F6A8885A308D3 */
    struct big half =
        big_add(big_int(3), big_from(false, -64, UINT64_C(0x243f6a8885a308d3)));
    struct big q, limit;
    bool sign = a.sign;

    half.exp--;
    limit = half;
    limit.exp--;
    a.sign = false;
    *quadrant = 0;
    /* Exact: both are multiples of 2^-65, or the loop does nothing. */
    for (int32_t e = a.exp; e >= half.exp; e--) {
        q = half;
        q.exp = e;
        if (a.exp > q.exp || (a.exp == q.exp && compare(a.m, q.m) >= 0)) {
            a = big_add(a, big_neg(q));
            *quadrant += e == half.exp ? 1 : e == half.exp + 1 ? 2 : 0;
        }
        if (big_is_zero(&a))
            break;
    }
    q = big_add(a, big_neg(limit));
    if (!big_is_zero(&q) && !q.sign) {
        a = big_add(a, big_neg(half));
        ++*quadrant;
    }
    if (sign) {
        a.sign = !a.sign;
        *quadrant = 0u - *quadrant;
    }
    *quadrant &= 3;
    return a;
}

/* first - first * x^2 / (n (n + 1)) + ... */
static struct big angle_series(struct big first, struct big square, unsigned n)
{
    struct big t = first, sum = first;

    for (; n < TERMS; n += 2) {
        t = divide_small(big_neg(big_mul(t, square)), n * (n + 1));
        if (negligible(&t, &sum))
            break;
        sum = big_add(sum, t);
    }
    return sum;
}

void big_sincos(struct big a, struct big *sine, struct big *cosine)
{
    struct big square = big_mul(a, a);

    *sine = angle_series(a, square, 2);
    *cosine = angle_series(big_int(1), square, 1);
}

/* By halving: atan(k / 8) = 2 atan(1/8) + atan of the rest, k times 1/8. */
static struct big atan_below_1(struct big a)
{
    struct big eighth = divide_small(big_int(1), 8), sum = {0}, step;
    struct big one = big_int(1);

    step = arc_series(eighth, true);
    while (!big_is_zero(&a) && a.exp >= -3) {
        struct big top = big_add(a, big_neg(eighth));

        a = big_div(top, big_add(one, big_mul(a, eighth)));
        sum = big_add(sum, step);
    }
    return big_is_zero(&a) ? sum : big_add(sum, arc_series(a, true));
}

struct big big_atan2(struct big y, struct big x)
{
    bool up = y.sign, left = x.sign;
    struct big r, half = pi();

    half.exp--;
    y.sign = x.sign = false;
    if (y.exp > x.exp || (y.exp == x.exp && compare(y.m, x.m) > 0))
        r = big_add(half, big_neg(atan_below_1(big_div(x, y))));
    else
        r = atan_below_1(big_div(y, x));
    if (left)
        r = big_add(pi(), big_neg(r));
    r.sign = up;
    return r;
}

/* ---- powers and logarithms ---- */

/* e^y - 1 = y + y^2/2 + ... */
struct big big_exp2m1(struct big a)
{
    struct big y = big_mul(a, ln_2()), t = y, sum = y;

    for (unsigned n = 2; n < TERMS; n++) {
        t = divide_small(big_mul(t, y), n);
        if (negligible(&t, &sum))
            break;
        sum = big_add(sum, t);
    }
    return sum;
}

/* ln((1 + z) / (1 - z)) / ln 2 */
static struct big log2_ratio(struct big z)
{
    struct big r = arc_series(z, false);

    r.exp++;
    return big_div(r, ln_2());
}

struct big big_log2(struct big a)
{
    int32_t e = a.exp;
    struct big top, one = big_int(1);

    a.exp = 0;
    if (a.m[LIMBS - 1] >= UINT64_C(0xb504f333f9de6484)) {
        a.exp--;
        e++;
    }
    top = big_add(a, big_neg(one));
    if (big_is_zero(&top))
        return big_int(e);
    return big_add(big_int(e), log2_ratio(big_div(top, big_add(a, one))));
}

struct big big_log2_1p(struct big a)
{
    if (a.exp < -2)
        return log2_ratio(big_div(a, big_add(a, big_int(2))));
    return big_log2(big_add(a, big_int(1)));
}
