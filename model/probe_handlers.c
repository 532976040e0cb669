/* probe_handlers.c - one execution of a probe: what is asked, and what the answer means.
 *
 * Mirrors k8s pkg/kubelet/prober/prober.go (runProbe) and pkg/probe/{exec,http,tcp,grpc} (v1.36);
 * rules: semantics/probes.md 7. The worker (prober.c) decides when to ask and counts the answers.
 * Left out on purpose: redirects, the three back-to-back attempts of a probe that errors (they take no
 * time here).
 */
#include <string.h>

#include "model/kubelet.h"

/* Else the answer may change without anything happening in the pod. */
static bool asks_own_pod(const struct probe_target *p, const char *ip)
{
    return strcmp(ip, p->kp->ip) == 0 && !kpod_spec(p->kp)->host_network;
}

static struct probe_answer probe_http(const struct probe_target *p, const struct http_get_action *h)
{
    struct arena *a = p->kp->all->arena;
    struct probe_answer out = {.result = RESULT_FAILURE};
    struct http_get get;
    if (!http_get_request(p->kp, p->c->spec, h, "probe", &get)) {
        out.error = true;
        out.output = get.error;
        return out;
    }
    struct http_reply reply = {0};
    cri_http(p->kp->all->cri, &get.request, &reply);
    out.took = reply.took;
    if (asks_own_pod(p, get.request.ip) && reply.took == 0)
        out.lasts_until = reply.lasts_until;
    if (reply.result == NET_TIMEOUT)
        out.took = SIM_TIME_MAX / 4;
    if (reply.result != NET_OK) {
        out.output = arena_printf(a, "Get \"%s\": %s", get.url,
                                  dial_error(p->kp, reply.result, get.request.ip, get.request.port));
    } else if (get.https) {
        out.output = arena_printf(a, "Get \"%s\": http: server gave HTTP response to HTTPS client", get.url);
    } else if (reply.status >= 200 && reply.status < 400) {
        out.result = RESULT_SUCCESS; /* nobody shows the body of a success, and it lasts no longer than this call */
        out.output = "";
    } else {
        out.output = arena_printf(a, "HTTP probe failed with statuscode: %d", reply.status);
    }
    if (out.took + kpod_draw(p->kp, HOP_PROBE_NET) > p->probe->timeout_seconds * SIM_SECOND)
        out = (struct probe_answer){RESULT_FAILURE, false,
                                    arena_printf(a,
                                                 "Get \"%s\": context deadline exceeded (Client.Timeout exceeded "
                                                 "while awaiting headers)",
                                                 get.url),
                                    SIM_TIME_MAX / 4, 0};
    return out;
}

static struct probe_answer probe_tcp(const struct probe_target *p, const struct tcp_socket_action *t)
{
    struct probe_answer out = {.result = RESULT_FAILURE};
    int64_t port = resolve_container_port(p->kp, p->c->spec, &t->port, &out.output);
    if (port < 0) {
        out.error = true;
        return out;
    }
    const char *ip = t->host && *t->host ? t->host : p->kp->ip;
    enum net_result r = cri_tcp_connect(p->kp->all->cri, ip, (int32_t)port);
    if (r == NET_OK)
        return (struct probe_answer){RESULT_SUCCESS, false, "", 0, asks_own_pod(p, ip) ? SIM_TIME_MAX : 0};
    out.output = dial_error(p->kp, r, ip, port);
    out.took = r == NET_TIMEOUT ? SIM_TIME_MAX / 4 : 0;
    return out;
}

/* k8s pkg/probe/grpc/grpc.go; wording: probes.md 7. */
static struct probe_answer probe_grpc(const struct probe_target *p, const struct grpc_action *g)
{
    struct arena *a = p->kp->all->arena;
    int64_t timeout = p->probe->timeout_seconds;
    struct probe_answer out = {.result = RESULT_FAILURE};
    switch (cri_grpc_health(p->kp->all->cri, p->kp->ip, (int32_t)g->port, g->service ? g->service : "")) {
    case GRPC_SERVING:
        return (struct probe_answer){RESULT_SUCCESS, false, "service healthy", 0,
                                     asks_own_pod(p, p->kp->ip) ? SIM_TIME_MAX : 0};
    case GRPC_NOT_SERVING:
        out.output = "service unhealthy (responded with \"NOT_SERVING\")";
        break;
    case GRPC_UNIMPLEMENTED:
        out.output = "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): "
                     "rpc error: code = Unimplemented desc = unknown service grpc.health.v1.Health";
        break;
    case GRPC_REFUSED:
        out.output = arena_printf(a,
                                  "timeout: failed to connect service \"%s:%" PRId64 "\" within %" PRId64
                                  "s: connection error: desc = \"transport: Error while dialing: dial tcp %s:%" PRId64
                                  ": connect: connection refused\"",
                                  p->kp->ip, g->port, timeout, p->kp->ip, g->port);
        break;
    case GRPC_TIMEOUT:
        out.output = arena_printf(a, "timeout: health rpc did not complete within %" PRId64 "s", timeout);
        out.took = SIM_TIME_MAX / 4;
        break;
    }
    return out;
}

struct probe_answer probe_network(const struct probe_target *p)
{
    const struct probe *s = p->probe;
    struct probe_answer a = s->http_get     ? probe_http(p, s->http_get)
                            : s->tcp_socket ? probe_tcp(p, s->tcp_socket)
                                            : probe_grpc(p, s->grpc);
    a.took = sim_time_add(a.took, kpod_draw(p->kp, HOP_PROBE_NET));
    if (a.took > s->timeout_seconds * SIM_SECOND)
        a.took = s->timeout_seconds * SIM_SECOND;
    return a;
}

uint32_t probe_exec_start(const struct probe_target *p, uint32_t instance, struct sim_key done)
{
    str_list argv = expand_command(p->kp, p->c, &p->probe->exec->command);
    return cri_exec_probe(p->kp->all->cri, instance, &argv, p->probe->timeout_seconds * SIM_SECOND, done);
}

struct probe_answer probe_exec_answer(const struct probe_target *p, const struct cri_exec *e, bool timed_out)
{
    struct arena *a = p->kp->all->arena;
    if (!timed_out && e->error)
        return (struct probe_answer){RESULT_FAILURE, true, e->error, 0, 0};
    if (!timed_out)
        return (struct probe_answer){e->exit_code == 0 ? RESULT_SUCCESS : RESULT_FAILURE, false, e->output, 0,
                                     e->lasts_until};
    const str_list *command = &p->probe->exec->command;
    const char *words = "";
    for (uint32_t i = 0; i < command->count; i++)
        words = arena_printf(a, "%s%s%s", words, i ? " " : "", command->items[i]);
    const char *text =
        arena_printf(a, "command timed out: \"%s\" timed out after %" PRId64 "s", words, p->probe->timeout_seconds);
    return (struct probe_answer){RESULT_FAILURE, false, text, 0, 0};
}
