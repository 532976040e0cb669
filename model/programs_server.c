/* programs_server.c - servers of images: when they listen, what they answer, what signals do to them.
 *
 * One row per server (struct server). Each reacts to SIGTERM, SIGINT, SIGQUIT and SIGHUP as the real
 * one does as PID 1 of a container; a row's flags mark Go programs without handlers (they exit 2).
 * What is the image's own - ports, start-up time - its catalogue entry says. An unknown image is a
 * server on the ports that its manifest names; that this was assumed is said once.
 */
#include <stdio.h>
#include <string.h>

#include "model/net.h"
#include "model/programs.h"
#include "model/programs_server.h"
#include "model/shell.h"

/* ---- the common life ---- */

void server_say(struct cri *c, struct proc *p, const struct server *s)
{
    if (s->banner)
        out_printf(c, p, s->banner_fd ? s->banner_fd : 1, "%s\n", s->banner);
}

/* Go's net package says the same for every program. */
void server_log(struct cri *c, struct proc *p, int fd, const char *before, const char *date, const char *after,
                struct http_reply *reply)
{
    if (c->unlogged) {
        reply->lasts_until = SIM_TIME_MAX;
        return;
    }
    const struct ofile *f = p->fds[fd];
    struct vcontainer *ct = p->container;
    struct trace_line line = {.before = before, .after = after, .date = date, .is_stderr = f && f->stream == 2};
    bool is_log = f && f->kind == OFILE_LOG && f->container == ct;
    bool whole = is_log && ct->partial[f->stream - 1].len == 0, full = ct->log_full;
    struct strbuf b = STRBUF_INIT;
    trace_line_put(&line, epoch_at(c, proc_now(c)), &b);
    strbuf_putc(&b, '\n');
    out_puts(c, p, fd, strbuf_str(&b));
    strbuf_fini(&b);
    if (whole && !full && !ct->log_full && c->holding) {
        reply->line = log_template(c, p, &line);
        reply->lasts_until = SIM_TIME_MAX;
    } else if (!f || f->kind == OFILE_NULL || (is_log && full)) { /* nothing was printed */
        reply->lasts_until = SIM_TIME_MAX;
    }
}

static int bind_failed(struct cri *c, struct proc *p, const struct server *s, int32_t port)
{
    const char *text = s->in_use ? s->in_use : "listen tcp :%d: bind: address already in use\n";
    for (const char *at; (at = strstr(text, "%d")); text = at + 2)
        out_printf(c, p, 2, "%.*s%d", (int)(at - text), text, (int)port);
    out_puts(c, p, 2, text);
    return s->in_use_code ? s->in_use_code : 1;
}

static int signal_exit(const struct server *s, int number)
{
    switch (number) {
    case VSIGTERM:
        return s->on_term;
    case VSIGINT:
        return s->on_int;
    case VSIGQUIT:
        return s->on_quit;
    default:
        return -1;
    }
}

static void add_port(struct server_data *d, int64_t port)
{
    for (uint32_t i = 0; i < d->port_count; i++)
        if (d->ports[i] == port)
            return;
    if (port > 0 && port < 65536 && d->port_count < SERVER_PORTS_MAX)
        d->ports[d->port_count++] = (int32_t)port;
}

static void add_named_port(struct server_data *d, const struct container *spec, const struct int_or_string *port)
{
    if (!port->text)
        add_port(d, port->number);
    for (uint32_t i = 0; port->text && i < spec->ports.count; i++)
        if (text_is(spec->ports.items[i].name, port->text))
            add_port(d, spec->ports.items[i].container_port);
}

static void add_probe(struct server_data *d, const struct container *spec, const struct probe *probe)
{
    if (probe && probe->http_get)
        add_named_port(d, spec, &probe->http_get->port);
    if (probe && probe->tcp_socket)
        add_named_port(d, spec, &probe->tcp_socket->port);
    if (probe && probe->grpc)
        add_port(d, probe->grpc->port);
}

static void add_hook(struct server_data *d, const struct container *spec, const struct lifecycle_handler *hook)
{
    if (hook && hook->http_get && !hook->http_get->host)
        add_named_port(d, spec, &hook->http_get->port);
    if (hook && hook->tcp_socket && !hook->tcp_socket->host)
        add_named_port(d, spec, &hook->tcp_socket->port);
}

