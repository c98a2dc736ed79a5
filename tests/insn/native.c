/*
 * native.c - run user-mode code on the processor of the host.
 */
#undef _GNU_SOURCE /* its names of registers are those of cpu/decode.h */
#define _DEFAULT_SOURCE
#include "tests/insn/native.h"
#include <time.h>

double native_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#if defined(__x86_64__) && defined(__linux__)

#include <asm/ldt.h>
#include <cpuid.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

enum { IDLE, ENTER, RUNNING, DIRECT };

enum { LDT_CODE = 0x0f, LDT_DATA = 0x17, CS32 = 0x23, CS64 = 0x33, SS = 0x2b };

/* Offsets in the XSAVE image that the kernel puts on the signal stack. */
enum {
    X_MXCSR = 24,
    X_ST = 32,
    X_XMM = 160,
    X_SW = 464,
    X_BV = 512,
    X_YMM = 576
};

struct native {
    uint8_t *code, *data;
    bool has16;
    volatile int phase;
    volatile unsigned ticks;
    bool timed_out;
    const struct exec_state *in;
    struct exec_state *out;
    uint64_t fs_base; /* the C library's */
    ucontext_t saved;
    uint8_t saved_x[8192];
};

/* Signal handlers get no argument of ours. */
static struct native the;

/*
 * Without signals: native_enter loads all this, jumps to the code, and the
 * code jumps to native_exit, which stores it. The assembly below knows the
 * offsets.
 */
struct direct {
    uint64_t host_rsp;                 /* 0 */
    uint64_t gpr[16];                  /* 8 */
    uint64_t rip;                      /* 136 */
    uint64_t rflags;                   /* 144 */
    uint64_t fs, gs;                   /* 152 160 */
    uint64_t host_fs;                  /* 168 */
    uint32_t far_offset, far_selector; /* 176 */
    uint64_t data_selector;            /* 184: 0 in 64-bit code */
    uint32_t mxcsr, unused;            /* 192: the C program's */
    uint16_t selector[6];              /* 200 */
    uint8_t pad[44];
    uint8_t x[1024]; /* 256: XSAVE image */
};

struct direct native_direct __attribute__((aligned(64), visibility("hidden")));
void native_enter(void) __attribute__((visibility("hidden")));
void native_exit(void) __attribute__((visibility("hidden")));
void native_resume(void) __attribute__((visibility("hidden")));

/* RAX comes last in loading and first in storing. */
#define GPRS_BUT_RAX(X)                                                        \
    X("rcx", "16")                                                             \
    X("rdx", "24")                                                             \
    X("rbx", "32")                                                             \
    X("rbp", "48")                                                             \
    X("rsi", "56")                                                             \
    X("rdi", "64")                                                             \
    X("r8", "72")                                                              \
    X("r9", "80")                                                              \
    X("r10", "88")                                                             \
    X("r11", "96")                                                             \
    X("r12", "104")                                                            \
    X("r13", "112")                                                            \
    X("r14", "120")                                                            \
    X("r15", "128")                                                            \
    X("rsp", "40")
#define LOAD(reg, at)  "mov native_direct+" at "(%rip), %" reg "\n"
#define STORE(reg, at) "mov %" reg ", native_direct+" at "(%rip)\n"
#define LOAD_FLAGS     "pushq native_direct+144(%rip)\npopfq\n"

