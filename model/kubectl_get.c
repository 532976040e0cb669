/* kubectl_get.c - kubectl get and events: tables with more columns, documents, JSONPath, custom columns, order.
 *
 * kubectl pkg/cmd/get/{get,sorter,customcolumn}.go, cli-runtime pkg/printers/tableprinter.go, kubectl
 * pkg/cmd/events (v1.34). What each kind's columns are: printer.c.
 */
#include <string.h>

#include "model/jsonpath.h"
#include "model/kubectl_private.h"
#include "model/printer.h"

/* ---- JSONPath: checked when the line was parsed ---- */

static const struct jsonpath *relaxed_path(struct arena *a, const char *text)
{
    const struct jsonpath *p = NULL;
    struct jsonpath_error wrong;
    int bad = jsonpath_parse_relaxed(a, text, &p, &wrong);
    ASSERT(bad == 0);
    return p;
}

static struct jsonpath_values found(struct arena *a, const struct value *document, const struct jsonpath *path)
{
    struct jsonpath_values values = {0};
    const char *error;
    if (jsonpath_find(path, a, document, &values, &error) < 0)
        values.count = 0;
    return values;
}

static const char *trimmed(struct arena *a, const char *s)
{
    s += strspn(s, " \t\n");
    size_t n = strlen(s);
    while (n && strchr(" \t\n", s[n - 1]))
        n--;
    return arena_strndup(a, s, n);
}

/* A scalar as Go prints it; NULL = it is none. */
static const char *scalar_text(struct arena *a, const struct value *v)
{
    if (v->type == VALUE_LIST || v->type == VALUE_MAP)
        return NULL;
    if (v->type == VALUE_INT)
        return arena_printf(a, "%" PRId64, v->integer);
    if (v->type == VALUE_BOOL)
        return v->boolean ? "true" : "false";
    return v->type == VALUE_NULL ? "<nil>" : v->text;
}

/* kubectl pkg/cmd/wait/json.go checkCondition: one value, and no list or map. */
bool kubectl_json_path_is(struct arena *a, const struct value *document, const char *path, const char *value)
{
    struct jsonpath_values values = found(a, document, relaxed_path(a, path));
    if (values.count != 1)
        return false;
    const char *text = scalar_text(a, values.items[0]);
    return !value || (text && strcmp(trimmed(a, text), trimmed(a, value)) == 0);
}

/* As a client sees it: with dates. */
static const struct value *dated_document(struct kubectl_run *r, const struct api_object *o)
{
    return api_to_value(kind_infos[o->kind].type, r->arena, o, store_epoch(r->store));
}

