/* kubectl_rollout.c - kubectl rollout: restart, pause, resume, undo, status, history.
 *
 * kubectl pkg/cmd/rollout, pkg/polymorphichelpers/{rollout_status,rollback,history,historyviewer,objectpauser,
 * objectrestarter}.go (v1.34). Objects are read as documents: what kind it is, is seen by its fields.
 */
#include <string.h>

#include "model/api_sets.h"
#include "model/kubectl_private.h"
#include "model/printer.h"

#define REVISION_ANNOTATION "deployment.kubernetes.io/revision"

static object_list targets(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    if (list.count == 0 && r->code == 0)
        strbuf_printf(r->out, "No resources found in %s namespace.\n", kubectl_namespace(r));
    return list;
}

static bool is_paused(const struct value *document)
{
    const struct value *v = document_get(document, "spec.paused");
    return v && v->type == VALUE_BOOL && v->boolean;
}

/* ---- restart, pause, resume ---- */

static void patch_error(struct kubectl_run *r, const struct api_object *o, const char *text)
{
    kubectl_fail(r, "error: %s \"%s\" %s", kubectl_resource_name(r, o->kind), o->meta.name, text);
}

void kubectl_rollout_restart(struct kubectl_run *r)
{
    object_list list = targets(r);
    struct strbuf now = STRBUF_INIT;
    strbuf_rfc3339(&now, store_epoch(r->store) + sim_time_floor(sim_now(r->sim), SIM_SECOND) / SIM_SECOND, 0, false);
    const char *date = arena_strdup(r->arena, strbuf_str(&now));
    strbuf_fini(&now);
    for (uint32_t i = 0; i < list.count; i++) {
        if (!kubectl_current(r, &list, i))
            continue;
        const struct value *document = kubectl_document(r, list.items[i]);
        if (is_paused(document)) {
            patch_error(r, list.items[i], "can't restart paused deployment (run rollout resume first)");
            continue;
        }
        const char *annotations = "spec.template.metadata.annotations";
        const struct value *map = document_put(r->arena, document_get(document, annotations),
                                               ":kubectl.kubernetes.io/restartedAt", document_text(r->arena, date));
        if (value_equal(map, document_get(document, annotations)))
            kubectl_fail(r,
                         "error: failed to create patch for %s: if restart has already been triggered within the past "
                         "second, please wait before attempting to trigger another",
                         list.items[i]->meta.name);
        else
            kubectl_change(r, list.items[i], document_put(r->arena, document, annotations, map), "restarted", NULL);
    }
}

static void set_paused(struct kubectl_run *r, bool on)
{
    object_list list = targets(r);
    for (uint32_t i = 0; i < list.count; i++) {
        if (!kubectl_current(r, &list, i))
            continue;
        const struct value *document = kubectl_document(r, list.items[i]);
        if (!type_field(kind_infos[list.items[i]->kind].type, "spec.paused")) {
            patch_error(r, list.items[i], on ? "pausing is not supported" : "resuming is not supported");
            continue;
        }
        if (is_paused(document) == on) {
            patch_error(r, list.items[i], on ? "is already paused" : "is not paused");
            continue;
        }
        document = document_put(r->arena, document, "spec.paused", on ? document_boolean(r->arena, true) : NULL);
        kubectl_change(r, list.items[i], document, on ? "paused" : "resumed", NULL);
    }
}

void kubectl_rollout_pause(struct kubectl_run *r) { set_paused(r, true); }

void kubectl_rollout_resume(struct kubectl_run *r) { set_paused(r, false); }

/* ---- revisions ---- */

struct revision {
    int64_t number;
    const struct api_object *object; /* the ReplicaSet, or the ControllerRevision */
};

static bool keeps_replica_sets(const struct api_object *o) { return o->kind == KIND_DEPLOYMENT; }

static int64_t revision_of(const struct api_object *o)
{
    if (o->kind == KIND_CONTROLLERREVISION)
        return ((const struct controller_revision *)o)->revision;
    const char *text = str_map_get(&o->meta.annotations, REVISION_ANNOTATION);
    int64_t n = 0;
    for (; text && *text >= '0' && *text <= '9'; text++)
        n = n * 10 + (*text - '0');
    return n;
}

static bool is_owned(const struct api_object *o, const struct api_object *owner)
{
    for (uint32_t i = 0; i < o->meta.owner_references.count; i++)
        if (text_is(o->meta.owner_references.items[i].uid, owner->meta.uid))
            return true;
    return false;
}