/* clang-format off */
__asm__(
    ".text\n"
    "native_enter:\n"
    "push %rbx\n"
    "push %rbp\n"
    "push %r12\n"
    "push %r13\n"
    "push %r14\n"
    "push %r15\n"
    "pushfq\n"
    STORE("rsp", "0")
    "mov $7, %eax\n"
    "xor %edx, %edx\n"
    "xrstor64 native_direct+256(%rip)\n"
    "rdfsbase %rax\n"
    STORE("rax", "168")
    LOAD("rcx", "184")
    "test %rcx, %rcx\n"
    "jz 1f\n"
    "mov %ecx, %ds\n"
    "mov %ecx, %es\n"
    "mov %ecx, %ss\n"
    LOAD_FLAGS
    GPRS_BUT_RAX(LOAD)
    LOAD("rax", "8")
    "ljmp *native_direct+176(%rip)\n"
    "1:\n"
    LOAD("rax", "160")
    "wrgsbase %rax\n"
    LOAD("rax", "152")
    "wrfsbase %rax\n"
    LOAD_FLAGS
    GPRS_BUT_RAX(LOAD)
    LOAD("rax", "8")
    "jmp *native_direct+136(%rip)\n"
    "native_exit:\n"
    STORE("rax", "8")
    GPRS_BUT_RAX(STORE)
    LOAD("rsp", "0")
    "pushfq\n"
    "popq native_direct+144(%rip)\n"
    "rdfsbase %rax\n"
    STORE("rax", "152")
    "rdgsbase %rax\n"
    STORE("rax", "160")
    STORE("es", "200")
    STORE("ss", "204")
    STORE("ds", "206")
    STORE("fs", "208")
    STORE("gs", "210")
    "xor %eax, %eax\n"
    "mov %eax, %ds\n"
    "mov %eax, %es\n"
    "mov %eax, %fs\n"
    "mov %eax, %gs\n"
    "wrgsbase %rax\n"
    LOAD("rax", "168")
    "wrfsbase %rax\n"
    "mov $0x2b, %eax\n"
    "mov %eax, %ss\n"
    "mov $7, %eax\n"
    "xor %edx, %edx\n"
    "xsave64 native_direct+256(%rip)\n"
    "native_resume:\n"
    "fninit\n"
    "ldmxcsr native_direct+192(%rip)\n"
    "vzeroupper\n"
    "popfq\n"
    "pop %r15\n"
    "pop %r14\n"
    "pop %r13\n"
    "pop %r12\n"
    "pop %rbp\n"
    "pop %rbx\n"
    "ret\n");
/* clang-format on */

/* Places in gregset_t, and of RAX to R15. */
enum { G_RIP = 16, G_EFL, G_CSGSFS, G_ERR, G_TRAPNO, G_OLDMASK, G_CR2 };
static const uint8_t greg_of[16] = {13, 14, 12, 11, 15, 10, 9, 8,
                                    0,  1,  2,  3,  4,  5,  6, 7};

/* Nothing below may be instrumented or call into the C library: FS is not
 * what they expect, and the red zone of the code is not there. */
#define BARE __attribute__((no_sanitize("address", "undefined")))

static inline uint64_t read_fs(void)
{
    uint64_t v;

    __asm__ volatile("rdfsbase %0" : "=r"(v));
    return v;
}

static inline void write_fs(uint64_t v)
{
    __asm__ volatile("wrfsbase %0" ::"r"(v));
}

static inline void write_gs(uint64_t v)
{
    __asm__ volatile("wrgsbase %0" ::"r"(v));
}

static inline void set_ds_es(unsigned sel)
{
    __asm__ volatile("mov %0, %%ds; mov %0, %%es" ::"r"(sel));
}

static inline void clear_fs_gs(void)
{
    __asm__ volatile("mov %0, %%fs; mov %0, %%gs" ::"r"(0));
}

static inline void read_data_selectors(uint16_t *s)
{
    __asm__ volatile("mov %%es, %0; mov %%ds, %1; mov %%fs, %2; mov %%gs, %3"
                     : "=m"(s[SEG_ES]), "=m"(s[SEG_DS]), "=m"(s[SEG_FS]),
                       "=m"(s[SEG_GS]));
}

/* memcpy needs no FS, and native_open has called it before. */
#define copy(to, from, n) memcpy(to, from, n)

