/* traffic_private.h - what the files of the clients share.
 *
 *   traffic.c          clients and lanes: when requests are sent, which are events
 *   traffic_request.c  one request: name, rules, server, fate
 *   traffic_skip.c     requests that were no events, counted
 *   traffic_count.c    what became of requests, as records of the trace
 *   traffic_type.c     how clients are written
 */
#ifndef MODEL_TRAFFIC_PRIVATE_H
#define MODEL_TRAFFIC_PRIVATE_H

#include "model/traffic.h"

#define DEFAULT_TIMEOUT  (10 * SIM_SECOND) /* a modelling choice, as the next */
#define DEFAULT_PAUSE    (100 * SIM_MS)
#define DEFAULT_CACHE    (30 * SIM_SECOND) /* semantics/README.md 3: client_ttl */
#define DEFAULT_INTERVAL SIM_SECOND

/* What a request to a target comes to, as it was found out. */
struct answer {
    bool valid;  /* nothing has happened since that might change it */
    bool steady; /* and nothing but that will until `lasts_until` */
    bool closes; /* the server ends the connection after it */
    bool taken;  /* a process took it: it may be killed meanwhile */
    enum traffic_fate fate;
    const char *seen;
    sim_time took; /* until the client knows */
    sim_time lasts_until;
    struct net_peer peer;   /* who answers */
    enum net_result result; /* what the fate was made of */
    int32_t status;
    bool late, overloaded;
};

/* A request that is answered later. */
struct pending {
    sim_time sent, due;
    struct net_peer peer;
    uint32_t lane, attempt;
    uint64_t number;
    struct trace_traffic *counted; /* where it is, as what it will be */
};

/* Requests of one fate at one target: a record. It goes on when the next one ends so, too, or one that is sent not
 * later than an interval after the last: a server with too much to do serves and turns away in turns. */
struct stretch {
    struct trace_traffic *data; /* NULL = none yet */
    enum traffic_fate fate;
    const char *seen;
};

enum connection { FRESH, KEPT, CONNECTIONS };
enum { RECENT = 4 }; /* stretches of a target that may go on */

/* An endpoint that a client has sent requests to. What gets to none has a target per fate, without an address. */
struct target {
    struct target *next; /* in its bucket */
    uint32_t index;      /* in the client's targets */
    const char *ip;
    int32_t port;
    uint32_t pod;              /* ordinal, 0 = unknown or none */
    const char *pod_namespace; /* NULL = it is no pod */
    const char *pod_name, *uid, *node_name;
    struct answer answers[CONNECTIONS];         /* on a new connection, and on one that stays open */
    struct stretch recent[CONNECTIONS][RECENT]; /* the newest first */
    struct pending *pending;                    /* by due time */
    uint32_t pending_count, pending_room;
    uint32_t cause; /* record of what changed it last */
};

enum { TARGET_BUCKETS = 64 };

/* A connection that stays open. */
struct slot {
    uint32_t target; /* 0 = it is closed */
    struct net_peer peer;
};

/* One source of requests, sent one after the other: a node, or one of `concurrency`. */
struct lane {
    struct client *client;
    uint32_t index;  /* among the client's */
    uint32_t object; /* of the engine */
    struct sim_timer timer;
    const char *node_name, *ip;
    uint32_t source; /* the container that it is in, 0 = none */
    uint64_t number; /* of its next request */
    sim_time next_at;
    sim_time wake_at; /* while it skips: when it must look again */
    bool skips;       /* its requests are no events now */
    bool looks;       /* while its own event is handled: a request of this instant is still to be sent */
    bool away;        /* its container does not run, or its node is off: nothing is sent */
    uint32_t attempt; /* of its next request: with concurrency, a retry */

    int64_t epoch; /* of the name's last resolution; -1 = none */
    const char *address;
    str_list addresses; /* of a headless Service */
    bool named;         /* the cluster's DNS server has said so */
    bool names_heard;   /* something has changed since that may change the answer */

    bool routed; /* the rest is of these rules */
    struct proxy_stamp stamp;
    struct proxy_rule rule;
    uint32_t *targets; /* in turn */
    uint32_t target_count, target_room;
    uint32_t affine; /* target, 0 = none */
    sim_time affine_used;
    struct slot *slots;
};

