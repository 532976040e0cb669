/* probe_handlers.c - one attempt of a probe: what is asked, and what the answer means.
 *
 * Mirrors k8s pkg/kubelet/prober/prober.go (runProbe) and pkg/probe/{exec,http,tcp,grpc} (v1.36);
 * rules: semantics/probes.md 7. The worker (prober.c) decides when to ask, repeats attempts that errored and counts
 * the answers; the HTTP exchange is http_client.c.
 * Left out on purpose: that a gRPC client's waits before it connects again are random (+- 20 %).
 */
#include <string.h>

#include "model/http_get.h"
#include "sim/cover.h"

enum probe_row {
    ROW_HTTP_PORT,
    ROW_HTTP_ANSWER,
    ROW_HTTP_REDIRECT,
    ROW_HTTP_STATUS,
    ROW_HTTP_TRANSPORT,
    ROW_HTTP_BODY,
    ROW_TCP_PORT,
    ROW_TCP_OPEN,
    ROW_TCP_ERROR,
    ROW_GRPC_SERVING,
    ROW_GRPC_NOT_SERVING,
    ROW_GRPC_NO_SERVICE,
    ROW_GRPC_NO_HEALTH,
    ROW_GRPC_NO_CONNECTION,
    ROW_GRPC_SLOW,
    ROW_EXEC_ZERO,
    ROW_EXEC_OTHER,
    ROW_EXEC_TIMEOUT,
    ROW_EXEC_TIMEOUT_IGNORED,
    ROW_EXEC_ERROR,
};
COVER_TABLE(probe_outcome, "outcome of a probe", "httpGet: no such port: error", "httpGet: 2xx: success",
            "httpGet: a redirect that is not followed: warning", "httpGet: another status: failure",
            "httpGet: no answer: failure", "httpGet: the body stalls: error", "tcpSocket: no such port: error",
            "tcpSocket: connected: success", "tcpSocket: not connected: failure", "grpc: SERVING: success",
            "grpc: another state: failure", "grpc: unknown service: failure", "grpc: no health service: failure",
            "grpc: no connection: failure", "grpc: no answer in time: failure", "exec: exit 0: success",
            "exec: another exit code: failure", "exec: too slow: failure",
            "exec: too slow, gate ExecProbeTimeout off: error", "exec: the runtime cannot run it: error");

static sim_time timeout_of(const struct probe_target *p) { return p->probe->timeout_seconds * SIM_SECOND; }

static struct probe_answer success(sim_time lasts_until)
{
    return (struct probe_answer){.result = RESULT_SUCCESS, .output = "", .lasts_until = lasts_until};
}

static struct probe_answer failure(const char *output)
{
    return (struct probe_answer){.result = RESULT_FAILURE, .output = output};
}

/* state: k8s prober.go puts the handler's result into the event, which is "failure" for a body that stalls. */
static struct probe_answer error(const char *output, const char *state)
{
    return (struct probe_answer){.result = RESULT_UNKNOWN, .error = true, .state = state, .output = output};
}

/* Else the answer may change without anything happening in the pod. */
static bool asks_own_pod(const struct probe_target *p, const char *ip)
{
    return strcmp(ip, p->kp->ip) == 0 && !kpod_spec(p->kp)->host_network;
}

/* k8s pkg/probe/http/http.go DoHTTPProbe. */
static struct probe_answer http_answer(const struct probe_target *p, const struct http_outcome *out)
{
    struct arena *a = p->kp->all->arena;
    if (out->kind == HTTP_NO_ANSWER) {
        COVER(probe_outcome, ROW_HTTP_TRANSPORT);
        return failure(out->error);
    }
    if (out->kind == HTTP_NO_BODY) {
        COVER(probe_outcome, ROW_HTTP_BODY);
        return error(out->error, "failure");
    }
    if (out->status >= 200 && out->status < 300) {
        COVER(probe_outcome, ROW_HTTP_ANSWER);
        return success(out->lasts_until);
    }
    if (out->status >= 300 && out->status < 400) {
        COVER(probe_outcome, ROW_HTTP_REDIRECT);
        struct probe_answer w = success(0);
        w.warning = true;
        w.output = arena_printf(a, "Probe terminated redirects, Response body: %.*s", (int)out->body_length, out->body);
        return w;
    }
    COVER(probe_outcome, ROW_HTTP_STATUS);
    return failure(arena_printf(a, "HTTP probe failed with statuscode: %d", out->status));
}

