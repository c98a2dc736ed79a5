/*
 * smc_test.c - code that writes to itself, also over the end of a page.
 *
 * SDM vol. 3, 11.6 and 8.1.3: on one processor a store is seen by the fetch
 * of the next instruction. Every program runs at each place around a page's
 * end, in one go and in small steps, and ends with INT3; AL or EAX tells.
 */
#include "machine/exec.h"
#include "tests/tap.h"
#include <stdlib.h>

enum { FIRST = 0x1fd0, LAST = 0x2008 };

struct program {
    const char *name;
    const char *bytes;
    unsigned len;
    uint64_t rax, rcx, rdi, rsp; /* rdi, rsp: offsets from the code if not 0 */
    uint32_t want;
};

#define CODE(text) text, sizeof(text) - 1
#define INC2       "\xff\xc0\xff\xc0"
#define INC8       INC2 INC2 INC2 INC2
#define NOP8       "\x90\x90\x90\x90\x90\x90\x90\x90"

static const struct program programs[] = {
    {.name = "MOV to the immediate of the next instruction",
     /* mov byte [rip+1], 2ah; mov eax, 0 */
     CODE("\xc6\x05\x01\0\0\0\x2a\xb8\0\0\0\0\xcc"),
     .want = 0x2a},
    {.name = "INC of the immediate of an instruction before, in a loop",
     /* mov eax, 0; inc byte [rip-10]; dec ecx; jnz back */
     CODE("\xb8\0\0\0\0\xfe\x05\xf6\xff\xff\xff\xff\xc9\x75\xf1\xcc"),
     .rcx = 5,
     .want = 4},
    {.name = "INC of a 64-bit immediate in a loop",
     /* l: movabs rax, 0; inc byte [l+2]; dec ecx; jnz l; int3 */
     CODE("\x48\xb8\0\0\0\0\0\0\0\0\xfe\x05\xf2\xff\xff\xff"
          "\xff\xc9\x75\xec\xcc"),
     .rcx = 5,
     .want = 4},
    {.name = "displacement of a load that moves along in a loop",
     /* l: mov eax, [rip+12]; add byte [l+2], 4; dec ecx; jnz l; int3; data */
     CODE("\x8b\x05\x0c\0\0\0\x80\x05\xf5\xff\xff\xff\x04"
          "\xff\xc9\x75\xef\xcc\x01\0\0\0\x02\0\0\0\x03\0\0\0"),
     .rcx = 3,
     .want = 3},
    {.name = "count of instructions behind a branch to code that grows",
     /* rdtsc; mov esi, eax; l: jmp t; t: jmp u (or cmp al, 2); inc edi;
      * u: xor byte [t], d7h; dec ecx; jnz l; rdtsc; sub eax, esi; int3 */
     CODE("\x0f\x31\x89\xc6\xeb\x00\xeb\x02\xff\xc7"
          "\x80\x35\xf5\xff\xff\xff\xd7\xff\xc9\x75\xef"
          "\x0f\x31\x29\xf0\xcc"),
     .rcx = 40,
     .want = 2 + 40 * 5 + 20},
    {.name = "immediate of a comparison before a branch",
     /* l: cmp ecx, 0; je m; inc byte [l+2]; dec ecx; jmp l;
      * m: mov eax, ecx; int3 */
     CODE("\x83\xf9\0\x74\x0a\xfe\x05\xf7\xff\xff\xff"
          "\xff\xc9\xeb\xf1\x89\xc8\xcc"),
     .rcx = 6,
     .want = 3},
    {.name = "the same in the high byte of the immediate",
     CODE("\xb8\0\0\0\0\xfe\x05\xf9\xff\xff\xff\xff\xc9\x75\xf1\xcc"),
     .rcx = 40,
     .want = 39u << 24},
    {.name = "PUSH of an instruction",
     CODE("\x50" NOP8 "\xcc"),
     .rax = UINT64_C(0x9090900000002ab8),
     .rsp = 9,
     .want = 0x2a},
    {.name = "REP STOSB over what follows",
     CODE("\xf3\xaa" INC8 "\xcc"),
     .rax = 0x90,
     .rcx = 16,
     .rdi = 2,
     .want = 0x90},
    {.name = "MOVUPS over what follows",
     CODE("\x0f\x11\x07" INC8 "\xcc"),
     .rdi = 3,
     .want = 0},
    {.name = "function changed between two calls",
     /* call f; mov byte [f+1], 2; call f; int3; f: add al, 1; ret */
     CODE("\xe8\x0d\0\0\0\xc6\x05\x07\0\0\0\x02\xe8\x01\0\0\0\xcc"
          "\x04\x01\xc3"),
     .want = 3},
    {.name = "function changed in a loop",
     /* l: call f; inc byte [f+1]; dec ecx; jnz l; int3; f: add al, 1; ret */
     CODE("\xe8\x0b\0\0\0\xfe\x05\x06\0\0\0\xff\xc9\x75\xf1\xcc"
          "\x04\x01\xc3"),
     .rcx = 4,
     .want = 10},
    {.name = "code written, called, written and called again",
     /* mov dword [rip+400h], code; call it; twice; int3 */
     CODE("\xc7\x05\xf6\x03\0\0\xb0\x07\xc3\x90\xe8\xf1\x03\0\0"
          "\xc7\x05\xe7\x03\0\0\x04\x02\xc3\x90\xe8\xe2\x03\0\0\xcc"),
     .want = 9},
    {.name = "displacement of a branch ahead",
     /* mov byte [rip+1], 2; jmp +0; inc eax; int3 */
     CODE("\xc6\x05\x01\0\0\0\x02\xeb\0\xff\xc0\xcc"),
     .want = 0},
    {.name = "displacement of a branch that is linked",
     /* l: jmp +0; inc eax; cmp ecx, 2; jne m; mov byte [l+1], 2;
      * m: dec ecx; jnz l; int3 */
     CODE("\xeb\0\xff\xc0\x83\xf9\x02\x75\x07"
          "\xc6\x05\xf1\xff\xff\xff\x02\xff\xc9\x75\xec\xcc"),
     .rcx = 4,
     .want = 3},
};

