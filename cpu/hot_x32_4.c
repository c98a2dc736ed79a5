/*
 * HOT: hot_x32_4.c - hot handlers with flat 32-bit operands at
 * base + index * 4 + disp.
 */
#define SCALE 2
#define TABLE hot_x32_4_table
#include "cpu/hot_x32.inc"
