/* programs_behaviour.c - the program that does what a behaviour says (behaviour.h), and the commands that it answers.
 *
 * It stands in for the container's own program as PID 1. It is an event when something comes of it: when it begins to
 * listen, ends, crashes, hangs, or is sent a signal; what it answers is a function of the time since the container's
 * start. Answers that count requests (leaks, crashes after so many) or look at Services are not said to last.
 * Left out on purpose: TLS.
 */
#include "model/net.h"
#include "model/programs_server.h"
#include "model/script.h"

#define STOPS (SIG_BIT(VSIGTERM) | SIG_BIT(VSIGINT) | SIG_BIT(VSIGQUIT))

enum { BACKLOG = 128 }; /* of a listening socket before Linux 5.4; a modelling choice */

struct scripted {
    sim_time *free_at;   /* per worker: when it has answered what it has */
    sim_time *begins_at; /* of the requests that wait, in order; a ring would do */
    uint32_t waiting;
    bool begun, listening, draining, hung;
    sim_time ready_at, end_at, hang_at, crash_at, drained_at; /* SIM_TIME_MAX = not */
    const struct behaviour_crash *crash;                      /* the one at crash_at */
    int drained_exit;
    uint32_t *answered; /* per entry of crash: requests that count for it */
    struct memory_point leaked;
};

static const struct behaviour *behaviour_of_proc(const struct proc *p) { return &p->container->script->say; }

static sim_time age(const struct cri *c, const struct proc *p) { return proc_now(c) - p->container->pub.started_at; }

/* ---- signals ---- */

static int stop_signal(const struct cri *c, const struct proc *p) { return cri_stop_signal(c, p->container->index); }

/* NULL: nothing is said about it. */
static const struct behaviour_reaction *reaction_to(const struct cri *c, const struct proc *p, int number)
{
    const struct behaviour *b = behaviour_of_proc(p);
    const struct behaviour_signals *s = b->signals;
    if (b->stop && number == stop_signal(c, p))
        return b->stop;
    if (!s)
        return NULL;
    switch (number) {
    case VSIGHUP:
        return s->hup;
    case VSIGINT:
        return s->interrupt;
    case VSIGQUIT:
        return s->quit;
    case VSIGUSR1:
        return s->usr1;
    case VSIGUSR2:
        return s->usr2;
    case VSIGTERM:
        return s->term;
    case VSIGWINCH:
        return s->winch;
    default:
        return NULL;
    }
}

/* Which it handles and which it ignores, so that whoever sends one sees what comes of it. */
static void set_signals(const struct cri *c, struct proc *p)
{
    static const int all[] = {VSIGHUP, VSIGINT, VSIGQUIT, VSIGUSR1, VSIGUSR2, VSIGTERM, VSIGWINCH};
    p->sig_caught = 0;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        const struct behaviour_reaction *r = reaction_to(c, p, all[i]);
        bool stops = STOPS & SIG_BIT(all[i]) || all[i] == stop_signal(c, p);
        bool handled = r ? !text_is(r->action, "ignore") : stops;
        *(handled ? &p->sig_caught : &p->sig_ignored) |= SIG_BIT(all[i]);
    }
}

static uint64_t draw_index(const struct proc *p) { return p->container->pub.config.attempt; }

static sim_time draw(const struct proc *p, const struct behaviour_time *t, enum behaviour_draw what, uint64_t n)
{
    return behaviour_draw(t, p->container->script->key, what, n);
}

/* True: it exits now, with *ret_code. */
static bool obey(struct cri *c, struct proc *p, struct scripted *d, int number, int *ret_code)
{
    const struct behaviour_reaction *r = reaction_to(c, p, number);
    if (r && text_is(r->action, "reload"))
        return false;
    *ret_code = r && r->exit.set ? (int)r->exit.value : 0;
    if (!r || !r->drain)
        return true;
    if (d->draining)
        return false;
    d->draining = true;
    d->drained_exit = *ret_code;
    d->drained_at = sim_time_add(proc_now(c), draw(p, r->drain, DRAW_DRAIN, draw_index(p)));
    if (r->refuse)
        net_close_all(c, p);
    return d->drained_at <= proc_now(c);
}

