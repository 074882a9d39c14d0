/* Headers are read field by field, as both widths and byte orders have the same fields at
 * other places: where they are is what <elf.h> knows. */
#include "edge/kernel/elf.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define ENTRIES_MAX 1024 /* of a table; Go programs with cgo have about 40 */
#define NAME_MAX_BYTES 32

/* A field of a structure that has the same name in both widths. */
#define FIELD(elf, bytes, type, name)                                                    \
	((elf)->is_64 ? elf_number(elf, (bytes) + offsetof(Elf64_##type, name),          \
				   sizeof(((Elf64_##type *)0)->name))                    \
		      : elf_number(elf, (bytes) + offsetof(Elf32_##type, name),          \
				   sizeof(((Elf32_##type *)0)->name)))
#define SIZE_OF(elf, type) ((elf)->is_64 ? sizeof(Elf64_##type) : sizeof(Elf32_##type))

uint64_t elf_number(const struct elf *elf, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number = number << 8 | at[elf->is_big ? i : size - 1 - i];
	return number;
}

size_t elf_pointer_size(const struct elf *elf)
{
	return elf->is_64 ? 8 : 4;
}

int elf_read(const struct elf *elf, uint64_t at, void *to, size_t size)
{
	size_t len = 0;

	if (at > INT64_MAX - size)
		return -EBADMSG;
	while (len < size) {
		ssize_t n =
			pread(elf->fd, (char *)to + len, size - len, (off_t)(at + len));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		len += (size_t)n;
	}
	return 0;
}

int elf_open(int fd, struct elf *ret)
{
	struct elf elf = {.fd = fd};
	unsigned char header[sizeof(Elf64_Ehdr)];
	int r = elf_read(&elf, 0, header, EI_NIDENT);

	if (r < 0)
		return r == -EBADMSG ? -ENOEXEC : r;
	if (memcmp(header, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	elf.is_64 = header[EI_CLASS] == ELFCLASS64;
	elf.is_big = header[EI_DATA] == ELFDATA2MSB;
	if (!elf.is_64 && header[EI_CLASS] != ELFCLASS32)
		return -EBADMSG;
	r = elf_read(&elf, 0, header, SIZE_OF(&elf, Ehdr));
	if (r < 0)
		return r;
	elf.programs_at = FIELD(&elf, header, Ehdr, e_phoff);
	elf.programs = (uint32_t)FIELD(&elf, header, Ehdr, e_phnum);
	elf.sections_at = FIELD(&elf, header, Ehdr, e_shoff);
	elf.sections = (uint32_t)FIELD(&elf, header, Ehdr, e_shnum);
	elf.names = (uint32_t)FIELD(&elf, header, Ehdr, e_shstrndx);
	if (elf.programs > ENTRIES_MAX || elf.sections > ENTRIES_MAX)
		return -EBADMSG;
	if ((elf.programs &&
	     FIELD(&elf, header, Ehdr, e_phentsize) != SIZE_OF(&elf, Phdr)) ||
	    (elf.sections &&
	     FIELD(&elf, header, Ehdr, e_shentsize) != SIZE_OF(&elf, Shdr)))
		return -EBADMSG;
	*ret = elf;
	return 0;
}

/* --- Sections --------------------------------------------------------------- */

struct section {
	struct elf_part part;
	uint64_t name; /* offset in the names */
	uint64_t type;
};

static int read_section(const struct elf *elf, uint32_t number, struct section *ret)
{
	unsigned char header[sizeof(Elf64_Shdr)];
	uint64_t at = (uint64_t)number * SIZE_OF(elf, Shdr);
	int r;

	if (number >= elf->sections || elf->sections_at > UINT64_MAX - at)
		return -EBADMSG;
	r = elf_read(elf, elf->sections_at + at, header, SIZE_OF(elf, Shdr));
	if (r < 0)
		return r;
	ret->part.at = FIELD(elf, header, Shdr, sh_offset);
	ret->part.size = FIELD(elf, header, Shdr, sh_size);
	ret->part.address = FIELD(elf, header, Shdr, sh_addr);
	ret->name = FIELD(elf, header, Shdr, sh_name);
	ret->type = FIELD(elf, header, Shdr, sh_type);
	return 0;
}

/* 1 where it is called so, 0 where not, or -errno. */
static int is_called(const struct elf *elf, const struct section *names,
		     const struct section *section, const char *name)
{
	char have[NAME_MAX_BYTES];
	size_t size = strlen(name) + 1;
	int r;

	if (section->name > names->part.size || names->part.size - section->name < size ||
	    names->part.at > UINT64_MAX - section->name)
		return 0;
	r = elf_read(elf, names->part.at + section->name, have, size);
	return r < 0 ? r : memcmp(have, name, size) == 0;
}

int elf_section(const struct elf *elf, const char *name, struct elf_part *ret)
{
	struct section names, section;
	int r;

	if (strlen(name) >= NAME_MAX_BYTES)
		return -EINVAL;
	if (elf->sections == 0)
		return -ENOENT;
	r = read_section(elf, elf->names, &names);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < elf->sections; i++) {
		r = read_section(elf, i, &section);
		if (r == 0 && section.type != SHT_NOBITS)
			r = is_called(elf, &names, &section, name);
		if (r < 0)
			return r;
		if (r > 0) {
			*ret = section.part;
			return 0;
		}
	}
	return -ENOENT;
}

/* --- What is loaded --------------------------------------------------------- */

struct program {
	struct elf_part part;
	uint64_t type, flags;
};

static int read_program(const struct elf *elf, uint32_t number, struct program *ret)
{
	unsigned char header[sizeof(Elf64_Phdr)];
	uint64_t at = (uint64_t)number * SIZE_OF(elf, Phdr);
	int r;

	if (elf->programs_at > UINT64_MAX - at)
		return -EBADMSG;
	r = elf_read(elf, elf->programs_at + at, header, SIZE_OF(elf, Phdr));
	if (r < 0)
		return r;
	ret->part.at = FIELD(elf, header, Phdr, p_offset);
	ret->part.size = FIELD(elf, header, Phdr, p_filesz);
	ret->part.address = FIELD(elf, header, Phdr, p_vaddr);
	ret->type = FIELD(elf, header, Phdr, p_type);
	ret->flags = FIELD(elf, header, Phdr, p_flags);
	return 0;
}

int elf_data(const struct elf *elf, struct elf_part *ret)
{
	for (uint32_t i = 0; i < elf->programs; i++) {
		struct program program;
		int r = read_program(elf, i, &program);

		if (r < 0)
			return r;
		if (program.type == PT_LOAD && (program.flags & (PF_W | PF_X)) == PF_W) {
			*ret = program.part;
			return 0;
		}
	}
	return -ENOENT;
}

int elf_read_memory(const struct elf *elf, uint64_t address, void *to, size_t size)
{
	for (uint32_t i = 0; i < elf->programs; i++) {
		struct program program;
		int r = read_program(elf, i, &program);
		uint64_t into;

		if (r < 0)
			return r;
		if (program.type != PT_LOAD || address < program.part.address)
			continue;
		into = address - program.part.address;
		if (into > program.part.size || program.part.size - into < size)
			continue;
		if (program.part.at > UINT64_MAX - into)
			return -EBADMSG;
		return elf_read(elf, program.part.at + into, to, size);
	}
	return -EBADMSG;
}
