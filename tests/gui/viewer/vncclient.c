/*
 * vncclient - a VNC viewer without a window, by means of libvncclient
 *
 * vncclient HOST PORT PASSWORD ENCODINGS COMMAND... with the commands
 *   press KEYSYM, release KEYSYM, tap KEYSYM   (hexadecimal)
 *   move X Y BUTTONS
 *   wait MILLISECONDS   lets the server draw
 *   shot FILE           the picture as PPM
 * Exit status 2: the server does not let us in.
 */
#include <rfb/rfbclient.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *password;

static char *give_password(rfbClient *c)
{
    (void)c;
    return strdup(password);
}

static void quiet(const char *format, ...)
{
    (void)format;
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int look(rfbClient *c, double milliseconds)
{
    double end = seconds() + milliseconds / 1000;

    do {
        int n = WaitForMessage(c, 10000);

        if (n < 0 || (n > 0 && !HandleRFBServerMessage(c)))
            return 0;
    } while (seconds() < end);
    return 1;
}

static int shot(rfbClient *c, const char *path)
{
    FILE *f = fopen(path, "wb");

    if (!f)
        return 0;
    fprintf(f, "P6\n%d %d\n255\n", c->width, c->height);
    for (long i = 0; i < (long)c->width * c->height; i++) {
        uint32_t p = ((uint32_t *)(void *)c->frameBuffer)[i];

        fputc((int)(p >> 16 & 255), f);
        fputc((int)(p >> 8 & 255), f);
        fputc((int)(p & 255), f);
    }
    return fclose(f) == 0;
}

static int obey(rfbClient *c, char ***args)
{
    const char *verb = *(*args)++;
    uint32_t key;

    if (!strcmp(verb, "wait"))
        return look(c, atof(*(*args)++));
    if (!strcmp(verb, "shot"))
        return shot(c, *(*args)++);
    if (!strcmp(verb, "move")) {
        char **a = *args;

        *args += 3;
        return SendPointerEvent(c, atoi(a[0]), atoi(a[1]), atoi(a[2]));
    }
    key = (uint32_t)strtoul(*(*args)++, NULL, 16);
    if (strcmp(verb, "release") && !SendKeyEvent(c, key, TRUE))
        return 0;
    return !strcmp(verb, "press") || SendKeyEvent(c, key, FALSE);
}

int main(int argc, char **argv)
{
    rfbClient *c = rfbGetClient(8, 3, 4);
    char **args = argv + 5;

    if (argc < 5)
        return 64;
    rfbClientLog = rfbClientErr = quiet;
    password = argv[3];
    c->GetPassword = give_password;
    c->canHandleNewFBSize = TRUE;
    c->appData.encodingsString = argv[4];
    c->appData.enableJPEG = FALSE; /* to the pixel */
    c->format.redShift = 16;
    c->format.greenShift = 8;
    c->format.blueShift = 0;
    c->serverHost = strdup(argv[1]);
    c->serverPort = atoi(argv[2]);
    if (!rfbInitClient(c, NULL, NULL))
        return 2;
    while (*args)
        if (!obey(c, &args))
            return 1;
    rfbClientCleanup(c);
    return 0;
}
