/* expect_test.c - one thing said of one version of an object: its value there, and whether it is as wanted.
 *
 * STATUS, READY and RESTARTS are the columns of kubectl get (model/printer.h). Everything else is the object as the API
 * server has it.
 */
#include <stdlib.h>
#include <string.h>

#include "model/printer.h"
#include "report/expect_private.h"
#include "report/view.h"

/* ---- making ---- */

static struct comparison compiled(struct arena *a, const struct value *v)
{
    struct comparison c = {0};
    const char *wrong = comparison_parse(a, v, &c);
    ASSERT(!wrong); /* validation has seen it */
    return c;
}

static struct test *add(struct pool *tests, enum test_kind kind, const char *label, const char *name)
{
    struct test *t = pool_at(tests, pool_add(tests));
    *t = (struct test){.kind = kind, .label = label, .name = name};
    return t;
}

static void add_compared(struct arena *a, struct pool *tests, enum test_kind kind, const char *label, const char *name,
                         const struct value *v)
{
    if (v)
        add(tests, kind, label, name)->compare = compiled(a, v);
}

static void add_state(struct arena *a, struct pool *tests, const struct expectation *e)
{
    const char *name = e->container;
    if (e->state) {
        struct test *t = add(tests, TEST_STATE, "state", name);
        t->compare.text = e->state;
        t->compare.terms.items = arena_new(a, struct compare_term);
        t->compare.terms.items[0] = (struct compare_term){.op = COMPARE_EQUAL, .text = e->state};
        t->compare.terms.count = 1;
    }
    if (name) {
        add_compared(a, tests, TEST_REASON, "reason", name, e->reason);
        add_compared(a, tests, TEST_EXIT_CODE, "exit code", name, e->exit_code);
        add_compared(a, tests, TEST_CONTAINER_RESTARTS, "restarts", name, e->restarts);
    } else {
        add_compared(a, tests, TEST_POD_REASON, "reason", NULL, e->reason);
        add_compared(a, tests, TEST_RESTARTS, "restarts", NULL, e->restarts);
    }
}

static void add_endpoints(struct arena *a, struct pool *tests, enum endpoint_role role, const struct value *v)
{
    static const char *const labels[] = {
        [ENDPOINTS_READY] = "ready endpoints",
        [ENDPOINTS_SERVING] = "serving endpoints",
        [ENDPOINTS_TERMINATING] = "terminating endpoints",
        [ENDPOINTS_NOT_READY] = "endpoints that are not ready",
    };
    struct test *t = add(tests, TEST_ENDPOINTS, labels[role], NULL);
    const char *wrong = endpoints_wanted_parse(a, v, &t->endpoints);
    ASSERT(!wrong);
    t->role = role;
}

static void add_fields(struct arena *a, struct pool *tests, const struct value *fields)
{
    for (uint32_t i = 0; i < fields->count; i++) {
        struct jsonpath_error wrong;
        struct test *t = add(tests, TEST_FIELD, fields->entries[i].key, NULL);
        int result = expectation_path(a, fields->entries[i].key, &t->path, &wrong);
        ASSERT(result == 0);
        t->compare = compiled(a, fields->entries[i].value);
    }
}

void tests_make(struct claim *c)
{
    const struct expectation *e = c->said;
    struct arena *a = c->walk->arena;
    struct pool tests;
    pool_init(&tests, a, sizeof(struct test));
    add_compared(a, &tests, TEST_PHASE, "phase", NULL, e->phase);
    add_compared(a, &tests, TEST_COLUMN, "status", "STATUS", e->status);
    add_compared(a, &tests, TEST_COLUMN, "ready", "READY", e->ready);
    for (uint32_t i = 0; e->conditions && i < e->conditions->count; i++)
        add_compared(a, &tests, TEST_CONDITION, e->conditions->entries[i].key, e->conditions->entries[i].key,
                     e->conditions->entries[i].value);
    add_state(a, &tests, e);
    for (int r = 0; e->endpoints && r < ENDPOINT_ROLE_COUNT; r++) {
        const struct value *v = value_get(e->endpoints, endpoint_role_names[r]);
        if (r == ENDPOINTS_READY && e->endpoints->type != VALUE_MAP)
            v = e->endpoints;
        if (v)
            add_endpoints(a, &tests, (enum endpoint_role)r, v);
    }
    if (e->fields)
        add_fields(a, &tests, e->fields);
    c->tests.items = arena_array(a, struct test, tests.count + 1);
    c->tests.count = tests.count;
    for (uint32_t i = 0; i < tests.count; i++)
        c->tests.items[i] = *(const struct test *)pool_at(&tests, i);
}

/* ---- values ---- */

static const struct value *as_document(const struct claim *c, const struct api_object *o)
{
    return api_to_value(kind_infos[o->kind].type, &c->walk->scratch, o, c->walk->run->epoch);
}

static const char *scalar_text(struct arena *a, const struct value *v)
{
    if (!v || v->type == VALUE_NULL || v->type == VALUE_LIST || v->type == VALUE_MAP)
        return NULL;
    return v->type == VALUE_INT ? arena_printf(a, "%" PRId64, v->integer) : v->text;
}

