/* traffic_type.c - how clients are written (spec.traffic): their table, and what tables cannot say. */
#include <string.h>

#include "model/check.h"
#include "model/doc_table.h"
#include "model/traffic.h"

#define PLAIN_TYPE(struct_type, title, table, ...) TYPE(struct_type, title, table, .plain = true, __VA_ARGS__)

static const char *const places[] = {"nodes", "outside", NULL};
static const struct api_field source_fields[] = {
    FIELD(traffic_source, place, "place", FIELD_ENUM, .values = places,
          .doc = "`nodes`: inside the cluster, one request from each node in turn (default). `outside`: outside of it; "
                 "such a client can only ask a port of a node."),
    FIELD(traffic_source, node, "node", FIELD_STRING, .doc = "On this node: by its rules."),
    FIELD(traffic_source, pod, "pod", FIELD_STRING,
          .doc = "In this pod, while its container runs. `localhost` is the pod's own address."),
    FIELD(traffic_source, container, "container", FIELD_STRING, .doc = "The container of the pod; default: its first."),
};
static void validate_source(struct check *c, const void *object);
static const struct api_type source_type =
    PLAIN_TYPE(traffic_source, "ScenarioTrafficSource", source_fields, .short_field = "place",
               .validate = validate_source, .doc = "Where a client is.");

static const char *const balances[] = {"even", "random", NULL};
static const char *const methods[] = {"GET", "HEAD", "POST", NULL};
static const struct api_field traffic_fields[] = {
    FIELD(scenario_traffic, name, "name", FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_IDENTITY,
          .doc = "What reports and expectations call it."),
    FIELD(scenario_traffic, to, "to", FIELD_STRING, .flags = FIELD_REQUIRED,
          .doc = "What it asks: SERVICE[.NAMESPACE][:PORT][/PATH], with http:// or https:// before it or not; or "
                 "NODE:PORT of a node port; or an address. The port is 80 (https: 443) if nothing is said."),
    FIELD(scenario_traffic, namespace_, "namespace", FIELD_STRING,
          .doc = "Where names without a namespace are looked for, and the pod of `from`; default `default`."),
    FIELD(scenario_traffic, from, "from", FIELD_OBJECT, .type = &source_type, .doc = "Where it is; default `nodes`."),
    FIELD(scenario_traffic, rate, "rate", FIELD_QUANTITY,
          .doc = "Requests per second, whatever becomes of them: 400, or 500m for one every two seconds."),
    FIELD(scenario_traffic, concurrency, "concurrency", FIELD_OPT_INT32,
          .doc = "Instead of `rate`: so many that each send a request when they have the answer to the last one."),
    FIELD(scenario_traffic, pause, "pause", FIELD_DURATION,
          .doc = "With `concurrency`: from an answer to the next request; default 100ms."),
    FIELD(scenario_traffic, connections, "connections", FIELD_OPT_INT32,
          .doc = "Keep-alive: each source has so many connections that stay open, and uses one after the other. "
                 "Default 0: a new connection for each request."),
    FIELD(scenario_traffic, timeout, "timeout", FIELD_DURATION, .doc = "How long it waits for an answer; default 10s."),
    FIELD(scenario_traffic, connect_timeout, "connectTimeout", FIELD_DURATION,
          .doc = "How long it waits for a connection; default as `timeout`."),
    FIELD(scenario_traffic, retries, "retries", FIELD_OPT_INT32,
          .doc = "How often it tries again, with a new connection, when there was no answer (not when it came late); "
                 "default 0."),
    FIELD(scenario_traffic, start, "start", FIELD_DURATION, .doc = "When the first request is sent; default 0."),
    FIELD(scenario_traffic, stop, "stop", FIELD_DURATION,
          .doc = "From when on none is sent; default: the end of the run."),
    FIELD(scenario_traffic, dns_cache, "dnsCache", FIELD_DURATION,
          .doc = "How long it remembers what a name resolved to, or that it did not; default 30s (profile instant: not "
                 "at all), and nothing of names that did not."),
    FIELD(scenario_traffic, balance, "balance", FIELD_ENUM, .values = balances, .default_text = "even",
          .doc =
              "What kube-proxy leaves to chance: `even` (each endpoint in its turn, so that counts are as expected on "
              "average) or `random` (from the seed)."),
    FIELD(scenario_traffic, method, "method", FIELD_ENUM, .values = methods, .default_text = "GET",
          .doc = "The HTTP method."),
    FIELD(scenario_traffic, interval, "interval", FIELD_DURATION,
          .doc = "How finely a chart's data is counted; default 1s."),
};
static void validate_traffic(struct check *c, const void *object);
const struct api_type scenario_traffic_type =
    PLAIN_TYPE(scenario_traffic, "ScenarioTraffic", traffic_fields, .validate = validate_traffic,
               .doc = "A client that sends requests to a Service.");

/* ---- URLs ---- */

