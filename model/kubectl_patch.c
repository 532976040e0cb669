/* kubectl_patch.c - kubectl patch: strategic, merge (RFC 7386) and JSON patches (RFC 6902); replace; and apply,
 * which is a strategic patch made of what was applied last, what is given now, and what is there.
 *
 * A patch works on the object as a document: it is written out, patched, decoded and validated again.
 * apimachinery pkg/util/strategicpatch, evanphx/json-patch; kubectl pkg/cmd/apply/patcher.go. Left out on
 * purpose: the operations move and copy, lists of primitives that merge, directives other than
 * `$patch: delete`; apply keeps what was applied last with the object, not in an annotation.
 */
#include <string.h>

#include "model/kubectl_private.h"

/* ---- patch: documents ---- */

/* Merge key of a list of maps; NULL: the list is replaced. k8s core/v1/types.go patchMergeKey. */
static const char *merge_key(const char *field, const struct value *list)
{
    static const struct {
        const char *field, *key;
    } keys[] = {
        {"containers", "name"},
        {"initContainers", "name"},
        {"ephemeralContainers", "name"},
        {"env", "name"},
        {"volumes", "name"},
        {"imagePullSecrets", "name"},
        {"schedulingGates", "name"},
        {"conditions", "type"},
        {"volumeMounts", "mountPath"},
        {"hostAliases", "ip"},
        {"ownerReferences", "uid"},
        {"addresses", "type"},
        {"topologySpreadConstraints", "topologyKey"},
    };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (strcmp(keys[i].field, field) == 0)
            return keys[i].key;
    if (strcmp(field, "ports") == 0 && list->count)
        return value_get(list->items[0], "containerPort") ? "containerPort" : "port";
    return NULL;
}

static const struct value *find_item(const struct value *list, const char *key, const struct value *item)
{
    const struct value *want = value_get(item, key);
    for (uint32_t i = 0; want && i < list->count; i++)
        if (value_equal(value_get(list->items[i], key), want))
            return list->items[i];
    return NULL;
}

static bool is_delete(const struct value *item)
{
    const struct value *directive = value_get(item, "$patch");
    return directive && directive->text && strcmp(directive->text, "delete") == 0;
}

static const struct value *merge(struct arena *a, const struct value *from, const struct value *patch, bool strategic);

/* Elements of the patch come first when they are new, in place when they are known. */
static const struct value *merge_list(struct arena *a, const struct value *from, const struct value *patch,
                                      const char *key)
{
    struct value *list = document_new(a, VALUE_LIST, from->count + patch->count);
    for (uint32_t i = 0; i < from->count; i++) {
        const struct value *change = find_item(patch, key, from->items[i]);
        if (!change)
            document_add_item(list, from->items[i]);
        else if (!is_delete(change))
            document_add_item(list, merge(a, from->items[i], change, true));
    }
    for (uint32_t i = 0; i < patch->count; i++)
        if (!find_item(from, key, patch->items[i]) && !is_delete(patch->items[i]))
            document_add_item(list, patch->items[i]);
    return list;
}

static const struct value *merge_field(struct arena *a, const char *field, const struct value *from,
                                       const struct value *patch, bool strategic)
{
    const char *key = strategic && from && from->type == VALUE_LIST && patch->type == VALUE_LIST
                          ? merge_key(field, patch->count ? patch : from)
                          : NULL;
    if (key)
        return merge_list(a, from, patch, key);
    return merge(a, from, patch, strategic);
}

/* RFC 7386; with lists by key when `strategic`. */
static const struct value *merge(struct arena *a, const struct value *from, const struct value *patch, bool strategic)
{
    if (patch->type != VALUE_MAP)
        return patch;
    uint32_t had = from && from->type == VALUE_MAP ? from->count : 0;
    struct value *map = document_new(a, VALUE_MAP, had + patch->count);
    for (uint32_t i = 0; i < had; i++) {
        const struct value_entry *e = &from->entries[i];
        const struct value *change = value_get(patch, e->key);
        if (!change)
            document_add_entry(map, e->key, e->value);
        else if (change->type != VALUE_NULL)
            document_add_entry(map, e->key, merge_field(a, e->key, e->value, change, strategic));
    }
    for (uint32_t i = 0; i < patch->count; i++) {
        const struct value_entry *e = &patch->entries[i];
        if (e->key[0] != '$' && e->value->type != VALUE_NULL && !(had && value_get(from, e->key)))
            document_add_entry(map, e->key, merge_field(a, e->key, NULL, e->value, strategic));
    }
    return map;
}

