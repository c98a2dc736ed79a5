/*
 * bootsect - boot sector that checks every part of a floppy through INT 13h
 *
 * Assembled for one format with -DFORMAT="1.44m" -DCYLINDERS -DHEADS -DSECTORS.
 * The first 512 bytes load the rest (RESIDENT sectors, all on the first track).
 * Every other sector of the medium holds a pattern that starts from its LBA
 * (tests/boot/mkfloppy writes it): dword n is (LBA + 1) * 9E3779B1h * (n + 1)
 * modulo 2^32. Whole tracks are read on the first two, the middle and the last
 * cylinder, on each head; the last sector of the medium is rewritten and read
 * back. Text goes to INT 10h and to COM1. At the end the machine is powered
 * off by the PIIX4's PM1 control register, else by Bochs's port 8900h.
 */
	.code16
	.text
	.globl	_start

	.set	RESIDENT, 6		/* sectors with the program */
	.set	LAST_LBA, CYLINDERS * HEADS * SECTORS - 1
	.set	MULTIPLIER, 0x9E3779B1
	.set	TRACK_BUFFER, 0x10000	/* no 64 KiB crossing for the DMA */
	.set	COM1, 0x3F8

_start:
	jmp	start
	nop
	.ascii	"KLOCHS  "
	.word	512			/* BIOS parameter block */
	.byte	1
	.word	RESIDENT
	.byte	0
	.word	0
	.word	CYLINDERS * HEADS * SECTORS
	.byte	0xF0
	.word	0
	.word	SECTORS
	.word	HEADS
	.long	0
	.long	0

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
	movb	%dl, drive

	movw	$3, %di			/* a drive may need its motor first */
2:	movw	$0x0200 + RESIDENT - 1, %ax
	movw	$0x7E00, %bx
	movw	$0x0002, %cx
	xorb	%dh, %dh
	movb	drive, %dl
	int	$0x13
	jnc	3f
	xorw	%ax, %ax
	int	$0x13
	decw	%di
	jnz	2b
	movw	$text_load, %si
4:	lodsb
	testb	%al, %al
	jz	5f
	movb	$0x0E, %ah
	movw	$7, %bx
	int	$0x10
	jmp	4b
5:	cli
	hlt
	jmp	5b
3:	jmp	main

drive:	.byte	0
text_load:
	.asciz	"KLOCHS-FLOPPY: FAIL load\r\n"

	.org	510
	.word	0xAA55

main:
	movw	$COM1 + 3, %dx		/* 115200 bit/s, 8 bits, no parity */
	movb	$0x80, %al
	outb	%al, %dx
	movw	$COM1, %dx
	movb	$1, %al
	outb	%al, %dx
	incw	%dx
	xorb	%al, %al
	outb	%al, %dx
	movw	$COM1 + 3, %dx
	movb	$3, %al
	outb	%al, %dx

	movw	$text_start, %si
	call	print
	movw	$text_format, %si
	call	print
	movw	$text_end_line, %si
	call	print

	movw	$cylinders, %si
1:	lodsb
	cmpb	$0xFF, %al
	je	2f
	movb	%al, cylinder
	movb	$0, head
3:	call	check_track
	incb	head
	cmpb	$HEADS, head
	jb	3b
	jmp	1b

2:	call	check_write
	movw	$text_ok, %si
	call	print
	movw	$text_format, %si
	call	print
	movw	$text_end_line, %si
	call	print
	jmp	power_off

/* Reads the whole track at (cylinder, head) and compares it. Keeps SI. */
check_track:
	pushw	%si
	movb	$'.', %al
	call	put_char
	movb	$1, sector
	movb	$SECTORS, count
	movb	$0x02, %ah
	call	disk
	movzbl	cylinder, %eax	/* LBA of the track */
	imulw	$HEADS, %ax
	movzbw	head, %dx
	addw	%dx, %ax
	imulw	$SECTORS, %ax
	movl	%eax, lba
	movw	$TRACK_BUFFER >> 4, %ax
	movw	%ax, %fs
	xorw	%di, %di
	movw	$SECTORS, %cx
1:	cmpl	$RESIDENT, lba	/* the program itself has no pattern */
	jae	2f
	addw	$512, %di
	jmp	3f
2:	call	check_sector
3:	incl	lba
	loop	1b
	popw	%si
	ret

/* Compares 512 bytes at FS:DI with the pattern of lba; DI goes behind them. */
check_sector:
	pushw	%cx
	call	first_dword
	movl	%eax, %edx
	movw	$128, %cx
1:	cmpl	%eax, %fs:(%di)
	jne	fail_compare
	addl	%edx, %eax
	addw	$4, %di
	loop	1b
	popw	%cx
	ret

/* EAX = first dword (and step) of the pattern of lba. */
first_dword:
	movl	lba, %eax
	incl	%eax
	movl	$MULTIPLIER, %edx
	mull	%edx
	ret

