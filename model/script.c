/* script.c - a container's behaviour while it runs: which one it is, its lines, its use, its answers to exec.
 *
 * Lines that come again and again are owed: they are put into the log before anybody looks, and into the trace as one
 * record when the container ends. So they cost nothing while nobody looks. Lines that come once are events.
 */
#include "model/script.h"

#include "model/classes.h"
#include "model/cri_private.h"

/* ---- which behaviour ---- */

struct annotation {
    struct annotation *next;
    const char *text;
    const struct behaviour *behaviour; /* NULL = it cannot be read */
};

static uint32_t bucket_of(const char *s)
{
    uint32_t h = 2166136261u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    return h % ANNOTATION_BUCKETS;
}

/* Pods of one template share the text, and restarts read it again. */
static const struct behaviour *read_annotation(struct cri *c, struct vcontainer *ct, const char *text)
{
    struct annotation **first = &c->annotations[bucket_of(text)], *a = *first;
    while (a && strcmp(a->text, text) != 0)
        a = a->next;
    if (a)
        return a->behaviour;
    struct diag_set diags;
    diag_init(&diags);
    a = arena_new(sim_arena(c->sim), struct annotation);
    *a = (struct annotation){.next = *first, .text = text};
    a->behaviour = behaviour_parse(sim_arena(c->sim), &diags, text, NULL);
    *first = a;
    if (!a->behaviour && diags.diags.count) { /* one that was written while the cluster ran */
        const struct diag *d = pool_at(&diags.diags, 0);
        report_diag(c, ct, (struct src_pos){0},
                    arena_printf(sim_arena(c->sim), "annotation " BEHAVIOUR_ANNOTATION " of pod %s is not used: %s",
                                 ct->sandbox->pub.config.name, d->message));
    }
    diag_fini(&diags);
    return a->behaviour;
}

static void add_annotation(struct cri *c, struct vcontainer *ct, const char *key, struct behaviour *b)
{
    const char *text = str_map_get(&ct->sandbox->pub.config.annotations, key);
    const struct behaviour *more = text ? read_annotation(c, ct, text) : NULL;
    if (more)
        behaviour_merge(b, more);
}

static bool is_about(const struct scenario_behaviour *s, const struct vcontainer *ct)
{
    const struct cri_sandbox_config *pod = &ct->sandbox->pub.config;
    for (uint32_t i = 0; i < s->labels.count; i++)
        if (!text_is(str_map_get(&pod->labels, s->labels.items[i].key), s->labels.items[i].value))
            return false;
    return behaviour_matches(s->pod, pod->name) && behaviour_matches(s->namespace_, pod->namespace_) &&
           behaviour_matches(s->container, ct->pub.config.name);
}

/* The scenario first, in the order of writing; then the container's annotation; then the pod's; then the image's, if
 * its own program is run. */
static struct behaviour find(struct cri *c, struct vcontainer *ct)
{
    struct behaviour b;
    api_init(&behaviour_type, &b);
    for (uint32_t i = 0; c->behaviours && i < c->behaviours->count; i++)
        if (is_about(&c->behaviours->items[i], ct)) {
            c->behaviour_used[i] = true;
            behaviour_merge(&b, &c->behaviours->items[i].behaviour);
        }
    if (ct->sandbox->pub.config.annotations.count) {
        add_annotation(c, ct, arena_printf(sim_arena(c->sim), BEHAVIOUR_ANNOTATION ".%s", ct->pub.config.name), &b);
        add_annotation(c, ct, BEHAVIOUR_ANNOTATION, &b);
    }
    if (ct->image->behaviour && ct->pub.config.command.count == 0)
        behaviour_merge(&b, ct->image->behaviour);
    return behaviour_of_run(&b, ct->pub.config.attempt);
}

bool script_begin(struct cri *c, struct vcontainer *ct)
{
    const struct cri_sandbox_config *pod = &ct->sandbox->pub.config;
    struct behaviour b = find(c, ct);
    if (behaviour_is_empty(&b))
        return false;
    struct script *s = mem_alloc(&c->mem, &ct->mem, sizeof *s);
    s->say = b;
    s->key = behaviour_key(sim_seed(c->sim), pod->namespace_, pod->name, ct->pub.config.name);
    s->lines = b.log.count ? mem_alloc(&c->mem, &ct->mem, b.log.count * sizeof *s->lines) : NULL;
    for (uint32_t i = 0; i < b.log.count; i++) {
        s->lines[i] = (struct script_line){.printed = SIM_NEVER};
        s->owes |= b.log.items[i].every != SIM_NEVER;
        s->endless |= b.log.items[i].every != SIM_NEVER && b.log.items[i].until == SIM_NEVER;
    }
    ct->script = s;
    return behaviour_is_program(&b);
}

