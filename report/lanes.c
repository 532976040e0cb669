/* lanes.c - lanes.h: one walk to find the lanes, one to fill them. */
#include "report/lanes.h"

#include <stdlib.h>
#include <string.h>

const struct lane_state_info lane_states[LANE_STATE_COUNT] = {
    [LANE_WAITING] = {"waiting", "it is there, and not started yet", '.', false},
    [LANE_PENDING] = {"pending", "no node has been found for it", ':', false},
    [LANE_PULLING] = {"pulling", "its image is on its way to the node", 'v', false},
    [LANE_INIT] = {"init", "an init container is at work", 'i', false},
    [LANE_RUNNING] = {"running", "it runs, and is not ready for requests", '-', false},
    [LANE_READY] = {"ready", "it runs and takes requests", '=', false},
    [LANE_BACKOFF] = {"back-off", "it waits before it is tried again", '~', false},
    [LANE_TERMINATING] = {"terminating", "it has been told to stop", '>', false},
    [LANE_COMPLETED] = {"completed", "it has ended with exit code 0", 'o', true},
    [LANE_FAILED] = {"failed", "it has ended with another exit code than 0", 'x', true},
    [LANE_UNKNOWN] = {"unknown", "its node has not been heard of", '?', false},
};

const struct lane_mark_info lane_marks[MARK_KIND_COUNT] = {
    [MARK_PROBE_FAILED] = {"probe failed", '!'}, [MARK_SIGNAL] = {"signal", 's'},   [MARK_EXIT] = {"exit", 'x'},
    [MARK_OOM] = {"out of memory", 'M'},         [MARK_RESTART] = {"restart", 'R'}, [MARK_WARNING] = {"warning", 'w'},
};

/* What the second walk knows of one lane at the record at hand. */
struct now {
    bool running;  /* containers: its process */
    bool ready;    /* containers: as the pod's status has it */
    bool stopping; /* a hook or a signal has begun its end */
};

struct by_uid {
    const char *uid;
    uint32_t lane;
};

static int uid_order(const void *a, const void *b)
{
    return strcmp(((const struct by_uid *)a)->uid, ((const struct by_uid *)b)->uid);
}

struct fill {
    struct lanes *l;
    struct now *now;     /* by lane */
    uint32_t *lane_of;   /* by ordinal: 1 + the lane of a node or pod, 0 = none */
    struct by_uid *uids; /* of nodes and pods, sorted */
    uint32_t uid_count;
};

static void begin_span(struct fill *f, struct lane *lane, enum lane_state state, const char *detail)
{
    const struct trace_record *r = f->l->view.record;
    struct lane_span *s = lane->last;
    if (s && s->to == SIM_NEVER) {
        if (s->state == state && text_same(s->detail, detail))
            return;
        if (s->from == r->at) { /* it took no time: as if it had not been */
            s->state = state;
            s->detail = detail;
            s->record = f->l->view.index;
            return;
        }
        s->to = r->at;
    }
    s = arena_new(&f->l->view.arena, struct lane_span);
    *s = (struct lane_span){
        .from = r->at, .to = SIM_NEVER, .state = state, .record = f->l->view.index, .detail = detail};
    if (lane->last)
        lane->last->next = s;
    else
        lane->first = s;
    lane->last = s;
}

static void end_lane(struct lane *lane, sim_time at)
{
    if (lane->last && lane->last->to == SIM_NEVER)
        lane->last->to = at;
}

static void mark_at(struct fill *f, struct lane *lane, sim_time at, enum lane_mark_kind kind, const char *detail)
{
    struct lane_mark *m = arena_new(&f->l->view.arena, struct lane_mark);
    *m = (struct lane_mark){.at = at, .kind = kind, .record = f->l->view.index, .detail = detail};
    if (lane->last_mark)
        lane->last_mark->next = m;
    else
        lane->marks = m;
    lane->last_mark = m;
}

static void mark(struct fill *f, struct lane *lane, enum lane_mark_kind kind, const char *detail)
{
    mark_at(f, lane, f->l->view.record->at, kind, detail);
}

/* ---- pods and nodes: as the API has them ---- */

/* ORDER of asking: the first row that holds says what a pod is. */
static enum lane_state pod_state(const struct pod *pod, const char *status)
{
    if (text_same(pod->status.phase, "Succeeded"))
        return LANE_COMPLETED;
    if (text_same(pod->status.phase, "Failed"))
        return LANE_FAILED;
    if (pod->object.meta.deletion_timestamp != SIM_NEVER)
        return LANE_TERMINATING;
    if (!pod->spec.node_name || !*pod->spec.node_name)
        return LANE_PENDING;
    if (strstr(status, "BackOff"))
        return LANE_BACKOFF;
    if (pod_condition_true(pod, "Ready"))
        return LANE_READY;
    if (strncmp(status, "Init:", 5) == 0)
        return LANE_INIT;
    return text_same(pod->status.phase, "Running") ? LANE_RUNNING : LANE_WAITING;
}

