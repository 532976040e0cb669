/* kubectl_wait.c - kubectl wait, and delete --wait. kubectl pkg/cmd/wait/{wait,condition,json,delete}.go (v1.34).
 *
 * One object after the other, each through all conditions in the order given; --for=create comes first and polls
 * every half second. A condition is looked for in what the watch delivers, not in what is there at that instant.
 */
#include <string.h>

#include "model/kubectl_private.h"

#define CREATE_POLL (500 * SIM_MS)

struct waited {
    enum api_kind kind;
    const char *namespace_, *name, *uid;
};

struct wait {
    struct waited *items;
    uint32_t count, at; /* which object; */
    uint32_t condition; /* which of its conditions */
    bool found;         /* what is waited for is known: after --for=create, at once without it */
    const char *errors; /* one per line; of one alone kubectl says "error: " */
    uint32_t error_count;
};

/* ---- conditions ---- */

static bool same_ignoring_case(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a >= 'A' && *a <= 'Z' ? *a | 0x20 : *a) != (*b >= 'A' && *b <= 'Z' ? *b | 0x20 : *b))
            return false;
    return *a == *b;
}

/* k8s condition.go checkCondition: not met while the condition is of an older generation. */
static bool condition_met(const struct value *document, const struct wait_for *w)
{
    const struct value *list = document_get(document, "status.conditions");
    for (uint32_t i = 0; list && list->type == VALUE_LIST && i < list->count; i++) {
        const struct value *c = list->items[i];
        if (!same_ignoring_case(document_string(c, "type"), w->name))
            continue;
        int64_t generation = document_number(document, "metadata.generation", -1);
        int64_t observed =
            document_number(c, "observedGeneration", document_number(document, "status.observedGeneration", INT64_MAX));
        return !(generation >= 0 && observed < generation) &&
               same_ignoring_case(document_string(c, "status"), w->value);
    }
    return false;
}

static bool is_met(struct kubectl_run *r, const struct api_object *o, const struct wait_for *w)
{
    if (w->kind == WAIT_CREATE)
        return true;
    if (w->kind == WAIT_DELETE)
        return false;
    const struct value *document = kubectl_document(r, o);
    return w->kind == WAIT_CONDITION ? condition_met(document, w)
                                     : kubectl_json_path_is(r->arena, document, w->name, w->value);
}

/* ---- steps ---- */

static void say_met(struct kubectl_run *r, const struct waited *w)
{
    const struct api_object *o = store_get(r->store, w->kind, w->namespace_, w->name);
    const struct api_object gone = {.kind = w->kind, .meta = {.name = w->name, .namespace_ = w->namespace_}};
    kubectl_say(r, o ? o : &gone, "condition met");
}

static bool about(const struct waited *w, const struct api_object *o)
{
    return o->kind == w->kind && strcmp(o->meta.name, w->name) == 0 &&
           (!kind_infos[o->kind].namespaced || strcmp(o->meta.namespace_, w->namespace_) == 0);
}

enum verdict { WAIT_ON, WAIT_MET, WAIT_GONE };

static enum verdict judge(struct kubectl_run *r, const struct waited *w, const struct wait_for *f,
                          const struct watch_event *event, bool first)
{
    const struct api_object *o = store_get(r->store, w->kind, w->namespace_, w->name);
    bool another = o && w->uid && strcmp(o->meta.uid, w->uid) != 0;
    if (event && !about(w, event->object))
        return WAIT_ON;
    if (!event && !first)
        return WAIT_ON;
    bool gone = event ? event->verb == WRITE_DELETE : !o || another;
    if (f->kind == WAIT_DELETE)
        return gone ? WAIT_MET : WAIT_ON;
    if (gone)
        return WAIT_GONE;
    return is_met(r, event ? event->object : o, f) ? WAIT_MET : WAIT_ON;
}

static void take_targets(struct kubectl_run *r, struct wait *w, const object_list *list)
{
    w->items = arena_array(r->arena, struct waited, list->count + 1);
    w->count = list->count;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct api_object *o = list->items[i];
        w->items[i] = (struct waited){o->kind, o->meta.namespace_, o->meta.name, o->meta.uid};
    }
    w->found = true;
}

static bool fail(struct kubectl_job *j, const char *text)
{
    kubectl_fail(&j->run, "%s", text);
    return true;
}

/* The object at hand has failed; the others are still looked at. kubectl pkg/cmd/util/helpers.go MultipleErrors. */
static void object_fails(struct kubectl_run *r, struct wait *w, const char *text)
{
    w->errors = arena_printf(r->arena, "%s%s%s", w->errors ? w->errors : "", w->errors ? "\n" : "", text);
    w->error_count++;
}

static bool finish(struct kubectl_job *j, const struct wait *w)
{
    bool plain = w->error_count == 1 && strncmp(w->errors, "Error from", 10) != 0;
    if (w->error_count)
        kubectl_fail(&j->run, "%s%s", plain ? "error: " : "", w->errors);
    return true;
}

