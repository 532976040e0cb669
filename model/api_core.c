/* api_core.c - the kinds that podsim knows, and from documents to objects.
 *
 * What kubectl and the API server do on the way in: find the kind, decode strictly, drop what only the
 * system may set, default, validate. As there, a document that cannot be decoded is not validated.
 */
#include "model/api_types.h"

#include <string.h>

const struct kind_info kind_infos[KIND_COUNT] = {
    [KIND_NONE] = {.kind = "", .api_version = "", .resource = "", .singular = "", .group = ""},
    [KIND_POD] = {"Pod", "v1", "pods", "pod", "po", "", true, &pod_type},
    [KIND_SERVICE] = {"Service", "v1", "services", "service", "svc", "", true, &service_type},
    [KIND_ENDPOINTSLICE] = {"EndpointSlice", "discovery.k8s.io/v1", "endpointslices", "endpointslice", NULL,
                            "discovery.k8s.io", true, &endpoint_slice_type},
    [KIND_ENDPOINTS] = {"Endpoints", "v1", "endpoints", "endpoints", "ep", "", true, &endpoints_type},
    [KIND_NODE] = {"Node", "v1", "nodes", "node", "no", "", false, &node_type},
    [KIND_NAMESPACE] = {"Namespace", "v1", "namespaces", "namespace", "ns", "", false, &namespace_type},
    [KIND_CONFIGMAP] = {"ConfigMap", "v1", "configmaps", "configmap", "cm", "", true, &config_map_type},
    [KIND_SECRET] = {"Secret", "v1", "secrets", "secret", NULL, "", true, &secret_type},
    [KIND_EVENT] = {"Event", "v1", "events", "event", "ev", "", true, &event_type},
    [KIND_DEPLOYMENT] = {"Deployment", "apps/v1", "deployments", "deployment", "deploy", "apps", true,
                         &deployment_type},
    [KIND_REPLICASET] = {"ReplicaSet", "apps/v1", "replicasets", "replicaset", "rs", "apps", true, &replica_set_type},
    [KIND_REPLICATIONCONTROLLER] = {"ReplicationController", "v1", "replicationcontrollers", "replicationcontroller",
                                    "rc", "", true, &replication_controller_type},
    [KIND_PODDISRUPTIONBUDGET] = {"PodDisruptionBudget", "policy/v1", "poddisruptionbudgets", "poddisruptionbudget",
                                  "pdb", "policy", true, &pdb_type},
    [KIND_PRIORITYCLASS] = {"PriorityClass", "scheduling.k8s.io/v1", "priorityclasses", "priorityclass", "pc",
                            "scheduling.k8s.io", false, &priority_class_type},
    [KIND_RESOURCEQUOTA] = {"ResourceQuota", "v1", "resourcequotas", "resourcequota", "quota", "", true,
                            &resource_quota_type},
    [KIND_LIMITRANGE] = {"LimitRange", "v1", "limitranges", "limitrange", "limits", "", true, &limit_range_type},
    [KIND_PODPRESET] = {"PodPreset", "settings.k8s.io/v1alpha1", "podpresets", "podpreset", NULL, "settings.k8s.io",
                        true, &pod_preset_type},
    [KIND_JOB] = {"Job", "batch/v1", "jobs", "job", NULL, "batch", true, &job_type},
    [KIND_CRONJOB] = {"CronJob", "batch/v1", "cronjobs", "cronjob", "cj", "batch", true, &cron_job_type},
    [KIND_STATEFULSET] = {"StatefulSet", "apps/v1", "statefulsets", "statefulset", "sts", "apps", true,
                          &stateful_set_type},
    [KIND_DAEMONSET] = {"DaemonSet", "apps/v1", "daemonsets", "daemonset", "ds", "apps", true, &daemon_set_type},
    [KIND_CONTROLLERREVISION] = {"ControllerRevision", "apps/v1", "controllerrevisions", "controllerrevision", NULL,
                                 "apps", true, &controller_revision_type},
    [KIND_PERSISTENTVOLUMECLAIM] = {"PersistentVolumeClaim", "v1", "persistentvolumeclaims", "persistentvolumeclaim",
                                    "pvc", "", true, &persistent_volume_claim_type},
    [KIND_HORIZONTALPODAUTOSCALER] = {"HorizontalPodAutoscaler", "autoscaling/v2", "horizontalpodautoscalers",
                                      "horizontalpodautoscaler", "hpa", "autoscaling", true, &hpa_type},
};