/* ---- JSON patch, RFC 6902: add, remove, replace, test ---- */

enum json_op { JSON_ADD, JSON_REMOVE, JSON_REPLACE, JSON_TEST };

struct json_step {
    struct arena *arena;
    enum json_op op;
    const struct value *value;
    const char *error;
};

/* The token up to the next '/', unescaped. */
static const char *pointer_token(struct arena *a, const char **path)
{
    size_t n = strcspn(*path, "/");
    char *token = arena_strndup(a, *path, n);
    char *to = token;
    for (char *c = token; *c; c++) {
        if (*c == '~' && (c[1] == '0' || c[1] == '1'))
            *to++ = *++c == '0' ? '~' : '/';
        else
            *to++ = *c;
    }
    *to = '\0';
    *path += n;
    return token;
}

static const struct value *json_apply(struct json_step *s, const struct value *at, const char *path);

static const struct value *json_map(struct json_step *s, const struct value *at, const char *key, const char *rest)
{
    const struct value *old = value_get(at, key);
    struct value *map = document_new(s->arena, VALUE_MAP, at->count + 1);
    bool last = *rest == '\0';
    if (!old && (!last || s->op != JSON_ADD)) {
        s->error = "the path does not exist";
        return at;
    }
    for (uint32_t i = 0; i < at->count; i++) {
        if (strcmp(at->entries[i].key, key) != 0)
            document_add_entry(map, at->entries[i].key, at->entries[i].value);
        else if (!last || s->op == JSON_TEST)
            document_add_entry(map, key, json_apply(s, old, rest));
        else if (s->op != JSON_REMOVE)
            document_add_entry(map, key, s->value);
    }
    if (!old)
        document_add_entry(map, key, s->value);
    return map;
}

static const struct value *json_list(struct json_step *s, const struct value *at, const char *token, const char *rest)
{
    uint32_t index = 0;
    bool last = *rest == '\0', append = strcmp(token, "-") == 0;
    for (const char *c = token; *c && !append; c++) {
        if (*c < '0' || *c > '9' || index > at->count) {
            s->error = "a list index must be a number";
            return at;
        }
        index = index * 10 + (uint32_t)(*c - '0');
    }
    if (append)
        index = at->count;
    bool insert = last && s->op == JSON_ADD;
    if (index >= at->count + insert) {
        s->error = "the list index is out of bounds";
        return at;
    }
    struct value *list = document_new(s->arena, VALUE_LIST, at->count + 1);
    for (uint32_t i = 0; i <= at->count; i++) {
        if (i == index && insert)
            document_add_item(list, s->value);
        if (i == at->count)
            break;
        if (i != index || insert)
            document_add_item(list, at->items[i]);
        else if (!last || s->op == JSON_TEST)
            document_add_item(list, json_apply(s, at->items[i], rest));
        else if (s->op == JSON_REPLACE)
            document_add_item(list, s->value);
    }
    return list;
}

/* `path` begins with '/' or is empty: then it means `at` itself. */
static const struct value *json_apply(struct json_step *s, const struct value *at, const char *path)
{
    if (s->error)
        return at;
    if (*path == '\0') {
        if (s->op == JSON_TEST && !value_equal(at, s->value))
            s->error = "the test failed";
        return s->op == JSON_TEST || !s->value ? at : s->value;
    }
    if (*path != '/') {
        s->error = "a path begins with /";
        return at;
    }
    path++;
    const char *token = pointer_token(s->arena, &path);
    if (at->type == VALUE_MAP)
        return json_map(s, at, token, path);
    if (at->type == VALUE_LIST)
        return json_list(s, at, token, path);
    s->error = "the path does not exist";
    return at;
}

static const char *member_text(const struct value *map, const char *key)
{
    const struct value *v = map->type == VALUE_MAP ? value_get(map, key) : NULL;
    return v && v->text ? v->text : "";
}

