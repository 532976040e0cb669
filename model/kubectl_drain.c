/* kubectl_drain.c - kubectl drain: cordon, choose the pods, evict them, wait until they are gone.
 *
 * kubectl pkg/cmd/drain/drain.go, pkg/drain/{drain,filters}.go (v1.36). Each pod has a goroutine of its own there: an
 * eviction that a PodDisruptionBudget does not allow is tried again every 5 s, while others wait for theirs to end.
 * k8s-order: drain-goroutines: they are started, and end at one instant, in the order of the list.
 */
#include <string.h>

#include "model/api_eviction.h"
#include "model/kubectl_private.h"

#define DELETE_POLL SIM_SECOND       /* waitForDelete */
#define EVICT_RETRY (5 * SIM_SECOND) /* EvictErrorRetryDelay: pkg/cmd/drain/drain.go */

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
    bool granted;  /* it is being deleted: its end is waited for */
    bool over;     /* nothing is waited for any more */
    sim_time next; /* try, or look */
};

struct drain {
    object_list nodes;
    uint32_t at;        /* node */
    bool begun;         /* its pods have been evicted */
    struct pool pods;   /* struct evicted, of that node */
    const char *error;  /* of that node's pods, one per line; NULL = none */
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

/* ---- one pod: what a goroutine of evictPods does ---- */

static void pod_fails(struct kubectl_run *r, struct drain *d, struct evicted *e, const char *text)
{
    d->error = d->error ? arena_printf(r->arena, "%s\n%s", d->error, text) : text;
    e->over = true;
}

static void try_again(struct kubectl_run *r, struct evicted *e)
{
    e->next = sim_time_add(sim_now(r->sim), EVICT_RETRY);
}

static void refused(struct kubectl_run *r, struct drain *d, struct evicted *e, const struct eviction_reply *reply,
                    const struct pod *p)
{
    if (reply->code == EVICTION_TOO_MANY) {
        strbuf_printf(r->out, "error when evicting pods/\"%s\" -n \"%s\" (will retry after 5s): %s\n", e->name,
                      e->namespace_, reply->message);
        try_again(r, e);
    } else if (reply->terminating && p->object.meta.deletion_timestamp != SIM_NEVER) {
        e->granted = true;
        e->next = sim_now(r->sim);
    } else if (reply->terminating) {
        strbuf_printf(r->out,
                      "error when evicting pod \"%s\" from terminating namespace \"%s\" (will retry after 5s): %s\n",
                      e->name, e->namespace_, reply->message);
        try_again(r, e);
    } else {
        pod_fails(r, d, e,
                  arena_printf(r->arena, "error when evicting pods/\"%s\" -n \"%s\": %s", e->name, e->namespace_,
                               reply->message));
    }
}

/* Whatever pod has the name now is evicted: a refused one may have been replaced. */
static void evict(struct kubectl_run *r, struct drain *d, struct evicted *e, bool timed_out)
{
    const struct api_object *o = store_get(r->store, KIND_POD, e->namespace_, e->name);
    bool dry_run = r->command->dry_run != DRY_NONE;
    strbuf_printf(r->out, "evicting pod %s/%s%s\n", e->namespace_, e->name,
                  r->command->dry_run == DRY_SERVER   ? " (server dry run)"
                  : r->command->dry_run == DRY_CLIENT ? " (dry run)"
                                                      : "");
    if (timed_out) {
        struct strbuf timeout = STRBUF_INIT;
        strbuf_go_duration(&timeout, r->command->timeout);
        pod_fails(r, d, e,
                  arena_printf(r->arena, "error when evicting pods/\"%s\" -n \"%s\": global timeout reached: %s",
                               e->name, e->namespace_, strbuf_str(&timeout)));
        strbuf_fini(&timeout);
        return;
    }
    e->over = !o || r->command->dry_run == DRY_CLIENT;
    if (e->over)
        return;
    e->uid = o->meta.uid;
    kubectl_begin_write(r);
    struct eviction_reply reply = evict_pod(r->store, COMP_USER, (const struct pod *)o, r->command->grace, dry_run);
    if (reply.code != EVICTION_OK) {
        refused(r, d, e, &reply, (const struct pod *)o);
        return;
    }
    e->granted = true;
    e->over = dry_run;
    e->next = sim_now(r->sim);
}

/* waitForDelete */
static void look_at(struct kubectl_run *r, struct drain *d, struct evicted *e, bool timed_out)
{
    const struct api_object *o = store_get(r->store, KIND_POD, e->namespace_, e->name);
    const struct api_object gone = {.kind = KIND_POD, .meta = {.name = e->name, .namespace_ = e->namespace_}};
    bool evicts = !r->command->drain.disable_eviction;
    if (!o || strcmp(o->meta.uid, e->uid) != 0) {
        kubectl_say(r, &gone, evicts ? "evicted" : "deleted");
        e->over = true;
    } else if (skips_deleted(r, (const struct pod *)o)) {
        strbuf_printf(r->out, "pod \"%s\" has DeletionTimestamp older than %" PRId64 " seconds, skipping\n", e->name,
                      r->command->drain.skip_after_s);
        e->over = true;
    } else if (timed_out) {
        pod_fails(r, d, e,
                  arena_printf(r->arena,
                               "error when waiting for pod \"%s\" in namespace \"%s\" to terminate: context deadline "
                               "exceeded",
                               e->name, e->namespace_));
    } else {
        e->next = sim_time_add(sim_now(r->sim), DELETE_POLL);
    }
}

static void go_on(struct kubectl_run *r, struct drain *d, struct evicted *e, bool timed_out)
{
    bool due = sim_now(r->sim) >= e->next;
    if (!e->over && !e->granted && due)
        evict(r, d, e, timed_out);
    if (!e->over && e->granted && (timed_out || sim_now(r->sim) >= e->next))
        look_at(r, d, e, timed_out);
}

/* --disable-eviction */
static void delete_pod(struct kubectl_run *r, struct evicted *e)
{
    const struct api_object *o = store_get(r->store, KIND_POD, e->namespace_, e->name);
    kubectl_begin_write(r);
    store_delete(r->store, COMP_USER, o, r->command->grace);
    e->granted = true;
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
        struct evicted *e = pool_at(&d->pods, pool_add(&d->pods));
        *e = (struct evicted){.namespace_ = m->namespace_, .name = m->name, .uid = m->uid, .next = sim_now(r->sim)};
        if (r->command->drain.disable_eviction && r->command->dry_run)
            e->over = true;
        else if (r->command->drain.disable_eviction)
            delete_pod(r, e);
    }
    d->error = NULL;
    return true;
}

