/*
 * misc_test.c - plain integer instructions against the SDM.
 *
 * Examples of SDM vol. 2 where it gives some (DAA, DAS), definitions
 * elsewhere; the CRC-32C check value is that of RFC 3720 B.4's polynomial for
 * "123456789".
 */
#include "cpu/flags.h"
#include "tests/insn/sysrig.h"

#define ARITH(c) (flags_sync(c) & EFL_ARITH)

/* Registers are RAX RBX RCX RDX; flags: arithmetic, before and after. */
static const struct {
    const char *name, *bytes;
    uint8_t n, mode;
    uint64_t in[4], out[4];
    uint32_t flags_in, flags_out;
} cases[] = {
    {"daa: 79+35", "\x27", 1, 32, {0xae}, {0x14}, 0, EFL_CF | EFL_AF | EFL_PF},
    {"daa: after a carry",
     "\x27",
     1,
     32,
     {0x2e},
     {0x94},
     EFL_CF,
     EFL_CF | EFL_AF | EFL_SF},
    {"das: 35-47",
     "\x2f",
     1,
     32,
     {0xee},
     {0x88},
     EFL_CF | EFL_AF,
     EFL_CF | EFL_AF | EFL_SF | EFL_PF},
    {"das: borrow of the first step stays",
     "\x2f",
     1,
     32,
     {0x02},
     {0xfc},
     EFL_AF,
     EFL_CF | EFL_AF | EFL_SF | EFL_PF},
    {"aaa: no adjustment", "\x37", 1, 32, {0x35}, {0x05}, 0, EFL_PF},
    {"aaa: carry into AH",
     "\x37",
     1,
     32,
     {0x1fa},
     {0x300},
     0,
     EFL_CF | EFL_AF | EFL_ZF | EFL_PF},
    {"aas: borrow from AH",
     "\x3f",
     1,
     32,
     {0x20f},
     {0x109},
     0,
     EFL_CF | EFL_AF | EFL_PF},
    {"aam", "\xd4\x0a", 2, 32, {0x12345637}, {0x12340505}, EFL_CF, EFL_PF},
    {"aam by 16", "\xd4\x10", 2, 32, {0xa5}, {0x0a05}, 0, EFL_PF},
    {"aad", "\xd5\x0a", 2, 32, {0x0503}, {0x0035}, EFL_CF, EFL_PF},
    {"salc: carry", "\xd6", 1, 32, {0x1200}, {0x12ff}, EFL_CF, EFL_CF},
    {"salc: no carry", "\xd6", 1, 32, {0x1255}, {0x1200}, 0, 0},
    {"lahf", "\x9f", 1, 32, {0}, {0xd700}, EFL_ARITH, EFL_ARITH},
    {"sahf leaves OF", "\x9e", 1, 32, {0x0000}, {0x0000}, EFL_ARITH, EFL_OF},
    {"crc32 of a byte",
     "\xf2\x0f\x38\xf0\xc3",
     5,
     64,
     {0xffffffff, 0x31},
     {0x90f599e3 ^ 0xffffffff, 0x31},
     0,
     0},
    {"andn",
     "\xc4\xe2\xe0\xf2\xc1",
     5,
     64,
     {0, 0xff00, 0xf0f0},
     {0x00f0, 0xff00, 0xf0f0},
     EFL_CF | EFL_OF,
     0},
    {"andn of 32 bits",
     "\xc4\xe2\x60\xf2\xc1",
     5,
     64,
     {UINT64_MAX, 0, UINT64_MAX},
     {0xffffffff, 0, UINT64_MAX},
     0,
     EFL_SF},
    {"bextr",
     "\xc4\xe2\xf0\xf7\xc3",
     5,
     64,
     {0, 0x12345678, 0x0c04},
     {0x567, 0x12345678, 0x0c04},
     EFL_CF,
     0},
    {"bextr from beyond",
     "\xc4\xe2\xf0\xf7\xc3",
     5,
     64,
     {1, 5, 0x0840},
     {0, 5, 0x0840},
     0,
     EFL_ZF},
    {"blsr",
     "\xc4\xe2\xf8\xf3\xcb",
     5,
     64,
     {0, 0x8010},
     {0x8000, 0x8010},
     0,
     0},
    {"blsr of 0",
     "\xc4\xe2\xf8\xf3\xcb",
     5,
     64,
     {1, 0},
     {0, 0},
     0,
     EFL_CF | EFL_ZF},
    {"blsmsk",
     "\xc4\xe2\xf8\xf3\xd3",
     5,
     64,
     {0, 0x8010},
     {0x1f, 0x8010},
     0,
     0},
    {"blsmsk of 0, 32 bits",
     "\xc4\xe2\x78\xf3\xd3",
     5,
     64,
     {0, 0},
     {0xffffffff, 0},
     0,
     EFL_CF | EFL_SF},
    {"blsi",
     "\xc4\xe2\xf8\xf3\xdb",
     5,
     64,
     {0, 0x8010},
     {0x10, 0x8010},
     0,
     EFL_CF},
    {"bzhi",
     "\xc4\xe2\xf0\xf5\xc3",
     5,
     64,
     {0, 0xffff, 0x104},
     {0xf, 0xffff, 0x104},
     0,
     0},
    {"bzhi: index too large",
     "\xc4\xe2\x70\xf5\xc3",
     5,
     64,
     {0, 0xfffff, 32},
     {0xfffff, 0xfffff, 32},
     0,
     EFL_CF},
    {"pext",
     "\xc4\xe2\xe2\xf5\xc1",
     5,
     64,
     {0, 0x12345678, 0xff00fff0},
     {0x12567, 0x12345678, 0xff00fff0},
     EFL_CF,
     EFL_CF},
    {"pdep",
     "\xc4\xe2\xe3\xf5\xc1",
     5,
     64,
     {0, 0x12567, 0xff00fff0},
     {0x12005670, 0x12567, 0xff00fff0},
     0,
     0},
    {"mulx",
     "\xc4\xe2\xe3\xf6\xc1",
     5,
     64,
     {0, 0, UINT64_MAX, UINT64_MAX},
     {UINT64_MAX - 1, 1, UINT64_MAX, UINT64_MAX},
     EFL_OF,
     EFL_OF},
    {"mulx: one register takes the high half",
     "\xc4\xe2\x7b\xf6\xc1",
     5,
     64,
     {0, 0, 0xffffffff, 0x10},
     {0xf, 0, 0xffffffff, 0x10},
     0,
     0},
    {"rorx",
     "\xc4\xe3\x7b\xf0\xc3\x04",
     6,
     64,
     {0, 0x12345678},
     {0x81234567, 0x12345678},
     EFL_CF,
     EFL_CF},
    {"shlx: count of 32 bits is cut",
     "\xc4\xe2\x71\xf7\xc3",
     5,
     64,
     {0, 0x80000001, 33},
     {2, 0x80000001, 33},
     0,
     0},
    {"shrx", "\xc4\xe2\xf3\xf7\xc3", 5, 64, {0, 0x80, 7}, {1, 0x80, 7}, 0, 0},
    {"sarx",
     "\xc4\xe2\x72\xf7\xc3",
     5,
     64,
     {0, 0x80000000, 4},
     {0xf8000000, 0x80000000, 4},
     0,
     0},
    {"adcx",
     "\x66\x0f\x38\xf6\xc3",
     5,
     64,
     {0xffffffff, 0},
     {0, 0},
     EFL_CF | EFL_SF,
     EFL_CF | EFL_SF},
    {"adcx without a carry",
     "\x66\x48\x0f\x38\xf6\xc3",
     6,
     64,
     {5, 6},
     {11, 6},
     EFL_OF,
     EFL_OF},
    {"adox",
     "\xf3\x48\x0f\x38\xf6\xc3",
     6,
     64,
     {UINT64_MAX, 1},
     {0, 1},
     EFL_CF,
     EFL_CF | EFL_OF},
};

