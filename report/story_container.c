/* story_container.c - rows for what the API does not show: pulls, processes, signals, probes, hooks. */
#include "report/story_private.h"

#include <string.h>

void story_tell_pull(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *c = r->data;
    struct strbuf b = STRBUF_INIT;
    if (r->aux) {
        strbuf_printf(&b, "pull of %s failed: %s", r->text,
                      view_short_error(&s->view, c && c->message ? c->message : ""));
    } else {
        strbuf_printf(&b, "image %s pulled", r->text);
        const struct trace_record *start = r->cause ? trace_at(s->view.run->trace, r->cause) : NULL;
        if (start && start->kind == TRACE_PULL_START) {
            strbuf_puts(&b, " in ");
            strbuf_seconds(&b, r->at - start->at, 3);
            strbuf_putc(&b, 's');
        }
    }
    story_add(s, view_name(&s->view, r->object), story_text(s, &b), r->aux ? TONE_BAD : TONE_PLAIN);
}

/* "container", "init container", "sidecar" */
static const char *container_word(struct story *s, const struct trace_container *c)
{
    const struct pod *pod = view_pod(&s->view, s->view.record->object);
    if (!c->init)
        return "container";
    for (uint32_t i = 0; pod && i < pod->spec.init_containers.count; i++)
        if (same(pod->spec.init_containers.items[i].name, c->container) &&
            container_is_sidecar(&pod->spec.init_containers.items[i]))
            return "sidecar";
    return "init container";
}

static const char *why_after_backoff(struct story *s, const struct container_view *c)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "its back-off of ");
    strbuf_go_duration(&b, c->backoff);
    strbuf_puts(&b, " is over");
    return story_text(s, &b);
}

void story_tell_started(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *c = r->data;
    struct container_view *view = view_container(&s->view, r->object, r->text);
    view->signalled_at = SIM_NEVER;
    memset(view->probe_output, 0, sizeof view->probe_output);
    view->hook_cut_off = false;
    const char *kind = container_word(s, c);
    const char *what = r->aux ? arena_printf(&s->view.arena, "%s %s started again (restart %" PRIu32 ")", kind,
                                             r->text, r->aux)
                              : arena_printf(&s->view.arena, "%s %s started", kind, r->text);
    struct story_row *row = story_add_following(s, what, TONE_PLAIN);
    if (view->backoff)
        row->why = why_after_backoff(s, view);
    view->backoff = 0;
}

/* "30s", "2.400s": whole seconds without decimals. */
static void put_elapsed(struct strbuf *b, sim_time d)
{
    if (d % SIM_SECOND == 0)
        strbuf_int(b, d / SIM_SECOND);
    else
        strbuf_seconds(b, d, 3);
    strbuf_putc(b, 's');
}

/* Why a signal is sent: the stop that sends it; for SIGKILL after SIGTERM, that time is up. */
static const char *why_signal(struct story *s, const struct container_view *c)
{
    enum { SIGKILL_NUMBER = 9 };
    sim_time now = s->view.record->at;
    if (s->view.record->aux != SIGKILL_NUMBER || c->signalled_at == SIM_NEVER || c->signalled_at == now)
        return story_why(s);
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "still running ");
    put_elapsed(&b, now - c->signalled_at);
    strbuf_printf(&b, " after %s", view_signal_name(c->first_signal));
    return story_text(s, &b);
}

void story_tell_signal(struct story *s)
{
    const struct trace_record *r = s->view.record;
    static const char *const effects[] = {
        [SIGNAL_DEFAULT] = "",
        [SIGNAL_HANDLED] = ": handled",
        [SIGNAL_IGNORED] = ": ignored, no handler",
    };
    struct container_view *c = view_container(&s->view, r->object, r->text);
    const char *reason = why_signal(s, c);
    const char *what = arena_printf(&s->view.arena, "%s to %s%s", view_signal_name((int32_t)r->aux), r->text,
                                    r->flags < ARRAY_LEN(effects) ? effects[r->flags] : "");
    story_add(s, view_name(&s->view, r->object), what, TONE_WARN)->why = reason;
    if (c->signalled_at == SIM_NEVER) {
        c->signalled_at = r->at;
        c->first_signal = (int32_t)r->aux;
    }
}

/* The row of a signal that ended the container at this very instant. */
static struct story_row *ending_signal(struct story *s)
{
    struct story_row *last = story_last(s);
    if (!last || last->at != s->view.record->at)
        return NULL;
    const struct trace_record *r = trace_at(s->view.run->trace, last->record);
    bool same_container = r->kind == TRACE_SIGNAL && r->object == s->view.record->object &&
                          same(r->text, s->view.record->text);
    return same_container ? last : NULL;
}

