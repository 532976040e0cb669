/* test_github.c - results for GitHub Actions: annotations in the log, and the step's summary page.
 *
 * A step may have ten annotations of a level and more are dropped without a word, so only the first ten failures become
 * some; the summary has all of them. A summary may have 1 MiB.
 * docs.github.com: "Workflow commands for GitHub Actions".
 */
#include "report/test_result.h"

enum { ANNOTATIONS_MAX = 10, SUMMARY_MAX = 900 * 1024 };

/* As actions/toolkit does: in a property, what separates properties is escaped, too. */
static void put_escaped(struct strbuf *out, const char *text, bool property)
{
    for (; *text; text++) {
        bool special = *text == '%' || *text == '\r' || *text == '\n' || (property && (*text == ':' || *text == ','));
        if (special)
            strbuf_printf(out, "%%%02X", (unsigned char)*text);
        else
            strbuf_putc(out, *text);
    }
}

static void put_property(struct strbuf *out, const char *separator, const char *name, const char *text)
{
    strbuf_printf(out, "%s%s=", separator, name);
    put_escaped(out, text, true);
}

static void put_annotation(struct strbuf *out, const struct test_run *run, const struct test_result *r,
                           const struct check_result *c)
{
    const char *file = c->file ? c->file : r->file;
    struct strbuf path = STRBUF_INIT;
    strbuf_printf(&path, "%s%s", run->directory && *file != '/' ? run->directory : "", file);
    struct strbuf title = STRBUF_INIT;
    strbuf_printf(&title, "%s: %s", r->id, c->name);
    strbuf_puts(out, "::error");
    put_property(out, " ", "file", strbuf_str(&path));
    strbuf_fini(&path);
    if (c->line)
        strbuf_printf(out, ",line=%" PRIu32, c->line);
    if (c->line && c->column)
        strbuf_printf(out, ",col=%" PRIu32, c->column);
    put_property(out, ",", "title", strbuf_str(&title));
    strbuf_puts(out, "::");
    put_escaped(out, c->message ? c->message : "failed", false);
    if (r->reproduce) {
        strbuf_puts(out, "%0Areproduce: ");
        put_escaped(out, r->reproduce, false);
    }
    strbuf_putc(out, '\n');
    strbuf_fini(&title);
}

/* In a cell of a Markdown table, as it is. */
static void put_cell(struct strbuf *out, const char *text)
{
    strbuf_putc(out, ' ');
    for (; *text; text++) {
        if (*text == '<')
            strbuf_puts(out, "&lt;");
        else if (*text == '&')
            strbuf_puts(out, "&amp;");
        else if (*text == '\n' || *text == '\r')
            strbuf_putc(out, ' ');
        else {
            if (strchr("|\\`*_[]~", *text))
                strbuf_putc(out, '\\');
            strbuf_putc(out, *text);
        }
    }
    strbuf_puts(out, " |");
}

static void put_row(struct strbuf *out, const struct test_run *run, const struct test_result *r,
                    const struct check_result *c)
{
    (void)run;
    struct strbuf place = STRBUF_INIT;
    if (c->file)
        strbuf_printf(&place, c->line ? "%s:%" PRIu32 : "%s", c->file, c->line);
    strbuf_putc(out, '|');
    put_cell(out, r->id);
    put_cell(out, c->name);
    put_cell(out, c->message ? c->message : test_outcome_names[r->outcome]);
    put_cell(out, strbuf_str(&place));
    strbuf_putc(out, '\n');
    strbuf_fini(&place);
}

typedef void put_failure(struct strbuf *out, const struct test_run *run, const struct test_result *r,
                         const struct check_result *c);

/* Calls `put` for up to `max` failures, while `out` is no longer than `bytes`; returns how many there are in all. */
static uint32_t each_failure(const struct test_run *run, struct strbuf *out, put_failure *put, uint32_t max,
                             size_t bytes, uint32_t *ret_put)
{
    uint32_t count = 0;
    *ret_put = 0;
    for (uint32_t i = 0; i < run->count; i++) {
        const struct test_result *r = &run->results[i];
        struct check_result first;
        test_run_check(r, &first);
        for (uint32_t k = 0; k <= r->checks.count; k++) {
            const struct check_result *c = k ? &r->checks.items[k - 1] : &first;
            if (c->outcome != CHECK_FAILED)
                continue;
            if (count++ >= max || out->len > bytes)
                continue;
            put(out, run, r, c);
            ++*ret_put;
        }
    }
    return count;
}

static void put_counts(struct strbuf *out, const struct test_run *run)
{
    struct test_counts n;
    test_count(run, &n);
    strbuf_puts(out, "### podsim test\n\n");
    for (int i = 0, shown = 0; i < TEST_OUTCOME_COUNT; i++)
        if (n.cases[i] || i == TEST_PASSED)
            strbuf_printf(out, "%s%" PRIu32 " %s", shown++ ? ", " : "", n.cases[i],
                          i == TEST_SKIPPED ? "not run" : test_outcome_names[i]);
    strbuf_printf(out, "; %" PRIu32 " checks%s\n", n.checks, run->interrupted ? "; interrupted" : "");
}

/* Nothing in a fence of four may end it. */
static void put_commands(struct strbuf *out, const struct test_run *run)
{
    strbuf_puts(out, "\n<details><summary>To see them again</summary>\n\n````sh\n");
    for (uint32_t i = 0; i < run->count && out->len < SUMMARY_MAX; i++) {
        const struct test_result *r = &run->results[i];
        if (!test_is_fine(r) && r->reproduce)
            strbuf_printf(out, "%s\n", r->reproduce);
    }
    strbuf_puts(out, "````\n\n</details>\n");
}

static void put_summary(struct strbuf *out, const struct test_run *run)
{
    uint32_t shown;
    struct strbuf rows = STRBUF_INIT;
    uint32_t failures = each_failure(run, &rows, put_row, UINT32_MAX, SUMMARY_MAX / 2, &shown);
    put_counts(out, run);
    if (failures) {
        strbuf_puts(out, "\n| case | check | what was seen | where |\n|---|---|---|---|\n");
        strbuf_add(out, strbuf_str(&rows), rows.len);
        if (shown < failures)
            strbuf_printf(out, "\n... and %" PRIu32 " more\n", failures - shown);
        put_commands(out, run);
    }
    strbuf_fini(&rows);
}

void test_github(const struct test_run *run, struct strbuf *annotations, struct strbuf *summary)
{
    uint32_t shown;
    if (annotations) {
        uint32_t failures = each_failure(run, annotations, put_annotation, ANNOTATIONS_MAX, SIZE_MAX, &shown);
        if (shown < failures)
            strbuf_printf(annotations,
                          "::notice title=podsim test::%" PRIu32 " more failures are in the step's summary\n",
                          failures - shown);
    }
    if (summary)
        put_summary(summary, run);
}
