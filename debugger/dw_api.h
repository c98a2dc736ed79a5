/*
 * dw_api.h - the part of libdw (elfutils) that the debugger uses.
 *
 * The library is opened when C is first asked for, so its headers are not
 * needed to build; the layouts below are those of its stable binary interface
 * (ELFUTILS_0.122 and later). Numbers of tags, attributes, operations and
 * encodings: DWARF 5, chapter 7.
 */
#ifndef DEBUGGER_DW_API_H
#define DEBUGGER_DW_API_H

#include "core/err.h"

struct dw_die {
    void *addr, *cu, *abbrev;
    long padding;
};

struct dw_attr {
    unsigned code, form;
    unsigned char *value;
    void *cu;
};

struct dw_op {
    uint8_t atom;
    uint64_t number, number2;
    uint64_t offset; /* in the expression */
};

struct dw_block {
    uint64_t length;
    unsigned char *data;
};

enum {
    DW_TAG_array_type = 0x01,
    DW_TAG_enumeration_type = 0x04,
    DW_TAG_formal_parameter = 0x05,
    DW_TAG_lexical_block = 0x0b,
    DW_TAG_member = 0x0d,
    DW_TAG_pointer_type = 0x0f,
    DW_TAG_compile_unit = 0x11,
    DW_TAG_structure_type = 0x13,
    DW_TAG_subroutine_type = 0x15,
    DW_TAG_typedef = 0x16,
    DW_TAG_union_type = 0x17,
    DW_TAG_unspecified_parameters = 0x18,
    DW_TAG_inlined_subroutine = 0x1d,
    DW_TAG_subrange_type = 0x21,
    DW_TAG_base_type = 0x24,
    DW_TAG_const_type = 0x26,
    DW_TAG_enumerator = 0x28,
    DW_TAG_subprogram = 0x2e,
    DW_TAG_variable = 0x34,
    DW_TAG_volatile_type = 0x35,
    DW_TAG_restrict_type = 0x37,
    DW_TAG_atomic_type = 0x47,
    DW_TAG_call_site = 0x48,
    DW_TAG_call_site_parameter = 0x49,
    DW_TAG_GNU_call_site = 0x4109,
    DW_TAG_GNU_call_site_parameter = 0x410a,

    DW_AT_location = 0x02,
    DW_AT_byte_size = 0x0b,
    DW_AT_bit_offset = 0x0c,
    DW_AT_bit_size = 0x0d,
    DW_AT_low_pc = 0x11,
    DW_AT_const_value = 0x1c,
    DW_AT_prototyped = 0x27,
    DW_AT_upper_bound = 0x2f,
    DW_AT_count = 0x37,
    DW_AT_data_member_location = 0x38,
    DW_AT_declaration = 0x3c,
    DW_AT_encoding = 0x3e,
    DW_AT_frame_base = 0x40,
    DW_AT_type = 0x49,
    DW_AT_ranges = 0x55,
    DW_AT_call_file = 0x58,
    DW_AT_call_line = 0x59,
    DW_AT_data_bit_offset = 0x6b,
    DW_AT_call_return_pc = 0x7d,
    DW_AT_call_value = 0x7e,
    DW_AT_GNU_call_site_value = 0x2111,

    DW_ATE_boolean = 0x02,
    DW_ATE_float = 0x04,
    DW_ATE_signed = 0x05,
    DW_ATE_signed_char = 0x06,
    DW_ATE_unsigned = 0x07,
    DW_ATE_unsigned_char = 0x08,
    DW_ATE_UTF = 0x10
};

enum {
    DW_OP_addr = 0x03,
    DW_OP_deref = 0x06,
    DW_OP_const1u = 0x08,
    DW_OP_const1s,
    DW_OP_const2u,
    DW_OP_const2s,
    DW_OP_const4u,
    DW_OP_const4s,
    DW_OP_const8u,
    DW_OP_const8s,
    DW_OP_constu,
    DW_OP_consts,
    DW_OP_dup,
    DW_OP_drop,
    DW_OP_over,
    DW_OP_pick,
    DW_OP_swap,
    DW_OP_rot,
    DW_OP_abs = 0x19,
    DW_OP_and,
    DW_OP_div,
    DW_OP_minus,
    DW_OP_mod,
    DW_OP_mul,
    DW_OP_neg,
    DW_OP_not,
    DW_OP_or,
    DW_OP_plus,
    DW_OP_plus_uconst,
    DW_OP_shl,
    DW_OP_shr,
    DW_OP_shra,
    DW_OP_xor,
    DW_OP_bra,
    DW_OP_eq,
    DW_OP_ge,
    DW_OP_gt,
    DW_OP_le,
    DW_OP_lt,
    DW_OP_ne,
    DW_OP_skip,
    DW_OP_lit0 = 0x30,
    DW_OP_reg0 = 0x50,
    DW_OP_breg0 = 0x70,
    DW_OP_regx = 0x90,
    DW_OP_fbreg,
    DW_OP_bregx,
    DW_OP_piece,
    DW_OP_deref_size,
    DW_OP_nop = 0x96,
    DW_OP_call_frame_cfa = 0x9c,
    DW_OP_implicit_value = 0x9e,
    DW_OP_stack_value = 0x9f,
    DW_OP_implicit_pointer = 0xa0,
    DW_OP_addrx = 0xa1,
    DW_OP_constx = 0xa2,
    DW_OP_entry_value = 0xa3,
    DW_OP_GNU_implicit_pointer = 0xf2,
    DW_OP_GNU_entry_value = 0xf3,
    DW_OP_GNU_addr_index = 0xfb
};

