/* expectation_check.c - what the tables of expectations cannot say: what goes together, comparisons, paths, facts. */
#include "model/expectation_check.h"

#include <stdlib.h>
#include <string.h>

#include "model/check.h"
#include "model/expectation.h"
#include "model/printer.h"
#include "model/vocabulary.h"

/* ---- single values ---- */

static bool check_comparison(struct check *c, const struct value *v, bool number, struct comparison *ret)
{
    const char *wrong = comparison_parse(c->run->arena, v, ret);
    if (wrong)
        check_report(c, NULL, "%s", wrong);
    else if (number && !comparison_is_number(ret))
        check_report(c, NULL, "want a number or a comparison such as \">= 2\", got \"%s\"", ret->text);
    else
        return true;
    return false;
}

static void check_value(struct check *c, const struct value *v, bool number)
{
    struct comparison ignored;
    if (v)
        check_comparison(c, v, number, &ignored);
}

/* A value that can only be one of these. */
static void check_words(struct check *c, const struct value *v, const char *const *words)
{
    struct comparison parsed;
    if (!v || !check_comparison(c, v, false, &parsed))
        return;
    for (uint32_t i = 0; i < parsed.terms.count; i++) {
        const struct compare_term *t = &parsed.terms.items[i];
        bool known = t->op != COMPARE_EQUAL && t->op != COMPARE_NOT;
        for (size_t k = 0; words[k] && !known; k++)
            known = strcmp(words[k], t->text) == 0;
        if (!known)
            check_unsupported(v->type == VALUE_LIST ? AT_ITEM(c, i) : c, t->text, words);
    }
}

static void check_spelling(struct check *c, enum vocabulary words, const char *word)
{
    const char *meant = vocabulary_meant(c->run->arena, words, word);
    if (meant)
        check_report_as(c, CODE_UNSUPPORTED, arena_printf(c->run->arena, "did you mean \"%s\"?", meant),
                        "no cluster says \"%s\"", word);
}

/* Any words, but none that is nearly one of these. */
static void check_spellings(struct check *c, const struct value *v, enum vocabulary words)
{
    struct comparison parsed;
    if (!v || !check_comparison(c, v, false, &parsed))
        return;
    for (uint32_t i = 0; i < parsed.terms.count; i++) {
        const struct compare_term *t = &parsed.terms.items[i];
        if (t->op == COMPARE_EQUAL || t->op == COMPARE_NOT)
            check_spelling(v->type == VALUE_LIST ? AT_ITEM(c, i) : c, words, t->text);
    }
}

/* "1/2" */
static bool is_ready_text(const char *text)
{
    size_t ready = strspn(text, "0123456789"),
           all = ready && text[ready] == '/' ? strspn(text + ready + 1, "0123456789") : 0;
    return all && text[ready + 1 + all] == '\0';
}

/* The column READY: so many of so many; of ReplicaSets, a number. */
static void check_ready(struct check *c, const struct value *v, enum api_kind kind)
{
    struct comparison parsed;
    if (!v || !check_comparison(c, v, kind == KIND_REPLICASET || kind == KIND_REPLICATIONCONTROLLER, &parsed))
        return;
    for (uint32_t i = 0; i < parsed.terms.count && (kind == KIND_POD || kind == KIND_DEPLOYMENT || kind == KIND_STATEFULSET); i++) {
        const struct compare_term *t = &parsed.terms.items[i];
        struct check *at = v->type == VALUE_LIST ? AT_ITEM(c, i) : c;
        if (t->op == COMPARE_GLOB || t->op == COMPARE_NOT_GLOB)
            continue;
        if (t->op >= COMPARE_LESS || !is_ready_text(t->text))
            check_report(at, NULL, "want how many of how many are ready, such as 1/2, got \"%s\"",
                         t->text ? t->text : parsed.text);
        else if (kind == KIND_POD && strtoll(t->text, NULL, 10) > strtoll(strchr(t->text, '/') + 1, NULL, 10))
            check_report(at, NULL, "of so many containers not more can be ready: %s", t->text);
    }
}

