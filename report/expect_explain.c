/* expect_explain.c - what a failed expectation expected, what was there instead, the nearest thing to it, and why.
 *
 *     expected  status Running within 30s
 *     seen      Pending from 0s, ContainerCreating from 0.055s
 *     nearest   it was so from 35.4s to 40s, 5.4s too late
 *     why       35.4s  pod/web: container app started again (restart 1)
 *               30.2s  liveness probe failed 3 times in a row  web.yaml:28
 *
 * A failed claim is followed through the trace once more, to know its values; nobody pays for those that hold.
 */
#include <string.h>

#include "model/printer.h"
#include "report/expect_private.h"
#include "report/story.h"

enum { SHOWN_STATES = 6, SHOWN_NAMES = 8, SHOWN_TEXTS = 4, SHOWN_CAUSES = 8 };

/* What was there, from some time on. */
struct state {
    sim_time at;
    uint32_t record;
    const char *text;
    bool holds;
};

struct explainer {
    const struct expect_check *check;
    const struct claim *claim; /* the one that was not met */
    struct expect_walk *walk;
    struct arena *a;
    struct pool states; /* struct state */
    struct strbuf out;  /* details */
    struct strbuf seen; /* for the message */
    uint32_t why;       /* record whose causes are told, 0 = none */
};

/* ---- what was there ---- */