/* ---- use ---- */

static sim_time or_zero(sim_time t) { return t == SIM_NEVER ? 0 : t; }

static const struct memory_point *points_of(struct cri *c, struct vcontainer *ct, const struct behaviour_point *from,
                                            uint32_t count, bool milli)
{
    struct memory_point *to = mem_alloc(&c->mem, &ct->mem, count * sizeof *to);
    for (uint32_t i = 0; i < count; i++)
        to[i] = (struct memory_point){or_zero(from[i].at),
                                      milli ? quantity_milli(&from[i].use) : quantity_value(&from[i].use)};
    return to;
}

void script_started(struct cri *c, struct vcontainer *ct)
{
    struct script *s = ct->script;
    if (!s)
        return;
    const struct behaviour *b = &s->say;
    if (b->memory.count)
        container_memory_follow(c, ct, points_of(c, ct, b->memory.items, b->memory.count, false), b->memory.count);
    if (b->cpu.count)
        s->cpu = (struct memory_line){points_of(c, ct, b->cpu.items, b->cpu.count, true), b->cpu.count, proc_now(c)};
    if (s->endless)
        sim_hold(c->sim);
    if (b->log.count)
        script_fire(c, ct);
}

/* ---- lines ---- */

bool script_prints(const struct vcontainer *ct) { return ct->script && ct->script->owes; }

static void print(struct cri *c, struct vcontainer *ct, const struct behaviour_log *l)
{
    int stream = l->is_stderr ? 2 : 1;
    log_write(c, ct, stream, l->text, strlen(l->text));
    log_write(c, ct, stream, "\n", 1);
}

void script_fire(struct cri *c, struct vcontainer *ct)
{
    struct script *s = ct->script;
    sim_time now = proc_now(c) - ct->pub.started_at, next = SIM_TIME_MAX;
    if (ct->pub.state != CRI_RUNNING)
        return;
    for (uint32_t i = 0; i < s->say.log.count; i++) {
        const struct behaviour_log *l = &s->say.log.items[i];
        sim_time at = or_zero(l->at);
        if (l->every != SIM_NEVER && l->until > now) /* until then the run is not quiet; SIM_NEVER is before now */
            next = l->until < next ? l->until : next;
        if (l->every != SIM_NEVER || l->request || s->lines[i].count)
            continue;
        if (at > now) {
            next = at < next ? at : next;
            continue;
        }
        s->lines[i].count = 1;
        print(c, ct, l);
    }
    if (next != SIM_TIME_MAX)
        sim_arm(c->sim, script_time(ct, next), CLASS_RUNTIME, ct->object, SCRIPT_TIMER);
}

/* As a span's first stretch: after one period, if nothing else is said. */
static sim_time first_owed(const struct behaviour_log *l) { return l->at == SIM_NEVER ? l->every : l->at; }

/* When the entry's next owed line comes; SIM_TIME_MAX = never. */
static sim_time next_owed(const struct script *s, uint32_t i)
{
    const struct behaviour_log *l = &s->say.log.items[i];
    if (l->every == SIM_NEVER || s->lines[i].full)
        return SIM_TIME_MAX;
    sim_time last = s->lines[i].printed, next = last == SIM_NEVER ? first_owed(l) : sim_time_add(last, l->every);
    return l->until != SIM_NEVER && next > l->until ? SIM_TIME_MAX : next;
}

/* In order of time, those of one instant in the order of writing. */
static void print_owed(struct cri *c, struct vcontainer *ct, sim_time until)
{
    struct script *s = ct->script;
    for (;;) {
        uint32_t first = 0;
        sim_time at = SIM_TIME_MAX;
        for (uint32_t i = 0; i < s->say.log.count; i++) {
            sim_time next = next_owed(s, i);
            if (next < at)
                at = next, first = i;
        }
        if (at > until)
            return;
        if (log_owed(c, ct, s->say.log.items[first].text)) {
            s->lines[first].printed = at;
            s->lines[first].count++;
        } else {
            s->lines[first].full = true;
        }
    }
}

void script_settle(struct cri *c, struct vsandbox *s)
{
    for (struct vcontainer *ct = s->containers; ct; ct = ct->next)
        if (script_prints(ct) && !ct->script->ended && ct->pub.state == CRI_RUNNING)
            print_owed(c, ct, proc_now(c) - ct->pub.started_at);
}