/* Types of conditions by kind; false = anything. */
static bool conditions_of(enum api_kind kind, enum vocabulary *ret)
{
    static const struct {
        enum api_kind kind;
        enum vocabulary words;
    } rows[] = {
        {KIND_POD, VOCABULARY_POD_CONDITIONS},
        {KIND_NODE, VOCABULARY_NODE_CONDITIONS},
        {KIND_NAMESPACE, VOCABULARY_NAMESPACE_CONDITIONS},
        {KIND_DEPLOYMENT, VOCABULARY_DEPLOYMENT_CONDITIONS},
        {KIND_REPLICASET, VOCABULARY_REPLICA_SET_CONDITIONS},
        {KIND_REPLICATIONCONTROLLER, VOCABULARY_REPLICA_SET_CONDITIONS},
        {KIND_JOB, VOCABULARY_JOB_CONDITIONS},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].kind == kind) {
            *ret = rows[i].words;
            return true;
        }
    return false;
}

static void check_condition_type(struct check *c, const struct value_entry *e, enum api_kind kind)
{
    enum vocabulary words;
    const char *meant = NULL;
    if (conditions_of(kind, &words))
        meant = vocabulary_meant(c->run->arena, words, e->key);
    if (meant)
        check_report_bare(c, CODE_UNSUPPORTED, e->key_at, arena_printf(c->run->arena, "did you mean \"%s\"?", meant),
                          "%s: a %s has no condition \"%s\"", check_path(c), kind_infos[kind].singular, e->key);
}

static void check_condition_types(struct check *c, const struct value *v, enum api_kind kind)
{
    for (uint32_t i = 0; v && v->type == VALUE_MAP && i < v->count; i++)
        check_condition_type(c, &v->entries[i], kind);
}

/* Yes is a boolean in YAML; who writes it may as well mean a text. */
static bool is_yes_or_no(const struct value *v)
{
    return v->type == VALUE_BOOL && v->text && strpbrk("tTfF", (char[]){v->text[0], '\0'}) == NULL;
}

static void check_conditions(struct check *c, const struct value *v)
{
    if (v->type != VALUE_MAP || v->count == 0) {
        check_report(c, NULL, "want conditions by type, such as {Ready: \"True\"}");
        return;
    }
    static const char *const words[] = {"False", "True", "Unknown", "false", "true", NULL};
    for (uint32_t i = 0; i < v->count; i++) {
        const struct value *status = v->entries[i].value;
        if (is_yes_or_no(status))
            check_report(AT_KEY(c, v->entries[i].key),
                         status->boolean ? "did you mean \"True\"?" : "did you mean \"False\"?",
                         "want \"True\", \"False\" or \"Unknown\"; %s is a boolean in YAML", status->text);
        else
            check_words(AT_KEY(c, v->entries[i].key), status, words);
    }
}

static void check_endpoints(struct check *c, const struct value *v)
{
    struct endpoints_wanted ignored;
    const char *wrong;
    if (v->type != VALUE_MAP) {
        if ((wrong = endpoints_wanted_parse(c->run->arena, v, &ignored)))
            check_report(c, NULL, "%s", wrong);
        return;
    }
    for (uint32_t i = 0; i < v->count; i++) {
        const struct value_entry *e = &v->entries[i];
        bool known = false;
        for (int r = 0; r < ENDPOINT_ROLE_COUNT; r++)
            known |= strcmp(e->key, endpoint_role_names[r]) == 0;
        if (!known) {
            const char *close = diag_closest(e->key, endpoint_role_names, ENDPOINT_ROLE_COUNT);
            check_report_bare(
                c, CODE_FIELD, e->key_at, close ? arena_printf(c->run->arena, "did you mean \"%s\"?", close) : NULL,
                "there are no endpoints called \"%s\": want ready, serving, terminating or notReady", e->key);
        } else if ((wrong = endpoints_wanted_parse(c->run->arena, e->value, &ignored))) {
            check_report(AT_KEY(c, e->key), NULL, "%s", wrong);
        }
    }
}

/* The place of a byte in a key. */
static struct src_pos key_pos(const struct value_entry *e, size_t at)
{
    struct src_pos pos = e->key_at;
    if (pos.line == 0)
        return pos;
    uint32_t quote = pos.length == text_width(e->key) + 2;
    uint32_t before = 0;
    for (size_t i = 0; i < at && e->key[i]; i++)
        before += ((unsigned char)e->key[i] & 0xc0) != 0x80;
    pos.column += quote + before;
    pos.length = 0;
    return pos;
}

