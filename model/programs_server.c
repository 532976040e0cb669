/* programs_server.c - servers of images: when they listen, what they answer, what signals do to them.
 *
 * One row per server (struct server). Each reacts to SIGTERM, SIGINT, SIGQUIT and SIGHUP as the real
 * one does as PID 1 of a container; a row's flags mark Go programs without handlers (they exit 2).
 * nginx and the web servers with files are in programs_web.c.
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

enum step server_step(struct cri *c, struct proc *p)
{
    const struct server *s = (const struct server *)(const void *)p->program;
    struct server_data *d = p->data;

    if (!d->begun) {
        d->begun = true;
        d->port = s->port ? s->port : (int32_t)image_port(p->container->image);
        if (s->arguments && !s->arguments(c, p, d))
            return proc_exit_with(p, p->exit_code);
        bool own = p->container->image->program && strcmp(p->container->image->program, s->program.name) == 0;
        sim_time start =
            own || p->container->image->generic ? image_start_time(p->container->image, c->deps.nothing_takes_time) : 0;
        d->ready_at = sim_time_add(p->started_at, start);
    }
    for (int number; (number = proc_obey_signal(c, p));) {
        int code = signal_exit(s, number);
        if (code >= 0) {
            if (s->farewell)
                s->farewell(c, p, number);
            return proc_exit_with(p, code);
        }
    }
    if (proc_now(c) < d->ready_at)
        return proc_block_until(p, d->ready_at);
    if (!d->listening) {
        d->listening = true;
        if ((d->port || s->any_port) &&
            !(d->tls ? net_listen_tls(c, p, d->port) : net_listen(c, p, s->any_port ? 0 : d->port)))
            return proc_exit_with(p, bind_failed(c, p, s, d->port));
        if (d->second_port && !net_listen(c, p, d->second_port))
            return proc_exit_with(p, bind_failed(c, p, s, d->second_port));
        server_say(c, p, s);
    }
    return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
}

static void no_content(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    (void)c, (void)p, (void)request;
    reply->body = "OK\n";
    reply->lasts_until = SIM_TIME_MAX;
}

/* ---- the liveness sample: k8s test/images/agnhost/liveness/server.go ---- */

/* Seconds as Go prints a float64: "10.5", "12". */
static const char *go_seconds(char text[40], sim_time t)
{
    char digits[16];
    int64_t whole = t / SIM_SECOND, rest = t % SIM_SECOND;
    if (!rest) {
        snprintf(text, 40, "%lld", (long long)whole);
        return text;
    }
    int n = snprintf(digits, sizeof digits, "%09lld", (long long)rest);
    while (n > 0 && digits[n - 1] == '0')
        digits[--n] = '\0';
    snprintf(text, 40, "%lld.%s", (long long)whole, digits);
    return text;
}

static size_t path_length(const char *path) { return strcspn(path, "?#"); }

static bool is_path(const char *path, const char *want)
{
    return path_length(path) == strlen(want) && strncmp(path, want, strlen(want)) == 0;
}

static void go_not_found(struct http_reply *reply)
{
    reply->status = 404;
    reply->body = "404 page not found\n";
}

static void liveness_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    sim_time age = proc_now(c) - p->started_at;
    const char *path = request->http->path;
    char text[40];
    reply->lasts_until = SIM_TIME_MAX;
    if (is_path(path, "/started")) {
        reply->lasts_until = 0;
        reply->body = reply_printf(c, "%s", go_seconds(text, age));
    } else if (is_path(path, "/redirect")) {
        reply->status = 302;
        reply->location = "/";
    } else if (!is_path(path, "/healthz")) {
        go_not_found(reply);
    } else if (age > 10 * SIM_SECOND) {
        reply->status = 500;
        reply->body = reply_printf(c, "error: %s", go_seconds(text, age));
    } else {
        reply->body = "ok";
        reply->lasts_until = p->started_at + 10 * SIM_SECOND;
    }
}

/* ---- agnhost ---- */

static const char *option_value(const struct proc *p, const char *name, const char *otherwise)
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