static void record_owed(struct cri *c, struct vcontainer *ct, const struct behaviour_log *l,
                        const struct script_line *line)
{
    struct trace_output_repeats *t = arena_new(sim_arena(c->sim), struct trace_output_repeats);
    *t = (struct trace_output_repeats){.container = ct->facts,
                                       .text = l->text,
                                       .is_stderr = l->is_stderr,
                                       .count = line->count,
                                       .first = script_time(ct, first_owed(l)),
                                       .every = l->every};
    sim_record(c->sim, (struct trace_record){.object = ct->sandbox->pub.config.pod_ordinal,
                                             .kind = TRACE_OUTPUT_REPEATS,
                                             .component = COMP_PROCESS,
                                             .text = ct->pub.config.name,
                                             .data = t});
}

void script_end(struct cri *c, struct vcontainer *ct)
{
    struct script *s = ct->script;
    bool full = false;
    if (!s || s->ended || ct->pub.state != CRI_RUNNING)
        return;
    sim_cancel(c->sim, CLASS_RUNTIME, ct->object, SCRIPT_TIMER);
    if (s->endless)
        sim_release(c->sim);
    print_owed(c, ct, proc_now(c) - ct->pub.started_at);
    s->ended = true;
    for (uint32_t i = 0; i < s->say.log.count; i++) {
        full |= s->lines[i].full;
        if (s->say.log.items[i].every != SIM_NEVER && s->lines[i].count)
            record_owed(c, ct, &s->say.log.items[i], &s->lines[i]);
    }
    if (full)
        report_diag(c, ct, (struct src_pos){0},
                    arena_printf(sim_arena(c->sim),
                                 "the log of container %s was full; what its behaviour printed then is dropped",
                                 ct->pub.config.name));
}

/* ---- when something holds ---- */

bool script_condition(struct cri *c, const struct vcontainer *ct, const char *text)
{
    struct behaviour_condition w;
    const struct cri_sandbox_config *pod = &ct->sandbox->pub.config;
    if (!text || !behaviour_condition(text, &w))
        return true;
    world_looked_beyond(c);
    bool has =
        c->deps.has_endpoints &&
        c->deps.has_endpoints(c->deps.ctx, pod->node_name, *w.namespace_ ? w.namespace_ : pod->namespace_, w.service);
    return has != w.none;
}

bool script_holds(struct cri *c, const struct vcontainer *ct, const struct behaviour_span *s, sim_time t,
                  sim_time *lasts_until)
{
    sim_time until;
    bool holds = span_holds(s, t, &until);
    if (until < *lasts_until)
        *lasts_until = until;
    if (!holds || !s->condition)
        return holds;
    *lasts_until = 0; /* it may change without a step of this pod */
    return script_condition(c, ct, s->condition);
}

/* ---- exec ---- */

static bool is_shell(const char *s)
{
    static const char *const shells[] = {"ash", "bash", "dash", "sh"};
    const char *slash = strrchr(s, '/');
    for (size_t i = 0; i < ARRAY_LEN(shells); i++)
        if (strcmp(slash ? slash + 1 : s, shells[i]) == 0)
            return true;
    return false;
}

/* The characters of words joined by blanks. */
struct joined {
    const str_list *words;
    uint32_t word;
    const char *at;
};

static struct joined join(const str_list *words)
{
    return (struct joined){words, 0, words->count ? words->items[0] : NULL};
}

/* '\0' at the end. */
static char next_char(struct joined *j)
{
    if (!j->at || *j->at)
        return j->at ? *j->at++ : '\0';
    j->word++;
    j->at = j->word < j->words->count ? j->words->items[j->word] : NULL;
    return j->at ? ' ' : '\0';
}

static bool begins_with(const str_list *words, const str_list *start)
{
    struct joined a = join(words), b = join(start);
    for (char c; (c = next_char(&b));)
        if (next_char(&a) != c)
            return false;
    return true;
}

static bool is_command(const str_list *argv, const str_list *command)
{
    if (command->count == 0 || begins_with(argv, command))
        return true;
    const str_list script = {argv->items + 2, 1};
    bool has_script = argv->count > 2 && is_shell(argv->items[0]) && strcmp(argv->items[1], "-c") == 0;
    return has_script && begins_with(&script, command);
}

const struct behaviour_exec *script_exec(struct cri *c, const struct vcontainer *ct, const str_list *argv,
                                         sim_time *ret_lasts_until)
{
    sim_time t = proc_now(c) - ct->pub.started_at, lasts = SIM_TIME_MAX;
    const struct behaviour_exec *found = NULL;
    for (uint32_t i = 0; ct->script && i < ct->script->say.exec.count && !found; i++) {
        const struct behaviour_exec *e = &ct->script->say.exec.items[i];
        if (is_command(argv, &e->command) && script_holds(c, ct, &e->when, t, &lasts))
            found = e;
    }
    *ret_lasts_until = lasts == SIM_TIME_MAX || lasts == 0 ? lasts : script_time(ct, lasts);
    return found;
}
