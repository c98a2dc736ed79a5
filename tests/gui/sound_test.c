/* sound_test.c - sinks of sound: WAVE files, SDL 2 on its "disk" driver. */
#include "gui/sound.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static uint8_t file[1 << 20];

static size_t slurp(const char *path)
{
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(file, 1, sizeof file, f) : 0;

    if (f)
        fclose(f);
    return n;
}

static const int16_t frames[] = {1, -1, 0x1234, -0x1234, 32767, -32768};

static void test_wave(struct tap *t, const char *path)
{
    static const uint8_t head[] = {
        'R', 'I', 'F',  'F',  72,  1,   0,    0,    'W', 'A', 'V',
        'E', 'f', 'm',  't',  ' ', 16,  0,    0,    0,   1,   0,
        2,   0,   0x44, 0xac, 0,   0,   0x10, 0xb1, 2,   0,   4,
        0,   16,  0,    'd',  'a', 't', 'a',  36,   1,   0,   0};
    static const uint8_t body[] = {1,    0,    0xff, 0xff, 0x34, 0x12,
                                   0xcc, 0xed, 0xff, 0x7f, 0,    0x80};
    struct sound_sink sink;
    struct error err;
    size_t n;

    tap_ok(t, sound_file_open(path, 44100, false, &sink, &err), "WAVE file");
    sink.write(sink.opaque, 10, frames, 3);
    sink.write(sink.opaque, 70, frames, 3);
    sink.close(sink.opaque);
    n = slurp(path);
    /* 73 frames: 292 = 124h bytes. */
    tap_eq(t, n, 44 + 73 * 4, "its length");
    tap_ok(t, !memcmp(file, head, sizeof head), "its header");
    tap_ok(t,
           !memcmp(file + 44 + 40, body, sizeof body) &&
               !memcmp(file + 44 + 280, body, sizeof body) &&
               file[44 + 39] == 0 && file[44 + 100] == 0,
           "samples in their places, silence between");
}

static void test_raw(struct tap *t, const char *path)
{
    struct sound_sink sink;
    struct error err = {.text = ""};

    tap_ok(t, sound_file_open(path, 44100, true, &sink, &err), "bare samples");
    sink.write(sink.opaque, 1, frames, 3);
    sink.close(sink.opaque);
    tap_ok(t, slurp(path) == 16 && file[4] == 1 && file[6] == 0xff,
           "nothing but samples");
    tap_ok(t,
           !sound_file_open("/nowhere/x.wav", 44100, false, &sink, &err) &&
               strstr(err.text, "/nowhere/x.wav"),
           "a file that cannot be made: %s", err.text);
}

/* What a WAVE file has no room for is left out. */
static void test_long(struct tap *t, const char *path)
{
    struct sound_sink sink;
    struct error err;
    struct stat st;

    if (!sound_file_open(path, 44100, false, &sink, &err))
        return;
    sink.write(sink.opaque, UINT64_C(0x3ffffff0), frames, 3);
    sink.write(sink.opaque, UINT64_C(0x40000000), frames, 3);
    sink.write(sink.opaque, UINT64_C(1) << 60, frames, 3);
    sink.close(sink.opaque);
    tap_ok(t,
           !stat(path, &st) &&
               (uint64_t)st.st_size == 44 + UINT64_C(0x3ffffff3) * 4 &&
               st.st_blocks < 1000,
           "up to 4 GiB, silence taking no room");
}

static void test_sdl2(struct tap *t, const char *path)
{
    static int16_t loud[2 * 4410];
    struct timespec nap = {0, 20000000}, begin, end;
    struct sound_sink sink;
    struct error err = {.text = ""};
    bool heard = false;
    size_t n = 0;

    if (!sound_host_open) {
        tap_ok(t, true, "SDL 2 # SKIP built without");
        return;
    }
    setenv("SDL_AUDIODRIVER", "nonsense", 1);
    tap_ok(t, !sound_host_open(44100, &sink, &err), "no device: %s", err.text);
    setenv("SDL_AUDIODRIVER", "disk", 1);
    setenv("SDL_DISKAUDIOFILE", path, 1);
    if (!sound_host_open(44100, &sink, &err)) {
        tap_ok(t, strstr(err.text, "not installed") != NULL, "SDL 2 # SKIP %s",
               err.text);
        return;
    }
    for (unsigned i = 0; i < ARRAY_LEN(loud); i++)
        loud[i] = 0x5a5a;
    sink.write(sink.opaque, 0, loud, 4410);
    for (unsigned tries = 0; tries < 200 && !heard; tries++) {
        nanosleep(&nap, NULL);
        n = slurp(path);
        for (size_t i = 0; i + 1 < n && !heard; i++)
            heard = file[i] == 0x5a && file[i + 1] == 0x5a;
    }
    tap_ok(t, heard, "SDL plays it: %u bytes", (unsigned)n);
    /* Ten seconds at once: it must not wait, nor keep them all. */
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (unsigned i = 0; i < 100; i++)
        sink.write(sink.opaque, 0, loud, 4410);
    clock_gettime(CLOCK_MONOTONIC, &end);
    sink.close(sink.opaque);
    tap_ok(t, end.tv_sec - begin.tv_sec < 5, "what is too much never waits");
}

int main(void)
{
    struct tap t = {0};
    char path[] = "/tmp/klochs-sound-XXXXXX";
    int fd = mkstemp(path);

    if (fd < 0)
        return 1;
    close(fd);
    test_wave(&t, path);
    test_raw(&t, path);
    test_long(&t, path);
    test_sdl2(&t, path);
    unlink(path);
    return tap_done(&t);
}