BARE static uint32_t x_size(const uint8_t *x)
{
    uint32_t magic, size;

    copy(&magic, x + X_SW, 4);
    copy(&size, x + X_SW + 16, 4);
    return magic == 0x46505853 ? size : 512;
}

/* ---- state to context and back ---- */

BARE static void load_x(uint8_t *x, const struct exec_state *in)
{
    uint64_t bv;
    unsigned top = in->fpu.sw >> 11 & 7;
    uint8_t tags = 0;

    for (unsigned n = 0; n < 8; n++)
        if ((in->fpu.tw >> 2 * n & 3) != 3)
            tags |= (uint8_t)(1u << n);
    copy(x, &in->fpu.cw, 2);
    copy(x + 2, &in->fpu.sw, 2);
    x[4] = tags;
    x[5] = 0;
    copy(x + 6, &in->fpu.fop, 2);
    copy(x + 8, &in->fpu.fip, 8);
    copy(x + 16, &in->fpu.fdp, 8);
    copy(x + X_MXCSR, &in->mxcsr, 4);
    for (unsigned n = 0; n < 8; n++) {
        const struct f80 *r = &in->fpu.r[(top + n) & 7];

        copy(x + X_ST + 16 * n, &r->frac, 8);
        copy(x + X_ST + 16 * n + 8, &r->se, 2);
    }
    for (unsigned n = 0; n < 16; n++)
        copy(x + X_XMM + 16 * n, in->vec[n].b, 16);
    if (x_size(x) <= 512 && x != native_direct.x)
        return;
    for (unsigned n = 0; n < 16; n++)
        copy(x + X_YMM + 16 * n, in->vec[n].b + 16, 16);
    copy(&bv, x + X_BV, 8);
    bv |= 7;
    copy(x + X_BV, &bv, 8);
}

BARE static unsigned tag_of(const struct f80 *r)
{
    unsigned e = r->se & 0x7fff;

    if (!e && !r->frac)
        return 1;
    return !e || e == 0x7fff || !(r->frac >> 63) ? 2 : 0;
}

BARE static void store_x(const uint8_t *x, struct exec_state *out)
{
    uint64_t bv = 7;
    unsigned top;
    struct fpu *f = &out->fpu;
    bool long_form = x == native_direct.x || x_size(x) > 512;

    if (long_form)
        copy(&bv, x + X_BV, 8);
    *f = (struct fpu){.cw = 0x37f, .tw = 0xffff};
    if (bv & 1) {
        copy(&f->cw, x, 2);
        copy(&f->sw, x + 2, 2);
        copy(&f->fop, x + 6, 2);
        copy(&f->fip, x + 8, 8);
        copy(&f->fdp, x + 16, 8);
        top = f->sw >> 11 & 7;
        for (unsigned n = 0; n < 8; n++) {
            struct f80 *r = &f->r[(top + n) & 7];

            copy(&r->frac, x + X_ST + 16 * n, 8);
            copy(&r->se, x + X_ST + 16 * n + 8, 2);
        }
        f->tw = 0;
        for (unsigned n = 0; n < 8; n++)
            f->tw |=
                (uint16_t)((x[4] >> n & 1 ? tag_of(&f->r[n]) : 3) << 2 * n);
    }
    copy(&out->mxcsr, x + X_MXCSR, 4);
    for (unsigned n = 0; n < 16; n++) {
        out->vec[n] = (struct vec){{0}};
        if (bv & 2)
            copy(out->vec[n].b, x + X_XMM + 16 * n, 16);
        if (bv & 4 && long_form)
            copy(out->vec[n].b + 16, x + X_YMM + 16 * n, 16);
    }
}

