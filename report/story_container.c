/* story_container.c - rows for what the API does not show: pulls, processes, signals, probes, hooks. */
#include "report/story_private.h"

/* "docker.io/library/web:v1: not found" -> "not found": whose error it is stands in front of it. */
static const char *behind_name(const char *error, const char *image)
{
    const char *found = strstr(error, image);
    size_t n = strlen(image);
    if (!found || (found > error && found[-1] != '/') || memchr(error, ' ', (size_t)(found - error)))
        return error;
    found += n;
    if (*found == ':' && found[1] != ' ') /* the tag that was assumed */
        found += strcspn(found, " ") - 1;
    return strncmp(found, ": ", 2) == 0 ? found + 2 : error;
}

/* A dead container, or an image of a node. */
void story_tell_removed(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *c = r->data;
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "%s %s removed, %" PRIu64 " bytes", r->kind == TRACE_IMAGE_REMOVED ? "image" : "dead container",
                  r->text, c->bytes);
    story_add_caused(s, story_text(s, &b), TONE_PLAIN);
    struct container_view *v = r->kind == TRACE_CONTAINER_REMOVED ? view_container(&s->view, r->object, r->text) : NULL;
    if (v && v->attempt == r->aux)
        v->removed = true;
}

void story_tell_pull(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *c = r->data;
    struct strbuf b = STRBUF_INIT;
    struct object_view *pod = view_object(&s->view, r->object);
    if (r->aux) {
        strbuf_printf(&b, "pull of %s failed: %s", r->text,
                      behind_name(view_short_error(&s->view, c && c->message ? c->message : ""), r->text));
        if (pod)
            pod->failed_pulls++;
    } else {
        if (pod)
            pod->failed_pulls = 0;
        strbuf_printf(&b, "image %s pulled", r->text);
        const struct trace_record *start = r->cause ? trace_at(s->view.run->trace, r->cause) : NULL;
        if (start && start->kind == TRACE_PULL_START && start->at < r->at) {
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
    for (uint32_t i = 0; pod && i < pod->spec.ephemeral_containers.count; i++)
        if (text_same(pod->spec.ephemeral_containers.items[i].name, c->container))
            return "ephemeral container";
    if (!c->init)
        return "container";
    for (uint32_t i = 0; pod && i < pod->spec.init_containers.count; i++)
        if (text_same(pod->spec.init_containers.items[i].name, c->container) &&
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

static bool lists(const struct exit_codes_rule *rule, int32_t code)
{
    for (uint32_t i = 0; rule && i < rule->values.count; i++)
        if (rule->values.items[i] == code)
            return text_same(rule->operator_, "In");
    return rule && text_same(rule->operator_, "NotIn");
}

/* The kubelet stops it to start it with other resources, in the middle of an in-place resize. */
static bool resized(const struct pod *pod, const struct container *spec, const struct container_view *c)
{
    bool stopped = c->signalled_at != SIM_NEVER && spec->resize_policy;
    for (uint32_t i = 0; stopped && i < pod->status.conditions.count; i++)
        if (text_same(pod->status.conditions.items[i].type, "PodResizeInProgress"))
            return true;
    return false;
}

/* Which rule of the manifest lets a container that ended run again: k8s pkg/api/v1/pod/util.go. */
static const char *why_policy(struct story *s, const struct pod *pod, const struct container *spec,
                              const struct container_view *c)
{
    const struct trace_container *ended = c->ended;
    const char *policy = spec->restart_policy ? spec->restart_policy : pod->spec.restart_policy;
    if (c->failed_probe) /* whatever the exit code */
        return arena_printf(&s->view.arena, "%s probe failed, restartPolicy %s", c->failed_probe, policy);
    if (resized(pod, spec, c))
        return "resizePolicy RestartContainer";
    if (text_same(ended->reason, "StartError"))
        return arena_printf(&s->view.arena, "restartPolicy %s", policy);
    for (uint32_t i = 0; i < spec->restart_policy_rules.count; i++)
        if (lists(spec->restart_policy_rules.items[i].exit_codes, ended->exit_code))
            return arena_printf(&s->view.arena, "restart rule of %s, exit %" PRId32, spec->name, ended->exit_code);
    if (spec->restart_policy)
        return arena_printf(&s->view.arena, "restartPolicy %s of %s, exit %" PRId32, spec->restart_policy, spec->name,
                            ended->exit_code);
    return arena_printf(&s->view.arena, "restartPolicy %s, exit %" PRId32, pod->spec.restart_policy, ended->exit_code);
}

/* The kubelet had removed it so that the whole pod restarts: k8s kubelet_pods.go, KEP-5532. */
static bool removed_for_restart(const struct pod *pod, const char *name)
{
    for (int init = 1; pod && init >= 0; init--) {
        uint32_t n = init ? pod->status.init_container_statuses.count : pod->status.container_statuses.count;
        const struct container_status *list =
            init ? pod->status.init_container_statuses.items : pod->status.container_statuses.items;
        for (uint32_t i = 0; i < n; i++)
            if (text_same(list[i].name, name))
                return list[i].state.waiting && list[i].last_state.terminated &&
                       text_same(list[i].last_state.terminated->reason, "RestartingAllContainers");
    }
    return false;
}

static const char *why_restart(struct story *s, const struct container_view *c)
{
    const struct pod *pod = view_pod(&s->view, s->view.record->object);
    const struct container *spec = pod ? view_spec(pod, c->name) : NULL;
    if (spec && c->image && !text_same(c->image, spec->image)) /* its back-off begins anew */
        return "its image was changed";
    /* A kubelet that was started again begins a new back-off. */
    bool waited = c->exited_at == SIM_NEVER || s->view.record->at >= c->exited_at + c->backoff;
    if (c->backoff && waited)
        return why_after_backoff(s, c);
    if (view_object(&s->view, s->view.record->object)->sandbox_attempt != c->sandbox_attempt)
        return "in the new sandbox";
    if (c->removed)
        return "its dead instance was removed";
    if (removed_for_restart(pod, c->name))
        return "RestartAllContainers";
    if (!spec || !c->ended)
        return NULL;
    return why_policy(s, pod, spec, c);
}

/* "container web", "init container web (restart 2)" */
static const char *instance_name(struct story *s, const struct trace_container *c, uint32_t attempt)
{
    const char *word = container_word(s, c);
    if (attempt == 0)
        return arena_printf(&s->view.arena, "%s %s", word, c->container);
    return arena_printf(&s->view.arena, "%s %s (restart %" PRIu32 ")", word, c->container, attempt);
}

/* What is known of an instance goes when the next one is tried. */
static void begin_instance(struct story *s, struct container_view *c, uint32_t attempt)
{
    const struct pod *pod = view_pod(&s->view, s->view.record->object);
    const struct container *spec = pod ? view_spec(pod, c->name) : NULL;
    c->attempt = attempt;
    c->sandbox_attempt = view_object(&s->view, s->view.record->object)->sandbox_attempt;
    c->image = spec ? spec->image : NULL;
    c->ended = NULL;
    c->removed = false;
    c->exited_at = c->signalled_at = SIM_NEVER;
    c->failed_probe = NULL;
    c->backoff = 0;
    c->hook_cut_off = false;
    memset(c->probes, 0, sizeof c->probes);
}

void story_tell_started(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *c = r->data;
    struct container_view *view = view_container(&s->view, r->object, r->text);
    const char *reason = r->aux ? why_restart(s, view) : NULL;
    const char *kind = container_word(s, c);
    const char *what =
        r->aux ? arena_printf(&s->view.arena, "%s %s started again (restart %" PRIu32 ")", kind, r->text, r->aux)
               : arena_printf(&s->view.arena, "%s %s started", kind, r->text);
    struct story_row *row = story_add_following(s, what, TONE_PLAIN);
    if (reason)
        row->why = reason;
    begin_instance(s, view, r->aux);
    view->start_error = NULL;
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

static bool overdue(struct story *s)
{
    const struct pod *pod = view_pod(&s->view, s->view.record->object);
    return pod && pod->spec.active_deadline_seconds.set && pod->status.start_time != SIM_NEVER &&
           pod->object.meta.deletion_timestamp == SIM_NEVER &&
           s->view.record->at >= pod->status.start_time + pod->spec.active_deadline_seconds.value * SIM_SECOND;
}

/* Why a signal is sent: the stop that sends it; for SIGKILL after SIGTERM, that time is up. */
static const char *why_signal(struct story *s, const struct container_view *c)
{
    enum { SIGKILL_NUMBER = 9 };
    sim_time now = s->view.record->at;
    if (s->view.record->aux != SIGKILL_NUMBER || c->signalled_at == SIM_NEVER || c->signalled_at == now) {
        const char *reason = story_why(s);
        return !reason && overdue(s) ? "activeDeadlineSeconds is over" : reason;
    }
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "still running ");
    put_elapsed(&b, now - c->signalled_at);
    strbuf_printf(&b, " after %s", view_signal_name(c->first_signal));
    return story_text(s, &b);
}

/* The probe whose failure made the kubelet stop the container, be it by way of a hook; or NULL. */
static const char *probe_behind(struct story *s)
{
    const struct trace *t = s->view.run->trace;
    for (uint32_t i = s->view.record->cause; i != TRACE_ROOT; i = trace_at(t, i)->cause) {
        const struct trace_record *r = trace_at(t, i);
        if (r->kind == TRACE_PROBE && r->object == s->view.record->object)
            return probe_names[r->flags];
        if (r->kind != TRACE_HOOK && r->kind != TRACE_DECISION)
            return NULL;
    }
    return NULL;
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
        c->failed_probe = probe_behind(s);
    }
}

/* The row of a signal that ended the container at this very instant. */
static struct story_row *ending_signal(struct story *s)
{
    struct story_row *last = story_last(s);
    if (!last || last->at != s->view.record->at)
        return NULL;
    const struct trace_record *r = trace_at(s->view.run->trace, last->record);
    bool same_container =
        r->kind == TRACE_SIGNAL && r->object == s->view.record->object && text_same(r->text, s->view.record->text);
    return same_container ? last : NULL;
}

static void tell_start_error(struct story *s, struct container_view *c)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *t = r->data;
    const char *reason = r->aux ? why_restart(s, c) : NULL, *error = view_short_error(&s->view, t->message);
    bool again = c->start_error && strcmp(c->start_error, error) == 0;
    c->start_error = error;
    const char *what = arena_printf(&s->view.arena, "%s cannot start: %s", instance_name(s, t, r->aux),
                                    again ? "the same error" : error);
    begin_instance(s, c, r->aux);
    story_add(s, view_name(&s->view, r->object), what, TONE_BAD)->why = reason;
}

/* "container web exited 1 (OOMKilled): message" */
static const char *exit_text(struct story *s, const struct trace_container *c, const struct story_row *signal)
{
    struct strbuf b = STRBUF_INIT;
    const char *kind = container_word(s, c);
    if (signal)
        strbuf_printf(&b, "%s to %s: exit %" PRId32,
                      view_signal_name((int32_t)trace_at(s->view.run->trace, signal->record)->aux), c->container,
                      c->exit_code);
    else if (c->signal)
        strbuf_printf(&b, "%s %s killed by %s, exit %" PRId32, kind, c->container, view_signal_name(c->signal),
                      c->exit_code);
    else
        strbuf_printf(&b, "%s %s exited %" PRId32, kind, c->container, c->exit_code);
    if (given(c->reason) && strcmp(c->reason, "Error") != 0 && strcmp(c->reason, "Completed") != 0)
        strbuf_printf(&b, " (%s)", c->reason);
    if (given(c->message))
        strbuf_printf(&b, ": %s", view_short_error(&s->view, c->message));
    return story_text(s, &b);
}

static const char *why_exited(struct story *s, const struct container_view *c)
{
    struct strbuf b = STRBUF_INIT;
    if (c->signalled_at == SIM_NEVER || c->signalled_at >= s->view.record->at)
        return NULL;
    put_elapsed(&b, s->view.record->at - c->signalled_at);
    strbuf_printf(&b, " after %s", view_signal_name(c->first_signal));
    return story_text(s, &b);
}

void story_tell_exited(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *c = r->data;
    struct container_view *view = view_container(&s->view, r->object, r->text);
    struct story_row *signal = ending_signal(s);
    enum story_tone tone = c->exit_code ? TONE_BAD : TONE_PLAIN;
    if (text_same(c->reason, "StartError")) {
        tell_start_error(s, view);
    } else if (signal) {
        signal->what = exit_text(s, c, signal);
        signal->tone = tone;
        signal->record = s->view.index;
    } else {
        const char *reason = why_exited(s, view);
        struct story_row *row = story_add_following(s, exit_text(s, c, NULL), tone);
        if (reason)
            row->why = reason;
    }
    view->ended = c;
    view->exited_at = r->at;
}

/* One process is hit and the container lives on, or one of another group: "OOM killer ends stress (pid 7) of app". */
void story_tell_oom_kill(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_container *c = r->data;
    enum { COMMAND_MAX = 40 };
    story_add_following(s,
                        arena_printf(&s->view.arena, "OOM killer ends process %" PRIu32 " of %s: %.*s%s", r->aux,
                                     r->text, COMMAND_MAX, c->message, strlen(c->message) > COMMAND_MAX ? "..." : ""),
                        TONE_BAD);
}

/* A run of equal failures is told by its first, one row for those in between, and the one that reaches
 * the threshold. */
static bool fold(struct story *s, struct probe_view *told, const struct trace_probe *p)
{
    const struct trace_record *r = s->view.record;
    if (!told->row || p->run >= p->threshold || s->last_action >= told->row ||
        view_object(&s->view, r->object)->last_row != told->row)
        return false;
    struct story_row *row = pool_at(&s->rows, told->row - 1);
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "%s failed (%" PRId32 "..%" PRId32 "/%" PRId32 "), until ", view_probe_name(&s->view, r),
                  told->first, p->run, p->threshold);
    strbuf_seconds(&b, r->at, 3);
    strbuf_putc(&b, 's');
    row->what = story_text(s, &b);
    row->record = s->view.index;
    return true;
}

static void tell_probe_failed(struct story *s, struct probe_view *told, const struct trace_probe *p)
{
    const struct trace_record *r = s->view.record;
    if (p->run > p->threshold) /* steady: the verdict has been told */
        return;
    const char *output = view_probe_output(&s->view, p->output);
    bool again = told->output && strcmp(told->output, output) == 0;
    told->output = output;
    if (again && fold(s, told, p))
        return;
    const char *what =
        arena_printf(&s->view.arena, "%s failed (%" PRId32 "/%" PRId32 ")%s%s", view_probe_name(&s->view, r), p->run,
                     p->threshold, again || !*output ? "" : ": ", again ? "" : output);
    story_add(s, view_name(&s->view, r->object), what, TONE_WARN);
    bool between = again && p->run > 1 && p->run < p->threshold;
    told->row = between ? s->rows.count : 0;
    told->first = p->run;
}

static void tell_probe_unknown(struct story *s, struct probe_view *told, const struct trace_probe *p)
{
    const struct trace_record *r = s->view.record;
    const char *output = view_short_error(&s->view, p->output);
    if (told->output && strcmp(told->output, output) == 0)
        return;
    *told = (struct probe_view){.output = output};
    story_add(s, view_name(&s->view, r->object),
              arena_printf(&s->view.arena, "%s could not run: %s", view_probe_name(&s->view, r), output), TONE_WARN);
}

/* Passes are counted while the container waits for enough of them. */
static bool passes_count(struct story *s, const struct trace_probe *p)
{
    const struct trace_record *r = s->view.record;
    const struct pod *pod = view_pod(&s->view, r->object);
    if (!pod || r->flags != PROBE_READINESS || p->threshold <= 1 || p->run > p->threshold)
        return false;
    for (uint32_t i = 0; i < pod->status.container_statuses.count; i++)
        if (text_same(pod->status.container_statuses.items[i].name, r->text))
            return !pod->status.container_statuses.items[i].ready;
    return false;
}

static void tell_probe_warning(struct story *s, struct probe_view *told, const struct trace_probe *p)
{
    if (told->output && strcmp(told->output, p->output) == 0)
        return;
    *told = (struct probe_view){.output = p->output};
    const char *name = view_probe_name(&s->view, s->view.record);
    story_add(s, view_name(&s->view, s->view.record->object),
              arena_printf(&s->view.arena, "%s passed with a warning: %s", name, view_short_error(&s->view, p->output)),
              TONE_WARN);
}

/* A pass is news when it changes the verdict or ends a series of failures. */
static void tell_probe_passed(struct story *s, struct probe_view *told, const struct trace_probe *p)
{
    const struct trace_record *r = s->view.record;
    if (p->warning) {
        tell_probe_warning(s, told, p);
        return;
    }
    bool news = told->output || (p->published && r->flags != PROBE_LIVENESS);
    *told = (struct probe_view){0};
    if (!news)
        return;
    const char *what = arena_printf(&s->view.arena, "%s passed", view_probe_name(&s->view, r));
    if (passes_count(s, p))
        what = arena_printf(&s->view.arena, "%s (%" PRId32 "/%" PRId32 ")", what, p->run, p->threshold);
    story_add(s, view_name(&s->view, r->object), what, TONE_GOOD);
}

void story_tell_probe(struct story *s)
{
    const struct trace_record *r = s->view.record;
    const struct trace_probe *p = r->data;
    struct probe_view *told = &view_container(&s->view, r->object, r->text)->probes[r->flags];
    if (p->result == RESULT_FAILURE)
        tell_probe_failed(s, told, p);
    else if (p->result == RESULT_UNKNOWN)
        tell_probe_unknown(s, told, p);
    else
        tell_probe_passed(s, told, p);
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

/* "app exited 1", "restart 2 was killed by SIGKILL" */
static const char *which_ended(struct story *s, const struct container_view *c)
{
    const char *ending = c->ended ? view_ending(&s->view, c->ended) : NULL;
    size_t name = strlen(c->name);
    if (!ending || c->attempt == 0 || strncmp(ending, c->name, name) != 0)
        return ending;
    return arena_printf(&s->view.arena, "restart %" PRIu32 "%s", c->attempt, ending + name);
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
    strbuf_printf(&b, " before restart %" PRIu32 ", until ", c->attempt + 1);
    strbuf_seconds(&b, until, 3);
    strbuf_putc(&b, 's');
    story_add(s, view_name(&s->view, r->object), story_text(s, &b), TONE_WARN)->why = which_ended(s, c);
}
