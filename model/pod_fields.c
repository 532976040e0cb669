/* pod_fields.c - which fields of a pod go with which feature gate, as one table.
 *
 * Rules: k8s pkg/api/pod/util.go dropDisabledFields, dropContainerRestartRules, dropContainerStopSignals,
 * dropPodLifecycleSleepAction; pkg/apis/core/validation/validation.go validateSleepAction, validateStopSignal,
 * validateContainerRestartPolicy (v1.36).
 * Left out on purpose: "in use" of an older version of the pod (updates change none of these fields).
 */
#include "model/pod_fields.h"

#include <string.h>

/* ---- one field of a container: is it there; drop it ---- */

enum where { INIT = 1, APP = 2, ANY = INIT | APP };

static bool has_policy(const struct container *c) { return c->restart_policy != NULL; }
static bool has_other_policy(const struct container *c)
{
    return c->restart_policy && !text_is(c->restart_policy, "Always");
}
static bool has_rules(const struct container *c) { return c->restart_policy_rules.count > 0; }
static bool has_stop_signal(const struct container *c) { return c->lifecycle && c->lifecycle->stop_signal; }
static bool has_resize_policy(const struct container *c) { return c->resize_policy != NULL; }
static bool sleeps(const struct lifecycle_handler *h) { return h && h->sleep; }
static bool has_pre_stop_sleep(const struct container *c) { return c->lifecycle && sleeps(c->lifecycle->pre_stop); }
static bool has_post_start_sleep(const struct container *c) { return c->lifecycle && sleeps(c->lifecycle->post_start); }

static bool has_grace(const struct probe *p) { return p && p->termination_grace_period_seconds.set; }
static bool has_liveness_grace(const struct container *c) { return has_grace(c->liveness_probe); }
static bool has_startup_grace(const struct container *c) { return has_grace(c->startup_probe); }

static void drop_policy(struct arena *a, struct container *c)
{
    (void)a;
    c->restart_policy = NULL;
}

static void drop_rules(struct arena *a, struct container *c)
{
    (void)a;
    c->restart_policy_rules.items = NULL;
    c->restart_policy_rules.count = 0;
}

static void drop_resize_policy(struct arena *a, struct container *c)
{
    (void)a;
    c->resize_policy = NULL;
}

/* A lifecycle that says nothing any more goes as a whole. */
static void set_lifecycle(struct arena *a, struct container *c, struct lifecycle l)
{
    struct lifecycle *copy = arena_new(a, struct lifecycle);
    *copy = l;
    c->lifecycle = l.post_start || l.pre_stop || l.stop_signal ? copy : NULL;
}

static void drop_stop_signal(struct arena *a, struct container *c)
{
    struct lifecycle l = *c->lifecycle;
    l.stop_signal = NULL;
    set_lifecycle(a, c, l);
}

static struct lifecycle_handler *without_sleep(struct arena *a, const struct lifecycle_handler *h)
{
    struct lifecycle_handler *copy = arena_new(a, struct lifecycle_handler);
    *copy = *h;
    copy->sleep = NULL;
    return copy->exec || copy->http_get || copy->tcp_socket ? copy : NULL;
}

static void drop_pre_stop_sleep(struct arena *a, struct container *c)
{
    struct lifecycle l = *c->lifecycle;
    l.pre_stop = without_sleep(a, l.pre_stop);
    set_lifecycle(a, c, l);
}

static void drop_post_start_sleep(struct arena *a, struct container *c)
{
    struct lifecycle l = *c->lifecycle;
    l.post_start = without_sleep(a, l.post_start);
    set_lifecycle(a, c, l);
}

static bool asks_grpc(const struct probe *p) { return p && p->grpc; }
static bool has_liveness_grpc(const struct container *c) { return asks_grpc(c->liveness_probe); }
static bool has_readiness_grpc(const struct container *c) { return asks_grpc(c->readiness_probe); }
static bool has_startup_grpc(const struct container *c) { return asks_grpc(c->startup_probe); }

/* The probe goes with its only handler: pod_check_features has refused the pod, not a workload's template. */
static void drop_liveness_grpc(struct arena *a, struct container *c)
{
    (void)a;
    c->liveness_probe = NULL;
}

