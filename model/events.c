/* events.c - the event recorder and correlator of every component.
 *
 * Mirrors client-go tools/record/events_cache.go (EventCorrelator) and tools/events for the
 * scheduler. Times: an event is stamped when it happens; its object appears in the API one API write
 * later. Left out on purpose: the server's one-hour TTL of events, the recorder's queue length.
 */
#include "model/events.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/cover.h"

/* k8s client-go tools/record/events_cache.go: defaultAggregateMaxEvents, ...IntervalInSeconds,
 * defaultSpamBurst, defaultSpamQPS (1 per 300 s). */
enum { AGGREGATE_AFTER = 10, SPAM_BURST = 25 };
#define AGGREGATE_INTERVAL (600 * SIM_SECOND)
#define SPAM_REFILL        (300 * SIM_SECOND)
#define COMBINED           "(combined from similar events): "

/* One Event object: everything that only raises its count. */
struct sent {
    uint32_t next;   /* of the same involved object; index + 1 */
    uint32_t about;  /* ordinal */
    uint32_t sender; /* who sent it */
    bool warning;
    bool forgotten;   /* by a recorder that has been started again */
    bool folded;      /* the "combined" one of its group */
    uint32_t ordinal; /* of the Event object, 0 until it is committed */
    uint32_t count;
    const char *reason, *message, *field_path;
    sim_time first, last;
};

/* Events alike but for the message: (source, object, type, reason). It is made when the second comes: what it would
 * say of the first is what `sent` says. */
struct group {
    uint32_t next;
    bool warning;
    const char *component, *reason;
    const char **messages; /* different ones since the interval began, oldest first */
    uint32_t different, room;
    sim_time last;
};

/* Token bucket of (source, object, and since 1.32 type), in nanoseconds of credit. */
struct bucket {
    uint32_t next;
    const char *component, *type;
    sim_time credit, at;
};

/* Lists per involved object, by ordinal. */
struct per_object {
    uint32_t sent, groups, buckets; /* index + 1 */
};

/* Who sends events sends them one after the other, the next when the one before is written: client-go
 * tools/record/event.go StartEventWatcher. (The scheduler's tools/events/event_broadcaster.go does not wait.) Each
 * write carries the oldest one that has not been carried yet, so that counts only rise whatever order equal or random
 * latencies bring the writes in. */
struct sender {
    const char *component, *host;
    uint32_t first, last; /* of its queue; index + 1 */
    sim_time free_at;     /* all that was sent has been written then */
};

struct posted {    /* what one API write carries: a snapshot of `sent` at that moment */
    uint32_t next; /* of the sender's queue; index + 1 */
    uint32_t cause;
    uint32_t sent;
    int64_t count;
    sim_time last;
    const char *message;
    const struct api_object *about;
    enum trace_component who;
    bool events_v1;
};

enum { RECENT_MESSAGES = 256 };

struct recorder {
    struct store *store;
    struct pool sent, groups, buckets, objects, senders, posted;
    struct pool by_ordinal;              /* uint32_t: index in `objects` + 1 */
    const char *recent[RECENT_MESSAGES]; /* by hash: pods of one template are told of in the same words */
    uint32_t free_posted;                /* list of those that have been carried; index + 1 */
    uint32_t *senders_by_name;           /* indices, sorted */
    uint32_t senders_capacity;
};

struct recorder *recorder_new(struct store *st)
{
    struct arena *a = store_arena(st);
    struct recorder *r = arena_new(a, struct recorder);
    r->store = st;
    pool_init(&r->sent, a, sizeof(struct sent));
    pool_init(&r->groups, a, sizeof(struct group));
    pool_init(&r->buckets, a, sizeof(struct bucket));
    pool_init(&r->objects, a, sizeof(struct per_object));
    pool_init(&r->by_ordinal, a, sizeof(uint32_t));
    pool_init(&r->senders, a, sizeof(struct sender));
    pool_init(&r->posted, a, sizeof(struct posted));
    return r;
}

