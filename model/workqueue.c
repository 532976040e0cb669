/* workqueue.c - see workqueue.h.
 *
 * Left out on purpose: the number of workers (5 for most controllers), so keys never wait for one another; the overall
 * bucket of 10 retries/s after the first 100; the client's limit of 20 calls/s after the first 30; what is added while
 * a key waits for its turn costs nothing.
 */
#include "model/workqueue.h"

#include "model/classes.h"
#include "model/playback.h"

#define RETRY_FIRST (SIM_MS * 5)
#define RETRY_MAX   (SIM_SECOND * 1000)
enum { DOUBLINGS_MAX = 18 }; /* 5 ms << 18 is more than RETRY_MAX */

enum { SYNC, DELAYED }; /* indices of its timers */

struct key {
    uint32_t ordinal; /* of the object it is of; 0 = of something else */
    uint32_t object, stream;
    struct sim_timer sync, delayed;
    struct pool calls; /* struct work_call of the sync at work */
    uint32_t next_call, failures;
    uint32_t made; /* objects, as its calls say */
    bool working, dirty, failed, aborted;
    uint32_t dirty_cause; /* what made it dirty first */
};

struct workqueue {
    struct store *store;
    struct sim *sim;
    struct work_ops ops;
    void *ctx;
    uint32_t handler;
    sim_time retry_first, retry_max;
    bool reads_first;
    struct pool keys;
};

static struct key *key_at(struct workqueue *q, uint32_t key) { return pool_at(&q->keys, key); }

static sim_time work_time(struct workqueue *q, const struct key *k)
{
    return profile_draw(store_profile(q->store), HOP_CONTROLLER_SYNC, k->stream, sim_now(q->sim));
}

/* ---- adding ---- */

void workqueue_add(struct workqueue *q, uint32_t key)
{
    struct key *k = key_at(q, key);
    if (k->working) {
        k->dirty_cause = k->dirty ? k->dirty_cause : sim_cause(q->sim);
        k->dirty = true;
        return;
    }
    sim_time cost = q->reads_first ? 0 : work_time(q, k);
    sim_arm_by(q->sim, sim_time_add(sim_now(q->sim), cost), q->ops.class, k->object, SYNC);
}

/* In a run that is played back, on the recorded side of a write at that moment. */
static sim_time recorded_due(struct workqueue *q, uint32_t key, sim_time due)
{
    const struct playback *p = store_profile(q->store)->playback;
    uint32_t ordinal = key_at(q, key)->ordinal;
    const struct api_object *o = p && p->side_count && ordinal ? store_by_ordinal(q->store, ordinal) : NULL;
    sim_time at = o ? playback_sync(p, kind_infos[o->kind].singular, o->meta.name, due) : due;
    return at > sim_now(q->sim) ? at : due;
}

void workqueue_add_after(struct workqueue *q, uint32_t key, sim_time delay)
{
    sim_time due = sim_time_add(sim_now(q->sim), delay);
    if (delay <= 0)
        workqueue_add(q, key);
    else
        sim_arm_by(q->sim, recorded_due(q, key, due), q->ops.class, key_at(q, key)->object, DELAYED);
}

void workqueue_forget_delay(struct workqueue *q, uint32_t key)
{
    sim_cancel(q->sim, q->ops.class, key_at(q, key)->object, DELAYED);
}

void workqueue_add_rate_limited(struct workqueue *q, uint32_t key)
{
    struct key *k = key_at(q, key);
    uint32_t doublings = k->failures < DOUBLINGS_MAX ? k->failures : DOUBLINGS_MAX;
    sim_time delay = q->retry_first << doublings;
    k->failures++;
    workqueue_add_after(q, key, delay < q->retry_max ? delay : q->retry_max);
}

/* ---- working ---- */

static void finish(struct workqueue *q, uint32_t key)
{
    struct key *k = key_at(q, key);
    bool failed = k->failed || k->aborted;
    if (q->ops.done)
        q->ops.done(q->ctx, key, failed);
    k = key_at(q, key);
    if (failed && (q->ops.max_retries == 0 || k->failures < q->ops.max_retries))
        workqueue_add_rate_limited(q, key);
    else
        k->failures = 0;
    k->working = false;
    uint32_t cause = sim_cause(q->sim);
    if (q->reads_first) /* else it is mostly made dirty by its own writes */
        sim_set_cause(q->sim, k->dirty ? k->dirty_cause : cause);
    if (k->dirty)
        workqueue_add(q, key);
    sim_set_cause(q->sim, cause);
    k->dirty = false;
}

/* The last call has been made: at once, or when its answer has come, the key is done with. */
static void answered(struct workqueue *q, uint32_t key)
{
    struct key *k = key_at(q, key);
    if (!q->reads_first || k->next_call == 0) {
        finish(q, key);
        return;
    }
    sim_time now = sim_now(q->sim);
    sim_arm(q->sim, sim_time_add(now, profile_draw(store_profile(q->store), HOP_SLICE_RESPONSE, k->stream, now)),
            q->ops.class, k->object, SYNC);
}

