#include "edge/kernel/buildinfo.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/elf.h"
#include "unit.h"

#define VERSION "go1.19.8"
#define MODULES "path\texample.com/shop/cmd/shop\nmod\texample.com/shop\t(devel)\t\n"
#define MARKED "0123456789abcdef" MODULES "fedcba9876543210"
#define TEXT "go\t" VERSION "\n" MODULES

/* A program of Go as its linker lays it out, small enough to be damaged everywhere. */
struct shape {
	bool is_64, is_big, is_old, no_sections;
};
struct image {
	struct shape shape;
	unsigned char bytes[1024];
	size_t len;
};
enum { DATA_AT = 0x100, STRINGS_AT = 0x180, SECTIONS_AT = 0x280, NAMES_AT = 0x360 };
#define LOADED_AT 0x400000 /* address of the data */

static void put(struct image *image, size_t at, uint64_t number, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		size_t to = image->shape.is_big ? at + size - 1 - i : at + i;

		image->bytes[to] = (unsigned char)(number >> (8 * i));
	}
}
#define PUT(image, base, type, name, number)                                             \
	((image)->shape.is_64 ? put(image, (base) + offsetof(Elf64_##type, name),        \
				    number, sizeof(((Elf64_##type *)0)->name))           \
			      : put(image, (base) + offsetof(Elf32_##type, name),        \
				    number, sizeof(((Elf32_##type *)0)->name)))

static void put_section(struct image *image, unsigned number, size_t name, size_t at,
			size_t size)
{
	size_t to = SECTIONS_AT + number * (image->shape.is_64 ? sizeof(Elf64_Shdr)
							       : sizeof(Elf32_Shdr));

	PUT(image, to, Shdr, sh_name, name);
	PUT(image, to, Shdr, sh_type, SHT_PROGBITS);
	PUT(image, to, Shdr, sh_offset, at);
	PUT(image, to, Shdr, sh_size, size);
	PUT(image, to, Shdr, sh_addr, at - DATA_AT + LOADED_AT);
}

static void put_header(struct image *image)
{
	bool is_64 = image->shape.is_64;
	size_t program = is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);

	memcpy(image->bytes, ELFMAG, SELFMAG);
	image->bytes[EI_CLASS] = is_64 ? ELFCLASS64 : ELFCLASS32;
	image->bytes[EI_DATA] = image->shape.is_big ? ELFDATA2MSB : ELFDATA2LSB;
	PUT(image, 0, Ehdr, e_phoff, program);
	PUT(image, 0, Ehdr, e_phnum, 1);
	PUT(image, 0, Ehdr, e_phentsize, is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
	PUT(image, program, Phdr, p_type, PT_LOAD);
	PUT(image, program, Phdr, p_flags, PF_R | PF_W);
	PUT(image, program, Phdr, p_offset, DATA_AT);
	PUT(image, program, Phdr, p_vaddr, LOADED_AT);
	PUT(image, program, Phdr, p_filesz, SECTIONS_AT - DATA_AT);
	if (image->shape.no_sections)
		return;
	PUT(image, 0, Ehdr, e_shoff, SECTIONS_AT);
	PUT(image, 0, Ehdr, e_shnum, 3);
	PUT(image, 0, Ehdr, e_shstrndx, 2);
	PUT(image, 0, Ehdr, e_shentsize, is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr));
	put_section(image, 1, 1, DATA_AT + 16, 64);
	put_section(image, 2, 0, NAMES_AT, 32);
	memcpy(image->bytes + NAMES_AT + 1, ".go.buildinfo", 14);
}

static void put_old(struct image *image, size_t block)
{
	size_t size = image->shape.is_64 ? 8 : 4;
	size_t strings = STRINGS_AT - DATA_AT + LOADED_AT, headers = strings + 160;
	const char *const texts[] = {VERSION, MARKED};

	image->bytes[block + 14] = (unsigned char)size;
	image->bytes[block + 15] = image->shape.is_big;
	for (unsigned i = 0; i < 2; i++) {
		size_t len = strlen(texts[i]);

		put(image, block + 16 + i * size, headers + i * 2 * size, size);
		put(image, STRINGS_AT + 160 + i * 2 * size, strings, size);
		put(image, STRINGS_AT + 160 + i * 2 * size + size, len, size);
		memcpy(image->bytes + DATA_AT + strings - LOADED_AT, texts[i], len);
		strings += len;
	}
}

static void make(struct shape shape, struct image *ret)
{
	size_t block = DATA_AT + 16, at = block + 32;

	*ret = (struct image){.shape = shape, .len = 0x380};
	put_header(ret);
	memcpy(ret->bytes + block, "\xff Go buildinf:", 14);
	if (shape.is_old) {
		put_old(ret, block);
		return;
	}
	ret->bytes[block + 15] = 2;
	ret->bytes[at] = sizeof(VERSION) - 1;
	memcpy(ret->bytes + at + 1, VERSION, sizeof(VERSION) - 1);
	at += sizeof(VERSION);
	_Static_assert(sizeof(MARKED) - 1 < 128, "one byte of varint");
	ret->bytes[at] = sizeof(MARKED) - 1;
	memcpy(ret->bytes + at + 1, MARKED, sizeof(MARKED) - 1);
}

static int read_image(const struct image *image, struct buf *to)
{
	AUTO_CLOSE int fd = memfd_create("image", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fs_write_all(fd, image->bytes, image->len), 0);
	return buildinfo_read(fd, to);
}

/* All 16: widths, byte orders, formats, with sections and without. */
static struct shape shape_of(unsigned number)
{
	return (struct shape){.is_64 = number & 1,
			      .is_big = number & 2,
			      .is_old = number & 4,
			      .no_sections = number & 8};
}

static void every_format_is_read(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		AUTO_BUF struct buf text;
		struct image image;
		int r;

		buf_init(&text, BUILDINFO_MAX);
		make(shape_of(i), &image);
		r = read_image(&image, &text);
		expect(r == 0 && strcmp(text.data, TEXT) == 0, "shape %u: %d, %s", i, r,
		       text.data);
	}
}

/* Whatever a damaged file says: an outcome or an error, never more than the file has. */
static void a_damaged_program_harms_nobody(void **state)
{
	static const unsigned char bad[] = {0x00, 0x7f, 0x80, 0xff};
	struct image image;

	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		make(shape_of(i), &image);
		for (size_t at = 0; at < image.len; at++) {
			unsigned char kept = image.bytes[at];

			for (size_t j = 0; j<sizeof(bad); j += slowdown()> 1 ? 3 : 1) {
				AUTO_BUF struct buf text;
				int r;

				buf_init(&text, BUILDINFO_MAX);
				image.bytes[at] = bad[j];
				r = read_image(&image, &text);
				expect(r == 0 || r == BUILDINFO_NONE || r == -EBADMSG ||
					       r == -EFBIG,
				       "shape %u, byte %zu: %d", i, at, r);
				assert_true(text.len < sizeof(image.bytes));
			}
			image.bytes[at] = kept;
		}
	}
}

static void a_cut_program_is_damaged_or_none(void **state)
{
	struct image image;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		make(shape_of(i), &image);
		for (size_t len = 0; len < NAMES_AT; len++) {
			AUTO_BUF struct buf text;
			int r;

			buf_init(&text, BUILDINFO_MAX);
			image.len = len;
			r = read_image(&image, &text);
			expect(r == BUILDINFO_NONE || r == -EBADMSG, "shape %u, %zu: %d",
			       i, len, r);
			assert_int_equal(text.len, 0);
		}
	}
}

static void what_is_none_is_told(void **state)
{
	static const struct {
		const char *what;
		size_t at, len;
		const char *bytes;
		int r;
		const char *text;
	} rows[] = {
		{"no ELF", 0, 4, "#!/b", BUILDINFO_NONE, ""},
		{"another class", EI_CLASS, 1, "\x07", -EBADMSG, ""},
		{"no magic", DATA_AT + 16, 1, "x", BUILDINFO_NONE, ""},
		{"no version", DATA_AT + 48, 1, "\0", BUILDINFO_NONE, ""},
		{"a version that would forge a line", DATA_AT + 51, 1, "\n", -EBADMSG,
		 ""},
		{"a version longer than the file", DATA_AT + 48, 2, "\xff\x01", -EBADMSG,
		 ""},
		{"a length beyond the cap", DATA_AT + 57, 4, "\xff\xff\xff\x7f", -EFBIG,
		 ""},
		{"a length without end", DATA_AT + 48, 10,
		 "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", -EBADMSG, ""},
		{"no marks", DATA_AT + 57, 1, "\x20", 0, "go\t" VERSION "\n"},
	};
	struct image image;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_BUF struct buf text;
		int r;

		buf_init(&text, BUILDINFO_MAX);
		make((struct shape){.is_64 = true}, &image);
		memcpy(image.bytes + rows[i].at, rows[i].bytes, rows[i].len);
		r = read_image(&image, &text);
		/* What follows an error is nobody's to read. */
		expect(r == rows[i].r && (r != 0 || strcmp(text.data, rows[i].text) == 0),
		       "%s: %d, %s", rows[i].what, r, text.data);
	}
}

static void a_process_is_asked_through_its_directory(void **state)
{
	struct process process = {.dirfd = open("/proc/self", O_PATH | O_DIRECTORY)};
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, BUILDINFO_MAX);
	assert_int_equal(buildinfo_process(&process, &text), BUILDINFO_NONE);
	assert_int_equal(text.len, 0);
	close(process.dirfd);
	process.dirfd = -1;
	assert_int_equal(buildinfo_process(&process, &text), -EBADF);
}

static void a_program_that_is_held_is_read_after_its_removal(void **state)
{
	char path[] = "/tmp/leakdog-test-XXXXXX";
	AUTO_CLOSE int fd = mkstemp(path), held = open(path, O_PATH | O_CLOEXEC);
	struct roots roots;
	AUTO_BUF struct buf text;
	struct image image;

	(void)state;
	buf_init(&text, BUILDINFO_MAX);
	assert_int_equal(roots_open(NULL, &roots), 0);
	make((struct shape){.is_64 = true}, &image);
	assert_int_equal(fs_write_all(fd, image.bytes, image.len), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(buildinfo_program(&roots, held, &text), 0);
	assert_string_equal(text.data, TEXT);
	assert_int_equal(buildinfo_program(&roots, roots.proc, &text), -EBADMSG);
	assert_int_equal(buildinfo_program(&roots, 1 << 20, &text), -ENOENT);
	roots_fini(&roots);
}

static void an_offset_never_wraps(void **state)
{
	AUTO_CLOSE int fd = memfd_create("empty", MFD_CLOEXEC);
	struct elf elf = {.fd = fd};
	char byte;

	(void)state;
	assert_int_equal(elf_read(&elf, UINT64_MAX, &byte, 1), -EBADMSG);
	assert_int_equal(elf_read(&elf, INT64_MAX, &byte, 1), -EBADMSG);
	assert_int_equal(elf_read(&elf, 0, &byte, 1), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_is_read),
		cmocka_unit_test(a_damaged_program_harms_nobody),
		cmocka_unit_test(a_cut_program_is_damaged_or_none),
		cmocka_unit_test(what_is_none_is_told),
		cmocka_unit_test(a_process_is_asked_through_its_directory),
		cmocka_unit_test(a_program_that_is_held_is_read_after_its_removal),
		cmocka_unit_test(an_offset_never_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
