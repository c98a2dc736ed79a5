/*
 * system.c - kernels of what an operating system does: ports, interrupts,
 * exceptions, page tables, code that is written.
 */
#include "tests/bench/guest/bench.h"

enum { PTE_PRESENT = 1, PTE_WRITE = 2, TABLES = 32 };

extern uint8_t boot_tables[], page_tables[];

/* ---- paging ---- */

#ifdef __x86_64__
typedef uint64_t pte_t;
enum { PTES = 512 };
#else
typedef uint32_t pte_t;
enum { PTES = 1024 };
#endif

/* Page tables for 64 MiB one after the other, the levels above behind them. */
static pte_t *pte_of(uint32_t laddr)
{
    return (pte_t *)(void *)page_tables + laddr / PAGE_BYTES;
}

static void set_cr3(const void *table)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"(table) : "memory");
}

static void invlpg(uint32_t laddr)
{
    __asm__ volatile("invlpg (%0)" : : "r"((uintptr_t)laddr) : "memory");
}

static pte_t *top_table(void)
{
    return (pte_t *)(void *)(page_tables + 0x40000);
}

static void make_tables(void)
{
    pte_t *top = top_table(), *directory = top;

    for (uint32_t p = 0; p < 0x4000000; p += PAGE_BYTES)
        *pte_of(p) = p | PTE_PRESENT | PTE_WRITE;
    *pte_of(HOLE_ADDR) = 0;
    for (uint32_t i = 0; i < PTES; i++)
        top[i] = 0;
#ifdef __x86_64__
    directory = top + 2 * PTES;
    for (uint32_t i = 0; i < 2 * PTES; i++)
        top[PTES + i] = 0;
    top[0] = (uintptr_t)(top + PTES) | PTE_PRESENT | PTE_WRITE;
    top[PTES] = (uintptr_t)directory | PTE_PRESENT | PTE_WRITE;
#endif
    for (uint32_t i = 0; i < 0x4000000 / PAGE_BYTES / PTES; i++)
        directory[i] =
            (uintptr_t)(page_tables + i * PAGE_BYTES) | PTE_PRESENT | PTE_WRITE;
}

void paging_4k(void)
{
    make_tables();
    set_cr3(top_table());
#ifndef __x86_64__
    __asm__ volatile("mov %%cr0, %%eax\n\tor $0x80000000, %%eax\n\t"
                     "mov %%eax, %%cr0"
                     :
                     :
                     : "eax", "memory", "cc");
#endif
}

void paging_default(void)
{
#ifdef __x86_64__
    set_cr3(boot_tables);
#else
    __asm__ volatile("mov %%cr0, %%eax\n\tand $0x7fffffff, %%eax\n\t"
                     "mov %%eax, %%cr0"
                     :
                     :
                     : "eax", "memory", "cc");
#endif
}

void window_map(uint32_t paddr)
{
    *pte_of(WINDOW_ADDR) = paddr | PTE_PRESENT | PTE_WRITE;
    invlpg(WINDOW_ADDR);
}

/* A window moved over 64 pages, as kernels map pages for a moment. */
uint32_t k_invlpg(uint32_t reps)
{
    volatile uint32_t *window = (volatile uint32_t *)(uintptr_t)WINDOW_ADDR;
    uint32_t sum = 0;

    for (uint32_t r = 0; r < reps; r++) {
        uint32_t page = r * 29 & 63;

        window_map((uint32_t)(uintptr_t)arena + page * PAGE_BYTES);
        if (r < 64)
            window[8] = page * 5;
        sum = mix(sum, window[8] + page);
        window[8] += r;
    }
    return sum;
}

/* CR3 loads, each followed by sixteen pages that must be walked again. */
uint32_t k_cr3(uint32_t reps)
{
    volatile uint32_t *word = (volatile uint32_t *)(void *)arena;
    uint32_t sum = 0;

    for (uint32_t i = 0; i < 16; i++)
        word[i * PAGE_BYTES / 4] = i;
    for (uint32_t r = 0; r < reps; r++) {
        set_cr3(top_table());
        for (uint32_t i = 0; i < 16; i++)
            sum += word[i * PAGE_BYTES / 4] += r;
    }
    return sum;
}

/* ---- ports, interrupts, exceptions ---- */

/* The POST port out, the interrupt mask of the first 8259A in. */
uint32_t k_portio(uint32_t reps)
{
    uint32_t sum = 0;

    for (uint32_t r = 0; r < reps; r++) {
        uint8_t v;

        __asm__ volatile("outb %b0, $0x80" : : "a"(r));
        __asm__ volatile("inb $0x21, %0" : "=a"(v));
        sum = mix(sum, v + r);
    }
    return sum;
}

uint32_t k_intiret(uint32_t reps)
{
    uint32_t before = interrupt_count;

    for (uint32_t r = 0; r < reps; r++)
        __asm__ volatile("int $0x40" : : : "memory", "cc");
    return mix(reps, interrupt_count - before);
}

uint32_t k_except_ud(uint32_t reps)
{
    uint32_t before = interrupt_count;

    for (uint32_t r = 0; r < reps; r++)
        __asm__ volatile("ud2" : : : "memory", "cc");
    return mix(reps, interrupt_count - before);
}

uint32_t k_except_pf(uint32_t reps)
{
    uint32_t before = interrupt_count, sum = 0;

    for (uint32_t r = 0; r < reps; r++) {
        uint32_t v = r;

        __asm__ volatile(".byte 0x8b, 0x08" /* mov (%%eax), %%ecx */
                         : "+c"(v)
                         : "a"((uintptr_t)HOLE_ADDR)
                         : "memory", "cc");
        sum = mix(sum, v);
    }
    return mix(sum, interrupt_count - before);
}

/* ---- code that is written ---- */

/*
 * Four small functions `mov $imm, %eax; add $imm8, %al; ret` in one page; one
 * is changed before each call, and one that was not is called too.
 */
uint32_t k_smc(uint32_t reps)
{
    uint8_t *code = arena;
    uint32_t sum = 0;

    for (uint32_t i = 0; i < 4; i++) {
        uint8_t *f = code + i * 256;

        f[0] = 0xb8;
        f[1] = f[2] = f[3] = f[4] = 0;
        f[5] = 0x04;
        f[6] = (uint8_t)i;
        f[7] = 0xc3;
    }
    for (uint32_t r = 0; r < reps; r++) {
        uint8_t *f = code + (r & 3) * 256;
        uint32_t a, b;

        *(volatile uint8_t *)(f + 2) = (uint8_t)r;
        *(volatile uint8_t *)(f + 6) = (uint8_t)(r >> 5);
        __asm__ volatile("call *%1" : "=&a"(a) : "r"(f) : "memory", "cc");
        __asm__ volatile("call *%1"
                         : "=&a"(b)
                         : "r"(code + ((r + 2) & 3) * 256)
                         : "memory", "cc");
        sum = mix(sum, a + b * 3);
    }
    return sum;
}
