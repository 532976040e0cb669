/* static_manifest.c - reading the files of a manifest directory.
 *
 * Mirrors k8s pkg/kubelet/config/file.go and common.go applyDefaults (v1.36): one pod per file; its UID is
 * a hash of content, node and file name, so an edited file is another pod; its name ends in the node's.
 * Left out on purpose: the URL source, lists of pods, a UID given in the file.
 */
#include "model/static_manifest.h"

#include <string.h>

#include "model/kubectl_private.h"
#include "sim/rng.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int static_manifest_read(const struct manifest_reader *r, const char *path, struct src_pos at,
                         struct static_manifest *ret_manifest)
{
    const char *text = NULL, *error = "no files can be read here";
    size_t len = 0;
    struct document_list docs = {0};
    struct pool objects; /* const struct api_object * */
    if (!r->read_file || r->read_file(r->ctx, r->arena, path, &text, &len, &error) < 0)
        return diag_report(r->diags, CODE_FILE, at, NULL, "cannot read \"%s\": %s", path, error);
    pool_init(&objects, r->arena, sizeof(const struct api_object *));
    int bad = value_parse(r->arena, r->diags, path, text, len, &docs);
    for (uint32_t i = 0; i < docs.count; i++)
        bad |= api_read_document(r->arena, r->diags, &docs.items[i], &objects);
    if (bad < 0) {
        diag_note(r->diags, at, "the file is named here");
        return -1;
    }
    const struct api_object *o = objects.count ? *(const struct api_object **)pool_at(&objects, 0) : NULL;
    if (objects.count != 1 || o->kind != KIND_POD || !o->meta.name)
        return diag_error(r->diags, at, "want a file with one Pod that has a name, got %s in \"%s\"",
                          objects.count > 1 ? "several objects"
                          : !o              ? "none"
                                            : kind_infos[o->kind].kind,
                          path);
    *ret_manifest = (struct static_manifest){base_name(path), (const struct pod *)o};
    return 0;
}

/* Kubernetes hashes its Go structure with FNV-1a/128; ours is as good a name for the same content. */
static const char *content_uid(struct arena *a, const struct static_manifest *m, const char *node)
{
    struct strbuf b = STRBUF_INIT;
    api_write_json(kind_infos[KIND_POD].type, m->pod, 0, &b, 0);
    uint64_t h = text_hash64(TEXT_HASH64, strbuf_str(&b));
    strbuf_fini(&b);
    h = text_hash64(text_hash64(h, node), m->name);
    return arena_printf(a, "%016" PRIx64 "%016" PRIx64, rng_mix(h), rng_mix(h + 1));
}

static void add_annotation(struct arena *a, str_map *map, const char *key, const char *value)
{
    struct str_pair *items = arena_array(a, struct str_pair, map->count + 1);
    uint32_t at = 0;
    while (at < map->count && strcmp(map->items[at].key, key) < 0)
        at++;
    if (map->count) {
        memcpy(items, map->items, at * sizeof *items);
        memcpy(items + at + 1, map->items + at, (map->count - at) * sizeof *items);
    }
    items[at] = (struct str_pair){key, value};
    map->items = items;
    map->count++;
}

static void tolerate_no_execute(struct arena *a, struct pod_spec *s)
{
    struct toleration *items = arena_array(a, struct toleration, s->tolerations.count + 1);
    if (s->tolerations.count)
        memcpy(items, s->tolerations.items, s->tolerations.count * sizeof *items);
    items[s->tolerations.count] = (struct toleration){.operator_ = "Exists", .effect = "NoExecute"};
    s->tolerations.items = items;
    s->tolerations.count++;
}

struct pod *static_manifest_pod(struct arena *a, const struct static_manifest *m, const char *node)
{
    const struct api_type *type = kind_infos[KIND_POD].type;
    struct pod *p = arena_new(a, struct pod);
    *p = *m->pod;
    api_copy(type, a, m->pod, p);
    struct object_meta *meta = &p->object.meta;
    p->object.kind = KIND_POD;
    p->object.source = m->pod->object.source;
    p->object.prev = NULL;
    meta->uid = content_uid(a, m, node);
    meta->name = arena_printf(a, "%s-%s", meta->name, node);
    if (!meta->namespace_)
        meta->namespace_ = "default";
    p->spec.node_name = node;
    add_annotation(a, &meta->annotations, "kubernetes.io/config.hash", meta->uid);
    add_annotation(a, &meta->annotations, "kubernetes.io/config.source", "file");
    tolerate_no_execute(a, &p->spec);
    p->status.phase = "Pending";
    p->status.qos_class = pod_qos_class(&p->spec);
    return p;
}
