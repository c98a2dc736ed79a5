#!/bin/sh
# linux_test - Debian's kernels from CD: work, shell, power-off, reboot (driver.sh says how)
set -u
. "$(dirname "$0")/driver.sh"
run_cases 'cd-*' 'reboot-*'
