#!/bin/sh
# disk_test - Debian's kernels from a partitioned disk, with a reboot (driver.sh says how)
set -u
. "$(dirname "$0")/driver.sh"
run_cases 'hd-*'
