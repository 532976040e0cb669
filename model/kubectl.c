/* kubectl.c - carrying out kubectl lines against the store, in kubectl's own words.
 *
 * kubectl pkg/cmd (v1.34); texts: api-objects.md sections 1.2, 7.3, 10. A command is several requests in
 * a row, all at one instant; what a request changes is committed when it is made.
 */
#include "model/kubectl_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/printer.h"

/* ---- what is said ---- */

void kubectl_begin_write(struct kubectl_run *r)
{
    sim_set_cause(r->sim, r->record);
}

void kubectl_say(struct kubectl_run *r, enum api_kind kind, const char *name, const char *what)
{
    printer_name(r->out, kind, name);
    strbuf_printf(r->out, " %s\n", what);
}

void kubectl_fail(struct kubectl_run *r, const char *format, ...)
{
    va_list args;
    char text[2048];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    strbuf_puts(r->out, text);
    strbuf_putc(r->out, '\n');
    r->code = 1;
}

/* "endpointslices.discovery.k8s.io" */
static const char *resource_name(struct kubectl_run *r, enum api_kind kind)
{
    const struct kind_info *k = &kind_infos[kind];
    return k->group && *k->group ? arena_printf(r->arena, "%s.%s", k->resource, k->group) : k->resource;
}

void kubectl_not_found(struct kubectl_run *r, enum api_kind kind, const char *name)
{
    if (r->command->ignore_not_found)
        return;
    kubectl_fail(r, "Error from server (NotFound): %s \"%s\" not found", resource_name(r, kind), name);
}

static const char *namespace_of(const struct kubectl_run *r)
{
    return r->command->namespace_ ? r->command->namespace_ : "default";
}

/* ---- choosing objects ---- */

static const char *field_text(const struct api_object *o, const char *path)
{
    const char *text = NULL;
    if (strcmp(path, "metadata.name") == 0) {
        text = o->meta.name;
    } else if (strcmp(path, "metadata.namespace") == 0) {
        text = o->meta.namespace_;
    } else if (o->kind == KIND_POD) {
        const struct pod *pod = (const struct pod *)o;
        text = strcmp(path, "spec.nodeName") == 0 ? pod->spec.node_name
               : strcmp(path, "status.phase") == 0 ? pod->status.phase
                                                   : NULL;
    } else if (o->kind == KIND_EVENT) {
        const struct k8s_event *e = (const struct k8s_event *)o;
        text = strcmp(path, "involvedObject.name") == 0 ? e->involved_object.name
               : strcmp(path, "reason") == 0            ? e->reason
               : strcmp(path, "type") == 0              ? e->type
                                                        : NULL;
    }
    return text ? text : "";
}

static bool wanted(const struct kubectl_run *r, const struct api_object *o)
{
    const struct kubectl_command *c = r->command;
    if (kind_infos[o->kind].namespaced && !c->all_namespaces && strcmp(o->meta.namespace_, namespace_of(r)) != 0)
        return false;
    if (!selector_matches(&c->select, &o->meta.labels))
        return false;
    for (uint32_t i = 0; i < c->fields.count; i++)
        if ((strcmp(field_text(o, c->fields.items[i].path), c->fields.items[i].value) == 0) == c->fields.items[i].negated)
            return false;
    return true;
}

static void add_all(struct kubectl_run *r, enum api_kind kind, struct pool *found)
{
    uint32_t cursor = 0;
    for (const struct api_object *o; (o = store_next(r->store, kind, &cursor)) != NULL;)
        if (wanted(r, o))
            *(const struct api_object **)pool_at(found, pool_add(found)) = o;
}

static void add_named(struct kubectl_run *r, enum api_kind kind, const char *namespace_, const char *name,
                      struct pool *found)
{
    const struct api_object *o = store_get(r->store, kind, namespace_, name);
    if (o)
        *(const struct api_object **)pool_at(found, pool_add(found)) = o;
    else
        kubectl_not_found(r, kind, name);
}

