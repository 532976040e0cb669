/* programs_agnhost.c - the liveness sample, and agnhost, the program that Kubernetes' own tests and tutorials use.
 *
 * Mirrors k8s test/images/agnhost (2.63), one directory per subcommand. Left out on purpose: UDP and SCTP, /dial with
 * more than one try, /shell and /upload of netexec, guestbook's store; other subcommands are taken for a server.
 */
#include <stdio.h>
#include <string.h>

#include "model/net.h"
#include "model/programs.h"
#include "model/programs_server.h"
#include "model/shell.h"

/* ---- the liveness sample: liveness/server.go ---- */

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

const struct server server_liveness = {SERVER("liveness", 0, PROGRAM_GO, liveness_serve), .port = 8080};

/* ---- subcommands ---- */

enum agnhost_mode {
    AGNHOST_PAUSE,
    AGNHOST_LIVENESS,
    AGNHOST_NETEXEC,
    AGNHOST_HOSTNAME,
    AGNHOST_WEB,
    AGNHOST_GRPC,
    AGNHOST_PORTER,
    AGNHOST_OTHER,
};

struct agnhost_command {
    const char *word;
    enum agnhost_mode mode;
    const char *option, *port; /* of its first port */
    const char *option2, *port2;
    bool catches;                              /* it handles SIGTERM */
    int (*run)(struct cri *c, struct proc *p); /* it only does this; its exit status */
};

/* entrypoint-tester prints os.Args as Go prints a list. */
static int print_arguments(struct cri *c, struct proc *p)
{
    out_puts(c, p, 1, "[");
    for (int i = 0; i < p->argc; i++)
        out_printf(c, p, 1, "%s%s", i ? " " : "", p->argv[i]);
    out_puts(c, p, 1, "]\n");
    return 0;
}

static int print_content(struct cri *c, struct proc *p, const char *path)
{
    struct vnode *n;
    size_t len;
    enum vfs_error e = vfs_find(c, p->container, p->cwd, path, &n);
    if (e != VFS_OK || n->type != VNODE_FILE) {
        out_printf(c, p, 1, "error reading file content for \"%s\": open %s: no such file or directory\n", path, path);
        return 1;
    }
    out_printf(c, p, 1, "content of file \"%s\": %s\n", path, vfs_content(c, p->container, n, &len));
    return 0;
}

/* mounttest: its flags in the order in which it goes through them. */
static int mount_test(struct cri *c, struct proc *p)
{
    const char *mode = option_value(p, "file_mode", NULL), *perm = option_value(p, "file_perm", NULL);
    const char *paths[] = {mode, perm};
    static const char *const words[] = {"mode", "perms"};
    int status = 0;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct vnode *n;
        if (!paths[i])
            continue;
        if (vfs_find(c, p->container, p->cwd, paths[i], &n) != VFS_OK) {
            out_printf(c, p, 1, "error from Lstat(\"%s\"): lstat %s: no such file or directory\n", paths[i], paths[i]);
            status = 1;
            continue;
        }
        char text[10] = "rwxrwxrwx";
        for (int bit = 0; bit < 9; bit++)
            if (!(n->mode >> (8 - bit) & 1))
                text[bit] = '-';
        out_printf(c, p, 1, "%s of file \"%s\": %s%s\n", words[i], paths[i],
                   i                      ? "-"
                   : n->type == VNODE_DIR ? "d"
                                          : "-",
                   text);
    }
    const char *content = option_value(p, "file_content", option_value(p, "file_content_in_loop", NULL));
    return content && print_content(c, p, content) ? 1 : status;
}

static const struct agnhost_command commands[] = {
    {.word = "pause", .mode = AGNHOST_PAUSE, .catches = true},
    {.word = "liveness", .mode = AGNHOST_LIVENESS, .option = "port", .port = "8080"},
    {.word = "netexec", .mode = AGNHOST_NETEXEC, .option = "http-port", .port = "8080", .catches = true},
    {.word = "serve-hostname", .mode = AGNHOST_HOSTNAME, .option = "port", .port = "9376", .catches = true},
    {.word = "test-webserver", .mode = AGNHOST_WEB, .option = "port", .port = "80"},
    {.word = "grpc-health-checking",
     .mode = AGNHOST_GRPC,
     .option = "port",
     .port = "5000",
     .option2 = "http-port",
     .port2 = "8080"},
    {.word = "porter", .mode = AGNHOST_PORTER},
    {.word = "guestbook", .mode = AGNHOST_OTHER, .option = "http-port", .port = "80"},
    {.word = "nettest", .mode = AGNHOST_OTHER, .option = "port", .port = "8080"},
    {.word = "fake-gitserver", .mode = AGNHOST_OTHER, .option = "port", .port = "8000"},
    {.word = "resource-consumer-controller", .mode = AGNHOST_OTHER, .option = "port", .port = "8080"},
    {.word = "webhook", .mode = AGNHOST_OTHER, .option = "port", .port = "443"},
    {.word = "crd-conversion-webhook", .mode = AGNHOST_OTHER, .option = "port", .port = "443"},
    {.word = "entrypoint-tester", .run = print_arguments},
    {.word = "mounttest", .run = mount_test},
};

