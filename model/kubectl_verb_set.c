/* kubectl_verb_set.c - parsing set, scale and rollout: changes of what stands in a workload. kubectl pkg/cmd/set,
 * scale, rollout (v1.34).
 */
#include <string.h>

#include "model/kubectl_parse.h"

/* ---- which kinds ---- */

/* The first target, or object of -f, of a kind that is not fit for it. KIND_NONE = all are. */
static enum api_kind unfit(struct parser *p, bool (*fit)(const struct kind_info *), struct src_pos *ret_at)
{
    for (uint32_t i = 0; i < p->cmd->targets.count; i++) {
        enum api_kind kind = p->cmd->targets.items[i].kind;
        if (fit(&kind_infos[kind]))
            continue;
        *ret_at = p->operands.count ? parser_at(p, &p->operands.items[0]) : p->pos;
        return kind;
    }
    for (uint32_t i = 0; i < p->objects.count; i++) {
        enum api_kind kind = (*(const struct api_object **)pool_at(&p->objects, i))->kind;
        if (fit(&kind_infos[kind]))
            continue;
        *ret_at = parser_at(p, p->given[FLAG_FILENAME].word);
        return kind;
    }
    return KIND_NONE;
}

static bool has_replicas(const struct kind_info *k) { return type_field(k->type, "spec.replicas") != NULL; }

static bool has_pods(const struct kind_info *k)
{
    return strcmp(k->kind, "Pod") == 0 || type_field(k->type, "spec.template");
}

/* Deployments have a strategy; StatefulSets and DaemonSets an update strategy. */
static bool rolls_out(const struct kind_info *k)
{
    return type_field(k->type, "spec.strategy") || type_field(k->type, "spec.updateStrategy");
}

static bool can_pause(const struct kind_info *k) { return type_field(k->type, "spec.paused") && rolls_out(k); }

static bool is_service(const struct kind_info *k) { return strcmp(k->kind, "Service") == 0; }

static void want_pods(struct parser *p)
{
    struct src_pos at;
    enum api_kind kind = unfit(p, has_pods, &at);
    if (kind != KIND_NONE)
        MISTAKE(p, at, "%s have no pod template: want pods or a workload", kind_infos[kind].resource);
}

/* ---- set ---- */

static void set_targets(struct parser *p, uint32_t *ret_end)
{
    *ret_end = parser_targets(p, 0, KIND_NONE, true);
    if (p->cmd->targets.count == 0 && !p->cmd->file)
        MISSING(p, "one or more resources must be specified as <resource> <name> or <resource>/<name>");
}

void parser_set_image(struct parser *p)
{
    uint32_t at;
    set_targets(p, &at);
    want_pods(p);
    parser_changes(p, at, "image");
    for (uint32_t i = 0; i < p->cmd->changes.count; i++) {
        if (!p->cmd->changes.items[i].value)
            MISTAKE(p, parser_at(p, &p->operands.items[at + i]), "invalid image spec: %s, want CONTAINER=IMAGE",
                    p->operands.items[at + i].text);
        else if (strcmp(p->cmd->changes.items[i].key, "*") == 0 && p->cmd->changes.count > 1)
            MISTAKE(p, parser_at(p, &p->operands.items[at + i]),
                    "all containers are already specified by *, but saw more than one container_name=container_image "
                    "pairs");
    }
}

/* KEY=VALUE and KEY- as operands, and with -e. */
void parser_set_env(struct parser *p)
{
    uint32_t at;
    struct kubectl_command *c = p->cmd;
    set_targets(p, &at);
    want_pods(p);
    c->container = parser_flag_text(p, FLAG_CONTAINERS);
    c->list = parser_flag_on(p, FLAG_LIST);
    c->overwrite = !p->given[FLAG_OVERWRITE].text || parser_flag_on(p, FLAG_OVERWRITE);
    struct word *all = arena_array(p->arena, struct word, p->operands.count + p->repeated.count + 1);
    uint32_t n = at;
    for (uint32_t i = 0; i < p->operands.count; i++)
        all[i] = p->operands.items[i];
    n = p->operands.count;
    for (uint32_t i = 0; i < p->repeated.count; i++) {
        const struct flag_value *f = pool_at(&p->repeated, i);
        if (f->flag == FLAG_ENV)
            all[n++] = (struct word){f->text, f->word->offset, f->word->length};
    }
    p->operands.items = all;
    p->operands.count = n;
    if (at == n && !c->list)
        MISSING(p, "at least one environment variable must be provided");
    if (at < n)
        parser_changes(p, at, "environment variable");
}

/* "cpu=100m,memory=1Gi" */
static str_map amounts(struct parser *p, enum flag_id f)
{
    const struct flag_value *given = &p->given[f];
    str_map map = {0};
    if (!given->text)
        return map;
    map.items = arena_array(p->arena, struct str_pair, strlen(given->text) + 1);
    for (const char *t = given->text; *t;) {
        size_t n = strcspn(t, ","), key = strcspn(t, "=");
        struct quantity q;
        const char *value = key < n ? arena_strndup(p->arena, t + key + 1, n - key - 1) : "";
        if (key >= n || key == 0)
            MISTAKE(p, parser_at(p, given->word), "invalid argument syntax %.*s, expected <resource>=<value>", (int)n,
                    t);
        else if (quantity_parse(p->arena, value, &q) != NULL)
            MISTAKE(p, parser_at(p, given->word),
                    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$', got "
                    "\"%s\"",
                    value);
        map.items[map.count++] = (struct str_pair){arena_strndup(p->arena, t, key < n ? key : n), value};
        t += n + (t[n] == ',');
    }
    return map;
}