static const char *after(const char *text, const char *prefix)
{
    size_t n = strlen(prefix);
    return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

static bool is_host_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

const char *traffic_url(struct arena *a, const char *text, struct traffic_url *ret)
{
    const char *rest = after(text, "https://");
    struct traffic_url u = {.https = rest != NULL, .port = rest ? 443 : 80};
    if (!rest && !(rest = after(text, "http://")))
        rest = text;
    size_t n = 0;
    while (is_host_character(rest[n]))
        n++;
    if (n == 0)
        return "want SERVICE[.NAMESPACE][:PORT][/PATH]";
    u.host = arena_strndup(a, rest, n);
    rest += n;
    if (*rest == ':') {
        int64_t port = 0;
        for (rest++; *rest >= '0' && *rest <= '9' && port < 100000; rest++)
            port = 10 * port + (*rest - '0');
        if (port < 1 || port > 65535)
            return "the port must be a number from 1 to 65535";
        u.port = (int32_t)port;
    }
    if (*rest && *rest != '/')
        return "want SERVICE[.NAMESPACE][:PORT][/PATH]";
    u.path = *rest ? rest : "/";
    *ret = u;
    return NULL;
}

/* ---- what tables cannot say ---- */

static void validate_source(struct check *c, const void *object)
{
    const struct traffic_source *s = object;
    int said = (s->place != NULL) + (s->node != NULL) + (s->pod != NULL);
    if (said > 1)
        check_report(c, NULL, "want one of place, node and pod");
    if (s->container && !s->pod)
        check_report(AT(c, "container"), NULL, "want the pod, too");
}

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
enum { RATE_MAX = 1000000, CONCURRENCY_MAX = 10000, RETRIES_MAX = 100 };

static void check_rate(struct check *c, const struct scenario_traffic *t)
{
    if (t->rate.set == t->concurrency.set)
        check_report(c, NULL, t->rate.set ? "want either rate or concurrency" : "want rate or concurrency");
    int64_t milli = t->rate.set ? quantity_milli(&t->rate) : 1;
    if (milli < 1 || milli > (int64_t)RATE_MAX * 1000)
        check_report(AT(c, "rate"), NULL, "want requests per second, from 1m (0.001) to 1M");
    if (t->concurrency.set)
        check_between(AT(c, "concurrency"), t->concurrency.value, 1, CONCURRENCY_MAX);
    if (t->pause != SIM_NEVER && !t->concurrency.set)
        check_report(AT(c, "pause"), NULL, "it only counts with concurrency");
    if (t->pause != SIM_NEVER && t->pause < SIM_MS)
        check_report(AT(c, "pause"), NULL, "want 1ms or more");
}

static void check_times(struct check *c, const struct scenario_traffic *t)
{
    check_duration(AT(c, "start"), t->start);
    check_duration(AT(c, "dnsCache"), t->dns_cache);
    if (t->timeout != SIM_NEVER && t->timeout < SIM_MS)
        check_report(AT(c, "timeout"), NULL, "want 1ms or more");
    if (t->connect_timeout != SIM_NEVER && t->connect_timeout < SIM_MS)
        check_report(AT(c, "connectTimeout"), NULL, "want 1ms or more");
    if (t->interval != SIM_NEVER && t->interval < SIM_MS)
        check_report(AT(c, "interval"), NULL, "want 1ms or more");
    sim_time start = t->start == SIM_NEVER ? 0 : t->start;
    if (t->stop != SIM_NEVER && t->stop <= start)
        check_report(AT(c, "stop"), NULL, "want a time after the start");
}

static void validate_traffic(struct check *c, const void *object)
{
    const struct scenario_traffic *t = object;
    struct traffic_url url;
    const char *wrong = t->to ? traffic_url(c->run->arena, t->to, &url) : NULL;
    if (wrong)
        check_report(AT(c, "to"), NULL, "%s, got \"%s\"", wrong, t->to);
    if (t->name && (!*t->name || strspn(t->name, NAME_CHARACTERS) != strlen(t->name)))
        check_report(AT(c, "name"), NULL, "want a word of letters, digits, '-', '_' and '.'");
    check_rate(c, t);
    check_times(c, t);
    if (t->connections.set)
        check_between(AT(c, "connections"), t->connections.value, 0, CONCURRENCY_MAX);
    if (t->connections.set && t->concurrency.set && t->connections.value > 1)
        check_report(AT(c, "connections"), NULL, "with concurrency each has one connection: want 0 or 1");
    if (t->retries.set)
        check_between(AT(c, "retries"), t->retries.value, 0, RETRIES_MAX);
}

static bool is_one_of(const char *name, const char *const *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static int check_one(struct arena *a, struct diag_set *d, const struct scenario_traffic *t, const char *const *nodes,
                     uint32_t node_count, struct src_pos at)
{
    struct traffic_url url;
    if (t->from.node && !is_one_of(t->from.node, nodes, node_count)) {
        const char *close = diag_closest(t->from.node, nodes, node_count);
        return diag_report(d, CODE_NOT_FOUND, at, close ? arena_printf(a, "did you mean \"%s\"?", close) : NULL,
                           "client \"%s\": there is no node \"%s\" in this scenario", t->name, t->from.node);
    }
    bool outside = t->from.place && strcmp(t->from.place, "outside") == 0;
    if (outside && t->to && !traffic_url(a, t->to, &url) && !is_one_of(url.host, nodes, node_count) &&
        strspn(url.host, "0123456789.") != strlen(url.host))
        return diag_report(d, CODE_INVALID, at, "say NODE:PORT of a Service of type NodePort, such as node1:30080",
                           "client \"%s\" is outside of the cluster, where \"%s\" is no name", t->name, url.host);
    return 0;
}

int traffic_check(struct arena *a, struct diag_set *d, const traffic_list *traffic, const char *const *nodes,
                  uint32_t node_count, const struct value *list)
{
    int result = 0;
    for (uint32_t i = 0; i < traffic->count; i++) {
        const struct scenario_traffic *t = &traffic->items[i];
        const struct value *v = list && list->type == VALUE_LIST && i < list->count ? list->items[i] : list;
        struct src_pos at = v ? v->at : SRC_POS_NONE;
        if (!t->name || !t->to)
            continue; /* that has been said */
        for (uint32_t k = 0; k < i; k++)
            if (traffic->items[k].name && strcmp(traffic->items[k].name, t->name) == 0)
                result = diag_report(d, CODE_DUPLICATE, at, NULL, "client \"%s\" is given twice", t->name);
        if (check_one(a, d, t, nodes, node_count, at) < 0)
            result = -1;
    }
    return result;
}
