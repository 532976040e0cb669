/* http_get.c - the httpGet action as a request: what a probe and a lifecycle hook send alike.
 *
 * Mirrors k8s pkg/probe/http/request.go NewRequestForHTTPGetAction and pkg/probe/util.go
 * ResolveContainerPort (v1.36). What counts as success is the caller's: prober.c, kill_container.c.
 * Left out on purpose: headers other than Host and User-Agent, which no simulated server reads.
 */
#include <string.h>

#include "model/kubelet.h"

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
        if (number == 0) {
            for (const char *s = port->text; *s >= '0' && *s <= '9' && number < 100000; s++)
                number = number * 10 + (*s - '0');
        }
        if (number == 0) {
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

const char *dial_error(struct kpod *kp, enum net_result r, const char *ip, int64_t port)
{
    return arena_printf(kp->all->arena, "dial tcp %s:%" PRId64 ": %s", ip, port,
                        r == NET_TIMEOUT ? "i/o timeout"
                        : r == NET_RESET ? "connect: connection reset by peer"
                                         : "connect: connection refused");
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
        .ip = h->host && *h->host ? h->host : kp->ip,
        .path = path[0] == '/' ? path : arena_printf(a, "/%s", path),
        .port = (int32_t)port,
        .user_agent = arena_printf(a, "kube-%s/1.%d", agent, kp->all->features->minor),
    };
    ret->authority = request->host = arena_printf(a, "%s:%" PRId64, request->ip, port);
    for (uint32_t i = 0; i < h->http_headers.count; i++) {
        if (strcmp(h->http_headers.items[i].name, "Host") == 0)
            request->host = h->http_headers.items[i].value;
        if (strcmp(h->http_headers.items[i].name, "User-Agent") == 0)
            request->user_agent = h->http_headers.items[i].value;
    }
    ret->https = h->scheme && strcmp(h->scheme, "HTTPS") == 0;
    ret->url = arena_printf(a, "%s://%s%s", ret->https ? "https" : "http", ret->authority, request->path);
    return true;
}