/* For what is drawn for each request: another one at each instant of each run. */
static uint64_t draw_instant(const struct cri *c, const struct proc *p)
{
    return (uint64_t)age(c, p) << 10 | (draw_index(p) & 1023);
}

/* ---- more to do than it can ---- */

static int64_t backlog_of(const struct behaviour *b) { return b->backlog.set ? b->backlog.value : BACKLOG; }

/* So many wait that a connection is not accepted. */
static bool is_full(const struct cri *c, const struct proc *p, struct scripted *d)
{
    const struct behaviour *b = behaviour_of_proc(p);
    uint32_t begun = 0;
    if (!d->free_at)
        return false;
    while (begun < d->waiting && d->begins_at[begun] <= proc_now(c))
        begun++;
    d->waiting -= begun;
    memmove(d->begins_at, d->begins_at + begun, d->waiting * sizeof *d->begins_at);
    bool busy = true;
    for (int64_t i = 0; i < b->workers.value; i++)
        busy &= d->free_at[i] > proc_now(c);
    return busy && d->waiting >= backlog_of(b);
}

/* The first worker that is free takes it: first come, first served. */
static void take_turn(const struct cri *c, const struct proc *p, struct scripted *d, struct http_reply *reply)
{
    const struct behaviour *b = behaviour_of_proc(p);
    sim_time now = proc_now(c);
    int64_t first = 0;
    if (!d->free_at)
        return;
    for (int64_t i = 1; i < b->workers.value; i++)
        first = d->free_at[i] < d->free_at[first] ? i : first;
    sim_time begins = d->free_at[first] > now ? d->free_at[first] : now;
    d->free_at[first] = sim_time_add(begins, sim_time_add(reply->took, reply->body_took));
    if (begins > now)
        d->begins_at[d->waiting++] = begins;
    reply->took = sim_time_add(reply->took, begins - now);
    reply->overloaded = begins > now;
}

/* ---- its life ---- */

static void begin(struct cri *c, struct proc *p, struct scripted *d)
{
    const struct behaviour *b = behaviour_of_proc(p);
    const struct vcontainer *ct = p->container;
    uint64_t n = draw_index(p);
    d->begun = true;
    d->ready_at = script_time(ct, b->startup ? draw(p, b->startup, DRAW_STARTUP, n)
                                             : image_start_time(ct->image, c->deps.nothing_takes_time));
    d->end_at = b->run || b->exit.set ? script_time(ct, draw(p, b->run, DRAW_RUN, n)) : SIM_TIME_MAX;
    d->hang_at = b->hang ? script_time(ct, draw(p, b->hang, DRAW_HANG, n)) : SIM_TIME_MAX;
    d->crash_at = d->drained_at = SIM_TIME_MAX;
    if (b->workers.set) {
        d->free_at = proc_alloc(c, p, (size_t)b->workers.value * sizeof *d->free_at);
        d->begins_at = proc_alloc(c, p, ((size_t)backlog_of(b) + 1) * sizeof *d->begins_at);
        memset(d->free_at, 0, (size_t)b->workers.value * sizeof *d->free_at);
    }
    d->answered = b->crash.count ? proc_alloc(c, p, b->crash.count * sizeof *d->answered) : NULL;
    for (uint32_t i = 0; i < b->crash.count; i++) {
        const struct behaviour_crash *k = &b->crash.items[i];
        sim_time at = k->at ? script_time(ct, draw(p, k->at, DRAW_CRASH, n << 8 | i)) : SIM_TIME_MAX;
        d->answered[i] = 0;
        if (at < d->crash_at) {
            d->crash_at = at;
            d->crash = k;
        }
    }
    set_signals(c, p);
}

