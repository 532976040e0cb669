/* deployment_revision.c - which ReplicaSet is the new one, revisions and their history, hashes of templates.
 *
 * Mirrors k8s pkg/controller/deployment/sync.go getAllReplicaSetsAndSyncRevision, getNewReplicaSet and
 * util/deployment_util.go; pkg/controller/controller_utils.go ComputeHash. A real hash is that of a dump of the Go
 * struct; ours is that of the template as JSON, in the same alphabet.
 */
#include "model/deployment.h"

#include <stdlib.h>
#include <string.h>

#include "model/api_types.h"
#include "model/store.h"

enum { MAX_HISTORY_CHARS = 2000, NAME_MAX_CHARS = 253 };

/* ---- annotations ---- */

/* True when it is another text than before. */
static bool annotate(struct arena *a, str_map *map, const char *key, const char *value)
{
    const char *was = str_map_get(map, key);
    if (was && strcmp(was, value) == 0)
        return false;
    *map = map_with(a, map, key, value);
    return true;
}

static bool is_the_controllers_own(const char *key)
{
    static const char *const own[] = {LAST_APPLIED_ANNOTATION, REVISION_ANNOTATION, REVISION_HISTORY_ANNOTATION,
                                      DESIRED_ANNOTATION,      MAX_ANNOTATION,      ROLLBACK_ANNOTATION};
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (strcmp(key, own[i]) == 0)
            return true;
    return false;
}

/* A decimal number; false when the text is none. */
static bool parse_revision(const char *text, int64_t *ret)
{
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 18 || text[n])
        return false;
    int64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = 10 * value + (text[i] - '0');
    *ret = value;
    return true;
}

int64_t revision_of(const struct api_object *o)
{
    const char *text = str_map_get(&o->meta.annotations, REVISION_ANNOTATION);
    int64_t revision = 0;
    return text && parse_revision(text, &revision) ? revision : 0;
}

/* The former revision is added to the list, whose oldest entries go when it is too long. */
static void remember_revision(struct arena *a, str_map *annotations, const char *former)
{
    const char *history = str_map_get(annotations, REVISION_HISTORY_ANNOTATION);
    if (!history || !*history) {
        annotate(a, annotations, REVISION_HISTORY_ANNOTATION, former);
        return;
    }
    while (history && strlen(history) + strlen(former) + 1 > MAX_HISTORY_CHARS) {
        const char *comma = strchr(history, ',');
        history = comma ? comma + 1 : NULL;
    }
    annotate(a, annotations, REVISION_HISTORY_ANNOTATION,
             history ? arena_printf(a, "%s,%s", history, former) : arena_strdup(a, former));
}

/* SetNewReplicaSetAnnotations. True when something changed. */
static bool annotate_new_set(struct deployment_sync *s, str_map *annotations, int64_t revision, bool exists)
{
    struct arena *a = s->keep;
    bool changed = false;
    for (uint32_t i = 0; i < s->d.object.meta.annotations.count; i++) {
        const struct str_pair *p = &s->d.object.meta.annotations.items[i];
        changed |= !is_the_controllers_own(p->key) && annotate(a, annotations, p->key, p->value);
    }
    const char *former = str_map_get(annotations, REVISION_ANNOTATION);
    int64_t old = 0;
    if (former && *former && !parse_revision(former, &old))
        return false;
    if (old < revision) {
        changed |= annotate(a, annotations, REVISION_ANNOTATION, arena_printf(a, "%" PRId64, revision));
        if (former)
            remember_revision(a, annotations, former);
    }
    if (exists)
        return changed;
    int64_t wanted = s->d.spec.replicas.value;
    changed |= annotate(a, annotations, DESIRED_ANNOTATION, arena_printf(a, "%" PRId64, wanted));
    changed |=
        annotate(a, annotations, MAX_ANNOTATION, arena_printf(a, "%" PRId64, wanted + deployment_max_surge(&s->d)));
    return changed;
}

/* ---- templates ---- */

