/*
 * decode_test.c - the decoder's rules, an encoding a line.
 *
 * SDM vol. 2 chapter 2: prefixes, REX, VEX, addressing, operand sizes, LOCK,
 * the limit of 15 bytes, and the choice of a row by what the model has.
 */
#include "cpu/decode.h"
#include "gen/insn_table.h"
#include "tests/tap.h"

struct want {
    const char *name, *bytes; /* bytes: two hex digits each */
    uint8_t mode;             /* 16, 32, 64; +1: real mode */
    const char *mnemonic;     /* NULL: #UD */
    uint8_t len, osize, asize;
};

static const struct want lengths[] = {
    {"add r/m8", "00d8", 32, "add", 2, 1, 4},
    {"add r32, imm32", "81c078563412", 32, "add", 6, 4, 4},
    {"66: 16-bit operand", "6681c07856", 32, "add", 5, 2, 4},
    {"66 in 16-bit code: 32-bit operand", "6681c078563412", 16, "add", 7, 4, 2},
    {"REX.W beats 66", "664881c078563412", 64, "add", 8, 8, 8},
    {"REX not before the opcode is lost", "486681c07856", 64, "add", 6, 2, 8},
    {"mov r64, imm64", "48b8efcdab8967452301", 64, "mov", 10, 8, 8},
    {"mov eax, moffs64", "a1efcdab8967452301", 64, "mov", 9, 4, 8},
    {"moffs with 67", "67a178563412", 64, "mov", 6, 4, 4},
    {"16-bit address with disp16", "8b063412", 16, "mov", 4, 2, 2},
    {"16-bit bp+disp8", "8b4605", 16, "mov", 3, 2, 2},
    {"67 in 16-bit code: SIB", "678b4424f8", 16, "mov", 5, 2, 4},
    {"rip-relative", "8b0578563412", 64, "mov", 6, 4, 8},
    {"push defaults to 64", "50", 64, "push", 1, 8, 8},
    {"push with 66", "6650", 64, "push", 2, 2, 8},
    {"near jump ignores 66 in 64-bit mode", "66e900000000", 64, "jmp", 6, 8, 8},
    {"near jump with 66 in 32-bit mode", "66e90000", 32, "jmp", 4, 2, 4},
    {"far jump", "ea785634121000", 32, "jmpf", 7, 4, 4},
    {"far jump is gone in 64-bit mode", "ea785634121000", 64, NULL, 0, 0, 0},
    {"enter", "c8100002", 32, "enter", 4, 4, 4},
    {"imul with sign-extended byte", "6bc0ff", 32, "imul", 3, 4, 4},
    {"nop", "90", 64, "nop", 1, 4, 8},
    {"REX.B makes it xchg", "4190", 64, "xchg", 2, 4, 8},
    {"pause", "f390", 64, "pause", 2, 4, 8},
    {"cbw, cwde, cdqe by size: 16", "98", 16, "cbw", 1, 2, 2},
    {"cbw, cwde, cdqe by size: 32", "98", 32, "cwde", 1, 4, 4},
    {"cbw, cwde, cdqe by size: 64", "4898", 64, "cdqe", 2, 8, 8},
    {"jcxz by address size", "e300", 16, "jcxz", 2, 2, 2},
    {"jecxz by address size", "67e300", 64, "jecxz", 3, 8, 4},
    {"arpl", "63c0", 32, "arpl", 2, 4, 4},
    {"arpl needs protected mode", "63c0", 17, NULL, 0, 0, 0},
    {"movsxd", "4863c0", 64, "movsxd", 3, 8, 8},
    {"lea of a register", "8dc0", 32, NULL, 0, 0, 0},
    {"mov ignores mod for cr", "0f2000", 32, "mov", 3, 4, 4},
    {"mov cr is 64 bits wide in 64-bit mode", "0f20c0", 64, "mov", 3, 8, 8},
    {"lock add to memory", "f00100", 32, "add", 3, 4, 4},
    {"lock add to a register", "f001c0", 32, NULL, 0, 0, 0},
    {"lock add from memory", "f00300", 32, NULL, 0, 0, 0},
    {"lock cmp", "f03900", 32, NULL, 0, 0, 0},
    {"lock mov", "f08900", 32, NULL, 0, 0, 0},
    {"lock bt", "f00fa300", 32, NULL, 0, 0, 0},
    {"lock cmpxchg8b", "f00fc708", 32, "cmpxchg8b", 4, 4, 4},
    {"cmpxchg16b", "480fc708", 64, "cmpxchg16b", 4, 8, 8},
    {"cmpxchg8b of a register", "0fc7c8", 32, NULL, 0, 0, 0},
    {"les", "c400", 32, "les", 2, 4, 4},
    {"vaddps, not les, when mod is 3", "c5f058c2", 32, "vaddps", 4, 4, 4},
    {"no VEX in real mode", "c5f058c2", 17, NULL, 0, 0, 0},
    {"VEX after 66", "66c5f058c2", 64, NULL, 0, 0, 0},
    {"VEX after REX", "40c5f058c2", 64, NULL, 0, 0, 0},
    {"VEX after LOCK", "f0c5f058c2", 64, NULL, 0, 0, 0},
    {"vvvv that is no operand", "c5f028c2", 64, NULL, 0, 0, 0},
    {"vvvv all ones", "c5f828c2", 64, "vmovaps", 4, 4, 8},
    {"three-byte VEX", "c4e2f1f2c2", 64, NULL, 0, 0, 0},
    {"andn", "c4e2f0f2c2", 64, "andn", 5, 8, 8},
    {"VEX.W on registers means nothing below 64 bits", "c4e2f0f2c2", 32, "andn",
     5, 4, 4},
    {"VEX map 4", "c4e4f0f2c2", 64, NULL, 0, 0, 0},
    {"gather wants a SIB byte", "c4e27190c2", 64, NULL, 0, 0, 0},
    {"gather", "c4e271900488", 64, "vpgatherdd", 6, 4, 8},
    {"sse by prefix: none", "0f58c1", 32, "addps", 3, 4, 4},
    {"sse by prefix: 66", "660f58c1", 32, "addpd", 4, 4, 4},
    {"sse by prefix: f3 before 66", "f3660f58c1", 32, "addss", 5, 2, 4},
    {"sse by prefix: last of f2 and f3", "f3f20f58c1", 32, "addsd", 5, 4, 4},
    {"no such prefix for this opcode", "f30f14c1", 32, NULL, 0, 0, 0},
    {"popcnt", "f30fb8c1", 32, "popcnt", 4, 4, 4},
    {"no popcnt without f3", "0fb8c1", 32, NULL, 0, 0, 0},
    {"crc32 with 66", "66f20f38f1c1", 32, "crc32", 6, 2, 4},
    {"3DNow!: opcode behind the operands", "0f0f4508bf", 32, "pavgusb", 5, 4,
     4},
    {"3DNow!: none such", "0f0fc100", 32, NULL, 0, 0, 0},
    {"fadd m32", "d800", 32, "fadd", 2, 4, 4},
    {"fcomi", "dbf1", 32, "fcomi", 2, 4, 4},
    {"no such x87 instruction", "d9d1", 32, NULL, 0, 0, 0},
    {"salc", "d6", 32, "salc", 1, 4, 4},
    {"82 is 80", "82c001", 32, "add", 3, 1, 4},
    {"82 is gone in 64-bit mode", "82c001", 64, NULL, 0, 0, 0},
    {"shl by its alias", "d0f0", 32, "shl", 2, 1, 4},
    {"test by its alias", "f6c801", 32, "test", 3, 1, 4},
    {"mov to a segment register", "8ed8", 32, "mov", 2, 4, 4},
    {"string operation of quadwords", "48a5", 64, "movsq", 2, 8, 8},
    {"ud2", "0f0b", 32, "ud2", 2, 4, 4},
    {"inc in one byte", "40", 32, "inc", 1, 4, 4},
};

