/*
 * boot - boot sector of the benchmark disk: loads the payload, 32-bit mode
 *
 * The 512 sectors behind this one go to 10000h (INT 13h AH=42h, 32 KiB at a
 * time, so that no transfer crosses a 64 KiB boundary). Then A20 on, flat
 * segments, and a jump to 10000h. A disk error leaves an E at port E9h.
 */
	.code16
	.text
	.globl	_start

	.set	PAYLOAD, 0x10000
	.set	CHUNK, 64		/* sectors of a transfer */
	.set	CHUNKS, 8

_start:
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

	movw	$CHUNKS, %cx
2:	pushw	%cx
	movb	$0x42, %ah
	movb	drive, %dl
	movw	$packet, %si
	int	$0x13
	jc	fail
	popw	%cx
	addw	$CHUNK * 512 / 16, packet + 6
	addw	$CHUNK, packet + 8
	loop	2b

	cli
	inb	$0x92, %al
	orb	$2, %al
	andb	$0xFE, %al		/* bit 0 resets the machine */
	outb	%al, $0x92
	lgdtl	gdt_register
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$8, $PAYLOAD

fail:	movb	$'E', %al
	outb	%al, $0xE9
3:	cli
	hlt
	jmp	3b

drive:	.byte	0
	.balign	4
packet:	.byte	16, 0			/* size, reserved */
	.word	CHUNK
	.word	0, PAYLOAD >> 4		/* offset, segment */
	.long	1, 0			/* LBA */
gdt_register:
	.word	3 * 8 - 1
	.long	gdt
	.balign	8
gdt:	.quad	0
	.quad	0x00CF9B000000FFFF	/* 08h: code, 32-bit */
	.quad	0x00CF93000000FFFF	/* 10h: data */

	.org	510
	.word	0xAA55
