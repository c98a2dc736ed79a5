# The entries of the page tables are read and marked by the processor.
c
watch w 0x8000 4
c
c
xp /1wx 0x8000
unwatch
watch r 0x8008
c
catch exception
c
