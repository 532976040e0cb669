/* fault.c - fault lines: parsed from one table, carried out by the component they befall.
 *
 * Left out on purpose: faults of the network between nodes, of the scheduler and of controllers.
 */
#include "model/fault.h"

#include <string.h>

#include "model/api_types.h"
#include "model/kubectl_private.h"
#include "model/kubelet_faults.h"

const struct fault_info fault_infos[FAULT_KIND_COUNT] = {
#define X(id, object, verb, operand, flags, doc) [FAULT_##id] = {object, verb, operand, flags, doc},
    FAULTS(X)
#undef X
};

/* ---- flags ---- */

const struct fault_flag_info fault_flags[FAULT_FLAG_COUNT] = {
    [FAULT_FLAG_NAMESPACE] = {"namespace", 'n', "-n", "NAMESPACE"},
    [FAULT_FLAG_CONTAINER] = {"container", 'c', "-c", "CONTAINER"},
    [FAULT_FLAG_SIGNAL] = {"signal", 0, "--signal", "SIGNAL"},
    [FAULT_FLAG_FOR] = {"for", 0, "--for", "DURATION"},
    [FAULT_FLAG_ERROR] = {"error", 0, "--error", "TEXT"},
    [FAULT_FLAG_USE] = {"use", 0, "--use", "BYTES"},
    [FAULT_FLAG_CODE] = {"code", 0, "--code", "N"},
    [FAULT_FLAG_TOKEN_AGE] = {"token-age", 0, "--token-age", "DURATION"},
    [FAULT_FLAG_MEMORY] = {"memory", 0, "--memory", "AMOUNT"},
    [FAULT_FLAG_DISK] = {"disk", 0, "--disk", "AMOUNT"},
    [FAULT_FLAG_INODES] = {"inodes", 0, "--inodes", "AMOUNT"},
    [FAULT_FLAG_PIDS] = {"pids", 0, "--pids", "AMOUNT"},
    [FAULT_FLAG_FILE] = {"filename", 'f', "-f", "FILE"},
};

struct line {
    struct arena *arena;
    struct diag_set *diags;
    const struct value *source;
    const struct scenario *scenario;
    word_list words;
    const struct fault_info *info;
    struct fault *fault;
    const struct word *operand, *file;
    scenario_read_file *read_file;
    void *ctx;
    int result;
};

static struct src_pos at(const struct line *l, const struct word *w)
{
    struct src_pos pos = value_pos_at(l->source, l->diags, w->offset);
    pos.length = (uint32_t)w->length;
    return pos;
}

#define WRONG(l, w, help, ...) ((l)->result = diag_report((l)->diags, CODE_COMMAND, at((l), (w)), (help), __VA_ARGS__))

static const char *suggestion(struct line *l, const char *word, const char *const *names, size_t count)
{
    const char *close = diag_closest(word, names, count);
    return close ? arena_printf(l->arena, "did you mean \"%s\"?", close) : NULL;
}

/* FAULT_FLAG_COUNT: this fault has no such flag. */
static enum fault_flag find_flag(const struct line *l, const char *text, size_t len)
{
    for (int i = 0; i < FAULT_FLAG_COUNT; i++) {
        const struct fault_flag_info *f = &fault_flags[i];
        bool named = text[1] == '-' ? strlen(f->name) == len - 2 && memcmp(f->name, text + 2, len - 2) == 0
                                    : f->letter && len == 2 && text[1] == f->letter;
        if (named && (l->info->flags & 1u << i))
            return (enum fault_flag)i;
    }
    return FAULT_FLAG_COUNT;
}

static void unknown_flag(struct line *l, const struct word *w, size_t len)
{
    const char *names[FAULT_FLAG_COUNT];
    size_t count = 0;
    for (int i = 0; i < FAULT_FLAG_COUNT; i++)
        if (l->info->flags & 1u << i)
            names[count++] = arena_printf(l->arena, "--%s", fault_flags[i].name);
    const char *name = arena_strndup(l->arena, w->text, len);
    WRONG(l, w, suggestion(l, name, names, count), "unknown flag: %s", name);
}

static bool code_parse(const char *text, int64_t *ret)
{
    int64_t n = 0;
    const char *c = text;
    for (; *c >= '0' && *c <= '9' && n <= 255; c++)
        n = n * 10 + (*c - '0');
    *ret = n;
    return c > text && *c == '\0' && n <= 255;
}