static void leave_message(struct cri *c, struct proc *p)
{
    enum vfs_error e;
    const char *text = behaviour_of_proc(p)->message, *path = p->container->pub.config.termination_message_path;
    if (!text)
        return;
    struct ofile *f = file_open(c, p, path, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, &e);
    if (!f)
        return;
    ofile_write(c, p, f, text, strlen(text));
    ofile_unref(c, f);
}

/* In the middle of a request, or as a step. */
static void crash(struct cri *c, struct proc *p, const struct behaviour_crash *k)
{
    leave_message(c, p);
    if (k->signal)
        proc_end(c, p, 0, cri_signal_number(k->signal));
    else
        proc_end(c, p, k->exit.set ? (int)k->exit.value : 1, 0);
}

/* ---- ports ---- */

struct ports { /* being opened */
    struct cri *c;
    struct proc *p;
    bool named, taken;
};

static void open_port(struct ports *o, int64_t port)
{
    o->named = true;
    o->taken |= !net_listens(o->c, o->p, (int32_t)port) && !net_listen(o->c, o->p, (int32_t)port);
}

static void open_if_set(struct ports *o, const struct opt_i64 *port)
{
    if (port->set)
        open_port(o, port->value);
}

static void open_all(struct ports *o, const int_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        open_port(o, list->items[i]);
}

/* What it listens on: what is said, else the image's ports; what answers without any is asked on whichever. False: one
 * is taken. */
static bool open_ports(struct cri *c, struct proc *p)
{
    const struct behaviour *b = behaviour_of_proc(p);
    const struct image *image = p->container->image;
    struct ports o = {.c = c, .p = p};
    open_all(&o, &b->listen);
    for (uint32_t i = 0; i < b->http.count; i++)
        open_if_set(&o, &b->http.items[i].port);
    for (uint32_t i = 0; i < b->tcp.count; i++)
        open_if_set(&o, &b->tcp.items[i].port);
    for (uint32_t i = 0; i < b->grpc.count; i++)
        open_if_set(&o, &b->grpc.items[i].port);
    if (!o.named)
        open_all(&o, &image->ports);
    bool answers = b->http.count || b->tcp.count || b->grpc.count || b->healthy;
    if (!o.named && (image->generic || answers))
        open_port(&o, 0);
    return !o.taken;
}

static enum step scripted_exit(struct cri *c, struct proc *p, int code)
{
    leave_message(c, p);
    return proc_exit_with(p, code);
}

static void start_hanging(struct proc *p, struct scripted *d)
{
    d->hung = true;
    p->sig_caught = 0;
    p->sig_ignored = ~UINT64_C(0);
    d->end_at = d->crash_at = d->drained_at = SIM_TIME_MAX;
}

static sim_time next_event(const struct scripted *d)
{
    sim_time at = d->listening ? SIM_TIME_MAX : d->ready_at;
    const sim_time more[] = {d->end_at, d->hung ? SIM_TIME_MAX : d->hang_at, d->crash_at, d->drained_at};
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        at = more[i] < at ? more[i] : at;
    return at;
}

/* At one instant: crash, end of the run, end of a drain, hang, listening. */
static enum step scripted_step(struct cri *c, struct proc *p)
{
    struct scripted *d = p->data;
    const struct behaviour *b = behaviour_of_proc(p);
    sim_time now = proc_now(c);
    int code;