/* A request that is made again later. */
struct late_retry {
    struct client *client;
    uint32_t lane, attempt, object;
    uint64_t number;
    struct sim_timer timer;
    bool used;
    uint32_t next_free; /* 1 + index */
};

struct client {
    struct traffic *traffic;
    const struct scenario_traffic *said;
    struct traffic_url url;
    uint32_t index, object;
    struct sim_timer look, end;
    int64_t rate_milli; /* 0: concurrency */
    uint32_t slot_count, retries;
    sim_time timeout, connect_timeout, start, stop, pause, dns_cache, interval;
    bool outside, random, held;
    bool keeps_denials; /* names that were not found, too */
    uint64_t sent;
    struct pool stretches; /* struct stretch, all of them */
    struct pool targets;   /* struct target */
    struct target *by_address[TARGET_BUCKETS];
    struct pool lanes; /* struct lane */
};

struct traffic {
    struct traffic_deps deps;
    struct sim *sim;
    struct arena *arena;
    uint32_t handler, lane_handler, retry_handler;
    struct pool clients;   /* struct client */
    struct pool all_lanes; /* struct lane *, by the engine's local index */
    struct pool retries;   /* struct late_retry */
    uint32_t free_retry;   /* 1 + index */
};

static inline struct client *client_at(const struct traffic *t, uint32_t i) { return pool_at(&t->clients, i); }
static inline struct lane *lane_at(const struct client *c, uint32_t i) { return pool_at(&c->lanes, i); }
static inline struct target *target_at(const struct client *c, uint32_t i) { return pool_at(&c->targets, i); }

/* ---- traffic_request.c ---- */

/* Which of so many takes attempt `attempt` of its request `number`. */
uint32_t lane_choice(const struct lane *l, uint64_t number, uint32_t attempt, uint32_t count);
/* What becomes of a request that no endpoint gets, and what counts it. */
struct target *lane_nobody(struct lane *l, struct answer *ret);
struct target *traffic_target_of_fate(struct client *c, const struct answer *a);
const char *traffic_node_address(const struct traffic *t, const char *node); /* NULL = there is none */
/* Sends it now, and again if there was no answer and that takes no time; counts it. Returns until when the client
 * waits. */
sim_time lane_request(struct lane *l, uint64_t number, uint32_t attempt);
/* Its name is to be asked for again at each change that might matter, however long answers are kept. */
bool lane_asks_again(const struct lane *l);
/* Another try would be made. */
bool fate_is_retried(const struct answer *a);
bool lane_is_away(struct lane *l);
/* Nothing changed: the connection can be used. */
bool slot_is_open(const struct client *c, const struct slot *s);

/* ---- traffic_count.c ---- */

/* The record of those that end so now. */
struct trace_traffic *traffic_stretch(struct client *c, struct target *t, enum connection k, const struct answer *a);
/* `count` more, sent from `first` to `last`; the intervals that they are in are counted beside. */
void traffic_count(struct trace_traffic *data, uint64_t count, sim_time first, sim_time last);
void traffic_count_interval(struct client *c, struct trace_traffic *data, uint64_t interval, uint32_t count);
/* One that is sent now. */
void traffic_count_one(struct client *c, struct trace_traffic *data, sim_time sent);
void pending_add(struct client *c, struct target *t, struct pending p);
/* Those that are over by now are forgotten. */
void pending_finish(struct client *c, struct target *t);
/* Those whose server is gone end now; they are taken out, and made again where the client does. */
void pending_kill(struct client *c, struct target *t);
void pending_abandon(struct client *c, struct target *t); /* the run is over */
void traffic_totals(struct client *c);

/* ---- traffic_skip.c ---- */

/* When it sends its request `number`, of clients with a rate. */
sim_time lane_time(const struct lane *l, uint64_t number);
/* May its requests be left out from now on? *ret_until: until when at least (SIM_NEVER = for ever). */
bool lane_may_skip(const struct lane *l, sim_time *ret_until);
/* Counts those that would have been sent by now. */
void lane_settle(struct lane *l);

/* ---- traffic.c ---- */

void traffic_retry_later(struct lane *l, uint64_t number, uint32_t attempt, sim_time at);
/* Its last request has ended now, and not as it seemed. */
void lane_interrupted(struct lane *l, sim_time next, uint32_t attempt);
/* All requests that were left out are counted. */
void client_settle(struct client *c);

#endif
