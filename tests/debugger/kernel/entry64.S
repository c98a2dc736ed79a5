/*
 * entry64.S - where the 32-bit part jumps to, in 64-bit mode.
 */
	.text
	.globl	entry64

entry64:
	mov	$0x7000, %esp
	xor	%ebp, %ebp
	call	main64
	/* the word that ends the run */
	mov	$0x8900, %edx
	lea	word(%rip), %rsi
	mov	$8, %ecx
	rep outsb
1:	hlt
	jmp	1b
word:	.ascii	"Shutdown"
