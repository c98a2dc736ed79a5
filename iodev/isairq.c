/*
 * isairq.c - the interrupt lines of the ISA slots, and where they end.
 *
 * A slot line is shared by open-collector drivers; here that is an OR. The
 * south bridge's outputs go to two interrupt controllers at once.
 */
#include "iodev/isairq.h"

struct isairq {
    struct device dev;

    struct isairq_state {
        uint8_t cards[16]; /* bit k: card k of the line asserts it */
    } s;

    struct line line[16], pic[16], apic[16];
};

static void set_card(void *dev, unsigned n, bool level)
{
    struct isairq *q = container_of(dev, struct isairq, dev);
    uint8_t bit = (uint8_t)(1u << (n & 3));
    uint8_t *cards = &q->s.cards[n / 4];

    *cards = level ? *cards | bit : *cards & (uint8_t)~bit;
    line_set(&q->line[n / 4], *cards != 0);
}

static void set_irq(void *dev, unsigned n, bool level)
{
    struct isairq *q = container_of(dev, struct isairq, dev);

    line_set(&q->pic[n], level);
    line_set(&q->apic[n], level);
}

static void isairq_reset(struct device *dev, enum reset_kind kind)
{
    struct isairq *q = container_of(dev, struct isairq, dev);

    (void)kind;
    q->s = (struct isairq_state){0};
}

static bool isairq_post_load(struct device *dev, struct error *err)
{
    struct isairq *q = container_of(dev, struct isairq, dev);

    for (unsigned n = 0; n < 16; n++)
        if (q->s.cards[n] > 15)
            return error_set(err, EXIT_BAD_DATA,
                             "isairq: more than four cards on IRQ %u", n);
    return true;
}

static const struct field isairq_fields[] = {
    FIELD_ARRAY(struct isairq_state, cards, "cards that assert each IRQ"),
    FIELD_END,
};

static const struct line_in isairq_lines_in[] = {
    {"isa", 64, set_card},
    {"irq", 16, set_irq},
    {.name = NULL},
};

static const struct line_out isairq_lines_out[] = {
    {"line", offsetof(struct isairq, line), 16},
    {"pic", offsetof(struct isairq, pic), 16},
    {"apic", offsetof(struct isairq, apic), 16},
    {.name = NULL},
};

const struct device_class isairq_class = {
    .name = "isairq",
    .summary = "ISA interrupt lines",
    DEVICE_STATE(struct isairq, s),
    .state_version = 1,
    .fields = isairq_fields,
    .lines_in = isairq_lines_in,
    .lines_out = isairq_lines_out,
    .reset = isairq_reset,
    .post_load = isairq_post_load,
};