/* Names of the containers of a pod, when the one that is asked for is none of them. */
static const char *no_container(const struct explainer *x, const struct pod *p, const char *name)
{
    struct strbuf b = STRBUF_INIT;
    if (view_spec(p, name))
        return "no status yet";
    for (uint32_t i = 0; i < p->spec.containers.count + p->spec.init_containers.count; i++) {
        uint32_t inits = p->spec.init_containers.count;
        const struct container *c =
            i < inits ? &p->spec.init_containers.items[i] : &p->spec.containers.items[i - inits];
        strbuf_printf(&b, "%s%s", i ? ", " : "", c->name);
    }
    const char *text = arena_printf(x->a, "there is no container %s, only %s", name, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

static bool of_container(const struct test *t)
{
    return t->kind == TEST_STATE || t->kind == TEST_REASON || t->kind == TEST_EXIT_CODE ||
           t->kind == TEST_CONTAINER_RESTARTS;
}

static const char *value_text(const struct explainer *x, const struct claim *c, const struct test *t,
                              const struct api_object *o)
{
    const char *value = test_value(c, t, o);
    if (value && *value)
        return expect_cut(x->a, value);
    bool several = c->tests.count > 1;
    return several ? "none" : arena_printf(x->a, "no %s", t->label);
}

static const char *values_of(const struct explainer *x, const struct claim *c, const struct api_object *o)
{
    struct strbuf b = STRBUF_INIT;
    const struct test *first = c->tests.items;
    if (c->tests.count && of_container(first) && !test_value(c, first, o) &&
        (first->kind == TEST_STATE || !view_spec((const struct pod *)o, first->name)))
        return no_container(x, (const struct pod *)o, first->name);
    for (uint32_t i = 0; i < c->tests.count; i++) {
        const struct test *t = &c->tests.items[i];
        if (c->tests.count > 1)
            strbuf_printf(&b, "%s%s ", i ? ", " : "", t->label);
        strbuf_puts(&b, value_text(x, c, t, o));
    }
    const char *text = arena_strdup(x->a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* "2 of 3; not web-1 (0/1)" */
static const char *members_text(const struct explainer *x, const struct claim *c)
{
    struct strbuf b = STRBUF_INIT;
    uint32_t shown = 0;
    if (c->tests.count == 0)
        strbuf_printf(&b, "%" PRIu32, c->living);
    else
        strbuf_printf(&b, "%" PRIu32 " of %" PRIu32, c->holding, c->living);
    for (uint32_t i = 0; i < c->members.count && c->tests.count; i++) {
        const struct member *m = pool_at(&c->members, i);
        bool told = m->version && (c->any ? m->holds : !m->holds);
        if (told && shown++ < 3)
            strbuf_printf(&b, "%s%s (%s)",
                          shown > 1 ? ", "
                          : c->any  ? "; "
                                    : "; not ",
                          m->version->meta.name, values_of(x, c, m->version));
    }
    if (shown > 3)
        strbuf_printf(&b, " and %" PRIu32 " more", shown - 3);
    const char *text = arena_strdup(x->a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

static const char *state_text(const struct explainer *x, const struct claim *c)
{
    if (c->subject.many)
        return members_text(x, c);
    if (c->living == 0)
        return c->ever ? "gone" : "not there";
    for (uint32_t i = 0; i < c->members.count; i++) {
        const struct member *m = pool_at(&c->members, i);
        if (m->version)
            return c->tests.count ? values_of(x, c, m->version) : "there";
    }
    return "";
}

static void note_state(struct explainer *x, const struct claim *c, sim_time at, uint32_t record)
{
    const struct state *last = x->states.count ? pool_at(&x->states, x->states.count - 1) : NULL;
    const char *text = state_text(x, c);
    if (last && strcmp(last->text, text) == 0 && last->holds == c->holds)
        return;
    *(struct state *)pool_at(&x->states, pool_add(&x->states)) = (struct state){at, record, text, c->holds};
}

/* Once more from the beginning, with all values. */
static void follow_states(struct explainer *x)
{
    struct expect_walk w;
    struct claim c;
    struct run_trace some = *x->walk->run;
    pool_init(&x->states, x->a, sizeof(struct state));
    walk_init(&w, &some, x->a);
    claim_init(&c, x->claim->said, &w);
    c.any = x->claim->any;
    note_state(x, &c, 0, TRACE_ROOT);
    while (w.next < trace_count(some.trace)) {
        uint32_t index = w.next;
        claims_step(&c, 1, &w);
        if (trace_at(some.trace, index)->kind == TRACE_WRITE)
            note_state(x, &c, trace_at(some.trace, index)->at, index);
    }
    walk_fini(&w);
}

static const struct state *state_i(const struct explainer *x, uint32_t i) { return pool_at(&x->states, i); }

/* After everything of that instant. */
static uint32_t state_at(const struct explainer *x, sim_time t)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < x->states.count && state_i(x, i)->at <= t; i++)
        found = i;
    return found;
}

/* ---- lines ---- */

static void line(struct explainer *x, const char *label, const char *text)
{
    strbuf_printf(&x->out, "%-8s  %s\n", label, text);
}

static const char *seconds(const struct explainer *x, sim_time t) { return expect_seconds(x->a, t); }

static const char *span_text(const struct explainer *x, const struct span *s)
{
    if (s->to == SPAN_OPEN)
        return arena_printf(x->a, "from %s on", seconds(x, s->from));
    if (s->to == s->from)
        return arena_printf(x->a, "at %s, for no time", seconds(x, s->from));
    return arena_printf(x->a, "from %s to %s", seconds(x, s->from), seconds(x, s->to));
}

/* States from the one at `from` to the one at `to`; of many the first and the last ones. */
static const char *states_text(const struct explainer *x, sim_time from, sim_time to)
{
    struct strbuf b = STRBUF_INIT;
    uint32_t first = state_at(x, from), last = state_at(x, to), count = last - first + 1;
    const char *separator = x->claim->tests.count > 1 || x->claim->subject.many ? "; " : ", ";
    for (uint32_t i = 0; i < count; i++) {
        const struct state *s = state_i(x, first + i);
        if (count > SHOWN_STATES && i == SHOWN_STATES / 2) {
            strbuf_printf(&b, "%s...", separator);
            i = count - SHOWN_STATES / 2 - 1;
            continue;
        }
        strbuf_printf(&b, "%s%s from %s", i ? separator : "", s->text, seconds(x, s->at));
    }
    const char *text = arena_strdup(x->a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* ---- there was no such thing ---- */

static bool is_of_namespace(const struct explainer *x, const struct api_object *o)
{
    struct expectation_subject any = x->claim->subject;
    any.name = NULL;
    return o && o->kind == any.kind && expectation_names(&any, o->meta.namespace_, o->meta.name);
}

static void no_such_object(struct explainer *x)
{
    const struct expectation_subject *s = &x->claim->subject;
    const struct expect_walk *w = x->walk;
    const char **names = arena_array(x->a, const char *, w->version_room + 1), *elsewhere = NULL;
    size_t count = 0;
    struct strbuf there = STRBUF_INIT;
    for (uint32_t i = 0; i < w->version_room; i++) {
        const struct api_object *o = w->versions[i];
        if (is_of_namespace(x, o))
            names[count++] = o->meta.name;
        else if (o && o->kind == s->kind && s->name && text_is(o->meta.name, s->name))
            elsewhere = o->meta.namespace_;
    }
    strbuf_printf(&x->seen, "there was never a %s %s", kind_infos[s->kind].singular,
                  s->name                    ? s->name
                  : x->claim->said->selector ? x->claim->said->selector
                                             : "at all");
    for (size_t i = 0; i < count && i < SHOWN_NAMES; i++)
        strbuf_printf(&there, "%s%s", i ? ", " : "", names[i]);
    if (count > SHOWN_NAMES)
        strbuf_printf(&there, " and %zu more", count - SHOWN_NAMES);
    line(x, "seen", strbuf_str(&x->seen));
    if (elsewhere)
        line(x, "nearest", arena_printf(x->a, "there is one in namespace %s", elsewhere));
    else if (count)
        line(x, "nearest", arena_printf(x->a, "there were %s: %s", kind_infos[s->kind].resource, strbuf_str(&there)));
    else
        line(x, "nearest",
             arena_printf(x->a, "there were no %s at all%s%s", kind_infos[s->kind].resource,
                          s->namespace_ ? " in namespace " : "", s->namespace_ ? s->namespace_ : ""));
    const char *close = s->name ? diag_closest(s->name, names, count) : NULL;
    if (close)
        line(x, "help", arena_printf(x->a, "did you mean \"%s\"?", close));
    strbuf_fini(&there);
}

/* ---- states ---- */

/* STATUS and reasons that clusters show; for those that this run did not. */
static const char *const common_words[] = {
    "Completed",
    "ContainerCreating",
    "ContainerStatusUnknown",
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "DeadlineExceeded",
    "ErrImageNeverPull",
    "ErrImagePull",
    "Error",
    "Evicted",
    "ImagePullBackOff",
    "InvalidImageName",
    "NodeShutdown",
    "NotReady",
    "OOMKilled",
    "Pending",
    "PodInitializing",
    "Running",
    "SchedulingGated",
    "StartError",
    "Terminated",
    "Terminating",
    "Unknown",
};

/* A word that was there, or could have been, and looks like the one that was wanted. */
static void suggest_value(struct explainer *x)
{
    const struct claim *c = x->claim;
    const struct test *t = c->tests.count == 1 ? c->tests.items : NULL;
    bool word = t && (t->kind == TEST_COLUMN || t->kind == TEST_REASON || t->kind == TEST_POD_REASON);
    if (!word || c->subject.many || t->compare.terms.count != 1 || t->compare.terms.items[0].op != COMPARE_EQUAL)
        return;
    const char *wanted = t->compare.terms.items[0].text;
    const char **values = arena_array(x->a, const char *, x->states.count + ARRAY_LEN(common_words));
    size_t count = 0;
    for (uint32_t i = 0; i < x->states.count; i++)
        values[count++] = state_i(x, i)->text;
    for (size_t i = 0; i < ARRAY_LEN(common_words); i++)
        values[count++] = common_words[i];
    const char *close = *wanted > '9' ? diag_closest(wanted, values, count) : NULL;
    if (close && strcmp(close, wanted) != 0)
        line(x, "help", arena_printf(x->a, "did you mean \"%s\"?", close));
}

static sim_time distance(const struct span *s, const struct window *w)
{
    return s->from > w->to ? s->from - w->to : s->to < w->from ? w->from - s->to : 0;
}

/* The span of truth that is nearest to where it was wanted; of those inside the longest. */
static const struct span *nearest_span(const struct claim *c, const struct window *w)
{
    const struct span *best = NULL;
    for (uint32_t i = 0; i < c->truth.count; i++) {
        const struct span *s = pool_at(&c->truth, i);
        bool nearer = !best || distance(s, w) < distance(best, w);
        bool longer = best && distance(s, w) == distance(best, w) && s->to - s->from > best->to - best->from;
        if (nearer || longer)
            best = s;
    }
    return best;
}

static void tell_nearest(struct explainer *x, const struct window *w)
{
    const struct claim *c = x->claim;
    const struct span *s = nearest_span(c, w);
    const char *gap = "";
    if (!s || (s->first == TRACE_ROOT && s->to == s->from)) {
        line(x, "nearest", "it was never so");
        suggest_value(x);
        return;
    }
    if (s->from > w->to)
        gap = arena_printf(x->a, ", %s too late", seconds(x, s->from - w->to));
    else if (s->to <= w->from)
        gap = arena_printf(x->a, ", %s too early", seconds(x, w->from - s->to));
    else if (c->said->lasts != SIM_NEVER) {
        sim_time end = s->to == SPAN_OPEN ? c->walk->run->end : s->to, from = s->from > w->from ? s->from : w->from;
        gap = arena_printf(x->a, ", which is %s%s", seconds(x, end - from),
                           s->to == SPAN_OPEN ? " until the run ends" : "");
    }
    line(x, "nearest", arena_printf(x->a, "it was so %s%s", span_text(x, s), gap));
    if (s->from > w->to)
        x->why = s->first;
    else if (s->to != SPAN_OPEN)
        x->why = s->last;
}

static void explain_point(struct explainer *x, sim_time t)
{
    const struct run_trace *run = x->walk->run;
    struct window w = {t, t};
    if (t > run->end && !expect_run_is_over(run)) {
        strbuf_printf(&x->seen, "the run ended at %s", seconds(x, run->end));
        line(x, "seen", strbuf_str(&x->seen));
        return;
    }
    const struct state *s = state_i(x, state_at(x, t));
    strbuf_printf(&x->seen, "seen %s", s->text);
    line(x, "seen", arena_printf(x->a, "%s (since %s)", s->text, seconds(x, s->at)));
    tell_nearest(x, &w);
    x->why = x->why ? x->why : s->record;
}

static void explain_window(struct explainer *x, const struct window *w)
{
    sim_time to = w->to < x->walk->run->end ? w->to : x->walk->run->end;
    const struct state *last = state_i(x, state_at(x, to));
    strbuf_printf(&x->seen, x->claim->said->lasts != SIM_NEVER && last->holds ? "it was so only since %s" : "seen %s",
                  x->claim->said->lasts != SIM_NEVER && last->holds ? seconds(x, last->at) : last->text);
    line(x, "seen", states_text(x, w->from, to));
    tell_nearest(x, w);
    x->why = x->why ? x->why : last->record;
}

/* never, always: where it was otherwise. */
static void explain_breach(struct explainer *x, const struct pool *spans, const struct window *w)
{
    const struct span *first = NULL;
    uint32_t more = 0;
    for (uint32_t i = 0; i < spans->count; i++) {
        const struct span *s = pool_at(spans, i);
        if (!expect_touches(s, w))
            continue;
        more += first != NULL;
        first = first ? first : s;
    }
    ASSERT(first);
    sim_time at = first->from > w->from ? first->from : w->from;
    const struct state *s = NULL;
    for (uint32_t i = 0; i < x->states.count; i++)
        if (state_i(x, i)->record <= first->first || (state_i(x, i)->at <= at && first->from < at))
            s = state_i(x, i);
    const char *others = more ? arena_printf(x->a, ", and %" PRIu32 " more time%s", more, more > 1 ? "s" : "") : "";
    strbuf_printf(&x->seen, "seen %s at %s", s->text, seconds(x, at));
    if (first->from < at) /* it began before it counted */
        line(x, "seen",
             arena_printf(x->a, "%s at %s; it was wrong %s%s", s->text, seconds(x, at), span_text(x, first), others));
    else
        line(x, "seen", arena_printf(x->a, "%s %s%s", s->text, span_text(x, first), others));
    x->why = first->from < at ? s->record : first->first;
}

static void explain_state(struct explainer *x)
{
    const struct expectation *e = x->claim->said;
    sim_time end = x->walk->run->end;
    struct window w = expect_window(e, end);
    follow_states(x);
    if (e->at != SIM_NEVER)
        explain_point(x, e->at);
    else if (e->within != SIM_NEVER || e->eventually.set)
        explain_window(x, &w);
    else if (e->never.set)
        explain_breach(x, &x->claim->truth, &w);
    else if (e->always.set)
        explain_breach(x, &x->claim->broken_spans, &w);
    else
        explain_point(x, end);
}

/* ---- happenings ---- */

/* The times in the window; of many the first ones. */
static const char *times_text(const struct explainer *x, const struct claim *c, const struct window *w)
{
    struct strbuf b = STRBUF_INIT;
    uint64_t n = happenings_in(c, w->from, w->to), shown = 0;
    struct occurrence o = {w->from, NULL};
    for (sim_time from = w->from; shown < SHOWN_STATES && happening_next(c, from, NULL, &o) && o.at <= w->to;
         from = o.at + 1) {
        strbuf_printf(&b, "%s%s", shown ? ", " : ": at ", seconds(x, o.at));
        shown += happenings_in(c, o.at, o.at);
    }
    if (n > shown)
        strbuf_puts(&b, ", ...");
    const char *text = arena_printf(x->a, "%" PRIu64 " time%s%s", n, n == 1 ? "" : "s", strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* The same of any kind: any Event of it, any message, any line, any start. */
static struct expectation relaxed(const struct explainer *x)
{
    static const struct value any = {.type = VALUE_STRING, .text = "*"};
    struct expectation e = *x->claim->said;
    if (e.message) {
        e.message = NULL;
    } else if (e.event) {
        e.event = &any;
    } else if (e.log) {
        e.log = "*";
    } else {
        const char *word = arena_strndup(x->a, e.happens, strcspn(e.happens, " "));
        e.happens = strcmp(word, e.happens) == 0 || glob_is_pattern(word) ? "*" : word;
    }
    return e;
}

/* What the happenings of a claim were, each once, at most SHOWN_NAMES + 1; `brief`: up to a colon. */
static size_t different(const struct explainer *x, const struct claim *c, bool brief, const char **names)
{
    size_t count = 0;
    for (uint32_t i = 0; i < c->happenings.count && count <= SHOWN_NAMES; i++) {
        const struct happening *h = pool_at(&c->happenings, i);
        const char *text = brief ? arena_strndup(x->a, h->text, strcspn(h->text, ":")) : expect_cut(x->a, h->text);
        bool known = false;
        for (size_t k = 0; k < count && !known; k++)
            known = strcmp(names[k], text) == 0;
        if (!known)
            names[count++] = text;
    }
    return count;
}

/* Anything of that sort that happened to it: to see what a mistyped word could have been. */
static void tell_others(struct explainer *x)
{
    const struct expectation *said = x->claim->said;
    struct expectation e = relaxed(x);
    struct expect_walk w;
    struct claim c;
    const char *names[SHOWN_NAMES + 1];
    bool brief = said->event && !said->message;
    walk_init(&w, x->walk->run, x->a);
    claim_init(&c, &e, &w);
    claims_follow(&c, 1, &w);
    size_t count = different(x, &c, brief, names);
    struct strbuf b = STRBUF_INIT;
    size_t shown = brief ? SHOWN_NAMES : SHOWN_TEXTS;
    for (size_t i = 0; i < count && i < shown; i++)
        strbuf_printf(&b, "%s%s", i ? said->log || said->message ? " | " : ", " : "", names[i]);
    line(x, "nearest",
         count ? arena_printf(x->a, "there were: %s%s", strbuf_str(&b), count > shown ? ", ..." : "")
               : "there was nothing of that kind");
    const char *close = brief ? diag_closest(x->claim->event.text, names, count) : NULL;
    if (close)
        line(x, "help", arena_printf(x->a, "did you mean \"%s\"?", close));
    strbuf_fini(&b);
    walk_fini(&w);
}

/* Folded lines come to light late: what their record says is why they were told, not why they were printed. */
static void why_of(struct explainer *x, const struct happening *h)
{
    uint16_t kind = trace_at(x->walk->run->trace, h->record)->kind;
    if (kind != TRACE_PROBE_REPEATS && kind != TRACE_OUTPUT_REPEATS)
        x->why = h->record;
}

static void tell_nearest_time(struct explainer *x, const struct window *w)
{
    struct occurrence before, after;
    bool has_before = happening_before(x->claim, w->from, &before);
    bool has_after = happening_next(x->claim, w->to + 1, NULL, &after);
    if (has_after && (!has_before || after.at - w->to < w->from - before.at)) {
        line(x, "nearest",
             arena_printf(x->a, "%s at %s, %s too late", expect_cut(x->a, after.of->text), seconds(x, after.at),
                          seconds(x, after.at - w->to)));
        why_of(x, after.of);
    } else if (has_before) {
        line(x, "nearest",
             arena_printf(x->a, "%s at %s, %s too early", expect_cut(x->a, before.of->text), seconds(x, before.at),
                          seconds(x, w->from - before.at)));
        why_of(x, before.of);
    }
}

static void explain_happening(struct explainer *x)
{
    const struct claim *c = x->claim;
    struct window w = expect_window(c->said, x->walk->run->end);
    uint64_t n = happenings_in(c, w.from, w.to);
    struct occurrence first;
    strbuf_printf(&x->seen, n ? "it happened %" PRIu64 " time%s" : "it did not happen", n, n == 1 ? "" : "s");
    line(x, "seen", times_text(x, c, &w));
    if (c->happenings.count == 0) {
        tell_others(x);
    } else if (c->said->never.set && happening_next(c, w.from, NULL, &first)) {
        line(x, "nearest", arena_printf(x->a, "%s at %s", expect_cut(x->a, first.of->text), seconds(x, first.at)));
        why_of(x, first.of);
    } else {
        tell_nearest_time(x, &w);
    }
}

/* ---- orders ---- */

static void explain_order(struct explainer *x)
{
    const struct expect_check *k = x->check;
    struct window w = expect_window(k->said, x->walk->run->end);
    for (uint32_t i = 0; i < k->met; i++)
        line(x, i ? "" : "seen",
             arena_printf(x->a, "%s  %s: %s", seconds(x, k->times[i]), expect_subject_name(x->a, k->claims[i].said),
                          expect_what(x->a, k->claims[i].said)));
    if (k->met == k->count) {
        sim_time last = k->times[k->count - 1];
        strbuf_printf(&x->seen, "the last came true at %s", seconds(x, last));
        line(x, "nearest", arena_printf(x->a, "%s too late", seconds(x, last - w.to)));
        return;
    }
    const struct claim *c = x->claim = &k->claims[k->met];
    const char *what = arena_printf(x->a, "%s: %s", expect_subject_name(x->a, c->said), expect_what(x->a, c->said));
    strbuf_printf(&x->seen, "not then \"%s\"", what);
    line(x, k->met ? "" : "seen", arena_printf(x->a, "never after that: %s", what));
    if (!c->ever) {
        strbuf_reset(&x->seen);
        no_such_object(x);
    } else if (c->happens && c->happenings.count == 0) {
        tell_others(x);
    } else if (c->happens) {
        struct window all = {0, x->walk->run->end};
        line(x, "nearest", arena_printf(x->a, "it happened %s", times_text(x, c, &all)));
    } else if (c->truth.count) {
        const struct span *last = pool_at(&c->truth, c->truth.count - 1);
        line(x, "nearest", arena_printf(x->a, "it had come true before: it was so %s", span_text(x, last)));
        x->why = last->first;
    } else {
        follow_states(x);
        line(x, "nearest", arena_printf(x->a, "it was never so: %s", states_text(x, 0, x->walk->run->end)));
    }
}

/* ---- why ---- */

static struct src_pos probe_pos(const struct pod *pod, const struct trace_record *r)
{
    static const char *const fields[PROBE_KIND_COUNT] = {"startupProbe", "readinessProbe", "livenessProbe"};
    static const char *const lists[] = {"containers", "initContainers"};
    const struct value *spec = value_get(pod->object.source, "spec");
    for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
        const struct value *list = value_get(spec, lists[l]);
        for (uint32_t i = 0; list && list->type == VALUE_LIST && i < list->count; i++) {
            const struct value *name = value_get(list->items[i], "name");
            const struct value_entry *e = value_entry(list->items[i], fields[r->flags]);
            if (name && text_is(name->text, r->text) && e)
                return e->key_at;
        }
    }
    return SRC_POS_NONE;
}

/* Where the user wrote what the record comes from. */
static struct src_pos record_pos(const struct explainer *x, const struct trace_record *r)
{
    const struct api_object *o = walk_version(x->walk, r->object);
    switch (r->kind) {
    case TRACE_PROBE:
        return o && o->kind == KIND_POD ? probe_pos((const struct pod *)o, r) : SRC_POS_NONE;
    case TRACE_ACTION:
        return r->data ? *(const struct src_pos *)r->data : SRC_POS_NONE;
    case TRACE_WRITE:
        o = r->data;
        return r->flags == WRITE_CREATE && r->component == COMP_USER && o->source ? o->source->at : SRC_POS_NONE;
    case TRACE_CONTAINER_CREATED:
    case TRACE_CONTAINER_STARTED:
    case TRACE_CONTAINER_EXITED:
    case TRACE_SIGNAL:
    case TRACE_HOOK:
    case TRACE_PULL_START:
    case TRACE_PULL_END:
        return r->data ? ((const struct trace_container *)r->data)->at : SRC_POS_NONE;
    default:
        return SRC_POS_NONE;
    }
}

static const struct story_row *row_of(const struct story *s, uint32_t record)
{
    for (uint32_t i = 0; i < s->rows.count; i++) {
        const struct story_row *row = pool_at(&s->rows, i);
        if (row->record == record)
            return row;
    }
    return NULL;
}

static void put_cause(struct explainer *x, struct story *s, uint32_t record, const char *text, bool first)
{
    const struct trace_record *r = trace_at(x->walk->run->trace, record);
    struct src_pos at = record_pos(x, r);
    const char *position = at.line ? view_position(&s->view, at) : NULL;
    strbuf_printf(&x->out, "%-8s  %s  %s%s%s\n", first ? "why" : "", seconds(x, r->at), expect_cut(x->a, text),
                  position ? "  " : "", position ? position : "");
}

/* As the timeline tells it; its reason may be a place, which stands there anyway. */
static const char *row_text(const struct explainer *x, const struct story_row *row)
{
    const char *what = row->object ? arena_printf(x->a, "%s: %s", row->object, row->what) : row->what;
    bool place = row->why && strstr(row->why, ".yaml:");
    return row->why && !place ? arena_printf(x->a, "%s (%s)", what, row->why) : what;
}

/* What is told of the record in the timeline, or the words in which another row gives it as its reason. */
static void tell_causes(struct explainer *x)
{
    struct story s;
    uint32_t record = x->why, told = 0;
    const char *words = NULL, *before = "";
    if (record == TRACE_ROOT)
        return;
    story_init(&s, x->walk->run);
    while (record != TRACE_ROOT && told < SHOWN_CAUSES) {
        const struct story_row *row = row_of(&s, record);
        const char *text = row ? row_text(x, row) : words;
        if (text && !(text == words && strstr(before, text))) {
            put_cause(x, &s, record, text, told++ == 0);
            before = text;
        }
        uint32_t because = TRACE_ROOT;
        words = view_why(&s.view, record, &because);
        record = because;
    }
    story_fini(&s);
}

/* ---- the whole ---- */

void expect_explain(const struct expect_check *k, struct expect_walk *w, struct check_result *ret)
{
    struct explainer x = {
        .check = k, .claim = k->claims, .walk = w, .a = w->arena, .out = STRBUF_INIT, .seen = STRBUF_INIT};
    const struct expectation *e = k->said;
    bool existence = e->exists.set || x.claim->count.text;
    if (!e->order.count)
        line(&x, "expected", expect_wanted(x.a, e));
    if (e->order.count)
        explain_order(&x);
    else if (!x.claim->ever && !existence)
        no_such_object(&x);
    else if (x.claim->happens)
        explain_happening(&x);
    else
        explain_state(&x);
    tell_causes(&x);
    if (e->order.count)
        ret->message = arena_printf(x.a, "expected an order of %" PRIu32 "; %s", k->count, strbuf_str(&x.seen));
    else
        ret->message = arena_printf(x.a, "%s: expected %s; %s", expect_subject_name(x.a, e), expect_wanted(x.a, e),
                                    expect_cut(x.a, strbuf_str(&x.seen)));
    ret->details = arena_strdup(x.a, strbuf_str(&x.out));
    strbuf_fini(&x.seen);
    strbuf_fini(&x.out);
}
