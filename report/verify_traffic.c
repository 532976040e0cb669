/* verify_traffic.c - promises about requests of clients (spec.traffic). */
#include <string.h>

#include "report/traffic.h"
#include "report/verify_private.h"

/* Some instance of a container of the pod ran at that instant; one that ended or began then, too. */
static bool ran_at(struct verifier *v, uint32_t pod, sim_time at)
{
    for (uint32_t c = verify_object(v, pod)->containers; c;) {
        const struct vcontainer *container = pool_at(&v->containers, c - 1);
        for (const struct vinstance *i = verify_newest(v, container); i; i = verify_older(v, i))
            if (i->started != SIM_NEVER && i->started <= at && (i->exited == SIM_NEVER || i->exited >= at))
                return true;
        c = container->next;
    }
    return false;
}

void verify_traffic(struct verifier *v)
{
    const struct trace_record *r = v->record;
    const struct trace_traffic *t = r->data;
    uint64_t counted = 0;
    for (uint64_t i = 0; i < t->interval_count; i++)
        counted += t->intervals[i];
    VERIFY(v, REQUESTS, counted == t->count, "client %s, %s: %" PRIu64 " in all, %" PRIu64 " in the intervals", r->text,
           traffic_fates[r->aux].name, t->count, counted);
}

static void check_served(struct verifier *v, const struct trace_record *r)
{
    const struct trace_traffic *t = r->data;
    if (r->aux != FATE_SERVED || t->count == 0 || !r->object || verify_mirror(v, r->object))
        return;
    VERIFY(v, SERVED, ran_at(v, r->object, t->first) && ran_at(v, r->object, t->last), "client %s at %s", r->text,
           verify_name(v, r->object));
}

/* All records about the client are there. */
void verify_traffic_end(struct verifier *v)
{
    const struct trace_traffic_end *end = v->record->data;
    uint64_t all = 0;
    for (uint32_t i = 1; i < v->index; i++) {
        const struct trace_record *r = trace_at(v->run->trace, i);
        if (r->kind != TRACE_TRAFFIC || strcmp(r->text, v->record->text) != 0)
            continue;
        all += ((const struct trace_traffic *)r->data)->count;
        check_served(v, r);
    }
    VERIFY(v, REQUESTS, all == end->sent, "client %s: %" PRIu64 " sent, %" PRIu64 " ended", v->record->text, end->sent,
           all);
}
