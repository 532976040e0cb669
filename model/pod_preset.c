/* pod_preset.c - see pod_preset.h.
 *
 * All presets are checked first; on any conflict the pod is created as it was given, and a Warning says so (until 1.6
 * as an Event of the plugin; later versions only log it). What is compared is shown as JSON, where Go prints structs.
 */
#include "model/pod_preset.h"

#include <stdlib.h>
#include <string.h>

#include "model/api_quota.h"
#include "model/api_types.h"
#include "sim/cover.h"

#define ANNOTATION_PREFIX "podpreset.admission.kubernetes.io"

enum { PRESET_EXCLUDED, PRESET_NONE, PRESET_CONFLICT, PRESET_APPLIED };
COVER_TABLE(pod_preset, "PodPresets of a pod", "the pod is excluded, or a mirror", "none selects it",
            "they contradict each other or the pod: none is applied", "applied");

struct merge { /* of the presets into one pod */
    struct arena *arena;
    const char *preset;   /* the one at work */
    const char *conflict; /* the first one, or NULL */
};

static void conflicts(struct merge *m, const char *what, const char *key, const struct api_type *type, const void *has,
                      const void *wants, const char *where)
{
    struct strbuf x = STRBUF_INIT, y = STRBUF_INIT;
    api_write_json(type, has, 0, &x, 0);
    api_write_json(type, wants, 0, &y, 0);
    if (!m->conflict)
        m->conflict = arena_printf(m->arena, "merging %s for %s has a conflict on %s: %s does not match %s%s", what,
                                   m->preset, key, strbuf_str(&y), strbuf_str(&x), where);
    strbuf_fini(&x);
    strbuf_fini(&y);
}

/* mergeEnv */
static void merge_env(struct merge *m, struct container *c, const struct pod_preset_spec *s)
{
    struct env_var *items = arena_array(m->arena, struct env_var, c->env.count + s->env.count + 1);
    uint32_t n = 0;
    for (; n < c->env.count; n++)
        items[n] = c->env.items[n];
    for (uint32_t i = 0; i < s->env.count; i++) {
        uint32_t k = 0;
        while (k < n && strcmp(items[k].name, s->env.items[i].name) != 0)
            k++;
        if (k == n)
            items[n++] = s->env.items[i];
        else if (!api_equal(&env_var_type, &items[k], &s->env.items[i]))
            conflicts(m, "env", items[k].name, &env_var_type, &items[k], &s->env.items[i], " in container");
    }
    c->env.items = items;
    c->env.count = n;
}

/* mergeEnvFrom: no check at all. */
static void merge_env_from(struct merge *m, struct container *c, const struct pod_preset_spec *s)
{
    uint32_t n = c->env_from.count;
    struct env_from_source *items = arena_array(m->arena, struct env_from_source, n + s->env_from.count + 1);
    for (uint32_t i = 0; i < n + s->env_from.count; i++)
        items[i] = i < n ? c->env_from.items[i] : s->env_from.items[i - n];
    c->env_from.items = items;
    c->env_from.count = n + s->env_from.count;
}

/* mergeVolumeMounts: by the volume's name, and no two at one path. */
static void merge_mounts(struct merge *m, struct container *c, const struct pod_preset_spec *s)
{
    struct volume_mount *items =
        arena_array(m->arena, struct volume_mount, c->volume_mounts.count + s->volume_mounts.count + 1);
    uint32_t n = 0;
    for (; n < c->volume_mounts.count; n++)
        items[n] = c->volume_mounts.items[n];
    for (uint32_t i = 0; i < s->volume_mounts.count; i++) {
        const struct volume_mount *new = &s->volume_mounts.items[i];
        uint32_t k = 0, p = 0;
        while (k < n && strcmp(items[k].name, new->name) != 0)
            k++;
        while (p < n && strcmp(items[p].mount_path, new->mount_path) != 0)
            p++;
        if (k < n && !api_equal(&volume_mount_type, &items[k], new))
            conflicts(m, "volume mounts", new->name, &volume_mount_type, &items[k], new, " in container");
        if (p < n && !api_equal(&volume_mount_type, &items[p], new))
            conflicts(m, "volume mounts", arena_printf(m->arena, "mount path %s", new->mount_path), &volume_mount_type,
                      &items[p], new, " in container");
        if (k == n)
            items[n++] = *new;
    }
    c->volume_mounts.items = items;
    c->volume_mounts.count = n;
}

/* mergeVolumes */
static void merge_volumes(struct merge *m, struct pod_spec *spec, const struct pod_preset_spec *s)
{
    struct volume *items = arena_array(m->arena, struct volume, spec->volumes.count + s->volumes.count + 1);
    uint32_t n = 0;
    for (; n < spec->volumes.count; n++)
        items[n] = spec->volumes.items[n];
    for (uint32_t i = 0; i < s->volumes.count; i++) {
        uint32_t k = 0;
        while (k < n && strcmp(items[k].name, s->volumes.items[i].name) != 0)
            k++;
        if (k == n)
            items[n++] = s->volumes.items[i];
        else if (!api_equal(&volume_type, &items[k], &s->volumes.items[i]))
            conflicts(m, "volumes", items[k].name, &volume_type, &items[k], &s->volumes.items[i], "");
    }
    spec->volumes.items = items;
    spec->volumes.count = n;
}

