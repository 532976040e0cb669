/* kubectl_set.c - kubectl set and scale: changes of pods and of the pod templates of workloads.
 *
 * kubectl pkg/cmd/set/{set_image,set_env,set_resources,set_selector,set_serviceaccount}.go, pkg/cmd/scale (v1.34).
 * The object is changed as a document, whatever kind has a pod template. Left out on purpose: values from ConfigMaps
 * and Secrets (set env --from), scale --timeout.
 */
#include <string.h>

#include "model/kubectl_private.h"

/* ---- pod specs ---- */

static const char *path_in_pod(struct kubectl_run *r, enum api_kind kind, const char *field)
{
    const char *template = pod_template_path(kind);
    return arena_printf(r->arena, "%s%sspec%s%s", template, *template ? "." : "", *field ? "." : "", field);
}

/* Go's path.Match, as far as container names need it: '*' and '?'. */
static bool name_matches(const char *pattern, const char *name)
{
    if (*pattern == '*')
        return name_matches(pattern + 1, name) || (*name && name_matches(pattern, name + 1));
    if (*pattern == '\0' || *name == '\0')
        return *pattern == *name;
    return (*pattern == '?' || *pattern == *name) && name_matches(pattern + 1, name + 1);
}

/* Makes the new container; NULL after an error. */
typedef const struct value *change_container(struct kubectl_run *r, const struct value *container, const void *what);

/* `found` counts the containers that the pattern means. */
static const struct value *change_list(struct kubectl_run *r, const struct value *document, const char *path,
                                       const char *pattern, change_container *change, const void *what, uint32_t *found)
{
    const struct value *list = document_get(document, path);
    if (!list || list->type != VALUE_LIST)
        return document;
    struct value *next = document_new(r->arena, VALUE_LIST, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct value *c = list->items[i];
        if (name_matches(pattern, document_string(c, "name"))) {
            c = change(r, c, what);
            ++*found;
        }
        if (!c)
            return NULL;
        document_add_item(next, c);
    }
    return document_put(r->arena, document, path, next);
}

static void no_objects(struct kubectl_run *r, const object_list *list)
{
    if (list->count == 0 && r->code == 0)
        strbuf_puts(r->out, "No resources found\n");
}

/* ---- image ---- */

static const struct value *change_image(struct kubectl_run *r, const struct value *container, const void *what)
{
    return document_put(r->arena, container, "image", document_text(r->arena, what));
}

static void set_image_one(struct kubectl_run *r, const struct api_object *live)
{
    const struct kubectl_command *c = r->command;
    const struct value *document = kubectl_document(r, live);
    for (uint32_t i = 0; i < c->changes.count; i++) {
        const struct change *ch = &c->changes.items[i];
        uint32_t found = 0;
        document = change_list(r, document, path_in_pod(r, live->kind, "initContainers"), ch->key, change_image,
                               ch->value, &found);
        document = change_list(r, document, path_in_pod(r, live->kind, "containers"), ch->key, change_image, ch->value,
                               &found);
        if (found || strcmp(ch->key, "*") == 0)
            continue;
        kubectl_fail(r, "error: unable to find container named \"%s\"", ch->key);
        return;
    }
    kubectl_change(r, live, document, "image updated", NULL);
}

void kubectl_set_image(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    for (uint32_t i = 0; i < list.count && kubectl_current(r, &list, i); i++)
        set_image_one(r, list.items[i]);
}

/* ---- env ---- */

static const struct value *find_env(const struct value *list, const char *name)
{
    for (uint32_t i = 0; list && i < list->count; i++)
        if (strcmp(document_string(list->items[i], "name"), name) == 0)
            return list->items[i];
    return NULL;
}

/* k8s set/env updateEnv: removed ones go, known ones change in place, new ones come last. */
static const struct value *put_env(struct kubectl_run *r, const struct value *list, const struct change *ch)
{
    struct arena *a = r->arena;
    struct value *next = document_new(a, VALUE_LIST, (list ? list->count : 0) + 1);
    struct value *entry = document_new(a, VALUE_MAP, 2);
    document_add_entry(entry, "name", document_text(a, ch->key));
    if (ch->value && *ch->value)
        document_add_entry(entry, "value", document_text(a, ch->value));
    bool known = false;
    for (uint32_t i = 0; list && i < list->count; i++) {
        bool this = strcmp(document_string(list->items[i], "name"), ch->key) == 0;
        known = known || this;
        if (!this)
            document_add_item(next, list->items[i]);
        else if (ch->value)
            document_add_item(next, entry);
    }
    if (!known && ch->value)
        document_add_item(next, entry);
    return next;
}

static const struct value *change_env(struct kubectl_run *r, const struct value *container, const void *what)
{
    const struct kubectl_command *c = r->command;
    const struct value *list = document_get(container, "env");
    (void)what;
    for (uint32_t i = 0; i < c->changes.count; i++) {
        const struct change *ch = &c->changes.items[i];
        const struct value *old = find_env(list, ch->key);
        if (old && ch->value && !c->overwrite) {
            kubectl_fail(r, "error: '%s' already has a value (%s), and --overwrite is false", ch->key,
                         document_string(old, "value"));
            return NULL;
        }
        list = put_env(r, list, ch);
    }
    return document_put(r->arena, container, "env", list && list->count ? list : NULL);
}

