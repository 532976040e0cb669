/* traffic_count.c - what became of requests: stretches of one fate at one endpoint, each a record of the trace.
 *
 * The record is made with the first request of its stretch, and its numbers grow until another fate begins there: so it
 * stands where it began, and records come in the same order whichever requests were events. A request that is still
 * under way is counted as what it will be; if its server ends before, that is taken back.
 */
#include <string.h>

#include "model/traffic_private.h"

static bool is_same(const struct stretch *s, const struct answer *a)
{
    return s->data && s->fate == a->fate && strcmp(s->seen, a->seen) == 0;
}

static const char *pod_text(struct client *c, const struct target *t)
{
    if (!t->pod_name || text_is(t->pod_namespace, "default"))
        return t->pod_name;
    return arena_printf(c->traffic->arena, "%s/%s", t->pod_namespace, t->pod_name);
}

static void begin(struct client *c, struct target *t, struct stretch *s, const struct answer *a)
{
    struct sim *sim = c->traffic->sim;
    struct trace_traffic *data = arena_new(c->traffic->arena, struct trace_traffic);
    *data = (struct trace_traffic){.pod = pod_text(c, t),
                                   .to = c->said->to,
                                   .seen = a->seen,
                                   .interval = c->interval,
                                   .first = SIM_NEVER,
                                   .last = SIM_NEVER};
    *s = (struct stretch){.data = data, .fate = a->fate, .seen = a->seen};
    *(struct stretch *)pool_at(&c->stretches, pool_add(&c->stretches)) = *s;
    uint32_t cause = sim_cause(sim);
    sim_set_cause(sim, t->cause);
    sim_record(sim, (struct trace_record){.object = t->pod,
                                          .kind = TRACE_TRAFFIC,
                                          .component = COMP_TRAFFIC,
                                          .aux = (uint32_t)a->fate,
                                          .text = c->said->name,
                                          .data = data});
    sim_set_cause(sim, cause);
}

struct trace_traffic *traffic_stretch(struct client *c, struct target *t, enum connection k, const struct answer *a)
{
    struct stretch *recent = t->recent[k], found;
    if (is_same(recent, a))
        return recent->data;
    client_settle(c); /* what ended otherwise until now */
    uint32_t i = 1;
    while (i < RECENT && !is_same(&recent[i], a))
        i++;
    bool goes_on = i < RECENT && recent[i].data->last >= sim_now(c->traffic->sim) - c->interval;
    if (goes_on)
        found = recent[i];
    else
        begin(c, t, &found, a);
    memmove(recent + 1, recent, (i < RECENT ? i : RECENT - 1) * sizeof *recent);
    recent[0] = found;
    return found.data;
}

/* ---- numbers ---- */

void traffic_count(struct trace_traffic *data, uint64_t count, sim_time first, sim_time last)
{
    data->count += count;
    if (data->first == SIM_NEVER || first < data->first)
        data->first = first;
    if (data->last == SIM_NEVER || last > data->last)
        data->last = last;
}

/* The intervals begin with this one, and there is room for so many. */
static void set_room(struct client *c, struct trace_traffic *data, uint64_t first, uint64_t room)
{
    uint32_t *more = arena_array(c->traffic->arena, uint32_t, room);
    if (data->interval_count) {
        memcpy(more + (data->first_interval - first), data->intervals, data->interval_count * sizeof *more);
        data->interval_count += data->first_interval - first;
    }
    data->first_interval = first;
    data->intervals = more;
    data->interval_room = room;
}

void traffic_count_interval(struct client *c, struct trace_traffic *data, uint64_t interval, uint32_t count)
{
    enum { ROOM_AT_FIRST = 8 };
    if (data->interval_count == 0)
        set_room(c, data, interval, ROOM_AT_FIRST);
    if (interval < data->first_interval) /* lanes are counted one after the other */
        set_room(c, data, interval, data->interval_room + (data->first_interval - interval));
    uint64_t at = interval - data->first_interval;
    if (at >= data->interval_room)
        set_room(c, data, data->first_interval, 2 * data->interval_room > at ? 2 * data->interval_room : at + 1);
    if (at >= data->interval_count)
        data->interval_count = at + 1;
    data->intervals[at] += count;
}

