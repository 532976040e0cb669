/* behaviour_type.c - how a behaviour is written: its tables, and what tables cannot say. */
#include "model/behaviour.h"
#include "model/check.h"
#include "model/cri.h"
#include "model/doc_table.h"

/* Mistakes in it are told in plain words. */
#define PLAIN_TYPE(struct_type, title, table, ...) TYPE(struct_type, title, table, .plain = true, __VA_ARGS__)

/* ---- times ---- */

static const struct api_field duration_fields[] = {
    FIELD(behaviour_duration, time, "time", FIELD_DURATION, .flags = FIELD_REQUIRED, .doc = "A time."),
};
static const struct api_type duration_type =
    PLAIN_TYPE(behaviour_duration, "BehaviourDuration", duration_fields, .short_field = "time", .doc = "A time.");

static const struct api_field time_fields[] = {
    FIELD(behaviour_time, exactly, "exactly", FIELD_DURATION, .doc = "This time; `5s` is short for {exactly: 5s}."),
    FIELD(behaviour_time, between, "between", FIELD_LIST, .type = &duration_type,
          .doc = "Two times: any time between them, each as likely. Drawn anew for each run of each container."),
    FIELD(behaviour_time, one_of, "oneOf", FIELD_LIST, .type = &duration_type, .doc = "One of these times."),
    FIELD(behaviour_time, around, "around", FIELD_DURATION,
          .doc = "A time near this one, mostly within `spread` (about a normal distribution)."),
    FIELD(behaviour_time, spread, "spread", FIELD_DURATION, .doc = "Standard deviation of `around`."),
};
static void validate_time(struct check *c, const void *object);
static const struct api_type time_type =
    PLAIN_TYPE(behaviour_time, "BehaviourTime", time_fields, .short_field = "exactly", .validate = validate_time,
               .doc = "A time such as 5s or 1m30s, or what it is drawn from.");

/* ---- when ---- */

#define SPAN_FIELDS(struct_type)                                                                                       \
    FIELD(struct_type, when.from, "from", FIELD_DURATION, .doc = "From this time after the container's start on."),    \
        FIELD(struct_type, when.until, "until", FIELD_DURATION, .doc = "Before this time after the start."),           \
        FIELD(struct_type, when.every, "every", FIELD_DURATION,                                                        \
              .doc = "Again and again: first at `from` (default: after one such period), for as long as `for` says."), \
        FIELD(struct_type, when.lasts, "for", FIELD_DURATION, .doc = "How long it holds, each time."),                 \
        FIELD(struct_type, when.condition, "while", FIELD_STRING,                                                      \
              .doc = "Only while `service NAME has endpoints`, or `service NAME has no endpoints`; another "           \
                     "namespace's as NAMESPACE/NAME.")

/* ---- answers ---- */

static const struct api_field http_fields[] = {
    FIELD(behaviour_http, path, "path", FIELD_STRING,
          .doc = "Which path, without its query: a name or a pattern such as /api/*; default any."),
    FIELD(behaviour_http, port, "port", FIELD_OPT_INT32, .doc = "On which port; default any."),
    FIELD(behaviour_http, status, "status", FIELD_OPT_INT32, .doc = "Status of the answer; default 200."),
    FIELD(behaviour_http, body, "body", FIELD_STRING, .doc = "Body of the answer."),
    FIELD(behaviour_http, location, "location", FIELD_STRING, .doc = "Location header, of a redirect."),
    FIELD(behaviour_http, headers, "headers", FIELD_STRING_MAP, .doc = "Other headers of the answer."),
    FIELD(behaviour_http, latency, "latency", FIELD_POINTER, .type = &time_type,
          .doc = "Time until the answer begins; drawn anew for each request."),
    FIELD(behaviour_http, body_latency, "bodyLatency", FIELD_POINTER, .type = &time_type,
          .doc = "Time from the beginning of the answer until its end."),
    SPAN_FIELDS(behaviour_http),
};
static void validate_http(struct check *c, const void *object);
static const struct api_type http_type = PLAIN_TYPE(
    behaviour_http, "BehaviourHTTP", http_fields, .short_field = "status", .validate = validate_http,
    .doc = "An answer to HTTP requests. The first entry that fits counts; what none fits is answered with 200.");