static int32_t port_value(const struct proc *p, const char *name, const char *otherwise)
{
    int64_t port = 0;
    return parse_int64(option_value(p, name, otherwise), &port) && port > 0 && port < 65536 ? (int32_t)port : 0;
}

enum agnhost_mode { AGNHOST_PAUSE, AGNHOST_LIVENESS, AGNHOST_NETEXEC, AGNHOST_HOSTNAME, AGNHOST_WEB, AGNHOST_GRPC };

static bool agnhost_arguments(struct cri *c, struct proc *p, struct server_data *d)
{
    static const struct {
        const char *word;
        enum agnhost_mode mode;
        const char *option, *port;
    } modes[] = {
        {"pause", AGNHOST_PAUSE, NULL, NULL},
        {"liveness", AGNHOST_LIVENESS, "port", "8080"},
        {"netexec", AGNHOST_NETEXEC, "http-port", "8080"},
        {"serve-hostname", AGNHOST_HOSTNAME, "port", "9376"},
        {"test-webserver", AGNHOST_WEB, "port", "80"},
        {"grpc-health-checking", AGNHOST_GRPC, "port", "5000"},
    };
    const char *word = p->argc > 1 ? p->argv[1] : "pause";
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        if (strcmp(word, modes[i].word) != 0)
            continue;
        d->mode = modes[i].mode;
        d->port = modes[i].option ? port_value(p, modes[i].option, modes[i].port) : 0;
        d->second_port = d->mode == AGNHOST_GRPC ? port_value(p, "http-port", "8080") : 0;
        d->tls = d->mode == AGNHOST_NETEXEC && *option_value(p, "tls-cert-file", "");
        if (d->mode == AGNHOST_PAUSE)
            out_puts(c, p, 1, "Paused\n");
        else if (d->mode == AGNHOST_NETEXEC)
            out_printf(c, p, 2, "Started HTTP server on port %d\n", (int)d->port);
        else if (d->mode == AGNHOST_HOSTNAME)
            out_puts(c, p, 2, "Serving on port 9376.\n");
        /* Only pause and netexec handle SIGTERM. */
        if (d->mode != AGNHOST_PAUSE && d->mode != AGNHOST_NETEXEC)
            p->sig_caught = 0;
        return true;
    }
    if (word[0] == '-') /* only flags */
        return true;
    out_printf(
        c, p, 2,
        "Error: unknown command \"%s\" for \"app\"\nRun 'app --help' for usage.\nunknown command \"%s\" for \"app\"\n",
        word, word);
    p->exit_code = 1;
    return false;
}

static void agnhost_farewell(struct cri *c, struct proc *p, int number)
{
    const struct server_data *d = p->data;
    if (d->mode == AGNHOST_PAUSE)
        out_printf(c, p, 1, "exiting %d\n", number == VSIGINT ? 1 : 2);
}

static const char *query_value(struct cri *c, const char *path, const char *name)
{
    const char *q = strchr(path, '?');
    size_t n = strlen(name);
    while (q) {
        q++;
        if (strncmp(q, name, n) == 0 && q[n] == '=')
            return arena_strndup(sim_arena(c->sim), q + n + 1, strcspn(q + n + 1, "&"));
        q = strchr(q, '&');
    }
    return NULL;
}

/* "%2Fhealthz%3Fa" -> "/healthz?a" */
static const char *url_unescape(struct cri *c, const char *s)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_strdup(sim_arena(c->sim), s), *to = text;
    for (; *s; s++) {
        const char *high = s[0] == '%' && s[1] ? strchr(digits, s[1] | 32) : NULL;
        const char *low = high && s[2] ? strchr(digits, s[2] | 32) : NULL;
        if (high && low) {
            *to++ = (char)((high - digits) * 16 + (low - digits));
            s += 2;
        } else {
            *to++ = *s;
        }
    }
    *to = '\0';
    return text;
}

