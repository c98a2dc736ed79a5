/*
 * state_test.c - field tables: pack, unpack, hash, print, diff, coverage.
 */
#include "core/state.h"
#include "tests/tap.h"

struct channel {
    uint16_t count;
    bool on;
};

struct sample {
    uint8_t a;
    uint16_t b;
    uint32_t c;
    uint64_t d;
    int32_t e;
    int64_t f;
    bool flag;
    uint16_t list[5];
    struct channel ch[3];
    uint8_t late;
};

static const struct field channel_fields[] = {
    FIELD(struct channel, count, "transfer count"),
    FIELD(struct channel, on, "enabled"),
    FIELD_END,
};

/* Not in the order of the members: the order of rows is free. */
static const struct field fields[] = {
    FIELD(struct sample, b, "a word"),
    FIELD(struct sample, a, "a byte"),
    FIELD(struct sample, c, "a doubleword"),
    FIELD(struct sample, d, "a quadword"),
    FIELD(struct sample, e, "a signed one"),
    FIELD(struct sample, f, "a long signed one"),
    FIELD(struct sample, flag, "a flag"),
    FIELD_ARRAY(struct sample, list, "a list"),
    FIELD_STRUCTS(struct sample, ch, channel_fields, "channels"),
    FIELD(struct sample, late, "since version 2"),
    FIELD_END,
};

static const struct field old_fields[] = {
    FIELD(struct sample, a, "a byte"),
    FIELD(struct sample, b, "a word"),
    FIELD_END,
};

static const struct field grown_fields[] = {
    FIELD(struct sample, a, "a byte"),
    FIELD(struct sample, b, "a word"),
    {.name = "late",
     .help = "since version 2",
     .type = FIELD_U8,
     .offset = offsetof(struct sample, late),
     .size = 1,
     .count = 1,
     .since = 2},
    FIELD_END,
};

static struct sample example(void)
{
    return (struct sample){
        .a = 0x12,
        .b = 0x3456,
        .c = 0x789abcde,
        .d = UINT64_C(0xfedcba9876543210),
        .e = -5,
        .f = -6000000000,
        .flag = true,
        .list = {1, 2, 3, 4, 0xffff},
        .ch = {{10, true}, {20, false}, {30, true}},
        .late = 9,
    };
}

static void round_trip(struct tap *t)
{
    /* Packed by hand: the form is the same on every host. */
    static const uint8_t head[] = {1, 'b', 2, 0, 0, 0, 0x56, 0x34,
                                   1, 'a', 1, 0, 0, 0, 0x12};
    struct sample s = example(), r = {0};
    struct state_buf one = {0}, two = {0};
    struct error err = {0};

    state_pack(fields, &s, &one);
    tap_ok(t, one.len > sizeof head && !memcmp(one.data, head, sizeof head),
           "records by name, little-endian");
    tap_ok(t, state_unpack(fields, &r, 1, one.data, one.len, &err),
           "unpacks: %s", err.text);
    state_pack(fields, &r, &two);
    tap_ok(t, one.len == two.len && !memcmp(one.data, two.data, one.len),
           "packs as the same");
    tap_ok(t,
           r.d == s.d && r.e == -5 && r.f == -6000000000 && r.flag &&
               r.list[4] == 0xffff && r.ch[2].count == 30 && !r.ch[1].on &&
               r.late == 9,
           "values are back");
    tap_eq(t, state_hash(fields, &r, 0), state_hash(fields, &s, 0),
           "equal states hash the same");
    r.ch[1].on = true;
    tap_ok(t, state_hash(fields, &r, 0) != state_hash(fields, &s, 0),
           "a nested flag changes the hash");
    state_buf_free(&one);
    state_buf_free(&two);
}

static void damage(struct tap *t)
{
    struct sample s = example(), r;
    struct state_buf b = {0};
    bool cut = true, untouched = true;
    unsigned refused = 0;

    state_pack(fields, &s, &b);
    for (size_t n = 0; n < b.len; n++) {
        memset(&r, 0x5a, sizeof r);
        r.flag = false;
        cut = cut && !state_unpack(fields, &r, 9, b.data, n, NULL);
        for (size_t i = offsetof(struct sample, list); i < sizeof r.list; i++)
            untouched = untouched && ((uint8_t *)&r)[i] == 0x5a;
    }
    tap_ok(t, cut, "no part of the data is taken");
    tap_ok(t, untouched, "a refusal writes nothing");
    for (size_t n = 0; n < b.len; n++) {
        struct sample before = example();

        r = example();
        b.data[n] ^= 0x80;
        if (!state_unpack(fields, &r, 1, b.data, b.len, NULL)) {
            refused++;
            if (state_hash(fields, &r, 0) != state_hash(fields, &before, 0))
                untouched = false;
        }
        b.data[n] ^= 0x80;
    }
    tap_ok(t, untouched, "nor after a flipped bit");
    tap_ok(t, refused > b.len / 2, "%u of %zu flips are noticed at once",
           refused, b.len);
    state_buf_free(&b);
}

