/* test_junit.c - results as JUnit XML, in the dialect that CI servers agree on: https://github.com/testmoapp/junitxml.
 *
 * A suite is a case; a testcase is a check of it, the first one "run". GitLab shows the classname as the suite, so
 * that is the path without its extension; Jenkins cuts it at dots, so parameters stand with the name. A failure's
 * message is in the attribute and in the body, since each server shows only one of them.
 */
#include <string.h>

#include "report/test_result.h"

/* Length of the UTF-8 sequence at p that XML 1.0 allows as a character; 0 = none is there. */
static size_t xml_character(const unsigned char *p)
{
    if (*p < 0x80)
        return *p >= ' ' || *p == '\t' || *p == '\n';
    size_t n = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
    if (*p < 0xc2 || *p > 0xf4)
        return 0;
    uint32_t code = *p & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3fu);
    }
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < smallest[n] || surrogate || code == 0xfffe || code == 0xffff || code > 0x10ffff ? 0 : n;
}

/* What cannot stand in XML at all, such as the escape character of colours, is spelled: \x1b. */
static void put_text(struct strbuf *out, const char *text, bool in_attribute)
{
    static const struct {
        char c;
        bool in_attribute_only;
        const char *entity;
    } entities[] = {{'&', false, "&amp;"}, {'<', false, "&lt;"},  {'>', false, "&gt;"},
                    {'"', true, "&quot;"}, {'\n', true, "&#10;"}, {'\t', true, "&#9;"}};
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        const char *entity = NULL;
        for (size_t i = 0; i < ARRAY_LEN(entities) && !entity; i++)
            if (*p == (unsigned char)entities[i].c && (in_attribute || !entities[i].in_attribute_only))
                entity = entities[i].entity;
        size_t n = xml_character(p);
        if (entity)
            strbuf_puts(out, entity);
        else if (n)
            strbuf_add(out, p, n);
        else
            strbuf_printf(out, "\\x%02x", *p);
        p += n ? n : 1;
    }
}

static void put_attribute(struct strbuf *out, const char *name, const char *text)
{
    strbuf_printf(out, " %s=\"", name);
    put_text(out, text, true);
    strbuf_putc(out, '"');
}

static void put_number(struct strbuf *out, const char *name, uint64_t n)
{
    strbuf_printf(out, " %s=\"%" PRIu64 "\"", name, n);
}

/* Wall seconds: what the servers draw charts of. */
static void put_wall(struct strbuf *out, const struct test_run *run, int64_t ns)
{
    const int64_t us = 1000;
    if (run->times)
        strbuf_printf(out, " time=\"%" PRId64 ".%06" PRId64 "\"", ns / (1000000 * us), ns / us % 1000000);
}

static void put_property(struct strbuf *out, const char *name, const char *value)
{
    strbuf_puts(out, "      <property");
    put_attribute(out, "name", name);
    put_attribute(out, "value", value);
    strbuf_puts(out, "/>\n");
}

static void put_properties(struct strbuf *out, const struct test_run *run, const struct test_result *r)
{
    struct strbuf value = STRBUF_INIT;
    strbuf_puts(out, "    <properties>\n");
    put_property(out, "version", run->version);
    if (r->ran) {
        put_property(out, "kubernetesVersion", r->kubernetes_version);
        strbuf_printf(&value, "%" PRIu64, r->seed);
        put_property(out, "seed", strbuf_str(&value));
        strbuf_reset(&value);
        strbuf_printf(&value, "%016" PRIx64, r->digest);
        put_property(out, "fingerprint", strbuf_str(&value));
        strbuf_reset(&value);
        strbuf_seconds(&value, r->end, 3);
        put_property(out, "simulatedSeconds", strbuf_str(&value));
    }
    if (r->reproduce)
        put_property(out, "reproduce", r->reproduce);
    strbuf_puts(out, "    </properties>\n");
    strbuf_fini(&value);
}

/* message, details, and how to see it again. */
static void put_problem(struct strbuf *out, const char *element, const struct test_result *r,
                        const struct check_result *c)
{
    strbuf_printf(out, "      <%s", element);
    put_attribute(out, "message", c->message ? c->message : "");
    put_attribute(out, "type", test_outcome_names[r->outcome]);
    strbuf_putc(out, '>');
    struct strbuf body = STRBUF_INIT;
    if (c->file && c->line)
        strbuf_printf(&body, "%s:%" PRIu32 ": ", c->file, c->line);
    strbuf_printf(&body, "%s\n", c->message ? c->message : "");
    if (c->details)
        strbuf_printf(&body, "%s\n", c->details);
    if (r->reproduce)
        strbuf_printf(&body, "reproduce: %s\n", r->reproduce);
    if (r->look)
        strbuf_printf(&body, "look: %s\n", r->look);
    put_text(out, strbuf_str(&body), false);
    strbuf_fini(&body);
    strbuf_printf(out, "</%s>\n", element);
}

