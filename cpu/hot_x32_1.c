/*
 * HOT: hot_x32_1.c - hot handlers with flat 32-bit operands at
 * base + index + disp.
 */
#define SCALE 0
#define TABLE hot_x32_1_table
#include "cpu/hot_x32.inc"
