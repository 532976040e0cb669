/* sim.c - the event loop, and the book-keeping around it: objects and their handlers, timers that
 * can be re-armed, limits with a diagnostic that shows the loop the run was caught in.
 *
 * Everything a run knows, this struct included, lives in the run's arena: a copy of the arena is a
 * copy of the run.
 */
#include "sim/sim.h"

#include "sim/strbuf.h"

#include <stdio.h>
#include <string.h>

enum {
    RECENT = 256,      /* handled events that are remembered for diagnostics; a power of two */
    RECENT_SHOWN = 6,  /* of which a diagnostic shows so many when no cycle is found */
    CYCLE_SHOWN = 8,   /* a longer cycle is cut short */
    STALE_SLACK = 1024 /* stale entries may exceed live ones by so many before they are swept */
};
static const uint32_t PASSING = UINT32_C(1) << 31; /* ordinals from here on are of sim_passing_new() */

struct object {
    uint32_t handler;
    uint32_t local; /* the component's own index */
};

struct handler {
    struct sim_handler pub;
    bool ahead; /* sim_handler_ahead */
};

/* What an event is about. */
struct found {
    uint64_t key; /* the event's; 0 = nothing has been found */
    const struct handler *handler;
    struct sim_timer *timer; /* NULL when it no longer exists */
    uint32_t local;
};

struct sim {
    struct arena arena;
    struct event_queue queue;
    struct trace trace;
    struct pool handlers; /* of struct handler */
    struct pool objects;  /* of struct object; item 0 is no object */
    struct pool passing;  /* uint32_t: object.local, by ordinal - PASSING */
    uint32_t passing_handler;
    struct sim_config config;

    sim_time now;
    uint64_t events;            /* handled so far */
    uint64_t events_at_instant; /* of those, at `now` */
    uint64_t instant_key;       /* the last one, in order, of the keys handled at `now` */
    bool instant_over;          /* sim_run() has handled all there was at `now` */
    uint32_t held;              /* sim_hold */
    uint64_t stale;             /* entries in the queue whose timer has moved on */
    uint32_t cause;
    struct sim_timer *firing; /* of the event being handled */
    uint64_t firing_key;
    struct event in_sight[EVQ_SIGHT]; /* the latest that look_ahead() has seen */
    uint32_t in_sight_count;
    struct found found[EVQ_CHUNK_EVENTS + 1]; /* what it has found, by evq_taken_index(); the last: nothing, ever */
    bool running;
    bool stop_asked, limit_asked;

    uint64_t recent[RECENT];  /* keys of the last handled events, a ring indexed by `events` */
    char *limit_text;         /* "" unless a limit ended the run */
    void (*check)(void *ctx); /* sim_check_with */
    void *check_ctx;
};

/* ---- life ---- */

/* Builds a run at the bottom of the empty arena *a, which moves into it. */
static struct sim *build(struct arena *a, const struct sim_config *config)
{
    a->limit = config->limits.memory_bytes;
    struct sim *s = arena_new(a, struct sim);
    s->arena = *a;
    s->config = *config;
    s->limit_text = arena_strdup(&s->arena, "");
    s->cause = TRACE_ROOT;
    evq_init(&s->queue, &s->arena);
    evq_set_tie_order(&s->queue, config->tie_order);
    trace_init(&s->trace, &s->arena);
    pool_init(&s->handlers, &s->arena, sizeof(struct handler));
    pool_init(&s->objects, &s->arena, sizeof(struct object));
    pool_add(&s->objects);
    pool_init(&s->passing, &s->arena, sizeof(uint32_t));
    return s;
}

struct sim *sim_new(const struct sim_config *config)
{
    struct arena a;
    arena_init(&a, 0);
    return build(&a, config);
}

struct sim *sim_renew(struct sim *s, const struct sim_config *config)
{
    ASSERT(!s->running);
    struct sim_config copy = *config; /* may live in the run that ends here */
    struct arena a = s->arena;
    arena_reset(&a);
    return build(&a, &copy);
}

void sim_free(struct sim *s)
{
    if (!s)
        return;
    ASSERT(!s->running);
    struct arena a = s->arena;
    arena_fini(&a);
}

struct arena *sim_arena(struct sim *s) { return &s->arena; }

struct trace *sim_trace(struct sim *s) { return &s->trace; }

uint64_t sim_seed(const struct sim *s) { return s->config.seed; }

sim_time sim_now(const struct sim *s) { return s->now; }