static const char *phase_of(const struct claim *c, const struct api_object *o)
{
    if (o->kind == KIND_POD)
        return ((const struct pod *)o)->status.phase;
    return scalar_text(&c->walk->scratch, value_get(value_get(as_document(c, o), "status"), "phase"));
}

/* The cell of a table below this header. Columns are parted by at least two blanks, cells hold no such. */
static const char *cell_below(struct arena *a, const char *text, const char *header)
{
    const char *row = strchr(text, '\n');
    const char *h = strstr(text, header);
    while (h && h < row && !((h == text || h[-1] == ' ') && (h[strlen(header)] == ' ' || h[strlen(header)] == '\n')))
        h = strstr(h + 1, header);
    if (!row || !h || h > row || (size_t)(h - text) >= strcspn(row + 1, "\n"))
        return NULL;
    const char *cell = row + 1 + (h - text);
    size_t n = 0;
    while (cell[n] && cell[n] != '\n' && !(cell[n] == ' ' && (cell[n + 1] == ' ' || !cell[n + 1])))
        n++;
    return arena_strndup(a, cell, n);
}

static const char *column_of(const struct claim *c, const char *header, const struct api_object *o)
{
    struct arena *a = &c->walk->scratch;
    if (o->kind == KIND_POD) {
        struct pod_columns now;
        printer_pod_columns((const struct pod *)o, c->walk->run->features, &now);
        return strcmp(header, "READY") == 0 ? arena_printf(a, "%" PRIu32 "/%" PRIu32, now.ready, now.total)
                                            : arena_strdup(a, now.status);
    }
    struct table t = TABLE_INIT;
    struct strbuf b = STRBUF_INIT;
    printer_header(&t, c->walk->run->features, o->kind, 0);
    printer_row(&t, c->walk->run->features, o, c->walk->run->epoch, 0, 0);
    table_print(&t, &b);
    const char *cell = cell_below(a, strbuf_str(&b), header);
    strbuf_fini(&b);
    table_fini(&t);
    return cell;
}

static const char *condition_of(const struct claim *c, const char *type, const struct api_object *o)
{
    if (o->kind == KIND_POD) {
        const struct pod_condition *found = pod_condition_find((const struct pod *)o, type);
        return found ? found->status : NULL;
    }
    const struct value *list = value_get(value_get(as_document(c, o), "status"), "conditions");
    for (uint32_t i = 0; list && list->type == VALUE_LIST && i < list->count; i++) {
        const struct value *t = value_get(list->items[i], "type");
        if (t && text_is(t->text, type))
            return scalar_text(&c->walk->scratch, value_get(list->items[i], "status"));
    }
    return NULL;
}

static const char *state_of(const struct container_status *s)
{
    return s->state.running ? "running" : s->state.terminated ? "terminated" : "waiting";
}

static const char *reason_of(const struct container_status *s)
{
    return s->state.terminated ? s->state.terminated->reason : s->state.waiting ? s->state.waiting->reason : NULL;
}

static const char *exit_code_of(struct arena *a, const struct container_status *s)
{
    const struct container_state_terminated *t = s->state.terminated ? s->state.terminated : s->last_state.terminated;
    return t ? arena_printf(a, "%" PRId64, t->exit_code) : NULL;
}

static const char *container_value(const struct claim *c, const struct test *t, const struct pod *p)
{
    const struct container_status *s = view_status(p, t->name);
    if (!s)
        return NULL;
    switch (t->kind) {
    case TEST_STATE:
        return state_of(s);
    case TEST_REASON:
        return reason_of(s);
    case TEST_EXIT_CODE:
        return exit_code_of(&c->walk->scratch, s);
    default:
        return arena_printf(&c->walk->scratch, "%" PRId64, s->restart_count);
    }
}

static const char *restarts_of(const struct claim *c, const struct pod *p)
{
    struct pod_columns now;
    printer_pod_columns(p, c->walk->run->features, &now);
    return arena_printf(&c->walk->scratch, "%" PRId64, now.restarts);
}

/* An error of the template is a value that nothing equals. */
static const char *field_of(const struct claim *c, const struct jsonpath *path, const struct api_object *o)
{
    struct strbuf b = STRBUF_INIT;
    const char *error = NULL, *text;
    if (jsonpath_print(path, &c->walk->scratch, as_document(c, o), &b, &error) < 0)
        text = arena_printf(&c->walk->scratch, "error: %s", error);
    else
        text = b.len ? arena_strdup(&c->walk->scratch, strbuf_str(&b)) : NULL;
    strbuf_fini(&b);
    return text;
}

/* ---- endpoints ---- */

