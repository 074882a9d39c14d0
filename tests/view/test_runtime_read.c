#include "view/runtime_read.h"

#include <errno.h>
#include <string.h>

#include "lib/buf.h"
#include "unit.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char labels[1000];

static void take_label(void *arg, const char *key, const char *value)
{
	size_t len = strlen(labels);

	(void)arg;
	(void)snprintf(labels + len, sizeof(labels) - len, "%s=%s;", key, value);
}

static int read_one(const char *json, struct runtime_told *told)
{
	labels[0] = '\0';
	return runtime_read((struct span){json, strlen(json)}, ID, told, take_label,
			    NULL);
}

static void an_api_tells_name_image_and_labels(void **state)
{
	struct runtime_told told;

	(void)state;
	assert_int_equal(read_one("{\"Id\":\"" ID
				  "\",\"Name\":\"/shop\",\"Image\":\"sha256:1\","
				  "\"Config\":{\"Image\":\"r/shop:1\",\"Env\":[\"A=b\"],"
				  "\"Labels\":{\"k\":\"v=w\",\"n\":1,\"e\":\"\"}}}",
				  &told),
			 0);
	assert_string_equal(told.name, "shop");
	assert_string_equal(told.image, "r/shop:1");
	assert_string_equal(labels, "k=v=w;e=;");
	/* config.v2.json of docker */
	assert_int_equal(read_one("{\"ID\":\"" ID "\",\"Name\":\"/s\",\"Config\":{"
				  "\"Image\":\"i\",\"Labels\":null}}",
				  &told),
			 0);
	assert_string_equal(told.name, "s");
	assert_string_equal(labels, "");
}

static void what_is_not_as_expected_is_left_out(void **state)
{
	static const struct {
		const char *json;
		int r;
	} rows[] = {
		{"", -EBADMSG},
		{"[]", -EBADMSG},
		{"{", -EBADMSG},
		{"null", -EBADMSG},
		{"{\"Id\":\"" ID "\",\"Id\":\"x\"}", -EBADMSG},
		{"{}", -ENOENT},
		{"{\"Id\":5}", -ENOENT},
		{"{\"Id\":\"0123\",\"Name\":\"/shop\"}", -ENOENT},
		{"{\"Id\":\"" ID "\"}", 0},
		{"{\"Id\":\"" ID "\",\"Name\":5,\"Config\":[]}", 0},
		{"{\"Id\":\"" ID "\",\"Config\":{\"Labels\":[\"a\"],\"Image\":{}}}", 0},
	};
	struct runtime_told told;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int r = read_one(rows[i].json, &told);

		expect(r == rows[i].r, "%s: %d", rows[i].json, r);
		expect(r < 0 || (!told.name[0] && !told.image[0]), "%s", rows[i].json);
		expect(!labels[0], "%s", rows[i].json);
	}
}

static void a_name_that_would_be_cut_is_none(void **state)
{
	struct runtime_told told;
	char json[600], name[300];

	(void)state;
	memset(name, 'n', sizeof(name));
	(void)snprintf(json, sizeof(json), "{\"Id\":\"" ID "\",\"Name\":\"/%.*s\"}",
		       CONTAINER_NAME_MAX, name);
	assert_int_equal(read_one(json, &told), 0);
	assert_string_equal(told.name, "");
	(void)snprintf(json, sizeof(json), "{\"Id\":\"" ID "\",\"Name\":\"/%.*s\"}",
		       CONTAINER_NAME_MAX - 1, name);
	assert_int_equal(read_one(json, &told), 0);
	assert_int_equal(strlen(told.name), CONTAINER_NAME_MAX - 1);
}

static void nesting_does_no_harm(void **state)
{
	AUTO_BUF struct buf json;
	struct runtime_told told;

	(void)state;
	buf_init(&json, 1 << 20);
	for (int i = 0; i < 100000; i++)
		buf_addc(&json, '[');
	assert_int_equal(
		runtime_read((struct span){json.data, json.len}, ID, &told, NULL, NULL),
		-EBADMSG);
	assert_int_equal(runtime_read_list((struct span){json.data, json.len}, ID, &told),
			 -EBADMSG);
}

static int read_list(const char *json, struct runtime_told *told)
{
	return runtime_read_list((struct span){json, strlen(json)}, ID, told);
}

static void podmans_list_tells_name_and_image(void **state)
{
	struct runtime_told told;

	(void)state;
	assert_int_equal(
		read_list("[{\"id\":\"ffff\",\"names\":[\"evil\"]},"
			  "{\"id\":\"" ID "\",\"names\":[\"shop\",\"alias\"],"
			  "\"image\":\"1234\",\"metadata\":\"{\\\"image-name\\\":"
			  "\\\"localhost/shop:1\\\",\\\"name\\\":\\\"shop\\\"}\"}]",
			  &told),
		0);
	assert_string_equal(told.name, "shop");
	assert_string_equal(told.image, "localhost/shop:1");
	assert_int_equal(read_list("[{\"id\":\"" ID "\"}]", &told), 0);
	assert_string_equal(told.name, "");
	assert_int_equal(read_list("[{\"id\":\"" ID "\",\"names\":\"shop\","
				   "\"metadata\":\"{{{\"}]",
				   &told),
			 0);
	assert_string_equal(told.name, "");
	assert_string_equal(told.image, "");
	assert_int_equal(read_list("[]", &told), -ENOENT);
	assert_int_equal(read_list("[5,null,[],{\"id\":7}]", &told), -ENOENT);
	assert_int_equal(read_list("{}", &told), -EBADMSG);
	assert_int_equal(read_list("", &told), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_api_tells_name_image_and_labels),
		cmocka_unit_test(what_is_not_as_expected_is_left_out),
		cmocka_unit_test(a_name_that_would_be_cut_is_none),
		cmocka_unit_test(nesting_does_no_harm),
		cmocka_unit_test(podmans_list_tells_name_and_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
