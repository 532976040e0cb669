/* kubectl_drain.c - kubectl drain: cordon, choose the pods, evict them, wait until they are gone.
 *
 * kubectl pkg/cmd/drain/drain.go, pkg/drain/{drain,filters}.go (v1.34). The eviction itself is a DELETE with the
 * condition DisruptionTarget: k8s pkg/registry/core/pod/storage/eviction.go. Left out on purpose: PodDisruptionBudgets
 * (none is modelled: no eviction is refused), pods in namespaces that are being deleted.
 */
#include <string.h>

#include "model/kubectl_private.h"

#define DELETE_POLL SIM_SECOND /* waitForDelete */

/* ---- which pods: filters.go makeFilters, in this order ---- */

enum fate { FATE_GO, FATE_SKIP, FATE_WARN_GO, FATE_WARN_STAY, FATE_FATAL };
struct filtered {
    enum fate fate;
    const char *message;
};

static bool is_finished(const struct pod *p)
{
    return text_is(p->status.phase, "Succeeded") || text_is(p->status.phase, "Failed");
}

static const struct owner_reference *controller_of(const struct pod *p)
{
    for (uint32_t i = 0; i < p->object.meta.owner_references.count; i++)
        if (p->object.meta.owner_references.items[i].controller.value)
            return &p->object.meta.owner_references.items[i];
    return NULL;
}

static bool skips_deleted(const struct kubectl_run *r, const struct pod *p)
{
    int64_t after = r->command->drain.skip_after_s;
    sim_time deleted = p->object.meta.deletion_timestamp;
    return after > 0 && deleted != SIM_NEVER && (sim_now(r->sim) - deleted) / SIM_SECOND > after;
}

static struct filtered filter_deleted(struct kubectl_run *r, const struct pod *p)
{
    return (struct filtered){skips_deleted(r, p) ? FATE_SKIP : FATE_GO, NULL};
}

static struct filtered filter_daemon_set(struct kubectl_run *r, const struct pod *p)
{
    const struct owner_reference *owner = controller_of(p);
    if (!owner || !text_is(owner->kind, "DaemonSet") || is_finished(p))
        return (struct filtered){FATE_GO, NULL};
    enum api_kind kind = kind_of("apps/v1", "DaemonSet");
    if (kind == KIND_NONE || !store_get(r->store, kind, p->object.meta.namespace_, owner->name)) {
        const char *text = arena_printf(r->arena, "daemonsets.apps \"%s\" not found", owner->name);
        return (struct filtered){r->command->force ? FATE_WARN_GO : FATE_FATAL, text};
    }
    if (!r->command->drain.ignore_daemon_sets)
        return (struct filtered){FATE_FATAL, "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"};
    return (struct filtered){FATE_WARN_STAY, "ignoring DaemonSet-managed Pods"};
}

static struct filtered filter_mirror(struct kubectl_run *r, const struct pod *p)
{
    (void)r;
    bool mirror = str_map_get(&p->object.meta.annotations, "kubernetes.io/config.mirror") != NULL;
    return (struct filtered){mirror ? FATE_SKIP : FATE_GO, NULL};
}

static struct filtered filter_local_storage(struct kubectl_run *r, const struct pod *p)
{
    bool local = false;
    for (uint32_t i = 0; i < p->spec.volumes.count; i++)
        local = local || p->spec.volumes.items[i].empty_dir;
    if (!local || is_finished(p))
        return (struct filtered){FATE_GO, NULL};
    if (!r->command->drain.delete_empty_dir)
        return (struct filtered){FATE_FATAL, "Pods with local storage (use --delete-emptydir-data to override)"};
    return (struct filtered){FATE_WARN_GO, "deleting Pods with local storage"};
}

static struct filtered filter_unreplicated(struct kubectl_run *r, const struct pod *p)
{
    if (is_finished(p) || controller_of(p))
        return (struct filtered){FATE_GO, NULL};
    if (r->command->force)
        return (struct filtered){FATE_WARN_GO, "deleting Pods that declare no controller"};
    return (struct filtered){FATE_FATAL, "Pods that declare no controller (use --force to override)"};
}

static struct filtered (*const filters[])(struct kubectl_run *, const struct pod *) = {
    filter_deleted, filter_daemon_set, filter_mirror, filter_local_storage, filter_unreplicated,
};

/* The last filter's word counts; one that lets the pod stay is the last. */
static struct filtered filter_pod(struct kubectl_run *r, const struct pod *p)
{
    struct filtered f = {FATE_GO, NULL};
    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        f = filters[i](r, p);
        if (f.fate != FATE_GO && f.fate != FATE_WARN_GO)
            break;
    }
    return f;
}

/* ---- a list of pods, and what is said of them ---- */

struct evicted {
    const char *namespace_, *name, *uid;
    bool gone;
};

struct drain {
    object_list nodes;
    uint32_t at;        /* node */
    bool begun;         /* its pods have been evicted */
    struct pool pods;   /* struct evicted, of that node */
    const char *errors; /* of the nodes that could not be drained, one per line */
    const char *pending;
    uint32_t failed;
};

