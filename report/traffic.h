/* traffic.h - what became of the requests of spec.traffic, from the trace.
 *
 *     struct traffic_totals t;
 *     traffic_totals_init(&t, run);
 *     ... t.clients.items[i].fates[FATE_SERVED] ...
 *     traffic_totals_fini(&t);
 */
#ifndef REPORT_TRAFFIC_H
#define REPORT_TRAFFIC_H

#include "model/trace.h"

/* Requests of one client that ended alike at one pod. */
struct traffic_part {
    const char *pod; /* NULL = they got to none */
    enum traffic_fate fate;
    const char *seen;
    uint64_t count, retried;
    sim_time first, last;
};

struct traffic_client {
    const char *name, *to;
    uint64_t sent; /* as the client counted; 0 until the run's end */
    uint64_t fates[FATE_COUNT], retried;
    sim_time start, stop;
    struct pool parts;     /* struct traffic_part: by fate, then by pod in order of appearance */
    struct pool stretches; /* const struct trace_record *, in order */
};

struct traffic_totals {
    struct arena arena;
    struct pool clients; /* struct traffic_client, in order of appearance */
};
void traffic_totals_init(struct traffic_totals *t, const struct run_trace *run);
void traffic_totals_fini(struct traffic_totals *t);

static inline struct traffic_client *traffic_client_at(const struct traffic_totals *t, uint32_t i)
{
    return pool_at(&t->clients, i);
}
uint64_t traffic_lost(const struct traffic_client *c);
/* Those sent in [from, to), as exactly as intervals have it: one that is only partly within counts by its beginning. */
uint64_t traffic_sent_in(const struct trace_traffic *t, sim_time from, sim_time to);

#endif