static void check_cases(struct sysrig *r)
{
    struct cpu *c = r->c;

    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        if (cases[i].mode == 64)
            sysrig_long(r, 0);
        else
            sysrig_protected(r, 0);
        c->gpr[RAX] = cases[i].in[0];
        c->gpr[RBX] = cases[i].in[1];
        c->gpr[RCX] = cases[i].in[2];
        c->gpr[RDX] = cases[i].in[3];
        flags_set_arith(c, cases[i].flags_in);
        bool ran = exec(r, cases[i].bytes, cases[i].n);
        tap_ok(&r->tap,
               ran && c->gpr[RAX] == cases[i].out[0] &&
                   c->gpr[RBX] == cases[i].out[1] &&
                   c->gpr[RCX] == cases[i].out[2] &&
                   c->gpr[RDX] == cases[i].out[3] &&
                   ARITH(c) == cases[i].flags_out,
               "%s (rax %llx, rbx %llx, flags %03x, want %llx, %03x)",
               cases[i].name, (unsigned long long)c->gpr[RAX],
               (unsigned long long)c->gpr[RBX], (unsigned)ARITH(c),
               (unsigned long long)cases[i].out[0], cases[i].flags_out);
    }
}

static void check_crc(struct sysrig *r)
{
    static const char text[] = "123456789";
    struct cpu *c = r->c;

    sysrig_long(r, 0);
    c->gpr[RAX] = 0xffffffff;
    poke64(r, 0x8000, ld_le64(text));
    poke(r, 0x8008, (uint8_t)text[8]);
    c->gpr[RSI] = 0x8000;
    WORKS(r, "\xf2\x48\x0f\x38\xf1\x06", "crc32 rax, qword [rsi]");
    WORKS(r, "\xf2\x0f\x38\xf0\x46\x08", "crc32 eax, byte [rsi+8]");
    tap_eq(&r->tap, c->gpr[RAX] ^ 0xffffffff, 0xe3069283, "CRC-32C");
}

