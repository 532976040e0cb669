/* api_misc.c - Namespace, ConfigMap, Secret, Event.
 * k8s staging/src/k8s.io/api/core/v1/types.go, pkg/apis/core/validation/validation.go, v1.36.
 */
#include "model/api_types.h"

#include "model/api_table.h"

#include <string.h>

enum { DATA_BYTES_MAX = 1 << 20 }; /* core.MaxSecretSize, the same for ConfigMaps */

static const char *const core_version[] = {"v1", NULL};

/* ---- Namespace ---- */

static const struct api_field namespace_spec_fields[] = {
    R(STRING_LIST, "finalizers", "While any is listed, a deleted namespace does not go away."),
};
static API_RAW_TYPE(namespace_spec, "NamespaceSpec", "How the namespace is to be deleted.");
#define OWNER struct namespace_
/* status.phase is a member of struct namespace_ itself: the status is a view of the whole struct. */
static const struct api_field namespace_status_fields[] = {
    {.name = "phase", .kind = FIELD_STRING, .offset = 0, .doc = "Active or Terminating."},
    FX(LIST, "conditions", &condition_type, 0, "What keeps it from going away."),
};
struct namespace_status {
    const char *phase;
};
_Static_assert(sizeof(struct namespace_status) == sizeof(const char *), "the status is its phase");
static API_TYPE(namespace_status, "NamespaceStatus", struct namespace_status, NULL, NULL,
                "What the cluster says about it.");

static void namespace_validate(struct check *c, const void *object)
{
    check_object_meta(AT(c, "metadata"), &((const struct namespace_ *)object)->object.meta,
                      wrong_dns1123_label);
}

/* k8s pkg/registry/core/namespace/strategy.go PrepareForCreate. */
static void namespace_set_defaults(struct arena *a, void *object)
{
    (void)a;
    ((struct namespace_ *)object)->phase = "Active";
}

static const char *const namespace_kind[] = {"Namespace", NULL};
static const struct api_field namespace_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, core_version, "v1", "Version of the API: v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, namespace_kind, "Namespace",
       "Kind of the object: Namespace."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    FR(OBJECT, "spec", spec, &namespace_spec_type, 0, "How it is to be deleted."),
    FO(OBJECT, "status", phase, namespace_status_type, FIELD_ALWAYS | FIELD_READONLY,
       "What the cluster says about it."),
};
#undef OWNER
API_TYPE(namespace, "Namespace", struct namespace_, namespace_set_defaults, namespace_validate,
         "A scope for names.");

/* ---- ConfigMap and Secret ---- */

static int64_t validate_keys(struct check *c, const str_map *data)
{
    int64_t bytes = 0;
    for (uint32_t i = 0; i < data->count; i++) {
        const char *key = data->items[i].key;
        check_name(AT_KEY(c, key), key, wrong_config_key);
        bytes += (int64_t)strlen(data->items[i].value);
    }
    return bytes;
}

static void config_map_validate(struct check *c, const void *object)
{
    const struct config_map *m = object;
    check_object_meta(AT(c, "metadata"), &m->object.meta, wrong_dns1123_subdomain);
    struct check data = check_at(c, "data"), binary = check_at(c, "binaryData");
    int64_t bytes = validate_keys(&data, &m->data) + validate_keys(&binary, &m->binary_data);
    for (uint32_t i = 0; i < m->data.count; i++)
        if (str_map_get(&m->binary_data, m->data.items[i].key))
            check_invalid(AT_KEY(&data, m->data.items[i].key), m->data.items[i].key,
                          "duplicate of key present in binaryData");
    if (bytes > DATA_BYTES_MAX)
        check_too_long(c, DATA_BYTES_MAX);
}

#define OWNER struct config_map
static const char *const config_map_kind[] = {"ConfigMap", NULL};
static const struct api_field config_map_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, core_version, "v1", "Version of the API: v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, config_map_kind, "ConfigMap",
       "Kind of the object: ConfigMap."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    F(OPT_BOOL, "immutable", immutable, 0, "The data cannot be changed."),
    F(STRING_MAP, "data", data, 0, "Text by key."),
    F(BYTES_MAP, "binaryData", binary_data, 0, "Bytes by key, in base64."),
};
#undef OWNER
API_TYPE(config_map, "ConfigMap", struct config_map, NULL, config_map_validate, "Settings for pods.");

