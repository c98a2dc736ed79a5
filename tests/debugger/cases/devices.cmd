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
info device "pic0"
info device "hpet" "fields"
info device "kbc" "foo"
info device "nosuch"
info pic
show "pic"
show "pic.slave"
show "pic" xml
show "pic.slave.imr"
show "pit.counters[0].cr"
show "pit.counters"
show "pit.counters[7]"
show "pit.counters.cr"
show "cpu0.RIP"
show "dma.chip[1].mask"
show "cmos.ram[64]"
show "cmos.ram"
show "nosuch"
query pending
take dma
take dma 0
take foo
take irq
s
u /1
bt 1
s 2
take nmi
query pending
take smi
query pending
info linux
restore "pic" "nosuch.state"
instrument
instrument stop