/* netexec handles SIGTERM by itself, and has /readyz: kubernetes/kubernetes #110174, #110212, #110214. */
static bool has_readyz(const struct proc *p) { return image_version(p->container->image) >= 23900; }

/* pause says why in its termination message. Which release was the first is not known: taken to be 2.53, that of
 * Kubernetes 1.32. */
static bool leaves_message(const struct proc *p) { return image_version(p->container->image) >= 25300; }

/* porter serves the value of SERVE_PORT_80 on port 80. */
static void porter_ports(struct cri *c, struct proc *p, struct server_data *d)
{
    static const char *const prefixes[] = {"SERVE_PORT_", "SERVE_TLS_PORT_"};
    const struct env *env = proc_env(c, p);
    for (uint32_t i = 0; i < env->count; i++)
        for (size_t k = 0; k < ARRAY_LEN(prefixes); k++) {
            const char *entry = env->items[i];
            size_t n = strlen(prefixes[k]);
            int32_t port = 0;
            if (strncmp(entry, prefixes[k], n) != 0)
                continue;
            for (const char *s = entry + n; *s >= '0' && *s <= '9' && port < 65536; s++)
                port = port * 10 + (*s - '0');
            if (port > 0 && port < 65536 && d->port_count < SERVER_PORTS_MAX)
                d->ports[d->port_count++] = port;
        }
}

static void begin(struct cri *c, struct proc *p, struct server_data *d, const struct agnhost_command *k)
{
    d->mode = (int)k->mode;
    d->port_count = 0;
    if (k->option)
        server_set_port(d, port_value(p, k->option, k->port));
    if (k->option2)
        d->ports[d->port_count++] = port_value(p, k->option2, k->port2);
    d->tls = d->mode == AGNHOST_NETEXEC && *option_value(p, "tls-cert-file", "");
    if (d->mode == AGNHOST_PAUSE)
        out_puts(c, p, 1, "Paused\n");
    else if (d->mode == AGNHOST_NETEXEC)
        out_printf(c, p, 2, "Started HTTP server on port %d\n", (int)d->ports[0]);
    else if (d->mode == AGNHOST_HOSTNAME)
        out_printf(c, p, 2, "Serving on port %d.\n", (int)d->ports[0]);
    else if (d->mode == AGNHOST_PORTER)
        porter_ports(c, p, d);
    if (!k->catches)
        p->sig_caught = 0;
}

static bool agnhost_arguments(struct cri *c, struct proc *p, struct server_data *d)
{
    const char *word = p->argc > 1 ? p->argv[1] : "";
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(word, commands[i].word) != 0)
            continue;
        if (commands[i].run)
            p->exit_code = commands[i].run(c, p);
        else
            begin(c, p, d, &commands[i]);
        return !commands[i].run;
    }
    if (!*word || word[0] == '-') { /* cobra's help */
        out_puts(c, p, 1, "Usage:\n  app [command]\n");
        p->exit_code = 0;
        return false;
    }
    out_printf(
        c, p, 2,
        "Error: unknown command \"%s\" for \"app\"\nRun 'app --help' for usage.\nunknown command \"%s\" for \"app\"\n",
        word, word);
    p->exit_code = 1;
    return false;
}

static void end_after(struct cri *c, struct server_data *d, sim_time delay, int code)
{
    d->end_at = sim_time_add(proc_now(c), delay);
    d->end_code = code;
}

static void pause_farewell(struct cri *c, struct proc *p, int number)
{
    enum vfs_error e;
    if (!leaves_message(p)) {
        out_printf(c, p, 1, "exiting %d\n", number == VSIGINT ? 1 : 2);
        return;
    }
    const char *text =
        number == VSIGINT ? "exiting because of signal \"interrupt\"\n" : "exiting because of signal \"terminated\"\n";
    const char *path = env_get(proc_env(c, p), "TERMINATION_MESSAGE_PATH");
    struct ofile *f =
        file_open(c, p, path ? path : "/dev/termination-log", OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, &e);
    if (f) {
        ofile_write(c, p, f, text, strlen(text));
        ofile_unref(c, f);
    }
    out_puts(c, p, 1, text);
}

