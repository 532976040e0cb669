/* Names in pods: resolv.conf by policy, the search path, and what the commands print. The outputs of nslookup are those
 * of a real busybox 1.35 that asked a server with these names. */
#include "cri_world.h"
#include "model/pod_dns.h"
#include "tap.h"

static void init(struct world *w)
{
    static const struct {
        const char *fqdn, *ip, *canonical;
    } names[] = {{"web.default.svc.cluster.local", "10.96.0.101", NULL},
                 {"kubernetes.default.svc.cluster.local", "10.96.0.1", NULL},
                 {"shop.default.svc.cluster.local", NULL, "shop.example.com"},
                 {"101.0.96.10.in-addr.arpa", NULL, "web.default.svc.cluster.local"}};
    world_init(w);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        w->names[i].fqdn = names[i].fqdn;
        w->names[i].ip = names[i].ip;
        w->names[i].canonical = names[i].canonical;
    }
    w->name_count = ARRAY_LEN(names);
}

#define HEAD            "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n"
#define NONE(name)      "** server can't find " name ": NXDOMAIN\n\n"
#define FOUND(name, ip) "Name:\t" name "\nAddress: " ip "\n\n"
#define WEB             "web.default.svc.cluster.local"

static void nslookup_is_that_of_the_image(void)
{
    static const struct {
        const char *image, *args, *want;
    } rows[] = {
        {"busybox:1.35", "web",
         HEAD FOUND(WEB, "10.96.0.101") NONE("web.svc.cluster.local")
             NONE("web.cluster.local") "\n" NONE("web.svc.cluster.local") NONE("web.cluster.local") "[1]\n"},
        {"busybox:1.35", "web.default", HEAD NONE("web.default") NONE("web.default") "[1]\n"},
        {"busybox:1.35", WEB, HEAD FOUND(WEB, "10.96.0.101") "\n[0]\n"},
        {"busybox:1.35", WEB ".", HEAD FOUND(WEB, "10.96.0.101") "\n[0]\n"},
        {"busybox:1.35", "shop.default.svc.cluster.local",
         HEAD "shop.default.svc.cluster.local\tcanonical name = shop.example.com\nName:\tshop.example.com\n"
              "Address: 203.0.113.193\n\nshop.default.svc.cluster.local\tcanonical name = shop.example.com\n\n[0]\n"},
        {"busybox:1.35", "10.96.0.101", HEAD "101.0.96.10.in-addr.arpa\tname = " WEB "\n\n[0]\n"},
        {"busybox:1.35", "10.9.9.9", HEAD NONE("9.9.9.10.in-addr.arpa") "[1]\n"},
        {"busybox:1.35", "-type=a web",
         HEAD FOUND(WEB, "10.96.0.101") NONE("web.svc.cluster.local") NONE("web.cluster.local") "[1]\n"},
        {"busybox:1.35", "-type=AAAA " WEB, HEAD "\n[0]\n"},
        {"busybox:1.35", "-type=foo web", "nslookup: invalid query type \"foo\"\n[1]\n"},
        {"busybox:1.35", "web 10.96.0.10", HEAD NONE("web") NONE("web") "[1]\n"},
        /* never fails */
        {"busybox:1.30", "web.default", HEAD NONE("web.default") NONE("web.default") "[0]\n"},
        {"busybox:1.33", WEB, HEAD FOUND(WEB, "10.96.0.101") "*** Can't find " WEB ": No answer\n\n[0]\n"},
        /* the C library's */
        {"busybox:1.28", "web",
         "Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\nName:      web\n"
         "Address 1: 10.96.0.101 " WEB "\n[0]\n"},
        {"busybox:1.28", "nope",
         "Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\n"
         "nslookup: can't resolve 'nope'\n[1]\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        char script[200];
        init(&w);
        tap_row("%s %s", rows[i].image, rows[i].args);
        snprintf(script, sizeof script, "nslookup %s; echo \"[$?]\"", rows[i].args);
        uint32_t ct = world_sh(&w, rows[i].image, script);
        world_run(&w, SIM_SECOND);
        CHECK_STR(world_log(&w, ct), rows[i].want);
        world_fini(&w);
    }
}

static const struct value *parse(struct arena *a, struct diag_set *diags, const char *text)
{
    struct document_list docs = {0};
    CHECK_INT(value_parse(a, diags, "config", text, strlen(text), &docs), 0);
    return docs.items[0].root;
}

/* "servers | searches | options | ndots" */
static const char *show(struct arena *a, const struct cri_dns *d, const char *namespace_)
{
    struct cri_dns standard;
    const char *text = "";
    if (!d) {
        pod_dns_default(a, namespace_, &standard);
        return arena_printf(a, "standard, %s", show(a, &standard, NULL));
    }
    const str_list *lists[] = {&d->servers, &d->searches, &d->options};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        for (uint32_t k = 0; k < lists[i]->count; k++)
            text = arena_printf(a, "%s%s ", text, lists[i]->items[k]);
        text = arena_printf(a, "%s| ", text);
    }
    return arena_printf(a, "%s%d", text, (int)d->ndots);
}