static void list_env(struct kubectl_run *r, const struct api_object *o, const char *pattern)
{
    const struct value *list = document_get(kubectl_document(r, o), path_in_pod(r, o->kind, "containers"));
    for (uint32_t i = 0; list && i < list->count; i++) {
        const struct value *c = list->items[i], *env = document_get(c, "env");
        if (!name_matches(pattern, document_string(c, "name")))
            continue;
        strbuf_printf(r->out, "# %s %s, container %s\n", kind_infos[o->kind].kind, o->meta.name,
                      document_string(c, "name"));
        for (uint32_t k = 0; env && k < env->count; k++) {
            const char *name = document_string(env->items[k], "name");
            if (document_get(env->items[k], "valueFrom"))
                strbuf_printf(r->out, "# %s from a reference\n", name);
            else
                strbuf_printf(r->out, "%s=%s\n", name, document_string(env->items[k], "value"));
        }
    }
}

void kubectl_set_env(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    const char *pattern = r->command->container ? r->command->container : "*";
    for (uint32_t i = 0; i < list.count; i++) {
        if (!kubectl_current(r, &list, i))
            continue;
        const struct api_object *o = list.items[i];
        uint32_t found = 0;
        if (r->command->list) {
            list_env(r, o, pattern);
            continue;
        }
        const struct value *document = kubectl_document(r, o);
        document =
            change_list(r, document, path_in_pod(r, o->kind, "initContainers"), pattern, change_env, NULL, &found);
        if (document)
            document =
                change_list(r, document, path_in_pod(r, o->kind, "containers"), pattern, change_env, NULL, &found);
        if (document && found == 0)
            strbuf_printf(r->out, "warning: %s/%s does not have any containers matching \"%s\"\n",
                          kind_infos[o->kind].kind, o->meta.name, pattern);
        else if (document)
            kubectl_change(r, o, document, "env updated", NULL);
    }
    no_objects(r, &list);
}

/* ---- resources ---- */

static const struct value *put_amounts(struct kubectl_run *r, const struct value *container, const char *path,
                                       const str_map *amounts)
{
    for (uint32_t i = 0; i < amounts->count; i++)
        container =
            document_put(r->arena, container, arena_printf(r->arena, "resources.%s.%s", path, amounts->items[i].key),
                         document_text(r->arena, amounts->items[i].value));
    return container;
}

static const struct value *change_resources(struct kubectl_run *r, const struct value *container, const void *what)
{
    (void)what;
    container = put_amounts(r, container, "limits", &r->command->limits);
    return put_amounts(r, container, "requests", &r->command->requests);
}

void kubectl_set_resources(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    const char *pattern = r->command->container ? r->command->container : "*";
    for (uint32_t i = 0; i < list.count; i++) {
        if (!kubectl_current(r, &list, i))
            continue;
        const struct api_object *o = list.items[i];
        uint32_t found = 0;
        const struct value *document = change_list(r, kubectl_document(r, o), path_in_pod(r, o->kind, "containers"),
                                                   pattern, change_resources, NULL, &found);
        if (found == 0)
            kubectl_fail(r, "error: unable to find container named %s", pattern);
        else
            kubectl_change(r, o, document, "resource requirements updated", NULL);
    }
    no_objects(r, &list);
}

/* ---- selector, serviceaccount ---- */

void kubectl_set_selector(struct kubectl_run *r)
{
    const struct kubectl_command *c = r->command;
    struct kubectl_command all = *c;
    struct kubectl_run find = *r;
    all.select.count = 0; /* what is set, not what is looked for */
    find.command = &all;
    object_list list = kubectl_targets(&find);
    r->code = find.code;
    struct value *map = document_new(r->arena, VALUE_MAP, c->select.count);
    for (uint32_t i = 0; i < c->select.count; i++)
        document_add_entry(map, c->select.items[i].key, document_text(r->arena, c->select.items[i].values.items[0]));
    for (uint32_t i = 0; i < list.count && kubectl_current(r, &list, i); i++)
        kubectl_change(r, list.items[i],
                       document_put(r->arena, kubectl_document(r, list.items[i]), "spec.selector", map),
                       "selector updated", "selector updated");
}

void kubectl_set_service_account(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    for (uint32_t i = 0; i < list.count; i++) {
        if (!kubectl_current(r, &list, i))
            continue;
        const struct api_object *o = list.items[i];
        const struct value *name = document_text(r->arena, r->command->changes.items[0].value), *document;
        document = document_put(r->arena, kubectl_document(r, o), path_in_pod(r, o->kind, "serviceAccountName"), name);
        document = document_put(r->arena, document, path_in_pod(r, o->kind, "serviceAccount"), name);
        kubectl_change(r, o, document, "serviceaccount updated", "serviceaccount updated");
    }
    no_objects(r, &list);
}

/* ---- scale ---- */

void kubectl_scale(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    const struct kubectl_command *c = r->command;
    for (uint32_t i = 0; i < list.count; i++) {
        if (!kubectl_current(r, &list, i))
            continue;
        const struct api_object *o = list.items[i];
        const struct value *document = kubectl_document(r, o);
        int64_t now = document_number(document, "spec.replicas", 1);
        if (c->current_replicas >= 0 && now != c->current_replicas) {
            kubectl_fail(r, "error: Expected replicas to be %" PRId64 ", was %" PRId64, c->current_replicas, now);
            continue;
        }
        document = document_put(r->arena, document, "spec.replicas", document_integer(r->arena, c->replicas));
        kubectl_change(r, o, document, "scaled", "scaled");
    }
    if (list.count == 0 && r->code == 0)
        kubectl_fail(r, "error: no objects passed to scale");
}
