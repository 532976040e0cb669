/* Does the shrinker find the smallest scenario? Faults are planted: a predicate says "it fails" when the scenario,
 * or its run, has a chosen feature; what is left must have that feature and nothing else that could go.
 */
#include <string.h>

#include "model/cluster.h"
#include "tests/prop/gen.h"
#include "tests/prop/shrink.h"
#include "tests/unit/tap.h"

enum { SEEDS_MAX = 2000, BUDGET = 5000 };

static int no_files(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                    const char **ret_error)
{
    (void)ctx, (void)a, (void)path, (void)ret_text, (void)ret_len;
    *ret_error = "no files here";
    return -1;
}

typedef bool world_has(const struct scenario *s);

/* The planted fault: valid, and it has the feature. */
static bool fails(void *ctx, const char *text, size_t len)
{
    struct arena arena = {0};
    struct diag_set diags;
    struct scenario scenario;
    struct scenario_input input = {"scenario.yaml", text, len};
    arena_init(&arena, 0);
    diag_init(&diags);
    bool has = scenario_load(&arena, &diags, &input, 1, no_files, NULL, &scenario) == 0 &&
               (*(world_has *const *)ctx)(&scenario);
    diag_fini(&diags);
    arena_fini(&arena);
    return has;
}

static const struct pod *pod_of(const struct scenario *s, uint32_t i)
{
    return s->objects.items[i]->kind == KIND_POD ? (const struct pod *)s->objects.items[i] : NULL;
}

static bool has_slow_http_liveness(const struct scenario *s)
{
    for (uint32_t i = 0; i < s->objects.count; i++) {
        const struct pod *p = pod_of(s, i);
        for (uint32_t k = 0; p && k < p->spec.containers.count; k++) {
            const struct probe *probe = p->spec.containers.items[k].liveness_probe;
            if (probe && probe->http_get && probe->period_seconds >= 4 && probe->period_seconds != 10)
                return true;
        }
    }
    return false;
}

static bool has_delete_and_prestop(const struct scenario *s)
{
    bool deletes = false, pre_stop = false;
    for (uint32_t i = 0; i < s->actions.count; i++)
        deletes |= strncmp(s->actions.items[i].line, "delete", 6) == 0;
    for (uint32_t i = 0; i < s->objects.count; i++) {
        const struct pod *p = pod_of(s, i);
        for (uint32_t k = 0; p && k < p->spec.containers.count; k++) {
            const struct lifecycle *l = p->spec.containers.items[k].lifecycle;
            pre_stop |= l && l->pre_stop;
        }
    }
    return deletes && pre_stop;
}

/* Of the run: "no container is ever restarted twice". */
static bool restarts_twice(const struct scenario *s)
{
    struct cluster *c = cluster_new(s, &(struct cluster_options){0});
    cluster_run(c);
    struct run_trace t = cluster_trace(c);
    bool found = false;
    for (uint32_t i = 1; i < trace_count(t.trace) && !found; i++) {
        const struct trace_record *r = trace_at(t.trace, i);
        found = r->kind == TRACE_CONTAINER_STARTED && ((const struct trace_container *)r->data)->attempt == 2;
    }
    cluster_free(c);
    return found;
}

static uint32_t count_of(const char *text, const char *part)
{
    uint32_t n = 0;
    for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
        n++;
    return n;
}

/* The first random scenario that fails, shrunk; `min_bytes`: not one that is small already. */
static void find_and_shrink(world_has *has, size_t min_bytes, struct strbuf *out)
{
    struct strbuf text = STRBUF_INIT;
    bool found = false;
    for (uint64_t seed = 1; seed < SEEDS_MAX && !found; seed++) {
        strbuf_reset(&text);
        gen_scenario(seed, &text);
        found = text.len >= min_bytes && fails(&has, strbuf_str(&text), text.len);
    }
    if (CHECK(found))
        shrink(strbuf_str(&text), text.len, fails, &has, BUDGET, out);
    CHECK(fails(&has, strbuf_str(out), out->len));
    strbuf_fini(&text);
}