#define CLUSTER "10.96.0.10 | shop.svc.cluster.local svc.cluster.local cluster.local "

/* k8s pkg/kubelet/network/dns/dns_test.go has such a table. */
static void resolv_conf_follows_the_policy(void)
{
    static const struct {
        const char *policy, *config; /* config: JSON, or NULL */
        bool host_network;
        const char *want;
    } rows[] = {
        {NULL, NULL, false, "standard, " CLUSTER "| ndots:5 | 5"},
        {"ClusterFirst", NULL, false, "standard, " CLUSTER "| ndots:5 | 5"},
        {"ClusterFirst", NULL, true, "192.168.49.1 | | | 1"},
        {"ClusterFirstWithHostNet", NULL, true, "standard, " CLUSTER "| ndots:5 | 5"},
        {"Default", NULL, false, "192.168.49.1 | | | 1"},
        {"None", "{\"nameservers\": [\"1.1.1.1\"]}", false, "1.1.1.1 | | | 1"},
        {"ClusterFirst", "{\"options\": [{\"name\": \"ndots\", \"value\": \"2\"}, {\"name\": \"edns0\"}]}", false,
         CLUSTER "| ndots:2 edns0 | 2"},
        {"ClusterFirst",
         "{\"nameservers\": [\"8.8.8.8\", \"10.96.0.10\"], \"searches\": [\"my.org\", \"cluster.local\"]}", false,
         "10.96.0.10 8.8.8.8 | shop.svc.cluster.local svc.cluster.local cluster.local my.org | ndots:5 | 5"},
        {"ClusterFirst", "{\"nameservers\": [\"1.1.1.1\", \"2.2.2.2\", \"3.3.3.3\"]}", false,
         "10.96.0.10 1.1.1.1 2.2.2.2 | shop.svc.cluster.local svc.cluster.local cluster.local | ndots:5 | 5; "
         "Nameserver "
         "limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 1.1.1.1 "
         "2.2.2.2"},
    };
    struct arena a = {0};
    arena_init(&a, 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct diag_set diags;
        struct pod pod = {.object.meta = {.name = "p", .namespace_ = "shop"}};
        str_list warnings;
        tap_row("%s %s", rows[i].policy ? rows[i].policy : "-", rows[i].config ? rows[i].config : "");
        diag_init(&diags);
        pod.spec.dns_policy = rows[i].policy;
        pod.spec.host_network = rows[i].host_network;
        if (rows[i].config)
            pod.spec.dns_config = parse(&a, &diags, rows[i].config);
        const struct cri_dns *d = pod_dns(&a, &pod, &warnings);
        const char *text = show(&a, d, "shop");
        for (uint32_t k = 0; k < warnings.count; k++)
            text = arena_printf(&a, "%s; %s", text, warnings.items[k]);
        CHECK_STR(text, rows[i].want);
        diag_fini(&diags);
    }
    arena_fini(&a);
}

/* Which names are asked for, and so found. */
static void names_follow_the_search_path(void)
{
    static const char *const searches[] = {"svc.cluster.local"}, *const servers[] = {CLUSTER_DNS},
                             *const others[] = {HOST_DNS};
    static const struct cri_dns one_search = {.servers = {(const char **)servers, 1},
                                              .searches = {(const char **)searches, 1},
                                              .ndots = 1},
                                host = {.servers = {(const char **)others, 1}, .ndots = 1};
    static const struct {
        const struct cri_dns *dns;
        const char *name, *want;
    } rows[] = {
        {NULL, "web", "10.96.0.101"},
        {NULL, "web.default", "10.96.0.101"},
        {NULL, "web.default.svc", "10.96.0.101"},
        {NULL, WEB, "10.96.0.101"},
        {NULL, "web.", ""},
        {NULL, "web.other", ""},
        {NULL, "info.cern.ch", "188.184.21.108"},
        {&one_search, "web", ""},
        {&one_search, "web.default", "10.96.0.101"},
        {&host, "web", ""},
        {&host, WEB, ""},
        {&host, "info.cern.ch", "188.184.21.108"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        char script[200];
        init(&w);
        tap_row("%s %s", rows[i].dns ? rows[i].dns->searches.count ? "one search" : "host" : "standard", rows[i].name);
        struct cri_sandbox_config config = cri_sandbox(w.cri, w.sandbox)->config;
        config.dns = rows[i].dns;
        config.ip = "10.244.1.77";
        w.sandbox = cri_run_sandbox(w.cri, &config);
        snprintf(script, sizeof script, "getent hosts %s | cut -d' ' -f1", rows[i].name);
        uint32_t ct = world_sh(&w, "debian", script);
        world_run(&w, SIM_SECOND);
        CHECK_STR(world_log(&w, ct), *rows[i].want ? arena_printf(sim_arena(w.sim), "%s\n", rows[i].want) : "");
        world_fini(&w);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(nslookup_is_that_of_the_image),
        TAP_TEST(resolv_conf_follows_the_policy),
        TAP_TEST(names_follow_the_search_path),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