struct chosen {
    const struct pod *pod;
    struct filtered f;
};

static uint32_t choose(struct kubectl_run *r, const char *node, struct chosen *ret)
{
    uint32_t cursor = 0, n = 0;
    for (const struct api_object *o; (o = store_next(r->store, KIND_POD, &cursor)) != NULL;) {
        const struct pod *p = (const struct pod *)o;
        if (!text_is(p->spec.node_name, node) || !selector_matches(&r->command->drain.pods, &o->meta.labels))
            continue;
        if (ret)
            ret[n] = (struct chosen){p, filter_pod(r, p)};
        n++;
    }
    return n;
}

static int by_key(const struct chosen *x, const struct chosen *y)
{
    int order = strcmp(x->pod->object.meta.namespace_, y->pod->object.meta.namespace_);
    return order ? order : strcmp(x->pod->object.meta.name, y->pod->object.meta.name);
}

/* As the API lists them. */
static void sort_chosen(struct chosen *c, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t k = i; k > 0 && by_key(&c[k - 1], &c[k]) > 0; k--) {
            struct chosen other = c[k];
            c[k] = c[k - 1];
            c[k - 1] = other;
        }
}

/* "MESSAGE: ns/a, ns/b" of each message among those of one fate. k8s-order: a Go map's; here that of appearance. */
static const char *messages(struct kubectl_run *r, const struct chosen *c, uint32_t n, bool fatal)
{
    const char *text = "";
    for (uint32_t i = 0; i < n; i++) {
        bool wanted = fatal ? c[i].f.fate == FATE_FATAL : c[i].f.fate == FATE_WARN_GO || c[i].f.fate == FATE_WARN_STAY,
             told = false;
        for (uint32_t k = 0; k < i; k++)
            told = told || (c[k].f.message && c[i].f.message && strcmp(c[k].f.message, c[i].f.message) == 0);
        if (!wanted || told)
            continue;
        text = arena_printf(r->arena, "%s%s%s%s: ", text, *text ? (fatal ? "\n" : "; ") : "",
                            fatal ? "cannot delete " : "", c[i].f.message);
        const char *comma = "";
        for (uint32_t k = i; k < n; k++) {
            if (!c[k].f.message || strcmp(c[k].f.message, c[i].f.message) != 0)
                continue;
            text = arena_printf(r->arena, "%s%s%s/%s", text, comma, c[k].pod->object.meta.namespace_,
                                c[k].pod->object.meta.name);
            comma = ", ";
        }
    }
    return text;
}

