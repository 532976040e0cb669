/* view.c - see view.h. The words of view_why() are podsim's own; everything else is quoted. */
#include "report/view.h"

#include "model/api_apps.h"

#include <string.h>

const char *const probe_names[PROBE_KIND_COUNT] = {
    [PROBE_STARTUP] = "startup",
    [PROBE_READINESS] = "readiness",
    [PROBE_LIVENESS] = "liveness",
};

void view_init(struct view *v, const struct run_trace *run)
{
    *v = (struct view){.run = run};
    arena_init(&v->arena, 0);
    uint32_t count = trace_count(run->trace), max = 0;
    for (uint32_t i = 1; i < count; i++)
        if (trace_at(run->trace, i)->object > max)
            max = trace_at(run->trace, i)->object;
    v->object_count = max + 1;
    v->objects = arena_array(&v->arena, struct object_view, v->object_count);
}

void view_fini(struct view *v) { arena_fini(&v->arena); }

struct object_view *view_object(struct view *v, uint32_t ordinal)
{
    ASSERT(ordinal < v->object_count);
    return ordinal && v->objects[ordinal].latest ? &v->objects[ordinal] : NULL;
}

const struct pod *view_pod(struct view *v, uint32_t ordinal)
{
    struct object_view *o = view_object(v, ordinal);
    return o && o->latest->kind == KIND_POD ? (const struct pod *)o->latest : NULL;
}

static void follow_write(struct view *v)
{
    struct object_view *o = &v->objects[v->record->object];
    const struct api_object *version = v->record->data;
    if (!o->latest)
        o->delete_requested = SIM_NEVER;
    if (version->meta.deletion_timestamp != SIM_NEVER && o->delete_requested == SIM_NEVER)
        o->delete_requested = v->record->at;
    o->latest = version;
    o->gone = v->record->flags == WRITE_DELETE;
}

bool view_next(struct view *v)
{
    if (v->index + 1 >= trace_count(v->run->trace))
        return false;
    v->record = trace_at(v->run->trace, ++v->index);
    if (v->record->kind == TRACE_WRITE)
        follow_write(v);
    return true;
}

struct container_view *view_container(struct view *v, uint32_t ordinal, const char *name)
{
    struct container_view **link = &v->objects[ordinal].containers;
    for (; *link; link = &(*link)->next)
        if (strcmp((*link)->name, name) == 0)
            return *link;
    *link = arena_new(&v->arena, struct container_view);
    **link = (struct container_view){.name = name, .exited_at = SIM_NEVER, .signalled_at = SIM_NEVER};
    return *link;
}

/* ---- names ---- */

static const char *name_of(struct view *v, const char *kind, const char *namespace_, const char *name)
{
    if (!namespace_ || !*namespace_ || strcmp(namespace_, "default") == 0)
        return arena_printf(&v->arena, "%s/%s", kind, name);
    return arena_printf(&v->arena, "%s/%s (%s)", kind, name, namespace_);
}

/* The word a timeline uses for a kind: short, as people type it. */
static const char *kind_word(enum api_kind kind)
{
    switch (kind) {
    case KIND_SERVICE:
        return "svc";
    case KIND_ENDPOINTSLICE:
        return "endpoints";
    default:
        return kind_infos[kind].singular;
    }
}

const char *view_object_name(struct view *v, const struct api_object *o)
{
    const char *name =
        o->kind == KIND_ENDPOINTSLICE ? printer_slice_service((const struct endpoint_slice *)o) : o->meta.name;
    return name_of(v, kind_word(o->kind), o->meta.namespace_, name);
}

const char *view_name(struct view *v, uint32_t ordinal)
{
    struct object_view *o = view_object(v, ordinal);
    return o ? view_object_name(v, o->latest) : "-";
}

const char *view_subject_name(struct view *v, const struct object_reference *ref)
{
    enum api_kind kind = ref->kind ? kind_of(ref->api_version ? ref->api_version : "v1", ref->kind) : KIND_NONE;
    const char *word = kind != KIND_NONE ? kind_word(kind) : ref->kind ? ref->kind : "object";
    return name_of(v, word, ref->namespace_, ref->name ? ref->name : "");
}

const char *view_position(struct view *v, struct src_pos at)
{
    const struct diag_set *d = v->run->diags;
    if (!d || at.line == 0 || at.file >= d->files.count)
        return NULL;
    const struct diag_file *f = pool_at(&d->files, at.file);
    const char *slash = strrchr(f->name, '/');
    return arena_printf(&v->arena, "%s:%" PRIu32, slash ? slash + 1 : f->name, at.line);
}

