/*
 * screens - boot floppy that tells what comes from keyboard and mouse, and
 * draws pictures
 *
 * The 8042 is polled, interrupts are masked. Lines to COM1:
 *   boot X      X is the byte at 1FDh of the image, for the tests to change
 *   k 1e        a byte of the keyboard (scan code set 1)
 *   m 08 05 fb  a packet of the mouse: buttons and signs, right, up
 *   show 13     a picture was drawn: F1 text, F2 mode 13h, F3 mode X (320x240,
 *               unchained), F4 VBE mode 105h (1024x768, 256 colours) by banks,
 *               F5 text of 40 columns
 */
	.code16
	.text
	.globl	_start

	.set	COM1, 0x3F8
	.set	MORE, 3			/* sectors after the first */

_start:
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$0x7C00, %sp
	cld
	sti
	xorb	%ah, %ah		/* forget the BIOS's last error */
	int	$0x13
	movw	$0x0200 + MORE, %ax
	movw	$0x7E00, %bx
	movw	$0x0002, %cx
	xorb	%dh, %dh
	int	$0x13
	ljmp	$0, $begin

/* ---- output ---- */

putc:					/* al */
	pushw	%dx
	pushw	%ax
	movw	$COM1 + 5, %dx
1:	inb	%dx, %al
	testb	$0x20, %al
	jz	1b
	popw	%ax
	movw	$COM1, %dx
	outb	%al, %dx
	popw	%dx
	ret

puts:					/* si */
	lodsb
	testb	%al, %al
	jz	1f
	call	putc
	jmp	puts
1:	ret

hex:					/* blank and two digits of al */
	pushw	%ax
	movb	$' ', %al
	call	putc
	popw	%ax
	pushw	%ax
	shrb	$4, %al
	call	digit
	popw	%ax
	andb	$15, %al
digit:
	addb	$'0', %al
	cmpb	$'9', %al
	jbe	1f
	addb	$'a' - '9' - 1, %al
1:	jmp	putc

newline:
	movb	$'\n', %al
	jmp	putc

	.org	0x1FD
letter:	.byte	'a'
	.word	0xAA55

/* ---- 8042 ---- */

command:				/* al to port 64h */
	pushw	%ax
1:	inb	$0x64, %al
	testb	$2, %al
	jnz	1b
	popw	%ax
	outb	%al, $0x64
	ret

data:					/* al to port 60h */
	pushw	%ax
1:	inb	$0x64, %al
	testb	$2, %al
	jnz	1b
	popw	%ax
	outb	%al, $0x60
	ret

begin:
	movb	$0xFF, %al
	outb	%al, $0x21
	outb	%al, $0xA1
	movw	$COM1 + 3, %dx		/* 115200 baud, 8 bits */
	movb	$0x83, %al
	outb	%al, %dx
	movw	$COM1, %dx
	movw	$1, %ax
	outw	%ax, %dx
	movw	$COM1 + 3, %dx
	movb	$0x03, %al
	outb	%al, %dx
	movw	$said_boot, %si
	call	puts
	movb	letter, %al
	call	putc
	call	newline
	movb	$0xA8, %al		/* mouse on */
	call	command
	movb	$0x60, %al		/* translate, no interrupts */
	call	command
	movb	$0x40, %al
	call	data
	movb	$0xD4, %al		/* mouse: report */
	call	command
	movb	$0xF4, %al
	call	data
	movw	$-1, mouse_at		/* its acknowledgement */

loop:
	inb	$0x64, %al
	testb	$1, %al
	jz	loop
	movb	%al, %ah
	inb	$0x60, %al
	testb	$0x20, %ah
	jnz	mouse
	pushw	%ax
	pushw	%ax
	movb	$'k', %al
	call	putc
	popw	%ax
	call	hex
	call	newline
	popw	%ax
	cmpb	$0x3B, %al
	je	text
	cmpb	$0x3C, %al
	je	mode13
	cmpb	$0x3D, %al
	je	modex
	cmpb	$0x3E, %al
	je	vesa
	cmpb	$0x3F, %al
	je	wide
	jmp	loop

mouse:
	movw	mouse_at, %bx
	incw	mouse_at
	testw	%bx, %bx
	js	loop
	movb	%al, packet(%bx)
	cmpw	$2, %bx
	jne	loop
	movb	$'m', %al
	call	putc
	movb	packet, %al
	call	hex
	movb	packet + 1, %al
	call	hex
	movb	packet + 2, %al
	call	hex
	call	newline
	movw	$0, mouse_at
	jmp	loop

