/*
 * conf_show.c - failing cases, made small, and the table of all.
 */
#include "tests/insn/conf.h"

/* ---- making a case small ---- */

struct shrink {
    struct conf *f;
    struct conf_case k;
    struct conf_outcome o;
    uint8_t data[EXEC_DATA_SIZE];
};

static bool still_fails(struct shrink *s, const struct conf_case *k)
{
    s->f->native_holds = s->f->ours_holds = NULL;
    return conf_run(s->f, k, &s->o) == CONF_FAILED;
}

/* Keeps the change when the case fails all the same. */
static bool try_state(struct shrink *s, const struct exec_state *in)
{
    struct conf_case k = s->k;

    k.in = *in;
    if (!still_fails(s, &k))
        return false;
    s->k.in = *in;
    return true;
}

static void shrink_integers(struct shrink *s, const struct exec_state *plain)
{
    for (unsigned n = 0; n < 16; n++) {
        struct exec_state in = s->k.in;

        in.gpr[n] = plain->gpr[n];
        if (try_state(s, &in))
            continue;
        in = s->k.in;
        in.gpr[n] &= 0xff;
        try_state(s, &in);
    }
    for (unsigned bit = 0; bit < 22; bit++) {
        struct exec_state in = s->k.in;

        in.rflags &= ~(UINT64_C(1) << bit) | plain->rflags;
        try_state(s, &in);
    }
}

static void shrink_vectors(struct shrink *s, const struct exec_state *plain)
{
    struct exec_state in = s->k.in;

    in.fpu = plain->fpu;
    try_state(s, &in);
    in = s->k.in;
    in.fpu.cw = plain->fpu.cw;
    try_state(s, &in);
    for (unsigned n = 0; n < 8; n++) {
        in = s->k.in;
        in.fpu.r[n] = plain->fpu.r[n];
        in.fpu.tw |= (uint16_t)(3u << 2 * n);
        try_state(s, &in);
    }
    in = s->k.in;
    in.mxcsr = plain->mxcsr;
    try_state(s, &in);
    for (unsigned n = 0; n < 16; n++)
        for (unsigned q = 0; q < 4; q++) {
            in = s->k.in;
            vec_set_u64(&in.vec[n], q, 0);
            try_state(s, &in);
        }
}

static void shrink_data(struct shrink *s)
{
    for (unsigned size = EXEC_DATA_SIZE; size >= 8; size /= 2)
        for (unsigned at = 0; at < EXEC_DATA_SIZE; at += size) {
            uint8_t keep[EXEC_DATA_SIZE];

            memcpy(keep, s->data + at, size);
            memset(s->data + at, 0, size);
            if (memcmp(keep, s->data + at, size) && !still_fails(s, &s->k))
                memcpy(s->data + at, keep, size);
        }
}

/* ---- the line for klochs exec ---- */

static void print_number(const char *name, uint64_t v, uint64_t otherwise)
{
    if (v != otherwise)
        printf(",\"%s\":\"0x%llx\"", name, (unsigned long long)v);
}

static void print_bytes(const uint8_t *p, unsigned n)
{
    while (n--)
        printf("%02x", *p++);
}

static void print_fpu(const struct fpu *f, const struct fpu *plain)
{
    unsigned top = f->sw >> 11;

    print_number("fsw", f->sw, plain->sw);
    print_number("fcw", f->cw, plain->cw);
    print_number("ftw", f->tw, plain->tw);
    for (unsigned n = 0; n < 8; n++) {
        const struct f80 *r = &f->r[(top + n) & 7];

        if (r->se || r->frac)
            printf(",\"st%u\":\"%04x%016llx\"", n, r->se,
                   (unsigned long long)r->frac);
    }
}

static void print_memory(const uint8_t *data)
{
    bool first = true;

    for (unsigned n = 0; n < EXEC_DATA_SIZE; n += 8) {
        if (!ld_le64(data + n))
            continue;
        printf("%s\"0x%llx\":\"", first ? ",\"mem\":{" : ",",
               (unsigned long long)EXEC_DATA + n);
        print_bytes(data + n, 8);
        printf("\"");
        first = false;
    }
    printf("%s", first ? "" : "}");
}

