/* pod_disruption.c - see pod_disruption.h. */
#include "model/pod_disruption.h"

#include <string.h>

static bool stands(const struct pod *p, const char *reason, const char *message)
{
    for (uint32_t i = 0; i < p->status.conditions.count; i++) {
        const struct pod_condition *c = &p->status.conditions.items[i];
        if (strcmp(c->type, "DisruptionTarget") == 0)
            return text_is(c->status, "True") && text_same(c->reason, reason) && text_same(c->message, message);
    }
    return false;
}

/* Its transition time stays while its status does. */
static void put(struct store *st, struct pod *next, const char *reason, const char *message)
{
    uint32_t n = next->status.conditions.count, at = 0;
    struct pod_condition *list = arena_array(store_arena(st), struct pod_condition, n + 1);
    if (n)
        memcpy(list, next->status.conditions.items, n * sizeof *list);
    while (at < n && strcmp(list[at].type, "DisruptionTarget") != 0)
        at++;
    bool was = at < n && text_is(list[at].status, "True");
    sim_time since = was ? list[at].last_transition_time : api_second(sim_now(store_sim(st)));
    bool generation = store_has(st, FEATURE_OBSERVED_GENERATION);
    list[at] = (struct pod_condition){.type = "DisruptionTarget",
                                      .status = "True",
                                      .reason = reason,
                                      .message = message,
                                      .last_probe_time = SIM_NEVER,
                                      .last_transition_time = since,
                                      .observed_generation = generation ? next->object.meta.generation : 0};
    next->status.conditions.items = list;
    next->status.conditions.count = at < n ? n : n + 1;
}

const struct api_object *pod_disruption_write(struct store *st, enum trace_component who, const struct api_object *o,
                                              const char *reason, const char *message, const char *phase)
{
    const struct pod *p = (const struct pod *)o;
    bool changes = phase && !text_same(p->status.phase, phase);
    if (reason && !stands(p, reason, message))
        changes = true;
    if (!changes)
        return o;
    struct pod *next = (struct pod *)store_edit(st, o);
    if (reason)
        put(st, next, reason, message);
    if (phase) {
        next->status.phase = phase;
        if (store_has(st, FEATURE_OBSERVED_GENERATION))
            next->status.observed_generation = next->object.meta.generation;
    }
    return store_update(st, who, &next->object, false);
}