/* {apiVersion: v1, kind: List, items: [...]} */
static const struct value *list_document(struct kubectl_run *r, const object_list *list)
{
    struct value *items = document_new(r->arena, VALUE_LIST, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        document_add_item(items, dated_document(r, list->items[i]));
    const struct value *d = document_put(r->arena, NULL, "apiVersion", document_text(r->arena, "v1"));
    d = document_put(r->arena, d, "items", items);
    d = document_put(r->arena, d, "kind", document_text(r->arena, "List"));
    return document_put(r->arena, d, "metadata.resourceVersion", document_text(r->arena, ""));
}

static void print_json_path(struct kubectl_run *r, const object_list *list, bool alone)
{
    const struct jsonpath *p = NULL;
    struct jsonpath_error wrong;
    const char *error = NULL;
    if (jsonpath_parse(r->arena, r->command->output_text, &p, &wrong) < 0) {
        kubectl_fail(r, "error: error parsing jsonpath %s, %s", r->command->output_text, wrong.text);
        return;
    }
    const struct value *document =
        alone && list->count == 1 ? dated_document(r, list->items[0]) : list_document(r, list);
    if (jsonpath_print(p, r->arena, document, r->out, &error) < 0)
        kubectl_fail(r, "error: error executing jsonpath \"%s\": %s", r->command->output_text, error);
}

/* ---- custom columns ---- */

static void put_values(struct kubectl_run *r, struct table *t, const struct value *document,
                       const struct jsonpath *path)
{
    struct jsonpath_values values = found(r->arena, document, path);
    struct strbuf cell = STRBUF_INIT;
    if (values.count == 0)
        strbuf_puts(&cell, "<none>");
    for (uint32_t i = 0; i < values.count; i++) {
        const char *text = scalar_text(r->arena, values.items[i]);
        strbuf_puts(&cell, i ? "," : "");
        if (text)
            strbuf_puts(&cell, text);
        else
            value_write_json(values.items[i], &cell, 0); /* Go's map[a:b] */
    }
    table_cell(t, strbuf_str(&cell));
    strbuf_fini(&cell);
}

static void print_columns(struct kubectl_run *r, const object_list *list)
{
    struct table t = TABLE_INIT;
    const struct jsonpath *paths[TABLE_COLUMNS];
    uint32_t count = 0;
    for (const char *spec = r->command->output_text; *spec && count < TABLE_COLUMNS; count++) {
        size_t n = strcspn(spec, ","), head = strcspn(spec, ":");
        if (!r->command->no_headers)
            table_cell(&t, arena_strndup(r->arena, spec, head));
        paths[count] = relaxed_path(r->arena, arena_strndup(r->arena, spec + head + 1, n - head - 1));
        spec += n + (spec[n] == ',');
    }
    if (!r->command->no_headers)
        table_end_row(&t);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct value *document = dated_document(r, list->items[i]);
        for (uint32_t k = 0; k < count; k++)
            put_values(r, &t, document, paths[k]);
        table_end_row(&t);
    }
    table_print(&t, r->out);
    table_fini(&t);
}

/* ---- order: sorter.go ---- */

static bool value_less(struct arena *a, const struct value *x, const struct value *y)
{
    struct quantity p, q;
    if (x->type == VALUE_INT && y->type == VALUE_INT)
        return x->integer < y->integer;
    const char *s = scalar_text(a, x), *t = scalar_text(a, y);
    if (!s || !t)
        return false;
    if (!quantity_parse(a, s, &p) && !quantity_parse(a, t, &q))
        return quantity_compare(&p, &q) < 0;
    return strcmp(s, t) < 0;
}

/* k8s-order: Go's sort is not stable; here equals stay in order of their names. */
static bool sort_objects(struct kubectl_run *r, object_list *list)
{
    const struct jsonpath *path = relaxed_path(r->arena, r->command->sort_by);
    const struct value **keys = arena_array(r->arena, const struct value *, list->count + 1);
    bool any = list->count == 0;
    for (uint32_t i = 0; i < list->count; i++) {
        struct jsonpath_values v = found(r->arena, dated_document(r, list->items[i]), path);
        keys[i] = v.count ? v.items[0] : NULL;
        any = any || keys[i];
    }
    if (!any) {
        kubectl_fail(r, "error: couldn't find any field with path \"%s\" in the list of objects", r->command->sort_by);
        return false;
    }
    for (uint32_t i = 1; i < list->count; i++) {
        const struct value *key = keys[i];
        const struct api_object *o = list->items[i];
        uint32_t k = i;
        for (; k > 0 && keys[k - 1] && (!key || value_less(r->arena, key, keys[k - 1])); k--) {
            keys[k] = keys[k - 1];
            list->items[k] = list->items[k - 1];
        }
        keys[k] = key;
        list->items[k] = o;
    }
    return true;
}

/* ---- tables ---- */

static void upper_case(struct strbuf *b, const char *s)
{
    for (; *s; s++)
        strbuf_putc(b, *s >= 'a' && *s <= 'z' ? (char)(*s - 32) : *s);
}

/* -L app.kubernetes.io/name: the column is called NAME. */
static void label_headers(const struct kubectl_command *c, struct table *t)
{
    for (uint32_t i = 0; i < c->label_columns.count; i++) {
        struct strbuf b = STRBUF_INIT;
        const char *slash = strrchr(c->label_columns.items[i], '/');
        upper_case(&b, slash ? slash + 1 : c->label_columns.items[i]);
        table_cell(t, strbuf_str(&b));
        strbuf_fini(&b);
    }
    if (c->show_labels)
        table_cell(t, "LABELS");
}