static struct per_object *lists_of(struct recorder *r, uint32_t ordinal)
{
    while (r->by_ordinal.count <= ordinal)
        pool_add(&r->by_ordinal);
    uint32_t *slot = pool_at(&r->by_ordinal, ordinal);
    if (!*slot)
        *slot = pool_add(&r->objects) + 1;
    return pool_at(&r->objects, *slot - 1);
}

static const struct sender *sender_at(const struct recorder *r, uint32_t index) { return pool_at(&r->senders, index); }

static const char *type_of(const struct sent *s) { return s->warning ? "Warning" : "Normal"; }

/* A text that lasts. */
static const char *keep_message(struct recorder *r, const char *text)
{
    const char **slot = &r->recent[text_hash(TEXT_HASH, text) % RECENT_MESSAGES];
    if (!*slot || strcmp(*slot, text) != 0)
        *slot = arena_strdup(store_arena(r->store), text);
    return *slot;
}

/* Nodes have recorders of their own, and their pods are their own. */
static bool same_source(const struct recorder *r, const struct sent *s, const struct sent *key)
{
    return s->sender == key->sender ||
           text_same(sender_at(r, s->sender)->component, sender_at(r, key->sender)->component);
}

static struct sent *find_sent(struct recorder *r, struct per_object *lists, const struct sent *key)
{
    for (uint32_t i = lists->sent; i;) {
        struct sent *s = pool_at(&r->sent, i - 1);
        if (!s->forgotten && s->folded == key->folded && s->warning == key->warning &&
            text_same(s->reason, key->reason) && same_source(r, s, key) &&
            (s->folded || text_same(s->message, key->message)) &&
            (s->folded || text_same(s->field_path, key->field_path)))
            return s;
        i = s->next;
    }
    return NULL;
}

static uint32_t add_sent(struct recorder *r, struct per_object *lists, const struct sent *key)
{
    uint32_t i = pool_add(&r->sent);
    struct sent *s = pool_at(&r->sent, i);
    *s = *key;
    s->next = lists->sent;
    lists->sent = i + 1;
    return i;
}

static uint32_t index_of(struct recorder *r, struct per_object *lists, const struct sent *wanted)
{
    uint32_t i = lists->sent;
    while (pool_at(&r->sent, i - 1) != (const void *)wanted)
        i = ((struct sent *)pool_at(&r->sent, i - 1))->next;
    return i - 1;
}

/* Most groups have one message. */
static void add_message(struct arena *a, struct group *g, const char *message)
{
    if (g->different == g->room) {
        g->room = g->room == 0 ? 1 : AGGREGATE_AFTER;
        const char **bigger = arena_array(a, const char *, g->room);
        if (g->different)
            memcpy(bigger, g->messages, g->different * sizeof *bigger);
        g->messages = bigger;
    }
    g->messages[g->different++] = message;
}

/* NULL: no event like this one has been there yet. */
static struct group *find_group(struct recorder *r, struct per_object *lists, const struct sent *key)
{
    const char *component = sender_at(r, key->sender)->component;
    for (uint32_t i = lists->groups; i;) {
        struct group *g = pool_at(&r->groups, i - 1);
        if (text_same(g->component, component) && g->warning == key->warning && text_same(g->reason, key->reason))
            return g;
        i = g->next;
    }
    const struct sent *first = NULL;
    for (uint32_t i = lists->sent; i && !first;) {
        const struct sent *s = pool_at(&r->sent, i - 1);
        if (!s->forgotten && s->warning == key->warning && text_same(s->reason, key->reason) && same_source(r, s, key))
            first = s;
        i = s->next;
    }
    if (!first)
        return NULL;
    uint32_t i = pool_add(&r->groups);
    struct group *g = pool_at(&r->groups, i);
    *g = (struct group){.next = lists->groups,
                        .component = component,
                        .warning = key->warning,
                        .reason = key->reason,
                        .last = first->last};
    add_message(store_arena(r->store), g, first->message);
    lists->groups = i + 1;
    return g;
}