const char *view_signal_name(int32_t number)
{
    static const char *const names[] = {
        [1] = "SIGHUP",   [2] = "SIGINT",   [3] = "SIGQUIT",  [6] = "SIGABRT",  [9] = "SIGKILL",  [10] = "SIGUSR1",
        [11] = "SIGSEGV", [12] = "SIGUSR2", [13] = "SIGPIPE", [14] = "SIGALRM", [15] = "SIGTERM", [28] = "SIGWINCH",
    };
    if (number < 0 || number >= (int32_t)ARRAY_LEN(names) || !names[number])
        return "a signal";
    return names[number];
}

static const struct container_status *status_in(const struct container_status *items, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (text_same(items[i].name, name))
            return &items[i];
    return NULL;
}

const struct container_status *view_status(const struct pod *pod, const char *name)
{
    const struct pod_status *s = &pod->status;
    const struct container_status *found = status_in(s->container_statuses.items, s->container_statuses.count, name);
    if (!found)
        found = status_in(s->init_container_statuses.items, s->init_container_statuses.count, name);
    if (!found)
        found = status_in(s->ephemeral_container_statuses.items, s->ephemeral_container_statuses.count, name);
    return found;
}

const struct container *view_spec(const struct pod *pod, const char *name)
{
    const struct pod_spec *spec = &pod->spec;
    for (uint32_t i = 0; i < spec->containers.count; i++)
        if (strcmp(spec->containers.items[i].name, name) == 0)
            return &spec->containers.items[i];
    for (uint32_t i = 0; i < spec->init_containers.count; i++)
        if (strcmp(spec->init_containers.items[i].name, name) == 0)
            return &spec->init_containers.items[i];
    return NULL;
}

/* Containers that run side by side, and so may all have probes. */
static uint32_t long_running(const struct pod_spec *spec)
{
    uint32_t n = spec->containers.count;
    for (uint32_t i = 0; i < spec->init_containers.count; i++)
        n += container_is_sidecar(&spec->init_containers.items[i]);
    return n;
}

const char *view_probe_name(struct view *v, const struct trace_record *r)
{
    const struct pod *pod = view_pod(v, r->object);
    if (pod && long_running(&pod->spec) > 1)
        return arena_printf(&v->arena, "%s probe of %s", probe_names[r->flags], r->text);
    return arena_printf(&v->arena, "%s probe", probe_names[r->flags]);
}

/* ---- texts ---- */

const char *view_one_line(struct view *v, const char *text)
{
    if (!text)
        return "";
    char *copy = arena_strdup(&v->arena, text);
    size_t n = strlen(copy);
    while (n && (copy[n - 1] == '\n' || copy[n - 1] == ' ' || copy[n - 1] == '\r'))
        copy[--n] = '\0';
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    return copy;
}

/* Get "http://10.244.1.2:80/": dial tcp ...: the request is in the manifest. */
const char *view_probe_output(struct view *v, const char *text)
{
    const char *line = view_one_line(v, text);
    const char *end = strncmp(line, "Get \"", 5) == 0 ? strstr(line + 5, "\": ") : NULL;
    return end && end[3] ? end + 3 : line;
}

/* command exited with 1: cp: cannot stat ...: what the command said is the point. */
static const char *behind_exit(const char *line)
{
    static const char words[] = "command exited with ";
    if (strncmp(line, words, sizeof words - 1) != 0)
        return line;
    const char *p = line + sizeof words - 1;
    while (*p >= '0' && *p <= '9')
        p++;
    return p[0] == ':' && p[1] == ' ' && p[2] ? p + 2 : line;
}

/* exec: "/bin/x": stat /bin/x: no such file or directory: the path stands there once more. */
static const char *behind_exec(const char *line)
{
    const char *stat = strncmp(line, "exec: \"", 7) == 0 ? strstr(line, "\": stat ") : NULL;
    return stat ? stat + 3 : line;
}

/* Where the point of a runtime's error begins: behind the last of the steps that led there. */
static const char *behind_steps(const char *line)
{
    static const char *const steps[] = {
        " desc = ",
        "failed to start exec ",
        "OCI runtime create failed: ",
        "OCI runtime exec failed: ",
        "unable to start container process: ",
        "error during container init: ",
    };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        const char *found = strstr(line, steps[i]);
        if (found)
            line = found + strlen(steps[i]);
    }
    return behind_exec(behind_exit(line));
}

/* What is left of a chain of wrapped errors when who was asked to do it is dropped: the text behind the
 * known steps; if that is long still, the last two clauses. */