/* Handles of the library are void * here. 0 is success where int is returned,
 * unless something else is said. */
struct dw_api {
    void *(*begin)(int fd, int command); /* 0: read */
    int (*end)(void *dw);
    void *(*getelf)(void *dw);
    int (*next_cu)(void *dw, uint64_t off, uint64_t *next, size_t *header,
                   uint64_t *abbrev, uint8_t *address_size,
                   uint8_t *offset_size);
    struct dw_die *(*offdie)(void *dw, uint64_t off, struct dw_die *out);
    struct dw_die *(*addrdie)(void *dw, uint64_t addr, struct dw_die *out);
    int (*child)(struct dw_die *d, struct dw_die *out);
    int (*sibling)(struct dw_die *d, struct dw_die *out);
    int (*tag)(struct dw_die *d);
    const char *(*name)(struct dw_die *d);
    uint64_t (*offset)(struct dw_die *d);
    struct dw_die *(*unit)(struct dw_die *d, struct dw_die *out,
                           uint8_t *address_size, uint8_t *offset_size);
    struct dw_attr *(*attr)(struct dw_die *d, unsigned name,
                            struct dw_attr *out);
    /* Of this DIE alone, not of what it specifies or instantiates. */
    struct dw_attr *(*own_attr)(struct dw_die *d, unsigned name,
                                struct dw_attr *out);
    int (*udata)(struct dw_attr *a, uint64_t *out);
    int (*sdata)(struct dw_attr *a, int64_t *out);
    int (*addr)(struct dw_attr *a, uint64_t *out);
    int (*block)(struct dw_attr *a, struct dw_block *out);
    struct dw_die *(*ref)(struct dw_attr *a, struct dw_die *out);
    int (*has_pc)(struct dw_die *d, uint64_t pc); /* 1: yes */
    int (*low_pc)(struct dw_die *d, uint64_t *out);
    int (*entry_pc)(struct dw_die *d, uint64_t *out);
    /* How many hold at the address. */
    int (*location)(struct dw_attr *a, uint64_t pc, struct dw_op **ops,
                    size_t *n, size_t max);
    int (*implicit)(struct dw_attr *a, const struct dw_op *op,
                    struct dw_block *out);
    int (*op_attr)(struct dw_attr *a, const struct dw_op *op,
                   struct dw_attr *out);
    void *(*cfi)(void *dw);      /* .debug_frame */
    void *(*cfi_elf)(void *elf); /* .eh_frame */
    int (*cfi_end)(void *cfi);
    int (*frame)(void *cfi, uint64_t pc, void **frame); /* free() it */
    int (*frame_info)(void *frame, uint64_t *start, uint64_t *end,
                      bool *interrupted); /* register of the return address */
    int (*frame_cfa)(void *frame, struct dw_op **ops, size_t *n);
    int (*frame_register)(void *frame, int regno, struct dw_op room[3],
                          struct dw_op **ops, size_t *n);
    int (*lines)(struct dw_die *cu, void **lines, size_t *n);
    void *(*line)(void *lines, size_t i);
    int (*line_addr)(void *line, uint64_t *out);
    int (*line_number)(void *line, int *out);
    int (*line_end)(void *line, bool *out);
    int (*line_stmt)(void *line, bool *out);
    const char *(*line_file)(void *line, uint64_t *time, uint64_t *length);
    int (*files)(struct dw_die *cu, void **files, size_t *n);
    const char *(*file)(void *files, size_t i, uint64_t *time,
                        uint64_t *length);
};

/* Opens the library; NULL with err when it is not there. */
void *dw_library(struct dw_api *api, struct error *err);

#endif
