/* test_tap.c - results as TAP version 14 (https://testanything.org): a test point per case, with a subtest whose points
 * are its checks; what failed, as YAML. Version 13 has no subtests, and readers of it (meson, `prove` of perl
 * before 5.38) want to know every line: there the subtest of a case that failed is a comment.
 */
#include <string.h>

#include "report/test_result.h"

enum { SUBTEST_INDENT = 4, YAML_INDENT = 2 };

/* A description ends at the line's end, and a # would begin a directive. */
static void put_description(struct strbuf *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '#' || c == '\\')
            strbuf_putc(out, '\\');
        strbuf_putc(out, c < ' ' || c == 0x7f ? ' ' : (char)c);
    }
}

/* JSON strings are YAML. */
static void put_key(struct strbuf *out, size_t indent, const char *key, const char *text)
{
    if (!text)
        return;
    strbuf_fill(out, ' ', indent);
    strbuf_printf(out, "%s: ", key);
    strbuf_json(out, text);
    strbuf_putc(out, '\n');
}

/* Can it be written as a literal block? The first line tells how far a block is indented. */
static bool fits_block(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    if (*p <= ' ')
        return false;
    for (; *p; p++)
        if ((*p < ' ' && *p != '\n') || *p >= 0x7f)
            return false;
    return true;
}

static void put_block(struct strbuf *out, size_t indent, const char *key, const char *text)
{
    if (!text || !fits_block(text)) {
        put_key(out, indent, key, text);
        return;
    }
    strbuf_fill(out, ' ', indent);
    strbuf_printf(out, "%s: |\n", key);
    while (*text) {
        size_t n = strcspn(text, "\n");
        strbuf_fill(out, ' ', indent + YAML_INDENT); /* empty lines, too: perl's reader wants it */
        strbuf_add(out, text, n);
        strbuf_putc(out, '\n');
        text += n + (text[n] == '\n');
    }
}

static void put_place(struct strbuf *out, size_t indent, const struct check_result *c)
{
    if (!c->file)
        return;
    strbuf_fill(out, ' ', indent);
    strbuf_puts(out, "at:\n");
    put_key(out, indent + 2, "file", c->file);
    if (c->line) {
        strbuf_fill(out, ' ', indent + 2);
        strbuf_printf(out, "line: %" PRIu32 "\n", c->line);
    }
    if (c->line && c->column) {
        strbuf_fill(out, ' ', indent + 2);
        strbuf_printf(out, "column: %" PRIu32 "\n", c->column);
    }
}

static void put_marker(struct strbuf *out, size_t indent, const char *marker)
{
    strbuf_fill(out, ' ', indent);
    strbuf_printf(out, "%s\n", marker);
}

static void put_check(struct strbuf *out, uint32_t number, const struct check_result *c)
{
    strbuf_fill(out, ' ', SUBTEST_INDENT);
    strbuf_printf(out, "%sok %" PRIu32 " - ", c->outcome == CHECK_FAILED ? "not " : "", number);
    put_description(out, c->name);
    if (c->outcome == CHECK_SKIPPED) {
        strbuf_puts(out, " # SKIP ");
        put_description(out, c->message ? c->message : "");
    }
    strbuf_putc(out, '\n');
    if (c->outcome != CHECK_FAILED)
        return;
    enum { INDENT = SUBTEST_INDENT + YAML_INDENT };
    put_marker(out, INDENT, "---");
    put_key(out, INDENT, "message", c->message ? c->message : "");
    put_place(out, INDENT, c);
    put_block(out, INDENT, "details", c->details);
    put_marker(out, INDENT, "...");
}

static void put_subtest(struct strbuf *out, const struct test_result *r)
{
    struct check_result run;
    test_run_check(r, &run);
    strbuf_puts(out, "# Subtest: ");
    put_description(out, r->id);
    strbuf_putc(out, '\n');
    strbuf_fill(out, ' ', SUBTEST_INDENT);
    strbuf_printf(out, "1..%" PRIu32 "\n", r->checks.count + 1);
    put_check(out, 1, &run);
    for (uint32_t i = 0; i < r->checks.count; i++)
        put_check(out, i + 2, &r->checks.items[i]);
}

/* The same, each line a comment. */
static void put_comment(struct strbuf *out, const struct test_result *r)
{
    struct strbuf lines = STRBUF_INIT;
    put_subtest(&lines, r);
    for (const char *p = strbuf_str(&lines); *p;) {
        size_t n = strcspn(p, "\n");
        strbuf_puts(out, *p == '#' ? "" : "# ");
        strbuf_add(out, p, n);
        strbuf_putc(out, '\n');
        p += n + (p[n] == '\n');
    }
    strbuf_fini(&lines);
}

static void put_case(struct strbuf *out, const struct test_run *run, uint32_t number, const struct test_result *r)
{
    if (run->tap_version == 13 && !test_is_fine(r))
        put_comment(out, r);
    else if (run->tap_version != 13 && r->outcome != TEST_SKIPPED)
        put_subtest(out, r);
    strbuf_printf(out, "%sok %" PRIu32 " - ", test_is_fine(r) ? "" : "not ", number);
    put_description(out, r->id);
    if (r->outcome == TEST_SKIPPED) {
        strbuf_puts(out, " # SKIP ");
        put_description(out, r->reason ? r->reason : "");
    }
    strbuf_putc(out, '\n');
    if (r->outcome == TEST_SKIPPED || (test_is_fine(r) && !run->times))
        return;
    put_marker(out, YAML_INDENT, "---");
    put_key(out, YAML_INDENT, "outcome", test_outcome_names[r->outcome]);
    put_key(out, YAML_INDENT, "message", r->reason);
    if (!test_is_fine(r)) {
        put_key(out, YAML_INDENT, "reproduce", r->reproduce);
        put_key(out, YAML_INDENT, "look", r->look);
    }
    if (run->times)
        strbuf_printf(out, "  duration_ms: %" PRId64 ".%03" PRId64 "\n", r->wall_ns / 1000000,
                      r->wall_ns / 1000 % 1000);
    put_marker(out, YAML_INDENT, "...");
}

void test_tap(const struct test_run *run, struct strbuf *out)
{
    strbuf_printf(out, "TAP version %" PRIu32 "\n1..%" PRIu32 "\n", run->tap_version == 13 ? 13 : 14, run->count);
    for (uint32_t i = 0; i < run->count; i++)
        put_case(out, run, i + 1, &run->results[i]);
}