/* What belongs to it, in order of its revisions. */
static uint32_t revisions(struct kubectl_run *r, const struct api_object *owner, struct revision **ret)
{
    enum api_kind kind = keeps_replica_sets(owner) ? KIND_REPLICASET : KIND_CONTROLLERREVISION;
    uint32_t cursor = 0, n = 0, room = 0;
    while (store_next(r->store, kind, &cursor))
        room++;
    struct revision *list = arena_array(r->arena, struct revision, room + 1);
    cursor = 0;
    for (const struct api_object *o; (o = store_next(r->store, kind, &cursor)) != NULL;) {
        int64_t number = revision_of(o);
        if (!is_owned(o, owner) || number == 0)
            continue;
        uint32_t k = n++;
        for (; k > 0 && list[k - 1].number > number; k--)
            list[k] = list[k - 1];
        list[k] = (struct revision){number, o};
    }
    *ret = list;
    return n;
}

static const struct revision *find_revision(const struct revision *list, uint32_t n, int64_t number)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i].number == number)
            return &list[i];
    return NULL;
}

/* The template as its owner has it: without the hash of a ReplicaSet, or what says how it is merged. */
static const struct value *plain_template(struct kubectl_run *r, const struct api_object *o)
{
    const struct value *document = kubectl_document(r, o);
    if (o->kind == KIND_CONTROLLERREVISION)
        return document_put(r->arena, document_get(document, "data.spec.template"), "$patch", NULL);
    const struct value *t = document_get(document, "spec.template");
    const struct value *labels = document_put(r->arena, document_get(t, "metadata.labels"), ":pod-template-hash", NULL);
    return document_put(r->arena, t, "metadata.labels", labels->count ? labels : NULL);
}

/* ---- undo ---- */

/* k8s rollback.go annotationsToSkip: these stay the Deployment's own. */
static const char *const own_annotations[] = {
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION_ANNOTATION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
};

static bool is_own(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(own_annotations); i++)
        if (strcmp(key, own_annotations[i]) == 0)
            return true;
    return false;
}

static const struct value *rolled_back_annotations(struct kubectl_run *r, const struct api_object *o,
                                                   const struct api_object *set)
{
    const struct value *map = NULL;
    for (int from = 0; from < 2; from++) {
        const str_map *m = from ? &set->meta.annotations : &o->meta.annotations;
        for (uint32_t i = 0; i < m->count; i++)
            if (is_own(m->items[i].key) == (from == 0))
                map = document_put(r->arena, map, arena_printf(r->arena, ":%s", m->items[i].key),
                                   document_text(r->arena, m->items[i].value));
    }
    return map;
}

/* What there is to say against it; NULL = nothing. */
static const char *wrong_undo(struct kubectl_run *r, const struct api_object *o, const struct revision *to,
                              int64_t wanted)
{
    if (!to && wanted)
        return arena_printf(r->arena, "error: unable to find specified revision %" PRId64 " in history", wanted);
    if (!to && keeps_replica_sets(o))
        return arena_printf(r->arena, "error: no rollout history found for deployment \"%s\"", o->meta.name);
    if (!to)
        return "error: no last revision to roll back to";
    if (is_paused(kubectl_document(r, o)))
        return "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try "
               "again";
    return NULL;
}

static void undo_one(struct kubectl_run *r, const struct api_object *o)
{
    struct revision *list;
    uint32_t n = revisions(r, o, &list);
    int64_t wanted = r->command->revision;
    const struct revision *to = wanted ? find_revision(list, n, wanted) : n > 1 ? &list[n - 2] : NULL;
    const char *wrong = wrong_undo(r, o, to, wanted);
    if (wrong) {
        kubectl_fail(r, "%s", wrong);
        return;
    }
    const struct value *document = kubectl_document(r, o), *template = plain_template(r, to->object);
    if (value_equal(template, document_get(document, "spec.template"))) {
        kubectl_say(
            r, o,
            arena_printf(r->arena, "skipped rollback (current template already matches revision %" PRId64 ")", wanted));
        return;
    }
    document = document_put(r->arena, document, "spec.template", template);
    if (keeps_replica_sets(o))
        document = document_put(r->arena, document, "metadata.annotations", rolled_back_annotations(r, o, to->object));
    kubectl_change(r, o, document, "rolled back", "rolled back");
}

void kubectl_rollout_undo(struct kubectl_run *r)
{
    object_list list = targets(r);
    for (uint32_t i = 0; i < list.count && kubectl_current(r, &list, i); i++)
        undo_one(r, list.items[i]);
}

/* ---- history ---- */