static void check_field(struct check *c, const struct value_entry *e)
{
    const struct jsonpath *p;
    struct jsonpath_error wrong;
    const struct jsonpath_error *doubt = NULL;
    if (expectation_path(c->run->arena, e->key, &p, &wrong) < 0)
        doubt = &wrong;
    else if ((doubt = jsonpath_doubt(p)) && !strchr(e->key, '{'))
        wrong = (struct jsonpath_error){doubt->text, 0}, doubt = &wrong;
    if (doubt)
        check_report_bare(c, CODE_INVALID, key_pos(e, doubt->at), NULL, "JSONPath %s: %s", e->key, doubt->text);
    check_value(AT_KEY(c, e->key), e->value, false);
}

static void check_fields(struct check *c, const struct value *v)
{
    if (v->type != VALUE_MAP || v->count == 0) {
        check_report(c, NULL, "want values by JSONPath, such as {'{.status.podIP}': 10.244.1.2}");
        return;
    }
    for (uint32_t i = 0; i < v->count; i++)
        check_field(c, &v->entries[i]);
}

/* ---- what happens ---- */

static const char *const phases[] = {"Failed", "Pending", "Running", "Succeeded", "Unknown", NULL};
static const char *const probes[] = {"liveness", "readiness", "startup", NULL};
static const char *const hooks[] = {"postStart", "preStop", NULL};
static const char *const states[] = {"Running", "Terminated", "Waiting", NULL};
static const char *const sandboxes[] = {"created", "stopped", NULL};
static const char *const truths[] = {"false", "true", NULL};
static const char *const statuses[] = {"False", "True", "Unknown", "absent", NULL};
static const char *const results[] = {"error", "failure", "success", NULL};
static const char *const hook_ends[] = {"abandoned", "failed", "ok", "start", NULL};
static const char *const numbers[] = {NULL}; /* marks a number */

/* The words of report/facts.h, except for Events. */
struct fact_word {
    const char *word;
    const char *const *second, *const *third; /* NULL = anything */
};
struct fact_words {
    const struct fact_word *items;
    uint32_t count;
};

static const struct fact_word pod_facts[] = {
    {"created", NULL, NULL},      {"deleting", numbers, NULL}, {"gone", NULL, NULL},        {"phase", phases, NULL},
    {"reason", NULL, NULL},       {"message", NULL, NULL},     {"STATUS", NULL, NULL},      {"READY", NULL, NULL},
    {"sandbox", sandboxes, NULL}, {"start", numbers, NULL},    {"exit", numbers, NULL},     {"signal", NULL, NULL},
    {"state", states, NULL},      {"last", NULL, NULL},        {"restarts", numbers, NULL}, {"ready", truths, NULL},
    {"started", truths, NULL},    {"pulling", NULL, NULL},     {"pulled", NULL, NULL},      {"probe", probes, results},
    {"hook", hooks, hook_ends},   {"backoff", NULL, NULL},     {"removed", NULL, NULL},     {"eviction", numbers, NULL},
};
static const struct fact_word node_facts[] = {{"taint", NULL, NULL}};
static const struct fact_word workload_facts[] = {
    {"created", NULL, NULL},        {"deleting", NULL, NULL},    {"gone", NULL, NULL},
    {"revision", numbers, NULL},    {"replicas", numbers, NULL}, {"pods", numbers, NULL},
    {"updated", numbers, NULL},     {"ready", numbers, NULL},    {"available", numbers, NULL},
    {"terminating", numbers, NULL}, {"current", numbers, NULL},  {"currentRevision", NULL, NULL},
    {"updateRevision", NULL, NULL}, {"desired", numbers, NULL},  {"scheduled", numbers, NULL},
    {"misscheduled", numbers, NULL},
};