static uint64_t interval_of(const struct client *c, sim_time at) { return (uint64_t)(at / c->interval); }

void traffic_count_one(struct client *c, struct trace_traffic *data, sim_time sent)
{
    traffic_count(data, 1, sent, sent);
    traffic_count_interval(c, data, interval_of(c, sent), 1);
}

static void take_back(struct client *c, const struct pending *p)
{
    p->counted->count--;
    p->counted->intervals[interval_of(c, p->sent) - p->counted->first_interval]--;
}

void traffic_totals(struct client *c)
{
    struct trace_traffic_end *data = arena_new(c->traffic->arena, struct trace_traffic_end);
    sim_time now = sim_now(c->traffic->sim);
    *data = (struct trace_traffic_end){.to = c->said->to,
                                       .sent = c->sent,
                                       .start = c->start,
                                       .stop = c->stop == SIM_NEVER || c->stop > now ? now : c->stop};
    for (uint32_t i = 0; i < c->stretches.count; i++) {
        const struct stretch *s = pool_at(&c->stretches, i);
        data->fates[s->fate] += s->data->count;
    }
    sim_record(c->traffic->sim,
               (struct trace_record){
                   .kind = TRACE_TRAFFIC_END, .component = COMP_TRAFFIC, .text = c->said->name, .data = data});
}

/* ---- requests under way ---- */

static bool is_later(const struct pending *a, const struct pending *b)
{
    if (a->due != b->due)
        return a->due > b->due;
    if (a->sent != b->sent)
        return a->sent > b->sent;
    return a->lane != b->lane ? a->lane > b->lane : a->number > b->number;
}

void pending_add(struct client *c, struct target *t, struct pending p)
{
    if (t->pending_count == t->pending_room) {
        uint32_t room = t->pending_room ? 2 * t->pending_room : 8;
        struct pending *more = arena_array(c->traffic->arena, struct pending, room);
        if (t->pending_count)
            memcpy(more, t->pending, t->pending_count * sizeof *more);
        t->pending = more;
        t->pending_room = room;
    }
    uint32_t at = t->pending_count++;
    for (; at > 0 && is_later(&t->pending[at - 1], &p); at--)
        t->pending[at] = t->pending[at - 1];
    t->pending[at] = p;
}

void pending_finish(struct client *c, struct target *t)
{
    sim_time now = sim_now(c->traffic->sim);
    uint32_t done = 0;
    while (done < t->pending_count && t->pending[done].due <= now)
        done++;
    if (done == 0)
        return;
    t->pending_count -= done;
    memmove(t->pending, t->pending + done, t->pending_count * sizeof *t->pending);
}

/* The client hears of it now. */
static void kill_one(struct client *c, struct target *t, const struct pending *p)
{
    const struct answer killed = {.fate = FATE_KILLED_IN_FLIGHT, .seen = "connection reset"};
    struct lane *l = lane_at(c, p->lane);
    sim_time now = sim_now(c->traffic->sim);
    bool again = p->attempt < c->retries;
    struct trace_traffic *data = traffic_stretch(c, t, FRESH, &killed);
    take_back(c, p);
    if (again)
        data->retried++;
    else
        traffic_count_one(c, data, p->sent);
    if (!c->rate_milli)
        lane_interrupted(l, again ? now : now + c->pause, again ? p->attempt + 1 : 0);
    else if (again)
        traffic_retry_later(l, p->number, p->attempt + 1, now);
}

void pending_kill(struct client *c, struct target *t)
{
    uint32_t kept = 0, count = t->pending_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct pending p = t->pending[i];
        if (cri_is_there(c->traffic->deps.cri, &p.peer))
            t->pending[kept++] = p;
        else
            kill_one(c, t, &p);
    }
    t->pending_count = kept;
}

void pending_abandon(struct client *c, struct target *t)
{
    const struct answer unfinished = {.fate = FATE_UNFINISHED, .seen = "nothing yet"};
    for (uint32_t i = 0; i < t->pending_count; i++) {
        take_back(c, &t->pending[i]);
        traffic_count_one(c, traffic_stretch(c, t, FRESH, &unfinished), t->pending[i].sent);
    }
    t->pending_count = 0;
}