static struct container *merge_containers(struct merge *m, const struct container *list, uint32_t count,
                                          const struct pod_preset_spec *s)
{
    struct container *copy = arena_array(m->arena, struct container, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = list[i];
        merge_env(m, &copy[i], s);
        merge_env_from(m, &copy[i], s);
        merge_mounts(m, &copy[i], s);
    }
    return copy;
}

/* ---- which ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct pod_preset *const *)a)->object.meta.name,
                  (*(const struct pod_preset *const *)b)->object.meta.name);
}

/* k8s-order: presets: in order of their names. */
static uint32_t presets_of(const struct admission_request *r, const struct pod_preset ***ret_list)
{
    uint32_t cursor = 0, n = 0, room = 0;
    while (store_next(r->store, KIND_PODPRESET, &cursor))
        room++;
    const struct pod_preset **list = room ? arena_array(r->arena, const struct pod_preset *, room) : NULL;
    cursor = 0;
    for (const struct api_object *o; (o = store_next(r->store, KIND_PODPRESET, &cursor)) != NULL;) {
        const struct pod_preset *p = (const struct pod_preset *)o;
        if (strcmp(o->meta.namespace_, r->object->meta.namespace_) == 0 &&
            label_selector_matches(&p->spec.selector, &r->object->meta.labels))
            list[n++] = p;
    }
    if (n)
        qsort(list, n, sizeof *list, by_name);
    *ret_list = list;
    return n;
}

static bool is_excluded(const struct object_meta *m)
{
    const char *exclude = str_map_get(&m->annotations, ANNOTATION_PREFIX "/exclude");
    return str_map_get(&m->annotations, "kubernetes.io/config.mirror") || text_is(exclude, "true");
}

/* ---- telling ---- */

static void say_conflict(struct admission_request *r, const char *names, const char *conflict)
{
    struct arena *a = r->arena;
    const struct object_meta *m = &r->object->meta;
    struct k8s_event *e = api_new(a, &event_type, struct k8s_event);
    sim_time now = sim_now(store_sim(r->store));
    e->object.kind = KIND_EVENT;
    e->object.meta.name =
        arena_printf(a, "%s.%016" PRIx64, m->name, (uint64_t)(store_epoch(r->store) * SIM_SECOND + now));
    e->object.meta.namespace_ = m->namespace_;
    e->involved_object = (struct object_reference){
        .api_version = "v1", .kind = "Pod", .name = m->name, .namespace_ = m->namespace_, .uid = m->uid};
    e->type = "Warning";
    e->reason = "PodPreset";
    e->message = arena_printf(a, "conflict occurred while applying podpresets: %s on pod: %s err: %s", names,
                              m->generate_name ? m->generate_name : m->name, conflict);
    e->source.component = arena_printf(a, "pip %s", names);
    e->reporting_component = e->source.component;
    e->first_timestamp = e->last_timestamp = api_second(now);
    e->count = 1;
    uint32_t cause = sim_cause(store_sim(r->store));
    store_create(r->store, COMP_API_SERVER, &e->object, NULL);
    sim_set_cause(store_sim(r->store), cause);
}

void pod_preset_admit(struct admission_request *r)
{
    struct pod *p = (struct pod *)r->object;
    const struct pod_preset **list;
    uint32_t count = presets_of(r, &list);
    if (count == 0 || is_excluded(&p->object.meta)) {
        COVER(pod_preset, count ? PRESET_EXCLUDED : PRESET_NONE);
        return;
    }
    struct merge m = {.arena = r->arena};
    struct pod_spec spec = p->spec;
    const char *names = "";
    for (uint32_t i = 0; i < count; i++) {
        m.preset = list[i]->object.meta.name;
        names = arena_printf(r->arena, "%s%s%s", names, i ? "," : "", m.preset);
        spec.containers.items = merge_containers(&m, spec.containers.items, spec.containers.count, &list[i]->spec);
        spec.init_containers.items =
            merge_containers(&m, spec.init_containers.items, spec.init_containers.count, &list[i]->spec);
        merge_volumes(&m, &spec, &list[i]->spec);
    }
    if (m.conflict) {
        COVER(pod_preset, PRESET_CONFLICT);
        say_conflict(r, names, m.conflict);
        return;
    }
    COVER(pod_preset, PRESET_APPLIED);
    p->spec = spec;
    for (uint32_t i = 0; i < count; i++)
        admission_annotate(r, arena_printf(r->arena, ANNOTATION_PREFIX "/podpreset-%s", list[i]->object.meta.name),
                           list[i]->object.meta.resource_version);
    r->changed = true;
}