static void history_one(struct kubectl_run *r, const struct api_object *o)
{
    struct revision *list;
    uint32_t n = revisions(r, o, &list);
    int64_t wanted = r->command->revision;
    const struct revision *one = wanted ? find_revision(list, n, wanted) : NULL;
    if (wanted && !one) {
        kubectl_fail(r, "error: unable to find the specified revision");
        return;
    }
    printer_name(r->out, o->kind, o->meta.name);
    if (one) {
        strbuf_printf(r->out, " with revision #%" PRId64 "\n", wanted);
        const struct pod_template *t =
            keeps_replica_sets(o) ? workload_template(one->object)
                                  : &((const struct controller_revision *)one->object)->data.spec.template_.template_;
        kubectl_describe_template(r, &t->meta, &t->spec);
        strbuf_putc(r->out, '\n');
        return;
    }
    struct table t = TABLE_INIT;
    t.gap = 2;
    strbuf_puts(r->out, " \n");
    table_cell(&t, "REVISION");
    table_cell(&t, "CHANGE-CAUSE");
    table_end_row(&t);
    for (uint32_t i = 0; i < n; i++) {
        const char *cause = str_map_get(&list[i].object->meta.annotations, "kubernetes.io/change-cause");
        table_cell(&t, arena_printf(r->arena, "%" PRId64, list[i].number));
        table_cell(&t, cause ? cause : "<none>");
        table_end_row(&t);
    }
    table_print(&t, r->out);
    table_fini(&t);
    strbuf_putc(r->out, '\n');
}

void kubectl_rollout_history(struct kubectl_run *r)
{
    object_list list = targets(r);
    for (uint32_t i = 0; i < list.count; i++)
        history_one(r, list.items[i]);
}

/* ---- status ---- */

struct status {
    object_list list;
    uint32_t at;
};

static bool progress_deadline_exceeded(const struct value *d)
{
    const struct value *list = document_get(d, "status.conditions");
    for (uint32_t i = 0; list && i < list->count; i++)
        if (strcmp(document_string(list->items[i], "type"), "Progressing") == 0)
            return strcmp(document_string(list->items[i], "reason"), "ProgressDeadlineExceeded") == 0;
    return false;
}

/* DeploymentStatusViewer. Returns what is said; *ret_done: nothing is left to wait for. */
static const char *deployment_status(struct kubectl_run *r, const struct value *d, bool *ret_done)
{
    const char *name = document_string(d, "metadata.name");
    int64_t wanted = document_number(d, "spec.replicas", 1), updated = document_number(d, "status.updatedReplicas", 0),
            all = document_number(d, "status.replicas", 0),
            available = document_number(d, "status.availableReplicas", 0);
    if (document_number(d, "metadata.generation", 0) > document_number(d, "status.observedGeneration", 0))
        return "Waiting for deployment spec update to be observed...\n";
    if (progress_deadline_exceeded(d)) {
        kubectl_fail(r, "error: deployment \"%s\" exceeded its progress deadline", name);
        *ret_done = true;
        return "";
    }
    if (updated < wanted)
        return arena_printf(r->arena,
                            "Waiting for deployment \"%s\" rollout to finish: %" PRId64 " out of %" PRId64
                            " new replicas have been updated...\n",
                            name, updated, wanted);
    if (all > updated)
        return arena_printf(r->arena,
                            "Waiting for deployment \"%s\" rollout to finish: %" PRId64
                            " old replicas are pending termination...\n",
                            name, all - updated);
    if (available < updated)
        return arena_printf(r->arena,
                            "Waiting for deployment \"%s\" rollout to finish: %" PRId64 " of %" PRId64
                            " updated replicas are available...\n",
                            name, available, updated);
    *ret_done = true;
    return arena_printf(r->arena, "deployment \"%s\" successfully rolled out\n", name);
}

/* DaemonSetStatusViewer. */
static const char *daemon_set_status(struct kubectl_run *r, const struct value *d, bool *ret_done)
{
    const char *name = document_string(d, "metadata.name");
    int64_t wanted = document_number(d, "status.desiredNumberScheduled", 0),
            updated = document_number(d, "status.updatedNumberScheduled", 0),
            available = document_number(d, "status.numberAvailable", 0);
    if (document_number(d, "metadata.generation", 0) > document_number(d, "status.observedGeneration", 0))
        return "Waiting for daemon set spec update to be observed...\n";
    if (updated < wanted)
        return arena_printf(r->arena,
                            "Waiting for daemon set \"%s\" rollout to finish: %" PRId64 " out of %" PRId64
                            " new pods have been updated...\n",
                            name, updated, wanted);
    if (available < wanted)
        return arena_printf(r->arena,
                            "Waiting for daemon set \"%s\" rollout to finish: %" PRId64 " of %" PRId64
                            " updated pods are available...\n",
                            name, available, wanted);
    *ret_done = true;
    return arena_printf(r->arena, "daemon set \"%s\" successfully rolled out\n", name);
}