static const struct fact_word budget_facts[] = {
    {"created", NULL, NULL},    {"gone", NULL, NULL},       {"expected", numbers, NULL}, {"desired", numbers, NULL},
    {"healthy", numbers, NULL}, {"allowed", numbers, NULL}, {"grants", NULL, NULL},
};
static const struct fact_word job_facts[] = {
    {"created", NULL, NULL},       {"deleting", NULL, NULL},       {"gone", NULL, NULL},
    {"active", numbers, NULL},     {"ready", numbers, NULL},       {"succeeded", numbers, NULL},
    {"failed", numbers, NULL},     {"terminating", numbers, NULL}, {"completedIndexes", NULL, NULL},
    {"failedIndexes", NULL, NULL},
};

/* None: nothing is told of them. */
static struct fact_words facts_of(enum api_kind kind)
{
    switch (kind) {
    case KIND_POD:
        return (struct fact_words){pod_facts, ARRAY_LEN(pod_facts)};
    case KIND_NODE:
        return (struct fact_words){node_facts, ARRAY_LEN(node_facts)};
    case KIND_PODDISRUPTIONBUDGET:
        return (struct fact_words){budget_facts, ARRAY_LEN(budget_facts)};
    case KIND_DEPLOYMENT:
    case KIND_REPLICASET:
    case KIND_REPLICATIONCONTROLLER:
    case KIND_STATEFULSET:
    case KIND_DAEMONSET:
        return (struct fact_words){workload_facts, ARRAY_LEN(workload_facts)};
    case KIND_JOB:
        return (struct fact_words){job_facts, ARRAY_LEN(job_facts)};
    default:
        return (struct fact_words){NULL, 0};
    }
}

static const char *word_at(struct arena *a, const char **p)
{
    *p += strspn(*p, " ");
    size_t n = strcspn(*p, " ");
    const char *word = arena_strndup(a, *p, n);
    *p += n;
    return word;
}

static bool check_fact_word(struct check *c, const char *word, const char *const *known, const char *after)
{
    if (!known || !*word || glob_is_pattern(word))
        return true;
    if (known == numbers) {
        if (word[strspn(word, "0123456789")] == '\0')
            return true;
        check_report(c, NULL, "want a number after %s, got \"%s\"", after, word);
        return false;
    }
    for (size_t i = 0; known[i]; i++)
        if (strcmp(known[i], word) == 0)
            return true;
    check_unsupported(c, word, known);
    return false;
}

static void unknown_fact(struct check *c, const struct fact_words *known, const char *word)
{
    const char *words[ARRAY_LEN(pod_facts)];
    ASSERT(known->count <= ARRAY_LEN(words));
    for (uint32_t i = 0; i < known->count; i++)
        words[i] = known->items[i].word;
    const char *close = diag_closest(word, words, known->count);
    check_report(c, close ? arena_printf(c->run->arena, "did you mean \"%s\"?", close) : NULL,
                 "nothing happens that is called \"%s\"", word);
}

static void check_fact(struct check *c, enum api_kind kind, const char *text)
{
    const struct fact_words known = facts_of(kind);
    const char *p = text, *first = word_at(c->run->arena, &p), *second = word_at(c->run->arena, &p);
    const char *third = word_at(c->run->arena, &p);
    if (!*first)
        check_report(c, NULL, "want what happens, such as `exit 137`");
    if (!*first || glob_is_pattern(first))
        return;
    if (strcmp(first, "event") == 0) {
        check_report(c, "write event: REASON", "an Event is not told so");
        return;
    }
    if (kind == KIND_POD && strcmp(first, "STATUS") == 0 && *second && !glob_is_pattern(second))
        check_spelling(c, VOCABULARY_POD_STATUS, second);
    for (uint32_t i = 0; i < known.count; i++)
        if (strcmp(known.items[i].word, first) == 0) {
            if (check_fact_word(c, second, known.items[i].second, first))
                check_fact_word(c, third, known.items[i].third, second);
            return;
        }
    bool condition = *first >= 'A' && *first <= 'Z';
    enum vocabulary types;
    if (condition && conditions_of(kind, &types))
        check_spelling(c, types, first);
    if (condition && *second)
        check_fact_word(c, second, statuses, first);
    else
        unknown_fact(c, &known, first);
}

/* ---- what it is about ---- */

