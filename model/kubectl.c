/* kubectl.c - carrying out kubectl lines against the store, in kubectl's own words.
 *
 * kubectl pkg/cmd (v1.34); texts: api-objects.md sections 1.2, 7.3, 10. A command is several requests in
 * a row, all at one instant; what a request changes is committed when it is made.
 */
#include "model/kubectl_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/api_types.h"
#include "model/cronjob.h"
#include "model/pod_control.h"
#include "model/printer.h"

/* ---- what is said ---- */

void kubectl_begin_write(struct kubectl_run *r) { sim_set_cause(r->sim, r->record); }

void kubectl_say(struct kubectl_run *r, const struct api_object *o, const char *what)
{
    static const char *const dry[] = {"", " (dry run)", " (server dry run)"}; /* ORDER enum dry_run */
    const struct api_object *one = o;
    if (r->command->output != OUT_TABLE && r->command->output != OUT_NAME) {
        kubectl_print_objects(r, &(object_list){&one, 1}, true);
        return;
    }
    printer_name(r->out, o->kind, o->meta.name);
    if (r->command->output == OUT_TABLE)
        strbuf_printf(r->out, " %s%s", what, dry[r->command->dry_run]);
    strbuf_putc(r->out, '\n');
}

void kubectl_fail(struct kubectl_run *r, const char *format, ...)
{
    va_list args;
    char text[2048];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    strbuf_puts(r->out, text);
    strbuf_putc(r->out, '\n');
    r->code = 1;
}

const char *kubectl_resource_name(struct kubectl_run *r, enum api_kind kind)
{
    const struct kind_info *k = &kind_infos[kind];
    return k->group && *k->group ? arena_printf(r->arena, "%s.%s", k->resource, k->group) : k->resource;
}

void kubectl_not_found(struct kubectl_run *r, enum api_kind kind, const char *name)
{
    if (r->command->ignore_not_found)
        return;
    kubectl_fail(r, "Error from server (NotFound): %s \"%s\" not found", kubectl_resource_name(r, kind), name);
}

const char *kubectl_namespace(const struct kubectl_run *r)
{
    return r->command->namespace_ ? r->command->namespace_ : "default";
}

/* ---- choosing objects ---- */

static const char *field_text(const struct api_object *o, const char *path)
{
    const char *text = NULL;
    if (strcmp(path, "metadata.name") == 0) {
        text = o->meta.name;
    } else if (strcmp(path, "metadata.namespace") == 0) {
        text = o->meta.namespace_;
    } else if (o->kind == KIND_POD) {
        const struct pod *pod = (const struct pod *)o;
        text = strcmp(path, "spec.nodeName") == 0  ? pod->spec.node_name
               : strcmp(path, "status.phase") == 0 ? pod->status.phase
                                                   : NULL;
    } else if (o->kind == KIND_EVENT) {
        const struct k8s_event *e = (const struct k8s_event *)o;
        text = strcmp(path, "involvedObject.name") == 0   ? e->involved_object.name
               : strcmp(path, "involvedObject.kind") == 0 ? e->involved_object.kind
               : strcmp(path, "reason") == 0              ? e->reason
               : strcmp(path, "type") == 0                ? e->type
                                                          : NULL;
    }
    return text ? text : "";
}

static bool wanted(const struct kubectl_run *r, const struct api_object *o)
{
    const struct kubectl_command *c = r->command;
    if (kind_infos[o->kind].namespaced && !c->all_namespaces && strcmp(o->meta.namespace_, kubectl_namespace(r)) != 0)
        return false;
    if (!selector_matches(&c->select, &o->meta.labels))
        return false;
    for (uint32_t i = 0; i < c->fields.count; i++)
        if ((strcmp(field_text(o, c->fields.items[i].path), c->fields.items[i].value) == 0) ==
            c->fields.items[i].negated)
            return false;
    return true;
}

bool kubectl_means(const struct kubectl_run *r, const struct api_object *o)
{
    const struct kubectl_command *c = r->command;
    for (uint32_t i = 0; i < c->targets.count; i++)
        if (c->targets.items[i].kind == o->kind &&
            (!c->targets.items[i].name || strcmp(c->targets.items[i].name, o->meta.name) == 0))
            return wanted(r, o);
    return false;
}