object_list kubectl_targets(struct kubectl_run *r)
{
    const struct kubectl_command *c = r->command;
    struct pool found; /* const struct api_object * */
    pool_init(&found, r->arena, sizeof(const struct api_object *));
    for (uint32_t i = 0; i < c->targets.count; i++) {
        if (c->targets.items[i].name)
            add_named(r, c->targets.items[i].kind, namespace_of(r), c->targets.items[i].name, &found);
        else
            add_all(r, c->targets.items[i].kind, &found);
    }
    for (uint32_t i = 0; i < c->objects.count && c->verb != VERB_EXPOSE; i++) {
        const struct api_object *o = c->objects.items[i];
        if (o->meta.name)
            add_named(r, o->kind, o->meta.namespace_ ? o->meta.namespace_ : namespace_of(r), o->meta.name, &found);
    }
    object_list list = {arena_array(r->arena, const struct api_object *, found.count + 1), found.count};
    for (uint32_t i = 0; i < found.count; i++)
        list.items[i] = *(const struct api_object **)pool_at(&found, i);
    return list;
}

/* ---- create ---- */

/* A copy that may be stored: what is given belongs to the scenario. */
static struct api_object *own_copy(struct kubectl_run *r, const struct api_object *o)
{
    struct api_object *copy = api_object_copy(r->arena, o);
    copy->ordinal = 0;
    if (kind_infos[o->kind].namespaced && !copy->meta.namespace_)
        copy->meta.namespace_ = namespace_of(r);
    return copy;
}

static bool namespace_fits(struct kubectl_run *r, const struct api_object *o)
{
    const char *own = o->meta.namespace_;
    if (!r->command->namespace_ || !own || strcmp(own, r->command->namespace_) == 0)
        return true;
    kubectl_fail(r,
                 "error: the namespace from the provided object \"%s\" does not match the namespace \"%s\". You must "
                 "pass '--namespace=%s' to perform this operation.",
                 own, r->command->namespace_, own);
    return false;
}

/* `error when creating "f.yaml": `, or nothing for objects that no file holds. */
static const char *when_creating(struct kubectl_run *r)
{
    return r->command->file ? arena_printf(r->arena, "error when creating \"%s\": ", r->command->file) : "";
}

static void create_one(struct kubectl_run *r, const struct api_object *given, const char *done)
{
    const struct api_object *stored = NULL;
    if (!namespace_fits(r, given))
        return;
    if (given->kind == KIND_POD && ((const struct pod *)given)->spec.ephemeral_containers.count) {
        kubectl_fail(r, "The Pod \"%s\" is invalid: spec.ephemeralContainers: Forbidden: cannot be set on create",
                     given->meta.name);
        return;
    }
    kubectl_begin_write(r);
    enum store_error error = store_create(r->store, COMP_USER, own_copy(r, given), &stored);
    if (error == STORE_OK)
        kubectl_say(r, given->kind, stored->meta.name, done);
    else if (error == STORE_EXISTS)
        kubectl_fail(r, "Error from server (AlreadyExists): %s%s \"%s\" already exists", when_creating(r),
                     resource_name(r, given->kind), given->meta.name);
    else
        kubectl_fail(r, "Error from server (Forbidden): %s%s \"%s\" is forbidden", when_creating(r),
                     resource_name(r, given->kind), given->meta.name);
}

static void execute_create(struct kubectl_run *r)
{
    for (uint32_t i = 0; i < r->command->objects.count; i++)
        create_one(r, r->command->objects.items[i], "created");
}

static void execute_apply(struct kubectl_run *r)
{
    for (uint32_t i = 0; i < r->command->objects.count; i++) {
        const struct api_object *o = r->command->objects.items[i];
        const char *namespace_ = o->meta.namespace_ ? o->meta.namespace_ : namespace_of(r);
        if (!o->meta.name)
            kubectl_fail(r, "error: from %s: cannot use generate name with apply", o->meta.generate_name);
        else if (store_get(r->store, o->kind, namespace_, o->meta.name))
            kubectl_apply(r, o);
        else
            create_one(r, o, "created");
    }
}

/* ---- delete ---- */

/* Since 1.34 kubectl names the namespace: `pod "web" deleted from default namespace`. */
static void say_deleted(struct kubectl_run *r, const struct api_object *o)
{
    const char *verb = r->command->grace == 0 ? "force deleted" : "deleted";
    const struct kind_info *k = &kind_infos[o->kind];
    strbuf_puts(r->out, k->singular);
    if (k->group && *k->group)
        strbuf_printf(r->out, ".%s", k->group);
    strbuf_printf(r->out, " \"%s\" %s", o->meta.name, verb);
    if (k->namespaced && store_has(r->store, FEATURE_DELETE_NAMES_NAMESPACE))
        strbuf_printf(r->out, " from %s namespace", o->meta.namespace_);
    strbuf_putc(r->out, '\n');
}

