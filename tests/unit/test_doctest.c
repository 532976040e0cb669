/* test_doctest.c - what a document means, what counts as the output that is shown, and changes of files. */
#include "tests/unit/tap.h"
#include "tools/doctest_command.h"
#include "tools/doctest_markdown.h"
#include "tools/doctest_match.h"
#include "tools/doctest_patch.h"

static struct arena arena;

/* ---- documents ---- */

static const char *const kinds[] = {"file", "copy", "change", "command", "output", "scenario"};

/* "KIND@LINE name=.. text shown@LINE+COUNT" of each step, or the first diagnostic's line. */
static const char *steps_of(const char *text, enum doctest_trust trust)
{
    struct diag_set d;
    struct doctest_document document;
    struct strbuf out = STRBUF_INIT;
    diag_init(&d);
    uint32_t file = diag_add_file(&d, "x.md", text, strlen(text));
    if (doctest_read(&arena, &d, file, text, strlen(text), trust, &document) < 0) {
        diag_print(&d, &out, 1);
        strbuf_reset(&out);
        const struct diag *first = pool_at(&d.diags, 0);
        strbuf_printf(&out, "%" PRIu32 ":%" PRIu32 " %s", first->at.line, first->at.column, first->message);
        if (first->suggestion)
            strbuf_printf(&out, "; %s", first->suggestion);
    } else {
        for (uint32_t i = 0; i < document.count; i++) {
            const struct doctest_step *s = &document.steps[i];
            strbuf_printf(&out, "%s@%" PRIu32, kinds[s->kind], s->at.line);
            if (s->name)
                strbuf_printf(&out, " name=%s", s->name);
            if (s->format)
                strbuf_printf(&out, " format=%s", s->format);
            strbuf_printf(&out, " [%s]", s->text);
            if (s->line)
                strbuf_printf(&out, " shown@%" PRIu32 "+%" PRIu32 "[%s]", s->line, s->line_count, s->shown);
            strbuf_putc(&out, '\n');
        }
        if (document.passed_over)
            strbuf_printf(&out, "passed over: %" PRIu32 "\n", document.passed_over);
    }
    const char *copy = arena_strdup(&arena, strbuf_str(&out));
    strbuf_fini(&out);
    diag_fini(&d);
    return copy;
}

static void blocks_have_their_meaning(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"# nothing\n\ntext\n", ""},
        {"```yaml title=a/b.yaml\nx: 1\n```\n", "file@1 name=a/b.yaml [x: 1\n]\n"},
        {"```json title=\"a b.json\" hl=3\n{}\n```\n", "file@1 name=a b.json [{}\n]\n"},
        {"~~~~diff title=a.yaml\n-x\n~~~\n~~~~\n", "change@1 name=a.yaml [-x\n~~~\n]\n"},
        {"```console\n$ podsim run a.yaml\none\ntwo\n$ ls\n```\n",
         "command@2 [podsim run a.yaml] shown@3+2[one\ntwo\n]\ncommand@5 [ls] shown@6+0[]\n"},
        {"```console\n$ podsim run a.yaml \\\n>   -o events\nx\n```\n",
         "command@2 [podsim run a.yaml -o events] shown@4+1[x\n]\n"},
        {"1. x\n\n   ```console\n   $ podsim version\n   podsim 1\n     in\n   ```\n",
         "command@4 [podsim version] shown@5+2[podsim 1\n  in\n]\n"},
        {"```console\r\n$ podsim version\r\npodsim 1\r\n```\r\n", "command@2 [podsim version] shown@3+1[podsim 1\n]\n"},
        {"```yaml\na: 1\n```\n```text events\nx\n```\n", "output@4 format=events [a: 1\n] shown@5+1[x\n]\n"},
        {"```yaml title=a.yaml\na: 1\n```\n```text timeline\n```\n```text wide\n```\n",
         "file@1 name=a.yaml [a: 1\n]\noutput@4 name=a.yaml format=timeline [a: 1\n] shown@5+0[]\n"
         "output@6 name=a.yaml format=wide [a: 1\n] shown@7+0[]\n"},
        {"<!-- doctest: file ../s/a.yaml -->\n```text timeline\n```\n",
         "copy@1 name=s/a.yaml [../s/a.yaml]\noutput@2 name=s/a.yaml format=timeline [] shown@3+0[]\n"},
        {"```yaml\napiVersion: podsim.dev/v1\nkind: Scenario\n```\n",
         "scenario@1 [apiVersion: podsim.dev/v1\nkind: Scenario\n]\n"},
        {"```yaml\n{apiVersion: podsim.dev/v1, kind: Scenario}\n```\n```text timeline\n```\n",
         "output@4 format=timeline [{apiVersion: podsim.dev/v1, kind: Scenario}\n] shown@5+0[]\n"},
        {"<!-- doctest: skip -->\n\n```console\n$ podsim run\n```\n", ""},
        {"<!-- one\n```console\n$ podsim run\n```\n-->\n", ""},
        {"```sh\npodsim run a.yaml\n```\n```yaml\nspec: {}\n```\n```text\nx\n```\n```text figure\n```\n", ""},
        {"```console\n$ kubectl get pods\nx\n```\n", "passed over: 1\n"},
        {"```console\njust output\n```\n", ""},
    };
    arena_reset(&arena);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].text);
        CHECK_STR(steps_of(rows[i].text, DOCTEST_PODSIM_ONLY), rows[i].want);
    }
    CHECK_STR(steps_of("```console\n$ kubectl get pods\n```\n", DOCTEST_ANY_COMMAND),
              "command@2 [kubectl get pods] shown@3+0[]\n");
}