static void add_all(struct kubectl_run *r, enum api_kind kind, struct pool *found)
{
    uint32_t cursor = 0;
    for (const struct api_object *o; (o = store_next(r->store, kind, &cursor)) != NULL;)
        if (wanted(r, o))
            *(const struct api_object **)pool_at(found, pool_add(found)) = o;
}

static void add_named(struct kubectl_run *r, enum api_kind kind, const char *namespace_, const char *name,
                      struct pool *found)
{
    const struct api_object *o = store_get(r->store, kind, namespace_, name);
    if (o)
        *(const struct api_object **)pool_at(found, pool_add(found)) = o;
    else
        kubectl_not_found(r, kind, name);
}

static int by_key(const struct api_object *x, const struct api_object *y)
{
    const char *a = x->meta.namespace_ ? x->meta.namespace_ : "", *b = y->meta.namespace_ ? y->meta.namespace_ : "";
    int order = strcmp(a, b);
    return order ? order : strcmp(x->meta.name, y->meta.name);
}

/* The API lists each kind by etcd key: namespace, then name. An insertion sort: lists are short, and
 * mostly in order. */
void kubectl_sort_by_name(object_list *list)
{
    for (uint32_t i = 1; i < list->count; i++) {
        const struct api_object *o = list->items[i];
        uint32_t k = i;
        for (; k > 0 && list->items[k - 1]->kind == o->kind && by_key(list->items[k - 1], o) > 0; k--)
            list->items[k] = list->items[k - 1];
        list->items[k] = o;
    }
}

/* All objects of some kind. Events come as they happened: their names begin with the object's. */
static bool lists(const struct kubectl_command *c)
{
    return c->targets.count && !c->targets.items[0].name && c->targets.items[0].kind != KIND_EVENT;
}

object_list kubectl_targets(struct kubectl_run *r)
{
    const struct kubectl_command *c = r->command;
    struct pool found; /* const struct api_object * */
    pool_init(&found, r->arena, sizeof(const struct api_object *));
    for (uint32_t i = 0; i < c->targets.count; i++) {
        if (c->targets.items[i].name)
            add_named(r, c->targets.items[i].kind, kubectl_namespace(r), c->targets.items[i].name, &found);
        else
            add_all(r, c->targets.items[i].kind, &found);
    }
    for (uint32_t i = 0; i < c->objects.count && c->verb != VERB_EXPOSE && c->verb != VERB_AUTOSCALE; i++) {
        const struct api_object *o = c->objects.items[i];
        if (o->meta.name)
            add_named(r, o->kind, o->meta.namespace_ ? o->meta.namespace_ : kubectl_namespace(r), o->meta.name, &found);
    }
    object_list list = {arena_array(r->arena, const struct api_object *, found.count + 1), found.count};
    for (uint32_t i = 0; i < found.count; i++)
        list.items[i] = *(const struct api_object **)pool_at(&found, i);
    if (lists(c))
        kubectl_sort_by_name(&list);
    return list;
}

bool kubectl_current(struct kubectl_run *r, object_list *list, uint32_t i)
{
    const struct api_object *o = list->items[i], *now = store_by_ordinal(r->store, o->ordinal);
    if (!now)
        kubectl_not_found(r, o->kind, o->meta.name);
    else
        list->items[i] = now;
    return now != NULL;
}

/* ---- create ---- */

/* A copy that may be stored: what is given belongs to the scenario. */
static struct api_object *own_copy(struct kubectl_run *r, const struct api_object *o)
{
    struct api_object *copy = api_object_copy(r->arena, o);
    copy->ordinal = 0;
    if (kind_infos[o->kind].namespaced && !copy->meta.namespace_)
        copy->meta.namespace_ = kubectl_namespace(r);
    return copy;
}

static bool namespace_fits(struct kubectl_run *r, const struct api_object *o)
{
    const char *own = o->meta.namespace_;
    if (!r->command->namespace_ || !own || strcmp(own, r->command->namespace_) == 0)
        return true;
    kubectl_fail(r,
                 "error: the namespace from the provided object \"%s\" does not match the namespace \"%s\". You must "
                 "pass '--namespace=%s' to perform this operation.",
                 own, r->command->namespace_, own);
    return false;
}