static const char *const tcp_answers[] = {"drop", "open", "refused", "reset", "silent", NULL};
static const struct api_field tcp_fields[] = {
    FIELD(behaviour_tcp, port, "port", FIELD_OPT_INT32, .doc = "On which port; default any."),
    FIELD(behaviour_tcp, answer, "answer", FIELD_ENUM, .values = tcp_answers, .flags = FIELD_REQUIRED,
          .doc =
              "`open`; `refused`; `silent` (accepts and says nothing); `reset` (accepts and hangs up); `drop` (as if "
              "nobody were there: the client's time runs out)."),
    SPAN_FIELDS(behaviour_tcp),
};
static void validate_tcp(struct check *c, const void *object);
static const struct api_type tcp_type =
    PLAIN_TYPE(behaviour_tcp, "BehaviourTCP", tcp_fields, .short_field = "answer", .validate = validate_tcp,
               .doc = "What becomes of connections, whatever is spoken over them.");

static const char *const grpc_answers[] = {"NOT_SERVING", "SERVICE_UNKNOWN", "SERVING", "UNIMPLEMENTED", NULL};
static const struct api_field grpc_fields[] = {
    FIELD(behaviour_grpc, service, "service", FIELD_STRING, .flags = FIELD_KEEP_EMPTY,
          .doc = "Which service is asked about; default any."),
    FIELD(behaviour_grpc, port, "port", FIELD_OPT_INT32, .doc = "On which port; default any."),
    FIELD(behaviour_grpc, status, "status", FIELD_ENUM, .values = grpc_answers, .flags = FIELD_REQUIRED,
          .doc = "Answer of grpc.health.v1.Health."),
    FIELD(behaviour_grpc, latency, "latency", FIELD_POINTER, .type = &time_type, .doc = "Time until the answer."),
    SPAN_FIELDS(behaviour_grpc),
};
static void validate_grpc(struct check *c, const void *object);
static const struct api_type grpc_type =
    PLAIN_TYPE(behaviour_grpc, "BehaviourGRPC", grpc_fields, .short_field = "status", .validate = validate_grpc,
               .doc = "An answer to gRPC health checks. The first entry that fits counts; what none fits is SERVING.");

static const struct api_field exec_fields[] = {
    FIELD(behaviour_exec, command, "command", FIELD_STRING_LIST, .flags = FIELD_ONE_OR_MORE,
          .doc = "Which commands: those whose words, joined by blanks, begin like this, or a script after `sh -c` that "
                 "does; default all."),
    FIELD(behaviour_exec, exit, "exit", FIELD_OPT_INT32, .doc = "Exit code; default 0."),
    FIELD(behaviour_exec, output, "output", FIELD_STRING, .doc = "What it prints."),
    FIELD(behaviour_exec, errors, "errors", FIELD_STRING, .doc = "What it prints to standard error."),
    FIELD(behaviour_exec, latency, "latency", FIELD_POINTER, .type = &time_type, .doc = "Time until it ends."),
    SPAN_FIELDS(behaviour_exec),
};
static void validate_exec(struct check *c, const void *object);
static const struct api_type exec_type = PLAIN_TYPE(
    behaviour_exec, "BehaviourExec", exec_fields, .short_field = "exit", .validate = validate_exec,
    .doc = "An answer to commands executed in the container (probes, hooks, kubectl exec). The first entry that fits "
           "counts; what none fits is really run.");

/* ---- use and log ---- */

static const struct api_field point_fields[] = {
    FIELD(behaviour_point, at, "at", FIELD_DURATION, .doc = "Time since the container's start; default 0."),
    FIELD(behaviour_point, use, "use", FIELD_QUANTITY, .flags = FIELD_REQUIRED, .doc = "What is used then."),
};
static const struct api_type point_type =
    PLAIN_TYPE(behaviour_point, "BehaviourPoint", point_fields, .short_field = "use",
               .doc = "A point of use over time. Between two points it changes steadily.");

static const struct api_field log_fields[] = {
    FIELD(behaviour_log, text, "text", FIELD_STRING, .flags = FIELD_REQUIRED, .doc = "The line."),
    FIELD(behaviour_log, at, "at", FIELD_DURATION, .doc = "When, since the container's start; default at once."),
    FIELD(behaviour_log, every, "every", FIELD_DURATION,
          .doc = "Again and again: first at `at` (default: after one such period)."),
    FIELD(behaviour_log, until, "until", FIELD_DURATION, .doc = "Not after this time."),
    FIELD(behaviour_log, request, "onRequest", FIELD_STRING,
          .doc = "Instead of a time: whenever this path is asked for (a name, a pattern, or *)."),
    FIELD(behaviour_log, is_stderr, "stderr", FIELD_BOOL, .doc = "To standard error."),
};
static void validate_log(struct check *c, const void *object);
static const struct api_type log_type =
    PLAIN_TYPE(behaviour_log, "BehaviourLog", log_fields, .short_field = "text", .validate = validate_log,
               .doc = "A line that the container prints.");