/* When the next of them has to be looked at; SIM_NEVER = all are over. */
static sim_time go_on_with_all(struct kubectl_run *r, struct drain *d, bool timed_out)
{
    sim_time next = SIM_NEVER;
    for (uint32_t i = 0; i < d->pods.count; i++) {
        struct evicted *e = pool_at(&d->pods, i);
        go_on(r, d, e, timed_out);
        if (!e->over && (next == SIM_NEVER || e->next < next))
            next = e->next;
    }
    return next;
}

/* The pods that are still there when something has failed. */
static const char *pods_remain(struct kubectl_run *r, struct drain *d)
{
    const char *text = r->command->drain.disable_eviction ? "context deadline exceeded" : d->error, *pending = "";
    for (uint32_t i = 0; i < d->pods.count; i++) {
        const struct evicted *e = pool_at(&d->pods, i);
        const struct api_object *o = store_get(r->store, KIND_POD, e->namespace_, e->name);
        if (o && strcmp(o->meta.uid, e->uid) == 0)
            pending = arena_printf(r->arena, "%spod/%s\n", pending, e->name);
    }
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
        sim_time next = go_on_with_all(r, d, j->timed_out);
        if (next != SIM_NEVER) {
            kubectl_job_at(j, next);
            return false;
        }
        if (d->error)
            node_fails(r, d, pods_remain(r, d));
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