static const struct value *json_patch(struct kubectl_run *r, const struct value *document, const struct value *ops)
{
    static const char *const names[] = {"add", "remove", "replace", "test"};
    for (uint32_t i = 0; i < ops->count; i++) {
        struct json_step s = {.arena = r->arena, .error = "the operation must be add, remove, replace or test"};
        const char *path = member_text(ops->items[i], "path");
        for (size_t k = 0; k < ARRAY_LEN(names); k++) {
            if (strcmp(member_text(ops->items[i], "op"), names[k]) == 0) {
                s.op = (enum json_op)k;
                s.error = NULL;
            }
        }
        s.value = ops->items[i]->type == VALUE_MAP ? value_get(ops->items[i], "value") : NULL;
        if (!s.error && !s.value && s.op != JSON_REMOVE)
            s.error = "a value is missing";
        document = json_apply(&s, document, path);
        if (s.error) {
            kubectl_fail(r,
                         "The request is invalid: the server rejected our request due to an error in our request: "
                         "%s %s: %s",
                         member_text(ops->items[i], "op"), path, s.error);
            return NULL;
        }
    }
    return document;
}

/* ---- patch: from documents back to objects ---- */

/* The first thing that is wrong, or NULL. */
static const char *first_error(struct kubectl_run *r, const struct diag_set *d)
{
    for (uint32_t i = 0; i < d->diags.count; i++) {
        const struct diag *one = pool_at(&d->diags, i);
        if (one->level == DIAG_ERROR)
            return arena_strdup(r->arena, one->message);
    }
    return NULL;
}

static struct api_object *decode_patched(struct kubectl_run *r, const struct api_object *live,
                                         const struct value *document)
{
    const struct api_type *type = kind_infos[live->kind].type;
    struct diag_set d;
    diag_init(&d);
    struct api_object *o = api_new_object(r->arena, type);
    int bad = api_decode(type, r->arena, &d, "", document, o);
    if (bad == 0) {
        api_set_defaults(type, r->arena, o);
        bad = api_validate(type, r->arena, &d, "", document, o);
    }
    const char *error = first_error(r, &d);
    diag_fini(&d);
    if (bad == 0)
        return o;
    kubectl_fail(r, "The %s \"%s\" is invalid: %s", kind_infos[live->kind].kind, live->meta.name, error ? error : "");
    return NULL;
}

/* Everything behind the head that all objects share: spec, status, data. */
static void copy_body(struct api_object *to, const struct api_object *from)
{
    size_t head = sizeof(struct api_object);
    memcpy((char *)to + head, (const char *)from + head, kind_infos[to->kind].type->size - head);
}

/* k8s pkg/registry/core/pod/strategy.go: each subresource takes its own fields and puts the others back. */
static void take_pod_part(struct kubectl_run *r, struct pod *next, const struct pod *patched)
{
    switch (r->command->subresource) {
    case SUB_STATUS:
        next->status = patched->status;
        break;
    case SUB_EPHEMERAL:
        next->spec.ephemeral_containers.items = patched->spec.ephemeral_containers.items;
        next->spec.ephemeral_containers.count = patched->spec.ephemeral_containers.count;
        break;
    case SUB_RESIZE:
        pod_take_resources(r->arena, &next->spec, &patched->spec);
        break;
    case SUB_NONE:
        break;
    }
}

/* Puts the status back, where it is a part of its own. */
static void keep_status(struct api_object *next, const struct api_object *live)
{
    const struct api_field *status = type_field(kind_infos[live->kind].type, "status");
    if (status && status->kind == FIELD_OBJECT)
        memcpy((char *)next + status->offset, (const char *)live + status->offset, status->type->size);
    else if (status && status->kind == FIELD_RAW)
        memcpy((char *)next + status->offset, (const char *)live + status->offset, sizeof(const struct value *));
}

static void take_patched(struct kubectl_run *r, const struct api_object *live, struct api_object *next,
                         const struct api_object *patched)
{
    if (r->command->subresource && live->kind == KIND_POD) {
        take_pod_part(r, (struct pod *)next, (const struct pod *)patched);
        return;
    }
    if (r->command->subresource) {
        keep_status(next, patched);
        return;
    }
    next->meta.labels = patched->meta.labels;
    next->meta.annotations = patched->meta.annotations;
    next->meta.finalizers = patched->meta.finalizers;
    next->meta.owner_references = patched->meta.owner_references;
    copy_body(next, patched);
    keep_status(next, live);
    if (live->kind == KIND_SERVICE)
        ((struct service *)next)->spec.has_selector = ((struct service *)next)->spec.selector.count > 0;
}

