/* cri_world.h - a small world for tests of the container runtime: an engine, a runtime, pods.
 *
 *     struct world w;
 *     world_init(&w);
 *     uint32_t ct = world_sh(&w, "busybox", "sleep 2; echo done; exit 3");
 *     world_run(&w, 10 * SIM_SECOND);
 *     CHECK_STR(world_log(&w, ct), "done\n");
 *     CHECK_INT(cri_container(w.cri, ct)->exit_code, 3);
 *     world_fini(&w);
 */
#ifndef TESTS_UNIT_CRI_WORLD_H
#define TESTS_UNIT_CRI_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/cri.h"
#include "model/process.h"

enum { WORLD_NAMES = 8 };
struct world {
    struct sim *sim;
    struct cri *cri;
    struct image_catalogue images;
    uint32_t sandbox, pods;
    uint32_t clock; /* an object whose timer moves the clock to where a test wants it */
    /* cluster names that resolve, and from when */
    struct {
        const char *fqdn, *ip; /* ip NULL: it stands for `canonical` */
        sim_time from;
        const char *canonical;
    } names[WORLD_NAMES];
    uint32_t name_count;
};

static void world_resolve(void *ctx, struct arena *a, const char *fqdn, struct dns_answer *ret)
{
    struct world *w = ctx;
    for (uint32_t i = 0; i < w->name_count; i++) {
        if (strcmp(w->names[i].fqdn, fqdn) != 0 || sim_now(w->sim) < w->names[i].from)
            continue;
        ret->found = true;
        ret->canonical = w->names[i].canonical;
        if (!w->names[i].ip)
            continue;
        ret->addresses.items = arena_array(a, const char *, 1);
        ret->addresses.items[0] = w->names[i].ip;
        ret->addresses.count = 1;
    }
}

static enum net_route world_route(void *ctx, const struct net_client *client, const char **ip, int32_t *port)
{
    (void)ctx, (void)client, (void)ip, (void)port;
    return ROUTE_TO;
}

/* A Service has endpoints while its name resolves. */
static bool world_has_endpoints(void *ctx, const char *node_name, const char *namespace_, const char *service)
{
    (void)node_name;
    struct dns_answer answer = {0};
    char fqdn[200];
    snprintf(fqdn, sizeof fqdn, "%s.%s.svc.cluster.local", service, namespace_);
    struct world *w = ctx;
    world_resolve(ctx, sim_arena(w->sim), fqdn, &answer);
    return answer.found;
}

static uint32_t world_pod_of(struct world *w, const char *ip, bool share_pid)
{
    struct cri_sandbox_config config = {.pod_ordinal = ++w->pods,
                                        .namespace_ = "default",
                                        .name = "pod",
                                        .uid = "uid",
                                        .hostname = "pod",
                                        .ip = ip,
                                        .node_name = "node1",
                                        .share_pid = share_pid};
    return cri_run_sandbox(w->cri, &config);
}

static struct sim_timer *world_clock_timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)local, (void)class, (void)index;
    return ctx;
}

static void world_clock_fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)ctx, (void)local, (void)class, (void)index;
}

static void world_init(struct world *w)
{
    memset(w, 0, sizeof *w);
    w->sim = sim_new(&(struct sim_config){.seed = 1, .limits = {.events = 20000000, .events_per_instant = 2000000}});
    image_catalogue_init(&w->images, sim_arena(w->sim));
    /* 2024-01-02T03:04:05Z */
    const struct cri_deps deps = {
        .ctx = w, .resolve = world_resolve, .route = world_route, .has_endpoints = world_has_endpoints};
    w->cri = cri_new(w->sim, &w->images, &deps, 1704164645);
    struct sim_timer *timer = arena_new(sim_arena(w->sim), struct sim_timer);
    timer->at = SIM_NEVER;
    uint32_t h =
        sim_handler_add(w->sim, &(struct sim_handler){"test clock", timer, world_clock_timer, world_clock_fire});
    w->clock = sim_object_new(w->sim, h, 0);
    w->sandbox = world_pod_of(w, "10.244.1.5", false);
}

static void world_fini(struct world *w) { sim_free(w->sim); }

static void world_run(struct world *w, sim_time until)
{
    enum { LAST_CLASS = 15 };
    sim_arm(w->sim, until, LAST_CLASS, w->clock, 0);
    sim_run(w->sim, until);
}

static str_list world_list(struct world *w, const char *const *items)
{
    str_list list = {0};
    while (items && items[list.count])
        list.count++;
    list.items = arena_array(sim_arena(w->sim), const char *, list.count ? list.count : 1);
    for (uint32_t i = 0; i < list.count; i++)
        list.items[i] = arena_strdup(sim_arena(w->sim), items[i]);
    return list;
}

static uint32_t world_start(struct world *w, struct cri_container_config config)
{
    uint32_t id = cri_create_container(w->cri, w->sandbox, &config);
    const char *error;
    cri_start_container(w->cri, id, &error);
    return id;
}

/* sh -c script in a container of its own. */
__attribute__((unused)) static uint32_t world_sh(struct world *w, const char *image, const char *script)
{
    return world_start(
        w, (struct cri_container_config){.name = "main",
                                         .image = image,
                                         .command = world_list(w, (const char *const[]){"sh", "-c", script, NULL})});
}

__attribute__((unused)) static const char *world_log(struct world *w, uint32_t container)
{
    size_t len;
    return cri_log(w->cri, container, &len);
}

__attribute__((unused)) static uint32_t world_exec(struct world *w, uint32_t container, const char *const *argv,
                                                   sim_time timeout)
{
    str_list list = world_list(w, argv);
    return cri_exec(w->cri, container, &list, timeout, (struct sim_key){0});
}

/* One line per record, to compare two runs. */
__attribute__((unused)) static void world_print_trace(const struct world *w, struct strbuf *out)
{
    const struct trace *t = sim_trace(w->sim);
    for (uint32_t i = 1; i < trace_count(t); i++) {
        const struct trace_record *r = trace_at(t, i);
        strbuf_printf(out, "%" PRId64 " %u %u %u %u %u %s\n", r->at, r->kind, r->object, r->cause, r->flags, r->aux,
                      r->text ? r->text : "");
    }
}

__attribute__((unused)) static uint64_t world_hash_trace(const struct world *w)
{
    struct strbuf text = STRBUF_INIT;
    uint64_t h = UINT64_C(14695981039346656037);
    world_print_trace(w, &text);
    for (size_t i = 0; i < text.len; i++)
        h = (h ^ (unsigned char)text.data[i]) * UINT64_C(1099511628211);
    strbuf_fini(&text);
    return h;
}

#endif