static bool agnhost_farewell(struct cri *c, struct proc *p, struct server_data *d, int number)
{
    int64_t delay = 0;
    if (d->mode == AGNHOST_PAUSE)
        pause_farewell(c, p, number);
    if (number != VSIGTERM || d->end_at)
        return d->end_at != 0;
    if (d->mode == AGNHOST_HOSTNAME) {
        out_puts(c, p, 2, "Shutting down after receiving signal: terminated.\n\nAwaiting pod deletion.\n\n");
        end_after(c, d, 60 * SIM_SECOND, 0);
    } else if (d->mode == AGNHOST_NETEXEC) {
        parse_int64(option_value(p, "delay-shutdown", "0"), &delay);
        if (delay > 0)
            out_printf(c, p, 2, "Sleeping %lld seconds before terminating...\n", (long long)delay);
        if (delay > 0 || has_readyz(p))
            end_after(c, d, delay > 0 && delay < 1000000 ? delay * SIM_SECOND : 0, 0);
    }
    return d->end_at != 0;
}

/* ---- netexec ---- */

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

/* /exit?code=1&timeout=5s&wait=2s: nobody gets an answer. */
static void netexec_exit(struct cri *c, struct proc *p, const char *path, struct http_reply *reply)
{
    struct server_data *d = p->data;
    const char *code = query_value(c, path, "code"), *wait = query_value(c, path, "wait");
    int64_t n = 0;
    sim_time after = 0;
    parse_int64(code ? code : "0", &n);
    if (wait && (sim_parse_duration(wait, &after) != 0 || after < 0))
        after = 0;
    reply->result = NET_RESET;
    reply->lasts_until = 0;
    if (after == 0) {
        proc_end(c, p, (int)(n & 0xff), 0);
        return;
    }
    end_after(c, d, after, (int)(n & 0xff));
    proc_wake(c, p);
}

/* /dial?host=IP&port=80&request=hostname: asks somebody else. */
static void netexec_dial(struct cri *c, struct proc *p, const char *path, struct http_reply *reply)
{
    const char *host = query_value(c, path, "host"), *port = query_value(c, path, "port");
    const char *request = query_value(c, path, "request");
    struct net_name to;
    struct http_reply got = {.status = 200, .body = ""};
    int64_t number = 0;
    reply->lasts_until = 0;
    if (!host || !port || !request || !parse_int64(port, &number) || number <= 0 || number > 65535) {
        reply->status = 400;
        reply->body = "request parameter not specified. <nil>\n";
        return;
    }
    net_resolve(c, p->container, host, &to);
    struct http_request http = {
        .method = "GET", .path = arena_printf(sim_arena(c->sim), "/%s", url_unescape(c, request)), .host = host};
    struct net_peer peer;
    enum net_result result =
        to.found ? net_request(c, p->container, &to, host, (int32_t)number, &http, &got, &peer) : NET_REFUSED;
    const char *body = arena_strdup(sim_arena(c->sim), got.body ? got.body : "");
    reply->status = 200;
    reply->body =
        result == NET_OK
            ? reply_printf(c, "{\"responses\":[\"%s\"]}", body)
            : reply_printf(c,
                           "{\"errors\":[\"Get \\\"http://%s:%lld/%s\\\": dial tcp %s:%lld: connect: connection "
                           "refused\"]}",
                           host, (long long)number, request, to.found ? to.ip : host, (long long)number);
}

static void not_run(struct cri *c, struct proc *p, struct http_reply *reply)
{
    if (first_report(c, p->container, "/shell"))
        report_diag(c, p->container, (struct src_pos){0},
                    "podsim does not run the commands of agnhost netexec's /shell: it answers with an error");
    reply->body = "{\"error\":\"exit status 127\"}";
}

static void netexec_echo(struct cri *c, const char *path, struct http_reply *reply)
{
    const char *text = query_value(c, path, "msg"), *code = query_value(c, path, "code");
    int64_t n = 200;
    parse_int64(code ? code : "200", &n);
    reply->body = text ? url_unescape(c, text) : "";
    reply->status = (int32_t)n;
}

static void netexec_redirect(struct cri *c, const char *path, struct http_reply *reply)
{
    const char *to = query_value(c, path, "location"), *code = query_value(c, path, "code");
    int64_t n = 302;
    parse_int64(code ? code : "302", &n);
    reply->status = (int32_t)n;
    reply->location = url_unescape(c, to ? to : "");
}

/* Between SIGTERM and its end it is not ready. */
static void netexec_ready(const struct proc *p, struct http_reply *reply)
{
    const struct server_data *d = p->data;
    reply->body = "ok";
    if (!d->end_at)
        return;
    reply->status = 503;
    reply->body = "shutting down";
}

