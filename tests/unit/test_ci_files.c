/* test_ci_files.c - the files that other people's CI reads: they are YAML, and have what their readers ask for.
 * usage: test_ci_files SOURCE_ROOT
 */
#include "model/value.h"

#include <stdlib.h>

#include "tests/unit/tap.h"

static const char *root;
static struct arena arena;
static struct diag_set diags;

/* The one document of a file of the source tree. */
static const struct value *read_yaml(const char *name)
{
    struct document_list docs = {0};
    char path[4096], text[1 << 16];
    snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *f = fopen(path, "rb");
    size_t len = f ? fread(text, 1, sizeof text, f) : 0;
    CHECK(f && len > 0 && len < sizeof text);
    if (f)
        fclose(f);
    CHECK_INT(value_parse(&arena, &diags, name, text, len, &docs), 0);
    CHECK_UINT(docs.count, 1);
    return docs.count ? docs.items[0].root : NULL;
}

static const char *text_at(const struct value *v, const char *key)
{
    const struct value *found = v ? value_get(v, key) : NULL;
    return found && found->text ? found->text : "";
}

/* https://pre-commit.com, "Creating new hooks", lists the keys. */
static void hooks_have_what_pre_commit_wants(void)
{
    static const char *const keys[] = {"id", "name", "entry", "language"};
    const struct value *hooks = read_yaml(".pre-commit-hooks.yaml");
    CHECK(hooks && hooks->type == VALUE_LIST && hooks->count == 2);
    for (uint32_t i = 0; hooks && i < hooks->count; i++) {
        tap_row("hook %u", i);
        for (size_t k = 0; k < ARRAY_LEN(keys); k++)
            CHECK(*text_at(hooks->items[i], keys[k]));
        CHECK_STR(text_at(hooks->items[i], "language"), "system");
    }
}

static void inputs_are_described(const struct value *inputs)
{
    CHECK(inputs && inputs->type == VALUE_MAP);
    for (uint32_t i = 0; inputs && i < inputs->count; i++) {
        tap_row("input %s", inputs->entries[i].key);
        CHECK(*text_at(inputs->entries[i].value, "description"));
        CHECK(value_get(inputs->entries[i].value, "default") != NULL);
    }
    tap_row("%s", "");
}

/* Every ${{ inputs.x }} is an input, every input is used. */
static void inputs_are_used(const struct value *inputs, const struct value *steps)
{
    struct strbuf used = STRBUF_INIT;
    const struct value *env = value_get(steps->items[0], "env"), *with = value_get(steps->items[1], "with");
    for (uint32_t i = 0; env && i < env->count; i++)
        strbuf_printf(&used, "%s ", env->entries[i].value->text);
    for (uint32_t i = 0; with && i < with->count; i++)
        strbuf_printf(&used, "%s ", with->entries[i].value->text);
    strbuf_printf(&used, "%s ", text_at(steps->items[1], "if"));
    for (uint32_t i = 0; i < inputs->count; i++) {
        char want[100];
        snprintf(want, sizeof want, "inputs.%s ", inputs->entries[i].key);
        CHECK_CONTAINS(strbuf_str(&used), want);
    }
    for (const char *at = strbuf_str(&used); (at = strstr(at, "inputs.")) != NULL;) {
        char name[50] = "";
        at += strlen("inputs.");
        memcpy(name, at, strcspn(at, " ") < sizeof name ? strcspn(at, " ") : 0);
        tap_row("%s", name);
        CHECK(value_get(inputs, name) != NULL);
    }
    tap_row("%s", "");
    strbuf_fini(&used);
}

static void the_action_is_composite(void)
{
    const struct value *action = read_yaml("action.yml"), *runs = action ? value_get(action, "runs") : NULL;
    const struct value *steps = runs ? value_get(runs, "steps") : NULL,
                       *inputs = action ? value_get(action, "inputs") : NULL;
    CHECK(*text_at(action, "name"));
    CHECK(*text_at(action, "description"));
    CHECK_STR(text_at(runs, "using"), "composite");
    inputs_are_described(inputs);
    CHECK(steps && steps->type == VALUE_LIST && steps->count == 2);
    if (!steps || steps->count != 2 || !inputs)
        return;
    CHECK_STR(text_at(steps->items[0], "shell"), "sh");
    CHECK_CONTAINS(text_at(steps->items[0], "run"), "ci/action.sh");
    CHECK(strstr(text_at(steps->items[0], "run"), "${{") == NULL);
    CHECK_CONTAINS(text_at(steps->items[1], "uses"), "actions/upload-artifact@");
    inputs_are_used(inputs, steps);
}

static void the_gitlab_template_reports_junit(void)
{
    const struct value *file = read_yaml("ci/gitlab.yml"), *job = file ? value_get(file, ".podsim") : NULL;
    const struct value *script = job ? value_get(job, "script") : NULL;
    const struct value *artifacts = job ? value_get(job, "artifacts") : NULL;
    CHECK(file && file->count == 1);
    CHECK(script && script->type == VALUE_LIST && script->count == 1);
    CHECK(artifacts != NULL);
    if (!artifacts || !script)
        return;
    CHECK_CONTAINS(script->items[0]->text, text_at(value_get(artifacts, "reports"), "junit"));
    CHECK_STR(text_at(artifacts, "when"), "always");
    CHECK(job && value_get(job, "image") == NULL);
}

int main(int argc, char **argv)
{
    static const struct tap_test tests[] = {
        TAP_TEST(hooks_have_what_pre_commit_wants),
        TAP_TEST(the_action_is_composite),
        TAP_TEST(the_gitlab_template_reports_junit),
    };
    if (argc != 2)
        return 99;
    root = argv[1];
    arena_init(&arena, 0);
    diag_init(&diags);
    int result = tap_run(tests, ARRAY_LEN(tests));
    diag_fini(&diags);
    arena_fini(&arena);
    return result;
}