uint32_t sim_instant_class(const struct sim *s) { return event_class((struct event){.key = s->instant_key}); }

/* Its place in the order at one instant. */
static uint64_t order_of(const struct sim *s, uint64_t key)
{
    const uint64_t generation = ((uint64_t)1 << EVENT_GENERATION_BITS) - 1;
    return (s->queue.tie_seed ? evq_tie_mix(&s->queue, key) : key) & ~generation;
}

bool sim_passed(const struct sim *s, sim_time at, uint32_t class, uint32_t object, uint32_t index)
{
    if (at != s->now)
        return at < s->now;
    return s->instant_over || order_of(s, event_key(class, object, index, 0)) <= s->instant_key;
}

void sim_hold(struct sim *s) { s->held++; }

void sim_release(struct sim *s)
{
    ASSERT(s->held > 0);
    s->held--;
}

void sim_check_with(struct sim *s, void (*check)(void *ctx), void *ctx)
{
    s->check = check;
    s->check_ctx = ctx;
}

uint64_t sim_event_count(const struct sim *s) { return s->events; }

const char *sim_limit_text(const struct sim *s) { return s->limit_text; }

void sim_save(const struct sim *s, struct arena_image *ret_image)
{
    ASSERT(!s->running);
    arena_save(&s->arena, ret_image);
}

void sim_restore(struct sim *s, const struct arena_image *image)
{
    ASSERT(!s->running);
    arena_restore(&s->arena, image);
}

/* ---- handlers, objects, cause ---- */

uint32_t sim_handler_add(struct sim *s, const struct sim_handler *handler)
{
    ASSERT(handler->timer);
    ASSERT(handler->fire);
    uint32_t index = pool_add(&s->handlers);
    *(struct handler *)pool_at(&s->handlers, index) = (struct handler){*handler, false};
    return index;
}

void sim_handler_ahead(struct sim *s, uint32_t handler)
{
    ((struct handler *)pool_at(&s->handlers, handler))->ahead = true;
}

uint32_t sim_object_new(struct sim *s, uint32_t handler, uint32_t local)
{
    ASSERT(handler < s->handlers.count);
    uint32_t ordinal = pool_add(&s->objects);
    *(struct object *)pool_at(&s->objects, ordinal) = (struct object){handler, local};
    return ordinal;
}

uint32_t sim_passing_new(struct sim *s, uint32_t handler, uint32_t local)
{
    ASSERT(s->passing.count == 0 || s->passing_handler == handler);
    s->passing_handler = handler;
    uint32_t index = pool_add(&s->passing);
    ASSERT(index < PASSING);
    *(uint32_t *)pool_at(&s->passing, index) = local;
    return PASSING + index;
}

static struct object object_at(const struct sim *s, uint32_t object)
{
    ASSERT(object != 0);
    if (object >= PASSING)
        return (struct object){s->passing_handler, *(const uint32_t *)pool_at(&s->passing, object - PASSING)};
    return *(const struct object *)pool_at(&s->objects, object);
}

static const void *object_address(const struct sim *s, uint32_t object)
{
    return object >= PASSING ? pool_at(&s->passing, object - PASSING) : pool_at(&s->objects, object);
}

static const struct handler *handler_at(const struct sim *s, struct object o)
{
    return pool_at(&s->handlers, o.handler);
}

uint32_t sim_cause(const struct sim *s) { return s->cause; }

void sim_set_cause(struct sim *s, uint32_t record)
{
    ASSERT(record < trace_count(&s->trace));
    s->cause = record;
}

uint32_t sim_record(struct sim *s, struct trace_record record)
{
    record.at = s->now;
    record.cause = s->cause;
    return trace_add(&s->trace, &record);
}

/* ---- timers ---- */

static struct sim_timer *find_timer(const struct sim *s, uint32_t class, uint32_t object, uint32_t index)
{
    struct object o = object_at(s, object);
    const struct sim_handler *h = &handler_at(s, o)->pub;
    return h->timer(h->ctx, o.local, class, index);
}

static struct found find(const struct sim *s, struct event e)
{
    struct object o = object_at(s, event_object(e));
    const struct handler *h = handler_at(s, o);
    struct sim_timer *t = h->pub.timer(h->pub.ctx, o.local, event_class(e), event_index(e));
    return (struct found){.key = e.key, .handler = h, .timer = t, .local = o.local};
}

/* Is e the event that this timer stands for? If not, it has been cancelled or re-armed, or is gone. The
 * generation alone would do, were it not for 16 bits: comparing the time as well makes an entry that
 * is 65536 generations old harmless, since it could then only be an equal one. */