BARE static void enter(ucontext_t *u)
{
    const struct exec_state *in = the.in;
    greg_t *g = u->uc_mcontext.gregs;
    uint8_t *x = (uint8_t *)u->uc_mcontext.fpregs;
    uint64_t cs = in->bits == 64 ? CS64 : in->bits == 32 ? CS32 : LDT_CODE;
    uint64_t ss = in->bits == 16 ? LDT_DATA : SS;

    copy(&the.saved, u, sizeof the.saved);
    copy(the.saved_x, x, x_size(x));
    for (unsigned n = 0; n < 16; n++)
        g[greg_of[n]] = (greg_t)in->gpr[n];
    g[G_RIP] = (greg_t)in->rip;
    g[G_EFL] = (greg_t)in->rflags;
    g[G_CSGSFS] = (greg_t)((g[G_CSGSFS] & 0xffffffff0000) | cs | ss << 48);
    load_x(x, in);
    the.ticks = 0;
    the.phase = RUNNING;
    set_ds_es(in->bits == 64 ? 0 : (unsigned)ss);
    the.fs_base = read_fs();
    if (in->bits == 64) {
        write_gs(in->gs_base);
        write_fs(in->fs_base);
    }
}

BARE static bool has_code(unsigned v)
{
    return v == 8 || v == 17 || (v >= 10 && v <= 14);
}

/* What the signal caught; then the C library's FS and GS again. */
BARE static void take(const ucontext_t *u, uint64_t fs_base)
{
    struct exec_state *out = the.out;
    const greg_t *g = u->uc_mcontext.gregs;

    read_data_selectors(out->selector);
    if (out->bits == 64) {
        __asm__ volatile("rdgsbase %0" : "=r"(out->gs_base));
        out->fs_base = read_fs();
    }
    clear_fs_gs();
    write_fs(fs_base);
    write_gs(0);
    set_ds_es(0);
    the.phase = IDLE;
    for (unsigned n = 0; n < 16; n++)
        out->gpr[n] = (uint64_t)g[greg_of[n]];
    out->rip = (uint64_t)g[G_RIP];
    out->rflags = (uint64_t)g[G_EFL];
    out->selector[SEG_CS] = (uint16_t)g[G_CSGSFS];
    out->selector[SEG_SS] = (uint16_t)((uint64_t)g[G_CSGSFS] >> 48);
    out->raised = true;
    out->vector = (uint8_t)g[G_TRAPNO];
    out->code = has_code(out->vector) ? (uint32_t)g[G_ERR] : 0;
    out->cr2 = (uint64_t)g[G_CR2];
    store_x((uint8_t *)u->uc_mcontext.fpregs, out);
}

BARE static void leave(ucontext_t *u)
{
    void *keep = u->uc_mcontext.fpregs;

    take(u, the.fs_base);
    copy(keep, the.saved_x, x_size(the.saved_x));
    copy(&u->uc_mcontext, &the.saved.uc_mcontext, sizeof u->uc_mcontext);
    u->uc_mcontext.fpregs = keep;
}

/* From code that native_enter started: on to native_resume. */
BARE static void leave_direct(ucontext_t *u)
{
    greg_t *g = u->uc_mcontext.gregs;

    take(u, native_direct.host_fs);
    g[G_RIP] = (greg_t)(uintptr_t)native_resume;
    g[greg_of[RSP]] = (greg_t)native_direct.host_rsp;
    g[G_EFL] = 0x202;
    g[G_CSGSFS] = (greg_t)(((uint64_t)g[G_CSGSFS] & 0xffffffff0000) | CS64 |
                           (uint64_t)SS << 48);
}

BARE static void on_signal(int sig, siginfo_t *si, void *context)
{
    /* The code may have set AC. */
    __asm__ volatile("lea -128(%%rsp), %%rsp; pushf; andl $~0x40000, (%%rsp);"
                     "popf; lea 128(%%rsp), %%rsp" ::
                         : "memory", "cc");
    (void)si;
    if (sig == SIGALRM) {
        if (the.phase < RUNNING || the.ticks++ < 2)
            return;
        the.timed_out = true;
    }
    if (the.phase == ENTER)
        enter(context);
    else if (the.phase == RUNNING)
        leave(context);
    else if (the.phase == DIRECT)
        leave_direct(context);
    else
        signal(sig, SIG_DFL);
}

