/*
 * HOT: hot_x64.c - hot handlers with 64-bit operands at
 * base + index * scale + disp, for the scales without a table of their own.
 */
#define SCALE i->scale
#define TABLE hot_x64_table
#include "cpu/hot_x64.inc"