static void execute_delete(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    if (r->command->grace == 0 && r->command->force)
        strbuf_puts(r->out, "Warning: Immediate deletion does not wait for confirmation that the running resource has "
                            "been terminated. The resource may continue to run on the cluster indefinitely.\n");
    for (uint32_t i = 0; i < list.count; i++) {
        kubectl_begin_write(r);
        store_delete(r->store, COMP_USER, list.items[i], r->command->grace);
        say_deleted(r, list.items[i]);
    }
    if (list.count == 0 && r->code == 0 && !r->command->ignore_not_found)
        strbuf_puts(r->out, "No resources found\n");
}

/* ---- get ---- */

static void print_kind(struct kubectl_run *r, const object_list *list, enum api_kind kind, uint32_t flags)
{
    struct table t = TABLE_INIT;
    if (!r->command->no_headers)
        printer_header(&t, kind, flags);
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i]->kind == kind)
            printer_row(&t, store_features(r->store), list->items[i], sim_now(r->sim), flags);
    table_print(&t, r->out);
    table_fini(&t);
}

/* Objects of one kind stand together, kinds in the order asked for. */
static void print_tables(struct kubectl_run *r, const object_list *list)
{
    uint32_t flags = 0;
    if (r->command->output == OUT_WIDE)
        flags |= PRINT_WIDE;
    if (r->command->all_namespaces)
        flags |= PRINT_NAMESPACE;
    if (r->command->by_type || list->items[0]->kind != list->items[list->count - 1]->kind)
        flags |= PRINT_KIND;
    for (uint32_t i = 0; i < list->count; i++) {
        if (i && list->items[i]->kind == list->items[i - 1]->kind)
            continue;
        if (i)
            strbuf_putc(r->out, '\n');
        print_kind(r, list, list->items[i]->kind, flags);
    }
}

static bool one_named(const struct kubectl_command *c)
{
    return c->targets.count == 1 && c->targets.items[0].name;
}

static int by_key(const struct api_object *x, const struct api_object *y)
{
    const char *a = x->meta.namespace_ ? x->meta.namespace_ : "", *b = y->meta.namespace_ ? y->meta.namespace_ : "";
    int order = strcmp(a, b);
    return order ? order : strcmp(x->meta.name, y->meta.name);
}

/* The API lists each kind by etcd key: namespace, then name. An insertion sort: lists are short, and
 * mostly in order. */
static void sort_by_name(object_list *list)
{
    for (uint32_t i = 1; i < list->count; i++) {
        const struct api_object *o = list->items[i];
        uint32_t k = i;
        for (; k > 0 && list->items[k - 1]->kind == o->kind && by_key(list->items[k - 1], o) > 0; k--)
            list->items[k] = list->items[k - 1];
        list->items[k] = o;
    }
}

static bool lists(const struct kubectl_command *c)
{
    for (uint32_t i = 0; i < c->targets.count; i++)
        if (!c->targets.items[i].name)
            return true;
    return false;
}

static void execute_get(struct kubectl_run *r)
{
    const struct kubectl_command *c = r->command;
    object_list list = kubectl_targets(r);
    bool events = c->targets.count == 1 && c->targets.items[0].kind == KIND_EVENT;
    if (lists(c) && !events) /* Events come as they happened: their names begin with the object's */
        sort_by_name(&list);
    bool documents = c->output == OUT_JSON || c->output == OUT_YAML;
    if (documents && (list.count || r->code == 0)) {
        printer_documents(r->out, list.items, list.count, store_epoch(r->store), c->output == OUT_JSON, one_named(c));
        return;
    }
    if (c->output == OUT_NAME) {
        for (uint32_t i = 0; i < list.count; i++) {
            printer_name(r->out, list.items[i]->kind, list.items[i]->meta.name);
            strbuf_putc(r->out, '\n');
        }
        return;
    }
    if (list.count) {
        print_tables(r, &list);
        return;
    }
    if (r->code || c->ignore_not_found)
        return;
    bool namespaced = c->targets.count && kind_infos[c->targets.items[0].kind].namespaced;
    if (c->all_namespaces || !namespaced)
        strbuf_puts(r->out, "No resources found\n");
    else
        strbuf_printf(r->out, "No resources found in %s namespace.\n", namespace_of(r));
}