/* k8s events_cache.go EventAggregate: an event that makes it ten different messages within the interval is folded
 * into one for them all; then one of the ten is forgotten. k8s-order: event-fold. Any of them there (a Go set's
 * PopAny), the oldest here. */
static bool must_fold(struct recorder *r, struct per_object *lists, const struct sent *key, const char *message,
                      sim_time now)
{
    struct group *g = find_group(r, lists, key);
    if (!g)
        return false;
    if (g->last == SIM_NEVER || now - g->last > AGGREGATE_INTERVAL)
        g->different = 0;
    g->last = now;
    bool known = false;
    for (uint32_t i = 0; i < g->different && !known; i++)
        known = strcmp(g->messages[i], message) == 0;
    if (!known)
        add_message(store_arena(r->store), g, message);
    if (g->different < AGGREGATE_AFTER)
        return false;
    memmove(g->messages, g->messages + 1, (AGGREGATE_AFTER - 1) * sizeof(*g->messages));
    g->different--;
    return true;
}

/* k8s events_cache.go EventSourceObjectSpamFilter: true = let it through. */
static bool take_token(struct recorder *r, struct per_object *lists, const struct sent *key, sim_time now)
{
    struct bucket *b = NULL;
    const char *type = store_has(r->store, FEATURE_EVENT_BUCKET_PER_TYPE) ? type_of(key) : "";
    const char *component = sender_at(r, key->sender)->component;
    for (uint32_t i = lists->buckets; i && !b;) {
        struct bucket *candidate = pool_at(&r->buckets, i - 1);
        if (text_same(candidate->component, component) && text_same(candidate->type, type))
            b = candidate;
        i = candidate->next;
    }
    if (!b) {
        uint32_t i = pool_add(&r->buckets);
        b = pool_at(&r->buckets, i);
        *b = (struct bucket){.next = lists->buckets,
                             .component = component,
                             .type = type,
                             .credit = SPAM_BURST * SPAM_REFILL,
                             .at = now};
        lists->buckets = i + 1;
    }
    b->credit += now - b->at;
    b->at = now;
    if (b->credit > SPAM_BURST * SPAM_REFILL)
        b->credit = SPAM_BURST * SPAM_REFILL;
    if (b->credit < SPAM_REFILL)
        return false;
    b->credit -= SPAM_REFILL;
    return true;
}

static struct k8s_event *new_event_object(struct recorder *r, const struct sent *s, const struct posted *p)
{
    struct arena *a = store_arena(r->store);
    const struct object_meta *m = &p->about->meta;
    struct k8s_event *e = arena_new(a, struct k8s_event);
    e->object.kind = KIND_EVENT;
    e->object.api_version_text = "v1";
    e->object.kind_text = "Event";
    e->object.meta.namespace_ = kind_infos[p->about->kind].namespaced ? m->namespace_ : "default";
    /* k8s client-go tools/record/event.go makeEvent: name is object and time in hexadecimal. */
    uint64_t stamp = (uint64_t)store_epoch(r->store) * UINT64_C(1000000000) + (uint64_t)s->first;
    uint32_t same_instant = 0;
    do {
        e->object.meta.name = arena_printf(a, "%s.%" PRIx64, m->name, stamp + same_instant++);
    } while (store_get(r->store, KIND_EVENT, e->object.meta.namespace_, e->object.meta.name));
    e->involved_object = (struct object_reference){
        .api_version = kind_infos[p->about->kind].api_version,
        .kind = kind_infos[p->about->kind].kind,
        .name = m->name,
        .namespace_ = kind_infos[p->about->kind].namespaced ? m->namespace_ : NULL,
        .uid = m->uid,
        .resource_version = m->resource_version,
        .field_path = s->field_path,
    };
    e->reason = s->reason;
    e->type = type_of(s);
    e->source = (struct event_source){sender_at(r, s->sender)->component, sender_at(r, s->sender)->host};
    e->reporting_component = e->source.component;
    e->reporting_instance = e->source.host;
    e->first_timestamp = e->last_timestamp = e->event_time = SIM_NEVER;
    return e;
}