/* Errors, one per line, as Go's Aggregate prints them: "[a, b]". */
static const char *aggregate(struct kubectl_run *r, const char *lines)
{
    struct strbuf b = STRBUF_INIT;
    bool several = strchr(lines, '\n') != NULL;
    strbuf_puts(&b, several ? "[" : "");
    for (const char *c = lines; *c; c++)
        if (*c == '\n')
            strbuf_puts(&b, ", ");
        else
            strbuf_putc(&b, *c);
    strbuf_puts(&b, several ? "]" : "");
    const char *text = arena_strdup(r->arena, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* ---- eviction ---- */

/* k8s eviction.go: the condition is written first, and the pod is deleted with its own grace unless one is given. */
static void evict(struct kubectl_run *r, const struct pod *p)
{
    const struct api_object *o = &p->object;
    if (o->meta.deletion_timestamp == SIM_NEVER && !is_finished(p)) {
        struct pod *next = (struct pod *)store_edit(r->store, o);
        uint32_t n = p->status.conditions.count;
        struct pod_condition *list = arena_array(r->arena, struct pod_condition, n + 1);
        for (uint32_t i = 0; i < n; i++)
            list[i] = p->status.conditions.items[i];
        list[n] = (struct pod_condition){.type = "DisruptionTarget",
                                         .status = "True",
                                         .reason = "EvictionByEvictionAPI",
                                         .message = "Eviction API: evicting",
                                         .last_probe_time = SIM_NEVER,
                                         .last_transition_time = api_second(sim_now(r->sim))};
        next->status.conditions.items = list;
        next->status.conditions.count = n + 1;
        kubectl_begin_write(r);
        o = store_update(r->store, COMP_API_SERVER, &next->object, false);
    }
    kubectl_begin_write(r);
    store_delete(r->store, COMP_USER, o, r->command->grace);
}

static void remove_pod(struct kubectl_run *r, const struct pod *p)
{
    bool evicts = !r->command->drain.disable_eviction;
    if (evicts)
        strbuf_printf(r->out, "evicting pod %s/%s%s\n", p->object.meta.namespace_, p->object.meta.name,
                      r->command->dry_run == DRY_SERVER   ? " (server dry run)"
                      : r->command->dry_run == DRY_CLIENT ? " (dry run)"
                                                          : "");
    if (r->command->dry_run)
        return;
    if (evicts) {
        evict(r, p);
        return;
    }
    kubectl_begin_write(r);
    store_delete(r->store, COMP_USER, &p->object, r->command->grace);
}

/* ---- one node after the other ---- */

/* kubectl pkg/cmd/util/helpers.go checkErr: of one node each of its errors is a line, of several nodes each node. */
static void node_fails(struct kubectl_run *r, struct drain *d, const char *errors)
{
    const char *name = d->nodes.items[d->at]->meta.name, *one = aggregate(r, errors);
    strbuf_printf(r->out, "error: unable to drain node \"%s\" due to error: %s, continuing command...\n", name, one);
    d->pending = arena_printf(r->arena, "%s %s\n", d->pending ? d->pending : "", name);
    if (d->failed++ == 0)
        d->errors = errors;
    else
        d->errors = arena_printf(r->arena, "%s\n%s", d->failed == 2 ? aggregate(r, d->errors) : d->errors, one);
}

/* False: it cannot be drained. */
static bool begin_node(struct kubectl_run *r, struct drain *d)
{
    const char *node = d->nodes.items[d->at]->meta.name;
    struct chosen *c = arena_array(r->arena, struct chosen, choose(r, node, NULL) + 1);
    uint32_t n = choose(r, node, c);
    sort_chosen(c, n);
    const char *errors = messages(r, c, n, true);
    if (*errors) {
        node_fails(r, d, errors);
        return false;
    }
    const char *warnings = messages(r, c, n, false);
    if (*warnings)
        strbuf_printf(r->out, "Warning: %s\n", warnings);
    pool_init(&d->pods, r->arena, sizeof(struct evicted));
    for (uint32_t i = 0; i < n; i++) {
        if (c[i].f.fate != FATE_GO && c[i].f.fate != FATE_WARN_GO)
            continue;
        const struct object_meta *m = &c[i].pod->object.meta;
        remove_pod(r, c[i].pod);
        if (!r->command->dry_run)
            *(struct evicted *)pool_at(&d->pods, pool_add(&d->pods)) =
                (struct evicted){m->namespace_, m->name, m->uid, false};
    }
    return true;
}

/* True: all are gone, or are not waited for. */
static bool look_at_pods(struct kubectl_run *r, struct drain *d)
{
    bool all = true;
    for (uint32_t i = 0; i < d->pods.count; i++) {
        struct evicted *e = pool_at(&d->pods, i);
        if (e->gone)
            continue;
        const struct api_object *o = store_get(r->store, KIND_POD, e->namespace_, e->name);
        const struct api_object gone = {.kind = KIND_POD, .meta = {.name = e->name, .namespace_ = e->namespace_}};
        if (!o || strcmp(o->meta.uid, e->uid) != 0) {
            kubectl_say(r, &gone, r->command->drain.disable_eviction ? "deleted" : "evicted");
            e->gone = true;
        } else if (skips_deleted(r, (const struct pod *)o)) {
            strbuf_printf(r->out, "pod \"%s\" has DeletionTimestamp older than %" PRId64 " seconds, skipping\n",
                          e->name, r->command->drain.skip_after_s);
            e->gone = true;
        }
        all = all && e->gone;
    }
    return all;
}

/* The pods that are still there when time is up. */
static const char *time_is_up(struct kubectl_run *r, struct drain *d)
{
    const char *text = "", *pending = "";
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->pods.count; i++) {
        const struct evicted *e = pool_at(&d->pods, i);
        if (e->gone)
            continue;
        text = arena_printf(r->arena,
                            "%s%serror when waiting for pod \"%s\" in namespace \"%s\" to terminate: context deadline "
                            "exceeded",
                            text, n++ ? "\n" : "", e->name, e->namespace_);
        pending = arena_printf(r->arena, "%spod/%s\n", pending, e->name);
    }
    if (r->command->drain.disable_eviction)
        text = "context deadline exceeded";
    strbuf_printf(r->out, "There are pending pods in node \"%s\" when an error occurred: %s\n%s",
                  d->nodes.items[d->at]->meta.name, aggregate(r, text), pending);
    return text;
}

static bool step(struct kubectl_job *j, const struct watch_event *event)
{
    struct drain *d = j->data;
    struct kubectl_run *r = &j->run;
    (void)event;
    while (d->at < d->nodes.count) {
        if (!d->begun && !begin_node(r, d)) {
            d->at++;
            continue;
        }
        d->begun = true;
        if (!look_at_pods(r, d) && !j->timed_out) {
            kubectl_job_at(j, sim_now(r->sim) + DELETE_POLL);
            return false;
        }
        if (!look_at_pods(r, d))
            node_fails(r, d, time_is_up(r, d));
        else
            kubectl_say(r, d->nodes.items[d->at], "drained");
        d->begun = false;
        d->at++;
    }
    if (d->failed) {
        strbuf_printf(r->out, "There are pending nodes to be drained:\n%s", d->pending);
        kubectl_fail(r, "%s%s", d->failed == 1 && r->command->drain.disable_eviction ? "error: " : "", d->errors);
    }
    return true;
}

void kubectl_drain(struct kubectl_run *r)
{
    struct drain *d = arena_new(r->arena, struct drain);
    kubectl_cordon(r, true);
    if (r->code)
        return;
    d->nodes = kubectl_targets(r);
    kubectl_run_on(r, 0, step, d);
}