/* Does kubectl get show such a column of this kind? */
static bool has_column(enum api_kind kind, const char *column)
{
    struct table t = TABLE_INIT;
    struct strbuf b = STRBUF_INIT;
    printer_header(&t, NULL, kind, 0);
    table_print(&t, &b);
    bool found = false;
    for (const char *p = strbuf_str(&b); !found && (p = strstr(p, column)); p++) {
        char before = p == strbuf_str(&b) ? ' ' : p[-1], after = p[strlen(column)];
        found = before == ' ' && (after == ' ' || after == '\n');
    }
    strbuf_fini(&b);
    table_fini(&t);
    return found;
}

/* What can be said of pods is open; of nodes and Namespaces there are these. */
static void check_kind_words(struct check *c, const struct expectation *e, enum api_kind kind)
{
    static const char *const node_statuses[] = {
        "NotReady", "NotReady,SchedulingDisabled", "Ready", "Ready,SchedulingDisabled",
        "Unknown",  "Unknown,SchedulingDisabled",  NULL};
    static const char *const namespace_phases[] = {"Active", "Terminating", NULL};
    if (kind == KIND_POD) {
        check_words(AT(c, "phase"), e->phase, phases);
        check_spellings(AT(c, "status"), e->status, VOCABULARY_POD_STATUS);
        check_spellings(AT(c, "reason"), e->reason,
                        e->container ? VOCABULARY_CONTAINER_REASONS : VOCABULARY_POD_REASONS);
    } else if (kind == KIND_NAMESPACE) {
        check_words(AT(c, "phase"), e->phase, namespace_phases);
        check_words(AT(c, "status"), e->status, namespace_phases);
    } else {
        check_value(AT(c, "phase"), e->phase, false);
        if (kind == KIND_NODE)
            check_words(AT(c, "status"), e->status, node_statuses);
        else
            check_value(AT(c, "status"), e->status, false);
        check_value(AT(c, "reason"), e->reason, false);
    }
    check_ready(AT(c, "ready"), e->ready, kind);
    check_condition_types(AT(c, "conditions"), e->conditions, kind);
}

/* What is only said of pods, Services, or what kubectl shows in that column. */
static void check_kind(struct check *c, const struct expectation *e, enum api_kind kind)
{
    const char *one = kind_infos[kind].singular;
    const struct {
        const char *field;
        bool said, good;
        const char *want;
    } rows[] = {
        {"endpoints", e->endpoints != NULL, kind == KIND_SERVICE,
         "endpoints are those of a Service: write service: NAME"},
        {"phase", e->phase != NULL, kind == KIND_POD || kind == KIND_NAMESPACE, "it has no phase"},
        {"status", e->status != NULL, has_column(kind, "STATUS"), "kubectl get shows no STATUS of it"},
        {"ready", e->ready != NULL, has_column(kind, "READY"), "kubectl get shows no READY of it"},
        {"restarts", e->restarts != NULL, kind == KIND_POD, "it has no restarts"},
        {"container", e->container != NULL, kind == KIND_POD, "it has no containers"},
        {"log", e->log != NULL, kind == KIND_POD, "it prints nothing"},
        {"reason", e->reason != NULL, kind == KIND_POD, "it has no reason; use fields"},
        {"happens", e->happens != NULL, facts_of(kind).count > 0,
         "only what happens to pods, nodes, workloads and budgets is told; use fields"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].said && !rows[i].good)
            check_report(AT(c, rows[i].field), NULL, "of a %s: %s", one, rows[i].want);
    check_kind_words(c, e, kind);
    if (e->happens && facts_of(kind).count)
        check_fact(AT(c, "happens"), kind, e->happens);
    if (e->namespace_ && !kind_infos[kind].namespaced)
        check_report(AT(c, "namespace"), NULL, "a %s is in no namespace", one);
}

