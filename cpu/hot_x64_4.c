/*
 * HOT: hot_x64_4.c - hot handlers with 64-bit operands at
 * base + index * 4 + disp.
 */
#define SCALE 2
#define TABLE hot_x64_4_table
#include "cpu/hot_x64.inc"