static uint64_t everything[FEATURE_WORDS];

static unsigned unhex(const char *s, uint8_t *out)
{
    unsigned n = 0, v;

    while (sscanf(s + 2 * n, "%2x", &v) == 1)
        out[n++] = (uint8_t)v;
    return n;
}

static enum decode_status decode_hex(const char *hex, uint8_t mode,
                                     struct decoded *d)
{
    uint8_t bytes[32];
    unsigned n = unhex(hex, bytes);
    struct decode_env env = {mode & 0xf0, mode & 1, everything, 0};

    return decode_insn(&env, bytes, n, d);
}

static void check_lengths(struct tap *t)
{
    for (unsigned i = 0; i < ARRAY_LEN(lengths); i++) {
        const struct want *w = &lengths[i];
        struct decoded d;
        enum decode_status st = decode_hex(w->bytes, w->mode, &d);

        if (!w->mnemonic) {
            tap_eq(t, st, DECODE_UD, w->name);
            continue;
        }
        bool good = st == DECODE_OK && d.len == w->len && d.osize == w->osize &&
                    d.asize == w->asize &&
                    !strcmp(d.info->mnemonic, w->mnemonic);
        tap_ok(t, good, "%s (status %d, %s, %u bytes, operand %u, address %u)",
               w->name, st, st == DECODE_OK ? d.info->mnemonic : "?", d.len,
               d.osize, d.asize);
    }
}

