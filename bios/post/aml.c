/*
 * aml.c - writes ACPI machine language.
 */
#include "bios/post/aml.h"

#include "bios/post/post.h"

void aml_byte(struct aml *a, u8 v)
{
    if (a->at < a->end)
        *a->at++ = v;
    else
        a->full = true;
}

void aml_bytes(struct aml *a, const u8 *p, unsigned n)
{
    while (n--)
        aml_byte(a, *p++);
}

void aml_word(struct aml *a, u16 v)
{
    aml_byte(a, (u8)v);
    aml_byte(a, (u8)(v >> 8));
}

void aml_dword(struct aml *a, u32 v)
{
    aml_word(a, (u16)v);
    aml_word(a, (u16)(v >> 16));
}

void aml_integer(struct aml *a, u32 v)
{
    if (v < 2) {
        aml_byte(a, (u8)v);
    } else if (v < 0x100) {
        aml_byte(a, 0x0a);
        aml_byte(a, (u8)v);
    } else if (v < 0x10000) {
        aml_byte(a, 0x0b);
        aml_word(a, (u16)v);
    } else {
        aml_byte(a, 0x0c);
        aml_dword(a, v);
    }
}

void aml_text(struct aml *a, const char *s)
{
    while (*s)
        aml_byte(a, (u8)*s++);
}

void aml_string(struct aml *a, const char *s)
{
    aml_byte(a, 0x0d);
    aml_text(a, s);
    aml_byte(a, 0);
}

void aml_open(struct aml *a, u8 opcode)
{
    aml_byte(a, opcode);
    if (a->depth < AML_DEPTH)
        a->open[a->depth] = a->at;
    a->depth++;
}

void aml_open_extended(struct aml *a, u8 opcode)
{
    aml_byte(a, 0x5b);
    aml_open(a, opcode);
}

/* PkgLength, 19.2.4: it counts itself; 6, 12 or 20 bits. */
void aml_close(struct aml *a)
{
    u8 *body, lead[3];
    u32 bytes;
    unsigned n;

    if (!a->depth || --a->depth >= AML_DEPTH) {
        a->full = true;
        return;
    }
    body = a->open[a->depth];
    bytes = (u32)(a->at - body);
    n = bytes + 1 < 0x40 ? 1 : bytes + 2 < 0x1000 ? 2 : 3;
    if (a->at + n > a->end) {
        a->full = true;
        return;
    }
    for (u8 *p = a->at; p > body; p--)
        p[n - 1] = p[-1];
    a->at += n;
    bytes += n;
    if (n == 1) {
        lead[0] = (u8)bytes;
    } else {
        lead[0] = (u8)((n - 1) << 6 | (bytes & 15));
        lead[1] = (u8)(bytes >> 4);
        lead[2] = (u8)(bytes >> 12);
    }
    memcpy(body, lead, n);
}

void aml_open_device(struct aml *a, const char *name)
{
    aml_open_extended(a, AML_DEVICE);
    aml_text(a, name);
}

void aml_open_method(struct aml *a, const char *name, u8 flags)
{
    aml_open(a, AML_METHOD);
    aml_text(a, name);
    aml_byte(a, flags);
}

void aml_open_package(struct aml *a, u8 elements)
{
    aml_open(a, AML_PACKAGE);
    aml_byte(a, elements);
}

void aml_name_integer(struct aml *a, const char *name, u32 v)
{
    aml_byte(a, AML_NAME);
    aml_text(a, name);
    aml_integer(a, v);
}

static u32 hex(char c)
{
    return (u32)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* Three letters of 5 bits and four digits of 4, high byte first. */
static u32 eisa_id(const char *s)
{
    u32 v = (u32)(s[0] - 0x40) << 26 | (u32)(s[1] - 0x40) << 21 |
            (u32)(s[2] - 0x40) << 16 | hex(s[3]) << 12 | hex(s[4]) << 8 |
            hex(s[5]) << 4 | hex(s[6]);

    return v >> 24 | (v >> 8 & 0xff00) | (v << 8 & 0xff0000) | v << 24;
}

void aml_hid(struct aml *a, const char *id)
{
    aml_byte(a, AML_NAME);
    aml_text(a, "_HID");
    aml_byte(a, 0x0c);
    aml_dword(a, eisa_id(id));
}

void aml_name_buffer(struct aml *a, const char *name, const u8 *p, unsigned n)
{
    aml_byte(a, AML_NAME);
    aml_text(a, name);
    aml_open(a, AML_BUFFER);
    aml_integer(a, n);
    aml_bytes(a, p, n);
    aml_close(a);
}
