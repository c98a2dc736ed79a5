/*
 * HOT: hot_x64_1.c - hot handlers with 64-bit operands at
 * base + index + disp.
 */
#define SCALE 0
#define TABLE hot_x64_1_table
#include "cpu/hot_x64.inc"