static void check_bits(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    poke(r, 0x7ffc, 0x80000000);
    poke(r, 0x8000, 0);
    c->gpr[RSI] = 0x8000;
    c->gpr[RAX] = UINT32_MAX; /* bit -1 */
    WORKS(r, "\x0f\xa3\x06", "bt [esi], eax");
    tap_eq(&r->tap, ARITH(c) & EFL_CF, EFL_CF, "bit -1 is in the unit before");
    WORKS(r, "\x0f\xb3\x06", "btr [esi], eax");
    tap_eq(&r->tap, peek(r, 0x7ffc), 0, "bit -1 cleared");
    c->gpr[RAX] = 35;
    WORKS(r, "\x0f\xab\x06", "bts [esi], eax");
    tap_eq(&r->tap, peek(r, 0x8004), 8, "bit 35 set");
    tap_eq(&r->tap, ARITH(c) & EFL_CF, 0, "it was clear");
    WORKS(r, "\x0f\xbb\x06", "btc [esi], eax");
    tap_eq(&r->tap, peek(r, 0x8004), 0, "bit 35 complemented");
    c->gpr[RAX] = 0xfff0; /* 16-bit index -16 */
    poke(r, 0x7ffc, 0x00010000);
    WORKS(r, "\x66\x0f\xa3\x06", "bt word [esi], ax");
    tap_eq(&r->tap, ARITH(c) & EFL_CF, EFL_CF, "16-bit index is signed");
}

static void check_frames(struct sysrig *r)
{
    struct cpu *c = r->c;
    uint64_t sp;

    sysrig_protected(r, 0);
    sp = c->gpr[RSP];
    for (unsigned i = RAX; i <= RDI; i++) {
        if (i != RSP)
            c->gpr[i] = 0x1000 + i;
    }
    WORKS(r, "\x60", "pusha");
    tap_eq(&r->tap, c->gpr[RSP], sp - 32, "pusha moves ESP");
    tap_eq(&r->tap, peek(r, (uint32_t)sp - 4), 0x1000, "EAX first");
    tap_eq(&r->tap, peek(r, (uint32_t)sp - 20), sp, "ESP as it was");
    tap_eq(&r->tap, peek(r, (uint32_t)sp - 32), 0x1007, "EDI last");
    c->gpr[RAX] = c->gpr[RDI] = 0;
    WORKS(r, "\x61", "popa");
    tap_ok(&r->tap,
           c->gpr[RSP] == sp && c->gpr[RAX] == 0x1000 && c->gpr[RDI] == 0x1007,
           "popa");

    c->gpr[RBP] = 0x9000;
    poke(r, 0x8ffc, 0xaaaa);
    WORKS(r, "\xc8\x10\x00\x00", "enter 16, 0");
    tap_ok(&r->tap,
           c->gpr[RBP] == sp - 4 && c->gpr[RSP] == sp - 20 &&
               peek(r, (uint32_t)sp - 4) == 0x9000,
           "enter 16, 0");
    c->gpr[RSP] = sp;
    c->gpr[RBP] = 0x9000;
    WORKS(r, "\xc8\x08\x00\x02", "enter 8, 2");
    tap_ok(&r->tap,
           c->gpr[RBP] == sp - 4 && c->gpr[RSP] == sp - 20 &&
               peek(r, (uint32_t)sp - 8) == 0xaaaa &&
               peek(r, (uint32_t)sp - 12) == sp - 4,
           "enter 8, 2 copies the display");
}

static void check_pop(struct sysrig *r)
{
    struct cpu *c = r->c;
    uint64_t sp;

    sysrig_protected(r, 0);
    sp = c->gpr[RSP];
    poke(r, (uint32_t)sp, 0x12345678);
    WORKS(r, "\x8f\x44\x24\x04", "pop [esp+4]");
    tap_eq(&r->tap, peek(r, (uint32_t)sp + 8), 0x12345678,
           "the address is formed after the pop");
    tap_eq(&r->tap, c->gpr[RSP], sp + 4, "ESP");
    c->seg[SEG_ES].usable = false;
    cpu_update_seg(c, SEG_ES);
    FAULTS(r, "\x26\x8f\x00", EXC_GP, 0, "pop to a null segment");
    tap_eq(&r->tap, c->gpr[RSP], sp + 4, "a fault leaves ESP");
}

