/* why.c - the question of podsim why, the record it is about, and how a chain is printed. */
#include "report/why.h"

#include <string.h>

#include "report/private.h"
#include "report/why_private.h"

static const struct {
    const char *text, *file;
} rules[RULE_COUNT] = {
#define X(id, text, file) [RULE_##id] = {text, file},
    WHY_RULES(X)
#undef X
};

const char *why_rule_text(enum why_rule rule) { return rules[rule].text; }

/* ---- the question ---- */

/* Short words for facts (facts.h); the first that has happened counts. */
static const struct {
    const char *word, *facts[3];
} symptoms[] = {
    {"Ready", {"Ready True"}},
    {"NotReady", {"Ready False", "Ready Unknown"}},
    {"Pending", {"PodScheduled False", "phase Pending"}},
    {"Unschedulable", {"PodScheduled False"}},
    {"Running", {"phase Running"}},
    {"Succeeded", {"phase Succeeded"}},
    {"Failed", {"phase Failed", "Failed True"}},
    {"Completed", {"STATUS Completed", "Complete True"}},
    {"Terminating", {"deleting"}},
    {"deleted", {"gone"}},
    {"restart", {"start"}},
    {"OOMKilled", {"exit 137 OOMKilled"}},
    {"stuck", {"Progressing False"}},
    {"Available", {"Available True"}},
    {"NotAvailable", {"Available False"}},
    {"lost", {"stale-endpoint", "not-listening", "killed-in-flight"}},
};

static int complain(struct why *w, const char **ret_error, const char *format, const char *a, const char *b)
{
    struct strbuf text = STRBUF_INIT;
    for (const char *p = format; *p; p++) {
        if (*p != '%') {
            strbuf_putc(&text, *p);
            continue;
        }
        strbuf_puts(&text, a);
        a = b;
    }
    *ret_error = arena_strdup(&w->view.arena, strbuf_str(&text));
    strbuf_fini(&text);
    return -1;
}

/* "pod/web restart#3", "pod web NotReady@73s" */
int why_parse(struct why *w, const char *text, struct why_question *ret, const char **ret_error)
{
    static const char wanted[] = "want an object and what is to be explained, such as 'pod/web restart#3', got \"%\"";
    struct arena *a = &w->view.arena;
    char *copy = arena_strdup(a, text);
    char *space = strchr(copy, ' '), *slash = strchr(copy, '/');
    *ret = (struct why_question){.at = SIM_NEVER};
    if (!space || (slash && slash > space))
        slash = NULL;
    if (space && !slash) { /* TYPE NAME SYMPTOM */
        *space = '/';
        slash = space;
        space = strchr(slash, ' ');
    }
    if (!slash || !space || slash == copy || slash + 1 == space)
        return complain(w, ret_error, wanted, text, "");
    *slash = *space = '\0';
    ret->type = copy;
    ret->name = slash + 1;
    ret->symptom = space + 1 + strspn(space + 1, " ");
    char *time = strrchr((char *)ret->symptom, '@');
    if (time && (sim_parse_duration(time + 1, &ret->at) < 0 || ret->at < 0))
        return complain(w, ret_error, "@%: want a time such as @73s", time + 1, "");
    if (time)
        *time = '\0';
    ret->kind = kind_of_resource(ret->type);
    ret->client = strcmp(ret->type, "client") == 0;
    if (ret->kind == KIND_NONE && !ret->client)
        return complain(w, ret_error, "there is no type of object \"%\"", ret->type, "");
    return *ret->symptom ? 0 : complain(w, ret_error, wanted, text, "");
}

static bool is_prefix(const char *prefix, const char *text) { return strncmp(text, prefix, strlen(prefix)) == 0; }

/* Does `name` stand for that object of a fact: "web", "web/app", "deployment/web"? */
static bool means(const struct why_question *q, const char *object)
{
    const char *slash = strchr(object, '/');
    size_t n = strlen(q->name);
    if (q->client) {
        if (!is_prefix("client/", object))
            return false;
        object += strlen("client/");
    } else if (q->kind == KIND_POD) {
        if (is_prefix("client/", object) || is_prefix("node/", object) || is_prefix("slice/", object) ||
            is_prefix("deployment/", object) || is_prefix("replicaset/", object) ||
            is_prefix("replicationcontroller/", object))
            return false;
    } else {
        const char *word = kind_infos[q->kind].singular;
        if (!slash || strlen(word) != (size_t)(slash - object) || strncmp(word, object, strlen(word)) != 0)
            return false;
        object = slash + 1;
    }
    if (n && q->name[n - 1] == '*')
        return strncmp(object, q->name, n - 1) == 0;
    return strncmp(object, q->name, n) == 0 && (object[n] == '\0' || object[n] == '/');
}