/* Writes what `document` says of the object; `source` = the document it comes from, NULL = as before. */
static bool change_to(struct kubectl_run *r, const struct api_object *live, const struct value *document,
                      const struct value *source, const char *done, const char *not_done)
{
    struct api_object *patched = document ? decode_patched(r, live, document) : NULL;
    bool unchanged;
    if (!patched)
        return false;
    struct api_object *next = store_edit(r->store, live);
    take_patched(r, live, next, patched);
    if (source)
        next->source = source;
    bool written = kubectl_write_if_changed(r, live, next, &unchanged);
    if (written && r->command->said)
        strbuf_puts(r->out, r->command->said);
    else if (written)
        kubectl_say(r, next, done);
    else if (unchanged && not_done)
        kubectl_say(r, live, not_done);
    return written || unchanged;
}

bool kubectl_change(struct kubectl_run *r, const struct api_object *live, const struct value *document,
                    const char *done, const char *not_done)
{
    return change_to(r, live, document, NULL, done, not_done);
}

static const struct value *document_of(struct kubectl_run *r, const struct api_object *o)
{
    return kubectl_document(r, o);
}

static void patch_one(struct kubectl_run *r, const struct api_object *live)
{
    const struct kubectl_command *c = r->command;
    /* k8s pkg/registry/core/rest/storage_core.go: pods/resize is served with its feature gate. */
    if (c->subresource == SUB_RESIZE && !store_has(r->store, FEATURE_IN_PLACE_RESIZE)) {
        kubectl_fail(r, "Error from server (NotFound): the server could not find the requested resource");
        return;
    }
    const struct value *document = document_of(r, live);
    if (c->patch_type == PATCH_JSON)
        document = json_patch(r, document, c->patch);
    else
        document = merge(r->arena, document, c->patch, c->patch_type == PATCH_STRATEGIC);
    bool edits = r->command->verb == VERB_EDIT;
    bool same = edits && document && value_equal(document, document_of(r, live));
    if (same)
        strbuf_puts(r->out, "Edit cancelled, no changes made.\n");
    else
        change_to(r, live, document, NULL, edits ? "edited" : "patched", "patched (no change)");
}

void kubectl_patch(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    for (uint32_t i = 0; i < list.count && kubectl_current(r, &list, i); i++)
        patch_one(r, list.items[i]);
}

/* ---- apply ---- */

static const struct value *null_value(struct arena *a) { return document_new(a, VALUE_NULL, 0); }

/* `key: x, $patch: delete` for an element that is given no more. */
static const struct value *deletion_of(struct arena *a, const struct value *item, const char *key)
{
    struct value *map = document_new(a, VALUE_MAP, 2);
    document_add_entry(map, key, value_get(item, key));
    document_add_entry(map, "$patch", document_text(a, "delete"));
    return map;
}

static const struct value *apply_map(struct arena *a, const struct value *last, const struct value *given);

static const struct value *apply_field(struct arena *a, const char *field, const struct value *last,
                                       const struct value *given)
{
    if (last && last->type == VALUE_MAP && given->type == VALUE_MAP)
        return apply_map(a, last, given);
    const char *key =
        last && last->type == VALUE_LIST && given->type == VALUE_LIST && last->count ? merge_key(field, last) : NULL;
    if (!key)
        return given;
    struct value *list = document_new(a, VALUE_LIST, last->count + given->count);
    for (uint32_t i = 0; i < given->count; i++) {
        const struct value *before = find_item(last, key, given->items[i]);
        document_add_item(list, before ? apply_map(a, before, given->items[i]) : given->items[i]);
    }
    for (uint32_t i = 0; i < last->count; i++)
        if (value_get(last->items[i], key) && !find_item(given, key, last->items[i]))
            document_add_item(list, deletion_of(a, last->items[i], key));
    return list;
}

