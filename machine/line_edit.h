/*
 * line_edit.h - lines from the user: edited on a terminal, plain elsewhere.
 */
#ifndef MACHINE_LINE_EDIT_H
#define MACHINE_LINE_EDIT_H

#include <stdbool.h>
#include <stddef.h>

struct line_edit;

/* Texts that could stand where `line` ends; see debugger_complete. */
typedef void line_complete_fn(void *opaque, const char *line, size_t *start,
                              bool *files,
                              void (*each)(void *each_opaque, const char *),
                              void *each_opaque);

/* Loads libedit or readline only if standard input is a terminal. */
struct line_edit *line_edit_create(line_complete_fn *complete, void *opaque);
void line_edit_destroy(struct line_edit *e);
/* From malloc, without its newline; NULL at the end of input. */
char *line_edit_read(struct line_edit *e, const char *prompt);

#endif
