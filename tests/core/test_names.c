#include "core/names.h"

#include <errno.h>
#include <string.h>

#include "lib/text.h"
#include "unit.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID "11111111-2222-3333-4444-555555555555"

static struct names names;

static struct container_place place(enum runtime runtime, const char *id, const char *uid)
{
	struct container_place ret = {.runtime = runtime};

	assert_int_equal(text_copy(ret.id, sizeof(ret.id), id), 0);
	assert_int_equal(text_copy(ret.pod_uid, sizeof(ret.pod_uid), uid), 0);
	return ret;
}

static struct named *meet(const char *id, const char *uid)
{
	const struct container_place at = place(RUNTIME_OTHER, id, uid);
	struct named *named = names_meet(&names, &at);

	assert_non_null(named);
	return named;
}

static void learn(const char *file)
{
	struct podlog log;

	expect(podlog_container(file, &log), "%s", file);
	names_learn_container(&names, &log);
}

static void learn_pod(const char *directory)
{
	struct podlog log;

	expect(podlog_pod(directory, &log), "%s", directory);
	names_learn_pod(&names, &log);
}

static int answer(const char *record)
{
	return names_answer(&names, (struct span){record, strlen(record)});
}

static bool matches(const struct named *named, enum selector selector, const char *text)
{
	char *selectors[SELECTOR_N] = {NULL};

	selectors[selector] = (char *)(uintptr_t)text;
	return named_match(named, selectors);
}

static int forget_all(void **state)
{
	(void)state;
	names_fini(&names);
	return 0;
}

static void a_container_is_met_once(void **state)
{
	struct named *named = meet(ID, UID);

	(void)state;
	assert_ptr_equal(meet(ID, UID), named);
	assert_ptr_not_equal(meet(OTHER, ""), named);
	assert_ptr_equal(names_find(&names, ID), named);
	assert_null(names_find(&names, "0000"));
	assert_int_equal(names.n, 2);
}

static void who_is_not_seen_again_is_forgotten(void **state)
{
	struct named *held;

	(void)state;
	names_begin(&names, 0);
	(void)meet(ID, "");
	held = meet(OTHER, "");
	held->holders++;
	names_end(&names);
	assert_int_equal(names.n, 2);
	names_begin(&names, 1000);
	names_end(&names);
	assert_int_equal(names.n, 1);
	assert_ptr_equal(names_find(&names, OTHER), held);
	held->holders--;
	names_begin(&names, 2000);
	names_end(&names);
	assert_int_equal(names.n, 0);
}

static void kubelets_names_join_by_id(void **state)
{
	struct named *named = meet(ID, UID), *other = meet(OTHER, UID);

	(void)state;
	assert_true(named_waits_for_log(named));
	learn("shop-1_default_app-" ID ".log");
	assert_true(named->known);
	assert_false(named_waits_for_log(named));
	assert_string_equal(named->facts.name, "app");
	assert_string_equal(named->facts.pod, "shop-1");
	assert_string_equal(named->facts.namespace, "default");
	assert_false(other->known);
}

static void what_is_not_told_is_not_guessed(void **state)
{
	struct named *pause = meet(OTHER, UID);

	(void)state;
	learn_pod("default_shop-1_" UID);
	assert_string_equal(pause->facts.pod, "shop-1");
	assert_false(pause->known);
	assert_false(matches(pause, SELECTOR_POD, "*"));
	assert_false(matches(pause, SELECTOR_POD_NAMESPACE, "default"));
	assert_false(matches(pause, SELECTOR_CONTAINER, "*"));
	assert_true(matches(pause, SELECTOR_CONTAINER_ID, "fedc"));
}

static void two_stories_are_none(void **state)
{
	struct named *named = meet(ID, UID);

	(void)state;
	learn("shop-1_default_app-" ID ".log");
	learn("shop-1_default_evil-" ID ".log");
	assert_false(named->known);
	assert_string_equal(named->facts.name, "");
	learn("shop-1_default_app-" ID ".log");
	assert_false(named->known);
	named = meet(OTHER, UID);
	learn("shop-1_default_app-" OTHER ".log");
	learn_pod("evil_shop-1_" UID);
	assert_false(named->known);
	assert_string_equal(named->facts.pod, "");
}

