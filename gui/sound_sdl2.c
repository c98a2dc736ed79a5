/*
 * sound_sdl2.c - sound on the host's loudspeaker, by the SDL 2 library.
 *
 * SDL is opened at run time, so its headers are not needed to build; the
 * layout of struct spec is that of the stable SDL 2.0 binary interface
 * (SDL_audio.h documentation). SDL keeps a queue of samples that its own
 * thread plays.
 */
#include "core/dl.h"
#include "gui/sound.h"

#include <stdlib.h>

enum {
    INIT_AUDIO = 0x10,
    FORMAT_S16_LE = 0x8010,
    FORMAT_S16_BE = 0x9010,
    FRAME = 4,
    BUFFER = 1024,      /* frames that SDL takes at once */
    HEAD_START_MS = 60, /* silence before the first sound */
    QUEUE_MS = 250      /* what is beyond is lost */
};

struct spec {
    int freq;
    uint16_t format;
    uint8_t channels, silence;
    uint16_t samples, padding;
    uint32_t size;
    void (*callback)(void *userdata, uint8_t *stream, int len);
    void *userdata;
};

struct sdl2_sound_api {
    int (*init)(uint32_t flags);
    void (*quit)(uint32_t flags);
    const char *(*get_error)(void);
    uint32_t (*open)(const char *device, int capture, const struct spec *want,
                     struct spec *got, int changes);
    void (*close)(uint32_t device);
    void (*pause)(uint32_t device, int on);
    int (*queue)(uint32_t device, const void *data, uint32_t bytes);
    uint32_t (*queued)(uint32_t device);
};

#define SYM(field, symbol)                                                     \
    {                                                                          \
        symbol, offsetof(struct sdl2_sound_api, field)                         \
    }

static const struct dl_symbol symbols[] = {
    SYM(init, "SDL_InitSubSystem"),
    SYM(quit, "SDL_QuitSubSystem"),
    SYM(get_error, "SDL_GetError"),
    SYM(open, "SDL_OpenAudioDevice"),
    SYM(close, "SDL_CloseAudioDevice"),
    SYM(pause, "SDL_PauseAudioDevice"),
    SYM(queue, "SDL_QueueAudio"),
    SYM(queued, "SDL_GetQueuedAudioSize"),
    {0},
};

struct sdl2_sound {
    void *library;
    struct sdl2_sound_api api;
    uint32_t device;
    unsigned rate;
};

static void queue_silence(struct sdl2_sound *s)
{
    static const uint8_t zeros[BUFFER * FRAME];
    unsigned frames = s->rate * HEAD_START_MS / 1000;

    while (frames) {
        unsigned n = frames < BUFFER ? frames : BUFFER;

        s->api.queue(s->device, zeros, n * FRAME);
        frames -= n;
    }
}

static void sdl2_write(void *opaque, uint64_t frame, const int16_t *samples,
                       size_t frames)
{
    struct sdl2_sound *s = opaque;
    uint32_t waiting = s->api.queued(s->device);

    (void)frame;
    if (waiting > s->rate / 1000 * QUEUE_MS * FRAME)
        return;
    if (waiting == 0)
        queue_silence(s);
    s->api.queue(s->device, samples, (uint32_t)(frames * FRAME));
}

static void sdl2_close(void *opaque)
{
    struct sdl2_sound *s = opaque;

    if (s->device)
        s->api.close(s->device);
    if (s->library)
        s->api.quit(INIT_AUDIO);
    free(s);
}

static bool open_device(struct sdl2_sound *s, struct error *err)
{
    struct spec want = {.freq = (int)s->rate,
                        .format =
                            HOST_BIG_ENDIAN ? FORMAT_S16_BE : FORMAT_S16_LE,
                        .channels = 2,
                        .samples = BUFFER},
                got;

    if (!s->api.init(INIT_AUDIO))
        s->device = s->api.open(NULL, 0, &want, &got, 0);
    if (!s->device)
        return error_set(err, EXIT_NO_OPEN, "sound: %s", s->api.get_error());
    s->api.pause(s->device, 0);
    return true;
}

bool sound_sdl2_open(unsigned rate, struct sound_sink *out, struct error *err)
{
    static const char *const names[] = {"libSDL2-2.0.so.0", "libSDL2-2.0.so",
                                        "libSDL2-2.0.0.dylib", NULL};
    struct sdl2_sound *s = calloc(1, sizeof *s);

    if (!s)
        error_no_memory();
    s->rate = rate;
    s->library = dl_open("sound", names, symbols, &s->api, err);
    if (!s->library || !open_device(s, err)) {
        sdl2_close(s);
        return false;
    }
    *out = (struct sound_sink){s, sdl2_write, sdl2_close};
    return true;
}