static bool has_role(const struct endpoint *e, enum endpoint_role role)
{
    bool ready = !e->conditions.ready.set || e->conditions.ready.value; /* k8s discovery/v1: nil means true */
    switch (role) {
    case ENDPOINTS_SERVING:
        return e->conditions.serving.set ? e->conditions.serving.value : ready;
    case ENDPOINTS_TERMINATING:
        return e->conditions.terminating.value;
    case ENDPOINTS_NOT_READY:
        return !ready;
    case ENDPOINTS_READY:
    case ENDPOINT_ROLE_COUNT:
        break;
    }
    return ready;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* By pod; an endpoint that is none by address. Each once: an address of each family makes two of one pod. */
static void endpoint_names(const struct claim *c, const struct api_object *service, enum endpoint_role role,
                           str_list *ret)
{
    uint32_t room = 0;
    *ret = (str_list){0};
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < c->slices.count; i++) {
            const struct member *m = pool_at(&c->slices, i);
            const struct endpoint_slice *s = (const struct endpoint_slice *)m->version;
            if (!s || !text_is(s->object.meta.namespace_, service->meta.namespace_) ||
                !text_is(str_map_get(&s->object.meta.labels, "kubernetes.io/service-name"), service->meta.name))
                continue;
            if (pass == 0) {
                room += s->endpoints.count;
                continue;
            }
            for (uint32_t k = 0; k < s->endpoints.count; k++) {
                const struct endpoint *e = &s->endpoints.items[k];
                if (has_role(e, role))
                    ret->items[ret->count++] = e->target_ref        ? e->target_ref->name
                                               : e->addresses.count ? e->addresses.items[0]
                                                                    : "-";
            }
        }
        if (pass == 0)
            ret->items = arena_array(&c->walk->scratch, const char *, room + 1);
    }
    qsort(ret->items, ret->count, sizeof *ret->items, compare_names);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < ret->count; i++)
        if (kept == 0 || strcmp(ret->items[kept - 1], ret->items[i]) != 0)
            ret->items[kept++] = ret->items[i];
    ret->count = kept;
}

static bool fits(const char *pattern, const char *name)
{
    return glob_is_pattern(pattern) ? glob_matches(pattern, name) : strcmp(pattern, name) == 0;
}

static bool each_has_one(const str_list *patterns, const str_list *names, bool the_other_way)
{
    const str_list *each = the_other_way ? names : patterns, *one = the_other_way ? patterns : names;
    for (uint32_t i = 0; i < each->count; i++) {
        bool found = false;
        for (uint32_t k = 0; k < one->count && !found; k++)
            found = the_other_way ? fits(one->items[k], each->items[i]) : fits(each->items[i], one->items[k]);
        if (!found)
            return false;
    }
    return true;
}

static bool endpoints_hold(const struct claim *c, const struct test *t, const struct api_object *o)
{
    str_list names;
    endpoint_names(c, o, t->role, &names);
    if (t->endpoints.number.text)
        return comparison_holds_int(&t->endpoints.number, names.count);
    return each_has_one(&t->endpoints.names, &names, false) && each_has_one(&t->endpoints.names, &names, true);
}

static const char *joined(struct arena *a, const str_list *list)
{
    struct strbuf b = STRBUF_INIT;
    for (uint32_t i = 0; i < list->count; i++)
        strbuf_printf(&b, "%s%s", i ? ", " : "", list->items[i]);
    const char *text = list->count ? arena_strdup(a, strbuf_str(&b)) : "none";
    strbuf_fini(&b);
    return text;
}

static const char *endpoints_text(const struct claim *c, const struct test *t, const struct api_object *o)
{
    str_list names;
    struct arena *a = &c->walk->scratch;
    endpoint_names(c, o, t->role, &names);
    if (t->endpoints.number.text && names.count)
        return arena_printf(a, "%" PRIu32 " (%s)", names.count, joined(a, &names));
    return joined(a, &names);
}

/* ---- both ---- */

const char *test_value(const struct claim *c, const struct test *t, const struct api_object *o)
{
    switch (t->kind) {
    case TEST_PHASE:
        return phase_of(c, o);
    case TEST_COLUMN:
        return column_of(c, t->name, o);
    case TEST_RESTARTS:
        return restarts_of(c, (const struct pod *)o);
    case TEST_CONDITION:
        return condition_of(c, t->name, o);
    case TEST_POD_REASON:
        return ((const struct pod *)o)->status.reason;
    case TEST_STATE:
    case TEST_REASON:
    case TEST_EXIT_CODE:
    case TEST_CONTAINER_RESTARTS:
        return container_value(c, t, (const struct pod *)o);
    case TEST_FIELD:
        return field_of(c, t->path, o);
    case TEST_ENDPOINTS:
        break;
    }
    return endpoints_text(c, t, o);
}

bool test_holds(const struct claim *c, const struct test *t, const struct api_object *o)
{
    if (t->kind == TEST_ENDPOINTS)
        return endpoints_hold(c, t, o);
    return comparison_holds(&t->compare, &c->walk->scratch, test_value(c, t, o));
}

const char *test_wanted(struct arena *a, const struct test *t)
{
    if (t->kind != TEST_ENDPOINTS)
        return t->compare.text;
    return t->endpoints.number.text ? t->endpoints.number.text : joined(a, &t->endpoints.names);
}
