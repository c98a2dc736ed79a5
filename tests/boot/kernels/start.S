/*
 * start.S - entry of the test kernel, with the header that is asked for.
 *
 * MULTIBOOT 1 (with ADDRESSES: for a file that is no ELF file) or 2, else the
 * PVH note.
 */
	.code32
#if MULTIBOOT == 1
	.section .header, "a"
	.balign	4
header:
#ifdef ADDRESSES
	.set	FLAGS, 0x10003
#else
	.set	FLAGS, 0x3
#endif
	.long	0x1badb002, FLAGS, -(0x1badb002 + FLAGS)
#ifdef ADDRESSES
	.long	header, load_start, load_end, bss_end, start
#endif
#elif MULTIBOOT == 2
	.section .header, "a"
	.balign	8
header:
	.long	0xe85250d6, 0, header_end - header
	.long	-(0xe85250d6 + header_end - header)
	/* what it must have: command line, modules, sizes, map, RSDP */
	.word	1, 0
	.long	28, 1, 3, 4, 6, 15
	.balign	8
	.word	6, 0
	.long	8
	.word	0, 0
	.long	8
header_end:
#else
	.section .note.pvh, "a", @note
	.long	4, 4, 18
	.asciz	"Xen"
	.long	start
#endif
	.text
	.globl	start
start:
	movl	$stack_end, %esp
	xorl	%ebp, %ebp
	pushl	%ebx
	pushl	%eax
	call	kernel_main
1:	cli
	hlt
	jmp	1b
	.bss
	.balign	16
stack:	.skip	4096
stack_end:
	.section .note.GNU-stack, "", @progbits