static void set_flag(struct line *l, enum fault_flag f, const struct word *w, const char *value)
{
    switch (f) {
    case FAULT_FLAG_NAMESPACE:
        l->fault->namespace_ = value;
        break;
    case FAULT_FLAG_CONTAINER:
        l->fault->container = value;
        break;
    case FAULT_FLAG_SIGNAL:
        l->fault->signal = cri_signal_number(value);
        if (l->fault->signal < 0)
            WRONG(l, w, NULL, "unknown signal \"%s\": want a name such as KILL or TERM, or a number", value);
        break;
    case FAULT_FLAG_FOR:
        if (sim_parse_duration(value, &l->fault->duration) != 0 || l->fault->duration < 0)
            WRONG(l, w, NULL, "want a duration such as 5s or 1m30s, got \"%s\"", value);
        break;
    case FAULT_FLAG_TOKEN_AGE:
        if (sim_parse_duration(value, &l->fault->token_age) != 0 || l->fault->token_age < 0)
            WRONG(l, w, NULL, "want a duration such as 25h, got \"%s\"", value);
        break;
    case FAULT_FLAG_CODE:
        if (!code_parse(value, &l->fault->code))
            WRONG(l, w, NULL, "want an exit code from 0 to 255, got \"%s\"", value);
        break;
    case FAULT_FLAG_ERROR:
        l->fault->error = value;
        break;
    case FAULT_FLAG_USE:
        if (quantity_parse(l->arena, value, &l->fault->use) || quantity_sign(&l->fault->use) < 0)
            WRONG(l, w, NULL, "want an amount of memory such as 300Mi, got \"%s\"", value);
        break;
    case FAULT_FLAG_MEMORY:
    case FAULT_FLAG_DISK:
    case FAULT_FLAG_INODES:
    case FAULT_FLAG_PIDS:
        if (eviction_amount_parse(l->arena, value, &l->fault->available[f - FAULT_FLAG_MEMORY]) < 0)
            WRONG(l, w, NULL, "want an amount such as 50Mi or 5%%, got \"%s\"", value);
        break;
    case FAULT_FLAG_FILE:
        l->fault->file = value;
        l->file = w;
        break;
    case FAULT_FLAG_COUNT:
        break;
    }
}

/* --name=value, --name value, -n value. */
static void take_flag(struct line *l, uint32_t *i)
{
    const struct word *w = &l->words.items[*i];
    const char *equals = strchr(w->text, '=');
    size_t len = equals ? (size_t)(equals - w->text) : strlen(w->text);
    enum fault_flag f = find_flag(l, w->text, len);
    if (f == FAULT_FLAG_COUNT)
        unknown_flag(l, w, len);
    else if (equals)
        set_flag(l, f, w, equals + 1);
    else if (*i + 1 < l->words.count)
        set_flag(l, f, &l->words.items[*i + 1], l->words.items[*i + 1].text);
    else
        WRONG(l, w, NULL, "flag needs a value: %s", w->text);
    *i += !equals;
}

/* ---- the line ---- */

/* Other words for a fault, that no closeness of letters leads to. */
static const struct {
    const char *said, *meant;
} other_words[] = {
    {"node crash", "node power-off"},
    {"node up", "node boot"},
    {"node join", "node add"},
    {"node delete", "node remove"},
    {"network partition", "node partition"},
    {"api down", "apiserver down"},
    {"api-server down", "apiserver down"},
    {"api-server up", "apiserver up"},
    {"kubelet down", "kubelet stop"},
    {"kubelet up", "kubelet start"},
    {"pod kill", "container kill"},
    {"container crash", "container exit"},
    {"disk full", "node pressure"},
    {"runtime down", "runtime hang"},
};

static const char *meant(struct line *l, const char *given, const char *const *names, size_t count)
{
    for (size_t i = 0; i < ARRAY_LEN(other_words); i++)
        if (strcmp(given, other_words[i].said) == 0)
            return arena_printf(l->arena, "did you mean \"%s\"?", other_words[i].meant);
    return suggestion(l, given, names, count);
}