static void a_cut_id_joins_only_the_one_it_can_be(void **state)
{
	struct podlog log = {.namespace = "n", .pod = "p", .container = "c"};
	struct named *named = meet(ID, UID), *twin;

	(void)state;
	(void)text_copy(log.id, 13, ID); /* cut on purpose */
	names_learn_container(&names, &log);
	assert_true(named->known);
	names_fini(&names);
	named = meet(ID, UID);
	twin = meet("0123456789ab"
		    "0000000000000000000000000000000000000000000000000000",
		    UID);
	names_learn_container(&names, &log);
	assert_false(named->known);
	assert_false(twin->known);
}

static void a_users_container_gets_no_name_of_the_machines(void **state)
{
	struct container_place at = place(RUNTIME_PODMAN, ID, "");
	struct named *own, *users;

	(void)state;
	own = names_meet(&names, &at);
	at.of_user = true;
	users = names_meet(&names, &at);
	assert_ptr_not_equal(users, own);
	assert_int_equal(answer("id=" ID "\nname=shop\ntold=1\n\n"), 0);
	learn("shop-1_default_app-" OTHER ".log");
	assert_true(own->known);
	assert_false(users->known);
	assert_false(named_waits_for_log(users));
	assert_false(named_waits_for_runtime(users, true));
	assert_false(matches(users, SELECTOR_CONTAINER, "shop"));
	assert_true(matches(users, SELECTOR_CONTAINER_ID, "0123"));
}

static void a_name_in_the_path_is_its_name(void **state)
{
	const struct container_place at = place(RUNTIME_NSPAWN, "shop", "");
	const struct named *named = names_meet(&names, &at);

	(void)state;
	assert_true(named->known);
	assert_string_equal(named->facts.runtime, "nspawn");
	assert_true(matches(named, SELECTOR_CONTAINER, "sh*"));
	assert_false(named_waits_for_runtime(named, true));
}

static void a_runtime_tells_name_image_and_labels(void **state)
{
	struct named *named = meet(ID, "");

	(void)state;
	assert_true(named_waits_for_runtime(named, false));
	assert_int_equal(answer("label=a=b\nid=" ID "\nname=shop\nimage=r/shop:1\n"
				"label=k=v=w\nlabel=empty=\nnew_key=1\ntold=1\n\n"),
			 0);
	assert_false(named_waits_for_runtime(named, true));
	assert_string_equal(named->facts.name, "shop");
	assert_string_equal(named->facts.image, "r/shop:1");
	assert_true(matches(named, SELECTOR_CONTAINER_LABEL, "a=b"));
	assert_true(matches(named, SELECTOR_CONTAINER_LABEL, "k=v*"));
	assert_true(matches(named, SELECTOR_CONTAINER_LABEL, "k"));
	assert_true(matches(named, SELECTOR_CONTAINER_LABEL, "empty"));
	assert_false(matches(named, SELECTOR_CONTAINER_LABEL, "a=c"));
	assert_false(matches(named, SELECTOR_CONTAINER_LABEL, "b"));
	assert_true(matches(named, SELECTOR_CONTAINER_IMAGE, "r/*:1"));
	assert_false(matches(named, SELECTOR_CONTAINER_IMAGE, "r/*:2"));
}

static void a_file_tells_a_name_and_the_api_is_asked_again(void **state)
{
	struct named *named = meet(ID, "");

	(void)state;
	assert_int_equal(answer("id=" ID "\nname=shop\nimage=i\ntold=0\n\n"), 0);
	assert_true(named->known);
	assert_false(named_waits_for_runtime(named, false));
	assert_true(named_waits_for_runtime(named, true));
	/* A name stays for good. */
	assert_int_equal(answer("id=" ID "\nname=evil\nlabel=k=v\ntold=1\n\n"), 0);
	assert_string_equal(named->facts.name, "shop");
	assert_true(matches(named, SELECTOR_CONTAINER_LABEL, "k"));
}

static void a_pods_container_is_named_by_kubelet_alone(void **state)
{
	struct named *named = meet(ID, UID);

	(void)state;
	assert_false(named_waits_for_runtime(named, false));
	assert_int_equal(answer("id=" ID "\nname=k8s_app\nimage=i\ntold=1\n\n"), 0);
	assert_false(named->known);
	assert_string_equal(named->facts.image, "i");
}