/* Kinds of Kubernetes that podsim does not run (yet), with the version they are in. */
static const struct {
    const char *kind, *api_version;
} other_kinds[] = {
    {"PodTemplate", "v1"},
    {"PersistentVolume", "v1"},
    {"ServiceAccount", "v1"},
    {"Binding", "v1"},
    {"Ingress", "networking.k8s.io/v1"},
    {"IngressClass", "networking.k8s.io/v1"},
    {"NetworkPolicy", "networking.k8s.io/v1"},
    {"StorageClass", "storage.k8s.io/v1"},
    {"CSIDriver", "storage.k8s.io/v1"},
    {"RuntimeClass", "node.k8s.io/v1"},
    {"Lease", "coordination.k8s.io/v1"},
    {"Role", "rbac.authorization.k8s.io/v1"},
    {"RoleBinding", "rbac.authorization.k8s.io/v1"},
    {"ClusterRole", "rbac.authorization.k8s.io/v1"},
    {"ClusterRoleBinding", "rbac.authorization.k8s.io/v1"},
    {"CustomResourceDefinition", "apiextensions.k8s.io/v1"},
    {"MutatingWebhookConfiguration", "admissionregistration.k8s.io/v1"},
    {"ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1"},
    {"ResourceClaim", "resource.k8s.io/v1"},
    {"ResourceClaimTemplate", "resource.k8s.io/v1"},
};

/* Versions that a kind is read from, too; it is kept in its own. */
static const struct {
    enum api_kind kind;
    const char *api_version;
} other_versions[] = {
    {KIND_HORIZONTALPODAUTOSCALER, "autoscaling/v1"},
};

enum { NAMES_MAX = 64 };

enum api_kind kind_of(const char *api_version, const char *kind)
{
    for (enum api_kind k = KIND_NONE + 1; k < KIND_COUNT; k++)
        if (kind_infos[k].kind[0] == kind[0] && strcmp(kind_infos[k].kind, kind) == 0 &&
            strcmp(kind_infos[k].api_version, api_version) == 0)
            return k;
    for (size_t i = 0; i < ARRAY_LEN(other_versions); i++)
        if (strcmp(kind_infos[other_versions[i].kind].kind, kind) == 0 &&
            strcmp(other_versions[i].api_version, api_version) == 0)
            return other_versions[i].kind;
    return KIND_NONE;
}

static bool equal_ignoring_case(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a, y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
        if (x != y)
            return false;
    }
    return *a == *b;
}

/* kubectl takes plural, singular, short name and kind, in any case; and plural.group. */
enum api_kind kind_of_resource(const char *word)
{
    for (enum api_kind k = KIND_NONE + 1; k < KIND_COUNT; k++) {
        const struct kind_info *info = &kind_infos[k];
        if (equal_ignoring_case(word, info->resource) || equal_ignoring_case(word, info->singular) ||
            (info->short_name && equal_ignoring_case(word, info->short_name)))
            return k;
        size_t n = strlen(info->resource);
        if (*info->group && strncmp(word, info->resource, n) == 0 && word[n] == '.' &&
            strcmp(word + n + 1, info->group) == 0)
            return k;
    }
    return KIND_NONE;
}

/* ---- small questions ---- */

