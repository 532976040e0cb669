/* story.c - which records make a row, and in which words. See story.h.
 *
 * Each kind of record has a function; pods' writes are compared with their predecessor. Words of the
 * API (statuses, reasons, messages) are quoted letter for letter.
 */
#include "report/story_private.h"

/* ---- rows ---- */

struct story_row *story_add(struct story *s, const char *object, const char *what, enum story_tone tone)
{
    uint32_t i = pool_add(&s->rows);
    struct story_row *row = pool_at(&s->rows, i);
    *row = (struct story_row){
        .at = s->view.record->at,
        .object = object,
        .what = what,
        .tone = tone,
        .record = s->view.index,
    };
    if (!object)
        s->last_action = i + 1;
    else if (s->view.record->object && view_object(&s->view, s->view.record->object))
        view_object(&s->view, s->view.record->object)->last_row = i + 1;
    return row;
}

struct story_row *story_last(struct story *s) { return s->rows.count ? pool_at(&s->rows, s->rows.count - 1) : NULL; }

/* What a node does to a pod is explained by something about that pod: a relist that another pod set
 * off explains nothing. */
static bool about_this_pod(struct story *s, uint32_t because)
{
    const struct trace *t = s->view.run->trace;
    const struct trace_record *r = s->view.record;
    bool node = r->component == COMP_KUBELET || r->component == COMP_RUNTIME || r->component == COMP_PROBER ||
                r->component == COMP_PROCESS;
    if (!node || !view_pod(&s->view, r->object))
        return true;
    for (uint32_t i = r->cause; i != TRACE_ROOT && i >= because; i = trace_at(t, i)->cause)
        if (trace_at(t, i)->object == r->object)
            return true;
    return false;
}

/* NULL also when the action that caused it stands right above, at the same instant. */
static const char *why_with(struct story *s, uint32_t *ret_because)
{
    const char *text = view_why(&s->view, s->view.index, ret_because);
    if (!text || !about_this_pod(s, *ret_because))
        return NULL;
    const struct trace_record *cause = trace_at(s->view.run->trace, *ret_because);
    return cause->kind == TRACE_ACTION && cause->at == s->view.record->at ? NULL : text;
}

const char *story_why(struct story *s)
{
    uint32_t because;
    return why_with(s, &because);
}

/* As story_why(), but nothing when one of the object's latest rows has told the reason. */
const char *story_why_unless_told(struct story *s)
{
    enum { LATEST = 2, FAR = 64 };
    uint32_t because = 0, seen = 0;
    const char *text = why_with(s, &because), *object = view_name(&s->view, s->view.record->object);
    for (uint32_t i = s->rows.count; text && i-- > 0 && seen < LATEST && i + FAR >= s->rows.count;) {
        const struct story_row *row = pool_at(&s->rows, i);
        if (!row->object || strcmp(row->object, object) != 0)
            continue;
        if (row->record == because)
            return NULL;
        seen++;
    }
    return text;
}

/* A row of the object the record is about, with the cause of the record as its reason. */
struct story_row *story_add_caused(struct story *s, const char *what, enum story_tone tone)
{
    const char *reason = story_why(s);
    struct story_row *row = story_add(s, view_name(&s->view, s->view.record->object), what, tone);
    row->why = reason;
    return row;
}

/* The same for what follows from the rows above as a matter of course. */
struct story_row *story_add_following(struct story *s, const char *what, enum story_tone tone)
{
    const char *reason = story_why_unless_told(s);
    struct story_row *row = story_add(s, view_name(&s->view, s->view.record->object), what, tone);
    row->why = reason;
    return row;
}

const char *story_text(struct story *s, struct strbuf *b)
{
    const char *text = arena_strdup(&s->view.arena, strbuf_str(b));
    strbuf_fini(b);
    return text;
}

/* A list of changes that share a row: "a, b, c". */
void story_part(struct strbuf *b)
{
    if (b->len)
        strbuf_puts(b, ", ");
}

static void told_action(struct story *s)
{
    const char *line = view_one_line(&s->view, s->view.record->text);
    story_add(s, NULL, arena_printf(&s->view.arena, s->view.record->flags ? "fault: %s" : "$ kubectl %s", line),
              TONE_ACTION);
}

