/* pod_dns.c - see pod_dns.h. Mirrors k8s pkg/kubelet/network/dns/dns.go GetPodDNS.
 * Left out on purpose: other kubelet settings (clusterDNS, clusterDomain, resolvConf), the limit of 2048 characters of
 * the search line.
 */
#include "model/pod_dns.h"

#include <string.h>

#include "model/value.h"

enum { MAX_SERVERS = 3, MAX_SEARCHES = 32 }; /* k8s pkg/apis/core/validation: MaxDNSNameservers, MaxDNSSearchPaths */
enum { NDOTS = 5, NDOTS_OF_LIBC = 1 };

static void add(struct arena *a, str_list *l, const char *text)
{
    const char **items = arena_array(a, const char *, l->count + 1);
    for (uint32_t i = 0; i < l->count; i++)
        items[i] = l->items[i];
    items[l->count++] = text;
    l->items = items;
}

/* Unless it is there. */
static void add_new(struct arena *a, str_list *l, const char *text)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (strcmp(l->items[i], text) == 0)
            return;
    add(a, l, text);
}

static void add_all(struct arena *a, str_list *l, const struct value *given)
{
    for (uint32_t i = 0; given && i < given->count; i++)
        add_new(a, l, given->items[i]->text);
}

void pod_dns_default(struct arena *a, const char *namespace_, struct cri_dns *d)
{
    *d = (struct cri_dns){.ndots = NDOTS};
    add(a, &d->servers, CLUSTER_DNS);
    add(a, &d->searches, arena_printf(a, "%s.svc." CLUSTER_DOMAIN, namespace_));
    add(a, &d->searches, "svc." CLUSTER_DOMAIN);
    add(a, &d->searches, CLUSTER_DOMAIN);
    add(a, &d->options, "ndots:5");
}

/* An option given again replaces the one before. k8s-order: the original's are in the order of a Go map. */
static void set_option(struct arena *a, str_list *l, const char *name, const char *value)
{
    const char *text = value && *value ? arena_printf(a, "%s:%s", name, value) : name;
    size_t n = strlen(name);
    for (uint32_t i = 0; i < l->count; i++) {
        if (strncmp(l->items[i], name, n) == 0 && (l->items[i][n] == '\0' || l->items[i][n] == ':')) {
            l->items[i] = text;
            return;
        }
    }
    add(a, l, text);
}

static void apply_config(struct arena *a, struct cri_dns *d, const struct value *config)
{
    const struct value *options = value_get(config, "options");
    add_all(a, &d->servers, value_get(config, "nameservers"));
    add_all(a, &d->searches, value_get(config, "searches"));
    for (uint32_t i = 0; options && i < options->count; i++) {
        const struct value *name = value_get(options->items[i], "name"), *value = value_get(options->items[i], "value");
        if (name)
            set_option(a, &d->options, name->text, value ? value->text : NULL);
    }
}

static int64_t ndots_of(const struct cri_dns *d)
{
    int64_t n = NDOTS_OF_LIBC;
    for (uint32_t i = 0; i < d->options.count; i++) {
        const char *p = d->options.items[i];
        if (strncmp(p, "ndots:", 6) != 0)
            continue;
        for (n = 0, p += 6; *p >= '0' && *p <= '9' && n < 15; p++) /* resolv.conf(5): at most 15 */
            n = 10 * n + (*p - '0');
    }
    return n < 15 ? n : 15;
}

static const char *joined(struct arena *a, const str_list *l)
{
    const char *text = "";
    for (uint32_t i = 0; i < l->count; i++)
        text = arena_printf(a, "%s%s%s", text, i ? " " : "", l->items[i]);
    return text;
}

static void keep_limits(struct arena *a, struct cri_dns *d, str_list *warnings)
{
    if (d->servers.count > MAX_SERVERS) {
        d->servers.count = MAX_SERVERS;
        add(a, warnings,
            arena_printf(a,
                         "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver "
                         "line is: %s",
                         joined(a, &d->servers)));
    }
    if (d->searches.count > MAX_SEARCHES) {
        d->searches.count = MAX_SEARCHES;
        add(a, warnings,
            arena_printf(a,
                         "Search Line limits were exceeded, some search paths have been omitted, the applied search "
                         "line is: %s",
                         joined(a, &d->searches)));
    }
}

const struct cri_dns *pod_dns(struct arena *a, const struct pod *pod, str_list *warnings)
{
    const struct pod_spec *s = &pod->spec;
    bool first = !s->dns_policy || text_is(s->dns_policy, "ClusterFirst");
    bool cluster = first ? !s->host_network : text_is(s->dns_policy, "ClusterFirstWithHostNet");
    *warnings = (str_list){0};
    if (cluster && !s->dns_config)
        return NULL;
    struct cri_dns *d = arena_new(a, struct cri_dns);
    if (cluster)
        pod_dns_default(a, pod->object.meta.namespace_, d);
    else if (!text_is(s->dns_policy, "None"))
        add(a, &d->servers, HOST_DNS);
    if (s->dns_config)
        apply_config(a, d, s->dns_config);
    d->ndots = ndots_of(d);
    keep_limits(a, d, warnings);
    return d;
}
