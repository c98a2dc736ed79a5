/*
 * sound.c - the machine's sound: `sound:`, `speaker:`, `sb16:` made to work.
 *
 * Bochs's drivers for the sound systems of hosts all mean SDL 2 here, which
 * chooses among them.
 */
#include "machine/sound.h"
#include "gui/sound.h"
#include "machine/machine.h"

enum {
    TO_DEVICE = 1, /* bits of sb16: wavemode */
    TO_FILE = 2,
    VOLUMES = 15,
    /* A speaker at full volume is as loud as a card at half of it. */
    SPEAKER_FULL = SOUND_UNITY / 2
};

static void host_sound(void *opaque, enum host_sound source, uint64_t ns,
                       int left, int right)
{
    struct machine *m = opaque;

    if (m->sound.card && source == SOUND_WAVE)
        sound_level(m->sound.card, source, ns, left, right);
    if (m->sound.all && (source != SOUND_WAVE || m->sound.card_heard))
        sound_level(m->sound.all, source, ns, left, right);
}

static void host_gain(void *opaque, enum host_sound source, unsigned left,
                      unsigned right)
{
    struct machine *m = opaque;

    if (m->sound.card && source == SOUND_WAVE)
        sound_gain(m->sound.card, source, left, right);
    if (m->sound.all)
        sound_gain(m->sound.all, source, left, right);
}

static void host_band(void *opaque, enum host_sound source, unsigned rate)
{
    struct machine *m = opaque;

    if (m->sound.card && source == SOUND_WAVE)
        sound_band(m->sound.card, source, rate);
    if (m->sound.all)
        sound_band(m->sound.all, source, rate);
}

static bool has_suffix(const char *path, const char *suffix)
{
    size_t n = strlen(path), k = strlen(suffix);

    return n >= k && !strcmp(path + n - k, suffix);
}

static bool open_file(const char *path, unsigned rate, struct sound **out,
                      struct error *err)
{
    struct sound_sink sink;

    if (has_suffix(path, ".voc"))
        return error_set(err, EXIT_USAGE,
                         "%s: files of Creative's VOC format are not written; "
                         "name it .wav, or .raw for bare samples",
                         path);
    if (!sound_file_open(path, rate, has_suffix(path, ".raw"), &sink, err))
        return false;
    *out = sound_create(rate, &sink);
    if (!*out)
        error_no_memory();
    return true;
}

/* The one for output: Bochs 2.7 and 3 name it twice. */
static const char *driver(const struct config *cfg)
{
    const char *name = config_given_text(cfg, "sound", "waveoutdrv");

    return name ? name : config_text(cfg, "sound", "driver");
}

static bool open_output(struct machine *m, const struct config *cfg,
                        unsigned rate, struct error *err)
{
    const char *name = driver(cfg);
    const char *path = config_text(cfg, "sound", "waveout");
    struct sound_sink sink;
    struct error mute;

    if (!strcmp(name, "default") || !strcmp(name, "dummy"))
        return true;
    if (!strcmp(name, "file")) {
        if (!path || !*path)
            return error_set(err, EXIT_USAGE,
                             "sound: waveoutdrv=file needs waveout=FILE.wav");
        return open_file(path, rate, &m->sound.all, err);
    }
    if (!sound_host_open) {
        log_warn(&m->log_source, "sound: built without SDL 2");
        return true;
    }
    if (!sound_host_open(rate, &sink, &mute)) {
        log_warn(&m->log_source, "%s; nothing will be heard", mute.text);
        return true;
    }
    m->sound.all = sound_create(rate, &sink);
    if (!m->sound.all)
        error_no_memory();
    return true;
}

/* sb16: wavemode, wavefile */
static bool open_card(struct machine *m, const struct config *cfg,
                      unsigned rate, struct error *err)
{
    int64_t mode = config_int(cfg, "sb16", "wavemode");
    const char *path = config_text(cfg, "sb16", "wavefile");

    m->sound.card_heard = mode & TO_DEVICE;
    if (!config_given(cfg, "sb16") || !(mode & TO_FILE))
        return true;
    if (!path || !*path)
        return error_set(err, EXIT_USAGE,
                         "sb16: wavemode=%d needs wavefile=FILE.wav",
                         (int)mode);
    return open_file(path, rate, &m->sound.card, err);
}

bool sound_open(struct machine *m, const struct config *cfg, struct error *err)
{
    unsigned rate = (unsigned)config_int(cfg, "sound", "rate");
    bool speaker = config_bool(cfg, "speaker", "enabled") &&
                   strcmp(config_text(cfg, "speaker", "mode"), "none");
    unsigned volume = (unsigned)config_int(cfg, "speaker", "volume");

    if (!open_output(m, cfg, rate, err) || !open_card(m, cfg, rate, err))
        return false;
    if (!m->sound.all && !m->sound.card)
        return true;
    m->host.sound = host_sound;
    m->host.sound_gain = host_gain;
    m->host.sound_band = host_band;
    volume = speaker ? SPEAKER_FULL / VOLUMES * volume : 0;
    host_gain(m, SOUND_SPEAKER, volume, volume);
    return true;
}

void sound_poll(struct machine *m)
{
    if (m->sound.all)
        sound_flush(m->sound.all, clock_ns(&m->clock));
}

void sound_close(struct machine *m)
{
    sound_destroy(m->sound.all);
    sound_destroy(m->sound.card);
    m->sound = (struct machine_sound){.all = NULL};
}