static void check_pairs(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_long(r, 0);
    c->gpr[RSI] = 0x8000;
    poke64(r, 0x8000, 0x1111111122222222);
    c->gpr[RAX] = 0xffffffff22222222;
    c->gpr[RDX] = 0xffffffff11111111;
    c->gpr[RBX] = 0x33333333;
    c->gpr[RCX] = 0x44444444;
    WORKS(r, "\x0f\xc7\x0e", "cmpxchg8b");
    tap_eq(&r->tap, peek(r, 0x8000), 0x33333333, "exchanged");
    tap_eq(&r->tap, ARITH(c) & EFL_ZF, EFL_ZF, "ZF");
    WORKS(r, "\x0f\xc7\x0e", "cmpxchg8b that fails");
    tap_ok(&r->tap, c->gpr[RAX] == 0x33333333 && c->gpr[RDX] == 0x44444444,
           "EDX:EAX loaded, upper halves clear");
    tap_eq(&r->tap, ARITH(c) & EFL_ZF, 0, "ZF clear");
    poke64(r, 0x8008, 5);
    c->gpr[RAX] = 0x4444444433333333;
    c->gpr[RDX] = 5;
    c->gpr[RBX] = 7;
    c->gpr[RCX] = 8;
    WORKS(r, "\x48\x0f\xc7\x0e", "cmpxchg16b");
    tap_ok(&r->tap, peek(r, 0x8000) == 7 && peek(r, 0x8008) == 8,
           "16 bytes exchanged");
    c->gpr[RSI] = 0x8008;
    FAULTS(r, "\x48\x0f\xc7\x0e", EXC_GP, 0, "cmpxchg16b off its boundary");
}

static void check_rest(struct sysrig *r)
{
    struct cpu *c = r->c;

    sysrig_protected(r, 0);
    FAULTS(r, "\xd4\x00", EXC_DE, 0, "aam 0");
    FAULTS(r, "\x0f\x0b", EXC_UD, 0, "ud2");
    c->gpr[RBX] = 0x8000;
    c->gpr[RAX] = 0x12345604;
    poke(r, 0x8004, 0x99);
    WORKS(r, "\xd7", "xlat");
    tap_eq(&r->tap, c->gpr[RAX], 0x12345699, "xlat");
    poke(r, 0x8000, (uint32_t)-5);
    poke(r, 0x8004, 5);
    c->gpr[RAX] = (uint32_t)-5;
    WORKS(r, "\x62\x03", "bound: at the lower end");
    c->gpr[RAX] = 6;
    FAULTS(r, "\x62\x03", EXC_BR, 0, "bound: above");
    poke(r, 0x8000, 0x12345678);
    WORKS(r, "\x0f\x38\xf0\x03", "movbe eax, [ebx]");
    tap_eq(&r->tap, c->gpr[RAX], 0x78563412, "movbe loads");
    WORKS(r, "\x66\x0f\x38\xf1\x03", "movbe [ebx], ax");
    tap_eq(&r->tap, peek(r, 0x8000), 0x12341234, "movbe stores a word");
    WORKS(r, "\x0f\xae\x3b", "clflush");
    WORKS(r, "\x0f\x18\x0b", "prefetcht0");
    WORKS(r, "\x0f\x1f\x00", "nop");
    c->gpr[RAX] = 0;
    flags_set_arith(c, EFL_ARITH);
    WORKS(r, "\x0f\xc7\xf0", "rdrand eax");
    tap_eq(&r->tap, ARITH(c), EFL_CF, "rdrand sets CF only");
    c->msr.tsc_aux = 0x55;
    WORKS(r, "\xf3\x0f\xc7\xf9", "rdpid ecx");
    tap_eq(&r->tap, c->gpr[RCX], 0x55, "rdpid");
    sysrig_protected(r, 3);
    FAULTS(r, "\x0f\x01\xcb", EXC_UD, 0, "stac at CPL 3");
    sysrig_protected(r, 0);
    WORKS(r, "\x0f\x01\xcb", "stac");
    tap_eq(&r->tap, c->rflags & EFL_AC, EFL_AC, "AC set");
    WORKS(r, "\x0f\x01\xca", "clac");
    tap_eq(&r->tap, c->rflags & EFL_AC, 0, "AC clear");
}

int main(void)
{
    struct sysrig r;

    sysrig_init(&r);
    check_cases(&r);
    check_crc(&r);
    check_bits(&r);
    check_frames(&r);
    check_pop(&r);
    check_pairs(&r);
    check_rest(&r);
    return sysrig_done(&r);
}