/* The row of the action that record `index` is, if it is of this instant. */
static struct story_row *action_row(struct story *s, uint32_t index)
{
    for (uint32_t i = s->rows.count; i-- > 0;) {
        struct story_row *row = pool_at(&s->rows, i);
        if (row->at < s->view.record->at)
            break;
        if (row->record == index)
            return row;
    }
    return NULL;
}

/* Output stands under its action, before what the action sets off, as in a terminal; when time has
 * passed in between, under a row of its own. */
static void told_output(struct story *s)
{
    const struct trace_record *r = s->view.record;
    if (!given(r->text) && r->aux == 0)
        return;
    struct story_row *row = action_row(s, r->cause);
    if (!row) {
        const char *line = r->cause ? view_one_line(&s->view, trace_at(s->view.run->trace, r->cause)->text) : "";
        row = story_add(s, NULL,
                        arena_printf(&s->view.arena, r->flags ? "output: kubectl %s" : "finished: kubectl %s", line),
                        TONE_ACTION);
        row->record = r->cause;
    }
    row->block = row->block ? arena_printf(&s->view.arena, "%s%s", row->block, r->text) : r->text;
}

/* A mistake in a script is told once, however often the script runs. */
static bool diag_told(struct story *s, const struct trace_diag *d)
{
    for (uint32_t i = 0; i < s->diags.count; i++) {
        const struct trace_diag *old = *(const struct trace_diag **)pool_at(&s->diags, i);
        if (old->at.file == d->at.file && old->at.line == d->at.line && text_same(old->message, d->message))
            return true;
    }
    *(const struct trace_diag **)pool_at(&s->diags, pool_add(&s->diags)) = d;
    return false;
}

static void told_diag(struct story *s)
{
    const struct trace_diag *d = s->view.record->data;
    if (diag_told(s, d))
        return;
    story_add(s, view_name(&s->view, s->view.record->object), d->message, TONE_WARN)->why =
        view_position(&s->view, d->at);
}

static void tell(struct story *s)
{
    switch (s->view.record->kind) {
    case TRACE_WRITE:
        story_tell_write(s);
        break;
    case TRACE_ACTION:
        told_action(s);
        break;
    case TRACE_ACTION_OUTPUT:
        told_output(s);
        break;
    case TRACE_SANDBOX_CREATED:
        view_object(&s->view, s->view.record->object)->sandbox_attempt = s->view.record->aux;
        break;
    case TRACE_PULL_END:
        story_tell_pull(s);
        break;
    case TRACE_CONTAINER_STARTED:
        story_tell_started(s);
        break;
    case TRACE_CONTAINER_EXITED:
        story_tell_exited(s);
        break;
    case TRACE_CONTAINER_REMOVED:
    case TRACE_IMAGE_REMOVED:
        story_tell_removed(s);
        break;
    case TRACE_OOM_KILL:
        story_tell_oom_kill(s);
        break;
    case TRACE_SIGNAL:
        story_tell_signal(s);
        break;
    case TRACE_PROBE:
        story_tell_probe(s);
        break;
    case TRACE_HOOK:
        story_tell_hook(s);
        break;
    case TRACE_BACKOFF:
        story_tell_backoff(s);
        break;
    case TRACE_EVICTION:
        story_tell_eviction(s);
        break;
    case TRACE_TRAFFIC:
        story_tell_traffic(s);
        break;
    case TRACE_TRAFFIC_END:
        story_tell_traffic_end(s);
        break;
    case TRACE_DIAG:
        told_diag(s);
        break;
    default: /* steps that lead to one of the above */
        break;
    }
}

void story_init(struct story *s, const struct run_trace *run)
{
    view_init(&s->view, run);
    s->last_action = 0;
    pool_init(&s->rows, &s->view.arena, sizeof(struct story_row));
    pool_init(&s->slices, &s->view.arena, sizeof(uint32_t));
    pool_init(&s->traffic, &s->view.arena, sizeof(uint32_t));
    pool_init(&s->diags, &s->view.arena, sizeof(const struct trace_diag *));
    while (view_next(&s->view))
        tell(s);
}

void story_fini(struct story *s) { view_fini(&s->view); }
