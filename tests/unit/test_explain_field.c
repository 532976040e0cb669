/* podsim explain-field: the layout of kubectl explain, from every table there is. */
#include "model/doc_roots.h"
#include "model/explain_field.h"
#include "tests/unit/tap.h"

static struct arena arena;
static struct strbuf out, complaint;

static int explain(const char *path, bool recursive)
{
    strbuf_reset(&out);
    strbuf_reset(&complaint);
    return explain_field(&arena, path, recursive, &out, &complaint);
}

static void a_field_is_explained_as_kubectl_does(void)
{
    CHECK_INT(explain("scenario.spec.stop", false), 0);
    CHECK_CONTAINS(strbuf_str(&out), "GROUP:      podsim.dev\n"
                                     "KIND:       Scenario\n"
                                     "VERSION:    v1\n"
                                     "\n"
                                     "FIELD: stop <ScenarioStop>\n"
                                     "\n"
                                     "DESCRIPTION:\n"
                                     "    When the run ends.\n"
                                     "    When the run ends: at whatever comes first.\n"
                                     "\n"
                                     "FIELDS:\n"
                                     "  after\t<Duration>\n"
                                     "    The run ends at this time.");
    CHECK_INT(explain("deploy", false), 0);
    CHECK_CONTAINS(strbuf_str(&out), "GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\nDESCRIPTION:\n");
    CHECK_INT(explain("pods.spec.containers[0].imagePullPolicy", false), 0);
    CHECK_CONTAINS(strbuf_str(&out),
                   "FIELD: imagePullPolicy <string>\nENUM:\n    Always\n    IfNotPresent\n    Never\n\nDESCRIPTION:\n");
    CHECK_INT(explain("kubeletconfiguration", false), 0);
    CHECK_CONTAINS(strbuf_str(&out), "  syncFrequency\t<Duration> -not modelled-\n");
    CHECK_INT(explain("scenario.spec.timing", false), 0);
    CHECK_CONTAINS(strbuf_str(&out), "  profile\t<string>\n  enum: instant, jittered, ref, typical\n");
    CHECK_INT(explain("scenario.spec.nodes.cpu", false), 0);
    CHECK_CONTAINS(strbuf_str(&out), "CPU capacity. Default: 4.\n");
}

static void recursion_ends(void)
{
    CHECK_INT(explain("behaviour", true), 0); /* its runs are behaviours */
    CHECK_CONTAINS(strbuf_str(&out), "  runs\t<[]Behaviour>\n");
    CHECK_INT(explain("imagecatalogue.images", true), 0);
    CHECK_CONTAINS(strbuf_str(&out), "  name\t<string> -required-\n");
    CHECK_INT(explain("scenario", true), 0);
    CHECK_CONTAINS(strbuf_str(&out), "    actions\t<[]ScenarioAction>\n      at\t<Duration> -required-\n");
}

static void what_there_is_not_is_told(void)
{
    static const struct {
        const char *path, *want;
    } rows[] = {
        {"scenaro", "there is no kind \"scenaro\", did you mean \"scenario\"?"},
        {"zzz.spec", "there is no kind \"zzz\""},
        {"", "there is no kind \"\""},
        {"scenario.spec.actons", "field \"actons\" does not exist in scenario.spec, did you mean \"actions\"?"},
        {"scenario.spec.seed.x", "field \"x\" does not exist in scenario.spec.seed"},
        {"pod..spec", "field \"\" does not exist in pod"},
        {"po.Spec", "field \"Spec\" does not exist in po, did you mean \"spec\"?"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].path);
        CHECK_INT(explain(rows[i].path, false), -1);
        CHECK_STR(strbuf_str(&complaint), rows[i].want);
        CHECK_STR(strbuf_str(&out), "");
    }
}

/* Every field can be asked for by its path, says something, and keeps to the width. */
static void walk(const char *path, const struct api_type *type, int depth)
{
    for (uint32_t i = 0; depth < 6 && i < type->field_count; i++) {
        const struct api_field *f = &type->fields[i];
        const char *below = arena_printf(&arena, "%s.%s", path, f->name);
        tap_row("%s", below);
        CHECK_INT(explain(below, false), 0);
        CHECK(f->doc && *f->doc);
        if (f->type && f->type != type)
            walk(below, f->type, depth + 1);
    }
}

static void every_field_is_explained(void)
{
    struct doc_root all[DOC_ROOTS_MAX];
    uint32_t count = doc_roots(all);
    CHECK(count > 10);
    for (uint32_t i = 0; i < count; i++)
        walk(all[i].name, all[i].type, all[i].api_version && *all[i].api_version == 'p' ? 0 : 3);
}

static void lines_are_wrapped(void)
{
    CHECK_INT(explain("scenario.spec", false), 0);
    for (const char *line = strbuf_str(&out); *line;) {
        size_t n = strcspn(line, "\n");
        if (n > 80)
            CHECK_STR(line, "a line of at most 80 characters");
        line += n + (line[n] == '\n');
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_field_is_explained_as_kubectl_does),
        TAP_TEST(recursion_ends),
        TAP_TEST(what_there_is_not_is_told),
        TAP_TEST(every_field_is_explained),
        TAP_TEST(lines_are_wrapped),
    };
    arena_init(&arena, 0);
    return tap_run(tests, ARRAY_LEN(tests));
}