/* ---- ends ---- */

static const char *const actions[] = {"exit", "ignore", "reload", NULL};
static const struct api_field reaction_fields[] = {
    FIELD(behaviour_reaction, action, "do", FIELD_ENUM, .values = actions,
          .doc = "`exit`, `ignore`, or `reload` (it is noticed, and nothing comes of it); default exit."),
    FIELD(behaviour_reaction, drain, "drain", FIELD_POINTER, .type = &time_type,
          .doc = "It goes on serving this long before it exits."),
    FIELD(behaviour_reaction, refuse, "refuse", FIELD_BOOL,
          .doc = "While it drains, new connections are refused instead of served."),
    FIELD(behaviour_reaction, exit, "exit", FIELD_OPT_INT32, .doc = "Exit code; default 0."),
};
static void validate_reaction(struct check *c, const void *object);
static const struct api_type reaction_type =
    PLAIN_TYPE(behaviour_reaction, "BehaviourReaction", reaction_fields, .short_field = "do",
               .validate = validate_reaction, .doc = "What it does about a signal.");

#define SIGNAL(member, name)                                                                                           \
    FIELD(behaviour_signals, member, name, FIELD_POINTER, .type = &reaction_type, .doc = "Reaction to " name ".")
static const struct api_field signal_fields[] = {
    SIGNAL(hup, "SIGHUP"),   SIGNAL(interrupt, "SIGINT"), SIGNAL(quit, "SIGQUIT"),   SIGNAL(usr1, "SIGUSR1"),
    SIGNAL(usr2, "SIGUSR2"), SIGNAL(term, "SIGTERM"),     SIGNAL(winch, "SIGWINCH"),
};
static const struct api_type signals_type = PLAIN_TYPE(
    behaviour_signals, "BehaviourSignals", signal_fields,
    .doc = "Reactions to signals. Not said: SIGTERM, SIGINT and SIGQUIT end it with 0, the others are ignored.");

static const struct api_field crash_fields[] = {
    FIELD(behaviour_crash, at, "at", FIELD_POINTER, .type = &time_type, .doc = "When, since the start."),
    FIELD(behaviour_crash, path, "path", FIELD_STRING, .doc = "A request for this path does it (a name or a pattern)."),
    FIELD(behaviour_crash, after_requests, "afterRequests", FIELD_OPT_INT32,
          .doc = "So many requests are answered first, and the next one crashes it."),
    FIELD(behaviour_crash, exit, "exit", FIELD_OPT_INT32, .doc = "Exit code; default 1."),
    FIELD(behaviour_crash, signal, "signal", FIELD_STRING, .doc = "The signal it dies of, such as SIGSEGV."),
};
static void validate_crash(struct check *c, const void *object);
static const struct api_type crash_type =
    PLAIN_TYPE(behaviour_crash, "BehaviourCrash", crash_fields, .short_field = "at", .validate = validate_crash,
               .doc = "How it crashes: at a time, or on a request.");

/* ---- the whole ---- */

