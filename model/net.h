/* net.h - sockets of the virtual containers: who listens where, names, and requests between pods.
 *
 * A network namespace belongs to an IP address: the containers of a pod share it, and so do all
 * pods on the host network of a node. Requests are answered at once by the listening program's
 * serve(); what a server takes for it comes back as http_reply.took.
 */
#ifndef MODEL_NET_H
#define MODEL_NET_H

#include "model/process.h"

struct listener {
    struct listener *next;
    int32_t port;
    bool tls;
    struct proc *proc;
};

struct netns {
    struct netns *next;       /* in its bucket */
    const char *ip, *gateway; /* gateway: the node's address in its network */
    bool host;                /* a node's: refuses instead of dropping when nothing is there */
    bool watched;             /* cri_watch_address */
    bool off;                 /* a node's: nobody answers there, whoever listens */
    uint32_t pod;             /* the last whose address it was; 0 = a node's */
    uint32_t live;            /* sandboxes that use it and are up */
    struct listener *listeners;
};

struct netns *net_attach(struct cri *c, const char *ip, bool host);
void net_detach(struct cri *c, struct netns *ns);
/* What is behind it is about to change. */
void net_disturb(struct cri *c, struct netns *ns);

/* It listens there itself. */
bool net_listens(const struct cri *c, const struct proc *p, int32_t port);
/* false: the port is taken (EADDRINUSE). net_listen_tls: it speaks TLS there. */
bool net_listen(struct cri *c, struct proc *p, int32_t port);
bool net_listen_tls(struct cri *c, struct proc *p, int32_t port);
void net_close(struct cri *c, struct proc *p, int32_t port);
void net_close_all(struct cri *c, struct proc *p);

/* Connects from the node to ip:port; NET_OK gives the listening process. *ret_lasts_until: how long it would be so
 * while the world stays. */
enum net_result net_connect(struct cri *c, const char *ip, int32_t port, struct proc **ret_proc,
                            sim_time *ret_lasts_until);
/* By name, from the node: the outside world, or nobody. */
bool net_is_outside(const char *name);
void net_http_outside(struct cri *c, const struct http_request *request, struct http_reply *reply);
/* client_ip NULL: the node. The reply's body is good until the next request. */
enum net_result net_http(struct cri *c, const struct http_request *request, const char *client_ip,
                         struct http_reply *reply);
/* A program waits until `until` for what `server` answers; when the server ends before that, it is woken. Then
 * net_is_there() says no: the connection was closed on it. */
bool net_is_there(const struct cri *c, const struct net_peer *peer);
void net_wait_for(struct cri *c, const struct net_peer *server, const struct proc *client, sim_time until);
void net_gone(struct cri *c, struct proc *p); /* the process has ended: whoever waits for it is woken */

/* The body of an answer, formatted. */
const char *reply_printf(struct cri *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- from inside a container ---- */
struct net_name {
    bool found;
    char ip[16]; /* the first address */
    str_list addresses;
    const char *canonical; /* the name that was found, after the search path; of an address its name */
    const char *alias;     /* the name that stands for `canonical`, or NULL */
    bool outside;          /* not of the cluster */
    bool authoritative;    /* the server's own answer */
};
/* As the C library does: hosts file, then by resolv.conf. */
void net_resolve(struct cri *c, const struct vcontainer *ct, const char *name, struct net_name *ret);
/* What one server says of one name, without final dot; false: NXDOMAIN. "4.3.2.1.in-addr.arpa" is an address. */
bool net_query(struct cri *c, const char *server, const char *name, struct net_name *ret);
void net_dns(struct cri *c, const struct vcontainer *ct, struct cri_dns *ret); /* its resolv.conf */
bool net_is_ip(const char *s);
/* A request by a program of `ct` to a URL's host and port; Services and the outside world included. */
enum net_result net_request(struct cri *c, const struct vcontainer *ct, const struct net_name *to, const char *host,
                            int32_t port, const struct http_request *request, struct http_reply *reply,
                            struct net_peer *ret_peer);
enum net_result net_dial(struct cri *c, const struct vcontainer *ct, const struct net_name *to, int32_t port);

#endif
