/* net.c - listeners by address, name resolution, requests; see net.h.
 *
 * Left out on purpose: TLS, UDP, connections that last, bandwidth. A pod's address drops packets once
 * its sandbox is gone (semantics/endpoints-and-traffic.md 6, dead_pod_ip: drop).
 */
#include "model/net.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/cri_private.h"
#include "model/pod_dns.h"

/* ---- namespaces ---- */

static uint32_t hash_text(const char *s)
{
    uint32_t h = 2166136261u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    return h;
}

static struct netns **bucket_of(const struct cri *c, const char *ip)
{
    return &c->nets[hash_text(ip) & (c->net_bucket_count - 1)];
}

static struct netns *find_ns(const struct cri *c, const char *ip)
{
    struct netns *ns = c->net_count ? *bucket_of(c, ip) : NULL;
    while (ns && strcmp(ns->ip, ip) != 0)
        ns = ns->next;
    return ns;
}

static void link_ns(struct cri *c, struct netns *ns)
{
    struct netns **first = bucket_of(c, ns->ip);
    ns->next = *first;
    *first = ns;
}

/* Twice as many buckets, once there are as many addresses. */
static void add_buckets(struct cri *c)
{
    enum { AT_FIRST = 256 };
    struct netns **old = c->nets, *next;
    uint32_t count = c->net_bucket_count;
    c->net_bucket_count = count ? 2 * count : AT_FIRST;
    c->nets = arena_array(sim_arena(c->sim), struct netns *, c->net_bucket_count);
    for (uint32_t i = 0; i < count; i++) {
        for (struct netns *ns = old[i]; ns; ns = next) {
            next = ns->next;
            link_ns(c, ns);
        }
    }
}

static struct netns *get_ns(struct cri *c, const char *ip)
{
    struct netns *ns = find_ns(c, ip);
    if (ns)
        return ns;
    ns = arena_new(sim_arena(c->sim), struct netns);
    ns->ip = ip;
    const char *dot = strrchr(ip, '.');
    ns->gateway = dot ? arena_printf(sim_arena(c->sim), "%.*s.1", (int)(dot - ip), ip) : ip;
    if (c->net_count++ == c->net_bucket_count)
        add_buckets(c);
    link_ns(c, ns);
    return ns;
}

void net_disturb(struct cri *c, struct netns *ns)
{
    if (!ns->watched)
        return;
    ns->watched = false;
    c->deps.address(c->deps.ctx, ns->ip);
}

struct netns *net_attach(struct cri *c, const char *ip, bool host)
{
    struct netns *ns = get_ns(c, ip);
    net_disturb(c, ns);
    ns->host |= host;
    ns->live++;
    return ns;
}

void net_detach(struct cri *c, struct netns *ns)
{
    (void)c;
    ASSERT(ns->live > 0);
    ns->live--; /* the caller has said that the world changes */
}

/* ---- listeners ---- */

/* Port 0 stands for every port: a server that podsim knows nothing of. */
static struct listener *find_listener(const struct netns *ns, int32_t port)
{
    struct listener *any = NULL;
    for (struct listener *l = ns->listeners; l; l = l->next) {
        if (l->port == port)
            return l;
        if (l->port == 0)
            any = l;
    }
    return any;
}

bool net_listens(const struct cri *c, const struct proc *p, int32_t port)
{
    (void)c;
    const struct listener *l = find_listener(p->container->sandbox->net, port);
    return l && l->port == port && l->proc == p;
}

static struct listener *listen_at(struct cri *c, struct proc *p, int32_t port)
{
    struct netns *ns = p->container->sandbox->net;
    world_session_acts(c, p);
    const struct listener *other = find_listener(ns, port);
    if (port && other && other->port == port)
        return NULL;
    struct listener *l = mem_alloc(&c->mem, NULL, sizeof *l);
    *l = (struct listener){0};
    l->port = port;
    l->proc = p;
    l->next = ns->listeners;
    ns->listeners = l;
    return l;
}

bool net_listen(struct cri *c, struct proc *p, int32_t port) { return listen_at(c, p, port) != NULL; }

bool net_listen_tls(struct cri *c, struct proc *p, int32_t port)
{
    struct listener *l = listen_at(c, p, port);
    if (l)
        l->tls = true;
    return l != NULL;
}

static void close_listeners(struct cri *c, struct proc *p, int32_t port)
{
    struct netns *ns = p->container->sandbox->net;
    for (struct listener **at = &ns->listeners; *at;) {
        struct listener *l = *at;
        if (l->proc != p || (port && l->port != port)) {
            at = &l->next;
            continue;
        }
        *at = l->next;
        mem_free(&c->mem, l);
    }
}