static enum lane_state running_state(const struct lane *lane, const struct now *now)
{
    if (now->stopping)
        return LANE_TERMINATING;
    if (lane->init && !lane->sidecar)
        return LANE_INIT;
    return now->ready ? LANE_READY : LANE_RUNNING;
}

/* A container is ready when its pod's status says so, and only while it runs. A reason to wait that the runtime has
 * not told (an image that is backed off, a key that is missing) is the status's, too. */
static void container_status_read(struct fill *f, uint32_t index, const struct pod *pod)
{
    struct lane *lane = &f->l->items[index];
    struct now *now = &f->now[index];
    const struct container_status *s = view_status(pod, lane->name);
    if (!lane->last)
        begin_span(f, lane, LANE_WAITING, NULL);
    if (!s)
        return;
    now->ready = s->ready;
    if (now->running) {
        begin_span(f, lane, running_state(lane, now), lane->last->detail);
        return;
    }
    const char *reason = s->state.waiting ? s->state.waiting->reason : NULL;
    bool waits = lane->last->state == LANE_WAITING || lane->last->state == LANE_BACKOFF;
    if (reason && strstr(reason, "BackOff") && (waits || lane_states[lane->last->state].over))
        begin_span(f, lane, LANE_BACKOFF, reason);
    else if (reason && lane->last->state == LANE_WAITING && !text_same(reason, "PodInitializing"))
        begin_span(f, lane, LANE_WAITING, reason);
}

static void pod_written(struct fill *f, uint32_t index, const struct pod *pod, bool gone)
{
    struct lanes *l = f->l;
    struct lane *lane = &l->items[index];
    if (gone) {
        lane->gone = l->view.record->at;
        for (uint32_t i = index; i == index || (i < l->count && l->items[i].kind == LANE_CONTAINER); i++)
            if (!f->now[i].running) /* what was removed by force runs on for a while */
                end_lane(&l->items[i], lane->gone);
        return;
    }
    struct pod_columns c;
    printer_pod_columns(pod, l->view.run->features, &c);
    const char *status = lane->last && text_same(lane->last->detail, c.status) ? lane->last->detail
                                                                               : arena_strdup(&l->view.arena, c.status);
    begin_span(f, lane, pod_state(pod, status), status);
    if (pod->spec.node_name && *pod->spec.node_name)
        lane->node = pod->spec.node_name;
    if (pod->spec.node_name && *pod->spec.node_name)
        for (uint32_t i = index + 1; i < l->count && l->items[i].kind == LANE_CONTAINER; i++)
            container_status_read(f, i, pod);
}

static void node_written(struct fill *f, struct lane *lane, const struct node *node, bool gone)
{
    if (gone) {
        lane->gone = f->l->view.record->at;
        end_lane(lane, lane->gone);
        return;
    }
    const char *ready = "Unknown";
    for (uint32_t i = 0; i < node->status.conditions.count; i++)
        if (text_same(node->status.conditions.items[i].type, "Ready"))
            ready = node->status.conditions.items[i].status;
    begin_span(f, lane,
               text_same(ready, "True")    ? LANE_READY
               : text_same(ready, "False") ? LANE_RUNNING
                                           : LANE_UNKNOWN,
               node->spec.unschedulable ? "SchedulingDisabled" : NULL);
}

/* ---- containers: as the runtime has them ---- */

/* The lane of a container of the pod that the record is about; NULL = none. */
static struct lane *container_lane(struct fill *f, const char *name)
{
    struct lanes *l = f->l;
    uint32_t object = l->view.record->object;
    uint32_t pod = object < l->view.object_count ? f->lane_of[object] : 0;
    for (uint32_t i = pod; pod && i < l->count && l->items[i].kind == LANE_CONTAINER; i++)
        if (text_same(l->items[i].name, name))
            return &l->items[i];
    return NULL;
}

static void exited(struct fill *f, struct lane *lane, const struct trace_container *c)
{
    struct now *now = &f->now[lane - f->l->items];
    bool ran = now->running;
    now->running = now->stopping = now->ready = false;
    const char *how = c->exit_code || !text_same(c->reason, "Completed")
                          ? arena_printf(&f->l->view.arena, "exit %" PRId32 " %s", c->exit_code, c->reason)
                          : "exit 0";
    begin_span(f, lane, c->exit_code ? LANE_FAILED : LANE_COMPLETED, how);
    if (ran)
        mark(f, lane, MARK_EXIT, how);
    if (f->l->items[lane->parent].gone != SIM_NEVER)
        end_lane(lane, f->l->view.record->at);
}