static bool is_armed_for(const struct sim_timer *t, struct event e)
{
    return t && t->armed && t->generation == event_generation(e) && t->at == e.at;
}

static bool is_live(void *ctx, struct event e)
{
    return is_armed_for(find_timer(ctx, event_class(e), event_object(e), event_index(e)), e);
}

static void sweep(struct sim *s)
{
    evq_compact(&s->queue, is_live, s);
    s->stale = 0;
}

/* The queue's entry for this armed timer is void from here on. */
static void disarm(struct sim *s, struct sim_timer *t)
{
    ASSERT(t->armed);
    t->armed = false;
    t->generation++;
    s->stale++;
}

static void sweep_if_worth_it(struct sim *s)
{
    uint64_t pending = evq_count(&s->queue);
    if (s->stale > STALE_SLACK && s->stale - STALE_SLACK > pending - s->stale)
        sweep(s);
}

static void arm(struct sim *s, struct sim_timer *t, sim_time at, uint32_t class, uint32_t object, uint32_t index)
{
    bool moved = t->armed;
    if (moved)
        disarm(s, t);
    t->at = at;
    t->armed = true;
    evq_push(&s->queue, (struct event){.at = at, .key = event_key(class, object, index, t->generation)});
    if (moved)
        sweep_if_worth_it(s);
}

static struct sim_timer *own_timer(const struct sim *s, uint32_t class, uint32_t object, uint32_t index)
{
    ASSERT(class < 1u << EVENT_CLASS_BITS);
    ASSERT(index < 1u << EVENT_INDEX_BITS);
    struct sim_timer *t = find_timer(s, class, object, index);
    ASSERT(t);
    return t;
}

void sim_arm(struct sim *s, sim_time at, uint32_t class, uint32_t object, uint32_t index)
{
    ASSERT(at != SIM_NEVER);
    struct sim_timer *t = own_timer(s, class, object, index);
    if (at < s->now)
        at = s->now;
    t->cause = s->cause;
    if (!t->armed || t->at != at) /* the entry for the same time stays good */
        arm(s, t, at, class, object, index);
}

void sim_arm_again(struct sim *s, sim_time at)
{
    struct sim_timer *t = s->firing;
    ASSERT(!t->armed);
    ASSERT(at >= s->now);
    t->at = at;
    t->armed = true;
    const uint64_t generation = UINT16_MAX;
    evq_push_after(&s->queue, (struct event){.at = at, .key = (s->firing_key & ~generation) | t->generation},
                   at - s->now);
}

void sim_arm_by(struct sim *s, sim_time at, uint32_t class, uint32_t object, uint32_t index)
{
    const struct sim_timer *t = own_timer(s, class, object, index);
    if (!t->armed || t->at > at)
        sim_arm(s, at, class, object, index);
}

void sim_cancel(struct sim *s, uint32_t class, uint32_t object, uint32_t index)
{
    struct sim_timer *t = own_timer(s, class, object, index);
    if (!t->armed)
        return;
    disarm(s, t);
    t->at = SIM_NEVER;
    sweep_if_worth_it(s);
}

bool sim_armed(const struct sim *s, uint32_t class, uint32_t object, uint32_t index)
{
    return own_timer(s, class, object, index)->armed;
}

/* ---- diagnostics ---- */

/* The key of the event handled `back` events before the latest one (0 = the latest). */
static struct event recent_event(const struct sim *s, uint64_t back)
{
    return (struct event){.key = s->recent[(s->events - 1 - back) % RECENT]};
}

static uint64_t recent_count(const struct sim *s) { return s->events < RECENT ? s->events : RECENT; }

/* The generation differs from turn to turn of a loop. */
static bool same_timer(struct event a, struct event b)
{
    return a.key >> EVENT_GENERATION_BITS == b.key >> EVENT_GENERATION_BITS;
}

static bool repeats_with(const struct sim *s, uint64_t period, uint64_t window)
{
    for (uint64_t back = 0; back + period < window; back++)
        if (!same_timer(recent_event(s, back), recent_event(s, back + period)))
            return false;
    return true;
}

/* Length of the shortest cycle that the latest events went through; 0 when there is none. Three turns
 * of it, and no fewer than 24 events, make a cycle. */
static uint64_t find_cycle(const struct sim *s)
{
    const uint64_t turns = 3, window_min = 24;
    uint64_t count = recent_count(s);
    for (uint64_t period = 1; turns * period <= count; period++) {
        uint64_t window = turns * period < window_min ? window_min : turns * period;
        if (window <= count && repeats_with(s, period, window))
            return period;
    }
    return 0;
}

