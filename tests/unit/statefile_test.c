/*
 * statefile_test.c - the container of a saved machine refuses all damage.
 */
#include "core/statefile.h"
#include "tests/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void build(struct state_buf *b)
{
    state_file_begin(b);
    state_file_section(b, "machine", "", 3, "abc", 3);
    state_file_section(b, "pic", "pic0", 1, "master", 6);
    state_file_section(b, "pic", "pic1", 1, "slave", 5);
    state_file_section(b, "empty", "empty", 0, NULL, 0);
    state_file_end(b, NULL);
}

static bool refused(const uint8_t *data, size_t len, struct error *err)
{
    struct state_file f;
    bool no =
        !state_file_parse(&f, data, len, err) && f.count == 0 && !f.sections;

    state_file_free(&f);
    return no;
}

static void content(struct tap *t)
{
    struct state_buf b = {0};
    struct state_file f;
    const struct state_section *s;
    struct error err = {0};

    build(&b);
    tap_ok(t, state_file_parse(&f, b.data, b.len, &err) && f.count == 4,
           "parses: %s", err.text);
    s = state_file_find(&f, "pic", "pic1");
    tap_ok(t,
           s && s->version == 1 && s->len == 5 && !memcmp(s->data, "slave", 5),
           "a section by class and id");
    s = state_file_find(&f, "machine", "");
    tap_ok(t, s && s->version == 3, "one without id");
    s = state_file_find(&f, "empty", "empty");
    tap_ok(t, s && s->len == 0, "an empty one");
    tap_ok(t,
           !state_file_find(&f, "pic", "pic2") &&
               !state_file_find(&f, "pi", "pic1"),
           "what is not there");
    state_file_free(&f);
    build(&b);
    tap_ok(t, !refused(b.data, b.len, &err), "the buffer can be used again");
    state_buf_free(&b);
}

static void damage(struct tap *t)
{
    struct state_buf b = {0};
    struct error err = {0};
    bool cut = true, flipped = true;

    build(&b);
    for (size_t n = 0; n < b.len; n++)
        cut = cut && refused(b.data, n, &err);
    tap_ok(t, cut, "cut anywhere");
    for (size_t n = 0; n < b.len * 8; n++) {
        b.data[n / 8] ^= (uint8_t)(1 << n % 8);
        flipped = flipped && refused(b.data, b.len, &err);
        b.data[n / 8] ^= (uint8_t)(1 << n % 8);
    }
    tap_ok(t, flipped, "any bit flipped");
    state_buf_put(&b, "x", 1);
    tap_ok(t, refused(b.data, b.len, &err), "too long: %s", err.text);
    state_file_begin(&b);
    state_file_section(&b, "pic", "pic0", 1, "a", 1);
    state_file_section(&b, "pic", "pic0", 1, "b", 1);
    state_file_end(&b, NULL);
    tap_ok(t, refused(b.data, b.len, &err) && strstr(err.text, "pic/pic0"),
           "%s", err.text);
    tap_ok(t, refused((const uint8_t *)"GIF89a", 6, &err), "%s", err.text);

    state_file_begin(&b);
    for (unsigned i = 0; i <= STATE_FILE_SECTIONS; i++)
        state_file_section(&b, "x", "x", 1, "", 0);
    tap_ok(t, !state_file_end(&b, &err), "%s", err.text);
    state_buf_free(&b);
}

static void files(struct tap *t)
{
    char dir[] = "/tmp/klochs-state-XXXXXX", path[64], other[80];
    struct state_buf b = {0};
    struct state_file f;
    struct error err = {0};

    if (!tap_ok(t, mkdtemp(dir) != NULL, "a folder"))
        return;
    snprintf(path, sizeof path, "%s/state", dir);
    snprintf(other, sizeof other, "%s/none/state", dir);
    build(&b);
    tap_ok(t, state_file_write(path, &b, &err), "written %s", err.text);
    tap_ok(t, state_file_write(path, &b, &err), "and over itself");
    tap_ok(t,
           state_file_read(&f, path, &err) && f.count == 4 &&
               state_file_find(&f, "pic", "pic0"),
           "read back");
    state_file_free(&f);
    tap_ok(t,
           !state_file_write(other, &b, &err) && err.code == EXIT_NO_OPEN &&
               strstr(err.text, other),
           "%s", err.text);
    tap_ok(t, !state_file_read(&f, other, &err) && err.code == EXIT_NO_OPEN,
           "%s", err.text);
    tap_ok(t, !state_file_read(&f, dir, &err), "%s", err.text);
    tap_ok(t,
           truncate(path, 50) == 0 && !state_file_read(&f, path, &err) &&
               err.code == EXIT_BAD_DATA && strstr(err.text, path),
           "%s", err.text);
    snprintf(other, sizeof other, "%s.new", path);
    tap_ok(t, access(other, F_OK) != 0, "no temporary file is left");
    remove(path);
    rmdir(dir);
    state_buf_free(&b);
}

int main(void)
{
    struct tap t = {0};

    content(&t);
    damage(&t);
    files(&t);
    return tap_done(&t);
}