/* "scenarios/web" of "scenarios/web.yaml" */
static void put_classname(struct strbuf *out, const char *file)
{
    const char *slash = strrchr(file, '/'), *dot = strrchr(file, '.');
    struct strbuf name = STRBUF_INIT;
    strbuf_add(&name, file, dot && dot > (slash ? slash : file) ? (size_t)(dot - file) : strlen(file));
    put_attribute(out, "classname", strbuf_str(&name));
    strbuf_fini(&name);
}

static void put_check(struct strbuf *out, const struct test_run *run, const struct test_result *r,
                      const struct check_result *c, bool is_run)
{
    const char *parameters = strchr(r->id + strlen(r->file), '[');
    struct strbuf name = STRBUF_INIT;
    strbuf_printf(&name, "%s%s%s", c->name, parameters ? " " : "", parameters ? parameters : "");
    strbuf_puts(out, "    <testcase");
    put_attribute(out, "name", strbuf_str(&name));
    strbuf_fini(&name);
    put_classname(out, r->file);
    put_wall(out, run, is_run ? r->wall_ns : 0); /* all checks are of one run, and cost next to nothing */
    put_attribute(out, "file", c->file ? c->file : r->file);
    if (c->line)
        put_number(out, "line", c->line);
    if (c->outcome == CHECK_PASSED) {
        strbuf_puts(out, "/>\n");
        return;
    }
    strbuf_puts(out, ">\n");
    if (c->outcome == CHECK_SKIPPED) {
        strbuf_puts(out, "      <skipped");
        put_attribute(out, "message", c->message ? c->message : "");
        strbuf_puts(out, "/>\n");
    } else {
        put_problem(out, is_run ? "error" : "failure", r, c);
    }
    strbuf_puts(out, "    </testcase>\n");
}

struct tally {
    uint64_t tests, failures, errors, skipped;
};

static void tally_case(const struct test_result *r, struct tally *t)
{
    struct check_result first;
    test_run_check(r, &first);
    t->tests += 1 + r->checks.count;
    t->errors += first.outcome == CHECK_FAILED;
    t->skipped += first.outcome == CHECK_SKIPPED;
    for (uint32_t i = 0; i < r->checks.count; i++) {
        t->failures += r->checks.items[i].outcome == CHECK_FAILED;
        t->skipped += r->checks.items[i].outcome == CHECK_SKIPPED;
    }
}

static void put_tally(struct strbuf *out, const struct tally *t)
{
    put_number(out, "tests", t->tests);
    put_number(out, "failures", t->failures);
    put_number(out, "errors", t->errors);
    put_number(out, "skipped", t->skipped);
}

static void put_case(struct strbuf *out, const struct test_run *run, const struct test_result *r)
{
    struct tally t = {0};
    struct check_result first;
    tally_case(r, &t);
    test_run_check(r, &first);
    strbuf_puts(out, "  <testsuite");
    put_attribute(out, "name", r->id);
    put_tally(out, &t);
    put_wall(out, run, r->wall_ns);
    if (run->timestamp)
        put_attribute(out, "timestamp", run->timestamp);
    put_attribute(out, "file", r->file);
    strbuf_puts(out, ">\n");
    put_properties(out, run, r);
    put_check(out, run, r, &first, true);
    for (uint32_t i = 0; i < r->checks.count; i++)
        put_check(out, run, r, &r->checks.items[i], false);
    if (r->diagnostics && first.outcome == CHECK_PASSED) { /* warnings */
        strbuf_puts(out, "    <system-err>");
        put_text(out, r->diagnostics, false);
        strbuf_puts(out, "</system-err>\n");
    }
    strbuf_puts(out, "  </testsuite>\n");
}

void test_junit(const struct test_run *run, struct strbuf *out)
{
    struct tally t = {0};
    for (uint32_t i = 0; i < run->count; i++)
        tally_case(&run->results[i], &t);
    strbuf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    put_attribute(out, "name", "podsim test");
    put_tally(out, &t);
    put_wall(out, run, run->wall_ns);
    strbuf_puts(out, ">\n");
    for (uint32_t i = 0; i < run->count; i++)
        put_case(out, run, &run->results[i]);
    strbuf_puts(out, "</testsuites>\n");
}
