/* test_choose.c - choosing among the cases. */
#include "tools/test_choose.h"

#include <string.h>

#include "tools/output.h"
#include "tools/test_select.h"

static bool is_wanted(const struct options *o, const struct keyword *keyword, uint32_t shard, uint32_t shards,
                      const struct test_case *c)
{
    for (uint32_t i = 0; i < o->test.tags.count; i++)
        if (!tags_match(&c->tags, o->test.tags.items[i]))
            return false;
    if (keyword && !keyword_matches(keyword, c->id))
        return false;
    return shards == 0 || shard_of(c->id, shards) == shard;
}

static int choose(struct test_cases *cases, const struct options *o, struct strbuf *complaint)
{
    const struct keyword *keyword = NULL;
    uint32_t shard = 0, shards = 0, kept = 0, found = cases->count;
    if (o->test.keyword && !(keyword = keyword_parse(&cases->arena, o->test.keyword, complaint)))
        return -1;
    if (o->test.shard && shard_parse(o->test.shard, &shard, &shards, complaint) < 0)
        return -1;
    for (uint32_t i = 0; i < found; i++)
        if (is_wanted(o, keyword, shard, shards, &cases->items[i]))
            cases->items[kept++] = cases->items[i];
    cases->count = kept;
    if (found == 0) {
        strbuf_puts(complaint, "nothing to test: there is no Scenario, and no file with its expected timeline, in");
        for (uint32_t i = 0; i < o->files.count; i++)
            strbuf_printf(complaint, "%s %s", i ? "," : "", o->files.items[i]);
        if (o->files.count == 0)
            strbuf_puts(complaint, " the current directory");
    } else if (kept == 0 && !shards) { /* one of many shards may well be empty */
        strbuf_printf(complaint, "nothing to test: %" PRIu32 " case%s found, and none is chosen by --tag and -k", found,
                      found == 1 ? "" : "s");
    }
    return complaint->len ? -1 : 0;
}

static void note(const struct options *o, const char *text)
{
    struct strbuf line = STRBUF_INIT;
    strbuf_printf(&line, "podsim: %s\n", text);
    if (!o->quiet)
        output_error(&line);
    strbuf_fini(&line);
}

/* --last-failed, --failed-first: as pytest has it. */
static void remember_failures(struct test_cases *cases, const struct options *o, const struct test_state *state)
{
    uint32_t failed = 0;
    if (!o->test.last_failed && !o->test.failed_first)
        return;
    struct test_case *ordered = arena_array(&cases->arena, struct test_case, cases->count + 1);
    for (uint32_t i = 0; i < cases->count; i++)
        if (test_state_failed(state, &cases->items[i]))
            ordered[failed++] = cases->items[i];
    if (failed == 0) {
        if (o->test.last_failed)
            note(o, state->failed.count ? "no case that failed last time is among these: all are run"
                                        : "no case failed last time: all are run");
        return;
    }
    uint32_t count = failed;
    for (uint32_t i = 0; i < cases->count && !o->test.last_failed; i++)
        if (!test_state_failed(state, &cases->items[i]))
            ordered[count++] = cases->items[i];
    memcpy(cases->items, ordered, count * sizeof *ordered);
    cases->count = count;
}

int test_choose(struct test_cases *cases, const struct options *o, const struct test_state *state,
                struct strbuf *complaint)
{
    if (choose(cases, o, complaint) < 0)
        return -1;
    remember_failures(cases, o, state);
    return 0;
}

void test_choose_watched(struct test_cases *cases, const struct test_watch *watch)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < cases->count; i++)
        if (test_watch_wants(watch, &cases->items[i]))
            cases->items[kept++] = cases->items[i];
    cases->count = kept;
}

void test_list(const struct test_cases *cases, const struct options *o, struct strbuf *out)
{
    for (uint32_t i = 0; i < cases->count; i++) {
        const struct test_case *c = &cases->items[i];
        strbuf_puts(out, c->id);
        for (uint32_t k = 0; o->test.verbose && k < c->tags.count; k++)
            strbuf_printf(out, "%s%s", k ? ", " : "  tags: ", c->tags.items[k]);
        strbuf_putc(out, '\n');
    }
}