    if (!d->begun)
        begin(c, p, d);
    if (now >= d->crash_at) {
        crash(c, p, d->crash);
        return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
    }
    if (now >= d->end_at)
        return scripted_exit(c, p, b->exit.set ? (int)b->exit.value : 0);
    if (now >= d->drained_at)
        return scripted_exit(c, p, d->drained_exit);
    if (now >= d->hang_at && !d->hung)
        start_hanging(p, d);
    for (int number; (number = proc_obey_signal(c, p));)
        if (obey(c, p, d, number, &code))
            return scripted_exit(c, p, code);
    if (now >= d->ready_at && !d->listening) {
        d->listening = true;
        if (!open_ports(c, p)) {
            out_puts(c, p, 2, "listen: address already in use\n");
            return scripted_exit(c, p, 1);
        }
    }
    sim_time at = next_event(d);
    return at == SIM_TIME_MAX ? proc_block_for(p, WAIT_FOREVER, SIM_NEVER) : proc_block_until(p, at);
}

/* ---- connections ---- */

static bool on_port(const struct opt_i64 *port, int32_t asked) { return !port->set || port->value == asked; }

enum answer { ANSWER_OPEN, ANSWER_REFUSED, ANSWER_DROP, ANSWER_RESET, ANSWER_SILENT };

/* *lasts_until, here and below: since the start; it is only lowered. */
static enum answer connection(struct cri *c, const struct proc *p, int32_t port, sim_time *lasts_until)
{
    static const char *const names[] = {"open", "refused", "drop", "reset", "silent"};
    const struct behaviour *b = behaviour_of_proc(p);
    for (uint32_t i = 0; i < b->tcp.count; i++) {
        const struct behaviour_tcp *t = &b->tcp.items[i];
        if (!on_port(&t->port, port) || !script_holds(c, p->container, &t->when, age(c, p), lasts_until))
            continue;
        for (size_t k = 0; k < ARRAY_LEN(names); k++)
            if (text_is(t->answer, names[k]))
                return (enum answer)k;
    }
    return ANSWER_OPEN;
}

/* Until it hangs nothing but time and what it is asked changes it. */
static sim_time steady_until(const struct proc *p)
{
    const struct scripted *d = p->data;
    return d->hung || d->hang_at == SIM_TIME_MAX ? SIM_TIME_MAX : d->hang_at - 1 - p->container->pub.started_at;
}

/* Since the start -> of the run. 0 stays: it is not known. */
static sim_time run_time(const struct proc *p, sim_time lasts_until)
{
    return lasts_until == 0 ? 0 : script_time(p->container, lasts_until);
}

static enum net_result scripted_connect(struct cri *c, struct proc *p, int32_t port, sim_time *ret_lasts_until)
{
    const struct scripted *d = p->data;
    sim_time lasts = steady_until(p);
    enum answer a = d->hung ? ANSWER_OPEN : connection(c, p, port, &lasts);
    *ret_lasts_until = run_time(p, lasts);
    return a == ANSWER_REFUSED ? NET_REFUSED : a == ANSWER_DROP ? NET_TIMEOUT : NET_OK;
}

/* ---- HTTP ---- */

/* The path without its query. */
static char *bare_path(struct cri *c, const char *path)
{
    return mem_strndup(&c->mem, NULL, path, strcspn(path, "?#"));
}

/* The crash that this request brings about, or NULL; counts it for those it brings nearer. */
static const struct behaviour_crash *crash_on(struct proc *p, const char *path, bool *counted)
{
    struct scripted *d = p->data;
    const struct behaviour *b = behaviour_of_proc(p);
    for (uint32_t i = 0; i < b->crash.count; i++) {
        const struct behaviour_crash *k = &b->crash.items[i];
        if (k->at || !behaviour_matches(k->path, path))
            continue;
        if (d->answered[i] >= (k->after_requests.set ? k->after_requests.value : 0))
            return k;
        d->answered[i]++;
        *counted = true;
    }
    return NULL;
}

static const struct behaviour_http *http_rule(struct cri *c, const struct proc *p, const char *path, int32_t port,
                                              sim_time *lasts_until)
{
    const struct behaviour *b = behaviour_of_proc(p);
    for (uint32_t i = 0; i < b->http.count; i++) {
        const struct behaviour_http *h = &b->http.items[i];
        if (on_port(&h->port, port) && behaviour_matches(h->path, path) &&
            script_holds(c, p->container, &h->when, age(c, p), lasts_until))
            return h;
    }
    return NULL;
}