#define BEHAVIOUR_FIELDS(struct_type, in)                                                                              \
    FIELD(struct_type, in startup, "startup", FIELD_POINTER, .type = &time_type,                                       \
          .doc = "Time from the start until it listens; default: as the image says."),                                 \
        FIELD(struct_type, in run, "run", FIELD_POINTER, .type = &time_type,                                           \
              .doc = "It runs this long and then exits with `exit`; default: for ever, or, with `exit`, not at all."), \
        FIELD(struct_type, in exit, "exit", FIELD_OPT_INT32, .doc = "Exit code at the end of `run`; default 0."),      \
        FIELD(struct_type, in message, "message", FIELD_STRING,                                                        \
              .doc = "Termination message it leaves when it ends by itself."),                                         \
        FIELD(struct_type, in listen, "listen", FIELD_INT_LIST, .flags = FIELD_ONE_OR_MORE,                            \
              .doc = "Ports it listens on; default: those that http, tcp and grpc name, else the image's."),           \
        FIELD(struct_type, in http, "http", FIELD_LIST, .type = &http_type, .flags = FIELD_ONE_OR_MORE,                \
              .doc = "Answers to HTTP requests."),                                                                     \
        FIELD(struct_type, in tcp, "tcp", FIELD_LIST, .type = &tcp_type, .flags = FIELD_ONE_OR_MORE,                   \
              .doc = "What becomes of connections."),                                                                  \
        FIELD(struct_type, in grpc, "grpc", FIELD_LIST, .type = &grpc_type, .flags = FIELD_ONE_OR_MORE,                \
              .doc = "Answers to gRPC health checks."),                                                                \
        FIELD(struct_type, in exec, "exec", FIELD_LIST, .type = &exec_type, .flags = FIELD_ONE_OR_MORE,                \
              .doc = "Answers to commands executed in the container."),                                                \
        FIELD(struct_type, in healthy, "healthy", FIELD_STRING,                                                        \
              .doc = "`while service NAME has endpoints`: otherwise HTTP is answered with 503, gRPC with "             \
                     "NOT_SERVING."),                                                                                  \
        FIELD(struct_type, in memory, "memory", FIELD_LIST, .type = &point_type, .flags = FIELD_ONE_OR_MORE,           \
              .doc = "Memory it uses over time."),                                                                     \
        FIELD(struct_type, in memory_per_request, "memoryPerRequest", FIELD_QUANTITY,                                  \
              .doc = "A leak: each HTTP request takes so much more."),                                                 \
        FIELD(struct_type, in workers, "workers", FIELD_OPT_INT32,                                                     \
              .doc =                                                                                                   \
                  "How many HTTP requests it answers at once; others wait for their turn. Default: all that come."),   \
        FIELD(struct_type, in backlog, "backlog", FIELD_OPT_INT32,                                                     \
              .doc = "With workers: how many wait at most (default 128); what comes then gets no connection."),        \
        FIELD(struct_type, in cpu, "cpu", FIELD_LIST, .type = &point_type, .flags = FIELD_ONE_OR_MORE,                 \
              .doc = "CPU it uses over time, such as 250m."),                                                          \
        FIELD(struct_type, in log, "log", FIELD_LIST, .type = &log_type, .flags = FIELD_ONE_OR_MORE,                   \
              .doc = "Lines it prints."),                                                                              \
        FIELD(struct_type, in stop, "stop", FIELD_POINTER, .type = &reaction_type,                                     \
              .doc = "What it does when told to stop, by whatever signal the image names (mostly SIGTERM)."),          \
        FIELD(struct_type, in signals, "signals", FIELD_POINTER, .type = &signals_type,                                \
              .doc = "What it does about other signals."),                                                             \
        FIELD(struct_type, in hang, "hang", FIELD_POINTER, .type = &time_type,                                         \
              .doc = "From this time on it accepts connections, never answers, and ignores signals."),                 \
        FIELD(struct_type, in crash, "crash", FIELD_LIST, .type = &crash_type, .flags = FIELD_ONE_OR_MORE,             \
              .doc = "How it crashes."),                                                                               \
        FIELD(struct_type, in runs, "runs", FIELD_LIST, .type = &behaviour_type,                                       \
              .doc = "What differs from run to run: the first entry for the first run, the second for the first "      \
                     "restart, and so on; the last one for all that follow.")

static const struct api_field behaviour_fields[] = {BEHAVIOUR_FIELDS(behaviour, )};
static void validate_behaviour(struct check *c, const void *object);
const struct api_type behaviour_type = PLAIN_TYPE(behaviour, "Behaviour", behaviour_fields,
                                                  .validate = validate_behaviour, .doc = "What a container does.");

static const struct api_field scenario_behaviour_fields[] = {
    FIELD(scenario_behaviour, pod, "pod", FIELD_STRING,
          .doc = "Name of the pod, or a pattern such as web-*; default any."),
    FIELD(scenario_behaviour, namespace_, "namespace", FIELD_STRING, .doc = "Namespace of the pod; default any."),
    FIELD(scenario_behaviour, labels, "labels", FIELD_STRING_MAP, .doc = "Labels that the pod must have."),
    FIELD(scenario_behaviour, container, "container", FIELD_STRING,
          .doc = "Name of the container, or a pattern; default any."),
    BEHAVIOUR_FIELDS(scenario_behaviour, behaviour.),
};
static void validate_scenario_behaviour(struct check *c, const void *object);
const struct api_type scenario_behaviour_type = PLAIN_TYPE(
    scenario_behaviour, "ScenarioBehaviour", scenario_behaviour_fields, .validate = validate_scenario_behaviour,
    .doc = "What the containers do that it chooses. Of several entries that choose a container each adds what those "
           "before it do not say.");

