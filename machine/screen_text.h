/*
 * screen_text.h - the text screen as lines of UTF-8.
 */
#ifndef MACHINE_SCREEN_TEXT_H
#define MACHINE_SCREEN_TEXT_H

#include "core/host.h"
#include "core/out.h"

/* Rows without the blanks at their ends, each with a newline. False, with
 * nothing printed, when the screen is off or shows graphics. */
bool screen_text(const struct screen *screen, struct out *out);

#endif
