/* http_get.c - the httpGet action as a request: what a probe and a lifecycle hook send alike.
 *
 * Mirrors k8s pkg/probe/http/request.go NewRequestForHTTPGetAction and pkg/probe/util.go
 * ResolveContainerPort (v1.36). What counts as success is the caller's: prober.c, kill_container.c.
 * The exchange itself is http_client.c.
 */
#include <string.h>

#include "model/http_get.h"

/* Go strconv.Atoi, which takes the whole text or nothing. */
static bool parse_number(const char *s, int64_t *ret)
{
    int64_t n = 0;
    size_t digits = strspn(s, "0123456789");
    if (digits == 0 || s[digits])
        return false;
    for (; *s && n < 100000; s++)
        n = n * 10 + (*s - '0');
    *ret = n;
    return true;
}

int64_t resolve_container_port(struct kpod *kp, const struct container *spec, const struct int_or_string *port,
                               const char **ret_error)
{
    struct arena *a = kp->all->arena;
    int64_t number = port->number;
    if (port->text) {
        number = 0;
        for (uint32_t i = 0; i < spec->ports.count; i++) {
            const struct container_port *cp = &spec->ports.items[i];
            if (cp->name && strcmp(cp->name, port->text) == 0)
                number = cp->container_port;
        }
        if (number == 0 && !parse_number(port->text, &number)) {
            *ret_error = arena_printf(a, "strconv.Atoi: parsing \"%s\": invalid syntax", port->text);
            return -1;
        }
    }
    if (number < 1 || number > 65535) {
        *ret_error = arena_printf(a, "invalid port number: %" PRId64, number);
        return -1;
    }
    return number;
}

/* Go net/http canonical form of header names: what is compared is case-insensitive. */
static bool same_header(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a, y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
        if (x != y)
            return false;
    }
    return *a == *b;
}

const char *http_header(const struct http_request *r, const char *name)
{
    for (uint32_t i = 0; i < r->headers.count; i++) {
        if (same_header(r->headers.items[i].key, name))
            return r->headers.items[i].value;
    }
    return NULL;
}

/* k8s newProbeRequest: User-Agent and Accept unless given; an empty Accept is none. Host is no header. */
static void add_headers(struct arena *a, const struct http_get_action *h, const char *agent, struct http_request *r)
{
    r->headers.items = arena_array(a, struct str_pair, h->http_headers.count + 2);
    for (uint32_t i = 0; i < h->http_headers.count; i++) {
        const struct http_header *given = &h->http_headers.items[i];
        r->headers.items[r->headers.count++] = (struct str_pair){given->name, given->value ? given->value : ""};
    }
    if (!http_header(r, "User-Agent"))
        r->headers.items[r->headers.count++] = (struct str_pair){"User-Agent", agent};
    if (!http_header(r, "Accept"))
        r->headers.items[r->headers.count++] = (struct str_pair){"Accept", "*/*"};
    r->user_agent = http_header(r, "User-Agent");
    r->host = http_header(r, "Host");
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->headers.count; i++) {
        const struct str_pair *p = &r->headers.items[i];
        bool empty = !p->value || !*p->value;
        if (!(empty && (same_header(p->key, "Accept") || same_header(p->key, "User-Agent"))))
            r->headers.items[kept++] = *p;
    }
    r->headers.count = kept;
}

bool http_get_request(struct kpod *kp, const struct container *spec, const struct http_get_action *h, const char *agent,
                      struct http_get *ret)
{
    struct arena *a = kp->all->arena;
    *ret = (struct http_get){0};
    int64_t port = resolve_container_port(kp, spec, &h->port, &ret->error);
    if (port < 0)
        return false;
    const char *path = h->path ? h->path : "";
    struct http_request *request = &ret->request;
    *request = (struct http_request){
        .method = "GET",
        .path = path[0] == '/' ? path : arena_printf(a, "/%s", path),
        .port = (int32_t)port,
    };
    add_headers(a, h, arena_printf(a, "kube-%s/1.%d", agent, kp->all->features->minor), request);
    ret->hostname = h->host && *h->host ? h->host : kp->ip;
    ret->authority = arena_printf(a, "%s:%" PRId64, ret->hostname, port);
    ret->https = h->scheme && strcmp(h->scheme, "HTTPS") == 0;
    return true;
}
