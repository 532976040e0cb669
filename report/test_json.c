/* test_json.c - results as one JSON document, schema podsim.dev/test/v1 (docs/test-json.md); a case per line. */
#include "report/test_result.h"

/* Writes the comma between members, too: it is missing only after an opening brace. */
static void put_name(struct strbuf *out, const char *name)
{
    char last = out->len ? out->data[out->len - 1] : '{';
    if (last != '{' && last != '[')
        strbuf_putc(out, ',');
    strbuf_json(out, name);
    strbuf_putc(out, ':');
}

static void put_text(struct strbuf *out, const char *name, const char *text)
{
    if (!text)
        return;
    put_name(out, name);
    strbuf_json(out, text);
}

static void put_number(struct strbuf *out, const char *name, uint64_t n)
{
    put_name(out, name);
    strbuf_printf(out, "%" PRIu64, n);
}

static void put_seconds(struct strbuf *out, const char *name, int64_t ns)
{
    put_name(out, name);
    strbuf_printf(out, "%" PRId64 ".%09" PRId64, ns / SIM_SECOND, ns % SIM_SECOND);
}

static void put_texts(struct strbuf *out, const char *name, const str_list *texts)
{
    put_name(out, name);
    strbuf_putc(out, '[');
    for (uint32_t i = 0; i < texts->count; i++) {
        strbuf_puts(out, i ? "," : "");
        strbuf_json(out, texts->items[i]);
    }
    strbuf_putc(out, ']');
}

static void put_check(struct strbuf *out, const struct check_result *c)
{
    static const char *const names[] = {
        [CHECK_PASSED] = "passed", [CHECK_FAILED] = "failed", [CHECK_SKIPPED] = "skipped"};
    strbuf_putc(out, '{');
    put_text(out, "name", c->name);
    put_text(out, "outcome", names[c->outcome]);
    put_text(out, "file", c->file);
    if (c->line)
        put_number(out, "line", c->line);
    if (c->column)
        put_number(out, "column", c->column);
    if (c->outcome != CHECK_PASSED) {
        put_text(out, "message", c->message);
        put_text(out, "details", c->details);
    }
    strbuf_putc(out, '}');
}

static void put_run(struct strbuf *out, const struct test_result *r)
{
    struct strbuf digest = STRBUF_INIT;
    strbuf_printf(&digest, "%016" PRIx64, r->digest);
    put_number(out, "seed", r->seed);
    put_text(out, "kubernetesVersion", r->kubernetes_version);
    put_seconds(out, "simulatedSeconds", r->end);
    put_number(out, "events", r->events);
    put_text(out, "fingerprint", strbuf_str(&digest));
    strbuf_fini(&digest);
}

static void put_case(struct strbuf *out, const struct test_run *run, const struct test_result *r)
{
    strbuf_putc(out, '{');
    put_text(out, "id", r->id);
    put_text(out, "file", r->file);
    if (r->line)
        put_number(out, "line", r->line);
    put_text(out, "name", r->name);
    put_texts(out, "tags", &r->tags);
    put_text(out, "outcome", test_outcome_names[r->outcome]);
    put_text(out, "reason", r->reason);
    if (r->ran)
        put_run(out, r);
    if (run->times)
        put_seconds(out, "wallSeconds", r->wall_ns);
    put_name(out, "checks");
    strbuf_putc(out, '[');
    for (uint32_t i = 0; i < r->checks.count; i++) {
        strbuf_puts(out, i ? "," : "");
        put_check(out, &r->checks.items[i]);
    }
    strbuf_putc(out, ']');
    put_text(out, "diagnostics", r->diagnostics);
    if (!test_is_fine(r)) {
        put_text(out, "reproduce", r->reproduce);
        put_text(out, "look", r->look);
    }
    strbuf_putc(out, '}');
}

static void put_summary(struct strbuf *out, const struct test_run *run)
{
    struct test_counts n;
    test_count(run, &n);
    put_name(out, "summary");
    strbuf_putc(out, '{');
    put_number(out, "cases", run->count);
    for (int i = 0; i < TEST_OUTCOME_COUNT; i++)
        put_number(out, test_outcome_names[i], n.cases[i]);
    put_number(out, "checks", n.checks);
    put_number(out, "failedChecks", n.failed_checks);
    strbuf_putc(out, '}');
}

void test_json(const struct test_run *run, struct strbuf *out)
{
    strbuf_putc(out, '{');
    put_text(out, "schema", "podsim.dev/test/v1");
    put_text(out, "podsim", run->version);
    put_text(out, "started", run->timestamp);
    put_name(out, "interrupted");
    strbuf_puts(out, run->interrupted ? "true" : "false");
    if (run->times) {
        put_number(out, "jobs", run->jobs);
        put_seconds(out, "wallSeconds", run->wall_ns);
    }
    put_summary(out, run);
    put_texts(out, "obsoleteGoldens", &run->obsolete);
    put_name(out, "cases");
    strbuf_puts(out, "[\n");
    for (uint32_t i = 0; i < run->count; i++) {
        put_case(out, run, &run->results[i]);
        strbuf_puts(out, i + 1 < run->count ? ",\n" : "\n");
    }
    strbuf_puts(out, "]}\n");
}
