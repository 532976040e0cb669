/* http_client.c - one GET as Go's http.Client makes it for the kubelet: connecting, redirects, the body, and the
 * words of its errors.
 *
 * Mirrors k8s pkg/probe/http/http.go (DoHTTPProbe, RedirectChecker), which probes and lifecycle hooks share, and
 * Go's net/http/client.go as far as its errors are seen; rules: semantics/probes.md 7. What the outcome means is the
 * caller's: probe_handlers.c, kill_container.c.
 * Left out on purpose: each hop of a redirect is answered as of the instant of the first; cookies, compression.
 */
#include <string.h>

#include "model/http_get.h"

enum { MAX_REDIRECTS = 10, MAX_BODY = 10240 }; /* k8s http.go: RedirectChecker; maxRespBodyLength */

/* Linux: tcp_syn_retries 6, the time until connect() gives up by itself. */
#define SYN_TIMEOUT        (127 * SIM_SECOND)
#define TIMED_OUT_AWAITING "(Client.Timeout exceeded while awaiting headers)"
#define TIMED_OUT_READING  "(Client.Timeout or context cancellation while reading body)"

const char *dial_error(struct kpod *kp, enum net_result r, const char *ip, int64_t port)
{
    struct arena *a = kp->all->arena;
    if (r == NET_NO_HOST) /* by the node's own resolver */
        return arena_printf(a, "dial tcp: lookup %s on 127.0.0.53:53: no such host", ip);
    return arena_printf(a, "dial tcp %s:%" PRId64 ": %s", ip, port,
                        r == NET_TIMEOUT ? "i/o timeout" : "connect: connection refused");
}

const char *dial_address(struct kpod *kp, const char *host)
{
    bool loopback = strncmp(host, "127.", 4) == 0 || strcmp(host, "localhost") == 0;
    return loopback ? kpod_kubelet(kp)->ip : host; /* the kubelet's own, that of the node */
}

/* ---- URLs ---- */

static const char *url_text(struct arena *a, const struct http_get *g)
{
    return arena_printf(a, "%s://%s%s", g->https ? "https" : "http", g->authority, g->request.path);
}

static bool starts_with(const char *s, const char *start) { return strncmp(s, start, strlen(start)) == 0; }

/* "host", "host:port" or "host:port/path" after "scheme://"; false: nobody can ask there. */
static bool parse_authority(struct arena *a, const char *s, struct http_get *g)
{
    size_t n = strcspn(s, "/?#"), host = strcspn(s, ":/?#");
    int64_t port = g->https ? 443 : 80;
    if (host < n) {
        port = 0;
        for (const char *d = s + host + 1; d < s + n; d++) {
            if (*d < '0' || *d > '9' || port > 65535)
                return false;
            port = port * 10 + (*d - '0');
        }
    }
    g->hostname = arena_strndup(a, s, host);
    g->authority = arena_strndup(a, s, n);
    g->request.port = (int32_t)port;
    g->request.path = s[n] == '/' ? s + n : arena_printf(a, "/%s", s + n);
    return host > 0 && port > 0 && port < 65536;
}

/* Go net/url ResolveReference, for what servers send: absolute, "//host", "/path", "?query", "name". */
static bool resolve(struct arena *a, const struct http_get *from, const char *location, struct http_get *to)
{
    const char *path = from->request.path;
    *to = *from;
    to->request.path = location;
    if (starts_with(location, "http://") || starts_with(location, "https://")) {
        to->https = starts_with(location, "https://");
        to->request.host = NULL;
        return parse_authority(a, strstr(location, "//") + 2, to);
    }
    if (starts_with(location, "//")) {
        to->request.host = NULL;
        return parse_authority(a, location + 2, to);
    }
    if (location[0] == '?') {
        to->request.path = arena_printf(a, "%.*s%s", (int)strcspn(path, "?"), path, location);
    } else if (location[0] != '/') {
        size_t last = strcspn(path, "?");
        while (last > 0 && path[last - 1] != '/')
            last--;
        to->request.path = arena_printf(a, "%.*s%s", (int)last, path, location);
    }
    return strstr(location, "://") == NULL || location[0] == '/';
}

/* ---- one exchange ---- */

struct exchange {
    struct kpod *kp;
    const struct http_client *client;
    struct http_outcome *out;
    sim_time took;
};

static bool too_late(const struct exchange *x, sim_time took)
{
    return x->client->timeout > 0 && took > x->client->timeout;
}

static void fail(struct exchange *x, const char *url, const char *error)
{
    *x->out = (struct http_outcome){.kind = HTTP_NO_ANSWER, .took = x->took};
    x->out->error = arena_printf(x->kp->all->arena, "Get \"%s\": %s", url, error);
}

