/* kubectl_edit.c - changing objects that exist: label, annotate, taint, cordon; and what may change at all.
 *
 * kubectl pkg/cmd; what of a pod may change: k8s pkg/apis/core/validation ValidatePodUpdate
 * (api-objects.md 7.1).
 */
#include <string.h>

#include "model/api_policy.h"
#include "model/api_batch.h"
#include "model/api_types.h"
#include "model/kubectl_private.h"

/* ---- what both may share ---- */

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

/* Sorted insertion or replacement; value NULL removes. True when the map changed. */
static bool map_set(struct arena *a, str_map *map, const char *key, const char *value)
{
    uint32_t at = 0;
    while (at < map->count && strcmp(map->items[at].key, key) < 0)
        at++;
    bool present = at < map->count && strcmp(map->items[at].key, key) == 0;
    if (value ? present && strcmp(map->items[at].value, value) == 0 : !present)
        return false;
    struct str_pair *items = arena_array(a, struct str_pair, map->count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < at; i++)
        items[n++] = map->items[i];
    if (value)
        items[n++] = (struct str_pair){key, value};
    for (uint32_t i = at + present; i < map->count; i++)
        items[n++] = map->items[i];
    map->items = items;
    map->count = n;
    return true;
}

/* ---- may it change so? ---- */

/* `to` with everything that may change put back to what it was. */
static void put_back_containers(struct arena *a, struct container **items, uint32_t count, const struct container *from,
                                uint32_t from_count)
{
    if (count != from_count)
        return;
    struct container *copy = arena_array(a, struct container, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = (*items)[i];
        copy[i].image = from[i].image;
    }
    *items = copy;
}

static bool tolerations_only_added(const struct pod_spec *from, const struct pod_spec *to)
{
    if (to->tolerations.count < from->tolerations.count)
        return false;
    for (uint32_t i = 0; i < from->tolerations.count; i++) {
        const struct toleration *old = &from->tolerations.items[i];
        bool kept = false;
        for (uint32_t k = 0; k < to->tolerations.count; k++) {
            const struct toleration *t = &to->tolerations.items[k];
            kept = kept || (same_text(old->key, t->key) && same_text(old->operator_, t->operator_) &&
                            same_text(old->value, t->value) && same_text(old->effect, t->effect));
        }
        if (!kept)
            return false;
    }
    return true;
}

static bool pod_spec_may_become(struct arena *a, const struct pod_spec *from, const struct pod_spec *to)
{
    struct pod_spec rest = *to;
    put_back_containers(a, &rest.containers.items, rest.containers.count, from->containers.items,
                        from->containers.count);
    put_back_containers(a, &rest.init_containers.items, rest.init_containers.count, from->init_containers.items,
                        from->init_containers.count);
    bool deadline_lowered =
        to->active_deadline_seconds.set && (!from->active_deadline_seconds.set ||
                                            to->active_deadline_seconds.value <= from->active_deadline_seconds.value);
    if (deadline_lowered)
        rest.active_deadline_seconds = from->active_deadline_seconds;
    if (tolerations_only_added(from, to)) {
        rest.tolerations.items = from->tolerations.items;
        rest.tolerations.count = from->tolerations.count;
    }
    if (to->scheduling_gates.count < from->scheduling_gates.count) {
        rest.scheduling_gates.items = from->scheduling_gates.items;
        rest.scheduling_gates.count = from->scheduling_gates.count;
    }
    return api_equal(&pod_spec_type, from, &rest);
}

static bool immutable_data(const struct api_object *o)
{
    const struct opt_bool *immutable = o->kind == KIND_CONFIGMAP ? &((const struct config_map *)o)->immutable
                                       : o->kind == KIND_SECRET  ? &((const struct secret *)o)->immutable
                                                                 : NULL;
    return immutable && immutable->set && immutable->value;
}

static const struct container *find_container(const struct container *list, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (same_text(list[i].name, name))
            return &list[i];
    return NULL;
}

/* k8s validation.go ValidatePodEphemeralContainersUpdate: what is there stays as it is. NULL = fine. */
static const char *wrong_ephemeral_update(struct kubectl_run *r, const struct pod *from, const struct pod *to)
{
    if (str_map_get(&from->object.meta.annotations, "kubernetes.io/config.mirror"))
        return "Forbidden: static pods do not support ephemeral containers";
    for (uint32_t i = 0; i < from->spec.ephemeral_containers.count; i++) {
        const struct container *old = &from->spec.ephemeral_containers.items[i];
        const struct container *now =
            find_container(to->spec.ephemeral_containers.items, to->spec.ephemeral_containers.count, old->name);
        if (now && api_equal(&ephemeral_container_type, old, now))
            continue;
        return arena_printf(r->arena,
                            "spec.ephemeralContainers: Forbidden: existing ephemeral containers \"%s\" may not "
                            "be %s",
                            old->name, now ? "changed" : "removed");
    }
    return NULL;
}