static const char *default_body(int32_t status) { return status >= 200 && status < 300 ? "ok\n" : ""; }

static void answer(struct cri *c, struct proc *p, const struct behaviour_http *h, struct http_reply *reply,
                   sim_time *lasts_until)
{
    const char *healthy = behaviour_of_proc(p)->healthy;
    reply->body = "ok\n";
    if (h) {
        reply->status = h->status.set ? (int32_t)h->status.value : 200;
        reply->body = h->body ? h->body : default_body(reply->status);
        reply->location = h->location;
        reply->headers = &h->headers;
        reply->took = draw(p, h->latency, DRAW_LATENCY, draw_instant(c, p));
        reply->varies = !behaviour_time_is_fixed(h->latency) || !behaviour_time_is_fixed(h->body_latency);
        reply->body_took = draw(p, h->body_latency, DRAW_BODY, draw_instant(c, p));
    } else if (healthy) {
        *lasts_until = 0;
        if (!script_condition(c, p->container, healthy)) {
            reply->status = 503;
            reply->body = "unhealthy\n";
        }
    }
}

/* Lines that are printed for requests: one that is alike each time is owed as an access log's is. */
static void log_request(struct cri *c, struct proc *p, const char *path, struct http_reply *reply,
                        sim_time *lasts_until)
{
    const struct behaviour *b = behaviour_of_proc(p);
    uint32_t lines = 0;
    for (uint32_t i = 0; i < b->log.count; i++) {
        const struct behaviour_log *l = &b->log.items[i];
        if (!l->request || !behaviour_matches(l->request, path))
            continue;
        reply->lasts_until = 0;
        server_log(c, p, l->is_stderr ? 2 : 1, l->text, "", "", reply);
        if (++lines > 1 || reply->lasts_until == 0)
            *lasts_until = 0;
    }
    if (*lasts_until == 0)
        reply->line = 0;
}

/* May end the process. */
static void leak(struct cri *c, struct proc *p, struct http_reply *reply)
{
    struct scripted *d = p->data;
    struct vcontainer *ct = p->container;
    d->leaked.bytes += quantity_value(&behaviour_of_proc(p)->memory_per_request);
    p->memory = (struct memory_line){&d->leaked, 1, proc_now(c)};
    container_memory_check(c, ct);
    if (ct->pub.state != CRI_RUNNING)
        reply->result = NET_RESET;
}

static void scripted_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    struct scripted *d = p->data;
    sim_time lasts = steady_until(p);
    enum answer connected = d->hung ? ANSWER_SILENT : connection(c, p, request->http->port, &lasts);
    bool counted = behaviour_of_proc(p)->memory_per_request.set || d->free_at;
    if (connected == ANSWER_OPEN && is_full(c, p, d)) {
        reply->result = NET_TIMEOUT;
        reply->overloaded = true;
        return;
    }
    if (connected == ANSWER_SILENT || connected == ANSWER_RESET) {
        reply->took = connected == ANSWER_SILENT ? NET_NEVER_ANSWERS : 0;
        reply->result = connected == ANSWER_RESET ? NET_RESET : NET_OK;
        reply->lasts_until = run_time(p, lasts);
        return;
    }
    reply->closes = d->draining;
    char *path = bare_path(c, request->http->path);
    const struct behaviour_crash *k = crash_on(p, path, &counted);
    if (!k) {
        answer(c, p, http_rule(c, p, path, request->http->port, &lasts), reply, &lasts);
        take_turn(c, p, d, reply);
        log_request(c, p, path, reply, &lasts);
        reply->lasts_until = counted ? 0 : run_time(p, lasts);
        if (counted)
            reply->line = 0;
    }
    mem_free(&c->mem, path);
    if (k) {
        reply->result = NET_RESET;
        crash(c, p, k);
    } else if (behaviour_of_proc(p)->memory_per_request.set) {
        leak(c, p, reply);
    }
}

