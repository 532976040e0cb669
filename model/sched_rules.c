/* sched_rules.c - what a pod says of the place it wants: pod affinity, spread constraints, node preferences.
 *
 * Mirrors the parsing in k8s framework/types.go (GetAffinityTerms), plugins/podtopologyspread/common.go and
 * plugins/helper/spread.go DefaultSelector (v1.36). Pods of one template share what was read. matchLabelKeys and
 * mismatchLabelKeys are merged into the selectors here, as the API server does it when it creates a pod.
 */
#include <stdlib.h>
#include <string.h>

#include "model/api_types.h"
#include "model/informers.h"
#include "model/sched_private.h"

static const struct value *list_of(const struct value *map, const char *key)
{
    const struct value *v = map ? value_get(map, key) : NULL;
    return v && v->type == VALUE_LIST ? v : NULL;
}

static const char *text_of(const struct value *map, const char *key)
{
    const struct value *v = map ? value_get(map, key) : NULL;
    return v && v->text ? v->text : "";
}

static int64_t number_of(const struct value *map, const char *key, int64_t missing)
{
    const struct value *v = map ? value_get(map, key) : NULL;
    return v && v->type == VALUE_INT ? v->integer : missing;
}

/* It was decoded once when the pod was read: it is valid. */
static const struct label_selector *read_selector(struct arena *a, const struct value *v)
{
    struct label_selector *out = arena_new(a, struct label_selector);
    struct diag_set ignored;
    diag_init(&ignored);
    api_decode(&label_selector_type, a, &ignored, "", v, out);
    diag_fini(&ignored);
    return out;
}

static void require(struct arena *a, struct label_selector *s, const char *key, const char *op, const char *value)
{
    uint32_t n = s->match_expressions.count;
    struct label_requirement *items = arena_array(a, struct label_requirement, n + 1);
    if (n)
        memcpy(items, s->match_expressions.items, n * sizeof *items);
    const char **values = arena_array(a, const char *, 1);
    values[0] = value;
    items[n] = (struct label_requirement){key, op, {values, 1}};
    s->match_expressions.items = items;
    s->match_expressions.count = n + 1;
}

static void merge_keys(struct arena *a, struct label_selector *s, const struct value *keys, const str_map *labels,
                       const char *op)
{
    for (uint32_t i = 0; keys && i < keys->count; i++) {
        const char *value = keys->items[i]->text ? str_map_get(labels, keys->items[i]->text) : NULL;
        if (value)
            require(a, s, keys->items[i]->text, op, value);
    }
}

static str_list one_text(struct arena *a, const char *text)
{
    const char **items = arena_array(a, const char *, 1);
    items[0] = text;
    return (str_list){items, 1};
}

static struct sched_term read_term(struct arena *a, const struct value *v, const struct pod *pod, int64_t weight)
{
    struct sched_term t = {.topology_key = text_of(v, "topologyKey"), .weight = weight};
    const struct value *selector = value_get(v, "labelSelector"), *ns = value_get(v, "namespaceSelector");
    const struct value *names = list_of(v, "namespaces");
    const str_map *labels = &pod->object.meta.labels;
    t.nothing = !selector || selector->type != VALUE_MAP;
    if (!t.nothing) {
        t.selector = *read_selector(a, selector);
        merge_keys(a, &t.selector, list_of(v, "matchLabelKeys"), labels, "In");
        merge_keys(a, &t.selector, list_of(v, "mismatchLabelKeys"), labels, "NotIn");
    }
    if (ns && ns->type == VALUE_MAP)
        t.namespace_selector = read_selector(a, ns);
    if (names && names->count) {
        const char **items = arena_array(a, const char *, names->count);
        for (uint32_t i = 0; i < names->count; i++)
            items[t.namespaces.count++] = names->items[i]->text;
        t.namespaces.items = items;
    } else if (!t.namespace_selector) {
        t.namespaces = one_text(a, pod->object.meta.namespace_);
    }
    return t;
}

static sched_terms read_terms(struct arena *a, const struct value *list, const struct pod *pod, bool weighted)
{
    sched_terms out = {0};
    if (!list || !list->count)
        return out;
    out.items = arena_array(a, struct sched_term, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct value *v = list->items[i], *term = weighted ? value_get(v, "podAffinityTerm") : v;
        if (term)
            out.items[out.count++] = read_term(a, term, pod, weighted ? number_of(v, "weight", 0) : 1);
    }
    return out;
}