/* Writes the inverted pattern to the last sector, reads it back, restores. */
check_write:
	movb	$CYLINDERS - 1, cylinder
	movb	$HEADS - 1, head
	movb	$SECTORS, sector
	movb	$1, count
	movl	$LAST_LBA, lba
	movw	$TRACK_BUFFER >> 4, %ax
	movw	%ax, %fs
	movb	$0x02, %ah
	call	disk
	call	invert
	movb	$0x03, %ah
	call	disk
	xorw	%di, %di		/* nothing may be left of what was sent */
	movw	$128, %cx
1:	movl	$0, %fs:(%di)
	addw	$4, %di
	loop	1b
	movb	$0x02, %ah
	call	disk
	call	invert
	xorw	%di, %di
	call	check_sector
	movb	$0x03, %ah
	call	disk
	ret

invert:
	xorw	%di, %di
	movw	$128, %cx
1:	notl	%fs:(%di)
	addw	$4, %di
	loop	1b
	ret

/* INT 13h function AH on cylinder, head, sector, count; fails for good after
   the third error, with a controller reset between. */
disk:
	movb	%ah, function
	movw	$3, %bp
1:	movb	function, %ah
	movb	count, %al
	movb	cylinder, %ch
	movb	sector, %cl
	movb	head, %dh
	movb	drive, %dl
	movw	$TRACK_BUFFER >> 4, %bx
	movw	%bx, %es
	xorw	%bx, %bx
	pushw	%bp
	int	$0x13
	popw	%bp
	jc	2f
	cmpb	count, %al		/* AL: sectors transferred */
	jne	fail_disk
	ret
2:	movb	%ah, status
	xorw	%ax, %ax
	movb	drive, %dl
	pushw	%bp
	int	$0x13
	popw	%bp
	decw	%bp
	jnz	1b
fail_disk:
	movw	$text_disk, %si
	jmp	fail
fail_compare:
	movw	$text_compare, %si
fail:
	call	print
	movb	function, %al
	call	put_hex
	movb	status, %al
	call	put_hex
	movb	cylinder, %al
	call	put_hex
	movb	head, %al
	call	put_hex
	movb	sector, %al
	call	put_hex
	movw	$text_end_line, %si
	call	print

/* Soft-off by the PIIX4 (PMBASE at 40h of its function 3, PM1_CNT at +4:
   SLP_TYP 0, SLP_EN), then Bochs's shutdown port, then a halt. */
power_off:
	movl	$0x80000000, %ebx
1:	movl	%ebx, %eax
	movw	$0xCF8, %dx
	outl	%eax, %dx
	movw	$0xCFC, %dx
	inl	%dx, %eax
	cmpl	$0x71138086, %eax
	je	2f
	addl	$0x100, %ebx
	cmpl	$0x80010000, %ebx
	jb	1b
	jmp	3f
2:	leal	0x40(%ebx), %eax
	movw	$0xCF8, %dx
	outl	%eax, %dx
	movw	$0xCFC, %dx
	inl	%dx, %eax
	movw	%ax, %dx
	andw	$0xFFC0, %dx
	addw	$4, %dx
	movw	$0x2000, %ax
	outw	%ax, %dx
3:	movw	$text_shutdown, %si
	movw	$0x8900, %dx
4:	lodsb
	testb	%al, %al
	jz	5f
	outb	%al, %dx
	jmp	4b
5:	cli
	hlt
	jmp	5b

put_hex:
	pushw	%ax
	shrb	$4, %al
	call	1f
	popw	%ax
	call	1f
	movb	$' ', %al
	jmp	put_char
1:	andb	$0x0F, %al
	cmpb	$10, %al
	sbbb	$0x69, %al
	das
	jmp	put_char

print:
	lodsb
	testb	%al, %al
	jz	1f
	call	put_char
	jmp	print
1:	ret

/* AL to the screen and to COM1. */
put_char:
	pushw	%ax
	movb	$0x0E, %ah
	movw	$7, %bx
	pushw	%bp
	int	$0x10
	popw	%bp
	movw	$COM1 + 5, %dx
1:	inb	%dx, %al
	testb	$0x20, %al
	jz	1b
	popw	%ax
	movw	$COM1, %dx
	outb	%al, %dx
	ret

cylinders:
	.byte	0, 1, CYLINDERS / 2, CYLINDERS - 2, CYLINDERS - 1, 0xFF
cylinder:
	.byte	0
head:	.byte	0
sector:	.byte	0
count:	.byte	0
function:
	.byte	0
status:	.byte	0
	.balign	4
lba:	.long	0

text_start:
	.asciz	"KLOCHS-FLOPPY: start "
text_ok:
	.asciz	"\r\nFLOPPY OK "
text_format:
	.asciz	FORMAT
text_disk:
	.asciz	"\r\nKLOCHS-FLOPPY: FAIL disk "
text_compare:
	.asciz	"\r\nKLOCHS-FLOPPY: FAIL compare "
text_end_line:
	.asciz	"\r\n"
text_shutdown:
	.asciz	"Shutdown"

	.org	RESIDENT * 512