const char *view_short_error(struct view *v, const char *text)
{
    enum { SHORT = 80 };
    const char *whole = view_one_line(v, text), *line = behind_steps(whole);
    size_t n = strlen(line);
    static const char unknown[] = ": unknown"; /* a gRPC code at the end */
    if (n > sizeof unknown && strcmp(line + n - (sizeof unknown - 1), unknown) == 0)
        n -= sizeof unknown - 1;
    line = arena_strndup(&v->arena, line, n);
    if (n <= SHORT || strncmp(whole, "rpc error: ", 11) != 0)
        return line;
    const char *cut[2] = {NULL, NULL}; /* begin of the last and of the last but one clause */
    for (const char *p = line; (p = strstr(p, ": ")) != NULL; p += 2) {
        cut[1] = cut[0];
        cut[0] = p + 2;
    }
    return cut[1] ? cut[1] : line;
}

/* ---- why ---- */

static const char *why_probe(struct view *v, const struct trace_record *r)
{
    const struct trace_probe *p = r->data;
    const char *name = view_probe_name(v, r);
    if (p->result == RESULT_UNKNOWN)
        return arena_printf(&v->arena, "%s could not run", name);
    if (p->result == RESULT_SUCCESS)
        return arena_printf(&v->arena, "%s passed", name);
    if (p->run <= 1)
        return arena_printf(&v->arena, "%s failed", name);
    return arena_printf(&v->arena, "%s failed %" PRId32 " times in a row", name, p->run);
}

const char *view_ending(struct view *v, const struct trace_container *c)
{
    if (c->reason && strcmp(c->reason, "OOMKilled") == 0)
        return arena_printf(&v->arena, "%s used more memory than its limit", c->container);
    if (c->reason && strcmp(c->reason, "StartError") == 0)
        return arena_printf(&v->arena, "%s could not start", c->container);
    if (c->signal)
        return arena_printf(&v->arena, "%s was killed by %s", c->container, view_signal_name(c->signal));
    return arena_printf(&v->arena, "%s exited %" PRId32, c->container, c->exit_code);
}

static const char *why_hook(struct view *v, const struct trace_record *r)
{
    static const char *const ends[] = {"began", "finished", "failed", "was cut off by the grace period"};
    const char *end = r->aux < ARRAY_LEN(ends) ? ends[r->aux] : "ended";
    return arena_printf(&v->arena, "%s hook of %s %s", r->flags ? "preStop" : "postStart", r->text, end);
}

/* Did Ready flip between the two versions? NULL when not. */
static const char *ready_flip(const struct pod *from, const struct pod *to)
{
    bool now = pod_condition_true(to, "Ready");
    if ((from && pod_condition_true(from, "Ready")) == now)
        return NULL;
    return now ? "became Ready" : "is no longer Ready";
}

static bool phase_is(const struct pod *pod, const char *phase)
{
    return pod->status.phase && strcmp(pod->status.phase, phase) == 0;
}

/* Being created, bound or started goes without saying: what follows is the next step. */
static const char *why_pod_write(struct view *v, const struct trace_record *r)
{
    const struct pod *to = r->data;
    const struct pod *from = (const struct pod *)to->object.prev;
    const char *name = to->object.meta.name;
    if (r->flags == WRITE_DELETE)
        return arena_printf(&v->arena, "pod %s is gone", name);
    if (!from)
        return "";
    if (from->object.meta.deletion_timestamp == SIM_NEVER && to->object.meta.deletion_timestamp != SIM_NEVER)
        return arena_printf(&v->arena, "pod %s is being deleted", name);
    if (!phase_is(from, "Succeeded") && phase_is(to, "Succeeded"))
        return arena_printf(&v->arena, "pod %s has succeeded", name);
    if (!phase_is(from, "Failed") && phase_is(to, "Failed"))
        return arena_printf(&v->arena, "pod %s has failed", name);
    const char *flip = ready_flip(from, to);
    if (flip)
        return arena_printf(&v->arena, "pod %s %s", name, flip);
    if (!from->spec.node_name && to->spec.node_name)
        return "";
    return NULL;
}

/* A set that wants another number of pods, or has another number available, says how many. What else its controllers
 * write is only a step from cause to effect. */
static const char *why_set_write(struct view *v, const struct trace_record *r)
{
    const struct replica_set *to = r->data, *from = (const struct replica_set *)to->object.prev;
    if (!from || from->spec.replicas.value != to->spec.replicas.value)
        return arena_printf(&v->arena, "%s wants %" PRId64, view_object_name(v, &to->object), to->spec.replicas.value);
    if (from->status.available_replicas != to->status.available_replicas)
        return arena_printf(&v->arena, "%s has %" PRId64 " available", view_object_name(v, &to->object),
                            to->status.available_replicas);
    return NULL;
}

static const char *ready_of(const struct node *n)
{
    for (uint32_t i = 0; n && i < n->status.conditions.count; i++)
        if (text_same(n->status.conditions.items[i].type, "Ready"))
            return n->status.conditions.items[i].status;
    return NULL;
}