static void label_cells(const struct kubectl_command *c, struct table *t, const struct api_object *o)
{
    for (uint32_t i = 0; i < c->label_columns.count; i++) {
        const char *value = str_map_get(&o->meta.labels, c->label_columns.items[i]);
        table_cell(t, value ? value : "");
    }
    if (!c->show_labels)
        return;
    struct strbuf b = STRBUF_INIT;
    for (uint32_t i = 0; i < o->meta.labels.count; i++)
        strbuf_printf(&b, "%s%s=%s", i ? "," : "", o->meta.labels.items[i].key, o->meta.labels.items[i].value);
    table_cell(t, b.len ? strbuf_str(&b) : "<none>");
    strbuf_fini(&b);
}

/* From item `at` on, those of one kind; returns the first of another. `kept`: how wide the columns have been in what
 * was printed before, in and out; NULL = nothing was. */
static uint32_t print_kind(struct kubectl_run *r, const object_list *list, uint32_t at, uint32_t flags, bool header,
                           uint32_t *kept)
{
    struct table t = TABLE_INIT;
    enum api_kind kind = list->items[at]->kind;
    if (kept)
        memcpy(t.width, kept, sizeof t.width);
    if (header) {
        printer_header_cells(&t, store_features(r->store), kind, flags);
        label_headers(r->command, &t);
        table_end_row(&t);
    }
    for (; at < list->count && list->items[at]->kind == kind; at++) {
        printer_row_cells(&t, store_features(r->store), list->items[at], store_epoch(r->store), sim_now(r->sim), flags);
        label_cells(r->command, &t, list->items[at]);
        table_end_row(&t);
    }
    table_print(&t, r->out);
    if (kept)
        memcpy(kept, t.width, sizeof t.width);
    table_fini(&t);
    return at;
}

static uint32_t table_flags(const struct kubectl_command *c, bool several_kinds)
{
    return (c->output == OUT_WIDE ? PRINT_WIDE : 0) | (c->all_namespaces ? PRINT_NAMESPACE : 0) |
           (c->by_type || c->show_kind || several_kinds ? PRINT_KIND : 0);
}

/* Objects of one kind stand together, kinds in the order asked for. */
static void print_tables(struct kubectl_run *r, const object_list *list)
{
    const struct kubectl_command *c = r->command;
    uint32_t flags = table_flags(c, list->items[0]->kind != list->items[list->count - 1]->kind);
    for (uint32_t i = 0; i < list->count;) {
        if (i)
            strbuf_putc(r->out, '\n');
        i = print_kind(r, list, i, flags, !c->no_headers, NULL);
    }
}

/* ---- get ---- */

static bool one_named(const struct kubectl_command *c)
{
    return (c->targets.count == 1 && c->targets.items[0].name && c->objects.count == 0) ||
           (c->targets.count == 0 && c->objects.count == 1);
}

void kubectl_print_objects(struct kubectl_run *r, const object_list *list, bool alone)
{
    enum kubectl_output output = r->command->output;
    if (output == OUT_JSON || output == OUT_YAML)
        printer_documents(r->out, list->items, list->count, store_epoch(r->store), output == OUT_JSON, alone);
    else if (output == OUT_JSONPATH)
        print_json_path(r, list, alone);
    else if (output == OUT_COLUMNS)
        print_columns(r, list);
    for (uint32_t i = 0; output == OUT_NAME && i < list->count; i++) {
        printer_name(r->out, list->items[i]->kind, list->items[i]->meta.name);
        strbuf_putc(r->out, '\n');
    }
}

