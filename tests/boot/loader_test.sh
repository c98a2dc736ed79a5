#!/bin/sh
# loader_test - GRUB's menu and command line, memtest86+ (driver.sh says how)
set -u
. "$(dirname "$0")/driver.sh"
run_cases 'grub-*' 'memtest-*'
