/*
 * ps2.h - what the 8042 and the devices on its two ports share.
 */
#ifndef IODEV_PS2_H
#define IODEV_PS2_H

#include "core/device.h"

/*
 * A keyboard or mouse as its controller sees it. The device has an output
 * pin "data", high while it has a byte to send.
 */
struct ps2_ops {
    void (*send)(struct device *dev, uint8_t byte);  /* host to device */
    bool (*take)(struct device *dev, uint8_t *byte); /* false: nothing */
};

enum { PS2_FIFO_SIZE = 16 };

struct ps2_fifo {
    uint8_t data[PS2_FIFO_SIZE];
    uint8_t head, count;
};

extern const struct field ps2_fifo_fields[];

static inline bool ps2_fifo_valid(const struct ps2_fifo *q)
{
    return q->head < PS2_FIFO_SIZE && q->count <= PS2_FIFO_SIZE;
}

static inline unsigned ps2_fifo_room(const struct ps2_fifo *q)
{
    return PS2_FIFO_SIZE - q->count;
}

/* A full queue drops the byte. */
void ps2_fifo_put(struct ps2_fifo *q, uint8_t byte);
bool ps2_fifo_get(struct ps2_fifo *q, uint8_t *byte);

/* The 8042's translation of one scan code of set 2 (without F0, E0, E1) to
 * set 1, and the set 2 code of a key by its make code in set 1. */
uint8_t ps2_set2_to_set1(uint8_t code);
uint8_t ps2_set1_to_set2(uint8_t code);

#endif
