/*
 * machine.h - one PC: processor, memory, devices, clock, input queue.
 */
#ifndef MACHINE_MACHINE_H
#define MACHINE_MACHINE_H

#include "core/device.h"
#include "core/host.h"
#include "core/input.h"
#include "cpu/cpu.h"
#include "iodev/ioapic.h"
#include "gui/keymap.h"
#include "machine/config.h"
#include "machine/sound.h"
#include "memory/phys.h"

struct streams; /* machine/streams.h */

struct machine {
    struct log log;
    struct log_source log_source;
    struct clock clock;
    struct host host;
    struct services sv;
    struct device_list devices;
    struct cpu *cpu;
    struct input_queue *input;
    struct streams *streams;
    struct machine_sound sound;
    const struct keymap *keymap; /* for typing; NULL: US */
    uint64_t screen_font; /* place in RAM of the guest's own font, for readers
                           * of pictures; 0: not known */
    struct screen screen;   /* render NULL: there is no adapter */
    int64_t time0;          /* seconds since 1970 at power-on */
    bool reset_on_triple_fault;
    bool reset_wanted;
    bool sleep_wanted; /* suspend-to-RAM after this instruction */
    enum reset_kind reset_kind;
    bool stopped;
    bool debugged;          /* stops before a triple fault resets */
    bool shut_down;         /* ... and stands there */
    /* Guest requests to the debugger (core/host.h); NULL: nobody listens. */
    void (*on_debug)(void *opaque, enum host_debug what, uint32_t a,
                     uint32_t b);
    void *on_debug_opaque;
    bool paused;            /* machine_pause was called */
    int exit_code;
    char why[160];          /* the run ended because ... */
    uint8_t *roms[8];       /* owned images behind ROM regions */
    unsigned rom_count;
    bool change_good;       /* result of the last HOST_CHANGE */
    struct error *change_err;
    struct line rtc[2];     /* sinks of the clock chip's interrupt */
    struct apic_bus apic_bus; /* I/O APIC -> processor */
    /* Called with guest output of the first serial port and the debug port;
     * for scripts that wait for text. May be NULL. */
    void (*on_serial)(void *opaque, const uint8_t *p, size_t n);
    void *on_serial_opaque;
};

/* NULL with err filled in when anything cannot be had. Powered on and reset,
 * not yet running. */
struct machine *machine_create(const struct config *cfg, struct error *err);
void machine_destroy(struct machine *m);

/*
 * Runs until the clock reaches `until`, the machine stops for good
 * (m->stopped) or is paused (m->paused). Resets asked for by the guest happen
 * inside.
 */
void machine_run(struct machine *m, uint64_t until);
/* From a callback during machine_run: it returns at the next instruction
 * boundary, and may be called again. */
void machine_pause(struct machine *m);
void machine_reset(struct machine *m, enum reset_kind kind);
/* A debugger's change of memory or a register (debugger/target.h), which the
 * log of input shows. Between instructions only. */
bool machine_change(struct machine *m, const uint8_t *data, size_t n,
                    struct error *err);
/* Ends the run at the next instruction boundary. */
void machine_stop(struct machine *m, int exit_code, const char *why);
/* The tick at which the guest goes on if nothing comes from outside, now
 * unless it waits for an interrupt. CLOCK_NEVER: not without input. */
uint64_t machine_idle_until(struct machine *m);
/* Hash of everything the guest can see; the same on every host. */
uint64_t machine_hash(struct machine *m);

/* pc.c: creates and wires the devices of the board. */
bool pc_build(struct machine *m, const struct config *cfg, struct error *err);
/* What the keyboard controller, port 92h and a triple fault ask for; happens
 * at the next instruction boundary. */
void pc_soft_reset(struct machine *m);

#endif
