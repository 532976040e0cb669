/* transcript.c - the session at a terminal: each kubectl line of the scenario and what it printed.
 *
 *     # 30.000s
 *     $ kubectl get pods
 *     NAME   READY   STATUS    RESTARTS   AGE
 *     web    1/1     Running   0          29s
 *
 * What the user did not type is a comment: the time, when it changes; faults; exit codes other than 0; which
 * line an output belongs to that comes later, when another has been typed since; lines that never ended, or were not
 * reached.
 */
#include <string.h>

#include "report/private.h"

enum progress { NOT_WAITING, RUNS_ON, OVER };

struct transcript {
    struct view view;
    struct strbuf *out;
    sim_time at;          /* printed last; SIM_NEVER = nothing yet */
    uint32_t last_action; /* record of the line shown last */
    bool ended;           /* what has not ended has been told */
    struct pool actions;  /* struct shown_action */
};

struct shown_action {
    uint32_t record;
    sim_time at;
    enum progress progress;
};

static void put_time(struct transcript *t, sim_time at)
{
    if (t->at == at)
        return;
    strbuf_puts(t->out, t->at == SIM_NEVER ? "# " : "\n# ");
    strbuf_seconds(t->out, at, 3);
    strbuf_puts(t->out, "s\n");
    t->at = at;
}

/* Lines of a text, each with `before`; the last ends, too. */
static void put_lines(struct strbuf *out, const char *text, const char *before)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        strbuf_puts(out, before);
        strbuf_add(out, text, n);
        strbuf_putc(out, '\n');
        text += n + (text[n] == '\n');
    }
}

/* As it was written, over several lines, too. */
static void put_command(struct transcript *t, const char *text)
{
    size_t n = strlen(text);
    while (n && (text[n - 1] == '\n' || text[n - 1] == ' '))
        n--;
    strbuf_puts(t->out, "$ kubectl ");
    strbuf_add(t->out, text, n);
    strbuf_putc(t->out, '\n');
}

static struct shown_action *action_of(struct transcript *t, uint32_t record)
{
    for (uint32_t i = t->actions.count; i-- > 0;) {
        struct shown_action *a = pool_at(&t->actions, i);
        if (a->record == record)
            return a;
    }
    return NULL;
}

static void put_action(struct transcript *t)
{
    const struct trace_record *r = t->view.record;
    put_time(t, r->at);
    if (r->flags)
        strbuf_printf(t->out, "# fault: %s\n", view_one_line(&t->view, r->text));
    else
        put_command(t, r->text ? r->text : "");
    *(struct shown_action *)pool_at(&t->actions, pool_add(&t->actions)) =
        (struct shown_action){t->view.index, r->at, NOT_WAITING};
    t->last_action = t->view.index;
}

static void put_output(struct transcript *t)
{
    const struct trace_record *r = t->view.record;
    const struct trace_record *action = trace_at(t->view.run->trace, r->cause);
    struct shown_action *a = action_of(t, r->cause);
    bool later = r->cause != t->last_action, says = (r->text && *r->text) || r->aux;
    if (a)
        a->progress = r->flags ? RUNS_ON : OVER;
    if (!says)
        return;
    put_time(t, r->at);
    if (later)
        strbuf_printf(t->out, "# of: kubectl %s\n", view_one_line(&t->view, action->text));
    put_lines(t->out, r->text ? r->text : "", action->flags ? "# " : "");
    if (r->aux)
        strbuf_printf(t->out, "# exit code %" PRIu32 "\n", r->aux);
}

static void put_unfinished(struct transcript *t)
{
    if (t->ended)
        return;
    t->ended = true;
    for (uint32_t i = 0; i < t->actions.count; i++) {
        const struct shown_action *a = pool_at(&t->actions, i);
        if (a->progress != RUNS_ON)
            continue;
        put_time(t, t->view.run->end);
        strbuf_printf(t->out, "# not over: kubectl %s\n",
                      view_one_line(&t->view, trace_at(t->view.run->trace, a->record)->text));
    }
}

/* At the end: the line that it waited for has not ended either. */
static void put_unreached(struct transcript *t)
{
    put_unfinished(t);
    put_time(t, t->view.record->at);
    strbuf_printf(t->out, "# %s\n", ((const struct trace_diag *)t->view.record->data)->message);
}

void report_transcript(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct transcript t = {.out = out, .at = SIM_NEVER};
    (void)o;
    view_init(&t.view, run);
    pool_init(&t.actions, &t.view.arena, sizeof(struct shown_action));
    while (view_next(&t.view)) {
        if (t.view.record->kind == TRACE_ACTION)
            put_action(&t);
        else if (t.view.record->kind == TRACE_ACTION_OUTPUT)
            put_output(&t);
        else if (t.view.record->kind == TRACE_DIAG && t.view.record->component == COMP_USER)
            put_unreached(&t);
        else if (t.view.record->kind == TRACE_END)
            put_unfinished(&t);
    }
    view_fini(&t.view);
}