/* StatefulSetStatusViewer. */
static const char *stateful_set_status(struct kubectl_run *r, const struct value *d, bool *ret_done)
{
    int64_t observed = document_number(d, "status.observedGeneration", 0),
            wanted = document_number(d, "spec.replicas", 1), ready = document_number(d, "status.readyReplicas", 0),
            updated = document_number(d, "status.updatedReplicas", 0),
            partition = document_number(d, "spec.updateStrategy.rollingUpdate.partition", 0);
    const char *target = document_string(d, "status.updateRevision"),
               *now = document_string(d, "status.currentRevision");
    if (observed == 0 || document_number(d, "metadata.generation", 0) > observed)
        return "Waiting for statefulset spec update to be observed...\n";
    if (ready < wanted)
        return arena_printf(r->arena, "Waiting for %" PRId64 " pods to be ready...\n", wanted - ready);
    if (document_get(d, "spec.updateStrategy.rollingUpdate") && updated < wanted - partition)
        return arena_printf(r->arena,
                            "Waiting for partitioned roll out to finish: %" PRId64 " out of %" PRId64
                            " new pods have been updated...\n",
                            updated, wanted - partition);
    *ret_done = document_get(d, "spec.updateStrategy.rollingUpdate") || strcmp(target, now) == 0;
    if (document_get(d, "spec.updateStrategy.rollingUpdate"))
        return arena_printf(r->arena, "partitioned roll out complete: %" PRId64 " new pods have been updated...\n",
                            updated);
    if (!*ret_done)
        return arena_printf(r->arena,
                            "waiting for statefulset rolling update to complete %" PRId64 " pods at revision %s...\n",
                            updated, target);
    return arena_printf(r->arena, "statefulset rolling update complete %" PRId64 " pods at revision %s...\n",
                        document_number(d, "status.currentReplicas", 0), now);
}

static const char *status_text(struct kubectl_run *r, const struct api_object *o, bool *ret_done)
{
    const struct api_type *type = kind_infos[o->kind].type;
    const struct value *d = kubectl_document(r, o);
    int64_t pinned = r->command->revision, running = revision_of(o);
    *ret_done = false;
    if (type_field(type, "status.desiredNumberScheduled"))
        return daemon_set_status(r, d, ret_done);
    if (type_field(type, "status.updateRevision"))
        return stateful_set_status(r, d, ret_done);
    if (!pinned || pinned == running)
        return deployment_status(r, d, ret_done);
    kubectl_fail(r, "error: desired revision (%" PRId64 ") is different from the running revision (%" PRId64 ")",
                 pinned, running);
    *ret_done = true;
    return "";
}

/* Each version that the watch delivers is told, as it comes. */
static bool step(struct kubectl_job *j, const struct watch_event *event)
{
    struct status *s = j->data;
    struct kubectl_run *r = &j->run;
    if (j->timed_out) {
        kubectl_fail(r, "error: timed out waiting for the condition");
        return true;
    }
    for (; s->at < s->list.count; s->at++, event = NULL) {
        const struct api_object *o = s->list.items[s->at];
        bool done;
        if (event && event->object->ordinal != o->ordinal)
            return false;
        if (event && event->verb == WRITE_DELETE) {
            kubectl_fail(r, "error: object has been deleted");
            return true;
        }
        const struct api_object *now = event ? event->object : store_by_ordinal(r->store, o->ordinal);
        if (!now) {
            kubectl_fail(r, "error: object has been deleted");
            return true;
        }
        if (event && now->revision <= o->revision)
            return false; /* told already: a watch begins with what is there */
        s->list.items[s->at] = now;
        strbuf_puts(r->out, status_text(r, now, &done));
        if (!done && r->command->watch)
            return false;
        if (r->code)
            return true;
    }
    return true;
}

void kubectl_rollout_status(struct kubectl_run *r)
{
    struct status *s = arena_new(r->arena, struct status);
    s->list = targets(r);
    uint32_t kinds = 0;
    for (uint32_t i = 0; i < s->list.count; i++)
        kinds |= 1u << s->list.items[i]->kind;
    if (s->list.count && r->code == 0)
        kubectl_run_on(r, kinds, step, s);
}