static bool lacks_taint(const struct node *n, const struct taint *t)
{
    for (uint32_t i = 0; i < n->spec.taints.count; i++)
        if (text_same(n->spec.taints.items[i].key, t->key) && text_same(n->spec.taints.items[i].effect, t->effect))
            return false;
    return true;
}

/* The first NoExecute taint that one has and the other has not. */
static const struct taint *evicting_taint(const struct node *has, const struct node *other)
{
    for (uint32_t i = 0; i < has->spec.taints.count; i++)
        if (text_same(has->spec.taints.items[i].effect, "NoExecute") && lacks_taint(other, &has->spec.taints.items[i]))
            return &has->spec.taints.items[i];
    return NULL;
}

/* What the control plane follows: whether it is Ready, and what its taints evict. */
static const char *why_node_write(struct view *v, const struct trace_record *r)
{
    const struct node *to = r->data, *from = (const struct node *)to->object.prev;
    const char *name = to->object.meta.name, *ready = ready_of(to);
    if (!from || r->flags != WRITE_UPDATE)
        return NULL;
    if (ready && !text_same(ready, ready_of(from)))
        return arena_printf(&v->arena, "node %s is %s", name,
                            text_same(ready, "True")    ? "Ready"
                            : text_same(ready, "False") ? "not Ready"
                                                        : "Unknown");
    const struct taint *added = evicting_taint(to, from), *removed = evicting_taint(from, to);
    if (added)
        return arena_printf(&v->arena, "taint %s of node %s", added->key, name);
    return removed ? arena_printf(&v->arena, "taint %s of node %s is gone", removed->key, name) : NULL;
}

static bool is_step(const struct trace_record *r)
{
    return r->flags == WRITE_UPDATE &&
           (r->component == COMP_DEPLOYMENT_CONTROLLER || r->component == COMP_STATEFULSET_CONTROLLER ||
            r->component == COMP_DAEMONSET_CONTROLLER || r->component == COMP_JOB_CONTROLLER);
}

static const char *why_write(struct view *v, const struct trace_record *r)
{
    const struct api_object *o = r->data;
    bool is_set = o->kind == KIND_REPLICASET || o->kind == KIND_REPLICATIONCONTROLLER;
    if (is_set && r->flags != WRITE_DELETE && !(r->component == COMP_USER && r->cause != TRACE_ROOT))
        return why_set_write(v, r);
    if (o->kind == KIND_POD)
        return why_pod_write(v, r);
    bool steps =
        o->kind == KIND_DEPLOYMENT || o->kind == KIND_STATEFULSET || o->kind == KIND_DAEMONSET || o->kind == KIND_JOB;
    if (o->kind == KIND_EVENT || o->kind == KIND_CONTROLLERREVISION || (steps && is_step(r)))
        return NULL;
    if (r->component == COMP_USER && r->cause != TRACE_ROOT)
        return NULL; /* the kubectl line says it better */
    const char *of_node = o->kind == KIND_NODE ? why_node_write(v, r) : NULL;
    if (of_node)
        return of_node;
    static const char *const verbs[] = {"was created", "was changed", "was deleted"};
    return arena_printf(&v->arena, "%s %s", view_object_name(v, o), verbs[r->flags]);
}

/* What one record says as a cause; NULL = ask what caused it instead; "" = nothing worth a word. */
static const char *why_record(struct view *v, const struct trace_record *r)
{
    switch (r->kind) {
    case TRACE_ACTION:
        return arena_printf(&v->arena, r->flags ? "%s" : "kubectl %s", view_one_line(v, r->text));
    case TRACE_DECISION:
        return view_one_line(v, r->text);
    case TRACE_PROBE:
        return why_probe(v, r);
    case TRACE_CONTAINER_EXITED:
        return view_ending(v, r->data);
    case TRACE_CONTAINER_STARTED:
        return "";
    case TRACE_PULL_END:
        return r->aux ? arena_printf(&v->arena, "the pull of %s failed", r->text) : "";
    case TRACE_HOOK:
        return why_hook(v, r);
    case TRACE_SIGNAL:
        return view_signal_name((int32_t)r->aux);
    case TRACE_WRITE:
        return why_write(v, r);
    default:
        return NULL;
    }
}

const char *view_why(struct view *v, uint32_t index, uint32_t *ret_because)
{
    enum { STEPS_MAX = 64 };
    uint32_t cause = trace_at(v->run->trace, index)->cause;
    for (int i = 0; i < STEPS_MAX && cause != TRACE_ROOT; i++) {
        const struct trace_record *r = trace_at(v->run->trace, cause);
        const char *why = why_record(v, r);
        *ret_because = cause;
        if (why)
            return *why ? why : NULL;
        ASSERT(r->cause < cause);
        cause = r->cause;
    }
    return NULL;
}
