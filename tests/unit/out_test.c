/*
 * out_test.c - printed text in strings and files.
 */
#include "core/out.h"
#include "tests/tap.h"

static void strings(struct tap *t)
{
    struct out o;

    out_to_string(&o);
    tap_ok(t, !o.text && !o.len, "nothing printed, nothing there");
    out_write(&o, "", 0);
    tap_ok(t, !o.text, "an empty write takes no memory");
    out_printf(&o, "%d-%s", 12, "ab");
    tap_ok(t, o.len == 5 && !strcmp(o.text, "12-ab"), "printed");
    out_write(&o, "\0x", 2);
    tap_ok(t, o.len == 7 && !memcmp(o.text, "12-ab\0x", 8),
           "bytes of any value, NUL behind");
    for (int i = 0; i < 1000; i++)
        out_printf(&o, "%04d", i);
    tap_eq(t, o.len, 4007, "grows");
    tap_ok(t, !strcmp(o.text + 4003, "0999") && !o.failed, "whole to the end");
    /* Exactly full: the NUL needs room too. */
    out_free(&o);
    out_to_string(&o);
    out_printf(&o, "%127s", "");
    out_write(&o, "z", 1);
    tap_ok(t, o.len == 128 && o.text[127] == 'z' && !o.text[128],
           "a string that fills its buffer ends with NUL");
    out_free(&o);
    tap_ok(t, !o.text && !o.len, "freed");
}

static void files(struct tap *t)
{
    char buf[64] = "";
    FILE *f = tmpfile();
    struct out o;

    if (!tap_ok(t, f != NULL, "a temporary file"))
        return;
    out_to_file(&o, f);
    out_printf(&o, "%s %x\n", "hex", 255);
    out_write(&o, "raw", 3);
    rewind(f);
    tap_eq(t, fread(buf, 1, sizeof buf, f), 10, "bytes in the file");
    tap_ok(t, !memcmp(buf, "hex ff\nraw", 10), "text in the file");
    fclose(f);

    f = fopen("/dev/full", "w");
    if (!f)
        return;
    setvbuf(f, NULL, _IONBF, 0);
    out_to_file(&o, f);
    out_write(&o, "x", 1);
    tap_ok(t, o.failed, "a full disk is noticed");
    fclose(f);
}

int main(void)
{
    struct tap t = {0};

    strings(&t);
    files(&t);
    return tap_done(&t);
}
