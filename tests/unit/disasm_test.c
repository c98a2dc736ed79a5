/*
 * disasm_test.c - how instructions read, in both syntaxes.
 */
#include "cpu/disasm/disasm.h"
#include "gen/insn_table.h"
#include "tests/tap.h"

static const struct {
    const char *bytes;
    uint8_t mode;
    const char *intel, *att;
} cases[] = {
    {"8b4304", 32, "mov eax, dword ptr ds:[ebx+4]", "mov %ds:0x4(%ebx), %eax"},
    {"8945f4", 32, "mov dword ptr ss:[ebp-12], eax",
     "mov %eax, %ss:-0xc(%ebp)"},
    {"8b84b300010000", 32, "mov eax, dword ptr ds:[ebx+esi*4+0x100]",
     "mov %ds:0x100(%ebx,%esi,4), %eax"},
    {"a0b40f0000", 32, "mov al, byte ptr ds:0xfb4", "mov %ds:0xfb4, %al"},
    {"c70510000000efbeadde", 32, "mov dword ptr ds:0x10, 0xdeadbeef",
     "movl $0xdeadbeef, %ds:0x10"},
    {"ebfe", 16, "jmp .-2 (0x00007c00)", "jmp 0x7c00"},
    {"e8fd03", 16, "call .+1021 (0x00008000)", "call 0x8000"},
    {"eafeff00f0", 16, "jmpf 0xf000:fffe", "jmpf $0xf000, $0xfffe"},
    {"8b02", 16, "mov ax, word ptr ss:[bp+si]", "mov %ss:(%bp,%si,1), %ax"},
    {"268a4701", 16, "mov al, byte ptr es:[bx+1]", "mov %es:0x1(%bx), %al"},
    {"f3a4", 16, "rep movsb byte ptr es:[di], byte ptr ds:[si]",
     "rep movsb %ds:(%si), %es:(%di)"},
    {"f2ae", 32, "repne scasb al, byte ptr es:[edi]",
     "repne scasb %es:(%edi), %al"},
    {"f3a6", 32, "repe cmpsb byte ptr ds:[esi], byte ptr es:[edi]",
     "repe cmpsb %es:(%edi), %ds:(%esi)"},
    {"6ef4", 16, "outsb dx, byte ptr ds:[si]", "outsb %ds:(%si), %dx"},
    {"f0ff00", 32, "lock inc dword ptr ds:[eax]", "lock incl %ds:(%eax)"},
    {"83c0ff", 32, "add eax, 0xffffffff", "add $0xffffffff, %eax"},
    {"d1e0", 32, "shl eax, 1", "shl $1, %eax"},
    {"d3e0", 32, "shl eax, cl", "shl %cl, %eax"},
    {"b4ff", 32, "mov ah, 0xff", "mov $0xff, %ah"},
    {"40b4ff", 64, "mov spl, 0xff", "mov $0xff, %spl"},
    {"41b0ff", 64, "mov r8b, 0xff", "mov $0xff, %r8b"},
    {"4d89c8", 64, "mov r8, r9", "mov %r9, %r8"},
    {"48b8efcdab8967452301", 64, "mov rax, 0x123456789abcdef",
     "mov $0x123456789abcdef, %rax"},
    {"8b0510000000", 64, "mov eax, dword ptr ds:[rip+0x10] ; 0x7c16",
     "mov %ds:0x10(%rip), %eax # 0x7c16"},
    {"7405", 64, "jz .+5 (0x0000000000007c07)", "jz 0x7c07"},
    {"ff2485785634f2", 32, "jmp dword ptr ds:[eax*4-0xdcba988]",
     "jmp *%ds:-0xdcba988(,%eax,4)"},
    {"8ed8", 16, "mov ds, ax", "mov %ax, %ds"},
    {"0f22c0", 32, "mov cr0, eax", "mov %eax, %cr0"},
    {"440f20c0", 64, "mov rax, cr8", "mov %cr8, %rax"},
    {"c8100002", 16, "enter 0x10, 0x2", "enter $0x10, $0x2"},
    {"cd10", 16, "int 0x10", "int $0x10"},
    {"e460", 16, "in al, 0x60", "in $0x60, %al"},
    {"98", 32, "cwde", "cwde"},
    {"d8c1", 32, "fadd st(0), st(1)", "fadd %st(1), %st(0)"},
    {"dd00", 32, "fld qword ptr ds:[eax]", "fldl %ds:(%eax)"},
    {"db28", 32, "fld tbyte ptr ds:[eax]", "fldt %ds:(%eax)"},
    {"0ffcc1", 32, "paddb mm0, mm1", "paddb %mm1, %mm0"},
    {"0f5800", 32, "addps xmm0, xmmword ptr ds:[eax]",
     "addps %ds:(%eax), %xmm0"},
    {"f30f5800", 32, "addss xmm0, dword ptr ds:[eax]",
     "addss %ds:(%eax), %xmm0"},
    {"c5f458c2", 32, "vaddps ymm0, ymm1, ymm2", "vaddps %ymm2, %ymm1, %ymm0"},
    {"c4e371 4ac230", 32, "vblendvps xmm0, xmm1, xmm2, xmm3",
     "vblendvps %xmm3, %xmm2, %xmm1, %xmm0"},
    {"c4e2f193048d00000000", 32, "vgatherqpd xmm0, qword ptr ds:[xmm1*4], xmm1",
     "vgatherqpd %xmm1, %ds:(,%xmm1,4), %xmm0"},
    {"0f0138", 32, "invlpg byte ptr ds:[eax]", "invlpg %ds:(%eax)"},
    {"0f0110", 32, "lgdt ds:[eax]", "lgdt %ds:(%eax)"},
    {"ff18", 32, "callf fword ptr ds:[eax]", "callf *%ds:(%eax)"},
    {"8d4304", 32, "lea eax, ds:[ebx+4]", "lea %ds:0x4(%ebx), %eax"},
    {"0fb600", 32, "movzx eax, byte ptr ds:[eax]", "movzx %ds:(%eax), %eax"},
};