/* ---- opening ---- */

static bool map_windows(void)
{
    the.code = mmap((void *)EXEC_CODE, EXEC_CODE_SIZE,
                    PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    the.data = mmap((void *)EXEC_DATA, EXEC_DATA_SIZE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    return the.code != MAP_FAILED && the.data != MAP_FAILED;
}

/* exec_ldt, entry by entry. */
static bool make_ldt(void)
{
    for (unsigned n = 1; n < EXEC_LDT; n++) {
        uint64_t e = exec_ldt[n];
        struct user_desc d = {
            .entry_number = n,
            .base_addr = (uint32_t)((e >> 16 & 0xffffff) | e >> 56 << 24),
            .limit = (uint32_t)((e & 0xffff) | (e >> 48 & 15) << 16),
            .seg_32bit = e >> 54 & 1,
            .contents = e >> 42 & 3,
            .read_exec_only = !(e >> 41 & 1),
            .limit_in_pages = e >> 55 & 1,
            .seg_not_present = !(e >> 47 & 1),
            .useable = e >> 52 & 1};

        if (e && syscall(SYS_modify_ldt, 0x11, &d, sizeof d))
            return false;
    }
    return true;
}

/* No system call whose return address lies in the code window. */
static bool refuse_calls(void)
{
    const uint32_t ip = offsetof(struct seccomp_data, instruction_pointer);
    struct sock_filter f[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ip + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ip),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfff00000),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)EXEC_CODE, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog p = {ARRAY_LEN(f), f};

    return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
           !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p);
}

static bool catch_signals(void)
{
    static const int list[] = {SIGTRAP, SIGSEGV, SIGILL,
                               SIGFPE,  SIGBUS,  SIGALRM};
    struct itimerval every = {{0, 30000}, {0, 30000}};
    stack_t ss = {.ss_size = 1 << 18};
    struct sigaction sa = {.sa_sigaction = on_signal,
                           .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};

    ss.ss_sp = mmap(NULL, ss.ss_size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (ss.ss_sp == MAP_FAILED || sigaltstack(&ss, NULL))
        return false;
    sigfillset(&sa.sa_mask);
    for (unsigned n = 0; n < ARRAY_LEN(list); n++)
        if (sigaction(list[n], &sa, NULL))
            return false;
    return !setitimer(ITIMER_REAL, &every, NULL);
}

/* Wild addresses must fault as they do in the emulated address space; the
 * shadow memory of AddressSanitizer lies where many of them point. */
static bool sparse(void)
{
    FILE *f = fopen("/proc/self/maps", "r");
    unsigned long long first, last;
    char line[512];
    bool ok = f != NULL;

    while (ok && fgets(line, sizeof line, f))
        ok = sscanf(line, "%llx-%llx", &first, &last) != 2 ||
             last <= 0x7fff8000 || first >= 1ull << 45;
    if (f)
        fclose(f);
    return ok;
}

bool native_possible(const char **why)
{
    uint32_t a, b = 0, c, d;

    if (HOST_SANITIZED)
        *why = "the sanitizer's shadow lies where nothing may be";
    else if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & 1))
        *why = "the host has no WRFSBASE";
    else if (!sparse())
        *why = "other memory is mapped where programs may point (sanitizer?)";
    else
        return true;
    return false;
}

struct native *native_open(const char **why)
{
    if (!native_possible(why))
        return NULL;
    if (!map_windows()) {
        *why = "the windows cannot be mapped";
        return NULL;
    }
    the.has16 = make_ldt();
    if (!catch_signals() || !refuse_calls()) {
        *why = "signals or seccomp do not work";
        return NULL;
    }
    return &the;
}

bool native_has16(const struct native *n)
{
    return n->has16;
}

uint8_t *native_code(struct native *n)
{
    return n->code;
}