static bool keeps_all(const quantity_map *from, const quantity_map *to)
{
    bool kept = from->count <= to->count;
    for (uint32_t i = 0; i < from->count; i++) {
        bool found = false;
        for (uint32_t k = 0; k < to->count; k++)
            found |= same_text(from->items[i].key, to->items[k].key);
        kept &= found;
    }
    return kept;
}

/* Equal, but for CPU and memory. */
static bool same_others(const quantity_map *from, const quantity_map *to)
{
    for (uint32_t i = 0; i < to->count; i++) {
        const char *key = to->items[i].key;
        bool same = same_text(key, "cpu") || same_text(key, "memory");
        for (uint32_t k = 0; k < from->count; k++)
            same |=
                same_text(key, from->items[k].key) && quantity_compare(&from->items[k].value, &to->items[i].value) == 0;
        if (!same)
            return false;
    }
    return true;
}

static bool wants_restarts(const struct container *c)
{
    for (uint32_t i = 0; c->resize_policy && i < c->resize_policy->count; i++) {
        const struct value *policy = value_get(c->resize_policy->items[i], "restartPolicy");
        if (policy && text_is(policy->text, "RestartContainer"))
            return true;
    }
    return false;
}

/* k8s validation.go validateContainerResize, dropCPUMemoryResourcesFromContainer. NULL = fine. */
static const char *wrong_container_resize(struct kubectl_run *r, const char *list, uint32_t i,
                                          const struct container *from, const struct container *to)
{
    const char *path = arena_printf(r->arena, "spec.%s[%u].resources", list, i);
    bool init = strcmp(list, "initContainers") == 0;
    bool same = api_equal(&resource_requirements_type, &from->resources, &to->resources);
    if (init && !container_is_sidecar(from) && store_has(r->store, FEATURE_IN_PLACE_RESIZE_INIT)) {
        if (!same && wants_restarts(to))
            return arena_printf(r->arena,
                                "spec.initContainers[%u]: Forbidden: non-sidecar init containers with a resize policy "
                                "of RestartContainer cannot be resized",
                                i);
    } else if (init && !container_is_sidecar(from))
        return same ? NULL : "spec: Forbidden: resources for non-sidecar init containers are immutable";
    if (!keeps_all(&from->resources.requests, &to->resources.requests))
        return arena_printf(r->arena, "%s.requests: Forbidden: resource requests cannot be removed", path);
    if (!keeps_all(&from->resources.limits, &to->resources.limits))
        return arena_printf(r->arena, "%s.limits: Forbidden: resource limits cannot be removed", path);
    if (same_others(&from->resources.requests, &to->resources.requests) &&
        same_others(&from->resources.limits, &to->resources.limits))
        return NULL;
    return !init ? "spec: Forbidden: only cpu and memory resources are mutable"
                 : arena_printf(r->arena,
                                "spec.initContainers[%u]: Forbidden: only cpu and memory resources for init or "
                                "sidecar containers are mutable",
                                i);
}

static bool has_resources(const struct pod_spec *s) { return s->resources.requests.count || s->resources.limits.count; }

/* k8s validation.go validatePodLevelResourcesResize. NULL = fine. */
static const char *wrong_pod_resize(struct kubectl_run *r, const struct pod_spec *s, const struct pod_spec *t)
{
    if (!store_has(r->store, FEATURE_IN_PLACE_RESIZE_POD))
        return "Forbidden: resize of pods with pod-level resources is forbidden when "
               "InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled";
    if (has_resources(s) && !has_resources(t))
        return "spec.resources: Forbidden: pod-level resources cannot be removed";
    if (!keeps_all(&s->resources.requests, &t->resources.requests))
        return "spec.resources.requests: Forbidden: pod-level resource requests cannot be removed";
    if (!keeps_all(&s->resources.limits, &t->resources.limits))
        return "spec.resources.limits: Forbidden: pod-level resource limits cannot be removed";
    if (!same_others(&s->resources.requests, &t->resources.requests) ||
        !same_others(&s->resources.limits, &t->resources.limits))
        return "spec: Forbidden: only cpu and memory resources are mutable at pod-level";
    return NULL;
}