static void print_job(const struct conf_case *k, const struct exec_state *plain)
{
    static const char *const names[16] = {
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
        "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    const struct exec_state *s = &k->in;

    printf("# exec: {\"code\":\"");
    print_bytes(k->p.bytes, k->p.len);
    printf("\"");
    if (s->bits != 64)
        printf(",\"bits\":%u%s", s->bits, s->legacy ? ",\"legacy\":true" : "");
    for (unsigned n = 0; n < 16; n++)
        print_number(names[n], s->gpr[n], plain->gpr[n]);
    print_number("rflags", s->rflags, plain->rflags);
    print_number("fs_base", s->fs_base, 0);
    print_number("gs_base", s->gs_base, 0);
    print_number("mxcsr", s->mxcsr, plain->mxcsr);
    print_fpu(&s->fpu, &plain->fpu);
    for (unsigned n = 0; n < 16; n++)
        if (memcmp(&s->vec[n], &plain->vec[n], 32)) {
            printf(",\"ymm%u\":\"", n);
            print_bytes(s->vec[n].b, 32);
            printf("\"");
        }
    print_memory(k->data);
    printf("}\n");
}

void conf_show(struct conf *f, const struct conf_case *k)
{
    static struct shrink s;
    struct exec_state plain;

    s.f = f;
    s.k = *k;
    memcpy(s.data, k->data, sizeof s.data);
    s.k.data = s.data;
    exec_state_init(&plain, k->in.bits, 3);
    if (still_fails(&s, &s.k)) {
        shrink_integers(&s, &plain);
        shrink_vectors(&s, &plain);
        shrink_data(&s);
        still_fails(&s, &s.k);
    }
    printf("# case %u:%u:%u %s at %llx:%s\n", k->row, k->instance, k->state,
           insn_table[k->row].mnemonic, (unsigned long long)k->in.rip,
           s.o.d.text);
    print_job(&s.k, &plain);
    f->native_holds = f->ours_holds = NULL;
    fflush(stdout);
}

/* ---- the table ---- */

static const char *operand_text(unsigned code)
{
    static const char *const text[OPC_COUNT] = {
#define OPERAND_TEXT(id, t, loc, rsize, msize) [OPC_##id] = t,
        OPERAND_CODES(OPERAND_TEXT)
#undef OPERAND_TEXT
    };

    return text[code];
}

static void form_name(unsigned row, char *out, size_t room)
{
    const struct insn_info *in = &insn_table[row];
    size_t len = (size_t)snprintf(out, room, "%s", in->mnemonic);

    for (unsigned k = 0; k < 4 && in->operand[k] && len < room; k++)
        len += (size_t)snprintf(out + len, room - len, "%s%s", k ? "," : " ",
                                operand_text(in->operand[k]));
}

static void print_seen(FILE *out, uint32_t seen)
{
    static const char *const names[] = {
        "64", "32", "16", "legacy", "reg",  "mem", "o16", "o32", "o64",
        "66", "67", "F2", "F3",     "LOCK", "REX", "seg", "256", "TF"};
    const char *gap = "";

    for (unsigned n = 0; n < ARRAY_LEN(names); n++)
        if (seen >> n & 1) {
            fprintf(out, "%s%s", gap, names[n]);
            gap = " ";
        }
}

/* The share of the cases that left flags undefined which has them equal. */
static void print_undefined(FILE *out, const struct row_stats *x)
{
    uint64_t equal = x->leaving - x->undefined;

    if (x->leaving)
        fprintf(out, "%.1f %% of %llu",
                100.0 * (double)equal / (double)x->leaving,
                (unsigned long long)x->leaving);
    else
        fprintf(out, "-");
}

uint64_t conf_report(const struct conf *f, const struct row_stats *s, FILE *out,
                     bool all)
{
    struct row_stats sum = {0};
    unsigned run = 0;

    if (all)
        fprintf(out, "| form | cases | pass | fail | masked | undefined flags "
                     "equal | last places | faults | seen |\n"
                     "|---|--:|--:|--:|--:|--:|--:|--:|---|\n");
    for (unsigned r = 0; r < INSN_COUNT; r++) {
        const struct row_stats *x = &s[r];
        char name[96];

        sum.cases += x->cases;
        sum.failed += x->failed;
        sum.masked += x->masked;
        sum.undefined += x->undefined;
        sum.leaving += x->leaving;
        sum.near += x->near;
        sum.faults += x->faults;
        run += x->cases != 0;
        if (!all)
            continue;
        form_name(r, name, sizeof name);
        fprintf(out, "| %s |", name);
        if (!x->cases) {
            fprintf(out, " | | | | | | | %s |\n",
                    f->form[r].why_not ? f->form[r].why_not : "not reached");
            continue;
        }
        fprintf(out, " %llu | %llu | %llu | %llu | ",
                (unsigned long long)x->cases,
                (unsigned long long)(x->cases - x->failed - x->masked),
                (unsigned long long)x->failed, (unsigned long long)x->masked);
        print_undefined(out, x);
        fprintf(out, " | %llu | %llu | ", (unsigned long long)x->near,
                (unsigned long long)x->faults);
        print_seen(out, x->seen);
        fprintf(out, " |\n");
    }
    fprintf(out,
            "%s%u of %u forms, %llu cases, %llu faults: %llu fail, %llu "
            "masked, %llu of %llu differ in undefined flags, %llu in last "
            "places\n",
            all ? "\n" : "# ", run, (unsigned)INSN_COUNT,
            (unsigned long long)sum.cases, (unsigned long long)sum.faults,
            (unsigned long long)sum.failed, (unsigned long long)sum.masked,
            (unsigned long long)sum.undefined, (unsigned long long)sum.leaving,
            (unsigned long long)sum.near);
    return sum.failed;
}