static void netexec_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    const char *path = request->http->path;
    const struct cri_sandbox_config *s = &p->container->sandbox->pub.config;
    reply->lasts_until = SIM_TIME_MAX;
    if (is_path(path, "/hostname") || is_path(path, "/hostName")) {
        reply->body = s->hostname;
    } else if (is_path(path, "/clientip")) {
        reply->body = reply_printf(c, "%s:40000", request->client_ip);
    } else if (is_path(path, "/echo")) {
        const char *text = query_value(c, path, "msg"), *code = query_value(c, path, "code");
        int64_t n = 200;
        parse_int64(code ? code : "200", &n);
        reply->body = text ? text : "";
        reply->status = (int32_t)n;
    } else if (is_path(path, "/redirect")) {
        const char *to = query_value(c, path, "location"), *code = query_value(c, path, "code");
        int64_t n = 302;
        parse_int64(code ? code : "302", &n);
        reply->status = (int32_t)n;
        reply->location = url_unescape(c, to ? to : "");
    } else if (is_path(path, "/exit")) {
        const char *code = query_value(c, path, "code");
        int64_t n = 0;
        parse_int64(code ? code : "0", &n);
        reply->result = NET_RESET;
        reply->lasts_until = 0;
        proc_end(c, p, (int)(n & 0xff), 0);
    } else if (is_path(path, "/healthz") || is_path(path, "/") || is_path(path, "/readyz")) {
        reply->body = is_path(path, "/") ? "NOW: podsim" : "";
    } else {
        go_not_found(reply);
    }
}

static void hostname_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    (void)c, (void)request;
    reply->body = p->container->sandbox->pub.config.hostname;
    reply->lasts_until = SIM_TIME_MAX;
}

static void health_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    struct server_data *d = p->data;
    const char *path = request->http->path;
    char text[40];
    if (request->http->port == d->port) { /* HTTP/1 to the gRPC port */
        reply->result = NET_RESET;
        return;
    }
    if (is_path(path, "/make-serving"))
        d->told = HEALTH_SERVING;
    else if (is_path(path, "/make-not-serving"))
        d->told = HEALTH_NOT_SERVING;
    else
        go_not_found(reply);
    if (reply->status == 200)
        reply->body = reply_printf(c, "%ss", go_seconds(text, proc_now(c) - p->started_at));
}

static void agnhost_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    const struct server_data *d = p->data;
    if (d->mode == AGNHOST_LIVENESS)
        liveness_serve(c, p, request, reply);
    else if (d->mode == AGNHOST_HOSTNAME)
        hostname_serve(c, p, request, reply);
    else if (d->mode == AGNHOST_WEB)
        no_content(c, p, request, reply);
    else if (d->mode == AGNHOST_GRPC)
        health_serve(c, p, request, reply);
    else
        netexec_serve(c, p, request, reply);
}

/* agnhost grpc-health-checking: SERVING for --delay-unhealthy-sec, for ever without it, or as its HTTP port was
 * told. k8s test/images/agnhost/grpc-health-checking. */
static enum grpc_health agnhost_health(struct cri *c, struct proc *p, int32_t port, const char *service,
                                       struct grpc_reply *reply)
{
    const struct server_data *d = p->data;
    int64_t delay = -1;
    parse_int64(option_value(p, "delay-unhealthy-sec", "-1"), &delay);
    if (d->mode != AGNHOST_GRPC || port != d->port)
        return GRPC_NO_CONNECTION;
    if (strcmp(service, option_value(p, "service", "")) != 0)
        return GRPC_UNKNOWN_SERVICE;
    if (d->told == HEALTH_NOT_SERVING)
        return GRPC_NOT_SERVING;
    sim_time over = delay < 0 ? SIM_TIME_MAX : p->started_at + delay * SIM_SECOND;
    if (proc_now(c) >= over) /* being told that it is healthy does not help then, as in the original */
        return GRPC_NOT_SERVING;
    reply->lasts_until = delay < 0 ? SIM_TIME_MAX : over - 1;
    return GRPC_SERVING;
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

static void http_echo_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    (void)request;
    reply->body = reply_printf(c, "%s\n", option_value(p, "text", ""));
    reply->lasts_until = SIM_TIME_MAX;
}