static void fill(struct k8s_event *e, const struct sent *s, const struct posted *p)
{
    e->message = p->message;
    if (p->events_v1) {
        e->event_time = s->first;
    } else {
        e->first_timestamp = api_second(s->first);
        e->last_timestamp = api_second(p->last);
        e->count = p->count;
    }
    if (p->events_v1 && p->count > 1) { /* a series; shown as a count */
        e->count = p->count;
        e->last_timestamp = api_second(p->last);
    }
}

static void commit_event(void *ctx, uint32_t arg)
{
    struct recorder *r = ctx;
    struct sender *sender = pool_at(&r->senders, arg);
    struct posted *slot = pool_at(&r->posted, sender->first - 1), p = *slot;
    slot->next = r->free_posted;
    r->free_posted = sender->first;
    sender->first = p.next;
    struct sent *s = pool_at(&r->sent, p.sent);
    sim_set_cause(store_sim(r->store), p.cause);
    const struct api_object *current = s->ordinal ? store_by_ordinal(r->store, s->ordinal) : NULL;
    if (current) {
        struct k8s_event *e = (struct k8s_event *)store_edit(r->store, current);
        fill(e, s, &p);
        store_update(r->store, p.who, &e->object, false);
        return;
    }
    struct k8s_event *e = new_event_object(r, s, &p);
    fill(e, s, &p);
    const struct api_object *stored;
    if (store_create(r->store, p.who, &e->object, &stored) == STORE_OK)
        s->ordinal = stored->ordinal;
}

static int compare_sender(const struct sender *s, const struct event_origin *origin)
{
    int by_host = strcmp(s->host ? s->host : "", origin->host ? origin->host : "");
    return by_host ? by_host : strcmp(s->component ? s->component : "", origin->component ? origin->component : "");
}

static void insert_sender(struct recorder *r, uint32_t at, uint32_t sender)
{
    uint32_t count = r->senders.count - 1; /* without the new one */
    if (count == r->senders_capacity) {
        uint32_t capacity = count ? 2 * count : 8;
        uint32_t *bigger = arena_array(store_arena(r->store), uint32_t, capacity);
        if (count)
            memcpy(bigger, r->senders_by_name, count * sizeof *bigger);
        r->senders_by_name = bigger;
        r->senders_capacity = capacity;
    }
    uint32_t *p = r->senders_by_name + at;
    memmove(p + 1, p, (count - at) * sizeof *p);
    *p = sender;
}

