/* cluster_world.h - a run of one pod for the tests: scenario and pod as text, observations of the trace.
 * Include from one file per executable.
 */
#ifndef TESTS_UNIT_CLUSTER_WORLD_H
#define TESTS_UNIT_CLUSTER_WORLD_H

#include <stdlib.h>
#include <string.h>

#include "model/cluster.h"
#include "model/scenario_doc.h"
#include "tests/unit/tap.h"

struct world {
    struct arena arena;
    struct diag_set diags;
    struct scenario scenario;
    struct cluster *cluster;
    struct run_trace trace;
};

static int no_files(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                    const char **ret_error)
{
    (void)ctx, (void)a, (void)path, (void)ret_text, (void)ret_len;
    *ret_error = "no files here";
    return -1;
}

/* `spec` is the pod's spec, one line per line; `head` a Scenario document or "". */
static bool begin(struct world *w, const char *head, const char *spec, const char *version)
{
    *w = (struct world){0};
    arena_init(&w->arena, 0);
    diag_init(&w->diags);
    const char *text = arena_printf(&w->arena, "%s%sapiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n%s", head,
                                    *head ? "---\n" : "", spec);
    struct scenario_input input = {"test.yaml", text, strlen(text)};
    if (!CHECK_INT(scenario_load(&w->arena, &w->diags, &input, 1, no_files, NULL, &w->scenario), 0)) {
        struct strbuf b = STRBUF_INIT;
        diag_print(&w->diags, &b, 0);
        printf("# %s\n", strbuf_str(&b));
        strbuf_fini(&b);
        return false;
    }
    w->scenario.kubernetes_version = version;
    features_init(&w->scenario.features, scenario_minor(version));
    return true;
}

__attribute__((unused)) static void start(struct world *w, enum profile_kind profile, int64_t until_s)
{
    struct cluster_options options = {
        .has_until = true, .until = until_s * SIM_SECOND, .has_profile = true, .profile = profile, .diags = &w->diags};
    w->cluster = cluster_new(&w->scenario, &options);
}

__attribute__((unused)) static void run(struct world *w, const char *head, const char *spec, const char *version, int64_t until_s)
{
    if (!begin(w, head, spec, version))
        exit(1);
    start(w, PROFILE_REF, until_s);
    cluster_run(w->cluster);
    w->trace = cluster_trace(w->cluster);
}

__attribute__((unused)) static void end(struct world *w)
{
    cluster_free(w->cluster);
    diag_fini(&w->diags);
    arena_fini(&w->arena);
}

/* Times in tenths of a second of the records for which `wanted` says yes, as text: "3 10 105". */
__attribute__((unused)) static const char *times(struct world *w, bool (*wanted)(const struct trace_record *r, const char *what),
                         const char *what)
{
    const char *text = "";
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++) {
        const struct trace_record *r = trace_at(w->trace.trace, i);
        if (wanted(r, what))
            text = arena_printf(&w->arena, "%s%s%" PRId64 ".%" PRId64, text, *text ? " " : "", r->at / SIM_SECOND,
                                r->at % SIM_SECOND / (SIM_SECOND / 10));
    }
    return text;
}

__attribute__((unused)) static bool starts(const struct trace_record *r, const char *container)
{
    return r->kind == TRACE_CONTAINER_STARTED && strcmp(r->text, container) == 0;
}

__attribute__((unused)) static bool exits(const struct trace_record *r, const char *container)
{
    return r->kind == TRACE_CONTAINER_EXITED && strcmp(r->text, container) == 0;
}

/* "Reason" or "Reason: beginning of the message". */
__attribute__((unused)) static bool events(const struct trace_record *r, const char *reason)
{
    const struct k8s_event *e = r->data;
    if (r->kind != TRACE_WRITE || e->object.kind != KIND_EVENT)
        return false;
    const char *colon = strstr(reason, ": ");
    size_t n = colon ? (size_t)(colon - reason) : strlen(reason);
    return strlen(e->reason) == n && strncmp(e->reason, reason, n) == 0 &&
           (!colon || strncmp(e->message, colon + 2, strlen(colon + 2)) == 0);
}

static const struct pod *as_pod(const struct trace_record *r)
{
    const struct api_object *o = r->data;
    return r->kind == TRACE_WRITE && o->kind == KIND_POD ? r->data : NULL;
}

__attribute__((unused)) static bool phase_changes(const struct trace_record *r, const char *phase)
{
    const struct pod *p = as_pod(r);
    const struct pod *before = p ? (const struct pod *)p->object.prev : NULL;
    return p && r->flags != WRITE_DELETE && strcmp(p->status.phase, phase) == 0 &&
           (!before || strcmp(before->status.phase, phase) != 0);
}

static bool ready(const struct pod *p)
{
    for (uint32_t i = 0; p && i < p->status.conditions.count; i++) {
        if (strcmp(p->status.conditions.items[i].type, "Ready") == 0)
            return strcmp(p->status.conditions.items[i].status, "True") == 0;
    }
    return false;
}

__attribute__((unused)) static bool becomes_ready(const struct trace_record *r, const char *wanted)
{
    const struct pod *p = as_pod(r);
    return p && r->flags != WRITE_DELETE && ready(p) != ready((const struct pod *)p->object.prev) &&
           ready(p) == (strcmp(wanted, "True") == 0);
}

__attribute__((unused)) static bool waits_with(const struct trace_record *r, const char *reason)
{
    const struct pod *p = as_pod(r);
    const struct pod *before = p ? (const struct pod *)p->object.prev : NULL;
    if (!p || r->flags == WRITE_DELETE || p->status.container_statuses.count == 0)
        return false;
    const struct container_state *now = &p->status.container_statuses.items[0].state;
    const struct container_state *then =
        before && before->status.container_statuses.count ? &before->status.container_statuses.items[0].state : NULL;
    bool is = now->waiting && now->waiting->reason && strcmp(now->waiting->reason, reason) == 0;
    bool was = then && then->waiting && then->waiting->reason && strcmp(then->waiting->reason, reason) == 0;
    return is && !was;
}

__attribute__((unused)) static bool gone(const struct trace_record *r, const char *unused)
{
    (void)unused;
    return as_pod(r) && r->flags == WRITE_DELETE;
}

#define BUSYBOX          "image: busybox, imagePullPolicy: Never"
#define IMAGES           "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  images: [{name: busybox, present: true}]\n"
#define ACTION(at, line) IMAGES "  actions: [{at: " at ", kubectl: " line "}]\n"

#endif
