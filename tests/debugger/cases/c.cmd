# Commands about C where nothing of C is known; the rest is in c_test.sh.
print 6 * 7
print /x (unsigned char)300
print $eax + 1
print sizeof(long long) + 'a'
print nosuch
ptype unsigned long
ptype struct nosuch
whatis char *
whatis 2.5
locals
args
frame
up
down
frame 0
sl
nl
list
tb 0xf0043
c
print *(unsigned short *)0x7bfe
print *(char *)0xf0043 @ 4
print *(int *)0x600 = 77
print *(int *)0x600
bt 1
