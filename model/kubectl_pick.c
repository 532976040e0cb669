/* kubectl_pick.c - which pod of a workload or Service exec and logs look into.
 *
 * kubectl pkg/polymorphichelpers/{helpers,logsforobject,attachablepodforobject}.go, pkg/util/podutils/podutils.go
 * (v1.34). Left out on purpose: waiting for a first pod; there is none after the timeout at once.
 */
#include <string.h>

#include "model/kubectl_private.h"
#include "model/printer.h"

/* ---- its pods ---- */

static void add_term(struct kubectl_run *r, selector *s, const char *key, enum selector_op op,
                     const struct value *values)
{
    struct selector_term *t = &s->items[s->count++];
    *t = (struct selector_term){.key = key, .op = op};
    uint32_t n = values && values->type == VALUE_LIST ? values->count : 1;
    t->values.items = arena_array(r->arena, const char *, n);
    for (uint32_t i = 0; values && i < n; i++)
        t->values.items[t->values.count++] = values->type == VALUE_LIST ? values->items[i]->text : values->text;
}

/* spec.selector: a map of labels, or matchLabels and matchExpressions. False: there is none. */
static bool selector_of(struct kubectl_run *r, const struct value *document, selector *ret)
{
    static const char *const ops[] = {"In", "NotIn", "Exists", "DoesNotExist"}; /* ORDER enum selector_op */
    const struct value *s = document_get(document, "spec.selector");
    if (!s || s->type != VALUE_MAP || s->count == 0)
        return false;
    const struct value *labels = document_get(s, "matchLabels"), *terms = document_get(s, "matchExpressions");
    if (!labels && !terms)
        labels = s;
    uint32_t room = (labels ? labels->count : 0) + (terms ? terms->count : 0);
    ret->items = arena_array(r->arena, struct selector_term, room + 1);
    for (uint32_t i = 0; labels && i < labels->count; i++)
        add_term(r, ret, labels->entries[i].key, SELECT_IN, labels->entries[i].value);
    for (uint32_t i = 0; terms && i < terms->count; i++)
        for (size_t k = 0; k < ARRAY_LEN(ops); k++)
            if (strcmp(document_string(terms->items[i], "operator"), ops[k]) == 0)
                add_term(r, ret, document_string(terms->items[i], "key"), (enum selector_op)k,
                         document_get(terms->items[i], "values"));
    return true;
}

/* ---- the best of them ---- */

/* What counts, the most important first; the smallest is the best. */
enum { RANKS = 8 };
struct ranks {
    int64_t rank[RANKS];
};

static sim_time ready_since(const struct pod *p)
{
    const struct pod_condition *c = pod_condition_find(p, "Ready");
    return c && text_is(c->status, "True") ? c->last_transition_time : INT64_MAX;
}

static int64_t most_restarts(const struct pod *p)
{
    int64_t most = 0;
    for (uint32_t i = 0; i < p->status.container_statuses.count; i++)
        if (p->status.container_statuses.items[i].restart_count > most)
            most = p->status.container_statuses.items[i].restart_count;
    return most;
}

/* ByLogging, or ActivePods the other way round: logs want the pod that has restarted, exec the one that has not. */
static struct ranks ranks_of(const struct pod *p, bool logs)
{
    bool assigned = p->spec.node_name && *p->spec.node_name;
    bool pending = text_is(p->status.phase, "Pending"), running = text_is(p->status.phase, "Running");
    bool deleted = p->object.meta.deletion_timestamp != SIM_NEVER;
    int64_t restarts = most_restarts(p);
    return (struct ranks){{
        !assigned,
        logs ? pending : !running,
        ready_since(p) == INT64_MAX,
        !logs && deleted,
        ready_since(p),
        logs ? -restarts : restarts,
        p->object.meta.creation_timestamp,
    }};
}

static bool is_better(const struct pod *a, const struct pod *b, bool logs)
{
    struct ranks x = ranks_of(a, logs), y = ranks_of(b, logs);
    for (int i = 0; i < RANKS; i++)
        if (x.rank[i] != y.rank[i])
            return x.rank[i] < y.rank[i];
    return strcmp(a->object.meta.name, b->object.meta.name) < 0; /* k8s-order: the sort is not stable */
}

const struct pod *kubectl_pod_of(struct kubectl_run *r, const struct api_object *o)
{
    bool logs = r->command->verb == VERB_LOGS;
    const struct pod *best = NULL;
    selector s = {0};
    uint32_t cursor = 0, count = 0;
    if (o->kind == KIND_POD)
        return (const struct pod *)o;
    if (!selector_of(r, kubectl_document(r, o), &s)) {
        const char *kind = kind_infos[o->kind].kind;
        kubectl_fail(r, "error: %s *v1.%s: selector for *v1.%s not implemented",
                     logs ? "cannot get the logs from" : "cannot attach to", kind, kind);
        return NULL;
    }
    for (const struct api_object *p; (p = store_next(r->store, KIND_POD, &cursor)) != NULL;) {
        if (strcmp(p->meta.namespace_, o->meta.namespace_) != 0 || !selector_matches(&s, &p->meta.labels))
            continue;
        count++;
        if (!best || is_better((const struct pod *)p, best, logs))
            best = (const struct pod *)p;
    }
    if (!best)
        kubectl_fail(r, "error: timed out waiting for the condition");
    else if (logs && count > 1)
        strbuf_printf(r->out, "Found %" PRIu32 " pods, using pod/%s\n", count, best->object.meta.name);
    return best;
}