static void mistakes_in_documents_have_their_place(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"\n```yaml titel=a.yaml\n```\n", "2:4 unknown attribute \"titel\"; did you mean \"title\"?"},
        {"```yaml title=/etc/a.yaml\n```\n",
         "1:4 title: want the name of a file in the document's own directory, such as "
         "lifecycle/web.yaml, got \"/etc/a.yaml\""},
        {"```yaml title=a/../../b\n```\n",
         "1:4 title: want the name of a file in the document's own directory, such as "
         "lifecycle/web.yaml, got \"a/../../b\""},
        {"```yaml\na: 1\n```\n```text timelin\n```\n", "4:4 unknown format \"timelin\"; did you mean \"timeline\"?"},
        {"text\n\n```text timeline\n```\n",
         "3:1 timeline of what? want a YAML block above it, with manifests or a scenario"},
        {"  ```console\n  $ podsim run\n", "1:3 this block does not end: want a line of ``` after it"},
        {"```console\nx\n$ podsim run\n```\n",
         "2:1 output without a command: want a line that begins with \"$ \" above it"},
        {"<!-- doctest: skp -->\n", "1:15 unknown instruction \"skp\": want doctest: skip, or doctest: file PATH"},
        {"<!-- doctest: file /etc/passwd -->\n",
         "1:15 want a path from the document, such as ../scenarios/web.yaml, got \"/etc/passwd\""},
        {"x\n<!-- what follows\n```console\n$ podsim run\n```\n", "2:1 this comment does not end: want --> after it"},
        {"x\n<!-- doctest: skip -->\ny\n", "2:1 there is no block after this to skip"},
    };
    arena_reset(&arena);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].text);
        CHECK_STR(steps_of(rows[i].text, DOCTEST_PODSIM_ONLY), rows[i].want);
    }
}

/* ---- outputs ---- */