/* What is left has failed. True: it is over. */
static bool out_of_time(struct kubectl_job *j, struct wait *w)
{
    if (!w->found)
        return fail(j, "error: timed out waiting for the condition");
    for (; w->at < w->count; w->at++)
        object_fails(&j->run, w,
                     arena_printf(j->run.arena, "timed out waiting for the condition on %s/%s",
                                  kind_infos[w->items[w->at].kind].resource, w->items[w->at].name));
    return finish(j, w);
}

static const char *not_found(struct kubectl_run *r, const struct waited *x)
{
    return arena_printf(r->arena, "Error from server (NotFound): %s \"%s\" not found",
                        kubectl_resource_name(r, x->kind), x->name);
}

/* --for=create: nothing there is not an error yet. */
static bool find_created(struct kubectl_job *j, struct wait *w)
{
    struct strbuf *out = j->run.out, unsaid = STRBUF_INIT;
    j->run.out = &unsaid;
    object_list list = kubectl_targets(&j->run);
    bool missing = j->run.code != 0 || list.count == 0;
    j->run.out = out;
    j->run.code = 0;
    strbuf_fini(&unsaid);
    if (missing) {
        kubectl_job_at(j, sim_now(j->run.sim) + CREATE_POLL);
        return false;
    }
    take_targets(&j->run, w, &list);
    return true;
}

static bool step(struct kubectl_job *j, const struct watch_event *event)
{
    struct wait *w = j->data;
    struct kubectl_run *r = &j->run;
    bool first = !event;
    if (j->timed_out)
        return out_of_time(j, w);
    if (!w->found && (event || !find_created(j, w)))
        return false;
    while (w->at < w->count) {
        const struct waited *x = &w->items[w->at];
        if (w->condition == r->command->waits.count) {
            w->at++;
            w->condition = 0;
            first = true;
            event = NULL;
            continue;
        }
        const struct wait_for *f = &r->command->waits.items[w->condition];
        enum verdict v = judge(r, x, f, event, first);
        bool once = v == WAIT_ON && r->command->timeout == 0;
        if (v == WAIT_GONE || once) {
            object_fails(
                r, w,
                once ? arena_printf(r->arena, "condition not met for %s/%s", kind_infos[x->kind].resource, x->name)
                     : not_found(r, x));
            w->at++;
            w->condition = 0;
            first = true;
            event = NULL;
            continue;
        }
        if (v == WAIT_ON)
            return false;
        say_met(r, x);
        w->condition++;
        first = true; /* the next condition lists again */
        event = NULL;
    }
    return finish(j, w);
}

static bool waits_for(const struct kubectl_command *c, enum wait_kind kind)
{
    for (uint32_t i = 0; i < c->waits.count; i++)
        if (c->waits.items[i].kind == kind)
            return true;
    return false;
}

static uint32_t kinds_of(const struct kubectl_command *c, const struct wait *w)
{
    uint32_t kinds = 0;
    for (uint32_t i = 0; i < c->targets.count; i++)
        kinds |= 1u << c->targets.items[i].kind;
    for (uint32_t i = 0; i < c->objects.count; i++)
        kinds |= 1u << c->objects.items[i]->kind;
    for (uint32_t i = 0; i < w->count; i++)
        kinds |= 1u << w->items[i].kind;
    return kinds;
}

void kubectl_wait(struct kubectl_run *r)
{
    struct wait *w = arena_new(r->arena, struct wait);
    if (!waits_for(r->command, WAIT_CREATE)) {
        object_list list = kubectl_targets(r);
        if (waits_for(r->command, WAIT_DELETE) && r->code) /* what is gone already is fine */
            r->code = 0, strbuf_reset(r->out);
        if (r->code && list.count == 0)
            return;
        if (r->code) { /* some are not there: an error beside those of the others */
            const char *said = strbuf_str(r->out);
            w->errors = arena_strndup(r->arena, said, strlen(said) - 1);
            for (const char *c = said; *c; c++)
                w->error_count += *c == '\n';
            strbuf_reset(r->out);
            r->code = 0;
        }
        if (list.count == 0 && !waits_for(r->command, WAIT_DELETE)) {
            kubectl_fail(r, "error: no matching resources found");
            return;
        }
        take_targets(r, w, &list);
    }
    kubectl_run_on(r, kinds_of(r->command, w), step, w);
}

/* ---- delete --wait ---- */

static bool deletion_step(struct kubectl_job *j, const struct watch_event *event)
{
    struct wait *w = j->data;
    (void)event;
    for (; w->at < w->count; w->at++) {
        const struct waited *x = &w->items[w->at];
        const struct api_object *o = store_get(j->run.store, x->kind, x->namespace_, x->name);
        if (!o || strcmp(o->meta.uid, x->uid) != 0)
            continue;
        return j->timed_out && out_of_time(j, w);
    }
    return true;
}

void kubectl_wait_for_deletion(struct kubectl_run *r, const object_list *list)
{
    struct wait *w = arena_new(r->arena, struct wait);
    take_targets(r, w, list);
    kubectl_run_on(r, kinds_of(r->command, w), deletion_step, w);
}
