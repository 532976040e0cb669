/* programs_dns.c - commands that ask for names: nslookup, getent, dig, host.
 *
 * busybox has had three nslookups. Before 1.29 it asked the C library, search path and all. Since then it asks the name
 * server itself (busybox networking/nslookup.c): names with a dot are not searched; those without are asked for in
 * every domain of the search path, for both address families, and each that does not exist is a failure. So `nslookup
 * myservice` prints the address and exits with 1 (since 1.31; before, it never failed), and `nslookup
 * myservice.default` finds nothing. Left out on purpose: record types but A, AAAA, CNAME and PTR; servers that do not
 * answer.
 */
#include <string.h>

#include "model/net.h"
#include "model/pod_dns.h"
#include "model/programs.h"

/* ---- nslookup ---- */

enum { LOOKUP_A = 1, LOOKUP_AAAA = 2, LOOKUP_PTR = 4, LOOKUP_CNAME = 8, LOOKUP_OTHER = 16 };

struct lookup_args {
    const char *name, *server; /* server NULL: of resolv.conf */
    int types;                 /* LOOKUP_*; 0 = not said */
    bool debug;
};

static const char *reversed(struct cri *c, const char *ip)
{
    const char *part[4] = {ip};
    for (int i = 1; i < 4; i++)
        part[i] = strchr(part[i - 1], '.') + 1;
    return arena_printf(sim_arena(c->sim), "%s.%.*s.%.*s.%.*s.in-addr.arpa", part[3], (int)(part[3] - part[2] - 1),
                        part[2], (int)(part[2] - part[1] - 1), part[1], (int)(part[1] - part[0] - 1), part[0]);
}

/* " name" of an address, as a C library finds it. */
static const char *name_after(struct cri *c, const char *server, const char *ip)
{
    struct net_name of;
    bool found = net_query(c, server, reversed(c, ip), &of);
    return found ? arena_printf(sim_arena(c->sim), " %s", of.canonical) : "";
}

static int nslookup_old(struct cri *c, struct proc *p, const struct lookup_args *args, const char *server)
{
    struct net_name to;
    const char *server_name = strcmp(server, CLUSTER_DNS) == 0 ? " kube-dns.kube-system.svc." CLUSTER_DOMAIN : "";
    out_printf(c, p, 1, "Server:    %s\nAddress 1: %s%s\n\n", server, server, server_name);
    net_resolve(c, p->container, args->name, &to);
    if (!to.found || (!to.addresses.count && !*to.ip)) {
        out_printf(c, p, 2, "nslookup: can't resolve '%s'\n", args->name);
        return 1;
    }
    out_printf(c, p, 1, "Name:      %s\n", args->name);
    uint32_t n = to.addresses.count ? to.addresses.count : 1;
    for (uint32_t i = 0; i < n; i++) {
        const char *ip = to.addresses.count ? to.addresses.items[i] : to.ip;
        out_printf(c, p, 1, "Address %u: %s%s\n", i + 1, ip, name_after(c, server, ip));
    }
    return 0;
}

/* What is printed of one answer; 0, or 1 when the name does not exist. */
static int put_answer(struct cri *c, struct proc *p, const struct lookup_args *args, const char *server,
                      const char *name, int type)
{
    struct net_name to;
    int version = image_version(p->container->image);
    size_t len = strlen(name);
    uint32_t shown = 0;
    if (len && name[len - 1] == '.')
        name = arena_strndup(sim_arena(c->sim), name, len - 1);
    if (!net_query(c, server, name, &to)) {
        out_printf(c, p, 1, "** server can't find %s: NXDOMAIN\n\n", name);
        return version >= 13100;
    }
    if (!to.authoritative)
        out_puts(c, p, 1, "Non-authoritative answer:\n");
    else if (args->debug)
        out_puts(c, p, 1, "authoritative answer:\n");
    if (to.alias && type != LOOKUP_PTR) {
        out_printf(c, p, 1, "%s\tcanonical name = %s\n", to.alias, to.canonical);
        shown++;
    }
    if (type == LOOKUP_PTR && to.alias) {
        out_printf(c, p, 1, "%s\tname = %s\n", to.alias, to.canonical);
        shown++;
    }
    for (uint32_t i = 0; type == LOOKUP_A && i < (to.addresses.count ? to.addresses.count : *to.ip != '\0');
         i++, shown++)
        out_printf(c, p, 1, "Name:\t%s\nAddress: %s\n", to.canonical,
                   to.addresses.count ? to.addresses.items[i] : to.ip);
    if (!shown && version >= 13200 && version < 13400)
        out_printf(c, p, 1, "*** Can't find %s: No answer\n", name);
    out_puts(c, p, 1, "\n");
    return 0;
}

