#pragma once
/* As much of an ELF file as it takes to find a few bytes of data in it: 32 and 64 bits,
 * either byte order. The file is foreign (a target's program) and may say anything: every
 * offset goes through pread, every count has a cap, nothing is mapped.
 * Format: System V ABI, elf(5). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/def.h"

struct elf {
	int fd; /* borrowed */
	bool is_64, is_big;
	uint64_t programs_at, sections_at; /* offsets of the tables */
	uint32_t programs, sections;       /* how many entries they have */
	uint32_t names; /* the section that holds the names of sections */
};

struct elf_part {
	uint64_t at, size; /* in the file */
	uint64_t address;  /* in memory, before relocation */
};

/* 0, -ENOEXEC (no ELF file), -EBADMSG (a damaged one) or -errno of reading. */
int elf_open(int fd, struct elf *ret) must_check;
/* The first section of this name that holds bytes. 0, -ENOENT or as above. */
int elf_section(const struct elf *elf, const char *name, struct elf_part *ret) must_check;
/* The first loaded part that may be written and not executed: where Go's linker puts its
 * data, for files whose sections were removed. 0, -ENOENT or as above. */
int elf_data(const struct elf *elf, struct elf_part *ret) must_check;
/* All size bytes of the file from an offset: 0, -EBADMSG where it has no such bytes, or
 * -errno. */
int elf_read(const struct elf *elf, uint64_t at, void *to, size_t size) must_check;
/* The same from an address in memory. */
int elf_read_memory(const struct elf *elf, uint64_t address, void *to,
		    size_t size) must_check;
/* A number of 2, 4 or 8 bytes in the byte order of the file. */
uint64_t elf_number(const struct elf *elf, const void *bytes, size_t size);
/* Of an address in it. */
size_t elf_pointer_size(const struct elf *elf);
