/* sched_sets.c - pods counted by node: those that some selector means.
 *
 * kube-scheduler walks all pods of all nodes for each pod with affinity or spread constraints (k8s
 * podtopologyspread/common.go countPodsMatchSelector, interpodaffinity/filtering.go). Here each distinct selector is a
 * set whose counts are kept as pods come and go, so that an attempt costs the nodes it looks at. A set is found by one
 * of its label pairs: a pod is held against those sets only whose pair it has.
 */
#include <stdlib.h>
#include <string.h>

#include "model/sched_private.h"

/* ---- membership ---- */

static bool listed(const str_list *list, const char *text)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

static bool in_namespaces(const struct scheduler *s, const struct sched_term *t, const char *ns)
{
    if (listed(&t->namespaces, ns))
        return true;
    if (!t->namespace_selector)
        return false;
    const struct api_object *o = store_get(s->store, KIND_NAMESPACE, NULL, ns);
    static const str_map none;
    return label_selector_matches(t->namespace_selector, o ? &o->meta.labels : &none);
}

bool sched_term_matches(const struct scheduler *s, const struct sched_term *t, const struct pod *pod)
{
    return !t->nothing && label_selector_matches(&t->selector, &pod->object.meta.labels) &&
           in_namespaces(s, t, pod->object.meta.namespace_);
}

bool sched_terms_match(const struct scheduler *s, const struct sched_term *terms, uint32_t count, const struct pod *pod)
{
    for (uint32_t i = 0; i < count; i++)
        if (!sched_term_matches(s, &terms[i], pod))
            return false;
    return true;
}

static bool is_member(const struct scheduler *s, const struct pod_set *set, const struct pod *pod)
{
    bool dying = pod->object.meta.deletion_timestamp != SIM_NEVER;
    return !(set->alive_only && dying) && sched_terms_match(s, set->terms, set->term_count, pod);
}

/* ---- label pairs ---- */

static uint32_t pair_hash(const char *key, const char *value) { return text_hash(text_hash(2166136261u, key), value); }

static uint32_t pair_slot(const struct scheduler *s, const char *key, const char *value)
{
    uint32_t at = pair_hash(key, value) & (s->pair_table_size - 1);
    for (;; at = (at + 1) & (s->pair_table_size - 1)) {
        if (!s->pair_table[at])
            return at;
        const struct label_pair *p = pool_at(&s->pairs, s->pair_table[at] - 1);
        if (strcmp(p->key, key) == 0 && strcmp(p->value, value) == 0)
            return at;
    }
}

static void grow_pairs(struct scheduler *s)
{
    if (2 * (s->pairs.count + 1) <= s->pair_table_size)
        return;
    s->pair_table_size = s->pair_table_size ? 2 * s->pair_table_size : 64;
    s->pair_table = arena_array(s->arena, uint32_t, s->pair_table_size);
    for (uint32_t i = 0; i < s->pairs.count; i++) {
        const struct label_pair *p = pool_at(&s->pairs, i);
        s->pair_table[pair_slot(s, p->key, p->value)] = i + 1;
    }
}

static struct label_pair *pair_of(struct scheduler *s, const char *key, const char *value)
{
    grow_pairs(s);
    uint32_t slot = pair_slot(s, key, value);
    if (!s->pair_table[slot]) {
        s->pair_table[slot] = pool_add(&s->pairs) + 1;
        *(struct label_pair *)pool_at(&s->pairs, s->pair_table[slot] - 1) = (struct label_pair){key, value, 0, 0};
    }
    return pool_at(&s->pairs, s->pair_table[slot] - 1);
}

/* ---- counting ---- */

enum which { ALL_SETS, ALIVE_ONLY };

static void count_list(struct scheduler *s, uint32_t first, const struct pod *pod, uint32_t node, int sign,
                       enum which which)
{
    for (uint32_t i = first; i;) {
        struct pod_set *set = pool_at(&s->sets, i - 1);
        if ((which == ALL_SETS || set->alive_only) && is_member(s, set, pod))
            set->on_node[node] += (uint32_t)sign;
        i = set->next;
    }
}

static void count_in_sets(struct scheduler *s, const struct pod *pod, uint32_t node, int sign, enum which which)
{
    const str_map *labels = &pod->object.meta.labels;
    for (uint32_t i = 0; i < labels->count; i++) {
        struct label_pair *p = pair_of(s, labels->items[i].key, labels->items[i].value);
        p->pods += which == ALL_SETS ? (uint32_t)sign : 0;
        count_list(s, p->first_set, pod, node, sign, which);
    }
    count_list(s, s->first_unpaired, pod, node, sign, which);
}

