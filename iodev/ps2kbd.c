/*
 * ps2kbd.c - 101/102-key PS/2 keyboard.
 *
 * Reference: IBM PS/2 Hardware Interface Technical Reference, "Keyboards
 * (101- and 102-key)".
 * Departures: the self-test takes 10 ms instead of 300 to 500.
 */
#include "iodev/ps2kbd.h"
#include "core/host.h"

enum {
    ACK = 0xfa,
    RESEND = 0xfe,
    BAT_OK = 0xaa,
    BAT_NS = 10000000,
    REPLIES = 0, /* index of s.queue: answers go first */
    KEYS = 1,
    E0 = 0x80
};

struct ps2kbd {
    struct device dev;

    struct ps2kbd_state {
        struct ps2_fifo queue[2];
        uint8_t down[32];        /* held keys, a bit per enum host_key */
        uint8_t typematic[32];   /* set 3: codes that repeat */
        uint8_t sends_break[32]; /* set 3: codes with a break code */
        uint8_t scan_set;
        uint8_t leds;
        uint8_t rate;      /* command F3h */
        uint8_t command;   /* waits for its argument, 0: none */
        uint8_t last;      /* byte for RESEND */
        uint8_t repeating; /* enum host_key, 0: none */
        bool scanning;
        bool bat; /* self-test runs */
    } s;

    struct line data;
    struct timer repeat, bat;
    char repeat_name[32], bat_name[32];
};

static struct ps2kbd *kbd_of(const struct device *dev)
{
    return container_of((struct device *)(uintptr_t)dev, struct ps2kbd, dev);
}

static bool bit_get(const uint8_t *set, uint8_t n)
{
    return set[n / 8] >> (n % 8) & 1;
}

static void bit_put(uint8_t *set, uint8_t n, bool v)
{
    uint8_t bit = (uint8_t)(1u << (n % 8));

    set[n / 8] = v ? set[n / 8] | bit : set[n / 8] & (uint8_t)~bit;
}

/* ---- sending ---- */

static void update(struct ps2kbd *k)
{
    /* Keys wait while a command is not complete. */
    line_set(&k->data, k->s.queue[REPLIES].count ||
                           (k->s.queue[KEYS].count && !k->s.command));
}

static void answer(struct ps2kbd *k, uint8_t byte)
{
    ps2_fifo_put(&k->s.queue[REPLIES], byte);
    update(k);
}

/* All bytes of one key or none; the last place takes the overrun code. */
static void queue_key(struct ps2kbd *k, const uint8_t *bytes, unsigned n)
{
    struct ps2_fifo *q = &k->s.queue[KEYS];

    if (ps2_fifo_room(q) > n) {
        for (unsigned i = 0; i < n; i++)
            ps2_fifo_put(q, bytes[i]);
    } else if (ps2_fifo_room(q)) {
        while (ps2_fifo_room(q))
            ps2_fifo_put(q, k->s.scan_set == 1 ? 0xff : 0x00);
    }
    update(k);
}

static bool kbd_take(struct device *dev, uint8_t *byte)
{
    struct ps2kbd *k = kbd_of(dev);
    bool got = ps2_fifo_get(&k->s.queue[REPLIES], byte) ||
               (!k->s.command && ps2_fifo_get(&k->s.queue[KEYS], byte));

    if (got)
        k->s.last = *byte;
    update(k);
    return got;
}

/* ---- scan codes ---- */