static void none_found(struct kubectl_run *r)
{
    const struct kubectl_command *c = r->command;
    bool namespaced = false;
    for (uint32_t i = 0; i < c->targets.count; i++)
        namespaced = namespaced || kind_infos[c->targets.items[i].kind].namespaced;
    if (c->all_namespaces || !namespaced)
        strbuf_puts(r->out, "No resources found\n");
    else
        strbuf_printf(r->out, "No resources found in %s namespace.\n", kubectl_namespace(r));
}

/* ---- get --watch: kubectl pkg/cmd/get/get.go watch() ---- */

/* A line for every write of what is meant, even if it changes no column; columns never get narrower. */
struct watched {
    bool begun, header;
    uint64_t seen; /* resourceVersion of the newest object that was there when it began */
    uint32_t widths[TABLE_COLUMNS];
};

static void print_watched(struct kubectl_run *r, struct watched *w, const object_list *list)
{
    const struct kubectl_command *c = r->command;
    if (c->output != OUT_TABLE && c->output != OUT_WIDE) {
        for (uint32_t i = 0; i < list->count; i++)
            kubectl_print_objects(r, &(object_list){&list->items[i], 1}, true);
        return;
    }
    if (list->count)
        print_kind(r, list, 0, table_flags(c, false), !w->header && !c->no_headers, w->widths);
    w->header = w->header || list->count;
}

/* What is there has been listed: the watch begins after it. */
static void begin_watch(struct kubectl_run *r, struct watched *w)
{
    enum api_kind kind = r->command->targets.items[0].kind;
    uint32_t cursor = 0;
    for (const struct api_object *o; (o = store_next(r->store, kind, &cursor)) != NULL;)
        if (o->revision > w->seen)
            w->seen = o->revision;
    w->begun = true;
}

static bool news(const struct watched *w, const struct watch_event *event)
{
    return event->verb == WRITE_DELETE || event->object->revision > w->seen;
}

/* An object that is not meant any more is told once more, as one that is deleted. */
static bool watch_step(struct kubectl_job *j, const struct watch_event *event)
{
    struct watched *w = j->data;
    struct kubectl_run *r = &j->run;
    if (event && news(w, event) &&
        (kubectl_means(r, event->object) || (event->object->prev && kubectl_means(r, event->object->prev))))
        print_watched(r, w, &(object_list){&(const struct api_object *){event->object}, 1});
    if (event || w->begun)
        return false;
    begin_watch(r, w);
    object_list list = kubectl_targets(r);
    if (r->code)
        return true;
    if (!r->command->watch_only)
        print_watched(r, w, &list);
    return false;
}

static void watch(struct kubectl_run *r)
{
    kubectl_run_on(r, UINT32_C(1) << r->command->targets.items[0].kind, watch_step,
                   arena_new(r->arena, struct watched));
}

void kubectl_get(struct kubectl_run *r)
{
    const struct kubectl_command *c = r->command;
    if (c->watch) {
        watch(r);
        return;
    }
    object_list list = kubectl_targets(r);
    if (c->sort_by && !sort_objects(r, &list))
        return;
    bool table = c->output == OUT_TABLE || c->output == OUT_WIDE;
    if (!table && (list.count || r->code == 0)) {
        kubectl_print_objects(r, &list, one_named(c));
        return;
    }
    if (list.count)
        print_tables(r, &list);
    else if (r->code == 0 && !c->ignore_not_found)
        none_found(r);
}

/* ---- events ---- */

static sim_time event_time(const struct k8s_event *e)
{
    return e->last_timestamp != SIM_NEVER    ? e->last_timestamp
           : e->first_timestamp != SIM_NEVER ? e->first_timestamp
                                             : e->event_time;
}

static void sort_events(object_list *list)
{
    for (uint32_t i = 1; i < list->count; i++) {
        const struct api_object *o = list->items[i];
        uint32_t k = i;
        for (; k > 0 &&
               event_time((const struct k8s_event *)list->items[k - 1]) > event_time((const struct k8s_event *)o);
             k--)
            list->items[k] = list->items[k - 1];
        list->items[k] = o;
    }
}