static void check_about(struct check *c, const struct expectation *e)
{
    const struct {
        const char *field, *value;
    } about[] = {
        {"pod", e->pod}, {"service", e->service}, {"node", e->node}, {"object", e->object}, {"objects", e->objects}};
    const char *first = NULL, *field = NULL, *suggestion = NULL;
    struct expectation_subject s;
    for (size_t i = 0; i < ARRAY_LEN(about); i++) {
        if (about[i].value && first)
            check_report(AT(c, about[i].field), NULL, "want one of %s and %s", first, about[i].field);
        else if (about[i].value)
            first = about[i].field;
    }
    if (!first) {
        check_report(c, NULL, "want what it is about: pod, service, node, object or objects");
        return;
    }
    if (e->selector && !e->objects)
        check_report(AT(c, "selector"), NULL, "it chooses among objects: write objects: pods");
    const char *wrong = expectation_subject(c->run->arena, e, &s, &field, &suggestion);
    if (wrong)
        check_report(AT(c, field), suggestion, "%s", wrong);
    else
        check_kind(c, e, s.kind);
}

/* ---- what holds ---- */

static bool says_state(const struct expectation *e)
{
    return e->exists.set || e->phase || e->status || e->ready || e->conditions || e->endpoints || e->fields ||
           e->state || e->reason || e->exit_code || e->restarts;
}

static void check_happening(struct check *c, const struct expectation *e)
{
    int said = (e->event != NULL) + (e->log != NULL) + (e->happens != NULL);
    if (said > 1)
        check_report(c, NULL, "want one of event, log and happens: for more, use an expectation each, or order");
    if (said && says_state(e))
        check_report(c, NULL, "what happens is a point in time and has no state: use an expectation each, or order");
    if (e->message && !e->event)
        check_report(AT(c, "message"), NULL, "it is that of an Event: add event: REASON");
    check_spellings(AT(c, "event"), e->event, VOCABULARY_EVENTS);
    check_value(AT(c, "message"), e->message, false);
    if (e->log && !*e->log)
        check_report(AT(c, "log"), NULL, "want a text");
}

static void check_container(struct check *c, const struct expectation *e)
{
    if (!e->container && (e->state || e->exit_code))
        check_report(AT(c, e->state ? "state" : "exitCode"), NULL, "add container: NAME, whose it is");
    bool used = e->state || e->reason || e->exit_code || e->restarts || expectation_happens(e);
    if (e->container && !used)
        check_report(AT(c, "container"), NULL, "want what holds of it: state, reason, exitCode or restarts");
}

static void check_holds(struct check *c, const struct expectation *e)
{
    bool many = e->objects || (e->pod && glob_is_pattern(e->pod));
    if (!says_state(e) && !expectation_happens(e) && !(many && e->count))
        check_report(c, NULL, "want what holds, such as phase: Running, or what happens, such as event: BackOff");
    if (e->exists.set && !e->exists.value &&
        (e->phase || e->status || e->ready || e->conditions || e->endpoints || e->fields || e->container || e->count))
        check_report(AT(c, "exists"), NULL, "of what does not exist nothing else holds");
    if (e->count && !many && !expectation_happens(e))
        check_report(AT(c, "count"), NULL, "it counts what happens, or objects: use event, log, happens or objects");
    check_value(AT(c, "restarts"), e->restarts, true);
    check_value(AT(c, "exitCode"), e->exit_code, true);
    check_value(AT(c, "count"), e->count, true);
    if (e->conditions)
        check_conditions(AT(c, "conditions"), e->conditions);
    if (e->endpoints)
        check_endpoints(AT(c, "endpoints"), e->endpoints);
    if (e->fields)
        check_fields(AT(c, "fields"), e->fields);
}

void expectation_check_item(struct check *c, const void *object)
{
    const struct expectation *e = object;
    check_about(c, e);
    check_holds(c, e);
    check_happening(c, e);
    check_container(c, e);
}

/* Successes that change nothing are only counted, and told when something else happens. */
void expectation_check_stop(struct check *c, const struct expectation *e)
{
    const char *p = e->happens ? e->happens : "", *first = word_at(c->run->arena, &p);
    word_at(c->run->arena, &p);
    if (strcmp(first, "probe") == 0 && strncmp(p, " fail", strlen(" fail")) != 0 &&
        strncmp(p, " err", strlen(" err")) != 0)
        check_report(c, NULL,
                     "a run cannot be stopped for a success, which may be told later: use ready or conditions");
}

/* ---- when ---- */