/* The patch: everything that is given, and null for what was applied last and is given no more. */
static const struct value *apply_map(struct arena *a, const struct value *last, const struct value *given)
{
    struct value *patch = document_new(a, VALUE_MAP, last->count + given->count);
    for (uint32_t i = 0; i < given->count; i++)
        document_add_entry(
            patch, given->entries[i].key,
            apply_field(a, given->entries[i].key, value_get(last, given->entries[i].key), given->entries[i].value));
    for (uint32_t i = 0; i < last->count; i++)
        if (!value_get(given, last->entries[i].key))
            document_add_entry(patch, last->entries[i].key, null_value(a));
    return patch;
}

void kubectl_apply(struct kubectl_run *r, const struct api_object *given)
{
    const char *namespace_ = given->meta.namespace_   ? given->meta.namespace_
                             : r->command->namespace_ ? r->command->namespace_
                                                      : "default";
    const struct api_object *live = store_get(r->store, given->kind, namespace_, given->meta.name);
    const struct value *patch = live->source ? apply_map(r->arena, live->source, given->source) : given->source;
    const struct value *document = merge(r->arena, document_of(r, live), patch, true);
    change_to(r, live, document, given->source, "configured", "unchanged");
}

/* ---- replace ---- */

static const char *given_namespace(struct kubectl_run *r, const struct api_object *o)
{
    return o->meta.namespace_ ? o->meta.namespace_ : kubectl_namespace(r);
}

/* kubectl pkg/cmd/replace/replace.go: a PUT. What the server has set once for all stays: metadata, addresses. */
static void replace_one(struct kubectl_run *r, const struct api_object *given)
{
    const struct api_object *live =
        given->meta.name ? store_get(r->store, given->kind, given_namespace(r, given), given->meta.name) : NULL;
    if (!given->meta.name) {
        kubectl_fail(r, "error: error when replacing \"%s\": metadata.name: Required value", r->command->file);
        return;
    }
    if (!live) {
        kubectl_fail(r, "Error from server (NotFound): error when replacing \"%s\": %s \"%s\" not found",
                     r->command->file, kubectl_resource_name(r, given->kind), given->meta.name);
        return;
    }
    const struct value *document = document_of(r, given), *now = document_of(r, live);
    static const char *const kept[] = {"metadata", "spec.clusterIP", "spec.clusterIPs"};
    const struct value *labels = document_get(document, "metadata.labels"),
                       *annotations = document_get(document, "metadata.annotations");
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (document_get(now, kept[i]))
            document = document_put(r->arena, document, kept[i], document_get(now, kept[i]));
    document = document_put(r->arena, document, "metadata.labels", labels);
    document = document_put(r->arena, document, "metadata.annotations", annotations);
    change_to(r, live, document, given->source, "replaced", "replaced");
}

/* --force: forceReplace deletes them, looks every second until they are gone, and creates them. */
static bool force_step(struct kubectl_job *j, const struct watch_event *event)
{
    struct kubectl_run *r = &j->run;
    const struct kubectl_command *c = r->command;
    (void)event;
    if (j->timed_out) {
        kubectl_fail(r, "error: timed out waiting for the condition");
        return true;
    }
    for (uint32_t i = 0; i < c->objects.count; i++) {
        const struct api_object *o = c->objects.items[i];
        if (!o->meta.name || !store_get(r->store, o->kind, given_namespace(r, o), o->meta.name))
            continue;
        kubectl_job_at(j, sim_now(r->sim) + SIM_SECOND);
        return false;
    }
    for (uint32_t i = 0; i < c->objects.count; i++)
        kubectl_create(r, c->objects.items[i], "replaced");
    return true;
}

void kubectl_replace(struct kubectl_run *r)
{
    const struct kubectl_command *c = r->command;
    for (uint32_t i = 0; i < c->objects.count; i++) {
        const struct api_object *o = c->objects.items[i];
        const struct api_object *live =
            o->meta.name ? store_get(r->store, o->kind, given_namespace(r, o), o->meta.name) : NULL;
        if (!c->force)
            replace_one(r, o);
        else if (live) {
            kubectl_begin_write(r);
            store_delete(r->store, COMP_USER, live, c->grace);
            kubectl_say_deleted(r, live);
        }
    }
    if (c->force)
        kubectl_run_on(r, 0, force_step, NULL);
}