/* Every proper beginning of an instruction asks for more. */
static void check_more(struct tap *t)
{
    bool good = true;

    for (unsigned i = 0; i < ARRAY_LEN(lengths); i++) {
        const struct want *w = &lengths[i];
        struct decode_env env = {w->mode & 0xf0, w->mode & 1, everything, 0};
        uint8_t bytes[32];
        struct decoded d;

        unhex(w->bytes, bytes);
        for (unsigned n = 0; w->mnemonic && n < w->len; n++) {
            enum decode_status st = decode_insn(&env, bytes, n, &d);
            if (st != DECODE_MORE) {
                good = false;
                printf("# %s: status %d after %u bytes\n", w->name, st, n);
            }
        }
    }
    tap_ok(t, good, "short input asks for more");
}

static void check_limit(struct tap *t)
{
    struct decode_env env = {32, false, everything, 0};
    uint8_t bytes[16];
    struct decoded d;

    memset(bytes, 0x66, sizeof bytes);
    bytes[14] = 0x90;
    tap_eq(t, decode_insn(&env, bytes, 15, &d), DECODE_OK, "15 bytes pass");
    tap_eq(t, d.len, 15, "15 bytes long");
    bytes[14] = 0x66;
    bytes[15] = 0x90;
    tap_eq(t, decode_insn(&env, bytes, 16, &d), DECODE_LONG, "16 do not");
    tap_eq(t, decode_insn(&env, bytes, 15, &d), DECODE_LONG,
           "15 prefixes are enough to know");
    tap_eq(t, decode_insn(&env, bytes, 14, &d), DECODE_MORE,
           "14 prefixes are not");
    memset(bytes, 0x66, 12);
    memcpy(bytes + 12, "\x81\xc0\x00\x00", 4);
    tap_eq(t, decode_insn(&env, bytes, 16, &d), DECODE_LONG,
           "an immediate that ends in byte 16");
}