static bool http_echo_arguments(struct cri *c, struct proc *p, struct server_data *d)
{
    const char *listen = strrchr(option_value(p, "listen", ":5678"), ':');
    int64_t port;
    (void)c;
    if (listen && parse_int64(listen + 1, &port) && port > 0 && port < 65536)
        d->port = (int32_t)port;
    return true;
}

/* python3 -m http.server [port]; a script of one's own is a server podsim knows nothing of. */
static bool python_arguments(struct cri *c, struct proc *p, struct server_data *d)
{
    int64_t port = 8000;
    d->port = 0;
    if (p->argc > 2 && strcmp(p->argv[1], "-m") == 0 && strcmp(p->argv[2], "http.server") == 0) {
        if (p->argc > 3)
            parse_int64(p->argv[3], &port);
        d->port = (int32_t)(port & 0xffff);
        d->mode = 1;
        return true;
    }
    if (p->argc == 1 || strcmp(p->argv[1], "--version") == 0 || strcmp(p->argv[1], "-V") == 0) {
        bool tty = p->argc == 1 && p->fds[0] && p->fds[0]->kind == OFILE_TTY;
        if (p->argc > 1)
            out_puts(c, p, 1, strcmp(p->program->name, "node") == 0 ? "v22.11.0\n" : "Python 3.12.7\n");
        p->exit_code = 0;
        return tty; /* an interpreter without input ends at once */
    }
    return true;
}

static void python_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    const struct server_data *d = p->data;
    if (d->mode != 1) {
        no_content(c, p, request, reply);
        return;
    }
    struct vnode *n;
    size_t len;
    char *path = mem_strndup(&c->mem, NULL, request->http->path + strspn(request->http->path, "/"),
                             path_length(request->http->path + strspn(request->http->path, "/")));
    if (vfs_find(c, p->container, p->cwd, *path ? path : "index.html", &n) == VFS_OK && n->type == VNODE_FILE) {
        const char *text = vfs_content(c, p->container, n, &len);
        reply->body = text;
        (void)len;
    } else if (*path) {
        reply->status = 404;
        reply->body = "<!DOCTYPE HTML>\n<html><head><title>Error response</title></head><body><h1>Error response</h1>"
                      "<p>Error code: 404</p></body></html>\n";
    } else {
        reply->body =
            "<!DOCTYPE HTML>\n<html><head><title>Directory listing for /</title></head><body></body></html>\n";
    }
    mem_free(&c->mem, path);
    struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
    strbuf_printf(&before, "%s - - [", request->client_ip);
    strbuf_printf(&after, "] \"%s %s HTTP/1.1\" %d -", request->http->method, request->http->path, (int)reply->status);
    server_log(c, p, 2, strbuf_str(&before), "%d/%b/%Y %H:%M:%S", strbuf_str(&after), reply);
    strbuf_fini(&before);
    strbuf_fini(&after);
}

