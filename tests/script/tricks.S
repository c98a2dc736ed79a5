/*
 * tricks - boot program that does what the tests of `klochs test` ask it to
 *
 * On floppy, 4 sectors. Says "TRICKS: ready" on COM1 and the screen, then obeys
 * keys, and bytes from COM1 as well:
 *   0  text mode 3            4  mode 0Dh, 320x200, font 8x8
 *   1  mode 12h, font 8x16    5  mode 13h: picture, colour = x ^ y
 *   2  mode 10h, font 8x14    6  mode X, 320x240: picture, colour = x + 2y
 *   3  mode 13h, font 8x8     7  a moving count on COM1 until another key
 *   r  reads a sector of A: (lba 4) and says its first byte, or "no disk"
 *   q  ends the run with status 7 (debug_exit: port=0xf4)
 * After each it says "TRICKS: done C". Modes 1 to 4 write a line with INT 10h.
 */
	.code16
	.text
	.globl	_start
	.set	COM1, 0x3F8

_start:
	jmp	start
	nop
	.ascii	"KLOCHS  "
	.word	512			/* BIOS parameter block of 160 KB */
	.byte	1
	.word	4
	.byte	0
	.word	0
	.word	320
	.byte	0xFE
	.word	0, 8, 1
	.long	0, 0

start:
	ljmp	$0, $1f
1:	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$0x7C00, %sp
	sti
	cld
	movw	$3, %di			/* a drive may need its motor first */
2:	movw	$0x0203, %ax
	movw	$0x7E00, %bx
	movw	$0x0002, %cx
	xorw	%dx, %dx
	int	$0x13
	jnc	3f
	xorw	%ax, %ax
	int	$0x13
	decw	%di
	jnz	2b
3:	movw	$0x00E3, %ax		/* COM1: 9600 baud, 8 bits */
	xorw	%dx, %dx
	int	$0x14
	movw	$ready, %si
	call	say

loop:	call	next
	movb	%al, key
	movw	$table, %si
1:	lodsb
	testb	%al, %al
	jz	loop
	cmpb	key, %al
	lodsw
	jne	1b
	call	*%ax
	movb	key, %al
	movb	%al, done_key
	movw	$done, %si
	call	say_serial
	jmp	loop

/* AL: the next key or byte. */
next:	movb	$1, %ah
	int	$0x16
	jnz	1f
	movw	$COM1 + 5, %dx
	inb	%dx, %al
	testb	$1, %al
	jz	next
	movw	$COM1, %dx
	inb	%dx, %al
	ret
1:	xorb	%ah, %ah
	int	$0x16
	ret

say_serial:
	lodsb
	testb	%al, %al
	jz	2f
	movb	%al, %ah
	movw	$COM1 + 5, %dx
1:	inb	%dx, %al
	testb	$0x20, %al
	jz	1b
	movw	$COM1, %dx
	movb	%ah, %al
	outb	%al, %dx
	jmp	say_serial
2:	ret

say_screen:
	lodsb
	testb	%al, %al
	jz	1f
	movb	$0x0E, %ah
	movw	$0x000F, %bx
	int	$0x10
	jmp	say_screen
1:	ret

say:	pushw	%si
	call	say_serial
	popw	%si
	jmp	say_screen

/* AL: mode. */
set_mode:
	xorb	%ah, %ah
	int	$0x10
	ret

text:	movb	$0x03, %al
	jmp	1f
m12:	movb	$0x12, %al
	jmp	1f
m10:	movb	$0x10, %al
	jmp	1f
m13text:
	movb	$0x13, %al
	jmp	1f
m0d:	movb	$0x0D, %al
1:	call	set_mode
	movw	$line, %si
	jmp	say_screen

m13:	movb	$0x13, %al
	call	set_mode
	pushw	$0xA000
	popw	%es
	xorw	%di, %di
	xorw	%bx, %bx		/* y */