static void check_address(struct tap *t)
{
    struct decoded d;

    decode_hex("8b4605", 16, &d);
    tap_ok(t, d.base == 5 && d.index == REG_NONE && d.seg == 2 && d.disp == 5,
           "[bp+5] is in SS");
    decode_hex("8b12", 16, &d);
    tap_ok(t, d.base == 5 && d.index == 6 && d.seg == 2, "[bp+si] is in SS");
    decode_hex("8b10", 16, &d);
    tap_ok(t, d.base == 3 && d.index == 6 && d.seg == 3, "[bx+si] is in DS");
    decode_hex("8b0e34f2", 16, &d);
    tap_ok(t, d.base == REG_NONE && d.seg == 3 && (d.disp & 0xffff) == 0xf234,
           "[disp16] is in DS");
    decode_hex("8b0424", 32, &d);
    tap_ok(t, d.base == 4 && d.index == REG_NONE && d.seg == 2,
           "[esp]: SIB without index");
    decode_hex("8b04adf0ffffff", 32, &d);
    tap_ok(t,
           d.base == REG_NONE && d.index == 5 && d.scale == 2 &&
               d.disp == -16 && d.seg == 3,
           "[ebp*4-16] has no base and is in DS");
    decode_hex("268b4500", 32, &d);
    tap_ok(t, d.seg == 0 && d.seg_override == 0, "ES override beats SS");
    decode_hex("268b4500", 64, &d);
    tap_ok(t, d.seg == 2 && d.seg_override == 0xff,
           "ES override has no effect in 64-bit mode");
    decode_hex("658b4500", 64, &d);
    tap_eq(t, d.seg, 5, "GS override in 64-bit mode");
    decode_hex("418b4500", 64, &d);
    tap_ok(t, d.base == 13 && d.seg == 3, "[r13+0] is in DS");
    decode_hex("428b0420", 64, &d);
    tap_ok(t, d.base == 0 && d.index == 12, "r12 can be an index");
    decode_hex("8b05f0ffffff", 64, &d);
    tap_ok(t, d.base == REG_RIP && d.disp == -16, "[rip-16]");
    decode_hex("8b0425f0ffffff", 64, &d);
    tap_ok(t, d.base == REG_NONE && d.disp == -16, "absolute by SIB");
    decode_hex("a134f2", 16, &d);
    tap_ok(t, d.mod == 0 && d.disp == 0xf234, "moffs16 is not signed");
    decode_hex("3ea078563412", 32, &d);
    tap_eq(t, d.seg, 3, "moffs with an override");
}

static void check_fields(struct tap *t)
{
    struct decoded d;

    decode_hex("6bc0ff", 32, &d);
    tap_eq(t, d.imm, UINT64_MAX, "sIb is sign-extended");
    decode_hex("80c0ff", 32, &d);
    tap_eq(t, d.imm, 0xff, "Ib is not");
    decode_hex("4881c0000000f0", 64, &d);
    tap_eq(t, d.imm, 0xfffffffff0000000u, "Iz is sign-extended");
    decode_hex("b8000000f0", 64, &d);
    tap_eq(t, d.imm, 0xf0000000u, "Iv of four bytes is not");
    decode_hex("ea7856341234f2", 32, &d);
    tap_ok(t, d.imm == 0x12345678 && d.imm2 == 0xf234, "far pointer");
    decode_hex("c8341202", 32, &d);
    tap_ok(t, d.imm == 0x1234 && d.imm2 == 2, "enter: size and level");
    decode_hex("ebfe", 32, &d);
    tap_eq(t, d.imm, (uint64_t)-2, "rel8 is sign-extended");
    decode_hex("4157", 64, &d);
    tap_ok(t, d.rm == 15 && d.reg == 15 && d.mod == 3, "register in opcode");
    decode_hex("4d89c8", 64, &d);
    tap_ok(t, d.reg == 9 && d.rm == 8 && d.rex == 0x4d, "REX.R and REX.B");
    decode_hex("450f6fc1", 64, &d);
    tap_ok(t, d.reg == 0 && d.rm == 1, "MMX registers know no REX");
    decode_hex("448ec0", 64, &d);
    tap_eq(t, d.reg, 0, "nor do segment registers");
    decode_hex("c4415158d1", 64, &d);
    tap_ok(t,
           d.reg == 10 && d.rm == 9 && d.vvvv == 5 && d.vl == 0 && d.vex == 1,
           "VEX registers");
    decode_hex("c5fc58c2", 64, &d);
    tap_eq(t, d.vl, 1, "VEX.L");
    decode_hex("f3f2a4", 32, &d);
    tap_eq(t, d.rep, 0xf2, "the last of F2 and F3 counts");
    decode_hex("f00f20c0", 32, &d);
    tap_eq(t, d.reg, 8, "LOCK MOV CR0 is CR8");
    tap_eq(t, decode_hex("f00f20d8", 32, &d), DECODE_UD, "LOCK MOV CR3");
    decode_hex("c5b158c2", 32, &d);
    tap_ok(t, d.info && !strcmp(d.info->mnemonic, "lds"),
           "bit 6 of the byte after C5 clear: LDS");
}