/* `error when creating "f.yaml": `, or nothing for objects that no file holds. */
static const char *when_creating(struct kubectl_run *r)
{
    return r->command->file ? arena_printf(r->arena, "error when creating \"%s\": ", r->command->file) : "";
}

/* kubectl pkg/cmd/create/create_*.go wrap what the API server says; namespaces and files do not. NULL: neither is this.
 */
static const char *failed_to_create(struct kubectl_run *r, const struct api_object *o)
{
    static const struct {
        enum kubectl_verb verb;
        const char *words;
    } wrapped[] = {
        {VERB_CREATE_CONFIGMAP, "configmap:"},
        {VERB_CREATE_CRONJOB, "cronjob:"},
        {VERB_CREATE_DEPLOYMENT, "deployment:"},
        {VERB_CREATE_JOB, "job:"},
        {VERB_CREATE_PDB, "poddisruptionbudgets:"},
        {VERB_CREATE_PRIORITYCLASS, "priorityclass:"},
        {VERB_CREATE_QUOTA, "quota:"},
        {VERB_CREATE_SECRET, "secret"},
        {VERB_CREATE_SERVICEACCOUNT, "serviceaccount:"},
    };
    for (size_t i = 0; i < ARRAY_LEN(wrapped); i++)
        if (wrapped[i].verb == r->command->verb)
            return wrapped[i].words;
    return r->command->verb == VERB_CREATE_SERVICE
               ? arena_printf(r->arena, "%s service:", ((const struct service *)o)->spec.type)
               : NULL;
}

static void say_refused(struct kubectl_run *r, const struct api_object *o, enum store_error error)
{
    const char *wrapped = failed_to_create(r, o), *refusal = store_refusal(r->store);
    if (error == STORE_EXISTS)
        refusal = arena_printf(r->arena, "%s \"%s\" already exists", kubectl_resource_name(r, o->kind), o->meta.name);
    if (wrapped)
        kubectl_fail(r, "error: failed to create %s %s", wrapped, refusal);
    else if (error == STORE_INVALID)
        kubectl_fail(r, "The %s", refusal);
    else
        kubectl_fail(r, "Error from server (%s): %s%s",
                     error == STORE_EXISTS      ? "AlreadyExists"
                     : error == STORE_NOT_FOUND ? "NotFound"
                                                : "Forbidden",
                     when_creating(r), refusal);
}

bool kubectl_create(struct kubectl_run *r, const struct api_object *given, const char *done)
{
    const struct api_object *stored = NULL;
    if (!namespace_fits(r, given))
        return false;
    if (given->kind == KIND_POD && ((const struct pod *)given)->spec.ephemeral_containers.count) {
        kubectl_fail(r, "The Pod \"%s\" is invalid: spec.ephemeralContainers: Forbidden: cannot be set on create",
                     given->meta.name);
        return false;
    }
    struct api_object *own = own_copy(r, given);
    bool exists = own->meta.name && store_get(r->store, own->kind, own->meta.namespace_, own->meta.name);
    const struct value *draft = r->command->dry_run == DRY_CLIENT ? kubectl_draft(r, own) : NULL;
    if (draft && (r->command->output == OUT_YAML || r->command->output == OUT_JSON)) {
        if (r->command->output == OUT_YAML)
            value_write_yaml(draft, r->out, 0);
        else
            value_write_json(draft, r->out, 4);
        return true;
    }
    if (r->command->dry_run && !(exists && r->command->dry_run == DRY_SERVER)) {
        kubectl_say(r, own, done);
        return true;
    }
    kubectl_begin_write(r);
    enum store_error error = exists ? STORE_EXISTS : store_create(r->store, COMP_USER, own, &stored);
    if (error == STORE_OK)
        kubectl_say(r, stored, done);
    else
        say_refused(r, own, error);
    return error == STORE_OK;
}

static void execute_create(struct kubectl_run *r)
{
    for (uint32_t i = 0; i < r->command->objects.count; i++)
        kubectl_create(r, r->command->objects.items[i], "created");
}

static void execute_apply(struct kubectl_run *r)
{
    for (uint32_t i = 0; i < r->command->objects.count; i++) {
        const struct api_object *o = r->command->objects.items[i];
        const char *namespace_ = o->meta.namespace_ ? o->meta.namespace_ : kubectl_namespace(r);
        if (!o->meta.name)
            kubectl_fail(r, "error: from %s: cannot use generate name with apply", o->meta.generate_name);
        else if (store_get(r->store, o->kind, namespace_, o->meta.name))
            kubectl_apply(r, o);
        else
            kubectl_create(r, o, "created");
    }
}

