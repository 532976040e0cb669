/* expectation.c - what is expected of a run: the tables of spec.expect, and what they are about. */
#include "model/expectation.h"

#include <string.h>

#include "model/check.h"
#include "model/doc_table.h"
#include "model/expectation_check.h"

#define PLAIN_TYPE(struct_type, title, table, ...) TYPE(struct_type, title, table, .plain = true, __VA_ARGS__)

#define TRAFFIC_FIELDS                                                                                                 \
    FIELD(expectation, traffic, "traffic", FIELD_STRING,                                                               \
          .doc =                                                                                                       \
              "Requests of this client of spec.traffic, or of those like this pattern; with `pod`, only those that "   \
              "got to it. `from` and `to` say when they were sent."),                                                  \
        FIELD(expectation, served, "served", FIELD_RAW, .doc = "How many requests were served: 100, \"> 100\"."),      \
        FIELD(expectation, lost, "lost", FIELD_RAW, .doc = "How many requests were lost."),                            \
        FIELD(expectation, sent, "sent", FIELD_RAW, .doc = "How many requests were sent."),                            \
        FIELD(expectation, cause, "cause", FIELD_ENUM, .values = cause_names,                                          \
              .doc =                                                                                                   \
                  "Only requests that ended so: stale-endpoint, killed-in-flight ... as podsim run -o traffic says.")

/* Sorted; ORDER TRAFFIC_FATE */
static const char *const cause_names[] = {"app-error", "killed-in-flight", "no-endpoint", "no-service",
                                          "node-dead", "not-listening",    "not-ready",   "overloaded",
                                          "served",    "stale-endpoint",   "timed-out",   "unfinished",
                                          NULL};

static const char *const state_names[] = {"running", "terminated", "waiting", NULL};

#define ABOUT_FIELDS                                                                                                   \
    FIELD(expectation, pod, "pod", FIELD_STRING,                                                                       \
          .doc = "The pod of this name; a pattern such as web-* is all of those."),                                    \
        FIELD(expectation, service, "service", FIELD_STRING, .doc = "The Service of this name."),                      \
        FIELD(expectation, node, "node", FIELD_STRING, .doc = "The node of this name."),                               \
        FIELD(expectation, object, "object", FIELD_STRING,                                                             \
              .doc = "Any object, as kubectl names it: svc/web, endpointslice/web-x7k2m."),                            \
        FIELD(expectation, objects, "objects", FIELD_STRING,                                                           \
              .doc = "All objects of a type, such as pods: it holds of each, and there is one. With `count`, of so "   \
                     "many. With `never`, of none."),                                                                  \
        FIELD(expectation, selector, "selector", FIELD_STRING,                                                         \
              .doc = "objects: those with these labels, as kubectl -l has it: app=web,tier!=db."),                     \
        FIELD(expectation, namespace_, "namespace", FIELD_STRING,                                                      \
              .doc = "Namespace of what it is about, or a pattern; default `default`.")

#define HOLDS_FIELDS                                                                                                   \
    FIELD(expectation, exists, "exists", FIELD_OPT_BOOL,                                                               \
          .doc = "true: there is one; false: there is none (any more)."),                                              \
        FIELD(expectation, phase, "phase", FIELD_RAW, .doc = "status.phase: Pending, Running, Succeeded, Failed."),    \
        FIELD(expectation, status, "status", FIELD_RAW,                                                                \
              .doc = "The column STATUS of kubectl get, such as CrashLoopBackOff."),                                   \
        FIELD(expectation, ready, "ready", FIELD_RAW, .doc = "The column READY of kubectl get, such as 1/1."),         \
        FIELD(expectation, restarts, "restarts", FIELD_RAW,                                                            \
              .doc = "Restarts of the container, or of the pod as kubectl get counts them."),                          \
        FIELD(expectation, conditions, "conditions", FIELD_RAW, .doc = "Conditions by type: {Ready: \"True\"}."),      \
        FIELD(expectation, container, "container", FIELD_STRING,                                                       \
              .doc =                                                                                                   \
                  "Which container of the pod state, reason, exitCode, restarts, event, log and happens are about."),  \
        FIELD(expectation, state, "state", FIELD_ENUM, .values = state_names,                                          \
              .doc = "State of the container: waiting, running or terminated."),                                       \
        FIELD(expectation, reason, "reason", FIELD_RAW,                                                                \
              .doc = "Reason of the container's state, such as CrashLoopBackOff; without container, of the pod's "     \
                     "status, such as Evicted."),                                                                      \
        FIELD(expectation, exit_code, "exitCode", FIELD_RAW,                                                           \
              .doc = "Exit code of the container; if it is not terminated now, of its last run."),                     \
        FIELD(expectation, endpoints, "endpoints", FIELD_RAW,                                                          \
              .doc = "Ready endpoints of the Service: names of pods in any order, or how many. Or a map of ready, "    \
                     "serving, terminating, notReady to such."),                                                       \
        FIELD(expectation, fields, "fields", FIELD_RAW,                                                                \
              .doc =                                                                                                   \
                  "Any field, by kubectl's JSONPath: {'{.status.podIP}': 10.244.1.2}. The braces may be left out."),   \
        FIELD(expectation, event, "event", FIELD_RAW,                                                                  \
              .doc =                                                                                                   \
                  "Happens: an Event of this reason about it, such as BackOff. One counted 5 happened five times."),   \
        FIELD(expectation, message, "message", FIELD_RAW,                                                              \
              .doc = "Message of the Event; a pattern such as \"*port*\"."),                                           \
        FIELD(expectation, log, "log", FIELD_STRING,                                                                   \
              .doc = "Happens: the pod prints a line with this text in it, or a line that is like this pattern."),     \
        FIELD(expectation, happens, "happens", FIELD_STRING,                                                           \
              .doc =                                                                                                   \
                  "Happens: `exit 137`, `start 1`, `signal SIGTERM`, `probe liveness failure`, `phase Failed` ..., "   \
                  "see podsim-scenario(5)."),                                                                          \
        FIELD(expectation, count, "count", FIELD_RAW,                                                                  \
              .doc = "How often it happens (default: at least once), or of how many objects it holds.")

