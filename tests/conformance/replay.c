/* replay.c - a recorded scenario as a Scenario document, and its run. */
#include "tests/conformance/replay.h"

#include <stdlib.h>
#include <string.h>

#include "model/cluster.h"

#define REFUSED_FOR (15 * SIM_SECOND) /* of a runtime that refuses sandboxes: README.md */

/* The images of the recordings (README.md). */
static const char images[] = "  images:\n"
                             "  - {name: 'busybox:1.36', present: true}\n"
                             "  - {name: 'busybox:1.36.1', pull: 150ms}\n"
                             "  - {name: always-me, like: busybox, pull: 150ms}\n"
                             "  - name: 'memhog:1'\n"
                             "    present: true\n"
                             "    userland: busybox\n"
                             "    cmd: [sleep, '3600']\n"
                             "    memory: [{at: 4999ms, use: 0}, {at: 5s, use: 2Gi}]\n"
                             "  - {name: pull-slow-a, like: busybox, pull: 1500ms}\n"
                             "  - {name: pull-8s-c, like: busybox, pull: 8s}\n"
                             "  - {name: does-not-exist, missing: true, pull: 300ms}\n"
                             "  - {name: 'absent:v1', like: busybox}\n";

sim_time replay_start(const struct recording *r) { return r->fraction; }

static bool named_before(const struct recording *r, uint32_t at)
{
    for (uint32_t i = 0; i < at; i++)
        if (strcmp(r->lines.items[i].what, "spec.nodeName") == 0 &&
            strcmp(r->lines.items[i].to, r->lines.items[at].to) == 0)
            return true;
    return false;
}

static bool unschedulable(const struct recording *r)
{
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (strstr(r->lines.items[i].what, "FailedScheduling"))
            return true;
    return false;
}

static void put_node(struct strbuf *b, const char *name)
{
    int number = name[4] - '0';
    strbuf_printf(b, "  - name: %s\n", name);
    if (number <= 2)
        strbuf_printf(b, "    labels: {disk: %s}\n", number == 1 ? "ssd" : "hdd");
    else
        strbuf_printf(b, "    taints: [{key: dedicated, value: %s, effect: NoSchedule}]\n", name);
}

/* The nodes that the pods went to: which of two equal ones it was depended on the other scenarios that ran. */
static void put_nodes(struct strbuf *b, const struct recording *r)
{
    strbuf_puts(b, "  nodes:\n");
    if (unschedulable(r) || strstr(r->manifest, "nodeName: nonode")) {
        put_node(b, "node1");
        put_node(b, "node2");
        return;
    }
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (strcmp(r->lines.items[i].what, "spec.nodeName") == 0 && !named_before(r, i))
            put_node(b, r->lines.items[i].to);
}

/* When the API took it: the first change of what users change, while the command ran. */
static sim_time took_effect(const struct recording *r, const struct recorded_action *action)
{
    static const char *const theirs[] = {"metadata.", "spec.scheduling", "spec.replicas", "spec.template",
                                         "status.conditions.example"};
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        bool during = l->t >= action->at && l->t <= action->done + 30 * SIM_MS;
        for (size_t k = 0; during && k < ARRAY_LEN(theirs); k++)
            if (strncmp(l->what, theirs[k], strlen(theirs[k])) == 0 || (*l->what == '\0' && l->to))
                return l->t - 1 * SIM_MS;
    }
    return (action->at + action->done) / 2;
}

/* The words after -p of a patch go through a shell. */
static const char *quoted(struct arena *a, const char *line)
{
    const char *json = strpbrk(line, "{[");
    return json ? arena_printf(a, "%.*s'%s'", (int)(json - line), line, json) : line;
}

/* ---- the manifest: its objects were created one after the other ---- */

static const char separator[] = "\n---\n";

/* What the recorded runtime did by itself. It killed a memhog, which podsim's kernel does at a limit; its server took
 * `--delay 10s`, which is start-up time of the image here. */
static const struct {
    const char *from, *to;
} adapted[] = {
    {"    image: memhog:1\n", "    image: memhog:1\n    resources: {limits: {memory: 1Gi}}\n"},
    {"    args:\n    - --delay\n    - 10s\n", ""},
};

static const char *adapt(struct arena *a, const char *text)
{
    for (size_t i = 0; i < ARRAY_LEN(adapted); i++) {
        const char *at = strstr(text, adapted[i].from);
        if (at)
            text = arena_printf(a, "%.*s%s%s", (int)(at - text), text, adapted[i].to, at + strlen(adapted[i].from));
    }
    return text;
}

/* Document `index` of the manifest; NULL when there are no more. */
static const char *document(struct arena *a, const struct recording *r, uint32_t index)
{
    const char *from = r->manifest, *end;
    while ((end = strstr(from, separator)) != NULL && index > 0) {
        from = end + strlen(separator);
        index--;
    }
    if (index > 0)
        return NULL;
    return adapt(a, end ? arena_strndup(a, from, (size_t)(end - from) + 1) : from);
}

