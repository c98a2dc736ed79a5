/*
 * vga_fuzz_test.c - any register values: no access outside memory, no hang.
 *
 * Meant for the sanitizers; without them it still checks that a picture has
 * the size it claims and that rendering leaves the guest's state alone.
 */
#include "core/rng.h"
#include "core/state.h"
#include "tests/device/vga_board.h"

#include <stdlib.h>

static void random_vga(struct board *b, struct rng *r)
{
    static const uint16_t ports[] = {0x3c4, 0x3ce, 0x3d4, 0x3b4};
    uint64_t v = rng_next(r);

    switch (v >> 60) {
    case 0:
        out8(b, 0x3c2, v & 0xff);
        break;
    case 1:
    case 2:
    case 3:
        out_attribute(b, v & 31, v >> 8 & 0xff);
        break;
    case 4:
        for (unsigned i = 0; i < 8; i++)
            out8(b, 0x3c9, v >> 8 * i & 0xff);
        break;
    case 5:
        out8(b, (uint16_t)(0x3c0 + (v & 31)), v >> 8 & 0xff);
        break;
    case 6: /* the CRTC's lock off, the picture on */
        out_index(b, 0x3d4, 0x11, v & 0x7f);
        out_index(b, 0x3d4, 0x17, 0x80 | (v >> 8 & 0x7f));
        out_index(b, 0x3c4, 1, v >> 16 & 0x1f);
        break;
    default:
        out_index(b, ports[v & 3], v >> 8 & 31, v >> 16 & 0xff);
        break;
    }
}

static void random_dispi(struct board *b, struct rng *r)
{
    static const uint8_t depths[] = {0, 4, 8, 15, 16, 24, 32, 7};
    uint64_t v = rng_next(r);

    switch (v >> 61) {
    case 0:
        dispi(b, 4, 0);
        dispi(b, 1, v & 0xfff);
        dispi(b, 2, v >> 12 & 0x7ff);
        dispi(b, 3, depths[v >> 24 & 7]);
        break;
    case 1:
        dispi(b, 4, v & 0xff);
        break;
    case 2: /* small offsets are the interesting ones */
        dispi(b, 8 + (v & 1), v >> 8 & (v & 2 ? 0xffff : 0x7f));
        break;
    case 3:
        dispi(b, 4, 0);
        break;
    default:
        dispi(b, v & 15, v >> 8 & 0xffff);
        break;
    }
}

static void random_memory(struct board *b, struct rng *r)
{
    for (unsigned i = 0; i < 32; i++) {
        uint64_t v = rng_next(r);
        unsigned size = 1u << (v & 3);
        uint32_t at = (uint32_t)(v >> 8) & 0x1ffff & ~(size - 1);

        if (v & 4)
            phys_store(b->sv.phys, 0xa0000 + at, v, size);
        else
            phys_load(b->sv.phys, 0xa0000 + at, size);
    }
}

/* Looks at every pixel and cell that the frame claims. */
static uint64_t look(const struct frame *f, bool pixels)
{
    uint64_t sum = 0;

    for (size_t i = 0; pixels && i < (size_t)f->width * f->height; i++)
        sum += f->pixels[i];
    for (size_t i = 0; f->is_text && i < (size_t)f->columns * f->rows; i++)
        sum += f->cells[i];
    return sum;
}

int main(void)
{
    struct tap t = {0};
    struct board b;
    struct rng r;
    unsigned pictures = 0, texts = 0, changed = 0, wide = 0;
    uint64_t sum = 0;

    board_open(&b);
    rng_seed(&r, 1);
    for (unsigned round = 0; round < 1500; round++) {
        const struct field *fields = b.vga->cls->fields;
        uint64_t before;
        struct frame f;

        if (round % 100 == 0)
            set_mode(&b, round % 200 ? &mode_text : &mode_13h);
        for (unsigned i = 0; i < 8; i++)
            random_vga(&b, &r);
        if (round % 3 == 0)
            random_dispi(&b, &r);
        random_memory(&b, &r);
        in8(&b, 0x3da);
        out8(&b, 0x3c0, 0x20);
        b.clock.now += rng_next(&r) % 100000000;
        clock_run_due(&b.clock);
        before = state_hash(fields, device_state(b.vga), 0);
        if (b.screen->text(b.screen->opaque, &f)) {
            texts++;
            sum += look(&f, false);
        }
        if (b.screen->render(b.screen->opaque, &f)) {
            pictures++;
            wide += f.width > 2560 || f.height > 2048 || !f.width || !f.height;
            sum += look(&f, true);
        }
        changed += state_hash(fields, device_state(b.vga), 0) != before;
    }
    tap_ok(&t, pictures > 100, "%u pictures (sum %llx)", pictures,
           (unsigned long long)sum);
    tap_ok(&t, texts > 20, "%u of text", texts);
    tap_eq(&t, wide, 0, "sizes within bounds");
    tap_eq(&t, changed, 0, "looking changes nothing");
    board_close(&b);
    return tap_done(&t);
}