/* ---- delete ---- */

static const enum propagation propagations[] = {
    [CASCADE_BACKGROUND] = PROPAGATE_BACKGROUND,
    [CASCADE_FOREGROUND] = PROPAGATE_FOREGROUND,
    [CASCADE_ORPHAN] = PROPAGATE_ORPHAN,
};

/* Since 1.34 kubectl names the namespace: `pod "web" deleted from default namespace`. */
void kubectl_say_deleted(struct kubectl_run *r, const struct api_object *o)
{
    if (r->command->output == OUT_NAME) {
        kubectl_say(r, o, "");
        return;
    }
    const char *verb = r->command->grace == 0 && r->command->verb == VERB_DELETE ? "force deleted" : "deleted";
    const struct kind_info *k = &kind_infos[o->kind];
    strbuf_puts(r->out, k->singular);
    if (k->group && *k->group)
        strbuf_printf(r->out, ".%s", k->group);
    strbuf_printf(r->out, " \"%s\" %s", o->meta.name, verb);
    if (k->namespaced && store_has(r->store, FEATURE_DELETE_NAMES_NAMESPACE))
        strbuf_printf(r->out, " from %s namespace", o->meta.namespace_);
    strbuf_puts(r->out, r->command->dry_run == DRY_CLIENT   ? " (dry run)\n"
                        : r->command->dry_run == DRY_SERVER ? " (server dry run)\n"
                                                            : "\n");
}

/* k8s apiserver pkg/admission/plugin/namespace/lifecycle: immortal namespaces. True: it has said so. */
static bool may_not_be_deleted(struct kubectl_run *r, const struct api_object *o)
{
    static const char *const immortal[] = {"default", "kube-public", "kube-system"};
    for (size_t i = 0; o->kind == KIND_NAMESPACE && i < ARRAY_LEN(immortal); i++) {
        if (strcmp(o->meta.name, immortal[i]) != 0)
            continue;
        kubectl_fail(r,
                     "Error from server (Forbidden): namespaces \"%s\" is forbidden: this namespace may not be deleted",
                     o->meta.name);
        return true;
    }
    return false;
}

static void execute_delete(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    if (r->command->grace == 0 && r->command->force)
        strbuf_puts(r->out, "Warning: Immediate deletion does not wait for confirmation that the running resource has "
                            "been terminated. The resource may continue to run on the cluster indefinitely.\n");
    for (uint32_t i = 0; i < list.count; i++) {
        if (!kubectl_current(r, &list, i) || may_not_be_deleted(r, list.items[i]))
            continue;
        if (!r->command->dry_run) {
            kubectl_begin_write(r);
            store_delete_as(r->store, COMP_USER, list.items[i], r->command->grace, propagations[r->command->cascade]);
        }
        kubectl_say_deleted(r, list.items[i]);
    }
    if (list.count == 0 && r->code == 0 && !r->command->ignore_not_found)
        strbuf_puts(r->out, "No resources found\n");
    if (list.count && r->command->wait && !r->command->dry_run && r->code == 0)
        kubectl_wait_for_deletion(r, &list);
}

/* ---- expose ---- */

/* The first port of the pod's containers, for `expose` without --port. */
static int64_t container_port(const struct value *pod)
{
    const struct value *list = document_get(pod, "spec.containers");
    for (uint32_t i = 0; list && i < list->count; i++) {
        const struct value *ports = document_get(list->items[i], "ports");
        if (ports && ports->count)
            return document_number(ports->items[0], "containerPort", 0);
    }
    return 0;
}

static str_map string_map(struct arena *a, const struct value *v)
{
    str_map map = {arena_array(a, struct str_pair, (v ? v->count : 0) + 1), 0};
    for (uint32_t i = 0; v && v->type == VALUE_MAP && i < v->count; i++)
        map.items[map.count++] = (struct str_pair){v->entries[i].key, v->entries[i].value->text};
    return map;
}