shown:					/* al: number */
	movw	$said_show, %si
	pushw	%ax
	call	puts
	popw	%ax
	call	hex
	call	newline
	xorw	%ax, %ax
	movw	%ax, %es
	jmp	loop

/* ---- pictures ---- */

/* All characters in all colours but for blinking; no cursor. */
text:
	movw	$0x0003, %ax
	movw	$80, %bp
	jmp	1f
wide:
	movw	$0x0001, %ax
	movw	$40, %bp
1:	pushw	%ax
	int	$0x10
	movb	$1, %ah
	movw	$0x2000, %cx
	int	$0x10
	movw	$0xB800, %ax
	movw	%ax, %es
	xorw	%di, %di
	xorw	%cx, %cx		/* ch row, cl column */
2:	movb	%ch, %al
	shlb	$4, %al
	addb	%cl, %al
	movb	%ch, %ah
	shlb	$4, %ah
	andb	$0x70, %ah
	movb	%cl, %dl
	andb	$15, %dl
	orb	%dl, %ah
	stosw
	incb	%cl
	movw	%bp, %dx
	cmpb	%dl, %cl
	jne	2b
	xorb	%cl, %cl
	incb	%ch
	cmpb	$25, %ch
	jne	2b
	popw	%ax
	jmp	shown

/* Colour = x * y / 256 + x. */
mode13:
	movw	$0x0013, %ax
	int	$0x10
	movw	$0xA000, %ax
	movw	%ax, %es
	xorw	%di, %di
	xorw	%cx, %cx		/* y */
1:	xorw	%bx, %bx		/* x */
2:	movw	%bx, %ax
	mulw	%cx
	movb	%ah, %al
	addb	%bl, %al
	stosb
	incw	%bx
	cmpw	$320, %bx
	jne	2b
	incw	%cx
	cmpw	$200, %cx
	jne	1b
	movb	$0x13, %al
	jmp	shown

/* Michael Abrash, Graphics Programming Black Book, chapter 47: chain 4 off,
 * 480 lines each drawn twice, 240 of 80 bytes. Colour = x xor y. */
modex:
	movw	$0x0013, %ax
	int	$0x10
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
	movw	$0x3D4, %dx		/* registers 0 to 7 are writable */
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
	movw	$0xA000, %ax
	movw	%ax, %es
	xorw	%bp, %bp		/* plane */
2:	movw	$0x3C4, %dx
	movw	$0x0102, %ax
	movw	%bp, %cx
	shlb	%cl, %ah
	outw	%ax, %dx
	xorw	%di, %di
	xorw	%cx, %cx		/* y */
3:	movw	%bp, %bx		/* x */
4:	movb	%bl, %al
	xorb	%cl, %al
	stosb
	addw	$4, %bx
	cmpw	$320, %bx
	jb	4b
	incw	%cx
	cmpw	$240, %cx
	jne	3b
	incw	%bp
	cmpw	$4, %bp
	jne	2b
	movb	$0x0A, %al
	jmp	shown

/* Colour = x / 4 xor y / 4, a bank of 64 lines at a time. */
vesa:
	movw	$0x4F02, %ax
	movw	$0x0105, %bx
	int	$0x10
	movw	$0xA000, %ax
	movw	%ax, %es
	xorw	%bp, %bp		/* y */
1:	testw	$63, %bp
	jnz	2f
	movw	$0x4F05, %ax
	xorw	%bx, %bx
	movw	%bp, %dx
	shrw	$6, %dx
	int	$0x10
	xorw	%di, %di
2:	xorw	%bx, %bx		/* x */
3:	movw	%bx, %ax
	xorw	%bp, %ax
	shrw	$2, %ax
	stosb
	incw	%bx
	cmpw	$1024, %bx
	jne	3b
	incw	%bp
	cmpw	$768, %bp
	jne	1b
	movb	$0x05, %al
	jmp	shown

crtc:	.word	0x0D06, 0x3E07, 0x4109, 0xEA10, 0xAC11, 0xDF12, 0x0014, 0xE715
	.word	0x0616, 0xE317
said_boot:
	.asciz	"boot "
said_show:
	.asciz	"show"
mouse_at:
	.word	0
packet:	.byte	0, 0, 0
	.org	512 * (MORE + 1)