/* Words 0 and 1. */
static void parse_kind(struct line *l)
{
    const char *names[FAULT_KIND_COUNT];
    const struct word *first = &l->words.items[0];
    for (int i = 0; i < FAULT_KIND_COUNT; i++) {
        const struct fault_info *x = &fault_infos[i];
        names[i] = arena_printf(l->arena, "%s %s", x->object, x->verb);
        if (l->words.count > 1 && strcmp(first->text, x->object) == 0 && strcmp(l->words.items[1].text, x->verb) == 0) {
            l->info = x;
            l->fault->kind = (enum fault_kind)i;
            return;
        }
    }
    const char *given =
        l->words.count > 1 ? arena_printf(l->arena, "%s %s", first->text, l->words.items[1].text) : first->text;
    WRONG(l, first, meant(l, given, names, ARRAY_LEN(names)), "unknown fault \"%s\": `podsim help faults` lists them",
          given);
}

static const struct node *scenario_node_named(const struct scenario *s, const char *name)
{
    for (uint32_t i = 0; i < s->joining.count; i++) {
        const struct node *n = *(const struct node **)pool_at(&s->joining, i);
        if (strcmp(n->object.meta.name, name) == 0)
            return n;
    }
    for (uint32_t i = 0; i < s->nodes.count; i++)
        if (strcmp(s->nodes.items[i]->object.meta.name, name) == 0)
            return s->nodes.items[i];
    return NULL;
}

static void check_node(struct line *l)
{
    const struct scenario *s = l->scenario;
    const char *names[64];
    size_t count = 0;
    if (!l->operand && s->nodes.count == 1) {
        l->fault->name = s->nodes.items[0]->object.meta.name;
    } else if (!l->operand) {
        WRONG(l, &l->words.items[1], NULL, "want the name of a node after \"%s %s\"", l->info->object, l->info->verb);
    } else if (!scenario_node_named(s, l->operand->text)) {
        for (uint32_t i = 0; i < s->nodes.count && count < ARRAY_LEN(names); i++)
            names[count++] = s->nodes.items[i]->object.meta.name;
        WRONG(l, l->operand, suggestion(l, l->operand->text, names, count), "there is no node \"%s\" in this scenario",
              l->operand->text);
    }
}

static void check_new_node(struct line *l)
{
    if (!l->operand) {
        WRONG(l, &l->words.items[1], NULL, "want the name of the new node after \"%s %s\"", l->info->object,
              l->info->verb);
        return;
    }
    const char *wrong = wrong_dns1123_subdomain(l->arena, l->operand->text);
    if (wrong)
        WRONG(l, l->operand, NULL, "Invalid value: \"%s\": %s", l->operand->text, wrong);
    else if (scenario_node_named(l->scenario, l->operand->text))
        WRONG(l, l->operand, NULL, "there is a node \"%s\" in this scenario already", l->operand->text);
}

static void check_operand(struct line *l)
{
    l->fault->name = l->operand ? l->operand->text : NULL;
    if (l->info->operand == FAULT_OF_NEW_NODE) {
        check_new_node(l);
        return;
    }
    if (l->info->operand == FAULT_OF_NODE)
        check_node(l);
    else if (l->info->operand == FAULT_OF_POD && !l->operand)
        WRONG(l, &l->words.items[1], NULL, "want the name of a pod after \"%s %s\"", l->info->object, l->info->verb);
    else if (l->info->operand == FAULT_OF_IMAGE && !l->operand)
        WRONG(l, &l->words.items[1], NULL, "want the name of an image after \"%s %s\"", l->info->object, l->info->verb);
    else if (l->info->operand == FAULT_OF_CLUSTER && l->operand)
        WRONG(l, l->operand, NULL, "\"%s %s\" takes no name", l->info->object, l->info->verb);
}

static void check_file(struct line *l)
{
    if (!l->fault->file) {
        WRONG(l, &l->words.items[1], NULL, "want -f FILE after \"%s %s\"", l->info->object, l->info->verb);
        return;
    }
    if (l->fault->kind != FAULT_STATIC_POD_WRITE)
        return;
    struct static_manifest *m = arena_new(l->arena, struct static_manifest);
    const struct manifest_reader reader = {l->arena, l->diags, l->read_file, l->ctx};
    if (static_manifest_read(&reader, l->fault->file, at(l, l->file), m) < 0)
        l->result = -1;
    l->fault->manifest = m;
}

static void check_pressure(struct line *l)
{
    for (int i = 0; i < NODE_AMOUNT_COUNT; i++)
        if (l->fault->available[i].set)
            return;
    WRONG(l, &l->words.items[1], NULL, "want what is available, such as --memory 50Mi, after \"%s %s\"",
          l->info->object, l->info->verb);
}