/* Every node has senders: they are searched by bisection. */
static uint32_t sender_of(struct recorder *r, const struct event_origin *origin)
{
    uint32_t low = 0, high = r->senders.count;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        int order = compare_sender(pool_at(&r->senders, r->senders_by_name[mid]), origin);
        if (order == 0)
            return r->senders_by_name[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    uint32_t i = pool_add(&r->senders);
    *(struct sender *)pool_at(&r->senders, i) = (struct sender){.component = origin->component, .host = origin->host};
    insert_sender(r, low, i);
    return i;
}

static void enqueue(struct recorder *r, uint32_t sender, uint32_t posted)
{
    struct sender *s = pool_at(&r->senders, sender);
    if (s->first)
        ((struct posted *)pool_at(&r->posted, s->last - 1))->next = posted + 1;
    else
        s->first = posted + 1;
    s->last = posted + 1;
}

static void send(struct recorder *r, uint32_t sent, const char *message, const struct api_object *about,
                 const struct event_origin *origin)
{
    struct sent *s = pool_at(&r->sent, sent);
    struct sim *sim = store_sim(r->store);
    uint32_t i = r->free_posted ? r->free_posted - 1 : pool_add(&r->posted);
    struct posted *p = pool_at(&r->posted, i);
    if (r->free_posted)
        r->free_posted = p->next;
    *p = (struct posted){
        .cause = sim_cause(sim),
        .sent = sent,
        .count = s->count,
        .last = s->last,
        .message = message,
        .about = about,
        .who = origin->who,
        .events_v1 = origin->events_v1,
    };
    enqueue(r, s->sender, i);
    struct sender *to = pool_at(&r->senders, s->sender);
    sim_time now = sim_now(sim), begins = to->free_at > now && !origin->events_v1 ? to->free_at : now;
    to->free_at =
        begins + profile_draw_event(store_profile(r->store), about->stream, begins, about->meta.name, s->reason);
    store_post_from(r->store, to->host, to->free_at - now, commit_event, r, s->sender);
}

/* The correlator lives in the process: k8s client-go events_cache.go keeps nothing elsewhere. */
void recorder_forget(struct recorder *r, const struct event_origin *origin)
{
    uint32_t sender = sender_of(r, origin);
    for (uint32_t i = 0; i < r->sent.count; i++) {
        struct sent *s = pool_at(&r->sent, i);
        if (s->sender != sender || s->forgotten)
            continue;
        s->forgotten = true;
        struct per_object *lists = lists_of(r, s->about);
        for (uint32_t g = lists->groups; g; g = ((struct group *)pool_at(&r->groups, g - 1))->next) {
            struct group *group = pool_at(&r->groups, g - 1);
            if (text_same(group->component, origin->component))
                group->last = SIM_NEVER;
        }
        for (uint32_t b = lists->buckets; b; b = ((struct bucket *)pool_at(&r->buckets, b - 1))->next) {
            struct bucket *bucket = pool_at(&r->buckets, b - 1);
            if (text_same(bucket->component, origin->component))
                bucket->credit = SPAM_BURST * SPAM_REFILL;
        }
    }
}

enum { EVENT_NEW, EVENT_COUNTED, EVENT_FOLDED, EVENT_THROTTLED };
COVER_TABLE(event_correlation, "what becomes of an event", "a new object", "counts up an older one",
            "folded into the combined one", "dropped by the token bucket");

void recorder_event(struct recorder *r, const struct event_origin *origin, const struct api_object *about,
                    const char *field_path, bool warning, const char *reason, const char *format, ...)
{
    char text[4096];
    va_list ap;
    va_start(ap, format);
    text_format(text, sizeof(text), format, ap);
    va_end(ap);
    text[1024] = '\0'; /* k8s core/validation/events.go NoteLengthLimit */

    sim_time now = sim_now(store_sim(r->store));
    struct per_object *lists = lists_of(r, about->ordinal);
    struct sent key = {
        .about = about->ordinal,
        .sender = sender_of(r, origin),
        .warning = warning,
        .reason = reason,
        .message = text,
        .field_path = field_path,
        .count = 0,
        .first = now,
    };
    struct sent *known = find_sent(r, lists, &key);
    const char *message = known ? known->message : keep_message(r, text);
    bool throttled = store_profile(r->store)->event_throttle && !origin->events_v1;
    if (throttled && must_fold(r, lists, &key, message, now)) {
        key.folded = true;
        known = find_sent(r, lists, &key);
        message = arena_printf(store_arena(r->store), COMBINED "%s", text);
    }
    uint32_t index;
    COVER(event_correlation, key.folded ? EVENT_FOLDED : known ? EVENT_COUNTED : EVENT_NEW);
    if (known) {
        index = index_of(r, lists, known);
    } else {
        key.message = message;
        index = add_sent(r, lists, &key);
        known = pool_at(&r->sent, index);
    }
    known->count++;
    known->last = now;
    if (throttled && !take_token(r, lists, &key, now)) {
        COVER(event_correlation, EVENT_THROTTLED);
        return;
    }
    send(r, index, message, about, origin);
}
