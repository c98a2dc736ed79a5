/*
 * HOT: hot_x32.c - hot handlers with flat 32-bit operands at
 * base + index * scale + disp, for the scales without a table of their own.
 */
#define SCALE i->scale
#define TABLE hot_x32_table
#include "cpu/hot_x32.inc"
