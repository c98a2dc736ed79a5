/*
 * HOT: hot_x64_8.c - hot handlers with 64-bit operands at
 * base + index * 8 + disp.
 */
#define SCALE 3
#define TABLE hot_x64_8_table
#include "cpu/hot_x64.inc"