static const char *word_after(struct arena *a, const char *text, const char *key)
{
    const char *at = strstr(text, key);
    ASSERT(at);
    at += strlen(key);
    return arena_strndup(a, at, strcspn(at, "\n"));
}

/* When a document's object was seen created; what is not recorded: with what went before. */
static sim_time created_at(struct arena *a, const struct recording *r, const char *text, sim_time before)
{
    char *object = arena_printf(a, "%s/%s", word_after(a, text, "kind: "), word_after(a, text, "\n  name: "));
    for (char *s = object; *s != '/'; s++)
        *s = (char)(*s | 0x20);
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (!*r->lines.items[i].what && strcmp(r->lines.items[i].object, object) == 0)
            return r->lines.items[i].t;
    return before;
}

/* What was done to a node or behind its back, as a fault; %s: the name space. */
static const struct {
    const char *host, *fault;
} faults[] = {
    {"main process killed", "container kill p -n %s"},
    {"the pod's sandbox stopped", "sandbox kill p -n %s"},
    {"manifest file placed", "static-pod write node1 -f 0/web.yaml"},
    {"manifest file replaced (image nginx:1.28)", "static-pod write node1 -f 1/web.yaml"},
    {"manifest file removed", "static-pod remove node1 -f web.yaml"},
    {"the node's container runtime is frozen", "runtime hang"},
    {"the runtime continues", "runtime resume"},
    {"kubelet process of node3 killed", "kubelet stop node3"},
    {"kubelet process of node3 started", "kubelet start node3"},
};

static void put_action(struct strbuf *b, const struct recording *r, sim_time t, const char *verb, const char *command)
{
    strbuf_puts(b, "  - at: ");
    strbuf_seconds(b, t + replay_start(r) > 0 ? t + replay_start(r) : 0, 3);
    strbuf_printf(b, "s\n    %s: ", verb);
    strbuf_json(b, command);
    strbuf_putc(b, '\n');
}

static const char *in_name_space(struct arena *a, const char *fault, const char *name)
{
    const char *at = strstr(fault, "%s");
    return at ? arena_printf(a, "%.*s%s", (int)(at - fault), fault, name) : fault;
}

/* When it was done: at the first exit, or else the first call, that the runtime saw meanwhile, if there is one. */
static sim_time done_at(const struct recording *r, const struct recorded_action *action)
{
    sim_time first = SIM_NEVER;
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (c->t < action->at || c->t > action->done)
            continue;
        if (strcmp(c->call, "exit") == 0)
            return c->t;
        first = first == SIM_NEVER ? c->t : first;
    }
    return first == SIM_NEVER ? action->at : first;
}

/* A runtime that refused sandboxes was set up to, before the pods and for 15 s from its first refusal (README.md): no
 * action tells. */
static void put_refusal(struct arena *a, struct strbuf *b, const struct recording *r)
{
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (strcmp(c->call, "RunPodSandbox") != 0 || !c->error)
            continue;
        put_action(b, r, 0, "fault", arena_printf(a, "sandbox fail --error '%s'", c->error));
        put_action(b, r, c->t + REFUSED_FOR, "fault", "sandbox recover");
        return;
    }
}

/* kubectl goes through the pods of a selector one by one: a line for each, when it was seen. */
static bool put_selected(struct arena *a, struct strbuf *b, const struct recording *r,
                         const struct recorded_action *action)
{
    const char *chosen = strstr(action->kubectl, " -l ");
    const char *rest = chosen ? chosen + 4 + strcspn(chosen + 4, " ") : NULL;
    if (!chosen)
        return false;
    if (strncmp(rest, " --field-selector=", 18) == 0)
        rest += 1 + strcspn(rest + 1, " ");
    for (uint32_t i = 0; i < r->lines.count; i++) {
        const struct line *l = &r->lines.items[i];
        bool labels = strncmp(action->kubectl, "label", 5) == 0;
        bool theirs = strcmp(l->what, labels ? "metadata.labels" : "metadata.deletionGracePeriodSeconds") == 0;
        if (theirs && !created_then(r, l) && l->t >= action->at && l->t <= action->done + 30 * SIM_MS)
            put_action(b, r, l->t - SIM_MS, "kubectl",
                       arena_printf(a, "%.*s %s%s -n %s", (int)(chosen - action->kubectl), action->kubectl,
                                    strchr(l->object, '/') + 1, rest, r->name));
    }
    return true;
}

/* `kubectl run NAME --image=I --overrides={"spec":...}` creates the file "run/<action>", which written_out() has. */
static const char *const run_flags = " --overrides=";

static const char *written_out(struct arena *a, const struct recording *r, uint32_t action)
{
    const char *line = r->actions.items[action].kubectl, *name = line + strlen("run ");
    int length = (int)strcspn(name, " ");
    return arena_printf(a,
                        "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"%.*s\", "
                        "\"labels\": {\"run\": \"%.*s\"}}, %s",
                        length, name, length, name, strstr(line, run_flags) + strlen(run_flags) + 1);
}