static void parse_rest(struct line *l)
{
    for (uint32_t i = 2; i < l->words.count; i++) {
        const struct word *w = &l->words.items[i];
        if (w->text[0] == '-' && w->text[1])
            take_flag(l, &i);
        else if (l->operand)
            WRONG(l, w, NULL, "one name only: there is \"%s\" already", l->operand->text);
        else
            l->operand = w;
    }
    check_operand(l);
    if (l->info->flags & FAULT_USE && !l->fault->use.set && l->result == 0)
        WRONG(l, &l->words.items[1], NULL, "want --use and an amount of memory after \"%s %s\"", l->info->object,
              l->info->verb);
    if (l->info->flags & FAULT_FILE)
        check_file(l);
    if (l->info->flags & FAULT_PRESSURES && l->result == 0)
        check_pressure(l);
}

int fault_parse(struct arena *a, struct diag_set *d, const struct value *line, const struct scenario *s,
                scenario_read_file *read_file, void *ctx, struct fault **ret_fault)
{
    const char *error;
    size_t offset = 0;
    struct line l = {.arena = a,
                     .diags = d,
                     .source = line,
                     .scenario = s,
                     .fault = arena_new(a, struct fault),
                     .read_file = read_file,
                     .ctx = ctx};
    *l.fault =
        (struct fault){.namespace_ = "default", .signal = cri_signal_number("KILL"), .duration = SIM_SECOND, .code = 1};
    if (kubectl_split(a, line->text, &l.words, &error, &offset) < 0)
        return diag_report(d, CODE_COMMAND, value_pos_at(line, d, offset), NULL, "%s", error);
    if (l.words.count == 0)
        return diag_report(d, CODE_COMMAND, line->at, NULL, "want a fault such as \"container kill web\"");
    parse_kind(&l);
    if (l.result == 0)
        parse_rest(&l);
    *ret_fault = l.fault;
    return l.result;
}

/* ---- what happens ---- */

static const struct pod *find_pod(struct cluster *c, const struct fault *f, struct strbuf *out)
{
    const struct api_object *o = store_get(cluster_store(c), KIND_POD, f->namespace_, f->name);
    if (!o)
        strbuf_printf(out, "Error: pod \"%s\" not found in namespace \"%s\"\n", f->name, f->namespace_);
    return (const struct pod *)o;
}

/* The running instance of the container that `f` names, 0 and a sentence if there is none. */
static uint32_t find_running(struct cluster *c, const struct fault *f, struct strbuf *out)
{
    const struct pod *p = find_pod(c, f, out);
    if (!p)
        return 0;
    const char *name = f->container ? f->container : p->spec.containers.items[0].name;
    uint32_t id = cluster_find_container(c, p->object.ordinal, name);
    if (id && cri_container(cluster_cri(c), id)->state == CRI_RUNNING)
        return id;
    strbuf_printf(out, "Error: container \"%s\" of pod \"%s\" is not running\n", name, f->name);
    return 0;
}

static int remove_container(struct cluster *c, const struct fault *f, struct strbuf *out)
{
    const struct pod *p = find_pod(c, f, out);
    if (!p)
        return 1;
    const char *name = f->container ? f->container : p->spec.containers.items[0].name;
    if (container_remove_dead(cluster_kubelets(c), p->object.ordinal, name))
        return 0;
    strbuf_printf(out, "Error: container \"%s\" of pod \"%s\" has no dead instance\n", name, f->name);
    return 1;
}

static int befall_container(struct cluster *c, const struct fault *f, struct strbuf *out)
{
    uint32_t id = find_running(c, f, out);
    if (!id)
        return 1;
    if (f->kind == FAULT_CONTAINER_EXIT)
        cri_exit(cluster_cri(c), id, (int)f->code);
    else if (f->kind == FAULT_CONTAINER_OOM)
        cri_oom_kill(cluster_cri(c), id);
    else if (f->kind == FAULT_CONTAINER_MEMORY)
        cri_set_memory(cluster_cri(c), id, quantity_value(&f->use));
    else
        cri_signal(cluster_cri(c), id, f->signal);
    return 0;
}

static int befall_sandbox(struct cluster *c, const struct fault *f, struct strbuf *out)
{
    const struct pod *p = find_pod(c, f, out);
    if (!p)
        return 1;
    uint32_t id = cluster_find_sandbox(c, p->object.ordinal);
    if (!id || !cri_sandbox(cluster_cri(c), id)->ready) {
        strbuf_printf(out, "Error: pod \"%s\" has no sandbox that is up\n", f->name);
        return 1;
    }
    if (f->kind == FAULT_SANDBOX_KILL)
        cri_stop_sandbox(cluster_cri(c), id);
    else
        cri_kill_pause(cluster_cri(c), id);
    return 0;
}

