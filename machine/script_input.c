/*
 * script_input.c - verbs that do something to the guest from outside.
 *
 * All of it goes through the input queue, at ticks counted from the present
 * one.
 */
#include "machine/keys.h"
#include "machine/script.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define CLICK_MS 50 /* between the press of a button and its release */

static void post(struct script *s, const struct input_event *ev)
{
    s->m->host.post(s->m->host.opaque, ev);
}

/* ---- keys ---- */

/* The keys are pressed one after the other; we run until the last one was. */
bool verb_type(struct script *s, char **argv)
{
    struct keys k = {.count = 0};
    bool good = keys_parse(&k, s->m->keymap, argv[0], &s->err);

    if (good) {
        s->busy_until = keys_post(&k, s->m, s->busy_until);
        good = script_run_to(s, s->busy_until + 1);
    }
    keys_free(&k);
    return good;
}

static bool one_key(struct script *s, const char *name, bool pressed)
{
    size_t n = strlen(name);
    uint8_t key;

    if (n > 2 && name[0] == '<' && name[n - 1] == '>') {
        name++;
        n -= 2;
    }
    key = keys_named(s->m->keymap, name, n);
    if (!key)
        return error_set(&s->err, EXIT_USAGE, "no key is called '%.40s'", name);
    post(s, &(struct input_event){.tick = s->m->clock.now,
                                  .kind = INPUT_KEY,
                                  .device = "kbd",
                                  .a = key,
                                  .b = pressed});
    return script_run_to(s, s->m->clock.now + 1);
}

bool verb_press(struct script *s, char **argv)
{
    return one_key(s, argv[0], true);
}

bool verb_release(struct script *s, char **argv)
{
    return one_key(s, argv[0], false);
}

/* ---- mouse ---- */

static bool buttons(struct script *s, const char *text, uint32_t *out)
{
    static const char *const names[] = {"left", "right", "middle", "none"};
    char word[16];

    *out = 0;
    while (text && *text) {
        size_t n = strcspn(text, "+"), i = 0;

        snprintf(word, sizeof word, "%.*s", (int)n, text);
        while (i < ARRAY_LEN(names) && strcmp(names[i], word))
            i++;
        if (i == ARRAY_LEN(names))
            return error_set(&s->err, EXIT_USAGE,
                             "'%s' is no button; they are left, right, middle, "
                             "none, joined with +",
                             word);
        if (i < 3)
            *out |= 1u << i;
        text += n + (text[n] == '+');
    }
    return true;
}

static void post_mouse(struct script *s, uint64_t tick, int64_t dx, int64_t dy,
                       int64_t wheel, uint32_t down)
{
    post(s,
         &(struct input_event){.tick = tick,
                               .kind = INPUT_MOUSE,
                               .device = "mouse",
                               .a = (uint16_t)dx | (uint32_t)(uint16_t)dy << 16,
                               .b = (uint8_t)wheel | down << 8});
}

bool verb_mouse(struct script *s, char **argv)
{
    int64_t dx, dy, wheel = 0;
    uint32_t down;

    if (!script_number(s, argv[0], -32767, 32767, &dx) ||
        !script_number(s, argv[1], -32767, 32767, &dy) ||
        !buttons(s, argv[2], &down) ||
        (argv[2] && argv[3] && !script_number(s, argv[3], -127, 127, &wheel)))
        return false;
    post_mouse(s, s->m->clock.now, dx, dy, wheel, down);
    return script_run_to(s, s->m->clock.now + 1);
}

bool verb_click(struct script *s, char **argv)
{
    uint64_t end = s->m->clock.now + s->m->clock.ips * CLICK_MS / 1000;
    uint32_t down;

    if (!buttons(s, argv[0] ? argv[0] : "left", &down))
        return false;
    post_mouse(s, s->m->clock.now, 0, 0, 0, down);
    post_mouse(s, end, 0, 0, 0, 0);
    return script_run_to(s, end + 1);
}

/* ---- serial port ---- */

/* \n \r \t \e \\ and \xHH. */
static uint8_t unescape(const char **p)
{
    static const char from[] = "nrte\\", to[] = "\n\r\t\x1b\\";
    char c = *(*p)++, *end;
    const char *at;

    if (c != '\\' || !**p)
        return (uint8_t)c;
    c = *(*p)++;
    at = strchr(from, c);
    if (at)
        return (uint8_t)to[at - from];
    if (c == 'x' && **p) {
        char digits[3] = {(*p)[0], (*p)[1], 0};
        unsigned long v = strtoul(digits, &end, 16);

        *p += end - digits;
        return (uint8_t)v;
    }
    return (uint8_t)c;
}

/* A byte every 10 bits of a line of 9600 baud, which every guest's driver
 * keeps up with. */
bool verb_send(struct script *s, char **argv)
{
    const char *p = argv[0];
    uint64_t step = s->m->clock.ips / 960, at = s->m->clock.now;
    int64_t port = 1;
    char device[] = "serial0";

    if (argv[1] && !script_number(s, argv[1], 1, 4, &port))
        return false;
    device[6] = (char)('0' + port - 1);
    if (!device_find(&s->m->devices, device))
        return error_set(&s->err, EXIT_USAGE, "com%d is not there", (int)port);
    while (*p) {
        uint8_t byte = unescape(&p);

        post(s, &(struct input_event){.tick = at,
                                      .kind = INPUT_BYTES,
                                      .device = device,
                                      .data = &byte,
                                      .len = 1});
        at += step;
    }
    return script_run_to(s, at);
}

/* ---- media ---- */

static bool change(struct script *s, const char *device, const char *path)
{
    struct device *d = device_find(&s->m->devices, device);

    if (!d || !d->cls->input)
        return error_set(&s->err, EXIT_USAGE,
                         "no drive '%.40s'; drives are floppya, floppyb, "
                         "ata0-master, ata0-slave, ...",
                         device);
    if (path && access(path, R_OK))
        return error_set(&s->err, EXIT_NO_OPEN, "cannot open '%s': %s", path,
                         strerror(errno));
    post(s, &(struct input_event){.tick = s->m->clock.now,
                                  .kind = INPUT_CHANGE,
                                  .device = device,
                                  .a = path != NULL,
                                  .data = (const uint8_t *)path,
                                  .len = path ? strlen(path) : 0});
    return script_run_to(s, s->m->clock.now + 1);
}

bool verb_insert(struct script *s, char **argv)
{
    return change(s, argv[0], argv[1]);
}

bool verb_eject(struct script *s, char **argv)
{
    return change(s, argv[0], NULL);
}

/* ---- power ---- */

static bool command(struct script *s, enum host_command c)
{
    post(s, &(struct input_event){.tick = s->m->clock.now,
                                  .kind = INPUT_COMMAND,
                                  .a = (uint32_t)c});
    return script_run_to(s, s->m->clock.now + 1);
}

bool verb_reset(struct script *s, char **argv)
{
    (void)argv;
    return command(s, HOST_RESET);
}

bool verb_power_button(struct script *s, char **argv)
{
    (void)argv;
    return command(s, HOST_POWER_BUTTON);
}
