/*
 * keymap.c - text to presses on a US keyboard.
 */
#include "gui/keymap.h"

#define S 0x100 /* with Shift */

/* For the codes 20h to 7Eh. */
static const uint16_t printable[] = {
    KEY_SPACE,
    KEY_1 | S,
    KEY_QUOTE | S,
    KEY_3 | S,
    KEY_4 | S,
    KEY_5 | S,
    KEY_7 | S,
    KEY_QUOTE,
    KEY_9 | S,
    KEY_0 | S,
    KEY_8 | S,
    KEY_EQUAL | S,
    KEY_COMMA,
    KEY_MINUS,
    KEY_DOT,
    KEY_SLASH,
    KEY_0,
    KEY_1,
    KEY_2,
    KEY_3,
    KEY_4,
    KEY_5,
    KEY_6,
    KEY_7,
    KEY_8,
    KEY_9,
    KEY_SEMICOLON | S,
    KEY_SEMICOLON,
    KEY_COMMA | S,
    KEY_EQUAL,
    KEY_DOT | S,
    KEY_SLASH | S,
    KEY_2 | S,
    KEY_A | S,
    KEY_B | S,
    KEY_C | S,
    KEY_D | S,
    KEY_E | S,
    KEY_F | S,
    KEY_G | S,
    KEY_H | S,
    KEY_I | S,
    KEY_J | S,
    KEY_K | S,
    KEY_L | S,
    KEY_M | S,
    KEY_N | S,
    KEY_O | S,
    KEY_P | S,
    KEY_Q | S,
    KEY_R | S,
    KEY_S | S,
    KEY_T | S,
    KEY_U | S,
    KEY_V | S,
    KEY_W | S,
    KEY_X | S,
    KEY_Y | S,
    KEY_Z | S,
    KEY_LBRACKET,
    KEY_BACKSLASH,
    KEY_RBRACKET,
    KEY_6 | S,
    KEY_MINUS | S,
    KEY_GRAVE,
    KEY_A,
    KEY_B,
    KEY_C,
    KEY_D,
    KEY_E,
    KEY_F,
    KEY_G,
    KEY_H,
    KEY_I,
    KEY_J,
    KEY_K,
    KEY_L,
    KEY_M,
    KEY_N,
    KEY_O,
    KEY_P,
    KEY_Q,
    KEY_R,
    KEY_S,
    KEY_T,
    KEY_U,
    KEY_V,
    KEY_W,
    KEY_X,
    KEY_Y,
    KEY_Z,
    KEY_LBRACKET | S,
    KEY_BACKSLASH | S,
    KEY_RBRACKET | S,
    KEY_GRAVE | S,
};

#undef S

/* What a US keyboard lacks but text often has. */
static uint32_t plain_form(uint32_t c)
{
    switch (c) {
    case 0x00a0: /* no-break space */
        return ' ';
    case 0x2018: /* quotation marks */
    case 0x2019:
        return '\'';
    case 0x201c:
    case 0x201d:
        return '"';
    case 0x2010: /* hyphens, dashes, minus */
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2212:
        return '-';
    default:
        return c;
    }
}

bool keymap_char(uint32_t code, struct key_press *out)
{
    *out = (struct key_press){0};
    code = plain_form(code);
    switch (code) {
    case '\n':
    case '\r':
        out->key = KEY_ENTER;
        return true;
    case '\t':
        out->key = KEY_TAB;
        return true;
    case '\b':
    case 0x7f:
        out->key = KEY_BACKSPACE;
        return true;
    case 0x1b:
        out->key = KEY_ESC;
        return true;
    default:
        break;
    }
    if (code < 0x20) { /* Ctrl with the letter or sign 40h above */
        static const uint8_t above_z[] = {KEY_LBRACKET, KEY_BACKSLASH,
                                          KEY_RBRACKET, KEY_6, KEY_MINUS};

        out->modifiers = KEYMAP_CTRL;
        if (code == 0)
            out->key = KEY_2;
        else if (code <= 26)
            out->key = (uint8_t)printable['a' - 0x20 + code - 1];
        else
            out->key = above_z[code - 27];
        return true;
    }
    if (code > 0x7e)
        return false;
    out->key = (uint8_t)printable[code - 0x20];
    if (printable[code - 0x20] & 0x100)
        out->modifiers = KEYMAP_SHIFT;
    return true;
}

unsigned keymap_events(struct key_press p,
                       struct key_event out[KEYMAP_MAX_EVENTS])
{
    static const uint8_t modifier[3] = {KEY_LSHIFT, KEY_LCTRL, KEY_LALT};
    unsigned n = 0;

    for (unsigned i = 0; i < 3; i++)
        if (p.modifiers >> i & 1)
            out[n++] = (struct key_event){modifier[i], true};
    out[n++] = (struct key_event){p.key, true};
    out[n++] = (struct key_event){p.key, false};
    for (unsigned i = 3; i-- > 0;)
        if (p.modifiers >> i & 1)
            out[n++] = (struct key_event){modifier[i], false};
    return n;
}