static void dots_stand_for_anything(void)
{
    static const struct {
        const char *shown, *seen;
        bool same;
    } rows[] = {
        {"", "", true},
        {"a\n", "a\n\n\n", true},
        {"a  \n", "a\n", true},
        {"a\n", "b\n", false},
        {"a\n", "", false},
        {"", "a\n", false},
        {"in ... ms\n", "in 12.5 ms\n", true},
        {"in ... ms\n", "in 12.5 s\n", false},
        {"a...b...c\n", "a1b2b3c\n", true},
        {"a...b...c\n", "a1c2b\n", false},
        {"... and 3 more\n", "... and 3 more\n", true},
        {"a\n...\nz\n", "a\nz\n", true},
        {"a\n...\nz\n", "a\nb\nc\nz\n", true},
        {"a\n...\nm\n...\nz\n", "a\nb\nm\nm\nz\n", true},
        {"a\n...\nz\n", "a\nb\nc\n", false},
        {"...\n", "a\nb\n", true},
        {"...\nz\n", "a\nb\n", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf diff = STRBUF_INIT, update = STRBUF_INIT;
        tap_row("%s", rows[i].shown);
        CHECK_INT(doctest_match(rows[i].shown, rows[i].seen, 1, &diff, &update), rows[i].same);
        CHECK_INT(diff.len == 0, rows[i].same);
        strbuf_fini(&diff);
        strbuf_fini(&update);
    }
}

static void an_update_keeps_what_is_right(void)
{
    static const struct {
        const char *shown, *seen, *update, *diff;
    } rows[] = {
        {"a\nin ... ms\nb\n", "a\nin 3 ms\nc\n", "a\nin ... ms\nc\n", "@@ line 10 @@\n a\n in ... ms\n-b\n+c\n"},
        {"a\n...\nz\n", "b\nc\nd\nz\n", "b\n...\nz\n", "@@ line 10 @@\n-a\n+b\n ...\n z\n"},
        {"", "x\n", "x\n", "@@ line 10 @@\n+x\n"},
        {"x\ny\n", "y\n", "y\n", "@@ line 10 @@\n-x\n y\n"},
        {"1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\n7\n", "1\n2\n3\n4\n5\n7\n", "@@ line 12 @@\n 3\n 4\n 5\n-6\n+7\n"},
        {"a\nb\n", "c\nd\n", "c\nd\n", "@@ line 10 @@\n-a\n-b\n+c\n+d\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf diff = STRBUF_INIT, update = STRBUF_INIT, nothing = STRBUF_INIT;
        tap_row("%zu", i);
        CHECK(!doctest_match(rows[i].shown, rows[i].seen, 10, &diff, &update));
        CHECK_STR(strbuf_str(&diff), rows[i].diff);
        CHECK_STR(strbuf_str(&update), rows[i].update);
        CHECK(doctest_match(strbuf_str(&update), rows[i].seen, 10, &nothing, &nothing));
        strbuf_fini(&diff);
        strbuf_fini(&update);
        strbuf_fini(&nothing);
    }
}

static void long_outputs_are_compared_too(void)
{
    struct strbuf a = STRBUF_INIT, b = STRBUF_INIT, diff = STRBUF_INIT, update = STRBUF_INIT;
    for (int i = 0; i < 20000; i++) {
        strbuf_printf(&a, "%d\n", i);
        strbuf_printf(&b, "%d\n", i == 3 || i == 19999 ? -i : i);
    }
    CHECK(!doctest_match(strbuf_str(&a), strbuf_str(&b), 1, &diff, &update));
    CHECK_STR(strbuf_str(&update), strbuf_str(&b));
    strbuf_fini(&a);
    strbuf_fini(&b);
    strbuf_fini(&diff);
    strbuf_fini(&update);
}

/* ---- changes ---- */

static void a_change_fits_once(void)
{
    static const struct {
        const char *text, *diff, *want; /* NULL = it does not fit */
        uint32_t line;
    } rows[] = {
        {"a\nb\nc\n", "-b\n+x\n+y\n", "a\nx\ny\nc\n", 0},
        {"a\nb\nc\n", " b\n+x\n", "a\nb\nx\nc\n", 0},
        {"a\nb", "-b\n", "a\n", 0},
        {"a\nb\na\nb\n", "@@ -1 +1 @@\n a\n-b\n+c\n a\n", "a\nc\na\nb\n", 0},
        {"a\nb\nc\nd\n", "--- a/x\n+++ b/x\n@@\n-a\n+1\n@@ -4 +4 @@\n-d\n+4\n", "1\nb\nc\n4\n", 0},
        {"a\nb\na\n", "-a\n", NULL, 1},
        {"a\nb\n", "@@\n-a\n@@\n-x\n", NULL, 4},
        {"a\nb\n", "+x\n", NULL, 1},
        {"ab\n", "-a\n", NULL, 1},
        {"a\n", "", NULL, 1},
        {"a\n\nb\n", " a\n\n-b\n+c\n", "a\n\nc\n", 0},
    };
    arena_reset(&arena);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf out = STRBUF_INIT;
        uint32_t line = 0;
        tap_row("%s", rows[i].diff);
        int result = doctest_patch(&arena, rows[i].text, rows[i].diff, &out, &line);
        CHECK_INT(result, rows[i].want ? 0 : -1);
        if (rows[i].want)
            CHECK_STR(strbuf_str(&out), rows[i].want);
        else
            CHECK_UINT(line, rows[i].line);
        strbuf_fini(&out);
    }
}

/* ---- commands ---- */

static void commands_are_known_by_their_first_word(void)
{
    static const struct {
        const char *line;
        enum doctest_command_kind kind;
    } rows[] = {
        {"podsim run a.yaml", DOCTEST_PODSIM},
        {"CI=true podsim test", DOCTEST_PODSIM},
        {"cat a", DOCTEST_PROGRAM},
        {"echo $?", DOCTEST_STATUS},
        {"echo hello", DOCTEST_OTHER},
        {"kubectl get", DOCTEST_OTHER},
        {"podsimx", DOCTEST_OTHER},
        {"", DOCTEST_OTHER},
        {"A=1", DOCTEST_OTHER},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].line);
        CHECK_INT(doctest_command_kind(rows[i].line), rows[i].kind);
    }
}