/* "2m (x3 over 5m)" */
static void put_interval(struct kubectl_run *r, struct strbuf *b, const struct k8s_event *e)
{
    sim_time first = e->event_time != SIM_NEVER ? e->event_time : e->first_timestamp;
    if (e->count > 1) {
        printer_age(b, sim_now(r->sim) - e->last_timestamp);
        strbuf_printf(b, " (x%" PRId64 " over ", e->count);
        printer_age(b, sim_now(r->sim) - first);
        strbuf_putc(b, ')');
    } else if (first == SIM_NEVER) {
        strbuf_puts(b, "<unknown>");
    } else {
        printer_age(b, sim_now(r->sim) - first);
    }
}

static void put_event(struct kubectl_run *r, struct table *t, const struct k8s_event *e)
{
    struct strbuf b = STRBUF_INIT;
    if (r->command->all_namespaces)
        table_cell(t, e->object.meta.namespace_);
    put_interval(r, &b, e);
    table_cell(t, strbuf_str(&b));
    strbuf_fini(&b);
    table_cell(t, e->type ? e->type : "");
    table_cell(t, e->reason ? e->reason : "");
    table_cell(t, arena_printf(r->arena, "%s/%s", e->involved_object.kind ? e->involved_object.kind : "",
                               e->involved_object.name ? e->involved_object.name : ""));
    table_cell(t, trimmed(r->arena, e->message ? e->message : ""));
    table_end_row(t);
}

/* The rows of a table of Events; `kept` as for print_kind(). */
static void print_events(struct kubectl_run *r, const object_list *list, bool header, uint32_t *kept)
{
    static const char *const heads[] = {"LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"};
    struct table t = TABLE_INIT;
    if (kept)
        memcpy(t.width, kept, sizeof t.width);
    if (header && r->command->all_namespaces)
        table_cell(&t, "NAMESPACE");
    for (size_t i = 0; header && i < ARRAY_LEN(heads); i++)
        table_cell(&t, heads[i]);
    if (header)
        table_end_row(&t);
    for (uint32_t i = 0; i < list->count; i++)
        put_event(r, &t, (const struct k8s_event *)list->items[i]);
    table_print(&t, r->out);
    if (kept)
        memcpy(kept, t.width, sizeof t.width);
    table_fini(&t);
}

/* kubectl pkg/cmd/events/events.go runWatch(): what is there first, in order of time, then each as it comes. */
static bool watch_events_step(struct kubectl_job *j, const struct watch_event *event)
{
    struct watched *w = j->data;
    struct kubectl_run *r = &j->run;
    object_list list = {&(const struct api_object *){event ? event->object : NULL}, 1};
    if (event && (event->verb == WRITE_DELETE || !news(w, event) || !kubectl_means(r, event->object)))
        return false;
    if (!event && w->begun)
        return false;
    if (!event) {
        list = kubectl_targets(r);
        sort_events(&list);
        begin_watch(r, w);
    }
    if (r->command->output != OUT_TABLE)
        for (uint32_t i = 0; i < list.count; i++)
            kubectl_print_objects(r, &(object_list){&list.items[i], 1}, true);
    else if (list.count)
        print_events(r, &list, !w->header && !r->command->no_headers, w->widths);
    w->header = w->header || list.count;
    return false;
}

void kubectl_events(struct kubectl_run *r)
{
    if (r->command->watch) {
        kubectl_run_on(r, UINT32_C(1) << KIND_EVENT, watch_events_step, arena_new(r->arena, struct watched));
        return;
    }
    object_list list = kubectl_targets(r);
    if (list.count == 0 && r->command->all_namespaces)
        strbuf_puts(r->out, "No events found.\n");
    else if (list.count == 0)
        strbuf_printf(r->out, "No events found in %s namespace.\n", kubectl_namespace(r));
    if (list.count == 0)
        return;
    sort_events(&list);
    if (r->command->output != OUT_TABLE)
        kubectl_print_objects(r, &list, false);
    else
        print_events(r, &list, !r->command->no_headers, NULL);
}