bool server_manifest_ports(const struct vcontainer *ct, struct server_data *d)
{
    const struct container *spec = ct->pub.config.spec;
    if (!spec)
        return false;
    for (uint32_t i = 0; i < spec->ports.count; i++)
        if (!spec->ports.items[i].protocol || text_is(spec->ports.items[i].protocol, "TCP"))
            add_port(d, spec->ports.items[i].container_port);
    add_probe(d, spec, spec->startup_probe);
    add_probe(d, spec, spec->liveness_probe);
    add_probe(d, spec, spec->readiness_probe);
    if (spec->lifecycle) {
        add_hook(d, spec, spec->lifecycle->post_start);
        add_hook(d, spec, spec->lifecycle->pre_stop);
    }
    return d->port_count > 0;
}

static bool is_own(const struct proc *p, const struct server *s)
{
    const struct image *image = p->container->image;
    return image->generic || text_is(image->program, s->program.name);
}

/* The image's word for its own program, then what the program is known for, then the manifest's. */
static void choose_ports(const struct proc *p, const struct server *s, struct server_data *d)
{
    const struct image *image = p->container->image;
    if (image->ports.count && is_own(p, s))
        for (uint32_t i = 0; i < image->ports.count; i++)
            add_port(d, image->ports.items[i]);
    else if (s->port)
        add_port(d, s->port);
    else if (s->port_of_manifest && !(image->no_ports && is_own(p, s)))
        d->any_port = !server_manifest_ports(p->container, d);
}

static void server_begin(struct cri *c, struct proc *p, const struct server *s, struct server_data *d)
{
    d->begun = true;
    choose_ports(p, s, d);
    sim_time start = is_own(p, s) ? image_start_time(p->container->image, c->deps.nothing_takes_time) : 0;
    d->ready_at = sim_time_add(p->started_at, start);
    if (s == &server_generic && p->main && text_is(p->container->image->name, "generic"))
        server_assumed(c, p, d, NULL);
}

static enum step server_listen(struct cri *c, struct proc *p, const struct server *s, struct server_data *d)
{
    d->listening = true;
    if (d->any_port && !net_listen(c, p, 0))
        return proc_exit_with(p, bind_failed(c, p, s, 0));
    for (uint32_t i = 0; i < d->port_count; i++)
        if (!(d->tls ? net_listen_tls(c, p, d->ports[i]) : net_listen(c, p, d->ports[i])))
            return proc_exit_with(p, bind_failed(c, p, s, d->ports[i]));
    server_say(c, p, s);
    return STEP_AGAIN;
}

enum step server_step(struct cri *c, struct proc *p)
{
    const struct server *s = (const struct server *)(const void *)p->program;
    struct server_data *d = p->data;

    if (!d->begun) {
        server_begin(c, p, s, d);
        if (s->arguments && !s->arguments(c, p, d))
            return proc_exit_with(p, p->exit_code);
    }
    for (int number; (number = proc_obey_signal(c, p));) {
        int code = signal_exit(s, number);
        if (code >= 0 && !(s->farewell && s->farewell(c, p, d, number)))
            return proc_exit_with(p, code);
    }
    if (d->end_at && proc_now(c) >= d->end_at)
        return proc_exit_with(p, d->end_code);
    if (proc_now(c) < d->ready_at)
        return proc_block_until(p, d->ready_at);
    if (!d->listening)
        return server_listen(c, p, s, d);
    return d->end_at ? proc_block_until(p, d->end_at) : proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
}

void server_ok(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    (void)c, (void)p, (void)request;
    reply->body = "OK\n";
    reply->lasts_until = SIM_TIME_MAX;
}

/* ---- what is taken for granted ---- */

static void list_ports(const struct server_data *d, struct strbuf *out)
{
    if (d->port_count == 0)
        strbuf_puts(out, d->any_port ? " on any port" : "");
    for (uint32_t i = 0; i < d->port_count; i++)
        strbuf_printf(out, "%s%d", i == 0 ? d->port_count > 1 ? " on ports " : " on port " : ", ", (int)d->ports[i]);
}

