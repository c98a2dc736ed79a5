/*
 * digest_test.c - a digest of what every row of x86.tab does to some states.
 *
 * Hosts must agree on it: tests/cross/check-cross compares that of this host
 * with those of other processors, big-endian ones among them. Here the same
 * cases run on two machines, one after the other on the first, with some
 * others in between on the second, and must give the same.
 */
#include "gen/insn_table.h"
#include "tests/insn/oracle_gen.h"
#include "tests/tap.h"

enum { INSTANCES = 10 };

struct bench {
    struct gen gen;
    struct exec *x[2];
    uint64_t digest, cases, differ;
};

/* Numbers as bytes, so that the order of bytes in the host does not matter. */
static uint64_t mix(uint64_t h, const uint64_t *v, unsigned n)
{
    for (unsigned k = 0; k < n; k++)
        for (unsigned bit = 0; bit < 64; bit += 8)
            h = (h ^ (v[k] >> bit & 0xff)) * UINT64_C(0x100000001b3);
    return h;
}

static uint64_t digest_of(struct exec *x, const struct exec_state *s)
{
    uint64_t more[] = {s->rip,    s->rflags, s->fs_base, s->gs_base, s->mxcsr,
                       s->vector, s->code,   s->cr2,     s->ticks,   s->fpu.cw,
                       s->fpu.sw, s->fpu.tw, s->fpu.fip, s->fpu.fdp};
    uint64_t h = mix(UINT64_C(0xcbf29ce484222325), s->gpr, 16);

    h = mix(h, more, ARRAY_LEN(more));
    for (unsigned n = 0; n < 8; n++) {
        uint64_t r[2] = {s->fpu.r[n].frac, s->fpu.r[n].se};

        h = mix(h, r, 2);
    }
    for (unsigned n = 0; n < 16; n++)
        for (unsigned q = 0; q < 4; q++) {
            uint64_t v = vec_u64(&s->vec[n], q);

            h = mix(h, &v, 1);
        }
    for (unsigned n = 0; n < EXEC_DATA_SIZE; n += 8) {
        uint64_t v = ld_le64(exec_data(x) + n);

        h = v ? mix(h ^ n, &v, 1) : h;
    }
    return h;
}

static void one(struct bench *b, const struct row *r)
{
    static const uint8_t bits[] = {64, 64, 32, 16};
    uint8_t code[32], data[EXEC_DATA_SIZE];
    struct exec_state in, out;
    struct decoded d;
    uint64_t h[2];

    memset(code, 0xcc, sizeof code);
    b->gen.bits = bits[gen_below(&b->gen, 4)];
    if (!gen_form(&b->gen, r, EXEC_CODE, code, &d))
        return;
    memset(code + d.len, 0xcc, sizeof code - d.len);
    gen_state(&b->gen, &in);
    in.rip = b->gen.bits == 16 ? 0 : EXEC_CODE;
    in.legacy = b->gen.bits != 64 && gen_one_in(&b->gen, 2);
    gen_data(&b->gen, data, sizeof data);
    for (unsigned k = 0; k < 2; k++) {
        exec_poke(b->x[k], EXEC_CODE, code, sizeof code);
        memcpy(exec_data(b->x[k]), data, sizeof data);
        exec_run(b->x[k], &in, &out, 1000);
        h[k] = digest_of(b->x[k], &out);
    }
    b->cases++;
    b->digest = mix(b->digest, h, 1);
    if (h[0] != h[1] && b->differ++ < 10)
        printf("# %s\n", d.info->mnemonic);
}

/* What the second machine does between two rows. */
static void disturb(struct bench *b)
{
    static const uint8_t code[] = {0x40, 0x90, 0xf3, 0xaa, 0x0f, 0x0b};
    struct exec_state s;

    exec_poke(b->x[1], EXEC_CODE, code, sizeof code);
    exec_state_init(&s, 64, 3);
    s.gpr[RDI] = EXEC_DATA;
    s.gpr[RCX] = 100;
    exec_run(b->x[1], &s, &s, 50);
}

static void row(void *opaque, const struct row *r)
{
    for (unsigned n = 0; n < INSTANCES; n++)
        one(opaque, r);
    disturb(opaque);
}

int main(void)
{
    static struct bench b;
    struct tap tap = {0};
    struct error err;
    char features[2048];
    size_t len = 0;

    for (unsigned n = 0; n < FEAT_COUNT; n++)
        if (!feature_test(features_missing, (enum cpu_feature)n) &&
            strncmp(feature_name((enum cpu_feature)n), "like_", 5))
            len += (size_t)snprintf(features + len, sizeof features - len,
                                    "%s ", feature_name((enum cpu_feature)n));
    for (unsigned k = 0; k < 2; k++)
        b.x[k] = exec_create("corei7_haswell_4770", features, &err);
    if (!b.x[0] || !b.x[1]) {
        printf("Bail out! %s\n", err.text);
        return 1;
    }
    b.gen.features = exec_cpu(b.x[0])->features;
    b.gen.seed = 1;
    b.gen.unmasked = true;
    gen_each_row(row, &b);
    printf("# digest %016llx of %llu cases\n", (unsigned long long)b.digest,
           (unsigned long long)b.cases);
    tap_ok(&tap, b.cases > 10000, "%llu cases", (unsigned long long)b.cases);
    tap_ok(&tap, !b.differ, "%llu differ", (unsigned long long)b.differ);
    for (unsigned k = 0; k < 2; k++)
        exec_destroy(b.x[k]);
    return tap_done(&tap);
}
