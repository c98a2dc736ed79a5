/*
 * boot.S - a kernel to be debugged: 16-bit start on a floppy, then 32-bit C,
 * then the 64-bit part (a second program, at 20000h).
 */
	.code16
	.text
	.globl	_start, real_loop, real_word, in_segment, far_word, protected
	.globl	main64_pages

	.set	SECTORS, 126		/* behind the boot sector */

_start:
	cli
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %ss
	mov	$0x7c00, %sp
	sti
	mov	%dl, drive
	mov	$1, %si			/* LBA */
	mov	$0x7e0, %bp		/* segment */
read:
	mov	%si, %ax
	mov	$18, %cl
	div	%cl			/* AH sector - 1, AL track */
	mov	%ah, %cl
	inc	%cl
	mov	%al, %ch
	shr	$1, %ch
	mov	%al, %dh
	and	$1, %dh
	mov	drive, %dl
	mov	%bp, %es
	xor	%bx, %bx
	mov	$0x0201, %ax
	int	$0x13
	jc	read
	add	$0x20, %bp
	inc	%si
	cmp	$SECTORS, %si
	jbe	read
	jmp	real_mode
drive:	.byte	0
	.org	510
	.word	0xaa55

real_mode:
	mov	$3, %cx
real_loop:
	incw	real_word
	loop	real_loop
	calll	real16
	/* CS with a base */
	lcall	$0x700, $(in_segment - 0x7000)
	cli
	in	$0x92, %al
	or	$2, %al
	out	%al, $0x92
	lgdt	gdt_register
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$0x08, $protected

in_segment:
	mov	$0x1234, %ax
	push	%ds
	mov	$0x900, %dx
	mov	%dx, %ds
	mov	$far_word, %bx
	sub	$0x9000, %bx
	mov	%ax, (%bx)		/* 0900:0002 */
	pop	%ds
	lret

	.code32
protected:
	mov	$0x10, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x7c00, %esp
	xor	%ebp, %ebp
	fninit
	call	main32
	call	more32
	/* page tables at 10000h: the first 2 MiB, one to one */
	mov	$0x10000, %edi
	xor	%eax, %eax
	mov	$0xc00, %ecx
	rep stosl
	movl	$0x11003, 0x10000
	movl	$0x12003, 0x11000
	movl	$0x83, 0x12000
	mov	$0x10000, %eax
	mov	%eax, %cr3
	mov	%cr4, %eax
	or	$0x620, %eax		/* PAE, OSFXSR, OSXMMEXCPT */
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx
	rdmsr
	or	$0x100, %eax
	wrmsr
	mov	%cr0, %eax
	or	$0x80000000, %eax
	mov	%eax, %cr0
	ljmp	$0x18, $0x14000		/* main64.S */

	.balign	8
gdt:	.quad	0
	.quad	0x00cf9a000000ffff
	.quad	0x00cf92000000ffff
	.quad	0x00af9a000000ffff
gdt_register:
	.word	. - gdt - 1
	.long	gdt

	.data
real_word:
	.word	0
far_word:
	.word	0