/* Once in a run for this image and these words. */
static bool first_time(struct cri *c, const char *image, const char *what)
{
    struct strbuf key = STRBUF_INIT;
    strbuf_printf(&key, "%s %s", image, what ? what : "");
    const char *text = strbuf_str(&key);
    size_t n = strlen(text) + 1, i = 0;
    while (i < c->assumed.len && strcmp(c->assumed.data + i, text) != 0)
        i += strlen(c->assumed.data + i) + 1;
    bool first = i == c->assumed.len;
    if (first)
        buf_add(&c->mem, NULL, &c->assumed, text, n);
    strbuf_fini(&key);
    return first;
}

void server_assumed(struct cri *c, struct proc *p, const struct server_data *d, const char *what)
{
    const struct cri_container_config *config = &p->container->pub.config;
    struct strbuf text = STRBUF_INIT;
    bool ends = p->sig_caught & SIG_BIT(VSIGTERM);
    if (!first_time(c, config->image, what))
        return;
    const char *slash = strrchr(config->image, '/'), *image = slash ? slash + 1 : config->image;
    if (what)
        strbuf_printf(&text, "'%s' (image %s) is taken for a server", what, image);
    else
        strbuf_printf(&text, "image %s is not in the catalogue: taken for a server", image);
    list_ports(d, &text);
    strbuf_puts(&text, ", up after ");
    strbuf_go_duration(&text, d->ready_at - p->started_at);
    strbuf_printf(&text, ", that answers 200 and %s SIGTERM; to say otherwise: podsim help images",
                  ends ? "ends at" : "ignores");
    report_diag(c, p->container, script_pos(c, p->container, NULL, 0, false),
                arena_strdup(sim_arena(c->sim), strbuf_str(&text)));
    strbuf_fini(&text);
}

/* ---- arguments and paths ---- */

size_t path_length(const char *path) { return strcspn(path, "?#"); }

bool is_path(const char *path, const char *want)
{
    return path_length(path) == strlen(want) && strncmp(path, want, strlen(want)) == 0;
}

void go_not_found(struct http_reply *reply)
{
    reply->status = 404;
    reply->body = "404 page not found\n";
}

const char *option_value(const struct proc *p, const char *name, const char *otherwise)
{
    size_t n = strlen(name);
    for (int i = 1; i < p->argc; i++) {
        const char *s = p->argv[i];
        if (*s != '-')
            continue;
        s += strspn(s, "-");
        if (strncmp(s, name, n) != 0)
            continue;
        if (s[n] == '=')
            return s + n + 1;
        if (!s[n] && i + 1 < p->argc)
            return p->argv[i + 1];
    }
    return otherwise;
}

int32_t port_value(const struct proc *p, const char *name, const char *otherwise)
{
    int64_t port = 0;
    return parse_int64(option_value(p, name, otherwise), &port) && port > 0 && port < 65536 ? (int32_t)port : 0;
}

static enum grpc_health always_serving(struct cri *c, struct proc *p, int32_t port, const char *service,
                                       struct grpc_reply *reply)
{
    (void)c, (void)p, (void)port, (void)service, (void)reply;
    return GRPC_SERVING;
}

/* grpcbin: services of all kinds, and none for health. */
static enum grpc_health no_health(struct cri *c, struct proc *p, int32_t port, const char *service,
                                  struct grpc_reply *reply)
{
    (void)c, (void)p, (void)port, (void)service, (void)reply;
    return GRPC_UNIMPLEMENTED;
}

/* ---- small web programs ---- */

static void demo_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    const char *host = p->container->sandbox->pub.config.hostname;
    struct strbuf after = STRBUF_INIT;
    strbuf_printf(&after, " %s %s from %s", request->http->method, request->http->path, request->client_ip);
    server_log(c, p, 2, "", "%Y/%m/%d %H:%M:%S", strbuf_str(&after), reply);
    strbuf_fini(&after);
    reply->body = reply_printf(c, "Hello, world!\nHostname: %s\n", host);
}

/* hashicorp/http-echo main.go: only SIGINT is handled. */
static const char *http_echo_text(struct cri *c, struct proc *p)
{
    const char *text = option_value(p, "text", "");
    const char *other = *text ? NULL : env_get(proc_env(c, p), "ECHO_TEXT");
    return other ? other : text;
}

