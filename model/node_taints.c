/* node_taints.c - see node_taints.h. */
#include "model/node_taints.h"

#include <string.h>

#include "model/node_lifecycle.h"

static bool is_among(const struct taint *t, const char *const *keys, uint32_t count, const char *effect)
{
    for (uint32_t i = 0; i < count; i++)
        if (text_is(t->key, keys[i]) && text_is(t->effect, effect))
            return true;
    return false;
}

/* A copy with room for `more` taints. */
static struct node *edit(struct store *st, const struct node *n, uint32_t more)
{
    struct node *next = (struct node *)store_edit(st, &n->object);
    next->spec.taints.items = arena_array(store_arena(st), struct taint, n->spec.taints.count + more);
    if (n->spec.taints.count)
        memcpy(next->spec.taints.items, n->spec.taints.items, n->spec.taints.count * sizeof *n->spec.taints.items);
    return next;
}

bool node_taints_add(struct store *st, uint32_t node, const char *const *keys, uint32_t count, const char *effect)
{
    const struct node *n = (const struct node *)store_by_ordinal(st, node);
    uint32_t missing = 0;
    for (uint32_t i = 0; n && i < count; i++)
        missing += !node_has_taint(n, keys[i], effect);
    if (missing == 0)
        return false;
    struct node *next = edit(st, n, missing);
    for (uint32_t i = 0; i < count; i++)
        if (!node_has_taint(n, keys[i], effect))
            next->spec.taints.items[next->spec.taints.count++] =
                (struct taint){.key = keys[i], .effect = effect, .time_added = api_second(sim_now(store_sim(st)))};
    store_update(st, COMP_NODE_CONTROLLER, &next->object, false);
    return true;
}

bool node_taints_remove(struct store *st, uint32_t node, const char *const *keys, uint32_t count, const char *effect)
{
    const struct node *n = (const struct node *)store_by_ordinal(st, node);
    bool any = false;
    for (uint32_t i = 0; n && i < n->spec.taints.count; i++)
        any = any || is_among(&n->spec.taints.items[i], keys, count, effect);
    if (!any)
        return false;
    struct node *next = edit(st, n, 0);
    next->spec.taints.count = 0;
    for (uint32_t i = 0; i < n->spec.taints.count; i++)
        if (!is_among(&n->spec.taints.items[i], keys, count, effect))
            next->spec.taints.items[next->spec.taints.count++] = n->spec.taints.items[i];
    store_update(st, COMP_NODE_CONTROLLER, &next->object, false);
    return true;
}