const char *str_map_get(const str_map *m, const char *key)
{
    uint32_t low = 0, high = m->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(m->items[middle].key, key);
        if (order == 0)
            return m->items[middle].value;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

str_map map_with(struct arena *a, const str_map *map, const char *key, const char *value)
{
    str_map next = {arena_array(a, struct str_pair, map->count + 1), 0};
    bool placed = value == NULL;
    for (uint32_t i = 0; i < map->count; i++) {
        int order = strcmp(map->items[i].key, key);
        if (order >= 0 && !placed) {
            next.items[next.count++] = (struct str_pair){key, value};
            placed = true;
        }
        if (order != 0)
            next.items[next.count++] = map->items[i];
    }
    if (!placed)
        next.items[next.count++] = (struct str_pair){key, value};
    return next;
}

bool labels_match(const str_map *selector, const str_map *labels)
{
    for (uint32_t i = 0; i < selector->count; i++) {
        const char *value = str_map_get(labels, selector->items[i].key);
        if (!value || strcmp(value, selector->items[i].value) != 0)
            return false;
    }
    return true;
}

bool labels_same(const str_map *a, const str_map *b)
{
    return a->items == b->items || (a->count == b->count && labels_match(a, b));
}

/* ---- documents ---- */

struct reader {
    struct arena *arena;
    struct diag_set *diags;
    struct pool *objects;
};

static const char *modelled_kinds(struct arena *a)
{
    const char *list = kind_infos[KIND_NONE + 1].kind;
    for (enum api_kind k = KIND_NONE + 2; k < KIND_COUNT; k++)
        list = arena_printf(a, "%s, %s", list, kind_infos[k].kind);
    return list;
}

/* The kind is one of Kubernetes' own, an unknown one, or a known one in the wrong version. */
static int reject_kind(struct reader *r, const struct value *api_version, const struct value *kind)
{
    for (enum api_kind k = KIND_NONE + 1; k < KIND_COUNT; k++) {
        if (strcmp(kind_infos[k].kind, kind->text) != 0)
            continue;
        const char *help = arena_printf(r->arena, "%s is in apiVersion: %s", kind->text, kind_infos[k].api_version);
        return diag_report(r->diags, CODE_KIND, api_version->at, help, "no matches for kind \"%s\" in version \"%s\"",
                           kind->text, api_version->text);
    }
    const char *names[NAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(other_kinds); i++) {
        names[count++] = other_kinds[i].kind;
        if (strcmp(other_kinds[i].kind, kind->text) == 0)
            return diag_report(r->diags, CODE_NOT_MODELLED, kind->at, NULL,
                               "kind %s (%s) is not modelled yet; podsim runs %s", kind->text,
                               other_kinds[i].api_version, modelled_kinds(r->arena));
    }
    for (enum api_kind k = KIND_NONE + 1; k < KIND_COUNT; k++)
        names[count++] = kind_infos[k].kind;
    ASSERT(count <= NAMES_MAX);
    const char *close = diag_closest(kind->text, names, count);
    const char *help = close ? arena_printf(r->arena, "did you mean \"%s\"?", close) : NULL;
    return diag_report(r->diags, CODE_KIND, kind->at, help, "no matches for kind \"%s\" in version \"%s\"", kind->text,
                       api_version->text);
}

/* A required string at the top of a document; NULL after an error. A key in the wrong case is named. */
static const struct value *top_string(struct reader *r, const struct value *v, const char *key)
{
    const struct value_entry *e = value_entry(v, key);
    if (e && e->value->type == VALUE_STRING && *e->value->text)
        return e->value;
    if (e && e->value->type != VALUE_NULL && e->value->type != VALUE_STRING) {
        diag_report(r->diags, CODE_TYPE, e->value->at, NULL, "%s: want a string", key);
        return NULL;
    }
    for (uint32_t i = 0; i < v->count; i++) {
        if (equal_ignoring_case(v->entries[i].key, key) && !e) {
            diag_report(r->diags, CODE_FIELD, v->entries[i].key_at, arena_printf(r->arena, "did you mean \"%s\"?", key),
                        "unknown field \"%s\"", v->entries[i].key);
            return NULL;
        }
    }
    const struct value *kind = value_get(v, "kind");
    const char *help = NULL;
    for (enum api_kind k = KIND_NONE + 1; kind && kind->type == VALUE_STRING && k < KIND_COUNT; k++)
        if (strcmp(kind->text, kind_infos[k].kind) == 0)
            help = arena_printf(r->arena, "%s is in apiVersion: %s", kind->text, kind_infos[k].api_version);
    diag_report(r->diags, CODE_MISSING, e ? e->value->at : v->at, help, "%s not set", key);
    return NULL;
}

/* Does the decoding of this document already complain about that line? */
static bool complained(const struct diag_set *d, uint32_t first, struct src_pos at)
{
    for (uint32_t i = first; i < d->diags.count; i++) {
        const struct diag *said = pool_at(&d->diags, i);
        if (said->at.file == at.file && said->at.line == at.line)
            return true;
    }
    return false;
}

/* A document that could not be decoded whole is validated all the same, so that all its mistakes come up in
 * one pass; but what is missing may be missing because it could not be read, and is not mentioned. */
static void validate_the_rest(const struct api_type *type, struct arena *a, struct diag_set *d, const struct value *v,
                              const void *object, uint32_t first)
{
    struct diag_set more;
    diag_init(&more);
    api_validate(type, a, &more, "", v, object);
    for (uint32_t i = 0; i < more.diags.count; i++) {
        const struct diag *said = pool_at(&more.diags, i);
        bool follows = said->code == CODE_MISSING || complained(d, first, said->at);
        if (said->level != DIAG_ERROR || follows)
            continue;
        diag_report(d, said->code, said->at, said->suggestion, "%s", said->message);
    }
    diag_fini(&more);
}

int api_read_typed(const struct api_type *type, struct arena *a, struct diag_set *d, const struct value *v,
                   void *object)
{
    uint32_t first = d->diags.count;
    int bad = api_decode(type, a, d, "", v, object);
    api_set_defaults(type, a, object);
    if (bad == 0)
        return api_validate(type, a, d, "", v, object);
    validate_the_rest(type, a, d, v, object, first);
    return -1;
}

static int read_object(struct reader *r, const struct value *v, enum api_kind kind)
{
    const struct api_type *type = kind_infos[kind].type;
    struct api_object *object = arena_alloc(r->arena, type->size);
    uint32_t first = r->diags->diags.count;
    int bad = api_decode(type, r->arena, r->diags, "", v, object);
    object->kind = kind;
    object->source = v;
    api_clear_readonly(type, object);
    api_set_defaults(type, r->arena, object);
    if (bad) {
        validate_the_rest(type, r->arena, r->diags, v, object, first);
        return -1;
    }
    if (api_validate(type, r->arena, r->diags, "", v, object) != 0)
        return -1;
    *(const struct api_object **)pool_at(r->objects, pool_add(r->objects)) = object;
    return 0;
}

static int read_item(struct reader *r, const struct value *v);

static int read_list(struct reader *r, const struct value *v)
{
    static const char *const known[] = {"apiVersion", "kind", "metadata", "items"};
    int result = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        const struct value_entry *e = &v->entries[i];
        bool found = false;
        for (size_t k = 0; k < ARRAY_LEN(known); k++)
            found = found || strcmp(e->key, known[k]) == 0;
        if (found)
            continue;
        const char *close = diag_closest(e->key, known, ARRAY_LEN(known));
        result = diag_report(r->diags, CODE_FIELD, e->key_at,
                             close ? arena_printf(r->arena, "did you mean \"%s\"?", close) : NULL,
                             "unknown field \"%s\"", e->key);
    }
    const struct value *items = value_get(v, "items");
    if (!items || items->type == VALUE_NULL)
        return result;
    if (items->type != VALUE_LIST)
        return diag_report(r->diags, CODE_TYPE, items->at, NULL, "items: want a list");
    for (uint32_t i = 0; i < items->count; i++)
        if (read_item(r, items->items[i]) != 0)
            result = -1;
    return result;
}