static void commands_run_in_a_directory_of_their_own(void)
{
    static const struct {
        const char *line, *out;
        int code;
        const char *why;
    } rows[] = {
        {"mkdir a", "", 0, ""},
        {"cp /etc/passwd x", "", -1, "/etc/passwd: a document's commands stay in its own directory"},
        {"cat a/../../x", "", -1, "a/../../x: a document's commands stay in its own directory"},
        {"ls", "a\n", 0, ""},
        {"ls > \"b c\"", "", 0, ""},
        {"cat 'b c'", "a\nb c\n", 0, ""},
        {"cat b\\ c", "a\nb c\n", 0, ""},
        {"cat nothing", "cat: nothing: No such file or directory\n", 1, ""},
        {"ls | cat", "", -1, "'|' wants a shell: doctest runs single commands, other lines with --allow-shell"},
        {"cat $HOME", "", -1, "'$' wants a shell: doctest runs single commands, other lines with --allow-shell"},
        {"cat 'x", "", -1, "a quote (') is not closed"},
        {"rm -r a", "", 0, ""},
    };
    struct doctest_place place;
    CHECK_INT(doctest_place_init(&place), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf out = STRBUF_INIT, why = STRBUF_INIT;
        tap_row("%s", rows[i].line);
        CHECK_INT(doctest_run(&place, place.directory, rows[i].line, false, &out, &why), rows[i].code);
        CHECK_STR(strbuf_str(&out), rows[i].out);
        CHECK_STR(strbuf_str(&why), rows[i].why);
        strbuf_fini(&out);
        strbuf_fini(&why);
    }
    struct strbuf out = STRBUF_INIT, why = STRBUF_INIT;
    CHECK_INT(doctest_run(&place, place.directory, "echo a | cat; exit 3", true, &out, &why), 3);
    CHECK_STR(strbuf_str(&out), "a\n");
    strbuf_fini(&out);
    strbuf_fini(&why);
    doctest_place_fini(&place, false);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(blocks_have_their_meaning),
        TAP_TEST(mistakes_in_documents_have_their_place),
        TAP_TEST(dots_stand_for_anything),
        TAP_TEST(an_update_keeps_what_is_right),
        TAP_TEST(long_outputs_are_compared_too),
        TAP_TEST(a_change_fits_once),
        TAP_TEST(commands_are_known_by_their_first_word),
        TAP_TEST(commands_run_in_a_directory_of_their_own),
    };
    arena_init(&arena, 0);
    int failed = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&arena);
    return failed;
}