bool templates_equal(struct arena *a, const struct pod_template *x, const struct pod_template *y)
{
    struct pod_template p = *x, q = *y;
    if (str_map_get(&p.meta.labels, TEMPLATE_HASH_LABEL))
        p.meta.labels = map_with(a, &p.meta.labels, TEMPLATE_HASH_LABEL, NULL);
    if (str_map_get(&q.meta.labels, TEMPLATE_HASH_LABEL))
        q.meta.labels = map_with(a, &q.meta.labels, TEMPLATE_HASH_LABEL, NULL);
    if (!api_equal(&object_meta_type, &p.meta, &q.meta))
        return false;
    /* One is mostly a copy of the other, down to the pointers. */
    return memcmp(&p.spec, &q.spec, sizeof p.spec) == 0 || api_equal(&pod_spec_type, &p.spec, &q.spec);
}

static uint32_t fnv1a(uint32_t hash, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 16777619u;
    return hash;
}

const char *safe_encode(struct arena *a, uint32_t hash)
{
    static const char symbols[] = "bcdfghjklmnpqrstvwxz2456789";
    char *text = arena_printf(a, "%" PRIu32, hash);
    for (char *c = text; *c; c++)
        *c = symbols[(unsigned char)*c % 27];
    return text;
}

const char *template_hash(struct arena *a, const struct pod_template *t, const struct opt_i64 *collisions)
{
    struct strbuf b = STRBUF_INIT;
    struct pod_template defaulted = *t;
    if (!defaulted.spec.enable_service_links.set) /* as pods get it */
        defaulted.spec.enable_service_links = (struct opt_bool){true, true};
    api_write_json(&pod_template_type, &defaulted, 0, &b, 0);
    uint32_t hash = fnv1a(2166136261u, strbuf_str(&b), b.len);
    strbuf_fini(&b);
    if (collisions->set) {
        unsigned char bytes[8] = {0};
        for (int i = 0; i < 8; i++)
            bytes[i] = (unsigned char)((uint64_t)collisions->value >> 8 * i);
        hash = fnv1a(hash, bytes, sizeof bytes);
    }
    return safe_encode(a, hash);
}

/* ---- new and old sets ---- */

static int by_age(const void *a, const void *b)
{
    const struct rs_view *x = *(struct rs_view *const *)a, *y = *(struct rs_view *const *)b;
    const struct object_meta *m = &x->rs->object.meta, *n = &y->rs->object.meta;
    if (m->creation_timestamp != n->creation_timestamp)
        return m->creation_timestamp < n->creation_timestamp ? -1 : 1;
    return strcmp(m->name, n->name);
}

/* FindNewReplicaSet, FindOldReplicaSets: the new one is the oldest whose template is the Deployment's. */
void find_sets(struct deployment_sync *s)
{
    uint32_t n = s->facts->set_count;
    s->all.items = arena_array(s->scratch, struct rs_view *, n + 2);
    s->old.items = arena_array(s->scratch, struct rs_view *, n + 2);
    struct rs_view *views = arena_array(s->scratch, struct rs_view, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const struct replica_set *rs = s->facts->sets[i];
        views[i] = (struct rs_view){.rs = rs, .replicas = rs->spec.replicas.value};
        views[i].annotations = rs->object.meta.annotations;
        s->all.items[i] = &views[i];
    }
    s->all.count = n;
    qsort(s->all.items, n, sizeof *s->all.items, by_age);
    for (uint32_t i = 0; i < n; i++) {
        struct rs_view *v = s->all.items[i];
        if (!s->new_set && templates_equal(s->scratch, &v->rs->spec.template_, &s->read->spec.template_))
            s->new_set = v;
        else
            s->old.items[s->old.count++] = v;
    }
}

static void note_revision(struct deployment_sync *s, const char *revision, const char *reason, const char *message)
{
    bool changed = annotate(s->keep, &s->d.object.meta.annotations, REVISION_ANNOTATION, revision);
    if (reason && deployment_has_deadline(&s->d)) {
        set_condition(s, &s->d.status, "Progressing", "True", reason, message);
        changed = true;
    }
    if (changed)
        write_deployment_status(s);
}

