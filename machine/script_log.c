/*
 * script_log.c - what happened in a test: JSON lines, JUnit XML, notes.
 */
#include "machine/script_log.h"
#include "machine/script_json.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

void script_log_event(struct script_log *l, uint64_t tick, const char *what,
                      const char *fields)
{
    struct out o;

    out_to_string(&o);
    out_printf(&o, "{\"tick\":%" PRIu64 ",\"event\":", tick);
    json_put_text(&o, what, strlen(what));
    out_printf(&o, "%s", fields ? fields : "");
    if (o.failed || !o.text)
        error_no_memory();
    if (l->events) {
        fprintf(l->events, "%s}\n", o.text);
        fflush(l->events);
    }
    free(l->last);
    l->last = o.text;
}

/* ---- JUnit ---- */

/* Control characters have no place in XML 1.0, not even escaped. */
static void put_xml(struct out *o, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            out_printf(o, "&lt;");
            break;
        case '&':
            out_printf(o, "&amp;");
            break;
        case '"':
            out_printf(o, "&quot;");
            break;
        default:
            out_write(
                o, (unsigned char)*text < ' ' && *text != '\n' ? "?" : text, 1);
        }
    }
}

void script_log_suite(struct script_log *l, const char *name, double now)
{
    snprintf(l->suite, sizeof l->suite, "%s", name);
    l->case_count = l->case_failures = 0;
    l->suite_start = now;
    out_to_string(&l->cases);
}

void script_log_case(struct script_log *l, const char *name, double now)
{
    if (!l->implied)
        script_log_end_case(l, NULL, now);
    snprintf(l->name, sizeof l->name, "%s", name);
    l->case_start = now;
    l->in_case = true;
    l->implied = false;
}

void script_log_end_case(struct script_log *l, const char *failure, double now)
{
    if (!l->in_case)
        return;
    l->in_case = false;
    l->case_count++;
    out_printf(&l->cases, "    <testcase classname=\"");
    put_xml(&l->cases, l->suite);
    out_printf(&l->cases, "\" name=\"");
    put_xml(&l->cases, l->name);
    out_printf(&l->cases, "\" time=\"%.3f\"", now - l->case_start);
    if (failure) {
        l->case_failures++;
        out_printf(&l->cases, ">\n      <failure message=\"");
        put_xml(&l->cases, failure);
        out_printf(&l->cases, "\"/>\n    </testcase>\n");
    } else {
        out_printf(&l->cases, "/>\n");
    }
}

void script_log_end_suite(struct script_log *l, double now)
{
    script_log_end_case(l, NULL, now);
    out_printf(&l->suites, "  <testsuite name=\"");
    put_xml(&l->suites, l->suite);
    out_printf(&l->suites, "\" tests=\"%u\" failures=\"%u\" time=\"%.3f\">\n",
               l->case_count, l->case_failures, now - l->suite_start);
    if (l->cases.text)
        out_write(&l->suites, l->cases.text, l->cases.len);
    out_printf(&l->suites, "  </testsuite>\n");
    out_free(&l->cases);
    l->total += l->case_count;
    l->total_failures += l->case_failures;
}

bool script_log_write_junit(struct script_log *l, const char *path,
                            struct error *err)
{
    FILE *f = fopen(path, "w");
    bool good;

    if (!f)
        return error_set(err, EXIT_NO_OPEN, "cannot write '%s': %s", path,
                         strerror(errno));
    fprintf(f,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites tests=\"%u\" failures=\"%u\">\n%s</testsuites>\n",
            l->total, l->total_failures, l->suites.text ? l->suites.text : "");
    good = !ferror(f) && !l->suites.failed;
    good = fclose(f) == 0 && good;
    return good || error_set(err, EXIT_IO, "cannot write all of '%s'", path);
}

void script_log_free(struct script_log *l)
{
    free(l->last);
    out_free(&l->suites);
    out_free(&l->cases);
}
