/*
 * sound.h - the machine's sound: `sound:`, `speaker:`, `sb16:` made to work.
 */
#ifndef MACHINE_SOUND_H
#define MACHINE_SOUND_H

#include "core/sound.h"
#include "machine/config.h"

struct machine;

struct machine_sound {
    struct sound *all;  /* everything that sounds; NULL: nobody listens */
    struct sound *card; /* samples of the sound card alone, to a file */
    bool card_heard;    /* ... in `all` as well */
};

/* Opens what the configuration asks for and puts the functions into m->host.
 * A host without sound is no error: the log says so. */
bool sound_open(struct machine *m, const struct config *cfg, struct error *err);
/* Passes on what is due, for a listener. */
void sound_poll(struct machine *m);
/* Completes the files. */
void sound_close(struct machine *m);

#endif