/* Set 3 of the keys whose code differs from set 2, by enum host_key. */
static const struct {
    uint8_t key, code;
} set3_differs[] = {
    {0x01, 0x08},      {0x1d, 0x11},      {0x38, 0x19},      {0x3a, 0x14},
    {0x3b, 0x07},      {0x3c, 0x0f},      {0x3d, 0x17},      {0x3e, 0x1f},
    {0x3f, 0x27},      {0x40, 0x2f},      {0x41, 0x37},      {0x42, 0x3f},
    {0x43, 0x47},      {0x44, 0x4f},      {0x57, 0x56},      {0x58, 0x5e},
    {0x46, 0x5f},      {0x45, 0x76},      {0x2b, 0x5c},      {0x56, 0x13},
    {0x37, 0x7e},      {0x4a, 0x84},      {0x4e, 0x7c},      {E0 | 0x1c, 0x79},
    {E0 | 0x1d, 0x58}, {E0 | 0x35, 0x77}, {E0 | 0x37, 0x57}, {E0 | 0x38, 0x39},
    {E0 | 0x45, 0x62}, {E0 | 0x47, 0x6e}, {E0 | 0x48, 0x63}, {E0 | 0x49, 0x6f},
    {E0 | 0x4b, 0x61}, {E0 | 0x4d, 0x6a}, {E0 | 0x4f, 0x65}, {E0 | 0x50, 0x60},
    {E0 | 0x51, 0x6d}, {E0 | 0x52, 0x67}, {E0 | 0x53, 0x64}, {E0 | 0x5b, 0x8b},
    {E0 | 0x5c, 0x8c}, {E0 | 0x5d, 0x8d},
};

static uint8_t set3_code(uint8_t key)
{
    for (size_t i = 0; i < ARRAY_LEN(set3_differs); i++)
        if (set3_differs[i].key == key)
            return set3_differs[i].code;
    return key & E0 ? 0 : ps2_set1_to_set2(key);
}

/* Default of set 3: these send make and break; those after them make only;
 * all others repeat and have no break code. */
static void set3_defaults(struct ps2kbd *k)
{
    static const uint8_t make_break[] = {0x11, 0x12, 0x14, 0x19, 0x59};
    static const uint8_t make_only[] = {
        0x07, 0x08, 0x0f, 0x17, 0x1f, 0x27, 0x2f, 0x37, 0x39, 0x3f, 0x47,
        0x4f, 0x56, 0x57, 0x58, 0x5e, 0x5f, 0x62, 0x65, 0x67, 0x69, 0x6b,
        0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76,
        0x77, 0x79, 0x7a, 0x7d, 0x7e, 0x84, 0x8b, 0x8c, 0x8d};

    memset(k->s.typematic, 0xff, sizeof k->s.typematic);
    memset(k->s.sends_break, 0, sizeof k->s.sends_break);
    for (size_t i = 0; i < sizeof make_break; i++) {
        bit_put(k->s.typematic, make_break[i], false);
        bit_put(k->s.sends_break, make_break[i], true);
    }
    for (size_t i = 0; i < sizeof make_only; i++)
        bit_put(k->s.typematic, make_only[i], false);
}

static void send_set3(struct ps2kbd *k, uint8_t key, bool press)
{
    uint8_t bytes[2] = {0xf0, set3_code(key)};

    if (!bytes[1])
        return;
    if (press)
        queue_key(k, bytes + 1, 1);
    else if (bit_get(k->s.sends_break, bytes[1]))
        queue_key(k, bytes, 2);
}

/* One code of set 1 or 2 with its prefixes; returns the new length. */
static unsigned add_code(const struct ps2kbd *k, uint8_t *to, unsigned n,
                         uint8_t key, bool press)
{
    if (key & E0)
        to[n++] = 0xe0;
    if (k->s.scan_set == 1) {
        to[n++] = (key & 0x7f) | (press ? 0 : 0x80);
        return n;
    }
    if (!press)
        to[n++] = 0xf0;
    to[n++] = ps2_set1_to_set2(key & 0x7f);
    return n;
}

static bool held(const struct ps2kbd *k, uint8_t a, uint8_t b)
{
    return bit_get(k->s.down, a) || bit_get(k->s.down, b);
}

/* The ten keys between letters and number pad. */
static bool is_cursor_key(uint8_t key)
{
    return key >= KEY_HOME && key <= KEY_DELETE;
}

/*
 * On the 83-key keyboard these keys were on the number pad. For programs that
 * know no other, they lift Shift around themselves when Num Lock is off, and
 * hold it when it is on; / does so whatever Num Lock is (table "Scan Codes,
 * Set 1/2", notes on keys 75 to 89 and 95).
 */