/* k8s pkg/apis/core/v1/conversion.go: stringData is merged into data, and wins. */
static void secret_set_defaults(struct arena *a, void *object)
{
    struct secret *s = object;
    if (s->string_data.count == 0)
        return;
    str_map merged = {arena_array(a, struct str_pair, s->data.count + s->string_data.count), 0};
    uint32_t i = 0, k = 0;
    while (i < s->data.count || k < s->string_data.count) {
        int order = i == s->data.count          ? 1
                    : k == s->string_data.count ? -1
                                                : strcmp(s->data.items[i].key, s->string_data.items[k].key);
        merged.items[merged.count++] = order < 0 ? s->data.items[i] : s->string_data.items[k];
        i += order <= 0;
        k += order >= 0;
    }
    s->data = merged;
    s->string_data = (str_map){0};
}

static void secret_validate(struct check *c, const void *object)
{
    const struct secret *s = object;
    check_object_meta(AT(c, "metadata"), &s->object.meta, wrong_dns1123_subdomain);
    if (validate_keys(AT(c, "data"), &s->data) > DATA_BYTES_MAX)
        check_too_long(AT(c, "data"), DATA_BYTES_MAX);
}

#define OWNER struct secret
static const char *const secret_kind[] = {"Secret", NULL};
static const struct api_field secret_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, core_version, "v1", "Version of the API: v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, secret_kind, "Secret", "Kind of the object: Secret."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, labels, annotations."),
    F(OPT_BOOL, "immutable", immutable, 0, "The data cannot be changed."),
    F(BYTES_MAP, "data", data, 0, "Values by key, in base64."),
    F(STRING_MAP, "stringData", string_data, 0, "Values as text; added to data."),
    FD(STRING, "type", type, "Opaque", "What the data is for."),
};
#undef OWNER
API_TYPE(secret, "Secret", struct secret, secret_set_defaults, secret_validate,
         "Confidential settings for pods.");

/* ---- Event ---- */

static const struct api_field event_series_fields[] = {
    R(INT32, "count", "How often so far."),
    R(MICRO_TIME, "lastObservedTime", "When last."),
};
static API_RAW_TYPE(event_series, "EventSeries", "A row of equal events.");

#define OWNER struct event_source
static const struct api_field event_source_fields[] = {
    F(STRING, "component", component, 0, "Component that reports: kubelet, default-scheduler ..."),
    F(STRING, "host", host, 0, "Node that it runs on."),
};
#undef OWNER
static API_TYPE(event_source, "EventSource", struct event_source, NULL, NULL, "Who reports.");

static void event_validate(struct check *c, const void *object)
{
    check_object_meta(AT(c, "metadata"), &((const struct k8s_event *)object)->object.meta,
                      wrong_dns1123_subdomain);
}

#define OWNER struct k8s_event
static const char *const event_kind[] = {"Event", NULL};
static const struct api_field event_fields[] = {
    FE("apiVersion", object.api_version_text, FIELD_REQUIRED, core_version, "v1", "Version of the API: v1."),
    FE("kind", object.kind_text, FIELD_REQUIRED, event_kind, "Event", "Kind of the object: Event."),
    FO(OBJECT, "metadata", object.meta, object_meta_type, FIELD_ALWAYS, "Name, namespace."),
    FO(OBJECT, "involvedObject", involved_object, object_reference_type, FIELD_ALWAYS, "What it is about."),
    F(STRING, "reason", reason, 0, "What happened, one word."),
    F(STRING, "message", message, 0, "What happened."),
    FO(OBJECT, "source", source, event_source_type, FIELD_ALWAYS, "Who reports."),
    F(TIME, "firstTimestamp", first_timestamp, FIELD_ALWAYS, "When it first happened."),
    F(TIME, "lastTimestamp", last_timestamp, FIELD_ALWAYS, "When it last happened."),
    F(INT32, "count", count, 0, "How often it happened."),
    F(STRING, "type", type, 0, "Normal or Warning."),
    F(MICRO_TIME, "eventTime", event_time, FIELD_ALWAYS, "When it happened, for events without a count."),
    FR(OBJECT, "series", series, &event_series_type, 0, "A row of equal events."),
    F(STRING, "action", action, 0, "What was being done."),
    FR(OBJECT, "related", related, &object_reference_type, 0, "Another object that took part."),
    F(STRING, "reportingComponent", reporting_component, FIELD_ALWAYS, "Component that reports."),
    F(STRING, "reportingInstance", reporting_instance, FIELD_ALWAYS, "Instance of it."),
};
#undef OWNER
API_TYPE(event, "Event", struct k8s_event, NULL, event_validate, "Something that happened to an object.");