/* ---- expose ---- */

/* The first port of the pod's containers, for `expose pod` without --port. */
static int64_t container_port(const struct pod *pod)
{
    for (uint32_t i = 0; i < pod->spec.containers.count; i++)
        if (pod->spec.containers.items[i].ports.count)
            return pod->spec.containers.items[i].ports.items[0].container_port;
    return 0;
}

/* kubectl pkg/cmd/expose/expose.go: selector and port of what is exposed, unless given. */
static void execute_expose(struct kubectl_run *r)
{
    const struct kubectl_command *c = r->command;
    object_list list = kubectl_targets(r);
    if (list.count == 0 || c->objects.count == 0)
        return;
    const struct api_object *from = list.items[0];
    struct service *svc = (struct service *)own_copy(r, c->objects.items[0]);
    svc->object.meta.labels = from->meta.labels;
    if (!svc->spec.has_selector) {
        svc->spec.selector = from->kind == KIND_POD ? from->meta.labels : ((const struct service *)from)->spec.selector;
        svc->spec.has_selector = svc->spec.selector.count > 0;
    }
    if (!svc->spec.has_selector) {
        kubectl_fail(r, "error: couldn't retrieve selectors via --selector flag or introspection: the %s has no labels "
                        "and cannot be exposed",
                     kind_infos[from->kind].singular);
        return;
    }
    if (c->tail == 0) { /* no --port */
        int64_t port = from->kind == KIND_POD ? container_port((const struct pod *)from)
                       : ((const struct service *)from)->spec.ports.count
                           ? ((const struct service *)from)->spec.ports.items[0].port
                           : 0;
        if (port == 0) {
            kubectl_fail(r, "error: couldn't find port via --port flag or introspection");
            return;
        }
        struct service_port *p = arena_new(r->arena, struct service_port);
        *p = svc->spec.ports.items[0];
        if (!p->target_port.text && p->target_port.number == p->port)
            p->target_port.number = port;
        p->port = port;
        svc->spec.ports.items = p;
    }
    kubectl_begin_write(r);
    if (store_create(r->store, COMP_USER, &svc->object, NULL) == STORE_OK)
        kubectl_say(r, KIND_SERVICE, svc->object.meta.name, "exposed");
    else
        kubectl_fail(r, "Error from server (AlreadyExists): services \"%s\" already exists", svc->object.meta.name);
}

/* ---- the rest ---- */

static void execute_describe(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    sort_by_name(&list);
    for (uint32_t i = 0; i < list.count; i++) {
        strbuf_puts(r->out, i ? "\n\n" : "");
        kubectl_describe_pod(r, (const struct pod *)list.items[i]);
    }
    if (list.count == 0 && r->code == 0)
        strbuf_printf(r->out, "No resources found in %s namespace.\n", namespace_of(r));
}

static void execute_cordon(struct kubectl_run *r)
{
    kubectl_cordon(r, true);
}

static void execute_uncordon(struct kubectl_run *r)
{
    kubectl_cordon(r, false);
}

static void (*const executors[VERB_COUNT])(struct kubectl_run *) = {
    [VERB_APPLY] = execute_apply,       [VERB_CREATE] = execute_create,     [VERB_DELETE] = execute_delete,
    [VERB_EXEC] = kubectl_exec,         [VERB_LABEL] = kubectl_label,       [VERB_ANNOTATE] = kubectl_label,
    [VERB_GET] = execute_get,           [VERB_DESCRIBE] = execute_describe, [VERB_LOGS] = kubectl_logs,
    [VERB_TAINT] = kubectl_taint,       [VERB_CORDON] = execute_cordon,     [VERB_UNCORDON] = execute_uncordon,
    [VERB_PATCH] = kubectl_patch,       [VERB_RUN] = execute_create,        [VERB_EXPOSE] = execute_expose,
    [VERB_SET] = kubectl_set_image,     [VERB_DEBUG] = kubectl_patch,
};

int kubectl_execute(struct cluster *c, const struct kubectl_command *command, struct strbuf *out)
{
    struct kubectl_run r = {
        .cluster = c,
        .store = cluster_store(c),
        .sim = cluster_sim(c),
        .arena = sim_arena(cluster_sim(c)),
        .command = command,
        .record = sim_cause(cluster_sim(c)),
        .out = out,
    };
    executors[command->verb](&r);
    return r.code;
}