static unsigned add_shifts(const struct ps2kbd *k, uint8_t *to, unsigned n,
                           uint8_t key, bool press)
{
    static const uint8_t shifts[] = {KEY_LSHIFT, KEY_RSHIFT};
    bool slash = key == KEY_KP_SLASH;
    bool num = (k->s.leds & 2) && !slash;

    if (!slash && !is_cursor_key(key))
        return n;
    if (num && !held(k, KEY_LSHIFT, KEY_RSHIFT))
        return add_code(k, to, n, E0 | KEY_LSHIFT, press);
    for (unsigned i = 0; i < 2 && !num; i++)
        if (bit_get(k->s.down, shifts[i]))
            n = add_code(k, to, n, E0 | shifts[i], !press);
    return n;
}

static unsigned usual_codes(const struct ps2kbd *k, uint8_t *to, uint8_t key,
                            bool press, bool again)
{
    unsigned n = press && !again ? add_shifts(k, to, 0, key, true) : 0;

    n = add_code(k, to, n, key, press);
    return press ? n : add_shifts(k, to, n, key, false);
}

static unsigned print_codes(const struct ps2kbd *k, uint8_t *to, bool press)
{
    unsigned n;

    if (held(k, KEY_LALT, KEY_RALT))
        return add_code(k, to, 0, KEY_SYSRQ, press);
    if (held(k, KEY_LSHIFT, KEY_RSHIFT) || held(k, KEY_LCTRL, KEY_RCTRL))
        return add_code(k, to, 0, KEY_PRINT, press);
    n = add_code(k, to, 0, press ? E0 | KEY_LSHIFT : KEY_PRINT, press);
    return add_code(k, to, n, press ? KEY_PRINT : E0 | KEY_LSHIFT, press);
}

/* Break is both codes at once, too. */
static unsigned break_codes(const struct ps2kbd *k, uint8_t *to, bool press)
{
    unsigned n;

    if (!press)
        return 0;
    n = add_code(k, to, 0, KEY_BREAK, true);
    return add_code(k, to, n, KEY_BREAK, false);
}

/* Pause sends make and break at once and nothing when released. */
static unsigned pause_codes(const struct ps2kbd *k, uint8_t *to, bool press)
{
    static const uint8_t set1[] = {0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5};
    static const uint8_t set2[] = {0xe1, 0x14, 0x77, 0xe1,
                                   0xf0, 0x14, 0xf0, 0x77};

    if (!press)
        return 0;
    if (held(k, KEY_LCTRL, KEY_RCTRL))
        return break_codes(k, to, press);
    if (k->s.scan_set == 1) {
        memcpy(to, set1, sizeof set1);
        return sizeof set1;
    }
    memcpy(to, set2, sizeof set2);
    return sizeof set2;
}

/* again: typematic, a press after the first one. */
static void send_key(struct ps2kbd *k, uint8_t key, bool press, bool again)
{
    uint8_t bytes[9];
    unsigned n;

    if (k->s.scan_set == 3) {
        send_set3(k, key, press);
        return;
    }
    if (key == KEY_PRINT)
        n = print_codes(k, bytes, press);
    else if (key == KEY_PAUSE)
        n = pause_codes(k, bytes, press);
    else if (key == KEY_BREAK)
        n = break_codes(k, bytes, press);
    else
        n = usual_codes(k, bytes, key, press, again);
    if (n)
        queue_key(k, bytes, n);
}

/* ---- typematic ---- */

static uint64_t repeat_delay_ns(const struct ps2kbd *k)
{
    return ((k->s.rate >> 5 & 3) + 1u) * 250000000ull;
}

/* Period = (8 + A) * 2^B * 4.17 ms (command F3h). */
static uint64_t repeat_period_ns(const struct ps2kbd *k)
{
    return ((k->s.rate & 7) + 8ull) * 4170000ull << (k->s.rate >> 3 & 3);
}

static void stop_repeat(struct ps2kbd *k)
{
    k->s.repeating = 0;
    timer_cancel(&k->repeat);
}

static void fire_repeat(void *opaque)
{
    struct ps2kbd *k = opaque;

    if (!k->s.repeating || !k->s.scanning)
        return;
    if (ps2_fifo_room(&k->s.queue[KEYS]) > 8)
        send_key(k, k->s.repeating, true, true);
    timer_arm_in_ns(&k->repeat, repeat_period_ns(k));
}

