/*
 * vnc_input.c - what VNC viewers send, as keys and movements of the guest.
 */
#include "gui/cp437.h"
#include "gui/rfb.h"
#include "gui/vnc.h"

#include <stdlib.h>

#define CLIPBOARD_MAX 4096u

void vnc_input_init(struct vnc_input *in, const struct display_setup *setup)
{
    *in = (struct vnc_input){.events = setup->events, .keymap = setup->keymap};
}

void vnc_input_free(struct vnc_input *in)
{
    free(in->clipboard);
    in->clipboard = NULL;
}

static void send_key(struct vnc_input *in, struct vnc_viewer *w, unsigned key,
                     bool pressed)
{
    if (!pressed && !w->down[key])
        return;
    w->down[key] = pressed;
    in->events.key(in->events.opaque, key, pressed);
}

void vnc_input_release(struct vnc_input *in, struct vnc_viewer *viewer)
{
    for (unsigned k = 1; k < 256; k++)
        send_key(in, viewer, k, false);
}

/* Ctrl+Alt+V and Ctrl+Alt+S, as in the window. */
static bool own_key(struct vnc_input *in, struct vnc_viewer *w, unsigned key)
{
    if (!(w->down[KEY_LCTRL] || w->down[KEY_RCTRL]) ||
        !(w->down[KEY_LALT] || w->down[KEY_RALT]))
        return false;
    if (key == KEY_V && in->clipboard && in->events.paste) {
        vnc_input_release(in, w);
        in->events.paste(in->events.opaque, in->clipboard,
                         strlen(in->clipboard));
        return true;
    }
    if (key == KEY_S && in->events.action) {
        vnc_input_release(in, w);
        in->events.action(in->events.opaque, DISPLAY_SCREENSHOT);
        return true;
    }
    return false;
}

void vnc_input_key(struct vnc_input *in, struct vnc_viewer *viewer,
                   uint32_t keysym, bool pressed)
{
    unsigned key = rfb_key(in->keymap, keysym);

    if (key && !(pressed && own_key(in, viewer, key)))
        send_key(in, viewer, key, pressed);
}

/* Viewers tell positions, the guest's mouse needs movements. */
void vnc_input_pointer(struct vnc_input *in, unsigned x, unsigned y,
                       unsigned buttons)
{
    unsigned b = (buttons & 1) | (buttons >> 1 & 2) | (buttons << 1 & 4);
    unsigned pressed = buttons & ~in->buttons;
    int dx = in->pointer_known ? (int)x - (int)in->x : 0;
    int dy = in->pointer_known ? (int)y - (int)in->y : 0;
    int dz = (pressed & 8 ? 1 : 0) - (pressed & 16 ? 1 : 0);

    in->pointer_known = true;
    in->x = x;
    in->y = y;
    in->buttons = buttons;
    in->events.mouse(in->events.opaque, dx, dy, dz, b);
}

void vnc_input_text(struct vnc_input *in, const char *text, size_t n)
{
    char *utf8;
    size_t len = 0;

    if (n > CLIPBOARD_MAX)
        n = CLIPBOARD_MAX;
    utf8 = malloc(2 * n + 1);
    if (!utf8)
        return;
    for (size_t i = 0; i < n && text[i]; i++)
        len += utf8_encode((uint8_t)text[i], utf8 + len);
    utf8[len] = 0;
    free(in->clipboard);
    in->clipboard = utf8;
}