static void show_class(const struct sim *s, struct strbuf *b, uint32_t class)
{
    if (class < s->config.class_count)
        strbuf_puts(b, s->config.class_names[class]);
    else
        strbuf_printf(b, "class %" PRIu32, class);
}

static void show_event(const struct sim *s, struct strbuf *b, struct event e)
{
    strbuf_puts(b, handler_at(s, object_at(s, event_object(e)))->pub.name);
    strbuf_puts(b, " (");
    show_class(s, b, event_class(e));
    strbuf_puts(b, event_object(e) < PASSING ? ", object " : ", number ");
    strbuf_int(b, event_object(e) & ~PASSING);
    if (event_index(e)) {
        strbuf_puts(b, ", index ");
        strbuf_int(b, event_index(e));
    }
    strbuf_putc(b, ')');
}

/* The latest `count` events, oldest first. */
static void show_recent(const struct sim *s, struct strbuf *b, uint64_t count)
{
    for (uint64_t back = count; back-- > 0;) {
        show_event(s, b, recent_event(s, back));
        if (back)
            strbuf_puts(b, ", ");
    }
}

static void show_cycle(const struct sim *s, struct strbuf *b)
{
    uint64_t cycle = find_cycle(s);
    uint64_t shown = cycle ? cycle : RECENT_SHOWN;
    if (shown > recent_count(s))
        shown = recent_count(s);
    if (cycle > CYCLE_SHOWN)
        shown = CYCLE_SHOWN;

    if (cycle == 0)
        strbuf_puts(b, "no short cycle repeats; the latest events were ");
    else if (cycle == 1)
        strbuf_puts(b, "one event repeats: ");
    else
        strbuf_printf(b, "a cycle of %" PRIu64 " events repeats%s: ", cycle, shown < cycle ? ", which ends in" : "");
    show_recent(s, b, shown);
}

static enum sim_stop stop_at_limit(struct sim *s, enum sim_stop stop)
{
    struct strbuf b = STRBUF_INIT;
    const struct sim_limits *limits = &s->config.limits;

    strbuf_puts(&b, "limit reached: ");
    if (stop == SIM_STOP_EVENTS)
        strbuf_printf(&b, "%" PRIu64 " events in one run", limits->events);
    else if (stop == SIM_STOP_INSTANT)
        strbuf_printf(&b, "%" PRIu64 " events at one instant", limits->events_per_instant);
    else
        strbuf_printf(&b, "%" PRIu64 " bytes of memory", limits->memory_bytes);
    strbuf_puts(&b, ", at simulated time ");
    strbuf_seconds(&b, s->now, 0);
    strbuf_puts(&b, "s");
    if (s->events) {
        strbuf_puts(&b, "; ");
        show_cycle(s, &b);
    }
    s->limit_text = arena_strdup(&s->arena, strbuf_str(&b));
    strbuf_fini(&b);
    return stop;
}

/* For a failed ASSERT: where in simulated time we were. */
static void print_context(void *ctx)
{
    const struct sim *s = ctx;
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "at simulated time ");
    strbuf_seconds(&b, s->now, 0);
    strbuf_printf(&b, "s, event %" PRIu64, s->events);
    if (s->events) {
        strbuf_puts(&b, ", in ");
        show_event(s, &b, recent_event(s, 0));
    }
    strbuf_printf(&b, ", seed %" PRIu64 "\n", s->config.seed);
    fputs(strbuf_str(&b), stderr);
    strbuf_fini(&b);
}

/* ---- the loop ---- */

static void advance(struct sim *s, sim_time to)
{
    ASSERT(to >= s->now);
    if (to == s->now)
        return;
    s->now = to;
    s->events_at_instant = 0;
    s->instant_key = 0;
    s->instant_over = false;
}

/* Handles e, whose timer is live. */
static void handle(struct sim *s, struct event e, const struct found *found)
{
    struct sim_timer *t = found->timer;
    const struct sim_handler *h = &found->handler->pub;
    advance(s, e.at);
    s->events_at_instant++;
    uint64_t order = order_of(s, e.key);
    if (order > s->instant_key)
        s->instant_key = order;
    s->recent[s->events % RECENT] = e.key;
    s->events++;

    t->armed = false;
    t->at = SIM_NEVER;
    t->generation++;
    s->cause = t->cause;
    s->firing = t;
    s->firing_key = e.key;
    h->fire(h->ctx, found->local, event_class(e), event_index(e));
    if (s->check)
        s->check(s->check_ctx);
}