static void start_repeat(struct ps2kbd *k, uint8_t key)
{
    if (key == KEY_PAUSE || key == KEY_BREAK ||
        (k->s.scan_set == 3 && !bit_get(k->s.typematic, set3_code(key))))
        return;
    k->s.repeating = key;
    timer_arm_in_ns(&k->repeat, repeat_delay_ns(k));
}

static void kbd_input(struct device *dev, const struct input_event *ev)
{
    struct ps2kbd *k = kbd_of(dev);
    uint8_t key = (uint8_t)ev->a;
    bool press = ev->b != 0;

    if (ev->kind != INPUT_KEY || key == KEY_NONE ||
        bit_get(k->s.down, key) == press)
        return;
    bit_put(k->s.down, key, press);
    if (!press && k->s.repeating == key)
        stop_repeat(k);
    if (!k->s.scanning)
        return;
    send_key(k, key, press, false);
    if (press)
        start_repeat(k, key);
}

/* ---- commands ---- */

static void defaults(struct ps2kbd *k)
{
    k->s.queue[KEYS] = (struct ps2_fifo){.head = 0};
    k->s.scan_set = 2;
    k->s.rate = 0x2b; /* 10.9 a second after 500 ms */
    set3_defaults(k);
    stop_repeat(k);
}

static void start_bat(struct ps2kbd *k)
{
    defaults(k);
    k->s.queue[REPLIES] = (struct ps2_fifo){.head = 0};
    k->s.leds = 0;
    k->s.command = 0;
    k->s.scanning = false;
    k->s.bat = true;
    timer_arm_in_ns(&k->bat, BAT_NS);
    update(k);
}

static void fire_bat(void *opaque)
{
    struct ps2kbd *k = opaque;

    k->s.bat = false;
    k->s.scanning = true;
    answer(k, BAT_OK);
}

/* Commands F7h-FAh for all keys, FBh-FDh for one: typematic, make/break,
 * make only, (all only) typematic and make/break. */
static void set_key_types(uint8_t *typematic, uint8_t *breaks, int code,
                          unsigned type)
{
    bool repeats = type == 0 || type == 3, has_break = type == 1 || type == 3;

    for (int i = code < 0 ? 0 : code; i <= (code < 0 ? 255 : code); i++) {
        bit_put(typematic, (uint8_t)i, repeats);
        bit_put(breaks, (uint8_t)i, has_break);
    }
}

static void argument(struct ps2kbd *k, uint8_t v)
{
    uint8_t cmd = k->s.command;

    k->s.command = 0;
    switch (cmd) {
    case 0xed:
        k->s.leds = v & 7;
        answer(k, ACK);
        break;
    case 0xf0:
        if (v > 3) {
            answer(k, RESEND);
            break;
        }
        answer(k, ACK);
        if (v == 0)
            answer(k, k->s.scan_set);
        else
            k->s.scan_set = v;
        break;
    case 0xf3:
        k->s.rate = v & 0x7f;
        answer(k, ACK);
        break;
    default: /* fb..fd: one or more codes of set 3 */
        set_key_types(k->s.typematic, k->s.sends_break, v, cmd - 0xfbu);
        k->s.command = cmd;
        answer(k, ACK);
        break;
    }
}

static void simple_command(struct ps2kbd *k, uint8_t v)
{
    answer(k, ACK);
    switch (v) {
    case 0xed:
    case 0xf0:
    case 0xf3:
    case 0xfb:
    case 0xfc:
    case 0xfd:
        k->s.command = v;
        break;
    case 0xf2:
        answer(k, 0xab);
        answer(k, 0x83);
        break;
    case 0xf4:
        k->s.queue[KEYS] = (struct ps2_fifo){.head = 0};
        stop_repeat(k);
        k->s.scanning = true;
        break;
    case 0xf5:
        defaults(k);
        k->s.scanning = false;
        break;
    case 0xf6:
        defaults(k);
        break;
    default: /* f7..fa */
        set_key_types(k->s.typematic, k->s.sends_break, -1, v - 0xf7u);
        break;
    }
    update(k);
}

