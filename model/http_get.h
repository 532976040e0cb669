/* http_get.h - the httpGet action of probes and hooks: the request (http_get.c), and its exchange with a server as Go's
 * client has it, redirects and words included (http_client.c). k8s pkg/probe/http, pkg/kubelet/lifecycle/handlers.go.
 */
#ifndef MODEL_HTTP_GET_H
#define MODEL_HTTP_GET_H

#include "model/kubelet.h"

/* ---- http_get.c: the httpGet action of probes and hooks ---- */
struct http_get {
    struct http_request request;
    const char *hostname;  /* in the URL: the pod's address unless `host` is given */
    const char *authority; /* host:port in the URL, whatever the Host header says */
    const char *error;
    bool https;
};
/* False: ret->error says what is wrong with the port. agent: "probe" or "lifecycle". */
bool http_get_request(struct kpod *kp, const struct container *spec, const struct http_get_action *h, const char *agent,
                      struct http_get *ret);
/* Port number, or a name looked up in the container's own ports; -1 and an error text if neither. */
int64_t resolve_container_port(struct kpod *kp, const struct container *spec, const struct int_or_string *port,
                               const char **ret_error);
/* The value of the request's first header of that name; NULL = none. */
const char *http_header(const struct http_request *r, const char *name);

/* ---- http_client.c ---- */
struct http_client {
    sim_time timeout; /* of the whole exchange; 0 = none */
    sim_time latency; /* of one request, beside the server's own time */
};
enum http_outcome_kind { HTTP_ANSWERED, HTTP_NO_ANSWER, HTTP_NO_BODY /* headers came, the body did not */ };
struct http_outcome {
    enum http_outcome_kind kind;
    int32_t status;
    const char *body; /* good until the runtime is called again */
    size_t body_length;
    const char *error; /* in Go's words */
    bool not_tls;      /* an HTTPS request was answered in plain HTTP */
    sim_time took;
    sim_time lasts_until; /* as of probe_answer */
    uint32_t line;        /* as of probe_answer */
};
void http_exchange(struct kpod *kp, const struct http_get *get, const struct http_client *client,
                   struct http_outcome *ret);
const char *dial_error(struct kpod *kp, enum net_result r, const char *ip, int64_t port);
/* Where a connection from the node to this host of a URL goes. */
const char *dial_address(struct kpod *kp, const char *host);

#endif