static bool is_list_kind(const char *kind)
{
    size_t n = strlen(kind);
    return n >= 4 && strcmp(kind + n - 4, "List") == 0;
}

static int read_item(struct reader *r, const struct value *v)
{
    if (v->type != VALUE_MAP)
        return diag_report(r->diags, CODE_TYPE, v->at, NULL, "want an object with apiVersion, kind and metadata");
    const struct value *kind = top_string(r, v, "kind"), *api_version = top_string(r, v, "apiVersion");
    if (!kind || !api_version)
        return -1;
    if (is_list_kind(kind->text))
        return read_list(r, v);
    enum api_kind known = kind_of(api_version->text, kind->text);
    return known == KIND_NONE ? reject_kind(r, api_version, kind) : read_object(r, v, known);
}

int api_read_document(struct arena *a, struct diag_set *d, const struct document *doc, struct pool *objects)
{
    struct reader r = {a, d, objects};
    return read_item(&r, doc->root);
}

uint32_t api_stream(const struct api_object *o)
{
    uint32_t hash = text_hash(TEXT_HASH, kind_infos[o->kind].type->name);
    hash = text_hash(hash, o->meta.namespace_ ? o->meta.namespace_ : "default");
    return text_hash(hash, o->meta.name ? o->meta.name : "");
}

struct api_object *api_object_copy(struct arena *a, const struct api_object *o)
{
    const struct api_type *type = kind_infos[o->kind].type;
    struct api_object *copy = arena_alloc(a, type->size);
    memcpy(copy, o, type->size);
    api_copy(type, a, o, copy);
    copy->kind = o->kind;
    copy->source = o->source;
    copy->prev = NULL;
    return copy;
}