/* k8s validation.go ValidatePodResize. NULL = fine. */
static const char *wrong_resize(struct kubectl_run *r, const struct pod *from, const struct pod *to)
{
    const struct pod_spec *s = &from->spec, *t = &to->spec;
    const char *wrong = NULL;
    if (str_map_get(&from->object.meta.annotations, "kubernetes.io/config.mirror"))
        return "Forbidden: static pods cannot be resized";
    if (!same_text(pod_qos_class(s), pod_qos_class(t)))
        return arena_printf(r->arena,
                            "spec: Invalid value: \"%s\": Pod QOS Class may not change as a result of resizing",
                            pod_qos_class(s));
    if (!wrong && (has_resources(s) || has_resources(t)))
        wrong = wrong_pod_resize(r, s, t);
    for (uint32_t i = 0; !wrong && i < s->init_containers.count; i++)
        wrong =
            wrong_container_resize(r, "initContainers", i, &s->init_containers.items[i], &t->init_containers.items[i]);
    for (uint32_t i = 0; !wrong && i < s->containers.count; i++)
        wrong = wrong_container_resize(r, "containers", i, &s->containers.items[i], &t->containers.items[i]);
    return wrong;
}

/* k8s plugin/pkg/admission/podresize/admission.go, since 1.36. False: it has said so. */
static bool admit_resize(struct kubectl_run *r, const struct pod *p)
{
    const struct api_object *o = p->spec.node_name ? store_get(r->store, KIND_NODE, "", p->spec.node_name) : NULL;
    if (!o || !store_has(r->store, FEATURE_RESIZE_ADMISSION))
        return true;
    struct pod_requests asked;
    pod_effective_requests(r->arena, &p->spec, &asked);
    const quantity_map *m = &((const struct node *)o)->status.allocatable;
    int64_t cpu = 0, memory = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        cpu = same_text(m->items[i].key, "cpu") ? quantity_milli(&m->items[i].value) : cpu;
        memory = same_text(m->items[i].key, "memory") ? quantity_value(&m->items[i].value) : memory;
    }
    const char *what = "";
    if (asked.cpu_milli > cpu)
        what = arena_printf(r->arena, "cpu, requested: %" PRId64 ", allocatable: %" PRId64, asked.cpu_milli, cpu);
    if (asked.memory_bytes > memory)
        what = arena_printf(r->arena, "%s%smemory, requested: %" PRId64 ", allocatable: %" PRId64, what,
                            *what ? "; " : "", asked.memory_bytes, memory);
    if (*what)
        kubectl_fail(r,
                     "Error from server (Forbidden): pods \"%s\" is forbidden: node didn't have enough allocatable "
                     "resources: %s",
                     p->object.meta.name, what);
    return !*what;
}

static bool subresource_may_become(struct kubectl_run *r, const struct pod *from, const struct pod *to)
{
    const char *wrong = NULL;
    if (r->command->subresource == SUB_EPHEMERAL)
        wrong = wrong_ephemeral_update(r, from, to);
    else if (r->command->subresource == SUB_RESIZE)
        wrong = wrong_resize(r, from, to);
    if (wrong)
        kubectl_fail(r, "The Pod \"%s\" is invalid: %s", from->object.meta.name, wrong);
    return !wrong && (r->command->subresource != SUB_RESIZE || admit_resize(r, to));
}

/* k8s pkg/apis/scheduling/validation ValidatePriorityClassUpdate. */
static bool priority_class_may_become(struct kubectl_run *r, const struct priority_class *from,
                                      const struct priority_class *to)
{
    const char *name = from->object.meta.name;
    if (from->value != to->value)
        kubectl_fail(r, "The PriorityClass \"%s\" is invalid: value: Forbidden: may not be changed in an update.",
                     name);
    else if (!same_text(from->preemption_policy, to->preemption_policy))
        kubectl_fail(r,
                     "The PriorityClass \"%s\" is invalid: preemptionPolicy: Invalid value: \"%s\": field is immutable",
                     name, to->preemption_policy);
    else
        return true;
    return false;
}

