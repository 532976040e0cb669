/* programs_httpbin.c - httpbin, the server that answers as it is asked to: for probes that meet every outcome.
 *
 * Mirrors github.com/postmanlabs/httpbin (httpbin/core.py) as far as the status line, redirects, times and sizes of
 * answers go; go-httpbin answers alike. Left out on purpose: most bodies, its own access log.
 */
#include <string.h>

#include "model/net.h"
#include "model/programs.h"
#include "model/programs_server.h"
#include "model/shell.h"

enum { BYTES_MAX = 100 * 1024 }; /* core.py: /bytes and /drip are limited */

/* The number after `prefix` in the path, or `otherwise`. */
static bool path_number(const char *path, const char *prefix, int64_t *ret)
{
    size_t n = strlen(prefix);
    char digits[20];
    size_t len = strspn(path + (strncmp(path, prefix, n) == 0 ? n : strlen(path)), "0123456789");
    if (strncmp(path, prefix, n) != 0 || len == 0 || len >= sizeof digits)
        return false;
    memcpy(digits, path + n, len);
    digits[len] = '\0';
    return parse_int64(digits, ret);
}

/* ?name=NUMBER of seconds or of anything, decimals cut to milliseconds; in thousandths. */
static int64_t query_milli(const char *path, const char *name, int64_t otherwise)
{
    size_t n = strlen(name);
    for (const char *q = strchr(path, '?'); q; q = strchr(q, '&')) {
        q++;
        if (strncmp(q, name, n) != 0 || q[n] != '=')
            continue;
        sim_time t = 0;
        char text[24];
        size_t len = strcspn(q + n + 1, "&");
        if (len == 0 || len >= sizeof text - 1)
            return otherwise;
        memcpy(text, q + n + 1, len);
        text[len] = '\0';
        return sim_parse_duration(text, &t) == 0 ? t / SIM_MS : otherwise;
    }
    return otherwise;
}

static const char *query_text(struct cri *c, const char *path, const char *name)
{
    size_t n = strlen(name);
    for (const char *q = strchr(path, '?'); q; q = strchr(q, '&')) {
        q++;
        if (strncmp(q, name, n) == 0 && q[n] == '=')
            return arena_strndup(sim_arena(c->sim), q + n + 1, strcspn(q + n + 1, "&"));
    }
    return NULL;
}

static const char *filler(struct cri *c, int64_t count)
{
    count = count < 0 ? 0 : count > BYTES_MAX ? BYTES_MAX : count;
    return reply_printf(c, "%0*d", (int)count, 0);
}

static bool serve_status(const char *path, struct http_reply *reply)
{
    int64_t code;
    if (!path_number(path, "/status/", &code))
        return false;
    reply->status = (int32_t)code;
    if (code >= 301 && code <= 307 && code != 304 && code != 306)
        reply->location = "/redirect/1";
    return true;
}

/* /redirect/n goes on to n - 1, at last to /get; absolute ones name the host they were asked by. */
static bool serve_redirect(struct cri *c, const struct http_request *http, struct http_reply *reply)
{
    struct arena *a = sim_arena(c->sim);
    int64_t n, code;
    bool absolute = path_number(http->path, "/absolute-redirect/", &n);
    bool relative = path_number(http->path, "/redirect/", &n) || path_number(http->path, "/relative-redirect/", &n);
    const char *to = strncmp(http->path, "/redirect-to?", 13) == 0 ? query_text(c, http->path, "url") : NULL;
    if (!absolute && !relative && !to)
        return false;
    code = to ? query_milli(http->path, "status_code", 302000) / 1000 : 302;
    reply->status = (int32_t)code;
    reply->body = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>Redirecting...</title>\n";
    if (to) {
        reply->location = to;
        return true;
    }
    const char *base = absolute ? arena_printf(a, "http://%s", http->host) : "";
    reply->location = n > 1 ? arena_printf(a, "%s/%s/%lld", base, absolute ? "absolute-redirect" : "relative-redirect",
                                           (long long)(n - 1))
                            : arena_printf(a, "%s/get", base);
    return true;
}

static bool serve_slow(struct cri *c, const char *path, struct http_reply *reply)
{
    int64_t n;
    if (path_number(path, "/delay/", &n)) { /* at most 10 s */
        reply->took = (n > 10 ? 10 : n) * SIM_SECOND;
        return true;
    }
    if (path_number(path, "/bytes/", &n)) {
        reply->body = filler(c, n);
        return true;
    }
    if (strncmp(path, "/drip", 5) != 0 || (path[5] && path[5] != '?'))
        return false;
    reply->took = query_milli(path, "delay", 0) * SIM_MS;
    reply->body_took = query_milli(path, "duration", 2000) * SIM_MS;
    reply->body = filler(c, query_milli(path, "numbytes", 10000) / 1000);
    reply->status = (int32_t)(query_milli(path, "code", 200000) / 1000);
    return true;
}

static const char *header(const struct http_request *http, const char *name)
{
    for (uint32_t i = 0; i < http->headers.count; i++) {
        const char *a = http->headers.items[i].key, *b = name;
        while (*a && *b && (*a | 32) == (*b | 32))
            a++, b++;
        if (!*a && !*b)
            return http->headers.items[i].value;
    }
    return NULL;
}

/* What depends on the request's headers. */
static bool serve_headers(struct cri *c, const struct http_request *http, struct http_reply *reply)
{
    size_t n = strcspn(http->path, "?");
    const char *path = arena_strndup(sim_arena(c->sim), http->path, n);
    if (strcmp(path, "/bearer") == 0) {
        const char *given = header(http, "Authorization");
        reply->status = given && strncmp(given, "Bearer ", 7) == 0 ? 200 : 401;
    } else if (strcmp(path, "/image") == 0) { /* core.py image(): no Accept is fine, a wildcard is not */
        const char *accept = header(http, "Accept");
        reply->status = !accept || strstr(accept, "image/") ? 200 : 406;
    } else if (strcmp(path, "/user-agent") == 0) {
        reply->body = reply_printf(c, "{\n  \"user-agent\": \"%s\"\n}\n", http->user_agent ? http->user_agent : "");
    } else {
        return false;
    }
    return true;
}

static void httpbin_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    const struct http_request *http = request->http;
    static const char *const pages[] = {"/", "/get", "/html", "/headers", "/ip", "/anything", "/uuid", "/healthz"};
    (void)p;
    reply->lasts_until = SIM_TIME_MAX;
    if (serve_status(http->path, reply) || serve_redirect(c, http, reply) || serve_slow(c, http->path, reply) ||
        serve_headers(c, http, reply))
        return;
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        if (strcspn(http->path, "?") == strlen(pages[i]) && strncmp(http->path, pages[i], strlen(pages[i])) == 0)
            return;
    }
    reply->status = 404;
    reply->body = "<title>404 Not Found</title>\n<h1>Not Found</h1>\n";
}

const struct server server_httpbin = {
    .program = {.name = "httpbin",
                .step = server_step,
                .data_bytes = sizeof(struct server_data),
                .catches = SIG_BIT(VSIGTERM) | SIG_BIT(VSIGINT) | SIG_BIT(VSIGQUIT),
                .flags = PROGRAM_REAPS,
                .serve = httpbin_serve},
};