static void started(struct fill *f, struct lane *lane)
{
    struct now *now = &f->now[lane - f->l->items];
    const struct trace_record *r = f->l->view.record;
    *now = (struct now){.running = true};
    lane->restarts = r->aux;
    if (r->aux)
        mark(f, lane, MARK_RESTART, arena_printf(&f->l->view.arena, "restart %" PRIu32, r->aux));
    begin_span(f, lane, running_state(lane, now), NULL);
}

static void stopping(struct fill *f, struct lane *lane, const char *how)
{
    struct now *now = &f->now[lane - f->l->items];
    if (!now->running)
        return;
    now->stopping = true;
    begin_span(f, lane, LANE_TERMINATING, how);
}

/* A signal stops a container when it kills it or when PID 1 handles it: the way out has begun. One that is ignored has
 * begun the grace period all the same. Only those that end a program count. */
static void signalled(struct fill *f, struct lane *lane)
{
    const struct trace_record *r = f->l->view.record;
    const char *name = view_signal_name((int32_t)r->aux);
    const char *text = name ? name : arena_printf(&f->l->view.arena, "signal %" PRIu32, r->aux);
    mark(f, lane, MARK_SIGNAL, text);
    if (r->component != COMP_PROCESS)
        stopping(f, lane, text);
}

static void container_record(struct fill *f, const char *name)
{
    const struct trace_record *r = f->l->view.record;
    const struct trace_container *c = r->data;
    struct lane *lane = container_lane(f, name);
    if (!lane)
        return;
    switch (r->kind) {
    case TRACE_CONTAINER_STARTED:
        started(f, lane);
        break;
    case TRACE_CONTAINER_EXITED:
        exited(f, lane, c);
        break;
    case TRACE_SIGNAL:
        signalled(f, lane);
        break;
    case TRACE_OOM_KILL:
        mark(f, lane, MARK_OOM, c->message);
        break;
    case TRACE_HOOK:
        if (r->flags == 1 && r->aux == 0)
            stopping(f, lane, "preStop");
        break;
    case TRACE_PULL_START:
        if (!f->now[lane - f->l->items].running)
            begin_span(f, lane, LANE_PULLING, r->text);
        break;
    case TRACE_PULL_END:
        if (lane->last && lane->last->state == LANE_PULLING)
            begin_span(f, lane, LANE_WAITING, r->aux ? "ErrImagePull" : NULL);
        break;
    default:
        ASSERT(r->kind == TRACE_BACKOFF);
        if (!f->now[lane - f->l->items].running)
            begin_span(f, lane, LANE_BACKOFF, "CrashLoopBackOff");
        break;
    }
}

static void probed(struct fill *f)
{
    const struct trace_record *r = f->l->view.record;
    const struct trace_probe *p = r->data;
    struct lane *lane = p->result == RESULT_FAILURE ? container_lane(f, r->text) : NULL;
    if (lane)
        mark(f, lane, MARK_PROBE_FAILED, probe_names[r->flags]);
}

/* Warnings stand on the lane of the pod or node that they are about. */
static void event_written(struct fill *f, const struct k8s_event *e)
{
    const char *uid = e->involved_object.uid;
    const struct by_uid key = {uid, 0};
    if (!text_same(e->type, "Warning") || !uid || !f->uid_count)
        return;
    const struct by_uid *found = bsearch(&key, f->uids, f->uid_count, sizeof key, uid_order);
    if (found)
        mark(f, &f->l->items[found->lane], MARK_WARNING, e->reason);
}

static void fill_record(struct fill *f)
{
    const struct trace_record *r = f->l->view.record;
    const struct trace_container *c = r->data;
    uint32_t lane = r->object < f->l->view.object_count ? f->lane_of[r->object] : 0;
    switch (r->kind) {
    case TRACE_WRITE: {
        const struct api_object *o = r->data;
        bool gone = r->flags == WRITE_DELETE;
        if (o->kind == KIND_POD && lane)
            pod_written(f, lane - 1, (const struct pod *)o, gone);
        else if (o->kind == KIND_NODE && lane)
            node_written(f, &f->l->items[lane - 1], (const struct node *)o, gone);
        else if (o->kind == KIND_EVENT && !gone)
            event_written(f, (const struct k8s_event *)o);
        break;
    }
    case TRACE_PULL_START:
    case TRACE_PULL_END:
        if (c)
            container_record(f, c->container);
        break;
    case TRACE_CONTAINER_STARTED:
    case TRACE_CONTAINER_EXITED:
    case TRACE_SIGNAL:
    case TRACE_OOM_KILL:
    case TRACE_HOOK:
    case TRACE_BACKOFF:
        container_record(f, r->text);
        break;
    case TRACE_PROBE:
        probed(f);
        break;
    default:
        break;
    }
}

/* ---- which lanes there are ---- */

struct found {
    struct pool nodes, pods; /* const struct api_object *: newest versions, in order of creation */
};