void net_close(struct cri *c, struct proc *p, int32_t port) { close_listeners(c, p, port); }
void net_close_all(struct cri *c, struct proc *p) { close_listeners(c, p, 0); }

/* ---- connections ---- */

/* A probe that asks lasts no longer than what it was told. */
static void session_lasts(const struct cri *c, sim_time until)
{
    struct vexec *session = c->running ? c->running->session : NULL;
    if (session && until < session->pub.lasts_until)
        session->pub.lasts_until = until;
}

static enum net_result connect_to(struct cri *c, const char *ip, int32_t port, const struct listener **ret,
                                  sim_time *ret_lasts_until)
{
    const struct netns *ns = find_ns(c, ip);
    *ret_lasts_until = SIM_TIME_MAX;
    if (!ns || ns->off || (!ns->live && !ns->host))
        return NET_TIMEOUT;
    const struct listener *l = find_listener(ns, port);
    if (!l)
        return NET_REFUSED;
    *ret = l;
    if (!l->proc->program->connect)
        return NET_OK;
    enum net_result r = l->proc->program->connect(c, l->proc, port, ret_lasts_until);
    session_lasts(c, *ret_lasts_until);
    return r;
}

enum net_result net_connect(struct cri *c, const char *ip, int32_t port, struct proc **ret_proc,
                            sim_time *ret_lasts_until)
{
    const struct listener *l = NULL;
    enum net_result r = connect_to(c, ip, port, &l, ret_lasts_until);
    if (r == NET_OK)
        *ret_proc = l->proc;
    return r;
}

/* ---- requests in flight ---- */

struct net_waiter {
    struct net_peer client;
    sim_time until;
};

static struct net_peer peer_of(const struct proc *p)
{
    return (struct net_peer){p->container->index, p->pid, p->started_at};
}

static struct proc *proc_of(const struct cri *c, const struct net_peer *peer)
{
    const struct vcontainer *ct = peer->container ? container_at(c, peer->container) : NULL;
    struct proc *p = ct && !ct->removed ? proc_by_pid(pids_of(ct), peer->pid) : NULL;
    return p && !p->zombie && p->started_at == peer->since && p->container == ct ? p : NULL;
}

/* Without a container it is no process: the outside world, or an answer of the kernel. */
bool net_is_there(const struct cri *c, const struct net_peer *peer) { return !peer->container || proc_of(c, peer); }

void net_wait_for(struct cri *c, const struct net_peer *server, const struct proc *client, sim_time until)
{
    struct proc *p = server->container ? proc_of(c, server) : NULL;
    uint32_t kept = 0;
    if (!p || until <= proc_now(c))
        return;
    for (uint32_t i = 0; i < p->waiter_count; i++)
        if (p->waiters[i].until > proc_now(c))
            p->waiters[kept++] = p->waiters[i];
    p->waiter_count = kept;
    if (kept == p->waiter_cap) {
        p->waiter_cap = kept ? 2 * kept : 4;
        struct net_waiter *more = proc_alloc(c, p, p->waiter_cap * sizeof *more);
        if (kept)
            memcpy(more, p->waiters, kept * sizeof *more);
        mem_free(&c->mem, p->waiters);
        p->waiters = more;
    }
    p->waiters[p->waiter_count++] = (struct net_waiter){peer_of(client), until};
}

void net_gone(struct cri *c, struct proc *p)
{
    uint32_t count = p->waiter_count;
    p->waiter_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct proc *client = proc_of(c, &p->waiters[i].client);
        if (client && p->waiters[i].until > proc_now(c))
            proc_wake(c, client);
    }
}