static void a_pod_with_one_probe_is_left(void)
{
    struct strbuf out = STRBUF_INIT;
    find_and_shrink(has_slow_http_liveness, 2500, &out);
    const char *text = strbuf_str(&out);
    CHECK_UINT(count_of(text, "kind: Pod"), 1);
    CHECK_UINT(count_of(text, "kind: "), 1);
    CHECK_UINT(count_of(text, "image: "), 1);
    CHECK_CONTAINS(text, "    livenessProbe:\n      httpGet:\n        port: ");
    CHECK_CONTAINS(text, "      periodSeconds: 4\n");
    CHECK_UINT(count_of(text, "\n"), 12);
    strbuf_fini(&out);
}

static void two_documents_are_left_when_both_are_needed(void)
{
    struct strbuf out = STRBUF_INIT;
    find_and_shrink(has_delete_and_prestop, 2500, &out);
    const char *text = strbuf_str(&out);
    CHECK_UINT(count_of(text, "kind: "), 2);
    CHECK_UINT(count_of(text, "kind: Pod"), 1);
    CHECK_UINT(count_of(text, "- at: "), 1);
    CHECK_CONTAINS(text, "  - at: 0s\n    kubectl: delete pod p");
    CHECK_CONTAINS(text, "      preStop:\n");
    CHECK(!strstr(text, "postStart") && !strstr(text, "Probe") && !strstr(text, "nodes:"));
    strbuf_fini(&out);
}

static void a_fault_of_the_run_is_shrunk_as_well(void)
{
    struct strbuf out = STRBUF_INIT;
    find_and_shrink(restarts_twice, 2500, &out);
    const char *text = strbuf_str(&out);
    CHECK_UINT(count_of(text, "kind: Pod"), 1); /* maybe in a manifest that an action applies */
    CHECK_UINT(count_of(text, "image: "), 1);
    CHECK(!strstr(text, "Probe") && !strstr(text, "lifecycle") && !strstr(text, "Service"));
    strbuf_fini(&out);
}

static void what_stands_in_a_manifest_of_the_scenario_is_shrunk_too(void)
{
    static const char text[] = "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n"
                               "  actions:\n  - {at: 7.5s, kubectl: apply -f web.yaml}\n"
                               "  manifests:\n    web.yaml: |\n      apiVersion: v1\n      kind: Pod\n"
                               "      metadata: {name: web, labels: {app: web}}\n      spec:\n"
                               "        restartPolicy: Always\n        containers:\n"
                               "        - {name: a, image: busybox, command: [sh, -c, 'sleep 3; exit 1']}\n"
                               "        - {name: b, image: nginx}\n";
    struct strbuf out = STRBUF_INIT;
    world_has *has = restarts_twice;
    shrink(text, strlen(text), fails, &has, BUDGET, &out);
    CHECK_STR(strbuf_str(&out), "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n"
                                "  actions:\n  - at: 0s\n    kubectl: apply -f web.yaml\n"
                                "  manifests:\n    web.yaml: |\n      apiVersion: v1\n      kind: Pod\n"
                                "      metadata:\n        name: web\n      spec:\n"
                                "        containers:\n        - image: busybox\n          name: a\n");
    strbuf_fini(&out);
}

static void what_does_not_fail_stays_as_it_is(void)
{
    static const char text[] = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n"
                               "  containers:\n  - image: nginx\n    name: a\n";
    struct strbuf out = STRBUF_INIT;
    world_has *has = has_slow_http_liveness;
    CHECK_UINT(shrink(text, strlen(text), fails, &has, BUDGET, &out), 1);
    CHECK_STR(strbuf_str(&out), text);
    strbuf_fini(&out);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_pod_with_one_probe_is_left),
        TAP_TEST(two_documents_are_left_when_both_are_needed),
        TAP_TEST(a_fault_of_the_run_is_shrunk_as_well),
        TAP_TEST(what_stands_in_a_manifest_of_the_scenario_is_shrunk_too),
        TAP_TEST(what_does_not_fail_stays_as_it_is),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
