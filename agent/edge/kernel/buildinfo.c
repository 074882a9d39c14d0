/* The linker leaves a block of 32 bytes, aligned to 16: magic, the size of a pointer,
 * flags. With flag 2 (Go 1.18 and newer) two strings follow it, each with its length as a
 * varint; before, the block holds the addresses of two Go strings (address, length).
 * They are Go's version and the module information, which stands between two marks of
 * 16 bytes. */
#include "edge/kernel/buildinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "edge/fs.h"
#include "edge/kernel/elf.h"

#define BLOCK 32
#define ALIGN 16
#define MAGIC "\xff Go buildinf:"
#define MAGIC_LEN 14
#define FLAG_BIG 1
#define FLAG_INLINE 2
#define SEARCH_MAX (64 * 1024) /* as Go's own reader */
#define VERSION_MAX 256        /* "go1.22.1 X:boringcrypto" */
#define MARK 16
#define VARINT_MAX 10

/* A string of the program. */
struct string {
	bool in_memory; /* at is an address, not an offset in the file */
	uint64_t at, len;
};

struct block {
	uint64_t at; /* in the file */
	unsigned char bytes[BLOCK];
};

static bool is_block(const unsigned char *bytes)
{
	return memcmp(bytes, MAGIC, MAGIC_LEN) == 0;
}

/* 0, BUILDINFO_NONE or -errno. Where a file was stripped of its sections the block is the
 * first thing among the data, or nearly. */
static int find_block(const struct elf *elf, struct block *ret)
{
	struct elf_part part;
	int r = elf_section(elf, ".go.buildinfo", &part);

	if (r == -ENOENT)
		r = elf_data(elf, &part);
	if (r < 0)
		return r == -ENOENT ? BUILDINFO_NONE : r;
	if (part.at > INT64_MAX)
		return -EBADMSG;
	for (uint64_t i = 0; i < SEARCH_MAX && i + BLOCK <= part.size; i += ALIGN) {
		ret->at = part.at + i;
		r = elf_read(elf, ret->at, ret->bytes, BLOCK);
		if (r < 0 || is_block(ret->bytes))
			return r;
	}
	return BUILDINFO_NONE;
}

/* --- Where the two strings are ---------------------------------------------- */

/* A length and the bytes after it; *at moves behind them. */
static int next_inline(const struct elf *elf, uint64_t *at, struct string *ret)
{
	*ret = (struct string){0};
	for (unsigned i = 0; i < VARINT_MAX; i++) {
		unsigned char byte;
		int r = elf_read(elf, *at + i, &byte, 1);

		if (r < 0)
			return r;
		ret->len |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte & 0x80)
			continue;
		ret->at = *at + i + 1;
		if (ret->len > BUILDINFO_MAX)
			return -EFBIG;
		*at = ret->at + ret->len;
		return 0;
	}
	return -EBADMSG;
}

static int inline_strings(const struct elf *elf, const struct block *block,
			  struct string *ret_version, struct string *ret_modules)
{
	uint64_t at = block->at + BLOCK;
	int r = next_inline(elf, &at, ret_version);

	return r < 0 ? r : next_inline(elf, &at, ret_modules);
}

/* A Go string in memory is an address and a length. An address of 0 is a program without
 * one: built before modules, or to be placed anywhere by an old external linker. */
static int pointed(const struct elf *elf, const unsigned char *pointer,
		   struct string *ret)
{
	unsigned char header[16];
	size_t size = elf_pointer_size(elf);
	uint64_t address = elf_number(elf, pointer, size);
	int r;

	*ret = (struct string){.in_memory = true};
	if (address == 0)
		return 0;
	r = elf_read_memory(elf, address, header, 2 * size);
	if (r < 0)
		return r;
	ret->at = elf_number(elf, header, size);
	ret->len = elf_number(elf, header + size, size);
	return ret->len > BUILDINFO_MAX ? -EFBIG : 0;
}

static int find_strings(const struct elf *elf, const struct block *block,
			struct string *ret_version, struct string *ret_modules)
{
	size_t size = elf_pointer_size(elf);
	int r;

	if (block->bytes[MAGIC_LEN + 1] & FLAG_INLINE)
		return inline_strings(elf, block, ret_version, ret_modules);
	if (block->bytes[MAGIC_LEN] != size ||
	    (block->bytes[MAGIC_LEN + 1] & FLAG_BIG) != elf->is_big)
		return -EBADMSG;
	r = pointed(elf, block->bytes + ALIGN, ret_version);
	return r < 0 ? r : pointed(elf, block->bytes + ALIGN + size, ret_modules);
}

/* --- Their text ------------------------------------------------------------- */

static int read_string(const struct elf *elf, const struct string *string, char *to)
{
	if (string->len == 0)
		return 0;
	return string->in_memory
		       ? elf_read_memory(elf, string->at, to, (size_t)string->len)
		       : elf_read(elf, string->at, to, (size_t)string->len);
}

/* It becomes a line of ours. */
static int add_version(const struct elf *elf, const struct string *version,
		       struct buf *to)
{
	char text[VERSION_MAX];
	int r;

	if (version->len == 0)
		return BUILDINFO_NONE;
	if (version->len > sizeof(text))
		return -EBADMSG;
	r = read_string(elf, version, text);
	if (r < 0)
		return r;
	for (size_t i = 0; i < version->len; i++) {
		if (text[i] < ' ' || text[i] > '~')
			return -EBADMSG;
	}
	buf_adds(to, "go\t");
	buf_add(to, text, (size_t)version->len);
	buf_addc(to, '\n');
	return buf_error(to);
}

/* Whatever has no marks is none, as Go's own reader has it. */
static int add_modules(const struct elf *elf, const struct string *modules,
		       struct buf *to)
{
	AUTO_FREE char *text = NULL;
	int r;

	if (modules->len < 2 * MARK + 1)
		return 0;
	text = malloc((size_t)modules->len);
	if (!text)
		return -ENOMEM;
	r = read_string(elf, modules, text);
	if (r < 0)
		return r;
	if (text[modules->len - MARK - 1] == '\n')
		buf_add(to, text + MARK, (size_t)modules->len - (size_t)(2 * MARK));
	return buf_error(to);
}

int buildinfo_read(int fd, struct buf *to)
{
	struct string version, modules;
	struct block block;
	struct elf elf;
	int r = elf_open(fd, &elf);

	if (r == -ENOEXEC)
		return BUILDINFO_NONE;
	if (r == 0)
		r = find_block(&elf, &block);
	if (r == 0)
		r = find_strings(&elf, &block, &version, &modules);
	if (r == 0)
		r = add_version(&elf, &version, to);
	return r == 0 ? add_modules(&elf, &modules, to) : r;
}

/* Both names are links that the kernel resolves to the very file, whatever has become of
 * its own name; it can only be a regular file, as nothing else can be run. */
static int read_link(int dirfd, const char *name, struct buf *to)
{
	AUTO_CLOSE int fd =
		openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? buildinfo_read(fd, to) : -EBADMSG;
}

int buildinfo_process(const struct process *process, struct buf *to)
{
	return read_link(process->dirfd, "exe", to);
}

int buildinfo_program(const struct roots *roots, int program, struct buf *to)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "self/fd/%d", program);
	return read_link(roots->proc, name, to);
}