static spread_constraints read_constraints(struct scheduler *s, const struct pod *pod, const char *action)
{
    spread_constraints out = {0};
    const struct value *list = pod->spec.topology_spread_constraints;
    if (!list || list->type != VALUE_LIST || !list->count)
        return out;
    out.items = arena_array(s->arena, struct spread_constraint, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct value *v = list->items[i];
        if (strcmp(text_of(v, "whenUnsatisfiable"), action) != 0)
            continue;
        struct sched_term t = read_term(s->arena, v, pod, 0);
        t.namespaces = one_text(s->arena, pod->object.meta.namespace_);
        out.items[out.count++] = (struct spread_constraint){
            .topology_key = t.topology_key,
            .max_skew = number_of(v, "maxSkew", 1),
            .min_domains = number_of(v, "minDomains", 1),
            .honor_affinity = strcmp(text_of(v, "nodeAffinityPolicy"), "Ignore") != 0,
            .honor_taints = strcmp(text_of(v, "nodeTaintsPolicy"), "Honor") == 0,
            .pods = sched_set(s, &t, 1, true),
            .self = sched_term_matches(s, &t, pod),
        };
    }
    return out;
}

/* ---- required node affinity that names nodes: k8s plugins/nodeaffinity/node_affinity.go PreFilter ---- */

/* The names that a term's fields allow; false: it has no such field. */
static bool named_nodes(const struct value *term, struct arena *a, str_list *ret)
{
    const struct value *fields = list_of(term, "matchFields");
    bool any = false;
    for (uint32_t i = 0; fields && i < fields->count; i++) {
        const struct value *r = fields->items[i], *values = list_of(r, "values");
        if (strcmp(text_of(r, "operator"), "In") != 0 || strcmp(text_of(r, "key"), "metadata.name") != 0)
            continue;
        str_list here = {arena_array(a, const char *, (values ? values->count : 0) + 1), 0};
        for (uint32_t k = 0; values && k < values->count; k++) {
            bool also = !any;
            for (uint32_t j = 0; any && j < ret->count; j++)
                also = also || strcmp(ret->items[j], values->items[k]->text) == 0;
            if (also)
                here.items[here.count++] = values->items[k]->text;
        }
        any = true;
        *ret = here;
    }
    return any;
}

static void read_restriction(struct scheduler *s, struct sched_rules *r)
{
    const struct value *node = r->affinity ? value_get(r->affinity, "nodeAffinity") : NULL;
    const struct value *required = node ? value_get(node, "requiredDuringSchedulingIgnoredDuringExecution") : NULL;
    const struct value *terms = list_of(required, "nodeSelectorTerms");
    r->preferred_nodes = list_of(node, "preferredDuringSchedulingIgnoredDuringExecution");
    uint32_t count = 0;
    for (uint32_t i = 0; terms && i < terms->count; i++) {
        str_list names = {0};
        if (!named_nodes(terms->items[i], s->arena, &names))
            return;
        count += names.count;
    }
    if (!terms || !terms->count)
        return;
    r->restricted = true;
    r->conflict = count == 0;
    r->only_nodes.items = arena_array(s->arena, const char *, count + 1);
    for (uint32_t i = 0; i < terms->count; i++) {
        str_list names = {0};
        named_nodes(terms->items[i], s->arena, &names);
        for (uint32_t k = 0; k < names.count; k++)
            r->only_nodes.items[r->only_nodes.count++] = names.items[k];
    }
}

/* ---- one per template ---- */

static bool same_rules(const struct sched_rules *r, const struct pod *pod, const struct owner_reference *owner)
{
    return r->affinity == pod->spec.affinity && r->constraints == pod->spec.topology_spread_constraints &&
           text_same(r->namespace_, pod->object.meta.namespace_) && text_same(r->owner, owner ? owner->uid : NULL) &&
           labels_same(r->labels, &pod->object.meta.labels);
}

static uint32_t hash_rules(const char *ns, const char *owner, const str_map *labels)
{
    uint32_t hash = text_hash(text_hash(2166136261u, ns), owner ? owner : "");
    for (uint32_t i = 0; i < labels->count; i++)
        hash = text_hash(text_hash(hash, labels->items[i].key), labels->items[i].value);
    return hash;
}

static void grow_rules(struct scheduler *s)
{
    if (2 * (s->rules.count + 1) <= s->rules_table_size)
        return;
    s->rules_table_size = s->rules_table_size ? 2 * s->rules_table_size : 64;
    s->rules_table = arena_array(s->arena, uint32_t, s->rules_table_size);
    for (uint32_t i = 0; i < s->rules.count; i++) {
        const struct sched_rules *r = pool_at(&s->rules, i);
        uint32_t at = r->hash & (s->rules_table_size - 1);
        while (s->rules_table[at])
            at = (at + 1) & (s->rules_table_size - 1);
        s->rules_table[at] = i + 1;
    }
}