void story_tell_exited(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *c = r->data;
    struct container_view *view = view_container(&s->view, r->object, r->text);
    view->exited_at = r->at;
    struct strbuf b = STRBUF_INIT;
    struct story_row *signal = ending_signal(s);
    const char *kind = container_word(s, c);
    if (same(c->reason, "StartError")) {
        strbuf_printf(&b, "%s %s cannot start: %s", kind, r->text, view_short_error(&s->view, c->message));
        struct story_row *row = story_add(s, view_name(&s->view, r->object), story_text(s, &b), TONE_BAD);
        row->why = view->backoff ? why_after_backoff(s, view) : NULL;
        view->backoff = 0;
        return;
    }
    if (signal)
        strbuf_printf(&b, "%s to %s: exit %" PRId32,
                      view_signal_name((int32_t)trace_at(s->view.run->trace, signal->record)->aux), r->text,
                      c->exit_code);
    else if (c->signal)
        strbuf_printf(&b, "%s %s killed by %s, exit %" PRId32, kind, r->text, view_signal_name(c->signal), c->exit_code);
    else
        strbuf_printf(&b, "%s %s exited %" PRId32, kind, r->text, c->exit_code);
    if (given(c->reason) && strcmp(c->reason, "Error") != 0 && strcmp(c->reason, "Completed") != 0)
        strbuf_printf(&b, " (%s)", c->reason);
    if (given(c->message))
        strbuf_printf(&b, ": %s", view_short_error(&s->view, c->message));
    enum story_tone tone = c->exit_code ? TONE_BAD : TONE_PLAIN;
    if (signal) {
        signal->what = story_text(s, &b);
        signal->tone = tone;
        signal->record = s->view.index;
        return;
    }
    struct story_row *row = story_add_following(s, story_text(s, &b), tone);
    if (!row->why && view->signalled_at != SIM_NEVER && view->signalled_at < r->at) {
        put_elapsed(&b, r->at - view->signalled_at);
        strbuf_printf(&b, " after %s", view_signal_name(view->first_signal));
        row->why = story_text(s, &b);
    }
}

static void probe_failed(struct story *s, const struct trace_probe *p)
{
    const struct trace_record *r = s->view.record;
    const char **shown = &view_container(&s->view, r->object, r->text)->probe_output[r->flags];
    if (p->run > p->threshold) /* steady: the verdict has been told */
        return;
    const char *output = view_one_line(&s->view, p->output);
    bool again = *shown && strcmp(*shown, output) == 0;
    *shown = output;
    if (again)
        output = "";
    story_add(s, view_name(&s->view, r->object),
            arena_printf(&s->view.arena, "%s probe failed (%" PRId32 "/%" PRId32 ")%s%s", probe_names[r->flags],
                         p->run, p->threshold, *output ? ": " : "", output),
            TONE_WARN);
}

void story_tell_probe(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_probe *p = r->data;
    const char **shown = &view_container(&s->view, r->object, r->text)->probe_output[r->flags];
    if (p->result == RESULT_FAILURE) {
        probe_failed(s, p);
        return;
    }
    if (p->result == RESULT_UNKNOWN) {
        const char *output = view_short_error(&s->view, p->output);
        if (*shown && strcmp(*shown, output) == 0)
            return;
        *shown = output;
        story_add(s, view_name(&s->view, r->object),
                arena_printf(&s->view.arena, "%s probe could not run: %s", probe_names[r->flags], output),
                TONE_WARN);
        return;
    }
    /* A pass is news when it changes the verdict or ends a series of failures. */
    bool news = *shown || (p->published && r->flags != PROBE_LIVENESS);
    *shown = NULL;
    if (news)
        story_add(s, view_name(&s->view, r->object),
                arena_printf(&s->view.arena, "%s probe passed", probe_names[r->flags]), TONE_GOOD);
}

void story_tell_hook(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *c = r->data;
    static const char *const ends[] = {"started", "finished", "failed", "cut off: the grace period is over"};
    enum { STARTED, CUT_OFF = 3 };
    struct container_view *view = view_container(&s->view, r->object, r->text);
    if (view->hook_cut_off && r->aux != STARTED)
        return;
    view->hook_cut_off = r->aux == CUT_OFF;
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "%s hook of %s %s", r->flags ? "preStop" : "postStart", r->text,
                  r->aux < ARRAY_LEN(ends) ? ends[r->aux] : "ended");
    if (c && given(c->message))
        strbuf_printf(&b, ": %s", view_short_error(&s->view, c->message));
    story_add(s, view_name(&s->view, r->object), story_text(s, &b), r->aux >= 2 ? TONE_BAD : TONE_PLAIN);
}

/* The window runs from the exit. A wait that is looked at again is still the same wait. */
void story_tell_backoff(struct story *s)
{
    const struct trace_record *r = s->view.record;
    struct container_view *c = view_container(&s->view, r->object, r->text);
    sim_time window = (sim_time)r->aux * SIM_MS;
    sim_time until = sim_time_add(c->exited_at != SIM_NEVER ? c->exited_at : r->at, window);
    if (c->backoff && c->backoff_until == until)
        return;
    c->backoff = window;
    c->backoff_until = until;
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "%s waits ", r->text);
    strbuf_go_duration(&b, window);
    strbuf_puts(&b, " before the next start, until ");
    strbuf_seconds(&b, until, 3);
    strbuf_putc(&b, 's');
    story_add_following(s, story_text(s, &b), TONE_WARN);
}
