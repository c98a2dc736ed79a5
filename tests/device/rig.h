/*
 * rig.h - a test bench for chips: clock, ports, memory, log, a mock host.
 */
#ifndef TESTS_DEVICE_RIG_H
#define TESTS_DEVICE_RIG_H

#include "core/device.h"
#include "core/host.h"
#include "core/sound.h"
#include "memory/phys.h"
#include "tests/tap.h"

/* What a source of sound said last. */
struct rig_level {
    unsigned changes;
    uint64_t ns;
    int left, right;
    unsigned gain[2], band;
};

struct rig {
    struct tap tap;
    struct clock clock;
    struct log log;
    struct services sv;
    struct host host;
    struct device_list devices;
    /* What the mock host was told. */
    int stop_code; /* -1: not stopped */
    int64_t time0;
    uint8_t sent[4096]; /* bytes written to streams */
    size_t sent_len;
    struct rig_level sound[SOUND_SOURCES];
    struct sound *mixer; /* given by the test; hears everything, freed here */
};

/* Listens to one output pin. */
struct probe {
    struct rig *rig;
    bool level;
    unsigned rises, falls;
    uint64_t rise_tick, fall_tick; /* of the latest */
};

/* ticks per second; 1 MiB of RAM. */
void rig_init(struct rig *r, uint64_t ips);
void rig_free(struct rig *r);
/* Prints the plan, frees everything; the exit status. */
int rig_done(struct rig *r);
/* Made but not started, for options; then rig_start. */
struct device *rig_make(struct rig *r, const struct device_class *cls,
                        const char *id, uint16_t io_base);
void rig_start(struct rig *r, struct device *dev);
/* Both. */
struct device *rig_add(struct rig *r, const struct device_class *cls,
                       const char *id, uint16_t io_base);
void rig_probe(struct rig *r, struct probe *b, struct device *dev,
               const char *out, unsigned n);
void rig_drive(struct device *dev, const char *in, unsigned n, bool level);
void rig_out(struct rig *r, uint16_t port, uint32_t v);
uint8_t rig_in(struct rig *r, uint16_t port);
void rig_run_ns(struct rig *r, uint64_t ns);
void rig_run_ticks(struct rig *r, uint64_t ticks);
void rig_input(struct device *dev, enum input_kind kind, uint32_t a, uint32_t b,
               const void *data, size_t len);
/* Saves, disturbs by a reset, loads, and compares the packed states. */
void rig_round_trip(struct rig *r, struct device *dev);
/* Sets one byte of the packed value of a scalar field and says whether the
 * file is refused. */
bool rig_refuses(struct rig *r, struct device *dev, size_t state_offset,
                 uint8_t value);

#endif
