/*
 * pci32.S - BIOS32 service directory and the 32-bit PCI BIOS.
 *
 * Standard BIOS 32-bit Service Directory Proposal 0.4; PCI BIOS 2.1, section
 * 4. Called far by 32-bit code whose CS covers F0000h-FFFFFh at any base: the
 * code is position independent and uses no data but the caller's stack.
 */
        .section .text16, "ax"
        .code32

        /* EAX service, EBX 0 -> AL status, EBX base, ECX bytes, EDX entry */
        .global bios32_directory
bios32_directory:
        pushfl
        testb   %bl, %bl
        jne     2f
        cmpl    $0x49435024, %eax       /* "$PCI" */
        jne     1f
        movl    $0x000f0000, %ebx
        movl    $0x00010000, %ecx
        movl    $pci32_entry, %edx
        xorb    %al, %al
        popfl
        lret
1:      movb    $0x80, %al
        popfl
        lret
2:      movb    $0x81, %al
        popfl
        lret

        /* As INT 1Ah: AX function; AH status and carry on return. */
pci32_entry:
        pushfl
        cmpb    $0xb1, %ah
        jne     unsupported
        cmpb    $0x01, %al
        je      present
        cmpb    $0x02, %al
        je      find_device
        cmpb    $0x03, %al
        je      find_class
        cmpb    $0x08, %al
        jb      unsupported
        cmpb    $0x0d, %al
        jbe     access
unsupported:
        movb    $0x81, %ah
fail:   popfl
        stc
        lret
good:   xorb    %ah, %ah
        popfl
        clc
        lret

present:
        movb    $0x01, %al
        movw    $0x0210, %bx
        call    1f
1:      popl    %edx
        movb    %cs:pci32_last_bus - 1b(%edx), %cl
        movl    $0x20494350, %edx       /* "PCI " */
        jmp     good

        /* CX device, DX vendor, SI which -> BX */
find_device:
        cmpw    $0xffff, %dx
        movb    $0x83, %ah
        je      fail
        pushl   %eax
        pushl   %ecx
        pushl   %edx
        pushl   %edi
        pushl   %ebp
        shll    $16, %ecx
        movw    %dx, %cx
        xorl    %edi, %edi              /* register 0, all bits */
        jmp     search
        /* ECX class code, SI which -> BX */
find_class:
        pushl   %eax
        pushl   %ecx
        pushl   %edx
        pushl   %edi
        pushl   %ebp
        movl    $8, %edi
        shll    $8, %ecx
search: movzwl  %si, %ebp
        xorl    %ebx, %ebx
        pushl   %edx
        call    5f                      /* functions of all buses: EDX */
5:      popl    %eax
        movzbl  %cs:pci32_last_bus - 5b(%eax), %edx
        incl    %edx
        shll    $8, %edx
1:      movl    %edi, %eax
        call    read_config
        testl   %edi, %edi
        jz      2f
        pushl   %eax
        xorl    %eax, %eax
        call    read_config
        cmpw    $0xffff, %ax            /* nobody there */
        popl    %eax
        je      3f
        xorb    %al, %al                /* the revision */
2:      cmpl    %ecx, %eax
        jne     3f
        subl    $1, %ebp
        jc      4f
3:      incl    %ebx
        cmpl    %edx, %ebx
        jb      1b
        popl    %edx
        popl    %ebp
        popl    %edi
        popl    %edx
        popl    %ecx
        popl    %eax
        movb    $0x86, %ah
        jmp     fail
4:      popl    %edx
        popl    %ebp
        popl    %edi
        popl    %edx
        popl    %ecx
        popl    %eax
        jmp     good

        /* POST sets it. */
        .global pci32_last_bus
pci32_last_bus:
        .byte   0

        /* EAX register of function BX -> EAX; keeps all others */
read_config:
        pushl   %edx
        call    set_address
        movw    $0xcfc, %dx
        inl     %dx, %eax
        popl    %edx
        ret

        /* EAX register, BX function: to CF8h; spoils EAX, DX */
set_address:
        pushl   %ebx
        movzwl  %bx, %ebx
        shll    $8, %ebx
        andl    $0xfc, %eax
        orl     %ebx, %eax
        orl     $0x80000000, %eax
        movw    $0xcf8, %dx
        outl    %eax, %dx
        popl    %ebx
        ret

        /* 08h-0Dh: read, write; byte, word, double word of register DI */
access: testw   $0xff00, %di
        jnz     bad_register
        pushl   %edx
        pushl   %eax
        movzwl  %di, %eax
        call    set_address
        popl    %eax
        movw    %di, %dx
        andw    $3, %dx
        cmpb    $0x08, %al
        je      read_byte
        cmpb    $0x0b, %al
        je      write_byte
        testb   $1, %dl
        jnz     odd
        cmpb    $0x09, %al
        je      read_word
        cmpb    $0x0c, %al
        je      write_word
        testb   $2, %dl
        jnz     odd
        addw    $0xcfc, %dx
        pushl   %eax
        cmpb    $0x0a, %al
        jne     1f
        inl     %dx, %eax
        movl    %eax, %ecx
        jmp     done
1:      movl    %ecx, %eax
        outl    %eax, %dx
        jmp     done
read_byte:
        addw    $0xcfc, %dx
        pushl   %eax
        inb     %dx, %al
        movb    %al, %cl
        jmp     done
write_byte:
        addw    $0xcfc, %dx
        pushl   %eax
        movb    %cl, %al
        outb    %al, %dx
        jmp     done
read_word:
        addw    $0xcfc, %dx
        pushl   %eax
        inw     %dx, %ax
        movw    %ax, %cx
        jmp     done
write_word:
        addw    $0xcfc, %dx
        pushl   %eax
        movw    %cx, %ax
        outw    %ax, %dx
done:   popl    %eax
        popl    %edx
        jmp     good
odd:    popl    %edx
bad_register:
        movb    $0x87, %ah
        jmp     fail