static void kbd_send(struct device *dev, uint8_t v)
{
    struct ps2kbd *k = kbd_of(dev);

    /* A command cuts off an answer that is still to be sent. */
    k->s.queue[REPLIES] = (struct ps2_fifo){.head = 0};
    if (k->s.bat) {
        k->s.bat = false;
        k->s.scanning = true;
        timer_cancel(&k->bat);
    }
    if (v == 0xff) {
        start_bat(k);
        answer(k, ACK);
    } else if (v == 0xfe) {
        answer(k, k->s.last);
    } else if (v == 0xee) {
        k->s.command = 0;
        answer(k, 0xee);
    } else if (k->s.command && v < 0xed) {
        argument(k, v);
    } else if (v == 0xed || v == 0xf0 || (v >= 0xf2 && v <= 0xfd)) {
        k->s.command = 0;
        simple_command(k, v);
    } else {
        log_error(&k->dev.log, "unknown command %02x", v);
        answer(k, RESEND);
    }
}

uint8_t ps2kbd_leds(const struct device *dev)
{
    return kbd_of(dev)->s.leds;
}

const struct ps2_ops ps2kbd_ops = {kbd_send, kbd_take};

/* ---- class ---- */

static bool kbd_init(struct device *dev, struct error *err)
{
    struct ps2kbd *k = kbd_of(dev);

    (void)err;
    snprintf(k->repeat_name, sizeof k->repeat_name, "%s.repeat", dev->id);
    snprintf(k->bat_name, sizeof k->bat_name, "%s.bat", dev->id);
    timer_init(&k->repeat, dev->sv->clock, k->repeat_name, fire_repeat, k);
    timer_init(&k->bat, dev->sv->clock, k->bat_name, fire_bat, k);
    return true;
}

/* Power-on starts the self-test; the wire has no reset. */
static void kbd_reset(struct device *dev, enum reset_kind kind)
{
    struct ps2kbd *k = kbd_of(dev);

    if (kind == RESET_SOFTWARE)
        return;
    memset(&k->s, 0, sizeof k->s);
    start_bat(k);
}

static bool kbd_post_load(struct device *dev, struct error *err)
{
    const struct ps2kbd_state *s = &kbd_of(dev)->s;

    if (!ps2_fifo_valid(&s->queue[0]) || !ps2_fifo_valid(&s->queue[1]) ||
        s->scan_set < 1 || s->scan_set > 3)
        return error_set(err, EXIT_BAD_DATA, "%s: impossible queue or set",
                         dev->id);
    return true;
}

static void kbd_destroy(struct device *dev)
{
    timer_destroy(&kbd_of(dev)->repeat);
    timer_destroy(&kbd_of(dev)->bat);
}

static const struct field kbd_fields[] = {
    FIELD_STRUCTS(struct ps2kbd_state, queue, ps2_fifo_fields,
                  "answers, scan codes"),
    FIELD_ARRAY(struct ps2kbd_state, down, "held keys"),
    FIELD_ARRAY(struct ps2kbd_state, typematic, "set 3 codes that repeat"),
    FIELD_ARRAY(struct ps2kbd_state, sends_break, "set 3 codes with a break"),
    FIELD(struct ps2kbd_state, scan_set, "scan code set"),
    FIELD(struct ps2kbd_state, leds, "scroll, num, caps lock"),
    FIELD(struct ps2kbd_state, rate, "typematic rate and delay"),
    FIELD(struct ps2kbd_state, command, "command that waits for its argument"),
    FIELD(struct ps2kbd_state, last, "last byte sent"),
    FIELD(struct ps2kbd_state, repeating, "key that repeats"),
    FIELD(struct ps2kbd_state, scanning, "keys are looked at"),
    FIELD(struct ps2kbd_state, bat, "self-test runs"),
    FIELD_END,
};

static const struct line_out kbd_lines_out[] = {
    {"data", offsetof(struct ps2kbd, data), 1},
    {.name = NULL},
};

const struct device_class ps2kbd_class = {
    .name = "ps2kbd",
    .summary = "PS/2 keyboard",
    DEVICE_STATE(struct ps2kbd, s),
    .state_version = 1,
    .fields = kbd_fields,
    .lines_out = kbd_lines_out,
    .init = kbd_init,
    .reset = kbd_reset,
    .post_load = kbd_post_load,
    .input = kbd_input,
    .destroy = kbd_destroy,
};
