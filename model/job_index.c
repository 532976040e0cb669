/* job_index.c - see job_index.h.
 */
#include "model/job_index.h"

#include <string.h>

#include "sim/strbuf.h"

/* ---- text ---- */

/* k8s strconv.Atoi, of at most 9 digits. -1 = no number. */
static int64_t number_of(const char *s, size_t n)
{
    enum { DIGITS_MAX = 9 };
    int64_t value = 0;
    if (n == 0 || n > DIGITS_MAX)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        value = 10 * value + (s[i] - '0');
    }
    return value;
}

static void append(index_set *s, struct index_interval i)
{
    struct index_interval *last = s->count ? &s->items[s->count - 1] : NULL;
    if (!last || i.first > last->last + 1)
        s->items[s->count++] = i;
    else if (last->last < i.last)
        last->last = i.last;
}

static uint32_t parts_of(const char *text)
{
    uint32_t n = 1;
    for (; *text; text++)
        n += *text == ',';
    return n;
}

index_set index_set_parse(struct arena *a, const char *text, int64_t completions)
{
    if (!text || !*text)
        return (index_set){NULL, 0};
    index_set s = {arena_array(a, struct index_interval, parts_of(text)), 0};
    for (const char *p = text;; p++) {
        size_t n = strcspn(p, ","), dash = strcspn(p, ",-");
        struct index_interval i = {number_of(p, dash), 0};
        i.last = dash < n ? number_of(p + dash + 1, n - dash - 1) : i.first;
        if (i.first >= completions)
            break;
        if (i.last >= completions)
            i.last = completions - 1;
        if (i.first >= 0 && i.last >= 0)
            append(&s, i);
        p += n;
        if (!*p)
            break;
    }
    return s;
}

const char *index_set_format(struct arena *a, const index_set *s)
{
    struct strbuf b = STRBUF_INIT;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct index_interval *v = &s->items[i];
        strbuf_printf(&b, "%s%" PRId64, i ? "," : "", v->first);
        if (v->last > v->first)
            strbuf_printf(&b, "%c%" PRId64, v->last == v->first + 1 ? ',' : '-', v->last);
    }
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* NULL = fine. */
static const char *wrong_interval(struct arena *a, const char *p, size_t n, int64_t completions,
                                  struct index_interval *ret)
{
    const char *text = arena_strndup(a, p, n), *dash = strchr(text, '-');
    const char *parts[] = {dash ? arena_strndup(a, text, (size_t)(dash - text)) : text, dash ? dash + 1 : NULL};
    int64_t values[2] = {0, 0};
    if (dash && strchr(dash + 1, '-'))
        return arena_printf(a,
                            "the fragment \"%s\" violates the requirement that an index interval can have at most two "
                            "parts separated by '-'",
                            text);
    for (int i = 0; i < 2 && parts[i]; i++) {
        values[i] = number_of(parts[i], strlen(parts[i]));
        if (values[i] < 0)
            return arena_printf(a, "cannot convert string to integer for index: \"%s\"", parts[i]);
        if (values[i] >= completions)
            return arena_printf(a, "too large index: \"%s\"", parts[i]);
    }
    if (dash && values[0] >= values[1])
        return arena_printf(a, "non-increasing order, previous: %" PRId64 ", current: %" PRId64, values[0], values[1]);
    *ret = (struct index_interval){values[0], dash ? values[1] : values[0]};
    return NULL;
}

const char *wrong_index_text(struct arena *a, const char *text, int64_t completions, int64_t *ret_total)
{
    int64_t before = -1;
    *ret_total = 0;
    for (const char *p = text; *text; p++) {
        size_t n = strcspn(p, ",");
        struct index_interval i = {0, 0};
        const char *wrong = wrong_interval(a, p, n, completions, &i);
        if (wrong)
            return wrong;
        if (before >= i.first)
            return arena_printf(a, "non-increasing order, previous: %" PRId64 ", current: %" PRId64, before, i.first);
        *ret_total += i.last - i.first + 1;
        before = i.last;
        p += n;
        if (!*p)
            break;
    }
    return NULL;
}

/* ---- sets ---- */

index_set index_set_union(struct arena *a, const index_set *x, const index_set *y)
{
    index_set s = {arena_array(a, struct index_interval, x->count + y->count + 1), 0};
    uint32_t i = 0, k = 0;
    while (i < x->count || k < y->count) {
        bool of_x = k == y->count || (i < x->count && x->items[i].first < y->items[k].first);
        append(&s, of_x ? x->items[i++] : y->items[k++]);
    }
    return s;
}

index_set index_set_with(struct arena *a, const index_set *s, const int_list *numbers)
{
    index_set more = {arena_array(a, struct index_interval, numbers->count + 1), 0};
    for (uint32_t i = 0; i < numbers->count; i++)
        append(&more, (struct index_interval){numbers->items[i], numbers->items[i]});
    return index_set_union(a, s, &more);
}

bool index_set_has(const index_set *s, int64_t index)
{
    uint32_t low = 0, high = s->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->items[middle].last >= index)
            high = middle;
        else
            low = middle + 1;
    }
    return low < s->count && s->items[low].first <= index;
}

int64_t index_set_total(const index_set *s)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < s->count; i++)
        n += s->items[i].last - s->items[i].first + 1;
    return n;
}

int64_t index_set_common(const index_set *x, const index_set *y)
{
    int64_t n = 0;
    for (uint32_t i = 0, k = 0; i < x->count && k < y->count;) {
        const struct index_interval *v = &x->items[i], *w = &y->items[k];
        int64_t first = v->first > w->first ? v->first : w->first, last = v->last < w->last ? v->last : w->last;
        n += last >= first ? last - first + 1 : 0;
        if (v->last < w->last)
            i++;
        else
            k++;
    }
    return n;
}