static void read_rules(struct scheduler *s, struct sched_rules *r, const struct pod *pod)
{
    static const char required[] = "requiredDuringSchedulingIgnoredDuringExecution";
    static const char preferred[] = "preferredDuringSchedulingIgnoredDuringExecution";
    const struct value *affinity = pod->spec.affinity ? value_get(pod->spec.affinity, "podAffinity") : NULL;
    const struct value *anti = pod->spec.affinity ? value_get(pod->spec.affinity, "podAntiAffinity") : NULL;
    r->required = read_terms(s->arena, list_of(affinity, required), pod, false);
    r->anti = read_terms(s->arena, list_of(anti, required), pod, false);
    r->preferred = read_terms(s->arena, list_of(affinity, preferred), pod, true);
    r->preferred_anti = read_terms(s->arena, list_of(anti, preferred), pod, true);
    r->hard = read_constraints(s, pod, "DoNotSchedule");
    r->soft = read_constraints(s, pod, "ScheduleAnyway");
    r->explicit_spread = r->constraints && r->constraints->type == VALUE_LIST && r->constraints->count;
    read_restriction(s, r);
    r->concerns_others = r->required.count + r->anti.count + r->preferred.count + r->preferred_anti.count > 0;
    if (!r->concerns_others)
        return;
    r->on_node = arena_array(s->arena, uint32_t, s->nodes_capacity + 1);
    r->next_concern = s->first_concern;
    s->first_concern = r->index + 1;
}

struct sched_rules *sched_rules_of(struct scheduler *s, const struct pod *pod)
{
    const struct owner_reference *owner = controller_of(&pod->object);
    const char *uid = owner ? owner->uid : NULL;
    grow_rules(s);
    uint32_t hash = hash_rules(pod->object.meta.namespace_, uid, &pod->object.meta.labels);
    uint32_t at = hash & (s->rules_table_size - 1);
    for (; s->rules_table[at]; at = (at + 1) & (s->rules_table_size - 1)) {
        struct sched_rules *known = pool_at(&s->rules, s->rules_table[at] - 1);
        if (known->hash == hash && same_rules(known, pod, owner))
            return known;
    }
    uint32_t index = pool_add(&s->rules);
    s->rules_table[at] = index + 1;
    struct sched_rules *r = pool_at(&s->rules, index);
    *r = (struct sched_rules){
        .affinity = pod->spec.affinity,
        .constraints = pod->spec.topology_spread_constraints,
        .namespace_ = pod->object.meta.namespace_,
        .owner = uid,
        .labels = &pod->object.meta.labels,
        .index = index,
        .hash = hash,
        .default_version = s->service_version - 1,
    };
    read_rules(s, r, pod);
    return r;
}

/* ---- system-default spreading: k8s plugins/helper/spread.go DefaultSelector ---- */

static void merge_labels(struct arena *a, str_map *into, const str_map *from)
{
    for (uint32_t i = 0; i < from->count; i++) {
        if (str_map_get(into, from->items[i].key))
            continue;
        struct str_pair *items = arena_array(a, struct str_pair, into->count + 1);
        uint32_t at = 0;
        while (at < into->count && strcmp(into->items[at].key, from->items[i].key) < 0)
            at++;
        for (uint32_t k = 0; k <= into->count; k++)
            items[k] = k < at ? into->items[k] : k == at ? from->items[i] : into->items[k - 1];
        into->items = items;
        into->count++;
    }
}

static const struct replica_set *owner_of(const struct scheduler *s, const struct pod *pod)
{
    const struct owner_reference *o = controller_of(&pod->object);
    enum api_kind kind = !o                                          ? KIND_NONE
                         : text_is(o->kind, "ReplicaSet")            ? KIND_REPLICASET
                         : text_is(o->kind, "ReplicationController") ? KIND_REPLICATIONCONTROLLER
                                                                     : KIND_NONE;
    return kind ? (const struct replica_set *)store_get(s->store, kind, pod->object.meta.namespace_, o->name) : NULL;
}

static struct pod_set *find_default_set(struct scheduler *s, const struct pod *pod)
{
    struct sched_term terms[2] = {{.namespaces = one_text(s->arena, pod->object.meta.namespace_)}};
    uint32_t cursor = 0, count = 1;
    for (const struct api_object *o; (o = store_next(s->store, KIND_SERVICE, &cursor));) {
        const str_map *selector = &((const struct service *)o)->spec.selector;
        if (selector->count && strcmp(o->meta.namespace_, pod->object.meta.namespace_) == 0 &&
            labels_match(selector, &pod->object.meta.labels))
            merge_labels(s->arena, &terms[0].selector.match_labels, selector);
    }
    const struct replica_set *owner = owner_of(s, pod);
    if (owner) {
        terms[count].namespaces = terms[0].namespaces;
        terms[count++].selector = selector_of_replica_set(owner);
    }
    bool any = terms[0].selector.match_labels.count || (count > 1 && !label_selector_is_empty(&terms[1].selector));
    return any ? sched_set(s, terms, count, true) : NULL;
}

struct pod_set *sched_default_set(struct scheduler *s, struct sched_rules *r, const struct pod *pod)
{
    if (r->default_version != s->service_version) {
        r->default_version = s->service_version;
        r->default_set = find_default_set(s, pod);
    }
    return r->default_set;
}