/* The words of `pattern` begin those of `what`: "start 3" is not "start 31". */
static bool says(const char *what, const char *pattern)
{
    size_t n = strlen(pattern);
    return strncmp(what, pattern, n) == 0 && strchr(" :", what[n]);
}

/* The last fact about the object up to the time; 0 = none. */
static uint32_t find(const struct why_question *q, const struct fact_list *facts, const char *pattern,
                     const char **ret_what)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < facts->facts.count; i++) {
        const struct fact *f = fact_at(facts, i);
        if ((q->at != SIM_NEVER && f->at > q->at) || !means(q, f->object) || !says(f->what, pattern))
            continue;
        if (strcmp(pattern, "start") == 0 && strcmp(f->what, "start 0") == 0)
            continue;
        found = f->record;
        *ret_what = f->what;
    }
    return found;
}

static uint32_t find_symptom(struct why *w, const struct why_question *q, const struct fact_list *facts,
                             const char **ret_what)
{
    static const char *const ways[] = {"%s", "STATUS %s", "phase %s", "reason %s", "event %s", "%s True"};
    struct arena *a = &w->view.arena;
    uint32_t found = 0;
    const char *number = strchr(q->symptom, '#');
    if (number && is_prefix("restart#", q->symptom))
        return find(q, facts, arena_printf(a, "start %s", number + 1), ret_what);
    for (size_t i = 0; i < ARRAY_LEN(symptoms); i++)
        for (size_t k = 0; strcmp(symptoms[i].word, q->symptom) == 0 && k < 3 && symptoms[i].facts[k] && !found; k++)
            found = find(q, facts, symptoms[i].facts[k], ret_what);
    for (size_t i = 0; i < ARRAY_LEN(ways) && !found; i++) {
        const char *p = strstr(ways[i], "%s");
        found = find(q, facts, arena_printf(a, "%.*s%s%s", (int)(p - ways[i]), ways[i], q->symptom, p + 2), ret_what);
    }
    return found;
}

/* The last write of the Service's endpoints. */
static uint32_t find_endpoints(const struct why *w, const struct why_question *q)
{
    const struct trace *t = w->view.run->trace;
    uint32_t found = 0;
    for (uint32_t i = 1; i < trace_count(t); i++) {
        const struct trace_record *r = trace_at(t, i);
        const struct api_object *o = r->kind == TRACE_WRITE ? r->data : NULL;
        if (q->at != SIM_NEVER && r->at > q->at)
            break;
        if (o && o->kind == KIND_ENDPOINTSLICE &&
            text_same(printer_slice_service((const struct endpoint_slice *)o), q->name))
            found = i;
    }
    return found;
}

/* What may be asked instead: the first words of what did happen to the object. */
static const char *happenings(struct why *w, const struct why_question *q, const struct fact_list *facts)
{
    enum { SHOWN = 12 };
    const char *seen[SHOWN];
    uint32_t count = 0;
    struct strbuf b = STRBUF_INIT;
    for (uint32_t i = 0; i < facts->facts.count && count < SHOWN; i++) {
        const struct fact *f = fact_at(facts, i);
        if (!means(q, f->object))
            continue;
        size_t n = strcspn(f->what, " :");
        n += f->what[n] == ' ' ? 1 + strcspn(f->what + n + 1, " :") : 0;
        const char *what = arena_strndup(&w->view.arena, f->what, n);
        bool known = false;
        for (uint32_t k = 0; k < count; k++)
            known = known || strcmp(seen[k], what) == 0;
        if (known)
            continue;
        seen[count++] = what;
        strbuf_printf(&b, "%s%s", count > 1 ? ", " : "", what);
    }
    const char *text = b.len ? arena_strdup(&w->view.arena, strbuf_str(&b)) : NULL;
    strbuf_fini(&b);
    return text;
}

/* Names of the same kind that something has happened to. */
static const char *objects_of(struct why *w, const struct why_question *q, const struct fact_list *facts)
{
    enum { SHOWN = 10 };
    struct why_question any = {.name = "*", .kind = q->kind, .client = q->client};
    const char *seen[SHOWN];
    uint32_t count = 0;
    struct strbuf b = STRBUF_INIT;
    for (uint32_t i = 0; i < facts->facts.count && count < SHOWN; i++) {
        const struct fact *f = fact_at(facts, i);
        bool known = !means(&any, f->object) || (q->kind == KIND_POD && strchr(f->object, '/'));
        for (uint32_t k = 0; k < count && !known; k++)
            known = strcmp(seen[k], f->object) == 0;
        if (known)
            continue;
        seen[count++] = f->object;
        strbuf_printf(&b, "%s%s%s", count > 1 ? ", " : "", q->kind == KIND_POD ? "pod/" : "", f->object);
    }
    const char *text = b.len ? arena_strdup(&w->view.arena, strbuf_str(&b)) : "none of that kind";
    strbuf_fini(&b);
    return text;
}