/* What kubectl finds out about what is exposed: polymorphichelpers mapbasedselectorforobject.go, portsforobject.go. */
static void introspect(struct kubectl_run *r, const struct api_object *from, str_map *ret_selector, int64_t *ret_port)
{
    const struct value *document = kubectl_document(r, from);
    const char *template = pod_template_path(from->kind);
    if (from->kind == KIND_POD) {
        *ret_selector = from->meta.labels;
        *ret_port = container_port(document);
        return;
    }
    const struct value *labels = document_get(document, "spec.selector.matchLabels");
    *ret_selector = string_map(r->arena, labels ? labels : document_get(document, "spec.selector"));
    if (template) {
        *ret_port = container_port(document_get(document, template));
        return;
    }
    const struct value *ports = document_get(document, "spec.ports");
    *ret_port = ports && ports->count ? document_number(ports->items[0], "port", 0) : 0;
}

/* The workload has to be there. */
static void execute_autoscale(struct kubectl_run *r)
{
    if (kubectl_targets(r).count > 0 && r->command->objects.count > 0)
        kubectl_create(r, r->command->objects.items[0], "autoscaled");
}

/* kubectl pkg/cmd/expose/expose.go: selector and port of what is exposed, unless given. */
static void execute_expose(struct kubectl_run *r)
{
    const struct kubectl_command *c = r->command;
    object_list list = kubectl_targets(r);
    if (list.count == 0 || c->objects.count == 0)
        return;
    const struct api_object *from = list.items[0];
    struct service *svc = (struct service *)own_copy(r, c->objects.items[0]);
    str_map labels = {0};
    int64_t port = 0;
    introspect(r, from, &labels, &port);
    svc->object.meta.labels = from->meta.labels;
    if (!svc->spec.has_selector) {
        svc->spec.selector = labels;
        svc->spec.has_selector = labels.count > 0;
    }
    if (!svc->spec.has_selector) {
        kubectl_fail(r,
                     "error: couldn't retrieve selectors via --selector flag or introspection: the %s has no labels "
                     "and cannot be exposed",
                     kind_infos[from->kind].singular);
        return;
    }
    if (c->tail == 0 && port == 0) { /* no --port */
        kubectl_fail(r, "error: couldn't find port via --port flag or introspection");
        return;
    }
    if (c->tail == 0) {
        struct service_port *p = arena_new(r->arena, struct service_port);
        *p = svc->spec.ports.items[0];
        if (!p->target_port.text && p->target_port.number == p->port)
            p->target_port.number = port;
        p->port = port;
        svc->spec.ports.items = p;
    }
    const struct api_object *now = &svc->object;
    kubectl_begin_write(r);
    if (c->dry_run || store_create(r->store, COMP_USER, &svc->object, &now) == STORE_OK)
        kubectl_say(r, now, "exposed");
    else
        kubectl_fail(r, "Error from server (AlreadyExists): services \"%s\" already exists", svc->object.meta.name);
}

/* ---- create job --from ---- */

/* kubectl pkg/cmd/create/create_job.go createJobFromCronJob: the CronJob owns it, and does not wait for its end when it
 * is deleted in the foreground. */
static void execute_create_job(struct kubectl_run *r)
{
    if (!r->command->made_name) {
        execute_create(r);
        return;
    }
    object_list list = kubectl_targets(r);
    if (list.count == 0)
        return;
    const struct cron_job *from = (const struct cron_job *)list.items[0];
    struct job *job = cronjob_job(r->arena, from, r->command->made_name);
    struct object_meta *m = &job->object.meta;
    if (!str_map_get(&m->annotations, CRONJOB_INSTANTIATE)) /* the template's own goes first */
        m->annotations = map_with(r->arena, &m->annotations, CRONJOB_INSTANTIATE, "manual");
    m->owner_references.items = controller_reference(r->arena, &from->object);
    m->owner_references.items[0].block_owner_deletion = (struct opt_bool){0};
    m->owner_references.count = 1;
    if (r->command->dry_run == DRY_CLIENT) {
        job->object.source = NULL;
        const struct value *d = document_put(r->arena, kubectl_document(r, &job->object), "metadata.namespace", NULL);
        d = document_put(r->arena, d, "apiVersion", document_text(r->arena, kind_infos[KIND_JOB].api_version));
        job->object.source = document_put(r->arena, d, "kind", document_text(r->arena, kind_infos[KIND_JOB].kind));
    } else {
        api_set_defaults(&job_type, r->arena, job);
    }
    kubectl_create(r, &job->object, "created");
}

