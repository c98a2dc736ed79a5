/*
 * guest.h - helpers of the guest that calls each function of INT 10h.
 *
 * It runs in real mode in segment 0 and writes lines to port E9h: `SERVICE
 * what: values`, SERVICE being AH or AX in hexadecimal.
 */
#ifndef TESTS_VGABIOS_GUEST_GUEST_H
#define TESTS_VGABIOS_GUEST_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "bios/ports.h"

struct call {
    uint32_t a, b, c, d, si, di, bp;
    uint16_t es, flags;
};

void call_video(struct call *c);
void call_protected(uint32_t entry, struct call *c);
void call_protected_16(uint32_t offset, struct call *c);

/* INT 10h with the registers that most functions take; returns AX. */
struct call video(uint32_t a, uint32_t b, uint32_t c, uint32_t d);
/* The same with ES:BX, ES:DI, ES:DX or ES:BP being SCRATCH:0. */
struct call video_buffer(uint32_t a, uint32_t b, uint32_t c, uint32_t d);

#define SCRATCH 0x3000u /* segment of a buffer */

uint8_t peek8(uint16_t seg, uint16_t off);
uint16_t peek16(uint16_t seg, uint16_t off);
void poke8(uint16_t seg, uint16_t off, uint8_t v);
void poke16(uint16_t seg, uint16_t off, uint16_t v);

uint8_t in_index(uint16_t port, uint8_t index);
void out_index(uint16_t port, uint8_t index, uint8_t v);
uint16_t crtc_port(void);
uint8_t in_attribute(uint8_t index);
uint16_t in_dispi(uint16_t index);

/* ---- report ---- */

void say(const char *text);
void hex(uint32_t v, unsigned digits);
/* ` name=VALUE` */
void value(const char *name, uint32_t v, unsigned digits);
void line(const char *service_and_what); /* begins a line */
void end(void);                          /* ends it */
/* ` name=` and `n` bytes of memory. */
void bytes(const char *name, uint16_t seg, uint16_t off, unsigned n);
/* ` name=` and a sum over memory. */
void sum(const char *name, uint16_t seg, uint16_t off, uint32_t n);
/* The sum over what a mode shows, planes included. */
void sum_screen(void);
/* Registers of the VGA. */
void report_crtc(void);
void report_registers(void);
void report_dac(void);

/* A font of our own that all machines have the same. */
void use_test_font(void);
void set_mode(uint8_t mode);

/* ---- one function for some services each ---- */

void test_modes(void);
void test_text(void);
void test_graphics(void);
void test_palette(void);
void test_fonts(void);
void test_info(void);
void test_vbe(void);

#endif
