#!/bin/sh
# floppy_test - a boot sector in every floppy format (driver.sh says how)
set -u
. "$(dirname "$0")/driver.sh"
run_cases 'floppy-*'