static void http_echo_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    reply->body =
        is_path(request->http->path, "/health") ? "{\"status\":\"ok\"}\n" : reply_printf(c, "%s\n", http_echo_text(c, p));
    reply->lasts_until = SIM_TIME_MAX;
}

static bool http_echo_arguments(struct cri *c, struct proc *p, struct server_data *d)
{
    const char *listen = option_value(p, "listen", ":5678"), *colon = strrchr(listen, ':');
    int64_t port;
    if (!*http_echo_text(c, p)) {
        out_puts(c, p, 2, "Missing -text option OR ENV var TEXT is empty!\n");
        p->exit_code = 127;
        return false;
    }
    if (colon && parse_int64(colon + 1, &port) && port > 0 && port < 65536)
        server_set_port(d, (int32_t)port);
    out_printf(c, p, 2, "[INFO] server is listening on %s\n", listen);
    return true;
}

/* hello-world says its piece and is done. */
static bool hello_arguments(struct cri *c, struct proc *p, struct server_data *d)
{
    (void)d;
    out_puts(c, p, 1,
             "\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n\n");
    p->exit_code = 0;
    return false;
}

/* ---- the table ---- */

static bool redis_farewell(struct cri *c, struct proc *p, struct server_data *d, int number)
{
    (void)d;
    out_printf(
        c, p, 1,
        "%d:signal-handler (%lld) Received %s scheduling shutdown...\n%d:M # Redis is now ready to exit, bye bye...\n",
        (int)p->pid, (long long)epoch_now(c), cri_signal_name(number), (int)p->pid);
    return false;
}

static bool pause_farewell(struct cri *c, struct proc *p, struct server_data *d, int number)
{
    (void)d;
    out_printf(c, p, 2, "Shutting down, got signal: %s\n", number == VSIGTERM ? "Terminated" : "Interrupt");
    return false;
}

static bool mysql_farewell(struct cri *c, struct proc *p, struct server_data *d, int number)
{
    (void)d;
    (void)number;
    out_puts(c, p, 2,
             "[System] [MY-013172] [Server] Received SHUTDOWN from user <via user signal>. Shutting down mysqld.\n");
    return false;
}

static bool postgres_farewell(struct cri *c, struct proc *p, struct server_data *d, int number)
{
    (void)d;
    out_printf(c, p, 2, "LOG:  received %s shutdown request\nLOG:  database system is shut down\n",
               number == VSIGTERM  ? "smart"
               : number == VSIGINT ? "fast"
                                   : "immediate");
    return false;
}

/* Also what unknown images run: it takes connections on every port and handles SIGTERM as servers
 * that are meant for Kubernetes do. */
const struct server server_generic = {.program = {.name = "server",
                                                  .step = server_step,
                                                  .data_bytes = sizeof(struct server_data),
                                                  .catches = CATCHES_STOP,
                                                  .flags = PROGRAM_REAPS,
                                                  .serve = server_ok,
                                                  .health = always_serving},
                                      .port_of_manifest = true};