const char *reply_printf(struct cri *c, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    ASSERT(n >= 0);
    buf_fini(&c->mem, &c->reply);
    c->reply.data = mem_alloc(&c->mem, NULL, (size_t)n + 1);
    c->reply.len = (size_t)n;
    c->reply.cap = (size_t)n + 1;
    vsnprintf(c->reply.data, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    return c->reply.data;
}

/* An answer that says how long it lasts left no trace. */
static void relies_on_reply(struct cri *c, const struct vcontainer *server, struct http_reply *reply)
{
    if (c->holding && c->looked_beyond)
        reply->lasts_until = 0;
    if (reply->lasts_until <= proc_now(c))
        world_touch(c, server->sandbox);
    session_lasts(c, reply->lasts_until);
}

/* Over a connection to `p`, as it is until `connected_until`. */
static enum net_result serve(struct cri *c, struct proc *p, bool tls, const struct http_request *request,
                             const char *client_ip, sim_time connected_until, struct http_reply *reply)
{
    if (p->stopped) { /* the kernel still accepts; nobody answers */
        reply->took = NET_NEVER_ANSWERS;
        reply->lasts_until = connected_until;
        return NET_OK;
    }
    if (!p->program->serve || (request->https && !tls))
        reply->lasts_until = connected_until;
    if (!p->program->serve)
        return reply->result = NET_RESET;
    if (request->https && !tls)
        return reply->result = NET_NOT_TLS;
    if (tls && !request->https) { /* Go net/http server.go */
        reply->status = 400;
        reply->body = "Client sent an HTTP request to an HTTPS server.\n";
        return NET_OK;
    }
    struct net_request r = {.http = request, .client_ip = client_ip ? client_ip : find_ns(c, request->ip)->gateway};
    reply->status = 200;
    if (!c->unlogged) {
        log_settle(c, p->container->sandbox);
        p->requests++;
    }
    const struct vcontainer *ct = p->container;
    c->answered = peer_of(p);
    p->program->serve(c, p, &r, reply);
    ASSERT(reply->body);
    if (connected_until < reply->lasts_until)
        reply->lasts_until = connected_until;
    relies_on_reply(c, ct, reply);
    return reply->result;
}

enum net_result net_http(struct cri *c, const struct http_request *request, const char *client_ip,
                         struct http_reply *reply)
{
    const struct listener *l = NULL;
    *reply = (struct http_reply){.body = ""};
    sim_time connected_until;
    reply->result = connect_to(c, request->ip, request->port, &l, &connected_until);
    if (reply->result == NET_OK)
        serve(c, l->proc, l->tls, request, client_ip, connected_until, reply);
    else
        reply->lasts_until = connected_until;
    return reply->result;
}

void cri_ask(struct cri *c, const struct http_request *request, const char *client_ip, const struct net_peer *open,
             struct http_reply *reply, struct net_peer *ret_peer)
{
    c->answered = (struct net_peer){0};
    c->unlogged = c->holding = true;
    c->looked_beyond = false;
    struct proc *p = open ? proc_of(c, open) : NULL;
    if (open) {
        ASSERT(p);
        *reply = (struct http_reply){.body = ""};
        serve(c, p, request->https, request, client_ip, SIM_TIME_MAX, reply);
    } else {
        net_http(c, request, client_ip, reply);
    }
    c->unlogged = c->holding = false;
    log_held(c, true);
    *ret_peer = c->answered;
}

void cri_power(struct cri *c, const char *ip, bool on)
{
    struct netns *ns = get_ns(c, ip);
    net_disturb(c, ns);
    ns->off = !on;
}

bool cri_is_there(const struct cri *c, const struct net_peer *peer) { return peer->container && proc_of(c, peer); }
void cri_watch_address(struct cri *c, const char *ip) { get_ns(c, ip)->watched = true; }

uint32_t cri_pod_at(const struct cri *c, const char *ip)
{
    const struct netns *ns = find_ns(c, ip);
    return ns && !ns->host ? ns->pod : 0;
}

/* ---- names ---- */

bool net_is_ip(const char *s)
{
    int parts = 0;
    while (*s) {
        int value = 0, digits = 0;
        for (; *s >= '0' && *s <= '9' && digits < 4; s++, digits++)
            value = value * 10 + (*s - '0');
        if (!digits || value > 255 || ++parts > 4)
            return false;
        if (*s == '.' && parts < 4)
            s++;
        else if (*s)
            return false;
    }
    return parts == 4;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

/* Names outside the cluster: their last label is a top-level domain. */
static bool is_outside(const char *name)
{
    static const char *const domains[] = {"com",   "org", "net", "edu",  "gov",  "mil",    "info", "biz", "dev", "app",
                                          "cloud", "xyz", "top", "site", "tech", "online", "int",  "pro", "name"};
    const char *dot = strrchr(name, '.');
    if (!dot || dot == name)
        return false;
    if (strlen(dot + 1) == 2)
        return true;
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
        if (strcmp(dot + 1, domains[i]) == 0)
            return true;
    return false;
}

static void set_address(struct net_name *n, const char *ip)
{
    size_t len = strlen(ip);
    n->found = true;
    len = len < sizeof n->ip ? len : sizeof n->ip - 1;
    memcpy(n->ip, ip, len);
    n->ip[len] = '\0';
}

static bool in_hosts_file(struct cri *c, const struct vcontainer *ct, const char *name, struct net_name *ret)
{
    const struct cri_sandbox_config *s = &ct->sandbox->pub.config;
    const char *ip = NULL;

    (void)c;
    if (strcmp(name, "localhost") == 0)
        ip = "127.0.0.1";
    else if (s->hostname && strcmp(name, s->hostname) == 0)
        ip = s->ip;
    for (uint32_t i = 0; i < s->host_aliases.count && !ip; i++)
        for (uint32_t k = 0; k < s->host_aliases.items[i].hostnames.count && !ip; k++)
            if (strcmp(name, s->host_aliases.items[i].hostnames.items[k]) == 0)
                ip = s->host_aliases.items[i].ip;
    if (ip)
        set_address(ret, ip);
    return ip;
}

/* A name of the cluster, as its DNS server knows it. */
static bool ask_cluster(struct cri *c, const char *fqdn, struct net_name *ret)
{
    struct dns_answer answer = {0};

    if (!c->deps.resolve)
        return false;
    world_looked_beyond(c);
    c->deps.resolve(c->deps.ctx, sim_arena(c->sim), fqdn, &answer);
    if (!answer.found)
        return false;
    ret->canonical = fqdn;
    ret->authoritative = true;
    ret->addresses = answer.addresses;
    if (answer.addresses.count) {
        set_address(ret, answer.addresses.items[0]);
    } else if (answer.canonical) {
        ret->found = true;
        ret->alias = fqdn;
        ret->canonical = answer.canonical;
    }
    return ret->found;
}

/* An address for a name of the outside world, the same each time. */
static void outside_address(struct net_name *ret, const char *name)
{
    if (strcmp(name, "info.cern.ch") == 0) {
        set_address(ret, "188.184.21.108");
    } else {
        uint32_t h = hash_text(name) % 253 + 1;
        char ip[16] = "203.0.113.";
        size_t n = 10;
        if (h >= 100)
            ip[n++] = (char)('0' + h / 100);
        if (h >= 10)
            ip[n++] = (char)('0' + h / 10 % 10);
        ip[n++] = (char)('0' + h % 10);
        ip[n] = '\0';
        set_address(ret, ip);
    }
    ret->outside = true;
}

static bool in_cluster_domain(const char *name)
{
    return ends_with(name, "." CLUSTER_DOMAIN) || ends_with(name, ".in-addr.arpa");
}

bool net_query(struct cri *c, const char *server, const char *name, struct net_name *ret)
{
    *ret = (struct net_name){.canonical = name};
    if (in_cluster_domain(name)) {
        if (strcmp(server, CLUSTER_DNS) != 0 || !ask_cluster(c, name, ret))
            return false;
        if (ret->alias && is_outside(ret->canonical)) /* CoreDNS follows the name itself */
            outside_address(ret, ret->canonical);
        return true;
    }
    if (is_outside(name))
        outside_address(ret, name);
    return ret->found;
}

void net_dns(struct cri *c, const struct vcontainer *ct, struct cri_dns *ret)
{
    const struct cri_sandbox_config *s = &ct->sandbox->pub.config;
    if (s->dns)
        *ret = *s->dns;
    else
        pod_dns_default(sim_arena(c->sim), s->namespace_, ret);
}

static bool query_any(struct cri *c, const struct cri_dns *dns, const char *name, struct net_name *ret)
{
    bool found = false; /* servers after the first are asked when one does not answer; these all do */
    if (dns->servers.count)
        found = net_query(c, dns->servers.items[0], name, ret);
    return found;
}

/* resolv.conf(5): a name with at least ndots dots is tried as it is first, others after the search path. */
void net_resolve(struct cri *c, const struct vcontainer *ct, const char *name, struct net_name *ret)
{
    struct arena *a = sim_arena(c->sim);
    struct cri_dns dns;
    size_t len = strlen(name);
    int64_t dots = 0;

    *ret = (struct net_name){.canonical = name};
    if (len == 0 || len > 253)
        return;
    if (net_is_ip(name)) {
        set_address(ret, name);
        return;
    }
    if (in_hosts_file(c, ct, name, ret))
        return;
    for (const char *p = name; *p; p++)
        dots += *p == '.';
    net_dns(c, ct, &dns);
    bool absolute = name[len - 1] == '.';
    if (absolute)
        name = arena_strndup(a, name, len - 1);
    if ((absolute || dots >= dns.ndots) && query_any(c, &dns, name, ret))
        return;
    for (uint32_t i = 0; i < dns.searches.count && !absolute; i++)
        if (query_any(c, &dns, arena_printf(a, "%s.%s", name, dns.searches.items[i]), ret))
            return;
    if (!absolute && dots < dns.ndots)
        query_any(c, &dns, name, ret);
    if (!ret->found)
        ret->canonical = name;
}

bool net_is_outside(const char *name) { return !in_cluster_domain(name) && is_outside(name); }

/* ---- requests from containers ---- */

static const char cern_page[] =
    "<html><head></head><body><header>\n<title>http://info.cern.ch</title>\n</header>\n\n"
    "<h1>http://info.cern.ch - home of the first website</h1>\n<p>From here you can:</p>\n<ul>\n"
    "<li><a href=\"http://info.cern.ch/hypertext/WWW/TheProject.html\">Browse the first website</a></li>\n"
    "<li><a href=\"http://line-mode.cern.ch/www/hypertext/WWW/TheProject.html\">Browse the first website using the "
    "line-mode browser simulator</a></li>\n"
    "<li><a href=\"http://home.web.cern.ch/topics/birth-web\">Learn about the birth of the web</a></li>\n"
    "<li><a href=\"http://home.web.cern.ch/about\">Learn about CERN, the physics laboratory where the web was "
    "born</a></li>\n</ul>\n</body></html>\n";

static void outside_page(struct cri *c, const char *host, struct http_reply *reply)
{
    reply->result = NET_OK;
    reply->status = 200;
    if (strcmp(host, "info.cern.ch") == 0)
        reply->body = cern_page;
    else if (strcmp(host, "www.baidu.com") == 0 || strcmp(host, "baidu.com") == 0)
        reply->body = "<!DOCTYPE html>\n<html><head><title>\xe7\x99\xbe\xe5\xba\xa6\xe4\xb8\x80\xe4\xb8\x8b\xef\xbc\x8c"
                      "\xe4\xbd\xa0\xe5\xb0\xb1\xe7\x9f\xa5\xe9\x81\x93</title></head><body></body></html>\n";
    else
        reply->body = reply_printf(
            c, "<!DOCTYPE html>\n<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\n", host, host);
}

void net_http_outside(struct cri *c, const struct http_request *request, struct http_reply *reply)
{
    *reply = (struct http_reply){.body = "", .result = NET_NO_HOST};
    if (net_is_outside(request->ip))
        outside_page(c, request->ip, reply);
}

/* Where a connection from `ct` really goes: by the rules of its node. */
static enum net_result route(struct cri *c, const struct vcontainer *ct, const char **ip, int32_t *port)
{
    struct vsandbox *s = ct->sandbox;
    const struct cri_sandbox_config *own = &s->pub.config;
    if (strncmp(*ip, "127.", 4) == 0) {
        *ip = own->ip;
        return NET_OK;
    }
    const struct netns *there = find_ns(c, *ip);
    if (strcmp(*ip, own->ip) == 0 && !(there && there->host))
        return NET_OK;
    world_looked_beyond(c);
    if (!c->deps.route)
        return NET_OK;
    struct net_client client = {.node_name = own->node_name,
                                .ip = own->ip,
                                .name = own->name ? own->name : "",
                                .connection = s->connections++,
                                .to_node = there && there->host};
    switch (c->deps.route(c->deps.ctx, &client, ip, port)) {
    case ROUTE_REJECT:
        return NET_REFUSED;
    case ROUTE_DROP:
        return NET_TIMEOUT;
    case ROUTE_TO:
        break;
    }
    return NET_OK;
}

enum net_result net_request(struct cri *c, const struct vcontainer *ct, const struct net_name *to, const char *host,
                            int32_t port, const struct http_request *request, struct http_reply *reply,
                            struct net_peer *ret_peer)
{
    *reply = (struct http_reply){.body = ""};
    *ret_peer = (struct net_peer){0};
    if (to->outside) {
        outside_page(c, host, reply);
        return NET_OK;
    }
    const char *ip = to->ip;
    if ((reply->result = route(c, ct, &ip, &port)) != NET_OK)
        return reply->result;
    struct http_request r = *request;
    r.ip = ip;
    r.port = port;
    c->answered = *ret_peer;
    net_http(c, &r, strncmp(to->ip, "127.", 4) == 0 ? "127.0.0.1" : ct->sandbox->pub.config.ip, reply);
    *ret_peer = c->answered;
    return reply->result;
}

enum net_result net_dial(struct cri *c, const struct vcontainer *ct, const struct net_name *to, int32_t port)
{
    struct proc *p = NULL;
    sim_time ignored;
    if (to->outside)
        return NET_OK;
    const char *ip = to->ip;
    enum net_result r = route(c, ct, &ip, &port);
    return r == NET_OK ? net_connect(c, ip, port, &p, &ignored) : r;
}