/* ---- the rest ---- */

static void execute_run(struct kubectl_run *r)
{
    if (r->command->objects.count == 0)
        return;
    const struct api_object *pod = r->command->objects.items[0];
    if (kubectl_create(r, pod, "created") && r->command->wait)
        kubectl_attach(r, pod);
}

static void execute_cordon(struct kubectl_run *r) { kubectl_cordon(r, true); }

static void execute_uncordon(struct kubectl_run *r) { kubectl_cordon(r, false); }

static void (*const executors[VERB_COUNT])(struct kubectl_run *) = {
    [VERB_ANNOTATE] = kubectl_label,
    [VERB_APPLY] = execute_apply,
    [VERB_AUTOSCALE] = execute_autoscale,
    [VERB_CORDON] = execute_cordon,
    [VERB_CREATE] = execute_create,
    [VERB_CREATE_CONFIGMAP] = execute_create,
    [VERB_CREATE_CRONJOB] = execute_create,
    [VERB_CREATE_DEPLOYMENT] = execute_create,
    [VERB_CREATE_JOB] = execute_create_job,
    [VERB_CREATE_NAMESPACE] = execute_create,
    [VERB_CREATE_PDB] = execute_create,
    [VERB_CREATE_PRIORITYCLASS] = execute_create,
    [VERB_CREATE_QUOTA] = execute_create,
    [VERB_CREATE_SECRET] = execute_create,
    [VERB_CREATE_SERVICE] = execute_create,
    [VERB_CREATE_SERVICEACCOUNT] = execute_create,
    [VERB_DEBUG] = kubectl_patch,
    [VERB_DELETE] = execute_delete,
    [VERB_DESCRIBE] = kubectl_describe,
    [VERB_DRAIN] = kubectl_drain,
    [VERB_EDIT] = kubectl_patch,
    [VERB_EVENTS] = kubectl_events,
    [VERB_EXEC] = kubectl_exec,
    [VERB_EXPOSE] = execute_expose,
    [VERB_GET] = kubectl_get,
    [VERB_LABEL] = kubectl_label,
    [VERB_LOGS] = kubectl_logs,
    [VERB_PATCH] = kubectl_patch,
    [VERB_REPLACE] = kubectl_replace,
    [VERB_ROLLOUT_HISTORY] = kubectl_rollout_history,
    [VERB_ROLLOUT_PAUSE] = kubectl_rollout_pause,
    [VERB_ROLLOUT_RESTART] = kubectl_rollout_restart,
    [VERB_ROLLOUT_RESUME] = kubectl_rollout_resume,
    [VERB_ROLLOUT_STATUS] = kubectl_rollout_status,
    [VERB_ROLLOUT_UNDO] = kubectl_rollout_undo,
    [VERB_RUN] = execute_run,
    [VERB_SCALE] = kubectl_scale,
    [VERB_SET_ENV] = kubectl_set_env,
    [VERB_SET_IMAGE] = kubectl_set_image,
    [VERB_SET_RESOURCES] = kubectl_set_resources,
    [VERB_SET_SELECTOR] = kubectl_set_selector,
    [VERB_SET_SERVICEACCOUNT] = kubectl_set_service_account,
    [VERB_TAINT] = kubectl_taint,
    [VERB_TOP] = kubectl_top,
    [VERB_UNCORDON] = execute_uncordon,
    [VERB_WAIT] = kubectl_wait,
};

int kubectl_execute(struct cluster *c, const struct kubectl_command *command, struct strbuf *out)
{
    struct kubectl_run r = {
        .cluster = c,
        .store = cluster_store(c),
        .sim = cluster_sim(c),
        .arena = sim_arena(cluster_sim(c)),
        .command = command,
        .record = sim_cause(cluster_sim(c)),
        .out = out,
    };
    ASSERT(executors[command->verb]);
    if (!store_reachable(r.store, NULL)) { /* kubectl pkg/cmd/util/helpers.go StandardErrorMessage */
        strbuf_puts(out,
                    "The connection to the server 192.168.49.1:6443 was refused - did you specify the right host or "
                    "port?\n");
        return 1;
    }
    executors[command->verb](&r);
    return r.code;
}