void sched_sets_count(struct scheduler *s, struct sched_pod *p, const struct pod *as, int sign)
{
    count_in_sets(s, as, p->node - 1, sign, ALL_SETS);
}

/* `as`: how it was while it lived. */
void sched_sets_dying(struct scheduler *s, struct sched_pod *p, const struct pod *as)
{
    count_in_sets(s, as, p->node - 1, -1, ALIVE_ONLY);
}

static void recount(struct scheduler *s, struct pod_set *set)
{
    memset(set->on_node, 0, s->nodes_capacity * sizeof *set->on_node);
    for (uint32_t i = 0; i < s->pods.count; i++) {
        const struct sched_pod *p = sched_pod_at(s, i);
        if (p->pod && p->node && is_member(s, set, p->pod))
            set->on_node[p->node - 1]++;
    }
}

void sched_sets_recount(struct scheduler *s)
{
    for (uint32_t i = 0; i < s->sets.count; i++)
        recount(s, pool_at(&s->sets, i));
}

/* ---- finding a set ---- */

static void put_list(struct strbuf *b, const str_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        strbuf_printf(b, "%s ", list->items[i]);
}

static const char *identity_of(struct arena *a, const struct sched_term *terms, uint32_t count, bool alive_only)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, alive_only ? "alive" : "all");
    for (uint32_t i = 0; i < count; i++) {
        strbuf_puts(&b, terms[i].nothing ? "|nothing" : "|");
        put_list(&b, &terms[i].namespaces);
        if (terms[i].namespace_selector)
            label_selector_format(terms[i].namespace_selector, &b);
        strbuf_puts(&b, ":");
        label_selector_format(&terms[i].selector, &b);
    }
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

static uint32_t set_slot(const struct scheduler *s, const char *identity, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & (s->set_table_size - 1);
    for (;; at = (at + 1) & (s->set_table_size - 1)) {
        const struct pod_set *set = s->set_table[at] ? pool_at(&s->sets, s->set_table[at] - 1) : NULL;
        if (!set || (set->hash == hash && strcmp(set->identity, identity) == 0))
            return at;
    }
}

static void grow_sets(struct scheduler *s)
{
    if (2 * (s->sets.count + 1) <= s->set_table_size)
        return;
    s->set_table_size = s->set_table_size ? 2 * s->set_table_size : 64;
    s->set_table = arena_array(s->arena, uint32_t, s->set_table_size);
    for (uint32_t i = 0; i < s->sets.count; i++) {
        const struct pod_set *set = pool_at(&s->sets, i);
        s->set_table[set_slot(s, set->identity, set->hash)] = i + 1;
    }
}

/* The label pair of its terms that the fewest pods have; NULL = it has none. */
static struct label_pair *rarest_pair(struct scheduler *s, const struct pod_set *set)
{
    const char *key = NULL, *value = NULL;
    uint32_t fewest = UINT32_MAX;
    for (uint32_t i = 0; i < set->term_count; i++) {
        const str_map *m = &set->terms[i].selector.match_labels;
        for (uint32_t k = 0; k < m->count; k++) {
            uint32_t pods = pair_of(s, m->items[k].key, m->items[k].value)->pods;
            if (pods >= fewest)
                continue;
            fewest = pods;
            key = m->items[k].key;
            value = m->items[k].value;
        }
    }
    return key ? pair_of(s, key, value) : NULL;
}

struct pod_set *sched_set(struct scheduler *s, const struct sched_term *terms, uint32_t count, bool alive_only)
{
    const char *identity = identity_of(s->scratch, terms, count, alive_only);
    uint64_t hash = text_hash64(UINT64_C(14695981039346656037), identity);
    grow_sets(s);
    uint32_t slot = set_slot(s, identity, hash);
    if (s->set_table[slot])
        return pool_at(&s->sets, s->set_table[slot] - 1);
    uint32_t index = pool_add(&s->sets);
    s->set_table[slot] = index + 1;
    struct pod_set *set = pool_at(&s->sets, index);
    struct sched_term *own = arena_array(s->arena, struct sched_term, count + 1);
    memcpy(own, terms, count * sizeof *own);
    *set = (struct pod_set){.identity = arena_strdup(s->arena, identity),
                            .hash = hash,
                            .terms = own,
                            .term_count = count,
                            .alive_only = alive_only};
    set->on_node = arena_array(s->arena, uint32_t, s->nodes_capacity + 1);
    struct label_pair *pair = rarest_pair(s, set);
    uint32_t *list = pair ? &pair->first_set : &s->first_unpaired;
    set->next = *list;
    *list = index + 1;
    if (!pair || pair->pods)
        recount(s, set);
    return set;
}
