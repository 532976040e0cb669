/* scenario.c - what is to be simulated, put together from the documents: settings, objects, actions.
 *
 * Documents become objects that are created at time 0 in document order, as `kubectl create -f` does; a Node document
 * becomes one of the cluster's nodes.
 * Left out on purpose: namespaces need not exist before what is created in them.
 */
#include "model/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "model/api_apps.h"
#include "model/fault.h"
#include "model/kubectl.h"
#include "model/pod_fields.h"
#include "model/printer.h"
#include "model/scenario_doc.h"
#include "model/static_manifest.h"

struct unmodelled {
    const char *path;
    const char *who; /* "pod web, pod db" */
    uint32_t count;
};

static bool starts_with(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

/* ---- what is accepted and has no effect ---- */

void loader_note_unmodelled(struct loader *l, const char *path, const char *who)
{
    enum { SHOWN = 3 };
    for (uint32_t i = 0; i < l->unmodelled.count; i++) {
        struct unmodelled *u = pool_at(&l->unmodelled, i);
        if (strcmp(u->path, path) != 0)
            continue;
        if (u->count++ < SHOWN)
            u->who = arena_printf(l->arena, "%s, %s", u->who, who);
        return;
    }
    *(struct unmodelled *)pool_at(&l->unmodelled, pool_add(&l->unmodelled)) = (struct unmodelled){path, who, 1};
}

static void find_unmodelled(struct loader *l, const struct api_object *o)
{
    str_list paths = {0};
    if (!o->source)
        return;
    const char *name = o->meta.name ? o->meta.name : o->meta.generate_name;
    const char *who = arena_printf(l->arena, "%s %s", kind_infos[o->kind].singular, name ? name : "?");
    api_unmodelled(kind_infos[o->kind].type, l->arena, o->source, &paths);
    for (uint32_t i = 0; i < paths.count; i++)
        loader_note_unmodelled(l, paths.items[i], who);
}

static void finish_unmodelled(struct loader *l)
{
    uint32_t n = l->unmodelled.count;
    const char **items = arena_array(l->arena, const char *, n ? n : 1);
    for (uint32_t i = 0; i < n; i++) {
        const struct unmodelled *u = pool_at(&l->unmodelled, i);
        items[i] = u->count > 3 ? arena_printf(l->arena, "%s (%s and %" PRIu32 " more)", u->path, u->who, u->count - 3)
                                : arena_printf(l->arena, "%s (%s)", u->path, u->who);
    }
    l->scenario->unmodelled.items = items;
    l->scenario->unmodelled.count = n;
}

/* ---- objects ---- */

static const char *namespace_of(const struct api_object *o)
{
    return o->meta.namespace_ ? o->meta.namespace_ : "default";
}

static bool same_identity(const struct api_object *a, const struct api_object *b)
{
    if (a->kind != b->kind || !a->meta.name || !b->meta.name || strcmp(a->meta.name, b->meta.name) != 0)
        return false;
    return !kind_infos[a->kind].namespaced || strcmp(namespace_of(a), namespace_of(b)) == 0;
}

static uint32_t hash_name(const struct api_object *o)
{
    uint32_t h = 2166136261u ^ (uint32_t)o->kind;
    for (const char *s = o->meta.name ? o->meta.name : ""; *s; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    return h;
}

/* Two objects of one name cannot both be created. */
static void check_duplicates(struct loader *l)
{
    uint32_t n = l->scenario->objects.count, buckets = 1;
    while (buckets < 2 * n)
        buckets *= 2;
    uint32_t *first = arena_array(l->arena, uint32_t, buckets); /* object index + 1 */
    for (uint32_t i = 0; i < n; i++) {
        const struct api_object *o = l->scenario->objects.items[i];
        uint32_t at = hash_name(o) & (buckets - 1);
        while (first[at] && !same_identity(l->scenario->objects.items[first[at] - 1], o))
            at = (at + 1) & (buckets - 1);
        if (!first[at]) {
            first[at] = i + 1;
            continue;
        }
        const struct api_object *other = l->scenario->objects.items[first[at] - 1];
        diag_report(l->diags, CODE_DUPLICATE, o->source ? o->source->at : SRC_POS_NONE, NULL,
                    "%s \"%s\" already exists", kind_infos[o->kind].resource, o->meta.name);
        if (other->source)
            diag_note(l->diags, other->source->at, "the first one is here");
        loader_fail(l);
    }
}

/* Of a pod, or of the pods that a workload will make. */
static void check_features(struct loader *l, const struct api_object *o)
{
    struct pod made;
    const struct pod *pod = o->kind == KIND_POD ? (const struct pod *)o : NULL;
    if (workload_template(o)) {
        made = workload_pod(o);
        pod = &made;
    }
    if (pod && pod_check_features(l->arena, l->diags, &l->scenario->features, pod) < 0)
        loader_fail(l);
}

static void make_objects(struct loader *l)
{
    const struct api_object **items = arena_array(l->arena, const struct api_object *, l->objects.count + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->objects.count; i++) {
        const struct api_object *o = *(const struct api_object **)pool_at(&l->objects, i);
        find_unmodelled(l, o);
        check_features(l, o);
        if (o->kind != KIND_NODE)
            items[n++] = o;
    }
    l->scenario->objects.items = items;
    l->scenario->objects.count = n;
    check_duplicates(l);
}

/* ---- clients ---- */

static void make_traffic(struct loader *l)
{
    struct scenario *s = l->scenario;
    const char **nodes = arena_array(l->arena, const char *, s->nodes.count + 1);
    for (uint32_t i = 0; i < s->nodes.count; i++)
        nodes[i] = s->nodes.items[i]->object.meta.name;
    s->traffic = l->doc.spec.traffic;
    const struct value *list = s->traffic.count ? value_get(value_get(l->root, "spec"), "traffic") : NULL;
    if (traffic_check(l->arena, l->diags, &s->traffic, nodes, s->nodes.count, list) < 0)
        loader_fail(l);
}

/* ---- static pods ---- */

static const char *node_named(struct loader *l, const char *name, struct src_pos at)
{
    const struct scenario *s = l->scenario;
    const char *names[64];
    size_t count = 0;
    if (!name && s->nodes.count == 1)
        return s->nodes.items[0]->object.meta.name;
    for (uint32_t i = 0; i < s->nodes.count; i++) {
        const char *known = s->nodes.items[i]->object.meta.name;
        if (name && strcmp(known, name) == 0)
            return known;
        if (count < ARRAY_LEN(names))
            names[count++] = known;
    }
    const char *close = name ? diag_closest(name, names, count) : NULL;
    diag_report(l->diags, CODE_NOT_FOUND, at, close ? arena_printf(l->arena, "did you mean \"%s\"?", close) : NULL,
                name ? "there is no node \"%s\" in this scenario" : "want the name of a node", name);
    loader_fail(l);
    return NULL;
}

static void make_static_pods(struct loader *l)
{
    uint32_t n = l->doc.spec.static_pods.count;
    const struct value *list = n ? value_get(value_get(l->root, "spec"), "staticPods") : NULL;
    const struct manifest_reader reader = {l->arena, l->diags, loader_read_file, l};
    l->scenario->static_pods.items = arena_array(l->arena, struct scenario_static_pod, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const struct scenario_static_pod_doc *d = &l->doc.spec.static_pods.items[i];
        struct src_pos at = list->items[i]->at;
        struct static_manifest *m = arena_new(l->arena, struct static_manifest);
        const char *node = node_named(l, d->node, at);
        if (!d->file || static_manifest_read(&reader, d->file, at, m) < 0)
            loader_fail(l);
        else if (node)
            l->scenario->static_pods.items[l->scenario->static_pods.count++] = (struct scenario_static_pod){node, m};
    }
}

/* ---- actions ---- */

static void add_action(struct loader *l, struct pool *actions, sim_time at, const struct value *line)
{
    struct scenario_action *action = pool_at(actions, pool_add(actions));
    *action = (struct scenario_action){.at = at, .line = line->text, .pos = line->at};
    while (*action->line == ' ' || *action->line == '\n')
        action->line++;
    if (starts_with(action->line, "kubectl "))
        action->line += strlen("kubectl ");
    if (kubectl_parse_value(l->arena, l->diags, line, loader_read_file, l, &action->command) < 0 ||
        kubectl_check_features(l->arena, l->diags, &l->scenario->features, action->command) < 0)
        loader_fail(l);
}

static void add_fault(struct loader *l, struct pool *actions, sim_time at, const struct value *line)
{
    struct scenario_action *action = pool_at(actions, pool_add(actions));
    *action = (struct scenario_action){.at = at, .line = line->text, .pos = line->at};
    struct fault *fault = NULL;
    if (fault_parse(l->arena, l->diags, line, l->scenario, loader_read_file, l, &fault) < 0)
        loader_fail(l);
    else if (fault->kind == FAULT_NODE_ADD)
        fault->joins = loader_make_joining_node(l, fault->name);
    action->fault = fault;
}

typedef void add_line(struct loader *l, struct pool *actions, sim_time at, const struct value *line);

/* One line, or a list of them; what is neither has been reported. */
static void add_lines(struct loader *l, struct pool *actions, sim_time at, const struct value *v, add_line *add)
{
    uint32_t first = actions->count;
    if (v->type != VALUE_LIST && scenario_is_text(v))
        add(l, actions, at, v);
    for (uint32_t i = 0; v->type == VALUE_LIST && i < v->count; i++)
        if (scenario_is_text(v->items[i]))
            add(l, actions, at, v->items[i]);
    for (uint32_t i = first; i < actions->count; i++)
        ((struct scenario_action *)pool_at(actions, i))->script = first;
}

struct sort_key {
    sim_time at;
    uint32_t index;
};

static int by_time(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void sort_actions(struct loader *l, const struct pool *actions)
{
    uint32_t n = actions->count;
    struct sort_key *keys = arena_array(l->arena, struct sort_key, n + 1);
    for (uint32_t i = 0; i < n; i++)
        keys[i] = (struct sort_key){((const struct scenario_action *)pool_at(actions, i))->at, i};
    qsort(keys, n, sizeof *keys, by_time);
    l->scenario->actions.items = arena_array(l->arena, struct scenario_action, n + 1);
    l->scenario->actions.count = n;
    for (uint32_t i = 0; i < n; i++)
        l->scenario->actions.items[i] = *(const struct scenario_action *)pool_at(actions, keys[i].index);
}

static void make_actions(struct loader *l)
{
    struct pool actions; /* struct scenario_action, as written */
    pool_init(&actions, l->arena, sizeof(struct scenario_action));
    for (uint32_t i = 0; i < l->doc.spec.actions.count; i++) {
        const struct scenario_action_doc *a = &l->doc.spec.actions.items[i];
        sim_time at = a->at == SIM_NEVER ? 0 : a->at;
        if (a->kubectl)
            add_lines(l, &actions, at, a->kubectl, add_action);
        if (a->fault)
            add_lines(l, &actions, at, a->fault, add_fault);
    }
    sort_actions(l, &actions);
}

/* An action after the end is a mistake worth a word. Without an end the run must reach them all, and then a quiet one;
 * and the times of all expectations. */
static void fit_actions(struct loader *l)
{
    const sim_time longest = 600 * SIM_SECOND, after = 300 * SIM_SECOND;
    struct scenario *s = l->scenario;
    sim_time last = s->actions.count ? s->actions.items[s->actions.count - 1].at : 0;
    bool late = last > longest - after, waits = s->stop_quiet != SIM_NEVER;
    if (s->has_until && expectations_check_times(&s->expectations, l->diags, s->until) < 0)
        loader_fail(l);
    if (!s->has_until && (late || waits)) {
        s->has_until = true;
        s->until = late ? sim_time_add(last, after) : longest;
        if (waits)
            s->until = sim_time_add(s->until, s->stop_quiet);
    }
    sim_time expected = expectations_last_time(&s->expectations);
    if (expected > (s->has_until ? s->until : longest)) {
        s->has_until = true;
        s->until = expected;
    }
    for (uint32_t i = 0; s->has_until && i < s->actions.count; i++)
        if (s->actions.items[i].at > s->until)
            diag_report(l->diags, CODE_NEVER, s->actions.items[i].pos, NULL,
                        "this action comes after the end of the scenario");
}

/* ---- putting it together ---- */

#define NEWEST_VERSION "1.36"
enum { DEFAULT_EPOCH = 1767225600 }; /* 2026-01-01T00:00:00Z */

/* semantics/README.md section 3: seen in reality, by version. */
enum { TRIGGER_LOSS_ON_DEMAND_RELIST = 7, TRIGGER_LOSS = 3 };

static void make_probe_policy(struct scenario *s, const struct scenario_timing *t)
{
    s->probes.race = scenario_trigger_race(t->probe_trigger_race);
    s->probes.loss_percent =
        feature_on(&s->features, FEATURE_PLEG_ON_DEMAND_RELIST) ? TRIGGER_LOSS_ON_DEMAND_RELIST : TRIGGER_LOSS;
    if (t->probe_trigger_loss.set)
        s->probes.loss_percent = t->probe_trigger_loss.value;
    s->probes.phase = scenario_probe_phase(t->probe_phase, &s->probes.after);
}

static void make_settings(struct loader *l, const char *first_file)
{
    struct scenario *s = l->scenario;
    const struct scenario_spec *spec = &l->doc.spec;
    s->name = l->doc.metadata.name ? l->doc.metadata.name : first_file;
    s->case_label = parameters_label(&l->parameters, false);
    s->description = spec->description;
    sim_time after = spec->duration == SIM_NEVER ? spec->stop.after : spec->duration;
    s->tags = spec->tags;
    s->golden = spec->golden;
    s->has_until = after != SIM_NEVER;
    s->until = s->has_until ? after : 0;
    s->stop_quiet = spec->stop.quiet;
    s->stop_when = spec->stop.when;
    if (spec->stop.when)
        expectation_item_place(spec->stop.when, value_get(value_get(value_get(l->root, "spec"), "stop"), "when"));
    s->seed = spec->seed.set ? (uint64_t)spec->seed.value : 0;
    s->epoch =
        spec->start_time == SIM_NEVER ? DEFAULT_EPOCH : sim_time_floor(spec->start_time, SIM_SECOND) / SIM_SECOND;
    s->profile = PROFILE_TYPICAL;
    if (spec->timing.profile && profile_kind_parse(spec->timing.profile, &s->profile) < 0)
        loader_fail(l); /* said already: not one of the names */
    s->kubelet_uptime = spec->timing.kubelet_uptime;
    memcpy(s->latencies, spec->timing.latencies.hop, sizeof s->latencies);
    s->kubernetes_version = spec->kubernetes_version ? scenario_version(spec->kubernetes_version) : NULL;
    if (!s->kubernetes_version) /* if wrong, it has been said */
        s->kubernetes_version = NEWEST_VERSION;
    features_init(&s->features, scenario_minor(s->kubernetes_version));
    for (uint32_t i = 0; spec->feature_gates && i < spec->feature_gates->count; i++) {
        const struct value_entry *e = &spec->feature_gates->entries[i];
        enum feature id = feature_find(e->key);
        if (id != FEATURE_COUNT && e->value->type == VALUE_BOOL)
            feature_set(&s->features, id, e->value->boolean); /* if wrong, it has been said */
    }
    loader_make_kubelet(l);
    s->manager = manager_config(&spec->controller_manager, &s->features);
    s->behaviours = spec->behaviours;
    const struct value *behaviours = l->root ? value_get(value_get(l->root, "spec"), "behaviours") : NULL;
    for (uint32_t i = 0; i < s->behaviours.count; i++)
        s->behaviours.items[i].at = behaviours->type == VALUE_LIST ? behaviours->items[i]->at : behaviours->at;
    s->expectations = spec->expect;
    expectations_place(&s->expectations, l->root ? value_get(value_get(l->root, "spec"), "expect") : NULL);
    make_probe_policy(s, &spec->timing);
}

static int nothing_given(struct diag_set *d, const struct scenario_input *inputs, uint32_t count)
{
    if (count == 1)
        return diag_report(d, CODE_EMPTY, SRC_POS_NONE, NULL,
                           "nothing to simulate: there is no object and no action in %s", inputs[0].name);
    return diag_report(d, CODE_EMPTY, SRC_POS_NONE, NULL, "nothing to simulate: no object and no action was given");
}

static void loader_init(struct loader *l)
{
    api_init(&scenario_type, &l->doc);
    pool_init(&l->documents, l->arena, sizeof(struct loaded_document));
    pool_init(&l->included, l->arena, sizeof(struct included_file));
    pool_init(&l->objects, l->arena, sizeof(const struct api_object *));
    pool_init(&l->nodes, l->arena, sizeof(const struct node *));
    pool_init(&l->scenario->joining, l->arena, sizeof(const struct node *));
    pool_init(&l->unmodelled, l->arena, sizeof(struct unmodelled));
    pool_init(&l->catalogues, l->arena, sizeof(struct loaded_catalogue));
    image_catalogue_init(&l->scenario->images, l->arena);
}

static void take_nodes(struct loader *l)
{
    const struct node **nodes = arena_array(l->arena, const struct node *, l->nodes.count);
    for (uint32_t i = 0; i < l->nodes.count; i++)
        nodes[i] = *(const struct node **)pool_at(&l->nodes, i);
    l->scenario->nodes.items = nodes;
    l->scenario->nodes.count = l->nodes.count;
}

/* What a run is called must not depend on where it is started. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int scenario_load_source(struct arena *a, struct diag_set *d, const struct scenario_source *source,
                         struct scenario *ret_scenario)
{
    struct scenario s = {0};
    struct loader l = {.arena = a, .diags = d, .source = source, .scenario = &s};
    uint32_t errors = d->error_count;
    loader_init(&l);
    loader_read(&l);
    make_settings(&l, source->count ? arena_strdup(a, base_name(source->inputs[0].name)) : "");
    loader_make_nodes(&l);
    loader_make_images(&l);
    make_objects(&l);
    take_nodes(&l);
    make_traffic(&l);
    make_static_pods(&l);
    make_actions(&l);
    fit_actions(&l);
    finish_unmodelled(&l);
    if (l.result < 0 || d->error_count > errors)
        return -1;
    if (s.objects.count == 0 && s.actions.count == 0 && s.static_pods.count == 0)
        return nothing_given(d, source->inputs, source->count);
    *ret_scenario = s;
    return 0;
}

int scenario_load(struct arena *a, struct diag_set *d, const struct scenario_input *inputs, uint32_t count,
                  scenario_read_file *read_file, void *ctx, struct scenario *ret_scenario)
{
    const struct scenario_source source = {.inputs = inputs, .count = count, .read_file = read_file, .ctx = ctx};
    return scenario_load_source(a, d, &source, ret_scenario);
}