static void make_batch(void *ctx, uint32_t key);

/* Of the next batch. */
static sim_time write_cost(struct workqueue *q, struct key *k)
{
    const struct profile *profile = store_profile(q->store);
    const struct work_call *next = pool_at(&k->calls, k->next_call);
    const struct api_object *o =
        profile->playback && k->ordinal && next->count > 0 ? store_by_ordinal(q->store, k->ordinal) : NULL;
    sim_time now = sim_now(q->sim), recorded = SIM_NEVER;
    if (o)
        recorded = playback_creation(profile->playback, arena_printf(store_arena(q->store), "%s-", o->meta.name),
                                     k->made, next->count, now);
    return recorded != SIM_NEVER ? recorded : profile_draw(profile, HOP_API_WRITE, k->stream, now);
}

/* The next batch is on its way; or there is nothing more to do. */
static void go_on(struct workqueue *q, uint32_t key)
{
    struct key *k = key_at(q, key);
    while (k->failed && !k->aborted && k->next_call < k->calls.count &&
           !((const struct work_call *)pool_at(&k->calls, k->next_call))->after_failure)
        k->next_call++;
    if (k->aborted || k->next_call == k->calls.count) {
        answered(q, key);
        return;
    }
    sim_time work = q->reads_first && k->next_call == 0 ? work_time(q, k) : 0;
    store_post(q->store, sim_time_add(work, write_cost(q, k)), make_batch, q, key);
}

static void make_batch(void *ctx, uint32_t key)
{
    struct workqueue *q = ctx;
    uint32_t cause = sim_cause(q->sim), made = 0;
    for (;; made++) {
        struct key *k = key_at(q, key);
        const struct work_call *next = k->next_call < k->calls.count ? pool_at(&k->calls, k->next_call) : NULL;
        if (!next || k->aborted || (made > 0 && next->first_of_batch))
            break;
        struct work_call call = *next;
        k->next_call++;
        sim_set_cause(q->sim, cause);
        enum call_result result = q->ops.make(q->ctx, key, &call);
        k = key_at(q, key);
        k->failed = k->failed || result == CALL_FAILED;
        k->made += (uint32_t)call.count;
        k->aborted = k->aborted || result == CALL_ABORT;
    }
    sim_set_cause(q->sim, cause);
    go_on(q, key);
}

void workqueue_call(struct workqueue *q, uint32_t key, struct work_call call)
{
    struct key *k = key_at(q, key);
    ASSERT(k->working);
    *(struct work_call *)pool_at(&k->calls, pool_add(&k->calls)) = call;
}

void workqueue_fail(struct workqueue *q, uint32_t key) { key_at(q, key)->failed = true; }

static void begin(struct workqueue *q, uint32_t key)
{
    struct key *k = key_at(q, key);
    ASSERT(!k->working);
    k->working = true;
    k->dirty = k->failed = k->aborted = false;
    k->calls.count = k->next_call = 0;
    q->ops.sync(q->ctx, key);
    go_on(q, key);
}

static struct sim_timer *timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class;
    struct key *k = key_at(ctx, local);
    return index == SYNC ? &k->sync : &k->delayed;
}

static void fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)class;
    struct workqueue *q = ctx;
    if (index == DELAYED)
        workqueue_add(q, local);
    else if (key_at(q, local)->working)
        finish(q, local);
    else
        begin(q, local);
}

uint32_t workqueue_key(struct workqueue *q, uint32_t stream)
{
    uint32_t key = pool_add(&q->keys);
    struct key *k = key_at(q, key);
    *k = (struct key){.stream = stream, .object = sim_object_new(q->sim, q->handler, key)};
    pool_init(&k->calls, store_arena(q->store), sizeof(struct work_call));
    return key;
}

uint32_t workqueue_key_of(struct workqueue *q, const struct api_object *o, bool *ret_new)
{
    uint32_t low = 0, high = q->keys.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (key_at(q, middle)->ordinal < o->ordinal)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_new = low == q->keys.count;
    if (*ret_new) {
        workqueue_key(q, o->stream);
        key_at(q, low)->ordinal = o->ordinal;
    }
    ASSERT(key_at(q, low)->ordinal == o->ordinal); /* they arrive in order of their creation */
    return low;
}

void workqueue_read_first(struct workqueue *q) { q->reads_first = true; }

struct workqueue *workqueue_new(struct store *st, const struct work_ops *ops, void *ctx)
{
    struct arena *a = store_arena(st);
    struct workqueue *q = arena_new(a, struct workqueue);
    *q = (struct workqueue){
        .store = st, .sim = store_sim(st), .ops = *ops, .ctx = ctx, .retry_first = RETRY_FIRST, .retry_max = RETRY_MAX};
    pool_init(&q->keys, a, sizeof(struct key));
    q->handler = sim_handler_add(q->sim, &(struct sim_handler){ops->name, q, timer, fire});
    return q;
}

void workqueue_set_retries(struct workqueue *q, sim_time first, sim_time max)
{
    q->retry_first = first;
    q->retry_max = max;
}