uint8_t *native_data(struct native *n)
{
    return n->data;
}

static bool bit(uint32_t leaf, unsigned reg, unsigned n)
{
    uint32_t r[4] = {0};

    return __get_cpuid_count(leaf, 0, &r[0], &r[1], &r[2], &r[3]) &&
           r[reg] >> n & 1;
}

bool native_has(enum cpu_feature f)
{
    enum { A, B, C, D };
    static const struct {
        uint16_t feature;
        uint32_t leaf;
        uint8_t reg, bit;
    } rows[] = {
        {FEAT_SSE3, 1, C, 0},
        {FEAT_AES_PCLMULQDQ, 1, C, 25},
        {FEAT_SSSE3, 1, C, 9},
        {FEAT_AVX_FMA, 1, C, 12},
        {FEAT_CMPXHG16B, 1, C, 13},
        {FEAT_SSE4_1, 1, C, 19},
        {FEAT_SSE4_2, 1, C, 20},
        {FEAT_MOVBE, 1, C, 22},
        {FEAT_POPCNT, 1, C, 23},
        {FEAT_AVX, 1, C, 28},
        {FEAT_AVX_F16C, 1, C, 29},
        {FEAT_XSAVE, 1, C, 26},
        {FEAT_RDRAND, 1, C, 30},
        {FEAT_INVPCID, 7, B, 10},
        {FEAT_RDSEED, 7, B, 18},
        {FEAT_SMAP, 7, B, 20},
        {FEAT_RDPID, 7, C, 22},
        {FEAT_XSAVEOPT, 13, A, 0},
        {FEAT_XSAVEC, 13, A, 1},
        {FEAT_XSAVES, 13, A, 3},
        {FEAT_RDTSCP, 0x80000001, D, 27},
        {FEAT_FSGSBASE, 7, B, 0},
        {FEAT_BMI1, 7, B, 3},
        {FEAT_AVX2, 7, B, 5},
        {FEAT_BMI2, 7, B, 8},
        {FEAT_ADX, 7, B, 19},
        {FEAT_CLFLUSHOPT, 7, B, 23},
        {FEAT_CLWB, 7, B, 24},
        {FEAT_SHA, 7, B, 29},
        {FEAT_GFNI, 7, C, 8},
        {FEAT_VAES_VPCLMULQDQ, 7, C, 9},
        {FEAT_LZCNT, 0x80000001, C, 5},
        {FEAT_LM_LAHF_SAHF, 0x80000001, C, 0},
        {FEAT_SSE4A, 0x80000001, C, 6},
        {FEAT_LONGMODE, 0x80000001, D, 29},
        {FEAT_CLZERO, 0x80000008, B, 0},
    };
    static const uint16_t always[] = {
        FEAT_8086, FEAT_186, FEAT_286, FEAT_386NI, FEAT_486NI, FEAT_PENTIUM_NI,
        FEAT_P6NI, FEAT_X87, FEAT_MMX, FEAT_SSE,   FEAT_SSE2,  FEAT_CLFLUSH};

    for (unsigned n = 0; n < ARRAY_LEN(always); n++)
        if (always[n] == f)
            return true;
    for (unsigned n = 0; n < ARRAY_LEN(rows); n++)
        if (rows[n].feature == f)
            return bit(rows[n].leaf, rows[n].reg, rows[n].bit);
    return false;
}

bool native_run(struct native *n, const struct exec_state *in,
                struct exec_state *out)
{
    n->in = in;
    n->out = out;
    if (out != in)
        *out = *in;
    n->timed_out = false;
    n->phase = ENTER;
    /* NT and ID are not part of what sigreturn sets. */
    __asm__ volatile("lea -128(%%rsp), %%rsp; push $0x202; popf; int3;"
                     "lea 128(%%rsp), %%rsp" ::
                         : "memory", "cc");
    return !n->timed_out;
}

/* ---- without signals ---- */