void parser_set_resources(struct parser *p)
{
    uint32_t at;
    set_targets(p, &at);
    parser_no_more(p, at);
    want_pods(p);
    p->cmd->container = parser_flag_text(p, FLAG_CONTAINERS);
    p->cmd->requests = amounts(p, FLAG_REQUESTS);
    p->cmd->limits = amounts(p, FLAG_LIMITS);
    if (p->cmd->requests.count + p->cmd->limits.count == 0)
        MISSING(p, "you must specify an update to requests or limits (in the form of --requests/--limits)");
}

/* The last operand is what is set; the others say where. */
static const struct word *last_operand(struct parser *p, const char *missing)
{
    if (p->operands.count == 0) {
        MISSING(p, "%s", missing);
        return NULL;
    }
    p->operands.count--;
    if (p->dash_dash > p->operands.count)
        p->dash_dash = p->operands.count;
    return &p->operands.items[p->operands.count];
}

void parser_set_selector(struct parser *p)
{
    const struct word *w = last_operand(p, "one selector is required");
    uint32_t at;
    struct src_pos where;
    if (!w)
        return;
    set_targets(p, &at);
    parser_no_more(p, at);
    if (unfit(p, is_service, &where) != KIND_NONE)
        MISTAKE(p, where, "setting a selector is only supported for Services");
    const struct flag_value given = {w, w->text, 0};
    p->cmd->has_selector = parser_selector(p, &given, &p->cmd->select);
    for (uint32_t i = 0; i < p->cmd->select.count; i++)
        if (p->cmd->select.items[i].op != SELECT_IN || p->cmd->select.items[i].values.count != 1)
            MISTAKE(p, parser_at(p, w), "match expression not supported on this object");
}

void parser_set_service_account(struct parser *p)
{
    const struct word *w = last_operand(p, "serviceaccount is required");
    uint32_t at;
    if (!w)
        return;
    set_targets(p, &at);
    parser_no_more(p, at);
    want_pods(p);
    p->cmd->changes.items = arena_array(p->arena, struct change, 1);
    p->cmd->changes.items[p->cmd->changes.count++] = (struct change){.key = "serviceAccountName", .value = w->text};
}

/* ---- scale ---- */

void parser_scale(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    struct src_pos at;
    parser_no_more(p, parser_targets(p, 0, KIND_NONE, true));
    enum api_kind kind = unfit(p, has_replicas, &at);
    if (kind != KIND_NONE)
        MISTAKE(p, at, "could not find scale subresource for %s, Resource=%s in discovery information",
                arena_printf(p->arena, "%s/%s", kind_infos[kind].group, strrchr(kind_infos[kind].api_version, 'v')),
                kind_infos[kind].resource);
    c->replicas = parser_flag_integer(p, FLAG_SCALE_REPLICAS, -1);
    c->current_replicas = parser_flag_integer(p, FLAG_CURRENT_REPLICAS, -1);
    const struct flag_value *f = &p->given[FLAG_SCALE_REPLICAS];
    if (!f->text)
        MISSING(p, "required flag(s) \"replicas\" not set");
    else if (c->replicas < 0 && p->result == 0)
        MISTAKE(p, parser_at(p, f->word),
                "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0");
    if (c->current_replicas < -1)
        MISTAKE(p, parser_at(p, p->given[FLAG_CURRENT_REPLICAS].word),
                "The --current-replicas must specify an integer of -1 or greater");
    if (p->operands.count == 0 && !c->file && !c->has_selector)
        MISSING(p, "You must provide one or more resources by argument or filename.");
}

/* ---- rollout ---- */

static void check_rollout_kind(struct parser *p)
{
    struct src_pos at;
    bool pauses = p->cmd->verb == VERB_ROLLOUT_PAUSE || p->cmd->verb == VERB_ROLLOUT_RESUME;
    enum api_kind kind = unfit(p, pauses ? can_pause : rolls_out, &at);
    if (kind == KIND_NONE)
        return;
    const char *resource = kind_infos[kind].resource,
               *name = p->cmd->targets.count ? p->cmd->targets.items[0].name : NULL;
    static const char *const doing[VERB_COUNT] = {
        [VERB_ROLLOUT_RESTART] = "restarting", [VERB_ROLLOUT_PAUSE] = "pausing", [VERB_ROLLOUT_RESUME] = "resuming"};
    if (doing[p->cmd->verb])
        MISTAKE(p, at, "%s \"%s\" %s is not supported", resource, name ? name : "", doing[p->cmd->verb]);
    else
        MISTAKE(p, at, "no %s has been implemented for %s%s%s",
                p->cmd->verb == VERB_ROLLOUT_STATUS    ? "status viewer"
                : p->cmd->verb == VERB_ROLLOUT_HISTORY ? "history viewer"
                                                       : "rollbacker",
                kind_infos[kind].kind, *kind_infos[kind].group ? "." : "", kind_infos[kind].group);
}

void parser_rollout(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    parser_no_more(p, parser_targets(p, 0, KIND_NONE, false));
    check_rollout_kind(p);
    enum flag_id f = c->verb == VERB_ROLLOUT_UNDO ? FLAG_TO_REVISION : FLAG_REVISION;
    c->revision = parser_flag_integer(p, f, 0);
    c->watch = !p->given[FLAG_ROLLOUT_WATCH].text || parser_flag_on(p, FLAG_ROLLOUT_WATCH);
    if (c->timeout == 0)
        c->timeout = SIM_NEVER; /* "zero means never" */
    if (c->revision < 0)
        MISTAKE(p, parser_at(p, p->given[f].word), "revision must be a positive integer: %" PRId64, c->revision);
    if (p->operands.count == 0 && !c->file)
        MISSING(p, "required resource not specified");
}
