/* facts_policy.c - facts about PodDisruptionBudgets: see facts.h. */
#include "model/api_policy.h"
#include "report/facts_workload.h"
#include "report/private.h"

static void tell_number(struct arena *a, const char *name, const char *what, int64_t was, int64_t is, fact_fn *add,
                        void *ctx)
{
    if (was != is)
        add(ctx, name, arena_printf(a, "%s %" PRId64, what, is));
}

void budget_facts(struct arena *a, const struct api_object *o, bool deleted, fact_fn *add, void *ctx)
{
    static const struct pdb none;
    const struct pdb *is = (const struct pdb *)o, *was = o->prev ? (const struct pdb *)o->prev : &none;
    const char *name = arena_printf(a, "%s/%s", kind_infos[o->kind].singular, o->meta.name);
    if (deleted || !o->prev)
        add(ctx, name, deleted ? "gone" : "created");
    if (deleted)
        return;
    tell_number(a, name, "expected", was->status.expected_pods, is->status.expected_pods, add, ctx);
    tell_number(a, name, "desired", was->status.desired_healthy, is->status.desired_healthy, add, ctx);
    tell_number(a, name, "healthy", was->status.current_healthy, is->status.current_healthy, add, ctx);
    tell_number(a, name, "allowed", was->status.disruptions_allowed, is->status.disruptions_allowed, add, ctx);
    for (uint32_t i = 0; i < is->status.disrupted_pods.count; i++)
        if (!str_map_get(&was->status.disrupted_pods, is->status.disrupted_pods.items[i].key))
            add(ctx, name, arena_printf(a, "grants %s", is->status.disrupted_pods.items[i].key));
}
