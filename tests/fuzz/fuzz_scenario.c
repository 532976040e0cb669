/* fuzz_scenario.c - any text as a scenario: its cases, and each of them loaded.
 *
 * Findings: a crash; a diagnostic that stands nowhere in its file; a list of cases that loading disagrees with; a value
 * of a parameter whose characters have no place in the file; a second load that says something else than the first.
 */
#include "model/scenario.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* the fuzzer's name for it */

enum { CASES_LOADED = 4, TEXT_MAX = 20000 };

/* Two files to include, one of them wrong. */
static int read_file(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                     const char **ret_error)
{
    static const char good[] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"${{a}}\"}\n";
    static const char bad[] = "apiVersion: podsim.dev/v1\nkind: Scenario\n---\n}\n";
    (void)ctx, (void)a;
    *ret_error = "no such file";
    if (strcmp(path, "good.yaml") != 0 && strcmp(path, "bad.yaml") != 0)
        return -1;
    *ret_text = *path == 'g' ? good : bad;
    *ret_len = strlen(*ret_text);
    return 0;
}

static uint32_t line_count(const struct diag_file *f)
{
    uint32_t lines = 1;
    for (size_t i = 0; i < f->text_len; i++)
        lines += f->text[i] == '\n' || f->text[i] == '\r';
    return lines;
}

static void check_places(const struct diag_set *d)
{
    for (uint32_t i = 0; i < d->diags.count; i++) {
        const struct diag *g = pool_at(&d->diags, i);
        if (g->at.file == DIAG_NO_FILE || g->at.line == 0)
            continue;
        ASSERT(g->at.file < d->files.count);
        ASSERT(g->at.line <= line_count(pool_at(&d->files, g->at.file)) + 1); /* behind the last line break */
        ASSERT(g->at.column >= 1);
    }
}

/* What is said of one case, the same for the same input. */
static int load(struct arena *a, const struct scenario_source *source, struct strbuf *said)
{
    struct diag_set diags;
    struct scenario scenario;
    diag_init(&diags);
    int result = scenario_load_source(a, &diags, source, &scenario);
    ASSERT((result == 0) == (diags.error_count == 0));
    check_places(&diags);
    diag_print(&diags, said, 0);
    for (uint32_t i = 0; source->settings.count && i < diags.diags.count; i++) { /* which case it is is clear */
        const struct diag *g = pool_at(&diags.diags, i);
        ASSERT(g->level == DIAG_NOTE || g->code != CODE_CASE);
    }
    diag_fini(&diags);
    return result;
}

static void check_case(struct arena *a, struct scenario_source *source, const struct scenario_case *c)
{
    struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;
    source->settings = c->settings;
    load(a, source, &first);
    load(a, source, &second);
    ASSERT(first.len == second.len);
    ASSERT(memcmp(strbuf_str(&first), strbuf_str(&second), first.len) == 0);
    for (const char *s = c->file_label; *s; s++)
        ASSERT(*s != '/' && (unsigned char)*s > ' ' && (unsigned char)*s < 0x7f);
    strbuf_fini(&first);
    strbuf_fini(&second);
}

static void check_labels(const struct scenario_outline *o)
{
    for (uint32_t i = 1; i < o->cases.count && i < 50; i++) {
        ASSERT(strcmp(o->cases.items[i - 1].label, o->cases.items[i].label) != 0);
        ASSERT(strcmp(o->cases.items[i - 1].file_label, o->cases.items[i].file_label) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct diag_set diags;
    struct scenario_outline outline;
    struct strbuf said = STRBUF_INIT;
    if (size > TEXT_MAX)
        return 0;
    arena_init(&arena, 0);
    diag_init(&diags);
    const struct scenario_input input = {"s.yaml", (const char *)data, size};
    struct scenario_source source = {.inputs = &input, .count = 1, .read_file = read_file};
    int result = scenario_outline(&arena, &diags, &source, &outline);
    ASSERT((result == 0) == (diags.error_count == 0));
    check_places(&diags);
    if (result == 0) {
        ASSERT(outline.cases.count >= 1);
        check_labels(&outline);
        for (uint32_t i = 0; i < outline.cases.count && i < CASES_LOADED; i++)
            check_case(&arena, &source, &outline.cases.items[i]);
    } else {
        ASSERT(load(&arena, &source, &said) < 0);
    }
    strbuf_fini(&said);
    diag_fini(&diags);
    arena_fini(&arena);
    return 0;
}