/* ---- gRPC ---- */

static enum grpc_health status_of(const char *status)
{
    return text_is(status, "NOT_SERVING")       ? GRPC_NOT_SERVING
           : text_is(status, "SERVICE_UNKNOWN") ? GRPC_UNKNOWN_SERVICE
           : text_is(status, "UNIMPLEMENTED")   ? GRPC_UNIMPLEMENTED
                                                : GRPC_SERVING;
}

static enum grpc_health grpc_status(struct cri *c, struct proc *p, int32_t port, const char *service,
                                    struct grpc_reply *reply, sim_time *lasts_until)
{
    const struct behaviour *b = behaviour_of_proc(p);
    for (uint32_t i = 0; i < b->grpc.count; i++) {
        const struct behaviour_grpc *g = &b->grpc.items[i];
        if (!on_port(&g->port, port) || (g->service && strcmp(g->service, service) != 0) ||
            !script_holds(c, p->container, &g->when, age(c, p), lasts_until))
            continue;
        reply->took = draw(p, g->latency, DRAW_LATENCY, draw_instant(c, p));
        return status_of(g->status);
    }
    if (!b->healthy)
        return GRPC_SERVING;
    *lasts_until = 0;
    return script_condition(c, p->container, b->healthy) ? GRPC_SERVING : GRPC_NOT_SERVING;
}

static enum grpc_health scripted_health(struct cri *c, struct proc *p, int32_t port, const char *service,
                                        struct grpc_reply *reply)
{
    const struct scripted *d = p->data;
    sim_time lasts = steady_until(p);
    enum answer connected = d->hung ? ANSWER_SILENT : connection(c, p, port, &lasts);
    enum grpc_health health = GRPC_NO_CONNECTION;
    if (connected == ANSWER_SILENT) {
        health = GRPC_SERVING; /* it never comes to that */
        reply->took = NET_NEVER_ANSWERS;
    } else if (connected == ANSWER_OPEN) {
        health = grpc_status(c, p, port, service, reply, &lasts);
    }
    reply->lasts_until = run_time(p, lasts);
    return health;
}

const struct program program_scripted = {
    .name = "behaviour",
    .step = scripted_step,
    .data_bytes = sizeof(struct scripted),
    .flags = PROGRAM_REAPS,
    .serve = scripted_serve,
    .health = scripted_health,
    .connect = scripted_connect,
};

/* ---- exec ---- */

struct scripted_exec {
    const struct behaviour_exec *answer;
    sim_time done_at;
};

static void print(struct cri *c, struct proc *p, int fd, const char *text)
{
    size_t n = text ? strlen(text) : 0;
    if (n)
        out_printf(c, p, fd, "%s%s", text, text[n - 1] == '\n' ? "" : "\n");
}

static enum step exec_step(struct cri *c, struct proc *p)
{
    struct scripted_exec *d = p->data;
    if (!d->answer) {
        sim_time lasts;
        const str_list argv = {(const char **)(uintptr_t)p->argv, (uint32_t)p->argc};
        d->answer = script_exec(c, p->container, &argv, &lasts);
        if (!d->answer) /* a Service lost its endpoints at this very instant */
            return proc_exit_with(p, 1);
        d->done_at = sim_time_add(proc_now(c), draw(p, d->answer->latency, DRAW_EXEC, draw_instant(c, p)));
    }
    if (proc_now(c) < d->done_at)
        return proc_block_until(p, d->done_at);
    print(c, p, 1, d->answer->output);
    print(c, p, 2, d->answer->errors);
    return proc_exit_with(p, d->answer->exit.set ? (int)d->answer->exit.value : 0);
}

const struct program program_scripted_exec = {
    .name = "behaviour-exec", .step = exec_step, .data_bytes = sizeof(struct scripted_exec)};
