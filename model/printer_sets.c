/* printer_sets.c - rows of StatefulSets, DaemonSets, their revisions and claims.
 * k8s pkg/printers/internalversion/printers.go (v1.36).
 */
#include "model/api_sets.h"
#include "model/printer_private.h"

void stateful_set_row(struct row *r, const struct api_object *o)
{
    const struct stateful_set *s = (const struct stateful_set *)o;
    strbuf_printf(r->cell, "%" PRId64 "/%" PRId64, s->status.ready_replicas, s->spec.replicas.value);
    row_flush(r);
    row_put_age(r, o->meta.creation_timestamp);
    if (r->wide)
        put_containers(r, &s->spec.template_.spec);
}

/* As labels.FormatLabels writes them. */
static void put_labels(struct row *r, const str_map *labels)
{
    for (uint32_t i = 0; i < labels->count; i++)
        strbuf_printf(r->cell, "%s%s=%s", i ? "," : "", labels->items[i].key, labels->items[i].value);
    if (labels->count == 0)
        strbuf_puts(r->cell, "<none>");
    row_flush(r);
}

void daemon_set_row(struct row *r, const struct api_object *o)
{
    const struct daemon_set *s = (const struct daemon_set *)o;
    row_put_int(r, s->status.desired_number_scheduled);
    row_put_int(r, s->status.current_number_scheduled);
    row_put_int(r, s->status.number_ready);
    row_put_int(r, s->status.updated_number_scheduled);
    row_put_int(r, s->status.number_available);
    put_labels(r, &s->spec.template_.spec.node_selector);
    row_put_age(r, o->meta.creation_timestamp);
    if (!r->wide)
        return;
    put_containers(r, &s->spec.template_.spec);
    put_selector(r, s->spec.selector);
}

void controller_revision_row(struct row *r, const struct api_object *o)
{
    for (uint32_t i = 0; i < o->meta.owner_references.count; i++) {
        const struct owner_reference *owner = &o->meta.owner_references.items[i];
        if (owner->controller.value)
            printer_name(r->cell, kind_of(owner->api_version, owner->kind), owner->name);
    }
    if (r->cell->len == 0)
        strbuf_puts(r->cell, "<none>");
    row_flush(r);
    row_put_int(r, ((const struct controller_revision *)o)->revision);
    row_put_age(r, o->meta.creation_timestamp);
}

static const char *text_in(const struct value *map, const char *key)
{
    const struct value *v = map ? value_get(map, key) : NULL;
    return v && v->text ? v->text : "";
}

/* k8s pkg/apis/core/v1/helper GetAccessModesAsString. */
static void put_access_modes(struct row *r, const struct value *modes)
{
    static const char *const names[][2] = {
        {"ReadWriteOnce", "RWO"}, {"ReadOnlyMany", "ROX"}, {"ReadWriteMany", "RWX"}, {"ReadWriteOncePod", "RWOP"}};
    for (size_t n = 0; n < ARRAY_LEN(names); n++)
        for (uint32_t i = 0; modes && i < modes->count; i++)
            if (text_is(modes->items[i]->text, names[n][0]))
                strbuf_printf(r->cell, "%s%s", r->cell->len ? "," : "", names[n][1]);
    row_flush(r);
}

/* k8s printPersistentVolumeClaim. Its size is what was asked for: nothing is known of the volume. */
void claim_row(struct row *r, const struct api_object *o)
{
    const struct persistent_volume_claim *c = (const struct persistent_volume_claim *)o;
    const struct value *requests = c->spec ? value_get(c->spec, "resources") : NULL;
    requests = requests ? value_get(requests, "requests") : NULL;
    const char *mode = text_in(c->spec, "volumeMode");
    bool bound = *text_in(c->spec, "volumeName");
    row_put(r, o->meta.deletion_timestamp == SIM_NEVER ? c->status.phase : "Terminating");
    row_put(r, text_in(c->spec, "volumeName"));
    row_put(r, bound ? text_in(requests, "storage") : "");
    put_access_modes(r, bound && c->spec ? value_get(c->spec, "accessModes") : NULL);
    row_put(r, text_in(c->spec, "storageClassName"));
    row_put(r, "<unset>");
    row_put_age(r, o->meta.creation_timestamp);
    if (r->wide)
        row_put(r, *mode ? mode : "Filesystem");
}
