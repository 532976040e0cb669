/* workqueue.h - the rate-limited queue of a controller, and the worker that makes the API calls of a sync.
 *
 * A key is an object that the controller looks after. Adding one that waits already changes nothing; adding one that is
 * being worked on makes it dirty: it is worked on again afterwards. One key is never worked on twice at a time.
 *
 *     static void sync(void *ctx, uint32_t key)      decides, from caches, and lists the calls to be made
 *     {
 *         ...
 *         workqueue_call(q, key, (struct work_call){.kind = CREATE_POD, .count = 1, .first_of_batch = true});
 *     }
 *     static enum call_result make(void *ctx, uint32_t key, const struct work_call *call)      at its commit
 *
 * Calls of a batch are made at one instant, batches one after the other, one API write (HOP_API_WRITE) apart.
 * k8s client-go util/workqueue/queue.go, delaying_queue.go, default_rate_limiters.go.
 */
#ifndef MODEL_WORKQUEUE_H
#define MODEL_WORKQUEUE_H

#include "model/store.h"

struct workqueue;

enum call_result {
    CALL_OK,
    CALL_FAILED, /* the calls of its batch are made all the same, then only those that are for failures, too */
    CALL_ABORT   /* nothing more is done: the key is tried again */
};

struct work_call {
    uint16_t kind;
    bool first_of_batch;
    bool after_failure; /* is made when one before has failed, too */
    uint32_t object;    /* ordinal of what it is about */
    int64_t count; /* how many objects it makes */
    const void *data; /* in the run's arena */
};

struct work_ops {
    const char *name;
    uint32_t class;       /* of the sync: CLASS_WORKLOAD, CLASS_PARENT */
    uint32_t max_retries; /* then the key is dropped until something happens; 0 = never */
    void (*sync)(void *ctx, uint32_t key);
    enum call_result (*make)(void *ctx, uint32_t key, const struct work_call *call);
    /* All calls have been made, or one failed. May be NULL. */
    void (*done)(void *ctx, uint32_t key, bool failed);
};

struct workqueue *workqueue_new(struct store *st, const struct work_ops *ops, void *ctx);
/* Retries wait `first`, then twice as long each time, at most `max`; without this, 5 ms and 1000 s. */
void workqueue_set_retries(struct workqueue *q, sim_time first, sim_time max);
/* The caches are read when the key has its turn, and the work (HOP_CONTROLLER_SYNC) comes between that and the first
 * call; else they are read when the work is over. Only the former misses what happens meanwhile. */
void workqueue_read_first(struct workqueue *q);
/* A new key; keys count from 0. stream: of its random draws. */
uint32_t workqueue_key(struct workqueue *q, uint32_t stream);
/* The key of an object; *ret_new: it was made just now. For queues whose keys are all of objects, which come in the
 * order of their creation. */
uint32_t workqueue_key_of(struct workqueue *q, const struct api_object *object, bool *ret_new);

void workqueue_add(struct workqueue *q, uint32_t key);
/* After a delay; an earlier one that is waiting stays. */
void workqueue_add_after(struct workqueue *q, uint32_t key, sim_time delay);
/* After a wait that is doubled with every failure in a row: k8s ItemExponentialFailureRateLimiter. */
void workqueue_add_rate_limited(struct workqueue *q, uint32_t key);
/* What waits for its time does not come: for a queue whose every sync says anew when it wants to be woken, which a real
 * one's does as well, only that its former delays run out for nothing. */
void workqueue_forget_delay(struct workqueue *q, uint32_t key);
/* Only from inside sync(). */
void workqueue_call(struct workqueue *q, uint32_t key, struct work_call call);
/* Only from inside sync() and make(): ends as a failure, with a retry. */
void workqueue_fail(struct workqueue *q, uint32_t key);

#endif