static struct exec *fresh(void)
{
    struct error err;
    struct exec *x = exec_create("corei7_haswell_4770", NULL, &err);

    if (!x) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }
    return x;
}

static void prepare(struct exec *x, const struct program *p, unsigned at)
{
    struct exec_state s;
    uint64_t code = EXEC_CODE + at;
    uint8_t page[EXEC_CODE_SIZE];

    memset(page, 0xcc, sizeof page);
    memcpy(page + at, p->bytes, p->len);
    exec_poke(x, EXEC_CODE, page, sizeof page);
    exec_state_init(&s, 64, 3);
    s.rip = code;
    s.gpr[RAX] = p->rax;
    s.gpr[RCX] = p->rcx;
    if (p->rdi)
        s.gpr[RDI] = code + p->rdi;
    if (p->rsp)
        s.gpr[RSP] = code + p->rsp;
    memset(s.vec[0].b, 0x90, 16);
    exec_load(x, &s);
}

/* EAX at INT3. */
static uint32_t run(struct exec *x, const struct program *p, unsigned at,
                    uint64_t step)
{
    struct exec_state out = {0};

    prepare(x, p, at);
    for (unsigned n = 0; n < 2000 && exec_step(x, step); n++)
        ;
    exec_store(x, &out);
    return out.vector == EXC_BP ? (uint32_t)out.gpr[RAX] : 0xdead0000;
}

static void check(struct tap *t, const struct program *p)
{
    static const uint64_t steps[] = {1, 100000, 2, 100000, 3, 7, 40};
    unsigned bad = 0;
    struct exec *x = fresh();

    for (unsigned at = FIRST; at <= LAST; at++)
        for (unsigned k = 0; k < ARRAY_LEN(steps); k++) {
            uint32_t got = run(x, p, at, steps[k]);

            if (got != p->want && bad++ < 3)
                printf("# at %x in steps of %u: %x, want %x\n", at,
                       (unsigned)steps[k], got, p->want);
        }
    exec_destroy(x);
    tap_ok(t, !bad, "%s", p->name);
}

/* The second page of an instruction is writable in the TLB before it is known
 * to hold code. */
static void check_second_page(struct tap *t)
{
    static const struct program p = {
        .name = "",
        /* inc byte [rip+5]; nops; l: mov eax, 0 over the end of the page;
         * inc byte in its second page; dec ecx; jnz l; int3 */
        CODE("\xfe\x05\x0b\0\0\0\xfe\x0d\x05\0\0\0"
             "\xb8\0\0\0\0\xfe\x05\xf9\xff\xff\xff\xff\xc9\x75\xf1\xcc"),
        .rcx = 40,
        .want = 39u << 24};
    static const uint64_t first[] = {1, 2, 3, 4, 5};
    unsigned bad = 0;

    for (unsigned k = 0; k < ARRAY_LEN(first); k++) {
        struct exec *x = fresh();
        struct exec_state out = {0};
        unsigned at = 0x2000 - 12 - 2;

        prepare(x, &p, at);
        for (unsigned n = 0; n < 5; n++)
            exec_step(x, first[k]);
        exec_step(x, 100000);
        exec_store(x, &out);
        bad += out.vector != EXC_BP || (uint32_t)out.gpr[RAX] != p.want;
        exec_destroy(x);
    }
    tap_ok(t, !bad, "second page that was written before it held code");
}

int main(void)
{
    struct tap t = {0};

    for (unsigned n = 0; n < ARRAY_LEN(programs); n++)
        check(&t, &programs[n]);
    check_second_page(&t);
    return tap_done(&t);
}