static const struct when_field {
    const char *name;
    size_t offset;
} when_fields[] = {
    {"at", offsetof(struct expectation, at)},
    {"within", offsetof(struct expectation, within)},
    {"after", offsetof(struct expectation, after)},
    {"from", offsetof(struct expectation, from)},
    {"to", offsetof(struct expectation, to)},
    {"for", offsetof(struct expectation, lasts)},
    {"tolerance", offsetof(struct expectation, tolerance)},
};

static sim_time time_of(const struct expectation *e, const struct when_field *f)
{
    return *(const sim_time *)((const char *)e + f->offset);
}

static void check_one_when(struct check *c, const struct expectation *e)
{
    const struct {
        const char *name;
        bool said;
    } when[] = {
        {"at", e->at != SIM_NEVER}, {"within", e->within != SIM_NEVER}, {"eventually", e->eventually.set},
        {"never", e->never.set},    {"always", e->always.set},
    };
    const char *first = NULL;
    for (size_t i = 0; i < ARRAY_LEN(when); i++) {
        if (when[i].said && first)
            check_report(AT(c, when[i].name), NULL, "want one of %s and %s", first, when[i].name);
        else if (when[i].said)
            first = when[i].name;
    }
}

static void check_flag(struct check *c, const struct opt_bool *flag)
{
    if (flag->set && !flag->value)
        check_report(c, NULL, "want true, or leave it out");
}

static void check_bounds(struct check *c, const struct expectation *e)
{
    bool bounded = e->never.set || e->always.set || e->eventually.set ||
                   (expectation_happens(e) && e->at == SIM_NEVER && e->within == SIM_NEVER);
    if (e->after != SIM_NEVER && e->within == SIM_NEVER)
        check_report(AT(c, "after"), NULL, "it is from when `within` counts: add within, or use from");
    if (e->from != SIM_NEVER && !bounded)
        check_report(AT(c, "from"), NULL, "it bounds eventually, never, always and what happens%s",
                     e->within != SIM_NEVER ? ": with within use after" : "");
    if (e->to != SIM_NEVER && !bounded)
        check_report(AT(c, "to"), NULL, "it bounds eventually, never, always and what happens");
    if (e->from != SIM_NEVER && e->to != SIM_NEVER && e->from > e->to)
        check_report(AT(c, "to"), NULL, "want a time that is not before `from`");
    if (e->lasts != SIM_NEVER && e->within == SIM_NEVER && !e->eventually.set)
        check_report(AT(c, "for"), NULL, "it goes with within or eventually; always has from and to");
    if (expectation_happens(e) && e->lasts != SIM_NEVER)
        check_report(AT(c, "for"), NULL, "what happens is a point in time");
    if (expectation_happens(e) && e->always.set)
        check_report(AT(c, "always"), NULL, "what happens is a point in time: nothing always happens");
    if (expectation_happens(e) && e->never.set && e->count)
        check_report(AT(c, "count"), NULL, "never is a count of 0: leave one of them out");
    bool any = e->from != SIM_NEVER || e->to != SIM_NEVER || e->after != SIM_NEVER || e->at != SIM_NEVER ||
               e->within != SIM_NEVER || e->lasts != SIM_NEVER;
    if (e->tolerance != SIM_NEVER && !any)
        check_report(AT(c, "tolerance"), NULL, "there is no time that it could loosen");
}

static void check_when(struct check *c, const struct expectation *e)
{
    check_one_when(c, e);
    check_flag(AT(c, "eventually"), &e->eventually);
    check_flag(AT(c, "never"), &e->never);
    check_flag(AT(c, "always"), &e->always);
    for (size_t i = 0; i < ARRAY_LEN(when_fields); i++)
        check_duration(AT(c, when_fields[i].name), time_of(e, &when_fields[i]));
    if (e->order.count == 0)
        check_bounds(c, e);
}