static void drop_readiness_grpc(struct arena *a, struct container *c)
{
    (void)a;
    c->readiness_probe = NULL;
}

static void drop_startup_grpc(struct arena *a, struct container *c)
{
    (void)a;
    c->startup_probe = NULL;
}

static struct probe *without_grace(struct arena *a, const struct probe *p)
{
    struct probe *copy = arena_new(a, struct probe);
    *copy = *p;
    copy->termination_grace_period_seconds = (struct opt_i64){0};
    return copy;
}

static void drop_liveness_grace(struct arena *a, struct container *c)
{
    c->liveness_probe = without_grace(a, c->liveness_probe);
}

static void drop_startup_grace(struct arena *a, struct container *c)
{
    c->startup_probe = without_grace(a, c->startup_probe);
}

static const struct row {
    enum feature feature;
    enum where where;
    const char *field;
    bool (*has)(const struct container *c);
    void (*drop)(struct arena *a, struct container *c);
} rows[] = {
    {FEATURE_SIDECAR_CONTAINERS, INIT, "restartPolicy", has_policy, drop_policy},
    {FEATURE_CONTAINER_RESTART_RULES, INIT, "restartPolicy", has_other_policy, drop_policy},
    {FEATURE_CONTAINER_RESTART_RULES, APP, "restartPolicy", has_policy, drop_policy},
    {FEATURE_CONTAINER_RESTART_RULES, ANY, "restartPolicyRules", has_rules, drop_rules},
    {FEATURE_CONTAINER_STOP_SIGNALS, ANY, "lifecycle.stopSignal", has_stop_signal, drop_stop_signal},
    {FEATURE_SLEEP_ACTION, ANY, "lifecycle.preStop.sleep", has_pre_stop_sleep, drop_pre_stop_sleep},
    {FEATURE_SLEEP_ACTION, ANY, "lifecycle.postStart.sleep", has_post_start_sleep, drop_post_start_sleep},
    {FEATURE_PROBE_GRACE, ANY, "livenessProbe.terminationGracePeriodSeconds", has_liveness_grace, drop_liveness_grace},
    {FEATURE_PROBE_GRACE, ANY, "startupProbe.terminationGracePeriodSeconds", has_startup_grace, drop_startup_grace},
    {FEATURE_GRPC_CONTAINER_PROBE, ANY, "livenessProbe.grpc", has_liveness_grpc, drop_liveness_grpc},
    {FEATURE_GRPC_CONTAINER_PROBE, ANY, "readinessProbe.grpc", has_readiness_grpc, drop_readiness_grpc},
    {FEATURE_GRPC_CONTAINER_PROBE, ANY, "startupProbe.grpc", has_startup_grpc, drop_startup_grpc},
    {FEATURE_IN_PLACE_RESIZE, ANY, "resizePolicy", has_resize_policy, drop_resize_policy},
};

static bool has_pod_resources(const struct pod_spec *s)
{
    return s->resources.limits.count || s->resources.requests.count;
}

/* ---- dropping ---- */

static void drop_in(struct arena *a, const struct features *f, struct container *list, uint32_t count, enum where where)
{
    for (uint32_t i = 0; i < count; i++) {
        for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
            if (!feature_on(f, rows[r].feature) && (rows[r].where & where) && rows[r].has(&list[i]))
                rows[r].drop(a, &list[i]);
        }
    }
}

void pod_drop_disabled_fields(struct arena *a, const struct features *f, struct pod_spec *s)
{
    drop_in(a, f, s->init_containers.items, s->init_containers.count, INIT);
    drop_in(a, f, s->containers.items, s->containers.count, APP);
    if (!feature_on(f, FEATURE_POD_LEVEL_RESOURCES))
        s->resources = (struct resource_requirements){0};
}

/* ---- saying so ---- */

struct checker {
    struct arena *arena;
    struct diag_set *diags;
    const struct features *features;
    const struct value *spec; /* as written, or NULL */
    int result;
};

