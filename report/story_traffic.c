/* story_traffic.c - rows for requests: where they begin to be served, where they are lost and why, and how many in all.
 */
#include "report/story_private.h"

static const char *client_name(struct story *s)
{
    return arena_printf(&s->view.arena, "client/%s", s->view.record->text);
}

static const char *requests(uint64_t n) { return n == 1 ? "request" : "requests"; }

/* All records about requests, for who looks back and ahead. */
static const struct pool *records(struct story *s)
{
    const struct trace *t = s->view.run->trace;
    if (s->traffic.count)
        return &s->traffic;
    for (uint32_t i = s->view.index; i < trace_count(t); i++)
        if (trace_at(t, i)->kind == TRACE_TRAFFIC)
            *(uint32_t *)pool_at(&s->traffic, pool_add(&s->traffic)) = i;
    return &s->traffic;
}

/* The nearest record about requests of the same client to the same pod, before or after the one at `place`; NULL =
 * none. */
static const struct trace_record *neighbour(struct story *s, uint32_t *place, bool before)
{
    const struct pool *all = records(s);
    const struct trace *t = s->view.run->trace;
    const struct trace_record *own = trace_at(t, *(const uint32_t *)pool_at(all, *place));
    for (uint32_t i = *place; before ? i-- > 0 : ++i < all->count;) {
        const struct trace_record *r = trace_at(t, *(const uint32_t *)pool_at(all, i));
        const struct trace_traffic *mine = own->data, *other = r->data;
        if (strcmp(r->text, own->text) == 0 && text_same(mine->pod, other->pod) && other->count + other->retried) {
            *place = i;
            return r;
        }
    }
    return NULL;
}

static uint32_t place_of(struct story *s)
{
    const struct pool *all = records(s);
    uint32_t low = 0, high = all->count;
    while (low + 1 < high) {
        uint32_t middle = low + (high - low) / 2;
        if (*(const uint32_t *)pool_at(all, middle) <= s->view.index)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Told by the row of the record before: lost for the same reason, or served again after nothing else. */
static bool is_told(struct story *s)
{
    uint32_t place = place_of(s);
    const struct trace_record *before = neighbour(s, &place, true);
    return before && before->aux == s->view.record->aux;
}

/* What was lost for this reason, and what was tried again at another pod, until something else became of requests
 * there. */
static void put_losses(struct story *s, struct strbuf *b)
{
    uint32_t place = place_of(s);
    struct strbuf seen = STRBUF_INIT;
    const struct trace_traffic *first = s->view.record->data;
    uint64_t count = 0, retried = 0;
    sim_time last = SIM_NEVER;
    for (const struct trace_record *r = s->view.record; r && r->aux == s->view.record->aux;) {
        const struct trace_traffic *t = r->data;
        count += t->count;
        retried += t->retried;
        last = t->count && t->last > last ? t->last : last;
        if (!strstr(strbuf_str(&seen), t->seen))
            strbuf_printf(&seen, "%s%s", seen.len ? ", " : "", t->seen);
        r = neighbour(s, &place, false);
    }
    if (count)
        strbuf_printf(b, "%" PRIu64 " lost", count);
    if (retried)
        strbuf_printf(b, "%s%" PRIu64 " %s failed", count ? ", " : "", retried, retried == 1 ? "try" : "tries");
    if (first->pod)
        strbuf_printf(b, " at pod %s", first->pod);
    if (count > 1 && last > s->view.record->at) {
        strbuf_puts(b, " until ");
        strbuf_seconds(b, last, 3);
        strbuf_puts(b, "s");
    }
    strbuf_printf(b, ": %s", strbuf_str(&seen));
    strbuf_fini(&seen);
}

void story_tell_traffic(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_traffic *t = r->data;
    struct strbuf b = STRBUF_INIT;
    enum traffic_fate fate = (enum traffic_fate)r->aux;
    bool served = fate == FATE_SERVED;
    if (t->count + t->retried == 0 || fate == FATE_UNFINISHED || is_told(s)) {
        strbuf_fini(&b);
        return;
    }
    if (served)
        strbuf_printf(&b, "served by pod %s", t->pod ? t->pod : "-");
    else
        put_losses(s, &b);
    struct story_row *row = story_add(s, client_name(s), story_text(s, &b), served ? TONE_GOOD : TONE_BAD);
    if (!served)
        row->why = traffic_fates[fate].what;
}

void story_tell_traffic_end(struct story *s)
{
    const struct trace_traffic_end *e = s->view.record->data;
    struct strbuf b = STRBUF_INIT;
    uint64_t lost = 0;
    for (int f = 0; f < FATE_COUNT; f++)
        lost += fate_is_loss((enum traffic_fate)f) ? e->fates[f] : 0;
    strbuf_printf(&b, "%" PRIu64 " %s to %s: %" PRIu64 " served, %" PRIu64 " lost", e->sent, requests(e->sent), e->to,
                  e->fates[FATE_SERVED], lost);
    for (int f = 0, told = 0; f < FATE_COUNT; f++)
        if (fate_is_loss((enum traffic_fate)f) && e->fates[f])
            strbuf_printf(&b, "%s%" PRIu64 " %s", told++ ? ", " : ": ", e->fates[f], traffic_fates[f].name);
    if (e->fates[FATE_UNFINISHED])
        strbuf_printf(&b, "; %" PRIu64 " under way", e->fates[FATE_UNFINISHED]);
    story_add(s, client_name(s), story_text(s, &b), lost ? TONE_WARN : TONE_GOOD);
}