static void netexec_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    const char *path = option_value(p, "http-override", request->http->path);
    const struct cri_sandbox_config *s = &p->container->sandbox->pub.config;
    struct server_data *d = p->data;
    reply->lasts_until = SIM_TIME_MAX;
    if (is_path(path, "/hostname") || is_path(path, "/hostName"))
        reply->body = s->hostname;
    else if (is_path(path, "/clientip"))
        reply->body = reply_printf(c, "%s:40000", request->client_ip);
    else if (is_path(path, "/serverport"))
        reply->body = reply_printf(c, "%d", (int)d->ports[0]);
    else if (is_path(path, "/echo"))
        netexec_echo(c, path, reply);
    else if (is_path(path, "/redirect"))
        netexec_redirect(c, path, reply);
    else if (is_path(path, "/exit"))
        netexec_exit(c, p, path, reply);
    else if (is_path(path, "/shutdown"))
        netexec_exit(c, p, "/exit", reply);
    else if (is_path(path, "/dial"))
        netexec_dial(c, p, path, reply);
    else if (is_path(path, "/shell"))
        not_run(c, p, reply);
    else if (is_path(path, "/healthz"))
        reply->body = "";
    else if (is_path(path, "/readyz") && has_readyz(p))
        netexec_ready(p, reply);
    else /* Go's mux: "/" is for every path that has no handler */
        reply->body = "NOW: podsim";
}

/* ---- the others ---- */

static void hostname_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    (void)c, (void)request;
    reply->body = p->container->sandbox->pub.config.hostname;
    reply->lasts_until = SIM_TIME_MAX;
}

static void porter_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    static const char *const prefixes[] = {"SERVE_PORT_", "SERVE_TLS_PORT_"};
    char name[40];
    reply->lasts_until = SIM_TIME_MAX;
    reply->body = "";
    (void)c;
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
        snprintf(name, sizeof name, "%s%d", prefixes[i], (int)request->http->port);
        const char *value = env_get(proc_env(c, p), name);
        if (value)
            reply->body = value;
    }
}

/* http.FileServer of "/". */
static void files_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    struct vnode *n;
    size_t len;
    char *path = mem_strndup(&c->mem, NULL, request->http->path, path_length(request->http->path));
    enum vfs_error e = vfs_find(c, p->container, "/", path, &n);
    mem_free(&c->mem, path);
    reply->lasts_until = SIM_TIME_MAX;
    if (e != VFS_OK)
        go_not_found(reply);
    else
        reply->body = n->type == VNODE_FILE ? vfs_content(c, p->container, n, &len) : "<pre>\n</pre>\n";
}

static void health_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    struct server_data *d = p->data;
    const char *path = request->http->path;
    char text[40];
    if (request->http->port == d->ports[0]) { /* HTTP/1 to the gRPC port */
        reply->result = NET_RESET;
        return;
    }
    if (is_path(path, "/make-serving"))
        d->told_serving = d->told = true;
    else if (is_path(path, "/make-not-serving")) {
        d->told = true;
        d->told_serving = false;
    } else
        go_not_found(reply);
    if (reply->status == 200)
        reply->body = reply_printf(c, "%ss", go_seconds(text, proc_now(c) - p->started_at));
}

static void agnhost_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    static void (*const serve[])(struct cri *, struct proc *, const struct net_request *, struct http_reply *) = {
        [AGNHOST_LIVENESS] = liveness_serve, [AGNHOST_NETEXEC] = netexec_serve, [AGNHOST_HOSTNAME] = hostname_serve,
        [AGNHOST_WEB] = files_serve,         [AGNHOST_GRPC] = health_serve,     [AGNHOST_PORTER] = porter_serve,
        [AGNHOST_OTHER] = server_ok,
    };
    const struct server_data *d = p->data;
    if (d->mode > AGNHOST_PAUSE)
        serve[d->mode](c, p, request, reply);
}

/* agnhost grpc-health-checking: SERVING for --delay-unhealthy-sec, for ever without it, or as its HTTP port was
 * told. k8s test/images/agnhost/grpc-health-checking. */
static enum grpc_health agnhost_health(struct cri *c, struct proc *p, int32_t port, const char *service,
                                       struct grpc_reply *reply)
{
    const struct server_data *d = p->data;
    int64_t delay = -1;
    parse_int64(option_value(p, "delay-unhealthy-sec", "-1"), &delay);
    if (d->mode != AGNHOST_GRPC || port != d->ports[0])
        return GRPC_NO_CONNECTION;
    if (strcmp(service, option_value(p, "service", "")) != 0)
        return GRPC_UNKNOWN_SERVICE;
    if (d->told && !d->told_serving)
        return GRPC_NOT_SERVING;
    sim_time over = delay < 0 ? SIM_TIME_MAX : p->started_at + delay * SIM_SECOND;
    if (proc_now(c) >= over) /* being told that it is healthy does not help then, as in the original */
        return GRPC_NOT_SERVING;
    reply->lasts_until = delay < 0 ? SIM_TIME_MAX : over - 1;
    return GRPC_SERVING;
}

const struct server server_agnhost = {.program = {.name = "agnhost",
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