static void an_answer_is_not_trusted(void **state)
{
	static const struct {
		const char *record;
		int r;
	} rows[] = {
		{"", -EBADMSG},
		{"\n", -EBADMSG},
		{"name=shop\n\n", -EBADMSG},
		{"id=0123\nname=shop\n\n", -EBADMSG},
		{"id=" ID ID "\nname=shop\n\n", -ENAMETOOLONG},
		{"id=" OTHER "\nname=shop\n\n", -ENOENT},
		{"id=" ID "\nname=sh\\x0op\n\n", -EBADMSG},
		{"id=" ID "\nname=shop", -EBADMSG},
		{"id=" ID "\ntold=x\n\n", -EBADMSG},
		{"id=" ID "\nname\n\n", -EBADMSG},
	};
	struct named *named = meet(ID, "");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int r = answer(rows[i].record);

		expect(r == rows[i].r, "%s: %d", rows[i].record, r);
		expect(!named->known, "%s", rows[i].record);
	}
}

static void labels_have_a_cap(void **state)
{
	struct named *named = meet(ID, "");
	char label[LABEL_MAX + 10];
	int r = 0;

	(void)state;
	memset(label, 'x', sizeof(label));
	label[sizeof(label) - 1] = '\0';
	assert_int_equal(named_label(named, label), 0); /* left out */
	assert_null(named->labels);
	label[LABEL_MAX - 1] = '\0';
	for (size_t i = 0; i < LABELS_MAX / LABEL_MAX + 1 && r == 0; i++)
		r = named_label(named, label);
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(named_label(named, ""), 0);
}

static void every_part_of_a_pod_is_a_glob(void **state)
{
	static const struct {
		const char *namespace, *pod, *container;
		bool match;
	} rows[] = {
		{NULL, NULL, "app", true},      {"shop", "shop-*", "app", true},
		{"sh*", "*", "*", true},        {"shop", NULL, NULL, true},
		{"default", NULL, NULL, false}, {NULL, "shop", NULL, false},
		{NULL, "shop-?", "db", false},  {"shop", "shop-[0-9]", "a[p]p", true},
	};
	struct named *named = meet(ID, UID);

	(void)state;
	learn("shop-1_shop_app-" ID ".log");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *selector[SELECTOR_N] = {
			[SELECTOR_POD_NAMESPACE] = (char *)(uintptr_t)rows[i].namespace,
			[SELECTOR_POD] = (char *)(uintptr_t)rows[i].pod,
			[SELECTOR_POD_CONTAINER] = (char *)(uintptr_t)rows[i].container,
		};

		expect(named_match(named, selector) == rows[i].match, "row %zu", i);
	}
	/* A container that is in no pod. */
	named = meet(OTHER, "");
	assert_int_equal(answer("id=" OTHER "\nname=app\n\n"), 0);
	assert_false(matches(named, SELECTOR_POD_CONTAINER, "app"));
	assert_true(matches(named, SELECTOR_CONTAINER, "app"));
}

static void a_crowd_has_an_end(void **state)
{
	struct container_place at = place(RUNTIME_OTHER, ID, "");

	(void)state;
	for (unsigned i = 0; i < NAMES_MAX + 10; i++) {
		char digits[9];

		(void)snprintf(digits, sizeof(digits), "%08x", i * 2654435761u);
		memcpy(at.id, digits, 8);
		expect((names_meet(&names, &at) != NULL) == (i < NAMES_MAX), "%u", i);
	}
	assert_int_equal(names.n, NAMES_MAX);
	for (size_t i = 1; i < names.n; i++)
		assert_true(strcmp(names.at[i - 1]->facts.id, names.at[i]->facts.id) < 0);
}

#define TEST(name) cmocka_unit_test_teardown(name, forget_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_container_is_met_once),
		TEST(who_is_not_seen_again_is_forgotten),
		TEST(kubelets_names_join_by_id),
		TEST(what_is_not_told_is_not_guessed),
		TEST(two_stories_are_none),
		TEST(a_cut_id_joins_only_the_one_it_can_be),
		TEST(a_users_container_gets_no_name_of_the_machines),
		TEST(a_name_in_the_path_is_its_name),
		TEST(a_runtime_tells_name_image_and_labels),
		TEST(a_file_tells_a_name_and_the_api_is_asked_again),
		TEST(a_pods_container_is_named_by_kubelet_alone),
		TEST(an_answer_is_not_trusted),
		TEST(labels_have_a_cap),
		TEST(every_part_of_a_pod_is_a_glob),
		TEST(a_crowd_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