static const char *command_of(struct arena *a, const struct recording *r, uint32_t action)
{
    const char *line = r->actions.items[action].kubectl;
    return strstr(line, run_flags) ? arena_printf(a, "create -f run/%" PRIu32, action) : quoted(a, line);
}

static void put_actions(struct arena *a, struct strbuf *b, const struct recording *r)
{
    const char *text;
    sim_time t = 0;
    strbuf_puts(b, "  actions:\n");
    put_refusal(a, b, r);
    bool in_a_file = r->actions.count && r->actions.items[0].host && strstr(r->actions.items[0].host, "placed");
    for (uint32_t i = 0; !in_a_file && (text = document(a, r, i)) != NULL; i++) {
        t = created_at(a, r, text, t);
        put_action(b, r, t, "kubectl", arena_printf(a, "create -f %" PRIu32 " -n %s", i, r->name));
    }
    for (uint32_t i = 0; i < r->actions.count; i++) {
        const struct recorded_action *action = &r->actions.items[i];
        if (action->kubectl && !put_selected(a, b, r, action))
            put_action(b, r, took_effect(r, action), "kubectl",
                       arena_printf(a, "%s -n %s", command_of(a, r, i), r->name));
        for (size_t k = 0; action->host && k < ARRAY_LEN(faults); k++)
            if (strncmp(action->host, faults[k].host, strlen(faults[k].host)) == 0)
                put_action(b, r, done_at(r, action), "fault", in_name_space(a, faults[k].fault, r->name));
    }
}

static void put_servers(struct strbuf *b, const struct recording *r, sim_time startup)
{
    const char *late = strstr(r->manifest, "--delay") ? "10s"
                       : startup                      ? "15ms"
                                                      : "0s",
               *usual = startup ? "15ms" : "0s";
    strbuf_printf(b, "  - {name: 'nginx:1.27', like: nginx, present: true, startup: %s}\n", late);
    strbuf_printf(b, "  - {name: 'nginx:1.28', like: nginx, present: true, startup: %s}\n", usual);
    strbuf_printf(b, "  - {name: 'agnhost:2.40', present: true, like: 'k8s.gcr.io/liveness', startup: %s}\n", usual);
}

const char *replay_scenario(struct arena *a, const struct recording *r, bool played_back, uint64_t seed)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b,
                  "apiVersion: podsim.dev/v1\nkind: Scenario\nmetadata: {name: %s}\nspec:\n"
                  "  kubernetesVersion: '1.%d'\n  duration: ",
                  r->name, r->minor);
    strbuf_seconds(&b, r->end + 60 * SIM_SECOND, 3);
    strbuf_puts(&b, "s\n");
    if (seed)
        strbuf_printf(&b, "  seed: %" PRIu64 "\n  timing: {profile: jittered, probeTriggerRace: seeded}\n", seed);
    put_nodes(&b, r);
    strbuf_puts(&b, images);
    put_servers(&b, r, played_back ? 0 : SERVER_START);
    put_actions(a, &b, r);
    const char *text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* Actions name a document of the manifest by its number, or "1/web.yaml" for the first with another image. */
static int read_manifest(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                         const char **ret_error)
{
    bool run = strncmp(path, "run/", 4) == 0, file = !run && strchr(path, '/') != NULL;
    const char *text = run ? written_out(a, ctx, (uint32_t)strtoul(path + 4, NULL, 10))
                           : document(a, ctx, file ? 0 : (uint32_t)strtoul(path, NULL, 10));
    char *image = file && *path == '1' ? strstr(text, "nginx:1.27") : NULL;
    if (image)
        text = arena_printf(a, "%.*snginx:1.28%s", (int)(image - text), text, image + strlen("nginx:1.27"));
    if (!text) {
        *ret_error = "no such document";
        return -1;
    }
    *ret_text = text;
    *ret_len = strlen(text);
    return 0;
}

int replay(struct arena *a, const struct recording *r, const struct playback *playback, uint64_t seed,
           struct lines *ret_lines, const char **ret_error)
{
    struct diag_set diags;
    struct scenario scenario;
    const char *text = replay_scenario(a, r, playback->hop[HOP_API_WRITE] != SIM_NEVER, seed);
    struct scenario_input input = {"scenario.yaml", text, strlen(text)};
    diag_init(&diags);
    void *ctx = (void *)(uintptr_t)r;
    int result = scenario_load(a, &diags, &input, 1, read_manifest, ctx, &scenario);
    if (result != 0) {
        struct diag *first = pool_at(&diags.diags, 0);
        *ret_error = arena_strdup(a, first->message);
    } else {
        struct cluster_options options = {.playback = playback, .diags = &diags};
        struct cluster *cluster = cluster_new(&scenario, &options);
        cluster_run(cluster);
        struct run_trace trace = cluster_trace(cluster);
        lines_of_run(a, &trace, r->name, ret_lines);
        for (uint32_t i = 0; i < ret_lines->count; i++) /* the run's memory goes with it */
            ret_lines->items[i].to = ret_lines->items[i].to ? arena_strdup(a, ret_lines->items[i].to) : NULL;
        cluster_free(cluster);
    }
    diag_fini(&diags);
    return result;
}