/* spec.LIST[INDEX].FIELD as written; list NULL: of the spec itself. */
static struct src_pos position(const struct checker *k, const char *list, uint32_t index, const char *field)
{
    const struct value *v = k->spec;
    if (v && list) {
        const struct value *l = value_get(v, list);
        v = l && l->type == VALUE_LIST && index < l->count ? l->items[index] : NULL;
    }
    struct src_pos at = v ? v->at : SRC_POS_NONE;
    while (v && *field) {
        size_t n = strcspn(field, ".");
        const struct value_entry *e = value_entry(v, arena_strndup(k->arena, field, n));
        if (!e)
            break;
        at = e->key_at;
        v = e->value;
        field += n + (field[n] == '.');
    }
    return at;
}

static const char *path_of(const struct checker *k, const char *list, uint32_t index, const char *field)
{
    return list ? arena_printf(k->arena, "spec.%s[%" PRIu32 "].%s", list, index, field)
                : arena_printf(k->arena, "spec.%s", field);
}

/* The field is in the manifest, and its gate is off. */
static void say_dropped(struct checker *k, enum feature feature, const char *list, uint32_t index, const char *field)
{
    const struct feature_info *x = &feature_infos[feature];
    struct src_pos at = position(k, list, index, field);
    const char *path = path_of(k, list, index, field);
    int minor = k->features->minor;
    if (minor < x->exists)
        diag_report(k->diags, CODE_DROPPED, at, NULL,
                    "%s: Kubernetes 1.%d does not know this field (since 1.%d), it is dropped", path, minor, x->exists);
    else
        diag_report(k->diags, CODE_DROPPED, at, NULL,
                    "%s: the API server drops it, feature gate %s is off in Kubernetes 1.%d", path, x->gate, minor);
}

/* A probe that loses its handler - it may have but one - is refused: k8s validation.go validateHandler. */
static bool loses_handler(struct checker *k, const struct row *r, const char *list, uint32_t index)
{
    if (r->feature != FEATURE_GRPC_CONTAINER_PROBE)
        return false;
    say_dropped(k, r->feature, list, index, r->field);
    const char *probe = arena_strndup(k->arena, r->field, strcspn(r->field, "."));
    k->result = diag_report(k->diags, CODE_MISSING, position(k, list, index, probe), NULL,
                            "%s: Required value: must specify a handler type", path_of(k, list, index, probe));
    return true;
}

/* Between sidecars and restart rules the field was refused where it is no sidecar's. */
static bool refused(struct checker *k, const struct row *r, const struct container *c, const char *list, uint32_t index)
{
    bool field_known = k->features->minor >= feature_infos[FEATURE_SIDECAR_CONTAINERS].exists;
    bool rules_known = k->features->minor >= feature_infos[FEATURE_CONTAINER_RESTART_RULES].exists;
    if (r->feature != FEATURE_CONTAINER_RESTART_RULES || !text_is(r->field, "restartPolicy") || !field_known ||
        rules_known)
        return false;
    struct src_pos at = position(k, list, index, r->field);
    const char *path = path_of(k, list, index, r->field);
    k->result = r->where == APP ? diag_report(k->diags, CODE_FORBIDDEN, at, NULL,
                                              "%s: Forbidden: may not be set for non-init containers", path)
                                : diag_report(k->diags, CODE_UNSUPPORTED, at, NULL,
                                              "%s: Unsupported value: \"%s\": supported values: \"Always\"", path,
                                              c->restart_policy);
    return true;
}

/* What the first row that holds says of a field is enough: a dropped field is not looked at again. */
static void check_rows(struct checker *k, const struct container *c, const char *list, uint32_t index, enum where where)
{
    const char *told = NULL;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        bool off = !feature_on(k->features, rows[r].feature) && (rows[r].where & where) && rows[r].has(c);
        if (!off || text_is(told, rows[r].field))
            continue;
        told = rows[r].field;
        if (!refused(k, &rows[r], c, list, index) && !loses_handler(k, &rows[r], list, index))
            say_dropped(k, rows[r].feature, list, index, rows[r].field);
    }
}

