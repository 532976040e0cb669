/* fuzz_golden.c - any two texts as what is expected and what was printed, in any format.
 *
 * The first byte chooses the format and the settings; the texts are separated by the first NUL, or are the same.
 * Findings: a crash; a text that differs from itself; an unequal pair of which nothing is told; a row that is told and
 * not there.
 */
#include "report/golden_diff.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* the fuzzer's name for it */

static void check_differences(const struct golden_comparison *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        const struct golden_difference *d = &c->items[i];
        ASSERT(d->expected || d->actual);
        ASSERT(!d->leader || d->leader < d);
        ASSERT(!d->leader || !d->leader->leader);
        ASSERT((d->kind == GOLDEN_CHANGED) == (d->cells != 0));
        ASSERT(i == 0 || c->items[i - 1].at <= d->at);
    }
}

static void check_pair(const struct golden_text *expected, const struct golden_text *actual, enum report_format format,
                       const struct golden_settings *settings)
{
    struct arena arena;
    struct golden_comparison c;
    struct strbuf first = STRBUF_INIT, all = STRBUF_INIT;
    arena_init(&arena, 0);
    golden_compare(&arena, format, expected, actual, settings, &c);
    check_differences(&c);
    if (!c.equal) {
        golden_tell_first(&c, &first);
        golden_tell(&c, &(struct golden_telling){.from = "expected", .to = "actual", .color = true}, &all);
        ASSERT(first.len > 0);
        ASSERT(all.len > 0);
        ASSERT(c.count > 0 || c.unequal_layout);
    }
    golden_recognizes(format, expected);
    strbuf_fini(&first);
    strbuf_fini(&all);
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum report_format formats[] = {REPORT_TIMELINE, REPORT_WIDE,  REPORT_EVENTS,     REPORT_GET_PODS,
                                                 REPORT_LOGS,     REPORT_JSONL, REPORT_TRANSCRIPT, REPORT_TIMELINE};
    static const char *ignore[] = {"why", "* probe*"};
    struct golden_settings settings = {0};
    if (size == 0)
        return 0;
    enum report_format format = formats[data[0] % ARRAY_LEN(formats)];
    if (data[0] & 0x40)
        settings.tolerance = 100 * SIM_MS;
    if (data[0] & 0x80)
        settings.ignore = (str_list){.items = ignore, .count = 2};
    const char *text = (const char *)data + 1;
    const char *middle = memchr(text, '\0', size - 1);
    struct golden_text a = {text, middle ? (size_t)(middle - text) : size - 1}, b = a;
    if (middle)
        b = (struct golden_text){middle + 1, size - 2 - a.length};
    check_pair(&a, &b, format, &settings);

    struct arena arena;
    struct golden_comparison c;
    arena_init(&arena, 0);
    golden_compare(&arena, format, &a, &a, &settings, &c);
    ASSERT(c.equal);
    arena_fini(&arena);
    return 0;
}
