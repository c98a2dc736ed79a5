# guest: devices
info device
c
info device "pic"
info device "pit"
info device "pit" "counter=0"
info device "pit" "counter=2"
info device "pit" "counter=3"
info device "pit" "foo"
info device "dma"
info device "cmos"
info device "pci"
info device "pci" "dump=full"
info device "pci" "foo=1,bar"
info device "pci2isa"
info device "pci2isa" "dump=full"
info device "ioapic"
info device "vga"
info device "floppy"
info device "hpet"
info device "nosuch"
show "nosuch"
show "cpu0.RIP"
query pending
take dma
take nmi
take smi
