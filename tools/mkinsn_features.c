/*
 * mkinsn_features - the names of features, shared with the emulator.
 *
 * mkinsn is built for the host that compiles, the emulator for the one that
 * runs: the same source is compiled for both.
 */
#include "cpu/features.c"
