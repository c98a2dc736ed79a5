/*
 * script_log.h - what happened in a test: JSON lines, JUnit XML, notes.
 *
 * The event log holds guest time only, so that the logs of two runs are the
 * same file. Host time stands in the JUnit file alone.
 */
#ifndef MACHINE_SCRIPT_LOG_H
#define MACHINE_SCRIPT_LOG_H

#include "core/err.h"
#include "core/out.h"

struct script_log {
    FILE *events; /* NULL: none */
    bool quiet;
    char *last; /* the last event without its closing brace, owned */
    /* JUnit: finished suites and cases as XML, and their counts. */
    struct out suites, cases;
    unsigned case_count, case_failures, total, total_failures;
    char suite[256], name[256];
    double suite_start, case_start;
    bool in_case;
    bool implied; /* the case has no name of its own; the first one that the
                   * script names takes its place */
};

/* Writes one line: {"tick":T,"verb":...,...}. `fields` begins with a comma or
 * is empty. */
void script_log_event(struct script_log *l, uint64_t tick, const char *what,
                      const char *fields);
void script_log_suite(struct script_log *l, const char *name, double now);
/* Ends the present case as passed (`failure` NULL) or failed. */
void script_log_end_case(struct script_log *l, const char *failure, double now);
void script_log_case(struct script_log *l, const char *name, double now);
void script_log_end_suite(struct script_log *l, double now);
bool script_log_write_junit(struct script_log *l, const char *path,
                            struct error *err);
void script_log_free(struct script_log *l);

#endif