static void find_objects(struct view *v, struct found *ret_found)
{
    const struct trace *t = v->run->trace;
    uint32_t *seen = arena_array(&v->arena, uint32_t, v->object_count);
    pool_init(&ret_found->nodes, &v->arena, sizeof(struct api_object *));
    pool_init(&ret_found->pods, &v->arena, sizeof(struct api_object *));
    for (uint32_t i = 1; i < trace_count(t); i++) {
        const struct trace_record *r = trace_at(t, i);
        const struct api_object *o = r->kind == TRACE_WRITE ? r->data : NULL;
        if (!o || (o->kind != KIND_POD && o->kind != KIND_NODE))
            continue;
        struct pool *p = o->kind == KIND_POD ? &ret_found->pods : &ret_found->nodes;
        if (!seen[r->object])
            seen[r->object] = 1 + pool_add(p);
        *(const struct api_object **)pool_at(p, seen[r->object] - 1) = o;
    }
}

static struct lane *add_lane(struct lanes *l, enum lane_kind kind, const char *name, const struct api_object *o)
{
    struct lane *lane = &l->items[l->count++];
    *lane = (struct lane){
        .kind = kind, .name = name, .object = o->ordinal, .created = o->meta.creation_timestamp, .gone = SIM_NEVER};
    return lane;
}

static void add_containers(struct lanes *l, uint32_t pod_lane, const struct pod *pod)
{
    for (uint32_t i = 0; i < pod->spec.init_containers.count; i++) {
        const struct container *c = &pod->spec.init_containers.items[i];
        struct lane *lane = add_lane(l, LANE_CONTAINER, c->name, &pod->object);
        lane->init = true;
        lane->sidecar = container_is_sidecar(c);
        lane->parent = pod_lane;
    }
    for (uint32_t i = 0; i < pod->spec.containers.count; i++)
        add_lane(l, LANE_CONTAINER, pod->spec.containers.items[i].name, &pod->object)->parent = pod_lane;
    for (uint32_t i = 0; i < pod->spec.ephemeral_containers.count; i++) {
        struct lane *lane = add_lane(l, LANE_CONTAINER, pod->spec.ephemeral_containers.items[i].name, &pod->object);
        lane->ephemeral = true;
        lane->parent = pod_lane;
    }
}

static void make_lanes(struct fill *f)
{
    struct lanes *l = f->l;
    struct found found;
    find_objects(&l->view, &found);
    uint32_t room = found.nodes.count + found.pods.count;
    for (uint32_t i = 0; i < found.pods.count; i++) {
        const struct pod *pod = *(const struct pod **)pool_at(&found.pods, i);
        room += pod->spec.init_containers.count + pod->spec.containers.count + pod->spec.ephemeral_containers.count;
    }
    l->items = arena_array(&l->view.arena, struct lane, room);
    f->now = arena_array(&l->view.arena, struct now, room);
    f->lane_of = arena_array(&l->view.arena, uint32_t, l->view.object_count);
    f->uids = arena_array(&l->view.arena, struct by_uid, found.nodes.count + found.pods.count);
    for (uint32_t i = 0; i < found.nodes.count + found.pods.count; i++) {
        bool is_node = i < found.nodes.count;
        const struct api_object *o =
            *(const struct api_object **)(is_node ? pool_at(&found.nodes, i)
                                                  : pool_at(&found.pods, i - found.nodes.count));
        add_lane(l, is_node ? LANE_NODE : LANE_POD, view_object_name(&l->view, o), o);
        f->lane_of[o->ordinal] = l->count;
        f->uids[f->uid_count++] = (struct by_uid){o->meta.uid, l->count - 1};
        if (!is_node)
            add_containers(l, l->count - 1, (const struct pod *)o);
    }
    ASSERT(l->count == room);
    qsort(f->uids, f->uid_count, sizeof *f->uids, uid_order);
}

void lanes_init(struct lanes *l, const struct run_trace *run)
{
    memset(l, 0, sizeof *l);
    view_init(&l->view, run);
    l->end = run->end;
    struct fill f = {.l = l};
    make_lanes(&f);
    while (view_next(&l->view))
        fill_record(&f);
    for (uint32_t i = 0; i < l->count; i++)
        end_lane(&l->items[i], l->end);
}

void lanes_fini(struct lanes *l) { view_fini(&l->view); }

bool lane_is_news(const struct lane *lane)
{
    const struct lane_span *s = lane->first;
    return s && (lane->kind != LANE_NODE || s->next || s->state != LANE_READY || lane->created > 0 || s->detail);
}

const struct lane_span *lane_at(const struct lane *lane, sim_time at)
{
    const struct lane_span *s = lane->first;
    while (s && s->to <= at)
        s = s->next;
    return s && s->from <= at ? s : NULL;
}
