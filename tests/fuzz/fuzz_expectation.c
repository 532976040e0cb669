/* fuzz_expectation.c - expectations as a document says them: whatever stands there is told to be wrong, or can be held
 * against a run, and what fails has a message. The input is the list of spec.expect. */
#include <stdlib.h>
#include <string.h>

#include "model/cluster.h"
#include "report/expect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char before[] = "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  duration: 1m\n  expect:\n";
static const char after[] =
    "\n---\n{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}\n"
    "---\n{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {containers: [{name: app, "
    "image: "
    "busybox, command: [sh, -c, 'echo hello; sleep 20; exit 1']}]}}\n";

static void hold(struct arena *a, struct diag_set *d, const struct scenario *s)
{
    struct cluster_options options = {.diags = d};
    struct cluster *c = cluster_new(s, &options);
    struct check_results r;
    cluster_run(c);
    struct run_trace run = cluster_trace(c);
    expect_check(&run, &s->expectations, a, &r);
    ASSERT(r.count == s->expectations.count);
    for (uint32_t i = 0; i < r.count; i++)
        ASSERT(r.items[i].name && (r.items[i].outcome == CHECK_PASSED || (r.items[i].message && r.items[i].details)));
    cluster_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct diag_set d;
    struct scenario s;
    if (size > 4000 || memchr(data, 0, size))
        return 0;
    char *text = calloc(1, sizeof before + sizeof after + size);
    if (!text)
        return 0;
    strcpy(text, before);
    strncat(text, (const char *)data, size);
    strcat(text, after);
    arena_init(&a, 0);
    diag_init(&d);
    struct scenario_input input = {"fuzz.yaml", text, strlen(text)};
    if (scenario_load(&a, &d, &input, 1, NULL, NULL, &s) == 0 && s.actions.count == 0 && s.objects.count <= 3 &&
        s.until <= 120 * SIM_SECOND)
        hold(&a, &d, &s);
    diag_fini(&d);
    arena_fini(&a);
    free(text);
    return 0;
}