static bool may_become(struct kubectl_run *r, const struct api_object *from, const struct api_object *to)
{
    const char *kind = kind_infos[from->kind].kind, *name = from->meta.name;
    if (r->command->subresource && from->kind == KIND_POD)
        return subresource_may_become(r, (const struct pod *)from, (const struct pod *)to);
    if (from->kind == KIND_POD &&
        !pod_spec_may_become(r->arena, &((const struct pod *)from)->spec, &((const struct pod *)to)->spec)) {
        kubectl_fail(r,
                     "The Pod \"%s\" is invalid: spec: Forbidden: pod updates may not change fields other than "
                     "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
                     "`spec.tolerations` (only additions to existing tolerations),"
                     "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
                     name);
        return false;
    }
    if (from->kind == KIND_SERVICE &&
        !same_text(((const struct service *)from)->spec.cluster_ip, ((const struct service *)to)->spec.cluster_ip)) {
        kubectl_fail(
            r, "The Service \"%s\" is invalid: spec.clusterIPs[0]: Invalid value: [\"%s\"]: may not change once set",
            name, ((const struct service *)to)->spec.cluster_ip ? ((const struct service *)to)->spec.cluster_ip : "");
        return false;
    }
    if (from->kind == KIND_PRIORITYCLASS &&
        !priority_class_may_become(r, (const struct priority_class *)from, (const struct priority_class *)to))
        return false;
    const char *wrong = from->kind == KIND_JOB ? wrong_job_update(r->arena, store_features(r->store),
                                                                  (const struct job *)from, (const struct job *)to)
                                               : NULL;
    if (wrong) {
        kubectl_fail(r, "The Job \"%s\" is invalid: %s", name, wrong);
        return false;
    }
    const struct api_type *type = kind_infos[from->kind].type;
    if (immutable_data(from) && !api_equal(type, from, to)) {
        kubectl_fail(r, "The %s \"%s\" is invalid: data: Forbidden: field is immutable when `immutable` is set", kind,
                     name);
        return false;
    }
    return true;
}

/* What makes a new generation: a change of the spec of a kind that counts them. */
static bool spec_changed(const struct api_object *from, const struct api_object *to)
{
    const struct api_field *spec = type_field(kind_infos[from->kind].type, "spec");
    if (!spec || spec->kind != FIELD_OBJECT)
        return false;
    return !api_equal(spec->type, (const char *)from + spec->offset, (const char *)to + spec->offset);
}

bool kubectl_write_if_changed(struct kubectl_run *r, const struct api_object *live, struct api_object *next,
                              bool *ret_unchanged)
{
    *ret_unchanged = api_equal(kind_infos[live->kind].type, live, next);
    if (*ret_unchanged || !may_become(r, live, next))
        return false;
    if (r->command->dry_run)
        return true;
    kubectl_begin_write(r);
    store_update(r->store, COMP_USER, next, spec_changed(live, next));
    return true;
}

/* ---- label, annotate ---- */

static str_map *changed_map(struct kubectl_run *r, struct api_object *o)
{
    return r->command->verb == VERB_LABEL ? &o->meta.labels : &o->meta.annotations;
}

static bool overwrites(struct kubectl_run *r, const str_map *map)
{
    const struct kubectl_command *c = r->command;
    for (uint32_t i = 0; i < c->changes.count; i++) {
        const char *value = c->changes.items[i].value, *old = str_map_get(map, c->changes.items[i].key);
        if (!value || !old || c->overwrite || strcmp(old, value) == 0)
            continue;
        kubectl_fail(r, "error: '%s' already has a value (%s), and --overwrite is false", c->changes.items[i].key, old);
        return true;
    }
    return false;
}

static void label_one(struct kubectl_run *r, const struct api_object *live)
{
    const struct kubectl_command *c = r->command;
    struct api_object *next = store_edit(r->store, live);
    str_map *map = changed_map(r, next);
    bool changed = false, added = false;
    if (overwrites(r, map))
        return;
    for (uint32_t i = 0; i < c->changes.count; i++) {
        const struct change *ch = &c->changes.items[i];
        if (!ch->value && !str_map_get(map, ch->key) && c->verb == VERB_LABEL)
            strbuf_printf(r->out, "label \"%s\" not found.\n", ch->key);
        changed = map_set(r->arena, map, ch->key, ch->value) || changed;
        added = added || ch->value;
    }
    const struct api_object *now = changed ? next : live;
    if (changed && !c->dry_run) {
        kubectl_begin_write(r);
        now = store_update(r->store, COMP_USER, next, false);
    }
    if (c->verb == VERB_ANNOTATE)
        kubectl_say(r, now, "annotated");
    else
        kubectl_say(r, now, !changed ? "not labeled" : added ? "labeled" : "unlabeled");
}