/* Behind the window's middle, where no test code goes. */
enum { STUB = 0x3f00, STUB_POINTER = 0x3f40 };

/* 64-bit: JMP [RIP+pointer]; the pointer is aligned, for the sake of #AC.
 * 32-bit: JMP FAR to the same instruction at STUB. */
unsigned native_put_exit(struct native *n, unsigned at, unsigned bits)
{
    uint64_t to = (uint64_t)(uintptr_t)native_exit;
    uint8_t *p = n->code + at;

    if (n->code[STUB] != 0xff) {
        memcpy(n->code + STUB, "\xff\x25", 2);
        st_le32(n->code + STUB + 2, STUB_POINTER - (STUB + 6));
        memcpy(n->code + STUB_POINTER, &to, 8);
    }
    if (bits == 64) {
        memcpy(p, "\xff\x25", 2);
        st_le32(p + 2, STUB_POINTER - (at + 6));
        return 6;
    }
    if (bits == 16)
        *p++ = 0x66;
    p[0] = 0xea;
    st_le32(p + 1, (uint32_t)EXEC_CODE + STUB);
    p[5] = CS64;
    p[6] = 0;
    return bits == 16 ? 8 : 7;
}

static void load_direct(const struct exec_state *in)
{
    struct direct *d = &native_direct;

    memcpy(d->gpr, in->gpr, sizeof d->gpr);
    d->rflags = in->rflags;
    d->rip = in->rip;
    d->fs = in->fs_base;
    d->gs = in->gs_base;
    d->mxcsr = 0x1f80;
    d->data_selector = in->bits == 64 ? 0 : in->bits == 32 ? SS : LDT_DATA;
    d->far_offset = (uint32_t)in->rip;
    d->far_selector = in->bits == 16 ? LDT_CODE : CS32;
    load_x(d->x, in);
}

bool native_run_direct(struct native *n, const struct exec_state *in,
                       struct exec_state *out, uint64_t end)
{
    const struct direct *d = &native_direct;

    n->in = in;
    n->out = out;
    n->timed_out = false;
    out->bits = in->bits;
    out->raised = true;
    n->ticks = 0;
    load_direct(in);
    n->phase = DIRECT;
    native_enter();
    if (n->phase != DIRECT)
        return !n->timed_out;
    n->phase = IDLE;
    memcpy(out->gpr, d->gpr, sizeof out->gpr);
    out->rflags = d->rflags;
    out->fs_base = d->fs;
    out->gs_base = d->gs;
    memcpy(out->selector, d->selector, sizeof out->selector);
    out->selector[SEG_CS] = (uint16_t)(in->bits == 64 ? CS64 : d->far_selector);
    out->vector = EXC_BP;
    out->code = 0;
    out->cr2 = 0;
    out->rip = end + 1;
    store_x(d->x, out);
    return true;
}

#else

bool native_possible(const char **why)
{
    *why = "not an x86-64 Linux host";
    return false;
}

unsigned native_put_exit(struct native *n, unsigned at, unsigned bits)
{
    (void)n;
    (void)at;
    (void)bits;
    return 0;
}

bool native_run_direct(struct native *n, const struct exec_state *in,
                       struct exec_state *out, uint64_t end)
{
    (void)end;
    return native_run(n, in, out);
}

struct native *native_open(const char **why)
{
    *why = "not an x86-64 Linux host";
    return NULL;
}

bool native_has16(const struct native *n)
{
    (void)n;
    return false;
}

bool native_has(enum cpu_feature f)
{
    (void)f;
    return false;
}

uint8_t *native_code(struct native *n)
{
    (void)n;
    return NULL;
}

uint8_t *native_data(struct native *n)
{
    (void)n;
    return NULL;
}

bool native_run(struct native *n, const struct exec_state *in,
                struct exec_state *out)
{
    (void)n;
    (void)in;
    (void)out;
    return false;
}

#endif