static uint64_t everything[FEATURE_WORDS];

static unsigned unhex(const char *s, uint8_t *out)
{
    unsigned n = 0, v;
    int used;

    for (; sscanf(s, " %2x%n", &v, &used) == 1; s += used)
        out[n++] = (uint8_t)v;
    return n;
}

static void check_text(struct tap *t)
{
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        struct decode_env env = {cases[i].mode, false, everything, 0};
        uint8_t bytes[16];
        unsigned n = unhex(cases[i].bytes, bytes);
        char intel[128] = "", att[128] = "";
        struct decoded d;

        if (decode_insn(&env, bytes, n, &d) == DECODE_OK) {
            disasm_intel(&d, 0x7c00, intel, sizeof intel);
            disasm_att(&d, 0x7c00, att, sizeof att);
        }
        tap_ok(t, !strcmp(intel, cases[i].intel), "%s: %s", cases[i].intel,
               intel);
        tap_ok(t, !strcmp(att, cases[i].att), "%s: %s", cases[i].att, att);
    }
}

/* Short buffers are filled and terminated, never overrun. */
static void check_room(struct tap *t)
{
    struct decode_env env = {32, false, everything, 0};
    char full[128], cut[128];
    struct decoded d;
    bool good = true;

    decode_insn(&env, (const uint8_t *)"\x8b\x43\x04", 3, &d);
    size_t len = disasm_intel(&d, 0, full, sizeof full);
    tap_eq(t, len, strlen(full), "length of the text");
    for (size_t n = 1; n <= len; n++) {
        memset(cut, '#', sizeof cut);
        size_t got = disasm_intel(&d, 0, cut, n);
        good &= got == n - 1 && !memcmp(cut, full, n - 1) && !cut[n - 1] &&
                cut[n] == '#';
    }
    tap_ok(t, good, "short buffers");
}

/* Any bytes that decode can be shown in 128 characters. */
static void check_random(struct tap *t)
{
    uint64_t x = 1;
    unsigned shown = 0;
    size_t longest = 0;

    for (unsigned i = 0; i < 200000; i++) {
        struct decode_env env = {(uint8_t)(16u << i % 3), false, everything, 0};
        uint8_t bytes[15];
        struct decoded d;
        char text[256];

        for (unsigned k = 0; k < sizeof bytes; k++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            bytes[k] = (uint8_t)(x >> 56);
        }
        if (decode_insn(&env, bytes, sizeof bytes, &d) != DECODE_OK)
            continue;
        shown++;
        size_t n = disasm_intel(&d, x, text, sizeof text);
        size_t m = disasm_att(&d, x, text, sizeof text);
        longest = n > longest ? n : longest;
        longest = m > longest ? m : longest;
    }
    tap_ok(t, shown > 100000 && longest < 128,
           "%u random instructions, %zu characters at most", shown, longest);
}

int main(void)
{
    struct tap t = {0};

    for (unsigned i = 0; i < FEAT_COUNT; i++)
        feature_set(everything, (enum cpu_feature)i);
    check_text(&t);
    check_room(&t);
    check_random(&t);
    return tap_done(&t);
}