static const char *name_without(const char *hex, enum cpu_feature f,
                                uint8_t mode)
{
    uint64_t some[FEATURE_WORDS];
    struct decode_env env = {mode, false, some, 0};
    uint8_t bytes[16];
    unsigned n = unhex(hex, bytes);
    struct decoded d;

    memcpy(some, everything, sizeof some);
    feature_clear(some, f);
    return decode_insn(&env, bytes, n, &d) == DECODE_OK ? d.info->mnemonic
                                                        : "#UD";
}

static void check_features(struct tap *t)
{
    tap_ok(t, !strcmp(name_without("f390", FEAT_SSE2, 32), "nop"),
           "PAUSE is NOP without SSE2");
    tap_ok(t, !strcmp(name_without("f30fbcc0", FEAT_BMI1, 32), "bsf"),
           "TZCNT is BSF without BMI1");
    tap_ok(t, !strcmp(name_without("f30fbdc0", FEAT_LZCNT, 32), "bsr"),
           "LZCNT is BSR without it");
    tap_ok(t, !strcmp(name_without("0f58c0", FEAT_SSE, 32), "#UD"),
           "no SSE, no ADDPS");
    tap_ok(t, !strcmp(name_without("0fa2", FEAT_486NI, 32), "#UD"),
           "no CPUID before the 486");
    tap_ok(t, !strcmp(name_without("9e", FEAT_LM_LAHF_SAHF, 64), "#UD"),
           "SAHF in 64-bit mode is a feature");
    tap_ok(t, !strcmp(name_without("9e", FEAT_LM_LAHF_SAHF, 32), "sahf"),
           "and none elsewhere");
    tap_ok(t, !strcmp(name_without("f00f20c0", FEAT_ALTMOVCR8, 32), "#UD"),
           "LOCK MOV CR0 is a feature");
    tap_ok(t, !strcmp(name_without("c4e279dcc1", FEAT_AVX, 64), "#UD"),
           "VAESENC needs AVX as well as AES");
    tap_ok(t, !strcmp(name_without("c4e2f0f2c2", FEAT_AVX, 64), "andn"),
           "ANDN does not");
    tap_ok(t, !strcmp(name_without("0fe0c0", FEAT_SSE, 32), "pavgb"),
           "PAVGB comes with 3DNow! extensions too");
}

static void check_names(struct tap *t)
{
    enum cpu_feature f = FEAT_COUNT;

    tap_ok(t, feature_parse("SSE4_1", &f) && f == FEAT_SSE4_1,
           "feature names ignore case");
    tap_ok(t, !feature_parse("sse9", &f), "no such feature");
    tap_ok(t, !strcmp(feature_name(FEAT_1G_PAGES), "1g_pages"), "feature name");
    tap_ok(t, !strcmp(feature_name(FEAT_COUNT), "?"), "no feature name");
}

/* Tables in order: every rule names a row, flags do not contradict. */
static void check_table(struct tap *t)
{
    bool rules = true, flags = true, executed = true;

    for (unsigned i = 0; i < INSN_MATCHES; i++)
        rules &= insn_matches[i].info < INSN_COUNT;
    for (unsigned i = 0; i < INSN_COUNT; i++) {
        const struct insn_info *in = &insn_table[i];
        bool hot = false;

        flags &= !(in->flags_written & in->flags_undef);
        for (unsigned z = 0; z < 4; z++)
            hot |= in->hot[z][0] || in->hot[z][1];
        executed &= in->fn || hot;
    }
    tap_ok(t, rules, "rules name rows");
    tap_ok(t, flags, "no flag is both written and undefined");
    tap_ok(t, executed, "every row has a plain handler or a hot body");
}

int main(void)
{
    struct tap t = {0};

    for (unsigned i = 0; i < FEAT_COUNT; i++)
        feature_set(everything, (enum cpu_feature)i);
    check_lengths(&t);
    check_more(&t);
    check_limit(&t);
    check_address(&t);
    check_fields(&t);
    check_features(&t);
    check_names(&t);
    check_table(&t);
    return tap_done(&t);
}