/* Whether one more event, at `at`, would pass a limit. */
static bool passes_limit(const struct sim *s, sim_time at, enum sim_stop *ret_stop)
{
    const struct sim_limits *limits = &s->config.limits;
    if (s->arena.exhausted)
        *ret_stop = SIM_STOP_MEMORY;
    else if (limits->events && s->events >= limits->events)
        *ret_stop = SIM_STOP_EVENTS;
    else if (limits->events_per_instant && at == s->now && s->events_at_instant >= limits->events_per_instant)
        *ret_stop = SIM_STOP_INSTANT;
    else
        return false;
    return true;
}

/* With many objects each event would wait for memory twice: for its object's entry, then for its timer. Both are
 * asked for in good time: the object at the first sight of the event, the timer when the next ones come into sight. */
static void look_ahead(struct sim *s)
{
    const struct event *in_sight;
    size_t count = evq_look_ahead(&s->queue, &in_sight);
    if (count == 0)
        return;
    struct found *found = s->found + (evq_taken_index(&s->queue) ? 0 : EVQ_SIGHT);
    for (uint32_t i = 0; i < s->in_sight_count; i++) {
        found[i].key = 0;
        if (handler_at(s, object_at(s, event_object(s->in_sight[i])))->ahead) {
            found[i] = find(s, s->in_sight[i]);
            __builtin_prefetch(found[i].timer, 1);
        }
    }
    for (size_t i = 0; i < count; i++) {
        s->in_sight[i] = in_sight[i];
        __builtin_prefetch(object_address(s, event_object(in_sight[i])));
    }
    s->in_sight_count = (uint32_t)count;
}

/* Takes the next live event up to `until` out of the queue; false when there is none. Stale ones before it are
 * dropped. */
static bool next_live(struct sim *s, sim_time until, struct event *ret_event, struct found *ret_found)
{
    while (evq_pop_until(&s->queue, until, ret_event)) {
        const struct found *ahead = &s->found[evq_taken_index(&s->queue)];
        *ret_found = ahead->key == ret_event->key ? *ahead : find(s, *ret_event);
        look_ahead(s);
        if (is_armed_for(ret_found->timer, *ret_event))
            return true;
        if (s->stale)
            s->stale--;
    }
    return false;
}

static enum sim_stop run(struct sim *s, sim_time until)
{
    struct event e;
    struct found found;
    enum sim_stop stop;

    while (next_live(s, until, &e, &found)) {
        if (passes_limit(s, e.at, &stop)) {
            evq_push(&s->queue, e);
            advance(s, e.at);
            return stop_at_limit(s, stop);
        }
        handle(s, e, &found);
        if (s->stop_asked)
            return s->limit_asked ? SIM_STOP_LIMIT : SIM_STOP_ASKED;
    }
    if (sim_next(s) == SIM_NEVER && (!s->held || until == SIM_TIME_MAX))
        return SIM_STOP_QUIET;
    if (until > s->now)
        advance(s, until);
    s->instant_over = true;
    return SIM_STOP_UNTIL;
}

enum sim_stop sim_run(struct sim *s, sim_time until)
{
    ASSERT(!s->running);
    s->stop_asked = s->limit_asked = false;
    s->running = true;
    sim_assert_set_context(print_context, s);
    enum sim_stop stop = run(s, until);
    sim_assert_set_context(NULL, NULL);
    s->running = false;
    s->cause = TRACE_ROOT;
    return stop;
}

void sim_stop(struct sim *s) { s->stop_asked = true; }

void sim_limit(struct sim *s, const char *what, const char *advice)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "limit reached: %s, at simulated time ", what);
    strbuf_seconds(&b, s->now, 0);
    strbuf_printf(&b, "s; %s", advice);
    s->limit_text = arena_strdup(&s->arena, strbuf_str(&b));
    strbuf_fini(&b);
    s->stop_asked = s->limit_asked = true;
}

sim_time sim_next(struct sim *s)
{
    struct event e;
    bool any = evq_peek(&s->queue, &e);
    if (any && !is_live(s, e)) {
        /* Popping it could move the queue past times that may still be armed. */
        sweep(s);
        any = evq_peek(&s->queue, &e);
    }
    if (!any)
        evq_reset(&s->queue); /* stale entries after `now` may have been popped */
    return any ? e.at : SIM_NEVER;
}