/* Of a node's kubelet, of its machine, of its runtime. */
static int befall_node(struct kubelets *ks, const struct fault *f, struct strbuf *out)
{
    switch (f->kind) {
    case FAULT_KUBELET_STOP:
        return kubelet_stop(ks, f->name, out);
    case FAULT_KUBELET_START:
        return kubelet_start(ks, f->name, out);
    case FAULT_KUBELET_RESTART:
        return kubelet_restart(ks, f->name, f->duration, out);
    case FAULT_STATIC_POD_WRITE:
        return static_pod_write(ks, f->name, f->manifest, out);
    case FAULT_STATIC_POD_REMOVE:
        return static_pod_remove(ks, f->name, f->file, out);
    case FAULT_NODE_SHUTDOWN:
        return node_shutdown(ks, f->name, out);
    case FAULT_NODE_CANCEL_SHUTDOWN:
        return node_cancel_shutdown(ks, f->name, out);
    case FAULT_NODE_POWER_OFF:
    case FAULT_NODE_DOWN:
        return node_power_loss(ks, f->name, out);
    case FAULT_NODE_BOOT:
        return node_boot(ks, f->name, out);
    case FAULT_NODE_RECOVER:
        return node_recover(ks, f->name, out);
    case FAULT_NODE_PRESSURE:
        return node_pressure(ks, f->name, f->available);
    case FAULT_NODE_RELIEVE:
        return node_relieve(ks, f->name);
    case FAULT_SANDBOX_FAIL:
        return sandbox_fail(ks, f->name, f->error);
    case FAULT_SANDBOX_RECOVER:
        return sandbox_recover(ks, f->name);
    case FAULT_CONTAINERS_FAIL:
        return containers_fail(ks, f->name, f->error);
    case FAULT_CONTAINERS_RECOVER:
        return containers_recover(ks, f->name);
    case FAULT_NETWORK_DOWN:
    case FAULT_NETWORK_UP:
        return network_set(ks, f->name, f->kind == FAULT_NETWORK_UP);
    case FAULT_NODE_PARTITION:
        return node_partition(ks, f->name, out);
    case FAULT_NODE_HEAL:
        return node_heal(ks, f->name, out);
    case FAULT_NODE_REMOVE:
        return node_leave(ks, f->name, out);
    case FAULT_DISK_FAIL: /* semantics/nodes.md 7: a disk that is read-only or hangs is a runtime that does */
    case FAULT_RUNTIME_HANG:
        return runtime_hang(ks, f->name, out);
    case FAULT_DISK_RECOVER:
    case FAULT_RUNTIME_RESUME:
        return runtime_resume(ks, f->name, out);
    default:
        return 1;
    }
}

int fault_execute(struct cluster *c, const struct fault *f, struct strbuf *out)
{
    switch (f->kind) {
    case FAULT_SANDBOX_KILL:
    case FAULT_PAUSE_KILL:
        return befall_sandbox(c, f, out);
    case FAULT_CONTAINER_REMOVE:
        return remove_container(c, f, out);
    case FAULT_CONTAINER_KILL:
    case FAULT_CONTAINER_OOM:
    case FAULT_CONTAINER_EXIT:
    case FAULT_CONTAINER_MEMORY:
        return befall_container(c, f, out);
    case FAULT_REGISTRY_DOWN:
        registry_down(cluster_kubelets(c), f->error);
        return 0;
    case FAULT_REGISTRY_UP:
        registry_up(cluster_kubelets(c));
        return 0;
    case FAULT_REGISTRY_PUSH:
    case FAULT_REGISTRY_REMOVE:
        registry_set_image(cluster_kubelets(c), f->name, f->kind == FAULT_REGISTRY_REMOVE);
        return 0;
    case FAULT_APISERVER_DOWN:
    case FAULT_APISERVER_UP:
        api_server_set(cluster_kubelets(c), f->kind == FAULT_APISERVER_UP);
        return 0;
    case FAULT_NODE_ADD:
        return node_join(cluster_kubelets(c), f->joins, f->token_age, out);
    default:
        if (node_exists(cluster_kubelets(c), f->name))
            return befall_node(cluster_kubelets(c), f, out);
        strbuf_printf(out, "Error: node \"%s\" not found\n", f->name);
        return 1;
    }
}