static int not_found(struct why *w, const struct why_question *q, const struct fact_list *facts, const char **ret_error)
{
    const char *object = arena_printf(&w->view.arena, "%s/%s", q->type, q->name);
    const char *others = happenings(w, q, facts);
    if (!others)
        return complain(w, ret_error, "there is no %; there are: %", object, objects_of(w, q, facts));
    return complain(w, ret_error,
                    arena_printf(&w->view.arena, "nothing like \"%s\" happened to %%; what did: %%", q->symptom),
                    object, others);
}

void why_begin(struct why *w, const struct run_trace *run)
{
    memset(w, 0, sizeof *w);
    view_init(&w->view, run);
    pool_init(&w->steps, &w->view.arena, sizeof(struct why_step));
    while (view_next(&w->view))
        ;
}

int why_explain(struct why *w, const struct run_trace *run, const char *question, const char **ret_error)
{
    struct why_question q;
    struct fact_list facts;
    const char *what = "";
    why_begin(w, run);
    if (why_parse(w, question, &q, ret_error) < 0)
        return -1;
    facts_collect(&facts, &w->view.arena, run);
    bool endpoints = q.kind == KIND_SERVICE && strcmp(q.symptom, "endpoints") == 0;
    uint32_t record = endpoints ? find_endpoints(w, &q) : find_symptom(w, &q, &facts, &what);
    if (!record)
        return not_found(w, &q, &facts, ret_error);
    w->symptom = arena_printf(&w->view.arena, "%s/%s %s", q.type, q.name, q.symptom);
    why_follow(w, record);
    return 0;
}

void why_fini(struct why *w) { view_fini(&w->view); }

/* ---- printing: the root first ---- */

enum { TIME_WIDTH = 10, WHO_WIDTH = WHY_WHO, TEXT_WIDTH = 88 };

/* "endpointslice", "fault" */
const char *why_who(const struct why *w, const struct why_step *s, char name[WHY_WHO])
{
    const struct trace_record *r = trace_at(w->view.run->trace, s->record);
    const char *full = trace_component_names[s->who], *end = strstr(full, "-controller");
    if (r->kind == TRACE_ACTION && r->flags)
        return "fault";
    size_t n = end ? (size_t)(end - full) : strlen(full);
    n = n < WHO_WIDTH ? n : WHO_WIDTH - 1;
    memcpy(name, full, n);
    name[n] = '\0';
    return name;
}

static void put_indent(struct strbuf *out) { strbuf_fill(out, ' ', TIME_WIDTH + 2 + WHO_WIDTH); }

/* Words in lines of TEXT_WIDTH, those after the first indented. */
static void put_text(struct strbuf *out, const char *text)
{
    uint32_t used = 0;
    while (*text) {
        size_t n = strcspn(text, " ");
        const char *word = text;
        uint32_t width = 0;
        for (size_t i = 0; i < n; i++)
            width += ((unsigned char)word[i] & 0xc0) != 0x80;
        if (used && used + 1 + width > TEXT_WIDTH) {
            strbuf_putc(out, '\n');
            put_indent(out);
            used = 0;
        } else if (used) {
            strbuf_putc(out, ' ');
            used++;
        }
        strbuf_add(out, word, n);
        used += width;
        text += n + strspn(text + n, " ");
    }
    strbuf_putc(out, '\n');
}

static void put_step(const struct why *w, const struct why_step *s, bool color, struct strbuf *out)
{
    report_time(out, s->at);
    strbuf_fill(out, ' ', 2);
    char name[WHO_WIDTH];
    text_fit(out, why_who(w, s, name), WHO_WIDTH - 1);
    strbuf_putc(out, ' ');
    paint_begin(out, color, PAINT_BOLD);
    put_text(out, s->what);
    paint_end(out, color, PAINT_BOLD);
    if (s->rule != RULE_NONE) {
        put_indent(out);
        paint_begin(out, color, PAINT_DIM);
        struct strbuf rule = STRBUF_INIT;
        strbuf_printf(&rule, "rule: %s (%s)", rules[s->rule].text, rules[s->rule].file);
        put_text(out, strbuf_str(&rule));
        strbuf_fini(&rule);
        paint_end(out, color, PAINT_DIM);
    }
    for (uint32_t i = 0; i < s->field_count; i++) {
        put_indent(out);
        paint_begin(out, color, PAINT_CYAN);
        strbuf_printf(out, "%s\n", s->fields[i]);
        paint_end(out, color, PAINT_CYAN);
    }
}

void why_print(const struct why *w, bool color, struct strbuf *out)
{
    for (uint32_t i = w->steps.count; i > 0; i--)
        put_step(w, pool_at(&w->steps, i - 1), color, out);
}