/* An order has its items, and within. */
static void check_order(struct check *c, const struct expectation *e)
{
    bool about = e->pod || e->service || e->node || e->object || e->objects || e->selector;
    bool when = e->at != SIM_NEVER || e->eventually.set || e->never.set || e->always.set || e->from != SIM_NEVER ||
                e->to != SIM_NEVER || e->lasts != SIM_NEVER;
    if (about || says_state(e) || expectation_happens(e) || e->count || e->container)
        check_report(AT(c, "order"), NULL, "beside order nothing is said of an object: it belongs into the items");
    if (when)
        check_report(AT(c, "order"), NULL, "an order has no other time than within and after");
    if (e->after != SIM_NEVER && e->within == SIM_NEVER)
        check_report(AT(c, "after"), NULL, "it is from when `within` counts: add within");
    if (e->order.count < 2)
        check_report(AT(c, "order"), NULL, "want at least two items");
}

/* Requests are counted, and have no state. */
static void check_traffic(struct check *c, const struct expectation *e)
{
    if (says_state(e) || expectation_happens(e) || e->count || e->container || e->order.count || e->service ||
        e->node || e->object || e->objects || e->selector)
        check_report(AT(c, "traffic"), NULL, "of requests only served, lost, sent, cause and pod can be said");
    if (e->at != SIM_NEVER || e->within != SIM_NEVER || e->eventually.set || e->never.set || e->always.set ||
        e->lasts != SIM_NEVER || e->tolerance != SIM_NEVER || e->after != SIM_NEVER)
        check_report(AT(c, "traffic"), NULL, "requests are counted over the run, or between from and to");
    if (!e->served && !e->lost && !e->sent)
        check_report(c, NULL, "want how many: served, lost or sent");
    for (size_t i = 0; i < ARRAY_LEN(when_fields); i++)
        check_duration(AT(c, when_fields[i].name), time_of(e, &when_fields[i]));
    if (e->from != SIM_NEVER && e->to != SIM_NEVER && e->from > e->to)
        check_report(AT(c, "to"), NULL, "want a time that is not before `from`");
    check_value(AT(c, "served"), e->served, true);
    check_value(AT(c, "lost"), e->lost, true);
    check_value(AT(c, "sent"), e->sent, true);
}

void expectation_check_one(struct check *c, const void *object)
{
    const struct expectation *e = object;
    if (e->traffic) {
        check_traffic(c, e);
        return;
    }
    if (e->served || e->lost || e->sent || e->cause)
        check_report(AT(c, e->served ? "served"
                           : e->lost ? "lost"
                           : e->sent ? "sent"
                                     : "cause"),
                     NULL, "it is about requests: add traffic: CLIENT");
    check_when(c, e);
    if (e->order.count)
        check_order(c, e);
    else
        expectation_check_item(c, e);
}

/* ---- the end of the run ---- */

/* `within` counts from `after`; how long something lasts is no time of the run. */
static sim_time latest(const struct expectation *e, const struct when_field *f)
{
    sim_time t = time_of(e, f);
    bool length =
        f->offset == offsetof(struct expectation, lasts) || f->offset == offsetof(struct expectation, tolerance);
    if (t == SIM_NEVER || length)
        return 0;
    return f->offset == offsetof(struct expectation, within) && e->after != SIM_NEVER ? sim_time_add(t, e->after) : t;
}

sim_time expectations_last_time(const expectation_list *l)
{
    sim_time last = 0;
    for (uint32_t i = 0; i < l->count; i++)
        for (size_t k = 0; k < ARRAY_LEN(when_fields); k++)
            last = latest(&l->items[i], &when_fields[k]) > last ? latest(&l->items[i], &when_fields[k]) : last;
    return last;
}

int expectations_check_times(const expectation_list *l, struct diag_set *d, sim_time until)
{
    int result = 0;
    struct strbuf end = STRBUF_INIT, at = STRBUF_INIT;
    strbuf_go_duration(&end, until);
    for (uint32_t i = 0; i < l->count; i++) {
        for (size_t k = 0; k < ARRAY_LEN(when_fields); k++) {
            sim_time t = latest(&l->items[i], &when_fields[k]);
            if (t <= until)
                continue;
            strbuf_reset(&at);
            strbuf_go_duration(&at, t);
            const struct value *written = value_get(l->items[i].written, when_fields[k].name);
            result = diag_error(d, written ? written->at : l->items[i].pos, "%s: %s is after the end of the run (%s)",
                                when_fields[k].name, strbuf_str(&at), strbuf_str(&end));
        }
    }
    strbuf_fini(&at);
    strbuf_fini(&end);
    return result;
}
