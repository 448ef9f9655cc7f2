/* SPDX-License-Identifier: Apache-2.0
 *
 * Nothing untranslated: the messages of the source, as xgettext finds them, against every catalogue
 * in ui/po/. Runs in the root of the tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define POS "for po in ui/po/*.po; do "
#define EXTRACT                                                                                    \
	"xgettext --from-code=UTF-8 --keyword=_ --keyword=N_ --no-location -o \"$D/now.pot\" "

#define SOURCES "ui/*.c base/local.c"

static char folder[] = "/tmp/countersign-po-XXXXXX";

/* Exit status of a shell command; $D is a folder of our own. */
static int shell(const char *command)
{
	int status = system(command); /* NOLINT(cert-env33-c): fixed text, build machine only */

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int group_setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder) || setenv("D", folder, 1) || setenv("LC_ALL", "C.UTF-8", 1))
		return -1;
	return shell(EXTRACT SOURCES);
}

static int group_teardown(void **state)
{
	(void)state;
	return shell("rm -r \"$D\"");
}

static void every_message_is_translated(void **state)
{
	(void)state;
	/* msgcmp counts a fuzzy translation as none */
	assert_int_equal(shell(POS "msgcmp \"$po\" \"$D/now.pot\" || exit 1; done"), 0);
}

static void a_missing_translation_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(
		shell("printf 'void f(void){_(\"a new message\");}' >\"$D/new.c\" && " EXTRACT
		      "--join-existing \"$D/new.c\""),
		0);
	assert_int_not_equal(shell("msgcmp ui/po/zh_CN.po \"$D/now.pot\" 2>\"$D/words\""), 0);
	assert_int_equal(shell("grep -q 'a new message\\|new.c' \"$D/words\" || "
			       "grep -q 'this message is used but not defined' \"$D/words\""),
		0);
	assert_int_equal(shell(EXTRACT SOURCES), 0);
}

static void an_empty_or_fuzzy_translation_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(shell("msgattrib --set-fuzzy ui/po/zh_CN.po >\"$D/fuzzy.po\""), 0);
	assert_int_not_equal(shell("msgcmp \"$D/fuzzy.po\" \"$D/now.pot\" 2>\"$D/words\""), 0);
	assert_int_equal(shell("sed '/^msgid \"SIMULATOR\"/{n;s/.*/msgstr \"\"/}' ui/po/zh_CN.po "
			       ">\"$D/empty.po\""), 0);
	assert_int_not_equal(shell("msgcmp \"$D/empty.po\" \"$D/now.pot\" 2>\"$D/words\""), 0);
}

static void no_translation_is_left_over(void **state)
{
	(void)state;
	assert_int_equal(
		shell(POS "msgcmp --use-untranslated \"$D/now.pot\" \"$po\" || exit 1; done"), 0);
	assert_int_equal(
		shell(POS "test -z \"$(msgattrib --only-obsolete \"$po\")\" || exit 1; done"), 0);
	assert_int_equal(shell(POS "test -z \"$(msgattrib --only-fuzzy \"$po\")\" || exit 1; done"),
		0);
}

static void formats_agree_with_the_original(void **state)
{
	(void)state;
	assert_int_equal(shell(POS "msgfmt --check --check-format -o /dev/null \"$po\" || exit 1; "
			       "done"),
		0);
}

static void a_wrong_format_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(shell("sed 's/^msgstr \"\\(.*\\)%d/msgstr \"\\1%s/' ui/po/zh_CN.po "
			       ">\"$D/wrong.po\" && ! cmp -s ui/po/zh_CN.po \"$D/wrong.po\""),
		0);
	assert_int_not_equal(
		shell("msgfmt --check-format -o /dev/null \"$D/wrong.po\" 2>\"$D/words\""), 0);
}

/* `make pot` was run after the last change of a message. */
static void the_template_is_that_of_the_source(void **state)
{
	(void)state;
	assert_int_equal(shell("msgcmp --use-untranslated ui/po/countersign.pot \"$D/now.pot\" && "
			       "msgcmp --use-untranslated \"$D/now.pot\" ui/po/countersign.pot"),
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_is_translated),
		cmocka_unit_test(a_missing_translation_is_noticed),
		cmocka_unit_test(an_empty_or_fuzzy_translation_is_noticed),
		cmocka_unit_test(no_translation_is_left_over),
		cmocka_unit_test(formats_agree_with_the_original),
		cmocka_unit_test(a_wrong_format_is_noticed),
		cmocka_unit_test(the_template_is_that_of_the_source),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