static struct probe_answer probe_http(const struct probe_target *p, const struct http_get_action *h)
{
    struct http_get get;
    if (!http_get_request(p->kp, p->c->spec, h, "probe", &get)) {
        COVER(probe_outcome, ROW_HTTP_PORT);
        return error(get.error, "unknown");
    }
    const struct http_client client = {timeout_of(p), kpod_draw(p->kp, HOP_PROBE_NET)};
    struct http_outcome out;
    get.request.hold_lines = true;
    http_exchange(p->kp, &get, &client, &out);
    struct probe_answer answer = http_answer(p, &out);
    answer.took = out.took;
    if (answer.result == RESULT_SUCCESS && !answer.warning)
        answer.line = out.line;
    answer.line_held_back = answer.line && p->steady;
    cri_held_lines(p->kp->all->cri, !answer.line_held_back);
    return answer;
}

/* k8s pkg/probe/tcp/tcp.go: any error of the dial is a failure. */
static struct probe_answer probe_tcp(const struct probe_target *p, const struct tcp_socket_action *t)
{
    const char *wrong, *host = t->host && *t->host ? t->host : p->kp->ip;
    int64_t port = resolve_container_port(p->kp, p->c->spec, &t->port, &wrong);
    if (port < 0) {
        COVER(probe_outcome, ROW_TCP_PORT);
        return error(wrong, "unknown");
    }
    sim_time took = kpod_draw(p->kp, HOP_PROBE_NET);
    const char *ip = dial_address(p->kp, host);
    sim_time lasts_until;
    enum net_result r = cri_tcp_connect(p->kp->all->cri, ip, (int32_t)port, &lasts_until);
    if (r == NET_TIMEOUT || took > timeout_of(p))
        r = NET_TIMEOUT, took = timeout_of(p);
    COVER(probe_outcome, r == NET_OK ? ROW_TCP_OPEN : ROW_TCP_ERROR);
    struct probe_answer a =
        r == NET_OK ? success(asks_own_pod(p, ip) ? lasts_until : 0) : failure(dial_error(p->kp, r, host, port));
    a.took = took;
    return a;
}

/* k8s pkg/probe/grpc/grpc.go: every error is a failure. */
static const char *grpc_text(const struct probe_target *p, enum probe_row row, int64_t port)
{
    int64_t seconds = p->probe->timeout_seconds;
    switch (row) {
    case ROW_GRPC_NOT_SERVING:
        return "service unhealthy (responded with \"NOT_SERVING\")";
    case ROW_GRPC_NO_SERVICE:
        return "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service";
    case ROW_GRPC_NO_HEALTH:
        return "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown "
               "service grpc.health.v1.Health";
    case ROW_GRPC_SLOW:
        return arena_printf(p->kp->all->arena, "timeout: health rpc did not complete within %" PRId64 "s", seconds);
    default:
        return arena_printf(p->kp->all->arena,
                            "timeout: failed to connect service \"%s:%" PRId64 "\" within %" PRId64
                            "s: context deadline exceeded",
                            p->kp->ip, port, seconds);
    }
}

/* The dial blocks, and connects again, until the time is up: grpc internal/backoff Backoff, backoff.DefaultConfig. */
static sim_time grpc_back_off(uint32_t redials)
{
    sim_time wait = SIM_SECOND, longest = 120 * SIM_SECOND;
    while (redials-- > 0 && wait < longest)
        wait = wait / 5 * 8;
    return wait < longest ? wait : longest;
}