static bool java_arguments(struct cri *c, struct proc *p, struct server_data *d)
{
    if (p->argc > 1 && (strcmp(p->argv[1], "-version") == 0 || strcmp(p->argv[1], "--version") == 0)) {
        out_puts(c, p, 2, "openjdk version \"17.0.13\" 2024-10-15\n");
        p->exit_code = 0;
        return false;
    }
    d->port = 8080;
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

/* perl -Mbignum=bpi -wle 'print bpi(2000)': the Job of the documentation, about five seconds. */
static const char pi_digits[] =
    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798";

static enum step perl_step(struct cri *c, struct proc *p)
{
    if (proc_now(c) < p->started_at + 5 * SIM_SECOND)
        return proc_block_until(p, p->started_at + 5 * SIM_SECOND);
    for (int i = 1; i < p->argc; i++)
        if (strstr(p->argv[i], "bpi"))
            out_printf(c, p, 1, "%s\n", pi_digits);
    return proc_exit_with(p, 0);
}
static const struct program program_perl = {.name = "perl", .step = perl_step};

/* ---- memory ---- */

/* "250M", as stress(1) reads sizes. */
static int64_t size_value(const char *s)
{
    int64_t v = 0;
    for (; *s >= '0' && *s <= '9' && v < INT64_MAX / 100; s++)
        v = v * 10 + (*s - '0');
    switch (*s | 32) {
    case 'k':
        return v << 10;
    case 'm':
        return v << 20;
    case 'g':
        return v << 30;
    default:
        return v;
    }
}

/* A hog of stress --vm: takes its memory and keeps it (it frees and fills it again and again). */
static enum step hog_step(struct cri *c, struct proc *p)
{
    if (!p->title) {
        p->title = "stress";
        proc_memory_grow(c, p, size_value(option_value(p, "vm-bytes", "256M")));
    }
    return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
}
static const struct program program_hog = {.name = "stress-hog", .step = hog_step};

struct stress_data {
    bool begun;
    int64_t hogs;
    sim_time timeout; /* 0 = none */
};

/* stress --vm N --vm-bytes SIZE: N children take that much each; stress itself only waits for them. */
static enum step stress_begin(struct cri *c, struct proc *p, struct stress_data *d)
{
    parse_int64(option_value(p, "vm", option_value(p, "m", "0")), &d->hogs);
    parse_duration(option_value(p, "timeout", option_value(p, "t", "0")), &d->timeout);
    if (p->argc == 1) {
        out_puts(
            c, p, 1,
            "`stress' imposes certain types of compute stress on your system\n\nUsage: stress [OPTION [ARG]] ...\n");
        return proc_exit_with(p, 0);
    }
    d->begun = true;
    p->title = "stress";
    out_printf(c, p, 1, "stress: info: [%d] dispatching hogs: 0 cpu, 0 io, %lld vm, 0 hdd\n", (int)p->pid,
               (long long)d->hogs);
    struct proc_start start = {.program = &program_hog,
                               .parent = p,
                               .container = p->container,
                               .argc = p->argc,
                               .argv = p->argv,
                               .env = &p->env,
                               .cwd = p->cwd,
                               .fds = p->fds,
                               .umask = p->umask,
                               .uid = p->uid};
    for (int64_t i = 0; i < d->hogs && proc_start(c, &start); i++)
        continue;
    return STEP_AGAIN;
}

/* Texts of stress 1.0.4, src/stress.c. */
static enum step stress_step(struct cri *c, struct proc *p)
{
    struct stress_data *d = p->data;
    if (!d->begun)
        return stress_begin(c, p, d);
    long long seconds = (long long)((proc_now(c) - p->started_at) / SIM_SECOND);
    struct proc *dead = proc_zombie(p, 0);
    if (dead) {
        out_printf(c, p, 2, "stress: FAIL: [%d] (415) <-- worker %d got signal %d\n", (int)p->pid, (int)dead->pid,
                   dead->exit_signal);
        out_printf(c, p, 2, "stress: WARN: [%d] (417) now reaping child worker processes\n", (int)p->pid);
        out_printf(c, p, 2, "stress: FAIL: [%d] (451) failed run completed in %llds\n", (int)p->pid, seconds);
        return proc_exit_with(p, 1);
    }
    if (d->timeout && proc_now(c) >= p->started_at + d->timeout) {
        out_printf(c, p, 1, "stress: info: [%d] successful run completed in %llds\n", (int)p->pid, seconds);
        return proc_exit_with(p, 0);
    }
    return proc_block_for(p, WAIT_CHILD, d->timeout ? p->started_at + d->timeout : SIM_NEVER);
}
static const struct program program_stress = {
    .name = "stress", .step = stress_step, .data_bytes = sizeof(struct stress_data)};

/* ---- the table ---- */

#define CATCHES_STOP (SIG_BIT(VSIGTERM) | SIG_BIT(VSIGINT) | SIG_BIT(VSIGQUIT))
#define SERVER(text, catches_, flags_, serve_)                                                                         \
    .program = {.name = text,                                                                                          \
                .step = server_step,                                                                                   \
                .data_bytes = sizeof(struct server_data),                                                              \
                .catches = catches_,                                                                                   \
                .flags = flags_,                                                                                       \
                .serve = serve_}

static void redis_farewell(struct cri *c, struct proc *p, int number)
{
    out_printf(
        c, p, 1,
        "%d:signal-handler (%lld) Received %s scheduling shutdown...\n%d:M # Redis is now ready to exit, bye bye...\n",
        (int)p->pid, (long long)epoch_now(c), cri_signal_name(number), (int)p->pid);
}

static void pause_farewell(struct cri *c, struct proc *p, int number)
{
    out_printf(c, p, 2, "Shutting down, got signal: %s\n", number == VSIGTERM ? "Terminated" : "Interrupt");
}

static void mysql_farewell(struct cri *c, struct proc *p, int number)
{
    (void)number;
    out_puts(c, p, 2,
             "[System] [MY-013172] [Server] Received SHUTDOWN from user <via user signal>. Shutting down mysqld.\n");
}

static void postgres_farewell(struct cri *c, struct proc *p, int number)
{
    out_printf(c, p, 2, "LOG:  received %s shutdown request\nLOG:  database system is shut down\n",
               number == VSIGTERM  ? "smart"
               : number == VSIGINT ? "fast"
                                   : "immediate");
}

/* Also what unknown images run: it takes connections on every port and handles SIGTERM as servers
 * that are meant for Kubernetes do. */
const struct server server_generic = {SERVER("server", CATCHES_STOP, PROGRAM_REAPS, no_content), .any_port = true};

static const struct server
    server_pause = {SERVER("pause", CATCHES_STOP, PROGRAM_REAPS, NULL), .on_quit = -1, .farewell = pause_farewell},
    server_liveness = {SERVER("liveness", 0, PROGRAM_GO, liveness_serve), .port = 8080},
    server_goproxy = {SERVER("goproxy", 0, PROGRAM_GO, no_content), .port = 8080},
    server_demo = {SERVER("demo", 0, PROGRAM_GO, demo_serve)},
    server_http_echo = {SERVER("http-echo", CATCHES_STOP, PROGRAM_GO, http_echo_serve),
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
                               .serve = no_content,
                               .health = always_serving},
                   .port = 2379},
    server_grpcbin = {.program = {.name = "grpcbin",
                                  .step = server_step,
                                  .data_bytes = sizeof(struct server_data),
                                  .flags = PROGRAM_GO,
                                  .health = no_health},
                      .port = 9000},
    server_java = {SERVER("java", CATCHES_STOP, PROGRAM_REAPS, no_content),
                   .on_term = 143,
                   .on_int = 130,
                   .on_quit = -1,
                   .arguments = java_arguments,
                   .in_use = "java.net.BindException: Address already in use\n"},
    /* Interpreters have no handler for SIGTERM: as PID 1 they ignore it. */
    server_python = {SERVER("python3", SIG_BIT(VSIGINT), 0, python_serve), .on_int = 130, .arguments = python_arguments,
                     .in_use = "OSError: [Errno 98] Address already in use\n"},
    server_node = {SERVER("node", 0, 0, no_content), .any_port = true, .arguments = python_arguments,
                   .in_use = "Error: listen EADDRINUSE: address already in use :::%d\n"},
    server_hello = {SERVER("hello", 0, 0, NULL), .arguments = hello_arguments};

static const struct server server_agnhost = {.program = {.name = "agnhost",
                                                         .step = server_step,
                                                         .data_bytes = sizeof(struct server_data),
                                                         .catches = CATCHES_STOP,
                                                         .flags = PROGRAM_GO,
                                                         .serve = agnhost_serve,
                                                         .health = agnhost_health},
                                             .on_term = 2,
                                             .on_int = 1,
                                             .on_quit = 2,
                                             .arguments = agnhost_arguments,
                                             .farewell = agnhost_farewell};

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
    {"etcd", &server_etcd.program, 0},
    {"grpcbin", &server_grpcbin.program, 0},
    {"httpbin", &server_httpbin.program, 0},
    {"java", &server_java.program, 0},
    {"python3", &server_python.program, 0},
    {"node", &server_node.program, 0},
    {"hello", &server_hello.program, 0},
    {"perl", &program_perl, 0},
    {"stress", &program_stress, 0},
    {"nginx", &program_nginx, 0},
    {"httpd", &program_httpd, 0},
    {NULL, NULL, 0},
};
