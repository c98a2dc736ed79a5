#!/bin/sh
# linux_test - Debian's kernels from CD and named on the command line: work, shell,
# power-off, reboot; memtest86+ as a kernel (driver.sh says how)
set -u
. "$(dirname "$0")/driver.sh"
run_cases 'cd-*' 'reboot-*' 'kernel-*'