static void time_out(struct exchange *x, const char *url, const char *while_doing)
{
    x->took = x->client->timeout;
    fail(x, url, arena_printf(x->kp->all->arena, "%s " TIMED_OUT_AWAITING, while_doing));
}

/* The connection could not be made, or ended without an answer. */
static void no_connection(struct exchange *x, const struct http_get *g, enum net_result r)
{
    struct arena *a = x->kp->all->arena;
    const char *url = url_text(a, g);
    if (r == NET_TIMEOUT && x->client->timeout > 0) {
        time_out(x, url, dial_error(x->kp, r, g->hostname, g->request.port));
    } else if (r == NET_TIMEOUT) {
        x->took = sim_time_add(x->took, SYN_TIMEOUT);
        fail(x, url, arena_printf(a, "dial tcp %s: connect: connection timed out", g->authority));
    } else if (r == NET_RESET) {
        fail(x, url, "EOF");
    } else if (r == NET_NOT_TLS) {
        fail(x, url, "http: server gave HTTP response to HTTPS client");
        x->out->not_tls = true;
    } else {
        fail(x, url, dial_error(x->kp, r, g->hostname, g->request.port));
    }
}

/* The body is read up to a limit; a server may take its time over it. */
static void read_body(struct exchange *x, const struct http_reply *reply)
{
    size_t length = strlen(reply->body);
    sim_time took = reply->body_took;
    if (length >= MAX_BODY && took < SIM_TIME_MAX / MAX_BODY)
        took = took * MAX_BODY / (int64_t)length;
    *x->out = (struct http_outcome){
        .kind = HTTP_ANSWERED,
        .status = reply->status,
        .body = reply->body,
        .body_length = length < MAX_BODY ? length : MAX_BODY,
        .took = sim_time_add(x->took, took),
    };
    if (!too_late(x, x->out->took))
        return;
    *x->out = (struct http_outcome){
        .kind = HTTP_NO_BODY, .took = x->client->timeout, .error = "context deadline exceeded " TIMED_OUT_READING};
}

/* Sends one request; false: *x->out says why there is no answer. */
static bool ask(struct exchange *x, struct http_get *g, struct http_reply *reply)
{
    struct arena *a = x->kp->all->arena;
    g->request.ip = dial_address(x->kp, g->hostname);
    g->request.https = g->https;
    if (!g->request.host || !*g->request.host)
        g->request.host = g->authority;
    *reply = (struct http_reply){0};
    cri_http(x->kp->all->cri, &g->request, reply);
    x->took = sim_time_add(x->took, sim_time_add(x->client->latency, reply->took));
    if (reply->result != NET_OK) {
        if (reply->result == NET_TIMEOUT || !too_late(x, x->took)) {
            no_connection(x, g, reply->result);
            return false;
        }
    }
    if (too_late(x, x->took)) {
        time_out(x, url_text(a, g), "context deadline exceeded");
        return false;
    }
    return true;
}

static bool is_redirect(const struct http_reply *r)
{
    bool code = (r->status >= 301 && r->status <= 303) || r->status == 307 || r->status == 308;
    return code && r->location && *r->location;
}

void http_exchange(struct kpod *kp, const struct http_get *get, const struct http_client *client,
                   struct http_outcome *ret)
{
    struct arena *a = kp->all->arena;
    struct exchange x = {kp, client, ret, 0};
    struct http_get g = *get, next;
    struct http_reply reply;
    sim_time lasts_until = SIM_TIME_MAX;
    bool own = true;
    int sent = 1;
    for (;; sent++) {
        if (!ask(&x, &g, &reply))
            return;
        own &= strcmp(g.request.ip, kp->ip) == 0 && reply.took == 0 && reply.body_took == 0;
        lasts_until = reply.lasts_until < lasts_until ? reply.lasts_until : lasts_until;
        if (!is_redirect(&reply))
            break;
        if (!resolve(a, &g, reply.location, &next)) {
            fail(&x, reply.location, "unsupported protocol scheme");
            return;
        }
        if (strcmp(next.hostname, get->hostname) != 0)
            break; /* not followed: the redirect itself is the answer */
        if (sent >= MAX_REDIRECTS) {
            fail(&x, reply.location, "stopped after 10 redirects");
            return;
        }
        g = next;
    }
    read_body(&x, &reply);
    ret->line = own && sent == 1 && ret->kind == HTTP_ANSWERED ? reply.line : 0;
    ret->lasts_until = own && !kpod_spec(kp)->host_network && ret->kind == HTTP_ANSWERED ? lasts_until : 0;
}