static const struct api_field item_fields[] = {ABOUT_FIELDS, HOLDS_FIELDS};
const struct api_type expectation_item_type =
    PLAIN_TYPE(expectation, "ExpectationItem", item_fields, .validate = expectation_check_item,
               .doc = "Something that holds of objects, or happens to them.");

static const struct api_field expectation_fields[] = {
    FIELD(expectation, name, "name", FIELD_STRING, .doc = "What reports call it; default: made from what it says."),
    FIELD(expectation, at, "at", FIELD_DURATION, .doc = "At this time, after everything of that instant."),
    FIELD(expectation, within, "within", FIELD_DURATION,
          .doc = "Not later than this, counted from `after`, it becomes true (or is)."),
    FIELD(expectation, after, "after", FIELD_DURATION, .doc = "From when `within` counts; default 0."),
    FIELD(expectation, eventually, "eventually", FIELD_OPT_BOOL, .doc = "At some time it is true."),
    FIELD(expectation, never, "never", FIELD_OPT_BOOL, .doc = "At no time it is true."),
    FIELD(expectation, always, "always", FIELD_OPT_BOOL,
          .doc = "It is true of every version of the object that a watcher would have seen."),
    FIELD(expectation, from, "from", FIELD_DURATION, .doc = "eventually, never, always, count: not what was before."),
    FIELD(expectation, to, "to", FIELD_DURATION, .doc = "eventually, never, always, count: not what comes after."),
    FIELD(expectation, lasts, "for", FIELD_DURATION, .doc = "within, eventually: it holds this long without a break."),
    FIELD(expectation, tolerance, "tolerance", FIELD_DURATION, .doc = "By how much each of the times may be missed."),
    ABOUT_FIELDS,
    HOLDS_FIELDS,
    TRAFFIC_FIELDS,
    FIELD(expectation, order, "order", FIELD_LIST, .type = &expectation_item_type,
          .doc = "Instead of all that: these come true one after the other. `within` bounds the last."),
};
const struct api_type expectation_type =
    PLAIN_TYPE(expectation, "Expectation", expectation_fields, .validate = expectation_check_one,
               .doc = "What is expected of the run: when, what it is about, and what holds of it. Without a when: at "
                      "the end.");

/* ---- where they stand ---- */

void expectation_item_place(struct expectation *item, const struct value *v)
{
    item->pos = v ? v->at : SRC_POS_NONE;
    item->written = v;
    item->at = item->within = item->after = item->from = item->to = item->lasts = item->tolerance = SIM_NEVER;
}

static const struct value *item_of(const struct value *list, uint32_t i)
{
    return list && list->type == VALUE_LIST && i < list->count ? list->items[i] : list;
}

void expectations_place(expectation_list *l, const struct value *list)
{
    for (uint32_t i = 0; list && i < l->count; i++) {
        const struct value *v = item_of(list, i), *order = value_get(v, "order");
        l->items[i].pos = v->at;
        l->items[i].written = v;
        for (uint32_t k = 0; k < l->items[i].order.count; k++)
            expectation_item_place(&l->items[i].order.items[k], item_of(order, k));
    }
}

/* ---- what they are about ---- */

bool expectation_happens(const struct expectation *e) { return e->event || e->log || e->happens; }