static void check_sleep(struct checker *k, const struct lifecycle_handler *h, const char *list, uint32_t index,
                        const char *field, int64_t grace)
{
    if (!sleeps(h) || h->sleep->seconds != 0 || feature_on(k->features, FEATURE_SLEEP_ACTION_ZERO) ||
        !feature_on(k->features, FEATURE_SLEEP_ACTION))
        return;
    k->result = diag_error(k->diags, position(k, list, index, field),
                           "%s: Invalid value: 0: must be greater than 0 and less than terminationGracePeriodSeconds "
                           "(%" PRId64 "). Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep.",
                           path_of(k, list, index, field), grace);
}

static void check_restart_all(struct checker *k, const struct container *c, const char *list, uint32_t index)
{
    if (feature_on(k->features, FEATURE_RESTART_ALL_CONTAINERS) ||
        !feature_on(k->features, FEATURE_CONTAINER_RESTART_RULES))
        return;
    for (uint32_t i = 0; i < c->restart_policy_rules.count; i++) {
        if (!text_is(c->restart_policy_rules.items[i].action, "RestartAllContainers"))
            continue;
        const char *field = arena_printf(k->arena, "restartPolicyRules[%" PRIu32 "].action", i);
        k->result = diag_report(k->diags, CODE_UNSUPPORTED, position(k, list, index, "restartPolicyRules"), NULL,
                                "%s: Unsupported value: \"RestartAllContainers\": supported values: \"Restart\"",
                                path_of(k, list, index, field));
    }
}

static void check_list(struct checker *k, const struct pod_spec *s, const struct container *items, uint32_t count,
                       enum where where)
{
    const char *list = where == INIT ? "initContainers" : "containers";
    int64_t grace = s->termination_grace_period_seconds.set ? s->termination_grace_period_seconds.value : 30;
    for (uint32_t i = 0; i < count; i++) {
        const struct container *c = &items[i];
        check_rows(k, c, list, i, where);
        check_restart_all(k, c, list, i);
        if (!c->lifecycle)
            continue;
        check_sleep(k, c->lifecycle->pre_stop, list, i, "lifecycle.preStop.sleep.seconds", grace);
        check_sleep(k, c->lifecycle->post_start, list, i, "lifecycle.postStart.sleep.seconds", grace);
        if (c->lifecycle->stop_signal && feature_on(k->features, FEATURE_CONTAINER_STOP_SIGNALS) && !s->os)
            k->result = diag_report(k->diags, CODE_FORBIDDEN, position(k, list, i, "lifecycle.stopSignal"), NULL,
                                    "%s: Forbidden: may not be set for containers with empty `spec.os.name`",
                                    path_of(k, list, i, "lifecycle.stopSignal"));
    }
}

int pod_check_features(struct arena *a, struct diag_set *d, const struct features *f, const struct pod *p)
{
    const struct pod_spec *s = &p->spec;
    struct checker k = {
        .arena = a, .diags = d, .features = f, .spec = p->object.source ? value_get(p->object.source, "spec") : NULL};
    check_list(&k, s, s->init_containers.items, s->init_containers.count, INIT);
    check_list(&k, s, s->containers.items, s->containers.count, APP);
    if (s->ephemeral_containers.count)
        k.result = diag_report(d, CODE_FORBIDDEN, position(&k, NULL, 0, "ephemeralContainers"), NULL,
                               "spec.ephemeralContainers: Forbidden: cannot be set on create");
    if (has_pod_resources(s) && !feature_on(f, FEATURE_POD_LEVEL_RESOURCES))
        say_dropped(&k, FEATURE_POD_LEVEL_RESOURCES, NULL, 0, "resources");
    return k.result;
}

void stateful_set_drop_disabled_fields(const struct features *f, struct stateful_set *set)
{
    struct rolling_update_stateful_set *r = set->spec.update_strategy.rolling_update;
    const struct int_or_string none = {0};
    if (r && !feature_on(f, FEATURE_MAX_UNAVAILABLE_STATEFUL_SET))
        r->max_unavailable = none;
    else if (r && !r->max_unavailable.set)
        r->max_unavailable = (struct int_or_string){.number = 1, .set = true};
    if (!feature_on(f, FEATURE_STATEFUL_CLAIM_RETENTION))
        set->spec.claim_retention = NULL;
    if (!feature_on(f, FEATURE_STATEFUL_START_ORDINAL))
        set->spec.ordinals = NULL;
}