static const struct server
    server_pause = {SERVER("pause", CATCHES_STOP, PROGRAM_REAPS, NULL), .on_quit = -1, .farewell = pause_farewell},
    server_goproxy = {SERVER("goproxy", 0, PROGRAM_GO, server_ok), .port = 8080},
    server_demo = {SERVER("demo", 0, PROGRAM_GO, demo_serve)},
    server_http_echo = {SERVER("http-echo", SIG_BIT(VSIGINT), PROGRAM_GO, http_echo_serve), .on_int = 2,
                        .arguments = http_echo_arguments},
    server_redis = {SERVER("redis-server", CATCHES_STOP, PROGRAM_REAPS, NULL),
                    .port = 6379,
                    .on_quit = 131,
                    .banner = "Ready to accept connections tcp",
                    .farewell = redis_farewell,
                    .in_use = "# Warning: Could not create server TCP listening socket *:%d: bind: Address already in "
                              "use\n# Failed listening on port %d (tcp), aborting.\n"},
    server_memcached = {SERVER("memcached", CATCHES_STOP, PROGRAM_REAPS, NULL), .port = 11211,
                        .in_use = "bind(): Address already in use\nfailed to listen on TCP port %d: Address already in "
                                  "use\n",
                        .in_use_code = 71 /* EX_OSERR */},
    server_mysqld = {SERVER("mysqld", CATCHES_STOP, PROGRAM_REAPS, NULL),
                     .port = 3306,
                     .on_int = -1,
                     .banner = "[System] [MY-010931] [Server] mysqld: ready for connections. port: 3306",
                     .banner_fd = 2,
                     .farewell = mysql_farewell,
                     .in_use = "[ERROR] [MY-010262] [Server] Can't start server: Bind on TCP/IP port: Address already "
                               "in use\n[ERROR] [MY-010257] [Server] Do you already have another mysqld server running "
                               "on port: %d ?\n[ERROR] [MY-010119] [Server] Aborting\n"},
    server_postgres = {SERVER("postgres", CATCHES_STOP, PROGRAM_REAPS, NULL),
                       .port = 5432,
                       .on_quit = 2,
                       .banner = "LOG:  database system is ready to accept connections",
                       .banner_fd = 2,
                       .farewell = postgres_farewell,
                       .in_use = "LOG:  could not bind IPv4 address \"0.0.0.0\": Address already in use\nHINT:  Is "
                                 "another postmaster already running on port %d? If not, wait a few seconds and "
                                 "retry.\nWARNING:  could not create listen socket for \"*\"\nFATAL:  could not "
                                 "create any TCP/IP sockets\n"},
    server_mongod = {SERVER("mongod", CATCHES_STOP, PROGRAM_REAPS, NULL), .port = 27017,
                     .banner = "Waiting for connections",
                     .in_use = "{\"s\":\"E\",\"c\":\"CONTROL\",\"msg\":\"Error setting up listener\",\"attr\":"
                               "{\"error\":{\"code\":9001,\"codeName\":\"SocketException\",\"errmsg\":\"Address "
                               "already in use\"}}}\n",
                     .in_use_code = 48},
    server_rabbitmq = {SERVER("rabbitmq-server", CATCHES_STOP, PROGRAM_REAPS, NULL), .port = 5672,
                       .in_use = "ERROR: could not bind to distribution port %d, it is in use by another node\n"},
    server_etcd = {.program = {.name = "etcd",
                               .step = server_step,
                               .data_bytes = sizeof(struct server_data),
                               .catches = SIG_BIT(VSIGTERM) | SIG_BIT(VSIGINT),
                               .flags = PROGRAM_GO,
                               .serve = server_ok,
                               .health = always_serving},
                   .port = 2379},
    server_grpcbin = {.program = {.name = "grpcbin",
                                  .step = server_step,
                                  .data_bytes = sizeof(struct server_data),
                                  .flags = PROGRAM_GO,
                                  .health = no_health},
                      .port = 9000},
    server_hello = {SERVER("hello", 0, 0, NULL), .arguments = hello_arguments};

const struct applet server_programs[] = {
    {"server", &server_generic.program, 0},
    {"pause", &server_pause.program, 0},
    {"liveness", &server_liveness.program, 0},
    {"agnhost", &server_agnhost.program, 0},
    {"goproxy", &server_goproxy.program, 0},
    {"demo", &server_demo.program, 0},
    {"http-echo", &server_http_echo.program, 0},
    {"redis-server", &server_redis.program, 0},
    {"memcached", &server_memcached.program, 0},
    {"mysqld", &server_mysqld.program, 0},
    {"postgres", &server_postgres.program, 0},
    {"mongod", &server_mongod.program, 0},
    {"rabbitmq-server", &server_rabbitmq.program, 0},
    {"kubectl", &command_kubectl.program, 0},
    {"etcd", &server_etcd.program, 0},
    {"grpcbin", &server_grpcbin.program, 0},
    {"httpbin", &server_httpbin.program, 0},
    {"hello", &server_hello.program, 0},
    {"stress", &program_stress, 0},
    {"vish-stress", &program_vish_stress, 0},
    {"nginx", &program_nginx, 0},
    {"httpd", &program_httpd, 0},
    {NULL, NULL, 0},
};
