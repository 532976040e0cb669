/* lines_workload.c - workloads and Services as fields, in the recorder's vocabulary: what users set of their spec, and
 * every field of the status.
 */
#include "tests/conformance/lines.h"

#include <string.h>

#include "model/apitype_private.h"

static const char *const kinds[] = {"pod/",        "endpointslice/", "service/",     "deployment/",
                                    "replicaset/", "job/",           "statefulset/", "daemonset/"};

bool lines_has_kind(const char *object)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strncmp(object, kinds[i], strlen(kinds[i])) == 0)
            return true;
    return false;
}

const char *lines_flat(struct arena *a, const struct value *v)
{
    if (!v || v->type == VALUE_NULL)
        return NULL;
    const char *text = "";
    if (v->type == VALUE_LIST) {
        for (uint32_t i = 0; i < v->count; i++)
            text = arena_printf(a, "%s%s%s", text, i ? "," : "", lines_flat(a, v->items[i]));
        return lines_normalize(a, text);
    }
    if (v->type == VALUE_MAP) {
        for (uint32_t i = 0; i < v->count; i++)
            text =
                arena_printf(a, "%s%s%s=%s", text, i ? "," : "", v->entries[i].key, lines_flat(a, v->entries[i].value));
        return text;
    }
    return lines_normalize(a, v->text);
}

struct taker {
    struct arena *arena;
    lines_add_field *add;
    void *ctx;
};

static void take(const struct taker *t, const char *path, const struct value *v, sim_time stamp)
{
    const char *text = lines_flat(t->arena, v);
    if (text)
        t->add(t->ctx, path, text, stamp);
}

/* The document is written with an epoch of 0: its dates are times of the run. */
static sim_time date(const struct value *v)
{
    sim_time at;
    return v && v->text && parse_rfc3339(v->text, &at) ? at : SIM_NEVER;
}

static void take_condition(const struct taker *t, const struct value *c)
{
    static const char *const fields[] = {"status", "reason", "message"};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        take(t, arena_printf(t->arena, "status.conditions.%s.%s", value_get(c, "type")->text, fields[i]),
             value_get(c, fields[i]), i == 0 ? date(value_get(c, "lastTransitionTime")) : SIM_NEVER);
}

static void take_status(const struct taker *t, const struct value *status)
{
    for (uint32_t i = 0; status && i < status->count; i++) {
        const struct value_entry *e = &status->entries[i];
        if (strcmp(e->key, "conditions") == 0)
            for (uint32_t k = 0; k < e->value->count; k++)
                take_condition(t, e->value->items[k]);
        else if (!lines_is_stamp(arena_printf(t->arena, "status.%s", e->key)))
            take(t, arena_printf(t->arena, "status.%s", e->key), e->value, SIM_NEVER);
    }
}

static void take_images(const struct taker *t, const struct value *pod)
{
    const struct value *containers = value_get(pod, "containers");
    const char *text = "";
    for (uint32_t i = 0; containers && i < containers->count; i++)
        text = arena_printf(t->arena, "%s%s%s", text, i ? "," : "", value_get(containers->items[i], "image")->text);
    t->add(t->ctx, "spec.template.images", text, SIM_NEVER);
}

static void take_spec(const struct taker *t, const struct value *spec)
{
    static const char *const fields[] = {"replicas", "minReadySeconds", "completions", "parallelism", "suspend"};
    for (size_t i = 0; spec && i < ARRAY_LEN(fields); i++)
        take(t, arena_printf(t->arena, "spec.%s", fields[i]), value_get(spec, fields[i]), SIM_NEVER);
    if (value_get(spec, "template"))
        take_images(t, value_get(value_get(spec, "template"), "spec"));
}

void lines_of_workload(struct arena *a, const struct api_object *o, lines_add_field *add, void *ctx)
{
    struct strbuf b = STRBUF_INIT;
    struct diag_set d;
    struct document_list docs;
    api_write_json(kind_infos[o->kind].type, o, 0, &b, 0);
    diag_init(&d);
    if (value_parse(a, &d, "object", strbuf_str(&b), b.len, &docs) != 0 || docs.count != 1)
        sim_die("an object cannot be read again");
    diag_fini(&d);
    strbuf_fini(&b);
    const struct taker t = {a, add, ctx};
    const struct value *meta = value_get(docs.items[0].root, "metadata");
    take(&t, "metadata.revision", value_get(value_get(meta, "annotations"), "deployment.kubernetes.io/revision"),
         SIM_NEVER);
    take(&t, "metadata.finalizers", value_get(meta, "finalizers"), SIM_NEVER);
    take(&t, "metadata.deletionGracePeriodSeconds", value_get(meta, "deletionGracePeriodSeconds"),
         o->meta.deletion_timestamp);
    if (o->kind == KIND_SERVICE)
        return;
    take_spec(&t, value_get(docs.items[0].root, "spec"));
    take_status(&t, value_get(docs.items[0].root, "status"));
}