/* Its annotations follow the Deployment's, its revision is the highest. */
static void sync_new_set(struct deployment_sync *s, int64_t revision)
{
    struct rs_view *v = s->new_set;
    str_map annotations = v->rs->object.meta.annotations; /* as read, whatever this sync wrote before */
    bool changed = annotate_new_set(s, &annotations, revision, true);
    if (changed || v->rs->spec.min_ready_seconds != s->d.spec.min_ready_seconds) {
        struct deployment_step *step = plan_step(s, WRITE_SET);
        step->set = v->rs;
        step->as_read = true;
        step->from = step->to = v->rs->spec.replicas.value;
        step->annotations = v->annotations = annotations;
        step->min_ready_seconds = s->d.spec.min_ready_seconds;
        v->written = true;
        return;
    }
    const char *has = str_map_get(&annotations, REVISION_ANNOTATION);
    const char *found = find_condition(&s->d.status, "Progressing")
                            ? NULL
                            : arena_printf(s->keep, "Found new replica set \"%s\"", v->rs->object.meta.name);
    note_revision(s, has ? has : "", found ? "FoundNewReplicaSet" : NULL, found);
}

static struct owner_reference *reference_to(struct deployment_sync *s)
{
    struct owner_reference *r = arena_new(s->keep, struct owner_reference);
    *r = (struct owner_reference){.api_version = "apps/v1",
                                  .kind = "Deployment",
                                  .name = s->d.object.meta.name,
                                  .uid = s->d.object.meta.uid,
                                  .controller = {true, true},
                                  .block_owner_deletion = {true, true}};
    return r;
}

static struct replica_set *make_set(struct deployment_sync *s)
{
    const struct deployment *d = &s->d;
    struct replica_set *rs = api_new(s->keep, &replica_set_type, struct replica_set);
    const char *hash =
        s->facts->hash ? s->facts->hash : template_hash(s->keep, &d->spec.template_, &d->status.collision_count);
    int room = NAME_MAX_CHARS - 1 - (int)strlen(hash);
    rs->object.kind = KIND_REPLICASET;
    rs->object.api_version_text = "apps/v1";
    rs->object.kind_text = "ReplicaSet";
    rs->object.source = d->object.source;
    struct object_meta *m = &rs->object.meta;
    m->name = arena_printf(s->keep, "%.*s-%s", room, d->object.meta.name, hash);
    m->namespace_ = d->object.meta.namespace_;
    m->labels = map_with(s->keep, &d->spec.template_.meta.labels, TEMPLATE_HASH_LABEL, hash);
    m->owner_references.items = reference_to(s);
    m->owner_references.count = 1;
    rs->spec.min_ready_seconds = d->spec.min_ready_seconds;
    rs->spec.template_ = d->spec.template_;
    rs->spec.template_.meta.labels = m->labels;
    rs->spec.selector = arena_new(s->keep, struct label_selector);
    *rs->spec.selector = *d->spec.selector;
    rs->spec.selector->match_labels = map_with(s->keep, &d->spec.selector->match_labels, TEMPLATE_HASH_LABEL, hash);
    return rs;
}

/* The second half of getNewReplicaSet. */
static void create_new_set(struct deployment_sync *s, int64_t revision)
{
    struct replica_set *rs = make_set(s);
    struct rs_view *v = arena_new(s->scratch, struct rs_view);
    *v = (struct rs_view){.rs = rs, .written = true};
    v->replicas = replicas_for_new_set(s, v, total_replicas(&s->old));
    rs->spec.replicas = (struct opt_i64){v->replicas, true};
    annotate_new_set(s, &rs->object.meta.annotations, revision, false);
    v->annotations = rs->object.meta.annotations;
    struct deployment_step *step = plan_step(s, WRITE_NEW_SET);
    step->set = rs;
    step->to = v->replicas;
    note_revision(s, arena_printf(s->keep, "%" PRId64, revision), "NewReplicaSetCreated",
                  arena_printf(s->keep, "Created new replica set \"%s\"", rs->object.meta.name));
    s->new_set = v;
    s->all.items[s->all.count++] = v;
}

void sync_revision(struct deployment_sync *s, bool create)
{
    int64_t revision = 0;
    for (uint32_t i = 0; i < s->old.count; i++) {
        int64_t old = revision_of(&s->old.items[i]->rs->object);
        revision = old > revision ? old : revision;
    }
    if (s->new_set && s->new_set->rs->object.ordinal)
        sync_new_set(s, revision + 1);
    else if (!s->new_set && create)
        create_new_set(s, revision + 1);
}