static int put_searched(struct cri *c, struct proc *p, const struct lookup_args *args, const char *server,
                        const str_list *searches, int type)
{
    int code = 0;
    if (type == LOOKUP_PTR || args->server || strchr(args->name, '.') || !searches->count)
        return put_answer(c, p, args, server, args->name, type);
    for (uint32_t i = 0; i < searches->count; i++)
        code |= put_answer(c, p, args, server, arena_printf(sim_arena(c->sim), "%s.%s", args->name, searches->items[i]),
                           type);
    return code;
}

static int nslookup_new(struct cri *c, struct proc *p, const struct lookup_args *args, const char *server,
                        const str_list *searches)
{
    int code = 0;
    out_printf(c, p, 1, "Server:\t\t%s\nAddress:\t%s:53\n\n", server, server);
    if (!args->types && net_is_ip(args->name))
        return put_answer(c, p, args, server, reversed(c, args->name), LOOKUP_PTR);
    for (int type = LOOKUP_A; type <= LOOKUP_OTHER; type *= 2)
        if ((args->types ? args->types : LOOKUP_A | LOOKUP_AAAA) & type)
            code |= put_searched(c, p, args, server, searches, type);
    return code;
}

/* bind9's: it follows the search path, and asks for A and AAAA of the first name that exists. */
static int nslookup_bind(struct cri *c, struct proc *p, const struct lookup_args *args, const char *server)
{
    struct net_name to;
    out_printf(c, p, 1, "Server:\t\t%s\nAddress:\t%s#53\n\n", server, server);
    if (net_is_ip(args->name)) {
        const char *name = reversed(c, args->name);
        if (!net_query(c, server, name, &to)) {
            out_printf(c, p, 1, "** server can't find %s: NXDOMAIN\n\n", name);
            return 1;
        }
        out_printf(c, p, 1, "%s\tname = %s.\n\n", name, to.canonical);
        return 0;
    }
    net_resolve(c, p->container, args->name, &to);
    if (!to.found) {
        out_printf(c, p, 1, "** server can't find %s: NXDOMAIN\n\n", args->name);
        return 1;
    }
    if (!to.authoritative)
        out_puts(c, p, 1, "Non-authoritative answer:\n");
    if (to.alias)
        out_printf(c, p, 1, "%s\tcanonical name = %s.\n", to.alias, to.canonical);
    for (uint32_t i = 0; i < (to.addresses.count ? to.addresses.count : *to.ip != '\0'); i++)
        out_printf(c, p, 1, "Name:\t%s\nAddress: %s\n", to.canonical,
                   to.addresses.count ? to.addresses.items[i] : to.ip);
    out_puts(c, p, 1, "\n");
    return 0;
}

/* -1: not a type. */
static int type_of(const char *text)
{
    static const struct {
        const char *name;
        int type;
    } types[] = {{"a", LOOKUP_A},       {"aaaa", LOOKUP_AAAA}, {"ptr", LOOKUP_PTR},  {"cname", LOOKUP_CNAME},
                 {"soa", LOOKUP_OTHER}, {"ns", LOOKUP_OTHER},  {"mx", LOOKUP_OTHER}, {"txt", LOOKUP_OTHER},
                 {"srv", LOOKUP_OTHER}, {"any", LOOKUP_A}};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        const char *a = types[i].name, *b = text;
        while (*a && (*b | 0x20) == *a)
            a++, b++;
        if (!*a && !*b)
            return types[i].type;
    }
    return -1;
}

static int usage(struct cri *c, struct proc *p)
{
    out_puts(c, p, 2, "Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n");
    return 1;
}

/* 0, or the exit code. */
static int parse_lookup(struct cri *c, struct proc *p, struct lookup_args *ret)
{
    int operands = 0;
    *ret = (struct lookup_args){0};
    for (int i = 1; i < p->argc; i++) {
        const char *arg = p->argv[i], *type = strchr(arg, '=');
        if (arg[0] != '-') {
            *(operands ? &ret->server : &ret->name) = arg;
            operands++;
        } else if (type &&
                   (strncmp(arg, "-type", 5) == 0 || strncmp(arg, "-t", 2) == 0 || strncmp(arg, "-q", 2) == 0)) {
            int t = type_of(type + 1);
            if (t < 0) {
                err_printf(c, p, "invalid query type \"%s\"", type + 1);
                return 1;
            }
            ret->types |= t;
        } else if (strcmp(arg, "-debug") == 0) {
            ret->debug = true;
        }
    }
    return operands < 1 || operands > 2 ? usage(c, p) : 0;
}