1:	xorw	%cx, %cx		/* x */
2:	movb	%cl, %al
	xorb	%bl, %al
	stosb
	incw	%cx
	cmpw	$320, %cx
	jb	2b
	incw	%bx
	cmpw	$200, %bx
	jb	1b
	jmp	home

/* Mode X: planes unchained, 480 lines drawn twice (VGA, sequencer register 4,
 * CRTC registers 6 to 17h). */
modex:	movb	$0x13, %al
	call	set_mode
	movw	$0x3C4, %dx
	movw	$0x0604, %ax
	outw	%ax, %dx
	movw	$0x0100, %ax
	outw	%ax, %dx
	movw	$0x3C2, %dx
	movb	$0xE3, %al
	outb	%al, %dx
	movw	$0x3C4, %dx
	movw	$0x0300, %ax
	outw	%ax, %dx
	movw	$0x3D4, %dx
	movb	$0x11, %al
	outb	%al, %dx
	incw	%dx
	inb	%dx, %al
	andb	$0x7F, %al
	outb	%al, %dx
	decw	%dx
	movw	$crtc, %si
	movw	$10, %cx
1:	lodsw
	outw	%ax, %dx
	loop	1b
	pushw	$0xA000
	popw	%es
	movb	$1, plane
	xorw	%bp, %bp		/* number of the plane */
2:	movw	$0x3C4, %dx
	movb	$2, %al
	movb	plane, %ah
	outw	%ax, %dx
	xorw	%di, %di
	xorw	%bx, %bx		/* y */
3:	movw	%bp, %cx		/* x */
4:	movw	%cx, %ax
	addb	%bl, %al
	addb	%bl, %al
	stosb
	addw	$4, %cx
	cmpw	$320, %cx
	jb	4b
	incw	%bx
	cmpw	$240, %bx
	jb	3b
	incw	%bp
	shlb	$1, plane
	cmpw	$4, %bp
	jb	2b
home:	pushw	$0
	popw	%es
	ret

count:	movb	$'0', number
1:	movw	$count_text, %si
	call	say_serial
	incb	number
	cmpb	$'9', number
	jbe	2f
	movb	$'0', number
2:	movb	$1, %ah
	int	$0x16
	jz	1b
	xorb	%ah, %ah
	int	$0x16
	ret

read:	movw	$2, %di			/* the first try may see the change */
1:	movw	$0x0201, %ax
	movw	$0x9000, %bx
	movw	$0x0005, %cx
	xorw	%dx, %dx
	int	$0x13
	jnc	2f
	xorw	%ax, %ax
	int	$0x13
	decw	%di
	jnz	1b
	movw	$no_disk, %si
	jmp	say_serial
2:	movb	0x9000, %al
	movb	%al, disk_byte
	movw	$disk, %si
	jmp	say_serial

quit:	movb	$7, %al
	outb	%al, $0xF4
	ret

	.org	510, 0
	.word	0xAA55

ready:	.asciz	"TRICKS: ready\r\n"
done:	.ascii	"TRICKS: done "
done_key: .asciz " \r\n"
line:	.asciz	"Quick brown fox, 0123456789 <[(@)]>\r\n"
count_text: .ascii "count "
number:	.asciz	"0\r\n"
no_disk: .asciz	"TRICKS: no disk\r\n"
disk:	.ascii	"TRICKS: disk "
disk_byte: .asciz " \r\n"
key:	.byte	0
plane:	.byte	0
crtc:	.word	0x0D06, 0x3E07, 0x4109, 0xEA10, 0xAC11, 0xDF12, 0x0014
	.word	0xE715, 0x0616, 0xE317
table:	.byte	'0'
	.word	text
	.byte	'1'
	.word	m12
	.byte	'2'
	.word	m10
	.byte	'3'
	.word	m13text
	.byte	'4'
	.word	m0d
	.byte	'5'
	.word	m13
	.byte	'6'
	.word	modex
	.byte	'7'
	.word	count
	.byte	'r'
	.word	read
	.byte	'q'
	.word	quit
	.byte	0
	.org	4 * 512, 0