/* ---- what tables cannot say ---- */

static void check_time(struct check *c, sim_time t)
{
    if (t != SIM_NEVER && t < 0)
        check_report(c, NULL, "want a time that is not negative");
}

static void check_port(struct check *c, const struct opt_i64 *port)
{
    if (port->set)
        check_between(c, port->value, 1, 65535);
}

static void check_exit(struct check *c, const struct opt_i64 *code)
{
    if (code->set)
        check_between(c, code->value, 0, 255);
}

static void check_condition(struct check *c, const char *text)
{
    struct behaviour_condition ignored;
    if (text && !behaviour_condition(text, &ignored))
        check_report(c, NULL, "want \"service NAME has endpoints\" or \"service NAME has no endpoints\", got \"%s\"",
                     text);
}

static void validate_time(struct check *c, const void *object)
{
    const struct behaviour_time *t = object;
    int said = (t->exactly != SIM_NEVER) + (t->between.count > 0) + (t->one_of.count > 0) + (t->around != SIM_NEVER);
    check_time(AT(c, "exactly"), t->exactly);
    check_time(AT(c, "around"), t->around);
    check_time(AT(c, "spread"), t->spread);
    for (uint32_t i = 0; i < t->between.count; i++)
        check_time(AT_ITEM(AT(c, "between"), i), t->between.items[i].time);
    for (uint32_t i = 0; i < t->one_of.count; i++)
        check_time(AT_ITEM(AT(c, "oneOf"), i), t->one_of.items[i].time);
    if (said != 1)
        check_report(c, NULL, "want a time such as 5s, or one of between, oneOf and around");
    else if (t->between.count && (t->between.count != 2 || t->between.items[0].time > t->between.items[1].time))
        check_report(AT(c, "between"), NULL, "want two times, the shorter one first");
    if ((t->spread != SIM_NEVER) != (t->around != SIM_NEVER))
        check_report(c, NULL, "around and spread go together: around: 10s, spread: 2s");
}

static void check_span(struct check *c, const struct behaviour_span *s)
{
    check_time(AT(c, "from"), s->from);
    check_time(AT(c, "until"), s->until);
    check_condition(AT(c, "while"), s->condition);
    if (s->every != SIM_NEVER && s->every <= 0)
        check_report(AT(c, "every"), NULL, "want a time above 0");
    if (s->lasts != SIM_NEVER && s->lasts <= 0)
        check_report(AT(c, "for"), NULL, "want a time above 0");
    if (s->every != SIM_NEVER && s->lasts == SIM_NEVER)
        check_report(AT(c, "every"), NULL, "add `for`: how long it holds each time");
    if (s->every != SIM_NEVER && s->lasts != SIM_NEVER && s->every > 0 && s->lasts >= s->every)
        check_report(AT(c, "for"), NULL, "want less than `every`, or it would hold always");
    if (s->every == SIM_NEVER && s->lasts != SIM_NEVER && s->until != SIM_NEVER)
        check_report(AT(c, "for"), NULL, "want either for or until");
    if (s->until != SIM_NEVER && s->from != SIM_NEVER && s->until <= s->from)
        check_report(AT(c, "until"), NULL, "want a time after `from`");
}

static void validate_http(struct check *c, const void *object)
{
    const struct behaviour_http *h = object;
    if (h->path && h->path[0] != '/' && h->path[0] != '*')
        check_report(AT(c, "path"), arena_printf(c->run->arena, "did you mean \"/%s\"?", h->path),
                     "want a path that begins with /, got \"%s\"", h->path);
    check_port(AT(c, "port"), &h->port);
    if (h->status.set)
        check_between(AT(c, "status"), h->status.value, 100, 599);
    check_span(c, &h->when);
}

static void validate_tcp(struct check *c, const void *object)
{
    const struct behaviour_tcp *t = object;
    check_port(AT(c, "port"), &t->port);
    check_span(c, &t->when);
}