static int nslookup_run(struct cri *c, struct proc *p)
{
    struct lookup_args args;
    struct net_name server_name;
    struct cri_dns dns;
    int code = parse_lookup(c, p, &args);
    if (code)
        return code;
    net_dns(c, p->container, &dns);
    const char *server = dns.servers.count ? dns.servers.items[0] : "127.0.0.1";
    if (args.server) {
        net_resolve(c, p->container, args.server, &server_name);
        if (!server_name.found) {
            err_printf(c, p, "bad address '%s'", args.server);
            return 1;
        }
        server = arena_strdup(sim_arena(c->sim), server_name.ip);
    }
    if (is_gnu(p))
        return nslookup_bind(c, p, &args, server);
    if (image_version(p->container->image) < 12900)
        return nslookup_old(c, p, &args, server);
    return nslookup_new(c, p, &args, server, &dns.searches);
}

/* ---- getent, dig, host ---- */

/* glibc nss/getent.c: hosts and ahosts; exit code 2 when there is no such name. */
static int getent_run(struct cri *c, struct proc *p)
{
    static const char *const kinds[] = {"STREAM", "DGRAM", "RAW"};
    struct net_name to;
    bool all = p->argc > 1 && strncmp(p->argv[1], "ahosts", 6) == 0;
    if (p->argc < 3 || (!all && strcmp(p->argv[1], "hosts") != 0))
        return 1;
    for (int i = 2; i < p->argc; i++) {
        net_resolve(c, p->container, p->argv[i], &to);
        uint32_t n = to.addresses.count ? to.addresses.count : *to.ip != '\0';
        if (!to.found || !n)
            return 2;
        for (uint32_t k = 0; k < n; k++) {
            const char *ip = to.addresses.count ? to.addresses.items[k] : to.ip;
            if (!all)
                out_printf(c, p, 1, "%-15s %s\n", ip, to.canonical);
            for (size_t s = 0; all && s < ARRAY_LEN(kinds); s++)
                out_printf(c, p, 1, "%-15s %-6s %s\n", ip, kinds[s], k || s ? "" : to.canonical);
        }
    }
    return 0;
}

/* dig asks for the name as it is; +search follows the search path. */
static int dig_run(struct cri *c, struct proc *p)
{
    struct net_name to;
    struct cri_dns dns;
    const char *name = NULL;
    bool brief = false, search = false;
    for (int i = 1; i < p->argc; i++) {
        brief |= strcmp(p->argv[i], "+short") == 0;
        search |= strcmp(p->argv[i], "+search") == 0;
        if (p->argv[i][0] != '-' && p->argv[i][0] != '+' && p->argv[i][0] != '@')
            name = p->argv[i];
    }
    if (!name)
        return 1;
    net_dns(c, p->container, &dns);
    if (search)
        net_resolve(c, p->container, name, &to);
    else if (dns.servers.count)
        net_query(c, dns.servers.items[0], name, &to);
    else
        return 9; /* no server could be reached */
    for (uint32_t i = 0; to.found && i < (to.addresses.count ? to.addresses.count : *to.ip != '\0'); i++)
        out_printf(c, p, 1, "%s%s%s\n", brief ? "" : to.canonical, brief ? "" : ".\t30\tIN\tA\t",
                   to.addresses.count ? to.addresses.items[i] : to.ip);
    return 0;
}

static int host_run(struct cri *c, struct proc *p)
{
    struct net_name to = {0};
    if (p->argc < 2)
        return 1;
    net_resolve(c, p->container, p->argv[1], &to);
    uint32_t n = to.addresses.count ? to.addresses.count : *to.ip != '\0';
    for (uint32_t i = 0; to.found && i < n; i++)
        out_printf(c, p, 1, "%s has address %s\n", to.canonical, to.addresses.count ? to.addresses.items[i] : to.ip);
    if (!to.found)
        out_printf(c, p, 1, "Host %s not found: 3(NXDOMAIN)\n", p->argv[1]);
    return !to.found;
}

static const struct command command_nslookup = COMMAND("nslookup", nslookup_run),
                            command_getent = COMMAND("getent", getent_run), command_dig = COMMAND("dig", dig_run),
                            command_host = COMMAND("host", host_run);

const struct applet dns_applets[] = {
    {"dig", &command_dig.program, IMAGE_EXTRA},
    {"getent", &command_getent.program, IMAGE_DEBIAN | IMAGE_EXTRA},
    {"host", &command_host.program, IMAGE_EXTRA},
    {"nslookup", &command_nslookup.program, IMAGE_BUSYBOX | IMAGE_EXTRA},
    {NULL, NULL, 0},
};