static void refuse(struct tap *t, const uint8_t *data, size_t len,
                   const char *says)
{
    struct sample r = {0};
    struct error err = {0};

    tap_ok(t,
           !state_unpack(old_fields, &r, 1, data, len, &err) &&
               err.code == EXIT_BAD_DATA && strstr(err.text, says) && !r.a &&
               !r.b,
           "%s: %s", says, err.text);
}

#define REC_A 1, 'a', 1, 0, 0, 0, 7
#define REC_B 1, 'b', 2, 0, 0, 0, 8, 0

static void messages(struct tap *t)
{
    static const uint8_t missing[] = {REC_A};
    static const uint8_t twice[] = {REC_A, REC_B, REC_A};
    static const uint8_t stranger[] = {REC_A, REC_B, 1, 'z', 0, 0, 0, 0};
    static const uint8_t wrong[] = {REC_A, 1, 'b', 1, 0, 0, 0, 8};
    static const uint8_t huge[] = {REC_A, 1, 'b', 0xff, 0xff, 0xff, 0xff, 8};
    static const uint8_t swapped[] = {REC_B, REC_A};
    struct sample r = {0};

    refuse(t, missing, sizeof missing, "field b is missing");
    refuse(t, twice, sizeof twice, "field a is there twice");
    refuse(t, stranger, sizeof stranger, "unknown field 'z'");
    refuse(t, wrong, sizeof wrong, "b has 1 bytes, expected 2");
    refuse(t, huge, sizeof huge, "cut short");
    tap_ok(t,
           state_unpack(old_fields, &r, 1, swapped, sizeof swapped, NULL) &&
               r.a == 7 && r.b == 8,
           "records in any order");
}

static void versions(struct tap *t)
{
    static const uint8_t old[] = {REC_A, REC_B};
    struct sample r = {.late = 77};
    struct error err = {0};

    tap_ok(t,
           state_unpack(grown_fields, &r, 1, old, sizeof old, &err) &&
               r.a == 7 && r.late == 77,
           "data of version 1 lacks what came with 2");
    tap_ok(t,
           !state_unpack(grown_fields, &r, 2, old, sizeof old, &err) &&
               strstr(err.text, "late"),
           "data of version 2 does not: %s", err.text);
}

static void printing(struct tap *t)
{
    struct sample a = example(), b = example();
    struct out o;

    out_to_string(&o);
    state_print(fields, &a, &o);
    tap_ok(t,
           o.text && strstr(o.text, "3456  a word\n") && strstr(o.text, "-5") &&
               strstr(o.text, "-6000000000") && strstr(o.text, "list[5]") &&
               strstr(o.text, "0003 0004") && strstr(o.text, "ch[2].count") &&
               strstr(o.text, "1  a flag"),
           "printed with names and help");
    out_free(&o);

    out_to_string(&o);
    tap_eq(t, state_diff(fields, &a, &b, &o), 0, "no difference");
    tap_ok(t, !o.text, "nothing said");
    b.list[1] = 9;
    b.list[3] = 9;
    b.ch[2].count = 31;
    b.e = 6;
    tap_eq(t, state_diff(fields, &a, &b, &o), 3, "three fields differ");
    tap_ok(t,
           strstr(o.text, "e: -5 / 6\n") &&
               strstr(o.text, "list[1]: 0002 / 0009 and 1 more\n") &&
               strstr(o.text, "ch[2].count: 001e / 001f\n"),
           "which and how");
    out_free(&o);
}

static void coverage(struct tap *t)
{
    static const struct field half_channel[] = {
        FIELD(struct channel, count, ""),
        FIELD_END,
    };
    struct gap {
        uint32_t first, hidden[2];
        uint8_t last;
        struct channel ch[2];
    };
    static const struct field gap_fields[] = {
        FIELD(struct gap, last, ""),
        FIELD(struct gap, first, ""),
        FIELD_STRUCTS(struct gap, ch, channel_fields, ""),
        FIELD_END,
    };
    static const struct field nested_gap[] = {
        FIELD(struct gap, first, ""),
        FIELD_ARRAY(struct gap, hidden, ""),
        FIELD(struct gap, last, ""),
        FIELD_STRUCTS(struct gap, ch, half_channel, ""),
        FIELD_END,
    };
    struct tail {
        uint8_t a, hidden[3];
    };
    static const struct field tail_fields[] = {
        FIELD(struct tail, a, ""),
        FIELD_END,
    };

    tap_eq(t, state_uncovered(fields, sizeof(struct sample)), 0,
           "a complete table");
    tap_eq(t, state_uncovered(gap_fields, sizeof(struct gap)), 8,
           "members that no row describes");
    tap_eq(t, state_uncovered(nested_gap, sizeof(struct gap)), 4,
           "also within nested structs");
    tap_eq(t, state_uncovered(tail_fields, sizeof(struct tail)), 3,
           "and at the end");
    tap_eq(t, state_uncovered(tail_fields + 1, 16), 16, "an empty table");
}

int main(void)
{
    struct tap t = {0};

    round_trip(&t);
    damage(&t);
    messages(&t);
    versions(&t);
    printing(&t);
    coverage(&t);
    return tap_done(&t);
}