/* --list: kubectl pkg/cmd/label/label.go. */
static void list_one(struct kubectl_run *r, const struct api_object *o, bool several)
{
    const str_map *map = r->command->verb == VERB_LABEL ? &o->meta.labels : &o->meta.annotations;
    if (several)
        strbuf_printf(r->out, "Listing %s for %s/%s:\n", r->command->verb == VERB_LABEL ? "labels" : "annotations",
                      kind_infos[o->kind].kind, o->meta.name);
    for (uint32_t i = 0; i < map->count; i++)
        strbuf_printf(r->out, "%s%s=%s\n", several ? " " : "", map->items[i].key, map->items[i].value);
}

void kubectl_label(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    for (uint32_t i = 0; i < list.count && kubectl_current(r, &list, i); i++)
        if (r->command->list)
            list_one(r, list.items[i], list.count > 1);
        else
            label_one(r, list.items[i]);
    if (list.count == 0 && r->code == 0)
        strbuf_puts(r->out, "No resources found\n");
}

/* ---- taint, cordon ---- */

static int find_taint(const struct node *n, const char *key, const char *effect, uint32_t from)
{
    for (uint32_t i = from; i < n->spec.taints.count; i++)
        if (same_text(n->spec.taints.items[i].key, key) &&
            (!effect || same_text(n->spec.taints.items[i].effect, effect)))
            return (int)i;
    return -1;
}

static bool remove_taints(struct node *n, const struct change *c)
{
    bool any = false;
    for (int i; (i = find_taint(n, c->key, c->effect, 0)) >= 0; any = true) {
        n->spec.taints.count--;
        memmove(&n->spec.taints.items[i], &n->spec.taints.items[i + 1],
                (n->spec.taints.count - (uint32_t)i) * sizeof *n->spec.taints.items);
    }
    return any;
}

/* The kubelet's and node controller's NoExecute taints carry a time; kubectl's do not. */
static void add_taint(struct node *n, const struct change *c)
{
    n->spec.taints.items[n->spec.taints.count++] = (struct taint){
        .key = c->key, .value = *c->value ? c->value : NULL, .effect = c->effect, .time_added = SIM_NEVER};
}

static void taint_one(struct kubectl_run *r, const struct node *live)
{
    const struct kubectl_command *c = r->command;
    struct node *next = (struct node *)store_edit(r->store, &live->object);
    bool added = false, removed = false;
    next->spec.taints.items = arena_array(r->arena, struct taint, live->spec.taints.count + c->changes.count + 1);
    for (uint32_t i = 0; i < live->spec.taints.count; i++)
        next->spec.taints.items[i] = live->spec.taints.items[i];
    for (uint32_t i = 0; i < c->changes.count; i++) {
        const struct change *ch = &c->changes.items[i];
        bool present = find_taint(next, ch->key, ch->effect, 0) >= 0;
        if (!ch->value && !present) {
            kubectl_fail(r, "error: taint \"%s%s%s\" not found", ch->key, ch->effect ? ":" : "",
                         ch->effect ? ch->effect : "");
            return;
        }
        if (ch->value && present && !c->overwrite) {
            kubectl_fail(r, "error: node %s already has %s taint(s) with same effect(s) and --overwrite is false",
                         live->object.meta.name, ch->key);
            return;
        }
        removed = remove_taints(next, ch) || removed;
        if (ch->value) {
            add_taint(next, ch);
            added = true;
        }
    }
    const struct api_object *now = &next->object;
    if (!c->dry_run) {
        kubectl_begin_write(r);
        now = store_update(r->store, COMP_USER, &next->object, false);
    }
    kubectl_say(r, now, !added ? "untainted" : removed ? "modified" : "tainted");
}

/* `taint nodes --all`, `taint node -l ...`: targets without a name are all nodes that are selected. */
void kubectl_taint(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    for (uint32_t i = 0; i < list.count && kubectl_current(r, &list, i); i++)
        taint_one(r, (const struct node *)list.items[i]);
}

void kubectl_cordon(struct kubectl_run *r, bool on)
{
    object_list list = kubectl_targets(r);
    const char *word = on ? "cordoned" : "uncordoned";
    for (uint32_t i = 0; i < list.count; i++) {
        if (!kubectl_current(r, &list, i))
            continue;
        const struct node *live = (const struct node *)list.items[i];
        if (live->object.kind != KIND_NODE)
            continue;
        if (live->spec.unschedulable == on) {
            kubectl_say(r, &live->object, on ? "already cordoned" : "already uncordoned");
            continue;
        }
        struct node *next = (struct node *)store_edit(r->store, &live->object);
        next->spec.unschedulable = on;
        if (!r->command->dry_run) {
            kubectl_begin_write(r);
            store_update(r->store, COMP_USER, &next->object, false);
        }
        kubectl_say(r, &live->object, word);
    }
}