static void validate_grpc(struct check *c, const void *object)
{
    const struct behaviour_grpc *g = object;
    check_port(AT(c, "port"), &g->port);
    check_span(c, &g->when);
}

static void validate_exec(struct check *c, const void *object)
{
    const struct behaviour_exec *e = object;
    check_exit(AT(c, "exit"), &e->exit);
    check_span(c, &e->when);
}

static void validate_log(struct check *c, const void *object)
{
    const struct behaviour_log *l = object;
    check_time(AT(c, "at"), l->at);
    check_time(AT(c, "until"), l->until);
    if (l->every != SIM_NEVER && l->every <= 0)
        check_report(AT(c, "every"), NULL, "want a time above 0");
    if (l->until != SIM_NEVER && l->every == SIM_NEVER)
        check_report(AT(c, "until"), NULL, "it only counts with `every`");
    if (l->request && (l->at != SIM_NEVER || l->every != SIM_NEVER))
        check_report(AT(c, "onRequest"), NULL, "want either onRequest or a time");
}

static void validate_reaction(struct check *c, const void *object)
{
    const struct behaviour_reaction *r = object;
    bool exits = !r->action || text_is(r->action, "exit");
    check_exit(AT(c, "exit"), &r->exit);
    if (!exits && (r->drain || r->exit.set))
        check_report(AT(c, "do"), NULL, "drain and exit only count when it exits");
    if (r->refuse && !r->drain)
        check_report(AT(c, "refuse"), NULL, "it only counts with `drain`");
}

static void validate_crash(struct check *c, const void *object)
{
    const struct behaviour_crash *k = object;
    bool on_request = k->path || k->after_requests.set;
    if (!k->at && !on_request)
        check_report(c, NULL, "say when: at, path or afterRequests");
    if (k->at && on_request)
        check_report(AT(c, "at"), NULL, "want either a time or a request: use two entries");
    if (k->after_requests.set)
        check_not_negative(AT(c, "afterRequests"), k->after_requests.value);
    check_exit(AT(c, "exit"), &k->exit);
    if (k->signal && cri_signal_number(k->signal) < 0)
        check_report(AT(c, "signal"), NULL, "want a signal such as SIGSEGV, got \"%s\"", k->signal);
    if (k->signal && k->exit.set)
        check_report(AT(c, "signal"), NULL, "want either exit or signal");
}

static void check_points(struct check *c, const struct behaviour_point *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct behaviour_point *p = &items[i], *before = i ? &items[i - 1] : NULL;
        struct check *at = AT(AT_ITEM(c, i), "at");
        check_time(at, p->at);
        if (before && (p->at == SIM_NEVER || p->at <= (before->at == SIM_NEVER ? 0 : before->at)))
            check_report(at, NULL, "want a time after that of the point before");
        if (p->use.set && p->use.text[0] == '-')
            check_report(AT(AT_ITEM(c, i), "use"), NULL, "want a quantity that is not negative");
    }
}

static void check_behaviour(struct check *c, const struct behaviour *b)
{
    for (uint32_t i = 0; i < b->listen.count; i++)
        check_between(AT_ITEM(AT(c, "listen"), i), b->listen.items[i], 1, 65535);
    check_exit(AT(c, "exit"), &b->exit);
    if (b->workers.set)
        check_between(AT(c, "workers"), b->workers.value, 1, 10000);
    if (b->backlog.set)
        check_between(AT(c, "backlog"), b->backlog.value, 0, 65535);
    if (b->backlog.set && !b->workers.set)
        check_report(AT(c, "backlog"), NULL, "it only counts with workers");
    check_condition(AT(c, "healthy"), b->healthy);
    check_points(AT(c, "memory"), b->memory.items, b->memory.count);
    check_points(AT(c, "cpu"), b->cpu.items, b->cpu.count);
    for (uint32_t i = 0; i < b->runs.count; i++)
        if (b->runs.items[i].runs.count)
            check_report(AT(AT_ITEM(AT(c, "runs"), i), "runs"), NULL, "a run has no runs of its own");
}

static void validate_behaviour(struct check *c, const void *object) { check_behaviour(c, object); }

static void validate_scenario_behaviour(struct check *c, const void *object)
{
    const struct scenario_behaviour *s = object;
    check_behaviour(c, &s->behaviour);
    if (behaviour_is_empty(&s->behaviour))
        check_report(c, NULL, "this says nothing about what the containers do");
}