static struct probe_answer probe_grpc(const struct probe_target *p, const struct grpc_action *g)
{
    static const enum probe_row rows[] = {
        [GRPC_SERVING] = ROW_GRPC_SERVING,
        [GRPC_NOT_SERVING] = ROW_GRPC_NOT_SERVING,
        [GRPC_UNKNOWN_SERVICE] = ROW_GRPC_NO_SERVICE,
        [GRPC_UNIMPLEMENTED] = ROW_GRPC_NO_HEALTH,
        [GRPC_NO_CONNECTION] = ROW_GRPC_NO_CONNECTION,
    };
    struct grpc_reply reply;
    const char *service = g->service ? g->service : "";
    cri_grpc_health(p->kp->all->cri, p->kp->ip, (int32_t)g->port, service, &reply);
    enum probe_row row = rows[reply.health];
    sim_time took = sim_time_add(kpod_draw(p->kp, HOP_PROBE_NET), reply.took);
    sim_time left = timeout_of(p) - p->waited, again = took + grpc_back_off(p->redials);
    if (row == ROW_GRPC_NO_CONNECTION && again < left)
        return (struct probe_answer){.again = true, .took = again};
    if (row != ROW_GRPC_NO_CONNECTION && took > left)
        row = ROW_GRPC_SLOW;
    if (row == ROW_GRPC_NO_CONNECTION || row == ROW_GRPC_SLOW)
        took = left;
    COVER(probe_outcome, row);
    struct probe_answer a = row == ROW_GRPC_SERVING ? success(asks_own_pod(p, p->kp->ip) ? reply.lasts_until : 0)
                                                    : failure(grpc_text(p, row, g->port));
    a.took = took;
    return a;
}

struct probe_answer probe_network(const struct probe_target *p)
{
    const struct probe *s = p->probe;
    return s->http_get     ? probe_http(p, s->http_get)
           : s->tcp_socket ? probe_tcp(p, s->tcp_socket)
                           : probe_grpc(p, s->grpc);
}

uint32_t probe_exec_start(const struct probe_target *p, uint32_t instance, struct sim_key done)
{
    str_list argv = expand_command(p->kp, p->c, &p->probe->exec->command);
    return cri_exec_probe(p->kp->all->cri, instance, &argv, timeout_of(p), done);
}

/* k8s cri-client/pkg/remote_runtime.go ErrCommandTimedOut: the command as it was run. */
static const char *timeout_text(const struct probe_target *p)
{
    struct arena *a = p->kp->all->arena;
    str_list command = expand_command(p->kp, p->c, &p->probe->exec->command);
    struct strbuf words = STRBUF_INIT, b = STRBUF_INIT;
    for (uint32_t i = 0; i < command.count; i++)
        strbuf_printf(&words, "%s%s", i ? " " : "", command.items[i]);
    strbuf_puts(&b, "command timed out: ");
    strbuf_go_quote(&b, strbuf_str(&words));
    strbuf_printf(&b, " timed out after %" PRId64 "s", p->probe->timeout_seconds);
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&words);
    strbuf_fini(&b);
    return text;
}

/* k8s pkg/probe/exec/exec.go. */
struct probe_answer probe_exec_answer(const struct probe_target *p, const struct cri_exec *e, bool timed_out)
{
    if (timed_out) {
        bool counts = kpod_has(p->kp, FEATURE_EXEC_PROBE_TIMEOUT);
        COVER(probe_outcome, counts ? ROW_EXEC_TIMEOUT : ROW_EXEC_TIMEOUT_IGNORED);
        return counts ? failure(timeout_text(p)) : error(timeout_text(p), "unknown");
    }
    if (e->error) {
        COVER(probe_outcome, ROW_EXEC_ERROR);
        return error(e->error, "unknown");
    }
    COVER(probe_outcome, e->exit_code == 0 ? ROW_EXEC_ZERO : ROW_EXEC_OTHER);
    struct probe_answer a = success(e->lasts_until);
    a.output = e->output;
    if (e->exit_code != 0)
        a.result = RESULT_FAILURE;
    return a;
}
