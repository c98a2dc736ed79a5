/*
 * disasm.h - text of a decoded instruction.
 *
 * Made from the instruction table alone: what the decoder knows can be
 * shown. Both functions write a terminated string into buf (n > 0 bytes, cut
 * when too small; 128 are always enough) and return its length. `rip` is the
 * offset of the instruction, for branch targets and RIP-relative operands.
 */
#ifndef CPU_DISASM_DISASM_H
#define CPU_DISASM_DISASM_H

#include "cpu/decode.h"

/* mov eax, dword ptr ds:[ebx+4]     jmp .-2  (0x00007c10) */
size_t disasm_intel(const struct decoded *d, uint64_t rip, char *buf, size_t n);
/* mov %ds:0x4(%ebx), %eax           jmp 0x7c10 */
size_t disasm_att(const struct decoded *d, uint64_t rip, char *buf, size_t n);

#endif
