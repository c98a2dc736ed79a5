/*
 * entry - first instructions of the payload, and its interrupt handlers
 *
 * Comes from the boot sector in flat 32-bit mode at 10000h. Eight bytes into
 * the payload (image offset 520) lies the configuration that the runner
 * patches: magic, thousandths of the full repeat counts, kernels to run.
 * Built for 64 bits it first maps 1 GiB with 2 MiB pages and enters long mode.
 */
	.section .head, "ax"
	.code32
	.globl	start, config

start:	jmp	1f
	.balign	8
config:	.ascii	"KBCH"
	.long	1000
	.quad	-1

1:	movl	$0x10, %eax
	movl	%eax, %ds
	lgdtl	gdt_register
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movl	$stack_top, %esp
	cld
	movl	$bss_start, %edi
	movl	$bss_end, %ecx
	subl	%edi, %ecx
	shrl	$2, %ecx
	xorl	%eax, %eax
	rep stosl
	movl	%cr0, %eax
	andl	$~0x0C, %eax		/* EM, TS */
	orl	$0x22, %eax		/* NE, MP */
	movl	%eax, %cr0
	fninit
#ifdef __x86_64__
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	no_long_mode
	movl	$0x80000001, %eax
	cpuid
	btl	$29, %edx
	jnc	no_long_mode

	movl	$boot_tables, %edi	/* PML4, PDPT, PD */
	movl	$3 * 1024, %ecx
	xorl	%eax, %eax
	rep stosl
	movl	$boot_tables + 0x1003, boot_tables
	movl	$boot_tables + 0x2003, boot_tables + 0x1000
	movl	$boot_tables + 0x2000, %edi
	movl	$0x83, %eax		/* present, writable, 2 MiB */
2:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	cmpl	$0x40000000, %eax
	jb	2b

	movl	%cr4, %eax
	orl	$0x20, %eax		/* PAE */
	movl	%eax, %cr4
	movl	$boot_tables, %eax
	movl	%eax, %cr3
	movl	$0xC0000080, %ecx	/* EFER.LME */
	rdmsr
	orl	$0x100, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000000, %eax
	movl	%eax, %cr0
	ljmp	$0x18, $3f
	.code64
3:	call	bench_main
4:	cli
	hlt
	jmp	4b

	.code32
no_long_mode:
	movl	$no_long_mode_text, %esi
5:	lodsb
	testb	%al, %al
	jz	6f
	outb	%al, $0xE9
	jmp	5b
6:	hlt
	jmp	6b
no_long_mode_text:
	.asciz	"@@ bench skip no-long-mode\n@@ bench done\n"
	.code64
#else
	call	bench_main
4:	cli
	hlt
	jmp	4b
#endif

/* Not the boot sector's, whose page has nothing else that is in use. */
	.data
	.balign	8
gdt:	.quad	0
	.quad	0x00CF9B000000FFFF	/* 08h: code, 32-bit */
	.quad	0x00CF93000000FFFF	/* 10h: data */
	.quad	0x00AF9B000000FFFF	/* 18h: code, 64-bit */
gdt_register:
	.word	4 * 8 - 1
	.long	gdt, 0

/* Handlers. The kernels that raise these expect nothing but the counter. */
	.text
	.globl	on_int, on_ud, on_pf, on_other

on_int:	incl	interrupt_count
#ifdef __x86_64__
	iretq
on_ud:	incl	interrupt_count
	addq	$2, (%rsp)		/* behind UD2 */
	iretq
on_pf:	incl	interrupt_count
	addq	$8, %rsp
	addq	$2, (%rsp)		/* behind the load, 8B 08 */
	iretq
#else
	iretl
on_ud:	incl	interrupt_count
	addl	$2, (%esp)
	iretl
on_pf:	incl	interrupt_count
	addl	$4, %esp
	addl	$2, (%esp)
	iretl
#endif
on_other:
	call	unexpected
