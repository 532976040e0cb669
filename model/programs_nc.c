/* programs_nc.c - nc: does a port answer, and a server made of it.
 *
 *     until nc -z -w 2 db 5432; do sleep 1; done
 *     while true; do { echo -e "HTTP/1.1 200 OK\\r\\n\\r"; date; } | nc -l -p 8080; done
 *
 * A server sends what its standard input has for it when somebody connects, prints what it was sent, and ends with the
 * connection (-k: it goes on). Mirrors busybox networking/nc_bloaty.c.
 * Left out on purpose: -e, UDP, and what is said to other servers than those of HTTP.
 */
#include <string.h>

#include "model/net.h"
#include "model/programs.h"
#include "model/shell.h"

#define CONNECT_TIMEOUT (130 * SIM_SECOND) /* Linux gives up after six SYN retries */

struct nc_data {
    bool begun, scan, listen, keeps; /* keeps: -k */
    bool ended;                      /* nothing more comes from standard input */
    bool closed;                     /* a connection has come and gone */
    int verbose;
    sim_time at, timeout;
    enum net_result result;
    int32_t port;
    const char *host;
    char ip[16];
    struct mem_buf input;   /* what it sends */
    struct mem_buf request; /* what it was sent */
};

/* ---- a server ---- */

/* Standard input is read ahead: what a connection gets is there when it comes. */
static enum step nc_serve_step(struct cri *c, struct proc *p, struct nc_data *d)
{
    char chunk[1024];
    if (d->request.len)
        fd_write(c, p, 1, d->request.data, d->request.len);
    buf_fini(&c->mem, &d->request);
    if (d->closed && !d->keeps)
        return proc_exit_with(p, 0);
    if (d->ended || d->input.len >= STRING_MAX_BYTES)
        return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
    int64_t n = fd_read(c, p, 0, chunk, sizeof chunk);
    if (n == READ_BLOCKED)
        return STEP_BLOCK;
    d->ended = n <= 0;
    if (n > 0)
        buf_add(&c->mem, &p->mem, &d->input, chunk, (size_t)n);
    return STEP_AGAIN;
}

static enum net_result nc_connect(struct cri *c, struct proc *p, int32_t port, sim_time *ret_lasts_until)
{
    struct nc_data *d = p->data;
    (void)port;
    *ret_lasts_until = 0;
    if (d->closed && !d->keeps)
        return NET_REFUSED; /* it has closed its port */
    d->closed = true;
    world_touch(c, p->container->sandbox);
    proc_wake(c, p);
    return NET_OK;
}

/* The status and the body of "HTTP/1.1 200 OK\r\n...\r\n\r\nbody"; false: it is something else. */
static bool parse_answer(struct cri *c, const struct mem_buf *b, struct http_reply *reply)
{
    const char *text = reply_printf(c, "%.*s", (int)b->len, b->len ? b->data : ""), *end, *other;
    int64_t status = 0;
    if (strncmp(text, "HTTP/1.", 7) != 0 || !(end = strchr(text, ' ')))
        return false;
    for (end++; *end >= '0' && *end <= '9' && status < 1000; end++)
        status = 10 * status + (*end - '0');
    reply->status = (int32_t)status;
    end = strstr(text, "\r\n\r\n");
    other = strstr(text, "\n\n");
    if (end && (!other || end < other))
        reply->body = end + 4;
    else
        reply->body = other ? other + 2 : "";
    return status >= 100;
}

static void nc_answer(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    struct nc_data *d = p->data;
    const struct http_request *r = request->http;
    const char *text =
        reply_printf(c, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n\r\n", r->method ? r->method : "GET",
                     r->path ? r->path : "/", r->host ? r->host : r->ip, r->user_agent ? r->user_agent : "");
    buf_add(&c->mem, &p->mem, &d->request, text, strlen(text));
    if (!parse_answer(c, &d->input, reply))
        reply->result = NET_RESET;
}

/* ---- a client ---- */

static enum step nc_begin(struct cri *c, struct proc *p, struct nc_data *d)
{
    struct options o = {.p = p};
    int64_t port = 0;
    d->timeout = CONNECT_TIMEOUT;
    for (int letter; (letter = option_next(&o, "wpei"));) {
        d->scan |= letter == 'z';
        d->verbose += letter == 'v';
        d->listen |= letter == 'l';
        d->keeps |= letter == 'k';
        if (letter == 'w' && o.value)
            parse_duration(o.value, &d->timeout);
        if (letter == 'p' && o.value)
            parse_int64(o.value, &port);
    }
    d->host = o.next < p->argc ? p->argv[o.next] : NULL;
    if (o.next + 1 < p->argc)
        parse_int64(p->argv[o.next + 1], &port);
    else if (d->listen && d->host && !port)
        parse_int64(d->host, &port);
    d->port = port > 0 && port < 65536 ? (int32_t)port : 0;
    if (d->listen) {
        if (!net_listen(c, p, d->port)) {
            err_printf(c, p, "bind: Address already in use");
            return proc_exit_with(p, 1);
        }
        return STEP_AGAIN;
    }
    if (!d->host || !d->port) {
        err_printf(c, p, "usage: nc [OPTIONS] HOST PORT");
        return proc_exit_with(p, 1);
    }
    struct net_name to;
    net_resolve(c, p->container, d->host, &to);
    if (!to.found) {
        err_printf(c, p, "bad address '%s'", d->host);
        return proc_exit_with(p, 1);
    }
    memcpy(d->ip, to.ip, sizeof d->ip);
    d->result = net_dial(c, p->container, &to, d->port);
    d->at = d->result == NET_TIMEOUT ? sim_time_add(proc_now(c), d->timeout) : proc_now(c);
    return STEP_AGAIN;
}

/* busybox networking/nc_bloaty.c: a refusal is told with -vv only; netcat-openbsd tells everything with -v. */
static void nc_report(struct cri *c, struct proc *p, const struct nc_data *d)
{
    const char *error = d->result == NET_TIMEOUT ? "Connection timed out" : "Connection refused";
    if (!d->verbose)
        return;
    if (is_gnu(p) && d->result == NET_OK)
        out_printf(c, p, 2, "Connection to %s (%s) %d port [tcp/*] succeeded!\n", d->host, d->ip, (int)d->port);
    else if (is_gnu(p))
        out_printf(c, p, 2, "nc: connect to %s (%s) port %d (tcp) failed: %s\n", d->host, d->ip, (int)d->port, error);
    else if (d->result == NET_OK)
        out_printf(c, p, 2, "%s (%s:%d) open\n", d->host, d->ip, (int)d->port);
    else if (d->verbose > 1 || d->result == NET_TIMEOUT)
        err_printf(c, p, "%s (%s:%d): %s", d->host, d->ip, (int)d->port, error);
}

static enum step nc_step(struct cri *c, struct proc *p)
{
    struct nc_data *d = p->data;
    if (!d->begun) {
        d->begun = true;
        enum step step = nc_begin(c, p, d);
        if (step != STEP_AGAIN)
            return step;
    }
    if (d->listen)
        return nc_serve_step(c, p, d);
    if (proc_now(c) < d->at)
        return proc_block_until(p, d->at);
    nc_report(c, p, d);
    return proc_exit_with(p, d->result == NET_OK ? 0 : 1);
}

static const struct program program_nc = {
    .name = "nc", .step = nc_step, .data_bytes = sizeof(struct nc_data), .serve = nc_answer, .connect = nc_connect};

const struct applet nc_applets[] = {
    {"nc", &program_nc, IMAGE_BUSYBOX | IMAGE_EXTRA},
    {NULL, NULL, 0},
};
