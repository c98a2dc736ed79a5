/*
 * log_test.c - the form of log lines, and what each action does.
 */
#include "core/log.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <unistd.h>

struct fixture {
    struct log log;
    struct log_source pci, kbd;
    char *text;
    size_t len, from; /* what lies before `from` has been looked at */
    unsigned fatal, asked;
    enum log_answer answer;
};

static uint64_t ticks(void *opaque)
{
    (void)opaque;
    return 457457;
}

static uint64_t ip(void *opaque)
{
    (void)opaque;
    return 0xfff0;
}

static void fatal(void *opaque, const char *text)
{
    (void)text;
    ((struct fixture *)opaque)->fatal++;
}

static enum log_answer ask(void *opaque, const char *text)
{
    struct fixture *f = opaque;

    (void)text;
    f->asked++;
    return f->answer;
}

static void setup(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    log_init(&f->log);
    f->log.file = open_memstream(&f->text, &f->len);
    f->log.close_file = true;
    f->log.ticks = ticks;
    f->log.ip = ip;
    f->log.fatal = fatal;
    f->log.opaque = f;
    log_source_init(&f->log, &f->pci, "pci");
    log_source_init(&f->log, &f->kbd, "keyboard");
}

static void teardown(struct fixture *f)
{
    log_close(&f->log);
    free(f->text);
}

static void is(struct tap *t, struct fixture *f, const char *want,
               const char *name)
{
    const char *got;

    fflush(f->log.file);
    got = f->text + f->from;
    tap_ok(t, !strcmp(got, want), "%s", name);
    if (strcmp(got, want))
        printf("# got:  %s# want: %s", got, want);
    f->from = f->len;
}

static void form(struct tap *t)
{
    struct fixture f;

    setup(&f);
    log_info(&f.pci, "found %d", 3);
    is(t, &f, "00000457457i[PCI   ] found 3\n", "Bochs's line");
    log_error(&f.kbd, "x");
    is(t, &f, "00000457457e[KEYBOA] x\n", "tag cut to six, upper case");
    log_panic(&f.pci, "gone");
    is(t, &f, "00000457457p[PCI   ] >>PANIC<< gone\n", "a panic");
    log_warn(&f.pci, "a\nb\x1b[31m\x7f");
    is(t, &f, "00000457457w[PCI   ] a.b.[31m.\n", "control characters");
    strcpy(f.log.prefix, "%i %% %q<%e>%");
    log_info(&f.pci, "m");
    is(t, &f, "0000fff0 % %q<i>% m\n", "other tokens and none");
    f.log.prefix[0] = '\0';
    log_info(&f.pci, "bare");
    is(t, &f, "bare\n", "no prefix");
    strcpy(f.log.prefix, "%t");
    f.log.ticks = NULL;
    log_info(&f.pci, "m");
    is(t, &f, "00000000000 m\n", "no clock");
    teardown(&f);
}

static void long_lines(struct tap *t)
{
    struct fixture f;
    char big[5000];

    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    setup(&f);
    log_info(&f.pci, "%s", big);
    fflush(f.log.file);
    tap_ok(t, f.len > 1000 && f.len < 1300 && f.text[f.len - 1] == '\n',
           "an endless message is cut: %zu", f.len);
    teardown(&f);
}

static void actions(struct tap *t)
{
    struct fixture f;

    setup(&f);
    log_debug(&f.pci, "quiet");
    is(t, &f, "", "debug is ignored by default");
    tap_ok(t,
           log_set_action(&f.log, "PCI", LOG_DEBUG, LOG_REPORT) &&
               log_set_action(&f.log, "Keyboard", LOG_INFO, LOG_IGNORE),
           "a source is found in either case");
    tap_ok(t, !log_set_action(&f.log, "nix", LOG_DEBUG, LOG_REPORT),
           "an unknown source is not");
    log_debug(&f.pci, "loud");
    log_info(&f.kbd, "never seen");
    is(t, &f, "00000457457d[PCI   ] loud\n", "set per source");
    tap_eq(t, f.fatal, 0, "nothing was fatal yet");

    log_panic(&f.pci, "p");
    tap_eq(t, f.fatal, 1, "a panic with nobody to ask is fatal");
    log_set_action(&f.log, NULL, LOG_ERROR, LOG_ASK);
    log_error(&f.kbd, "e");
    tap_eq(t, f.fatal, 1, "an error with nobody to ask is not");
    f.log.ask = ask;
    f.answer = LOG_DIE;
    log_error(&f.kbd, "e");
    tap_eq(t, f.fatal, 2, "the user says die");
    f.answer = LOG_GO_ON;
    log_error(&f.kbd, "e");
    f.answer = LOG_ALWAYS_GO_ON;
    log_error(&f.kbd, "e");
    log_error(&f.kbd, "e");
    tap_eq(t, f.asked, 3, "not asked again after `always`");
    tap_eq(t, f.fatal, 2, "going on is not fatal");

    struct log_source late;
    log_source_init(&f.log, &late, "late");
    tap_eq(t, late.action[LOG_ERROR], LOG_ASK, "`all` reaches later sources");
    log_source_destroy(&late);
    log_source_destroy(&f.pci);
    log_info(&late, "after the end");
    tap_ok(t, !log_set_action(&f.log, "PCI", LOG_INFO, LOG_REPORT),
           "a destroyed source is gone");
    tap_ok(t, f.log.sources == &f.kbd, "the others stay");
    teardown(&f);
}

static void limit(struct tap *t)
{
    struct fixture f;

    setup(&f);
    tap_eq(t, f.log.lines_left, 10000000, "default limit");
    f.log.prefix[0] = '\0';
    f.log.lines_left = 2;
    for (int i = 0; i < 5; i++)
        log_info(&f.pci, "%d", i);
    log_panic(&f.pci, "still acts");
    is(t, &f, "0\n1\nlog: line limit reached, nothing more is written\n",
       "the limit ends with one message");
    tap_eq(t, f.fatal, 1, "actions go on beyond the limit");
    teardown(&f);
}

static void files(struct tap *t)
{
    char path[] = "/tmp/klochs-log-XXXXXX", line[80] = "";
    int fd = mkstemp(path);
    struct log log;
    struct log_source src;
    struct error err = {0};
    FILE *f;

    log_init(&log);
    log_source_init(&log, &src, "a");
    tap_ok(t, fd >= 0 && log_open_file(&log, path, &err), "opened");
    close(fd);
    log_info(&src, "one");
    tap_ok(t,
           !log_open_file(&log, "/nonexistent/x", &err) &&
               err.code == EXIT_NO_OPEN && strstr(err.text, "/nonexistent"),
           "cannot be opened: %s", err.text);
    log_info(&src, "two");
    f = fopen(path, "r");
    tap_ok(t,
           f && fgets(line, sizeof line, f) && strstr(line, "one") &&
               fgets(line, sizeof line, f) && strstr(line, "two"),
           "the old file stays in use, each line is out at once");
    if (f)
        fclose(f);
    tap_ok(t, log_open_file(&log, "-", &err) && log.file == stderr,
           "- is stderr");
    log_close(&log);
    remove(path);
}

int main(void)
{
    struct tap t = {0};

    form(&t);
    long_lines(&t);
    actions(&t);
    limit(&t);
    files(&t);
    return tap_done(&t);
}
