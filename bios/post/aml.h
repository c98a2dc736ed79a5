/*
 * aml.h - writes ACPI machine language (ACPI 3.0, chapter 19).
 *
 * What takes a package length is opened, filled and closed; aml_close puts
 * the length in its shortest form where it belongs.
 */
#ifndef BIOS_POST_AML_H
#define BIOS_POST_AML_H

#include "bios/types.h"

enum { AML_DEPTH = 12 };

struct aml {
    u8 *start, *at, *end;
    u8 *open[AML_DEPTH];
    unsigned depth;
    bool full;
};

/* Opcodes that the tables use. */
enum {
    AML_ZERO = 0x00,
    AML_ONE = 0x01,
    AML_NAME = 0x08,
    AML_SCOPE = 0x10,
    AML_BUFFER = 0x11,
    AML_PACKAGE = 0x12,
    AML_METHOD = 0x14,
    AML_ARG0 = 0x68,
    AML_STORE = 0x70,
    AML_AND = 0x7b,
    AML_OR = 0x7d,
    AML_DWORD_FIELD = 0x8a,
    AML_IF = 0xa0,
    AML_RETURN = 0xa4,
};

/* Behind the prefix 5Bh. */
enum {
    AML_REGION = 0x80,
    AML_FIELD = 0x81,
    AML_DEVICE = 0x82,
    AML_PROCESSOR = 0x83
};

void aml_byte(struct aml *a, u8 v);
void aml_bytes(struct aml *a, const u8 *p, unsigned n);
void aml_word(struct aml *a, u16 v);
void aml_dword(struct aml *a, u32 v);
void aml_integer(struct aml *a, u32 v);
/* "_SB_", "\\_SB_", and up to "LNKA": four letters a segment, as they are. */
void aml_text(struct aml *a, const char *s);
void aml_string(struct aml *a, const char *s);
void aml_open(struct aml *a, u8 opcode);
void aml_open_extended(struct aml *a, u8 opcode);
void aml_close(struct aml *a);

void aml_open_device(struct aml *a, const char *name);
/* flags: arguments, 8 serialised. */
void aml_open_method(struct aml *a, const char *name, u8 flags);
void aml_open_package(struct aml *a, u8 elements);
/* Name (name, integer), Name (_HID, EISAID (id)). */
void aml_name_integer(struct aml *a, const char *name, u32 v);
void aml_hid(struct aml *a, const char *id);
/* Name (name, Buffer () {bytes}) */
void aml_name_buffer(struct aml *a, const char *name, const u8 *p, unsigned n);

#endif