static const char *type_suggestion(struct arena *a, const char *word)
{
    const char *words[3 * KIND_COUNT];
    size_t count = 0;
    for (int k = KIND_NONE + 1; k < KIND_COUNT; k++) {
        words[count++] = kind_infos[k].resource;
        words[count++] = kind_infos[k].singular;
        if (kind_infos[k].short_name)
            words[count++] = kind_infos[k].short_name;
    }
    const char *close = diag_closest(word, words, count);
    return close ? arena_printf(a, "did you mean \"%s\"?", close) : NULL;
}

static const char *type_of(struct arena *a, const char *word, enum api_kind *ret, const char **ret_suggestion)
{
    *ret = kind_of_resource(word);
    if (*ret != KIND_NONE)
        return NULL;
    *ret_suggestion = type_suggestion(a, word);
    return arena_printf(a, "there is no type of objects \"%s\", or it is not modelled", word);
}

static const char *named_object(struct arena *a, const char *text, struct expectation_subject *s,
                                const char **ret_suggestion)
{
    const char *slash = strchr(text, '/');
    if (!slash || slash == text || !slash[1])
        return arena_printf(a, "want TYPE/NAME such as pod/web, got \"%s\"", text);
    s->name = slash + 1;
    return type_of(a, arena_strndup(a, text, (size_t)(slash - text)), &s->kind, ret_suggestion);
}

const char *expectation_subject(struct arena *a, const struct expectation *e, struct expectation_subject *ret,
                                const char **ret_field, const char **ret_suggestion)
{
    const struct {
        const char *field, *name;
        enum api_kind kind;
    } named[] = {{"pod", e->pod, KIND_POD}, {"service", e->service, KIND_SERVICE}, {"node", e->node, KIND_NODE}};
    struct expectation_subject s = {.kind = KIND_NONE};
    const char *wrong = NULL;
    for (size_t i = 0; i < ARRAY_LEN(named); i++)
        if (named[i].name) {
            s.kind = named[i].kind;
            s.name = named[i].name;
        }
    if (e->object) {
        *ret_field = "object";
        wrong = named_object(a, e->object, &s, ret_suggestion);
    } else if (e->objects) {
        *ret_field = "objects";
        wrong = type_of(a, e->objects, &s.kind, ret_suggestion);
    }
    if (!wrong && e->selector) {
        *ret_field = "selector";
        wrong = selector_parse(a, e->selector, &s.select);
    }
    if (wrong)
        return wrong;
    if (s.kind != KIND_NONE && kind_infos[s.kind].namespaced)
        s.namespace_ = e->namespace_ ? e->namespace_ : "default";
    s.many = e->objects || (s.name && glob_is_pattern(s.name)) || (s.namespace_ && glob_is_pattern(s.namespace_));
    *ret = s;
    return NULL;
}

static bool fits(const char *pattern, const char *text)
{
    return glob_is_pattern(pattern) ? glob_matches(pattern, text) : strcmp(pattern, text) == 0;
}

bool expectation_names(const struct expectation_subject *s, const char *namespace_, const char *name)
{
    if (s->namespace_ && !fits(s->namespace_, namespace_ ? namespace_ : ""))
        return false;
    return !s->name || fits(s->name, name ? name : "");
}

/* ---- fields, endpoints ---- */

int expectation_path(struct arena *a, const char *text, const struct jsonpath **ret, struct jsonpath_error *ret_error)
{
    if (strchr(text, '{'))
        return jsonpath_parse(a, text, ret, ret_error);
    size_t dollar = text[0] == '$' && text[1] == '.';
    int result = jsonpath_parse_relaxed(a, text + dollar, ret, ret_error);
    if (result < 0)
        ret_error->at += dollar;
    return result;
}

const char *const endpoint_role_names[ENDPOINT_ROLE_COUNT] = {
    [ENDPOINTS_READY] = "ready",
    [ENDPOINTS_SERVING] = "serving",
    [ENDPOINTS_TERMINATING] = "terminating",
    [ENDPOINTS_NOT_READY] = "notReady",
};

const char *endpoints_wanted_parse(struct arena *a, const struct value *v, struct endpoints_wanted *ret)
{
    struct endpoints_wanted w = {0};
    if (v->type == VALUE_MAP)
        return "want names of pods, or a number such as \">= 2\"";
    if (v->type != VALUE_LIST) {
        const char *wrong = comparison_parse(a, v, &w.number);
        if (wrong || comparison_is_number(&w.number)) {
            *ret = w;
            return wrong;
        }
        w.number = (struct comparison){0};
    }
    uint32_t count = v->type == VALUE_LIST ? v->count : 1;
    w.names.items = arena_array(a, const char *, count + 1);
    w.names.count = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct value *name = v->type == VALUE_LIST ? v->items[i] : v;
        if (name->type != VALUE_STRING || !*name->text)
            return "want names of pods, or a number such as \">= 2\"";
        w.names.items[i] = name->text;
    }
    *ret = w;
    return NULL;
}
