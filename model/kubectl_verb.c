/* kubectl_verb.c - one function per verb: which operands and flags it wants. kubectl pkg/cmd/<verb>, v1.34. */
#include "model/kubectl_parse.h"

#include <string.h>

/* ---- changes ---- */

void parser_changes(struct parser *p, uint32_t at, const char *what)
{
    if (at >= p->operands.count)
        MISSING(p, "at least one %s update is required", what);
    p->cmd->changes.items = arena_array(p->arena, struct change, p->operands.count + 1);
    for (; at < p->operands.count; at++) {
        const struct word *w = &p->operands.items[at];
        size_t n = strlen(w->text);
        const char *equals = strchr(w->text, '=');
        struct change c = {0};
        if (equals && equals > w->text) {
            c.key = arena_strndup(p->arena, w->text, (size_t)(equals - w->text));
            c.value = equals + 1;
        } else if (!equals && n > 1 && w->text[n - 1] == '-') {
            c.key = arena_strndup(p->arena, w->text, n - 1);
        } else {
            MISTAKE(p, parser_at(p, w), "invalid %s spec: %s", what, w->text);
            continue;
        }
        p->cmd->changes.items[p->cmd->changes.count++] = c;
    }
}

/* key=value:Effect, key:Effect, key:Effect-, key- */
static void parse_taints(struct parser *p, uint32_t at)
{
    static const char *const effects[] = {"NoExecute", "NoSchedule", "PreferNoSchedule"};
    if (at >= p->operands.count)
        MISSING(p, "at least one taint update is required");
    p->cmd->changes.items = arena_array(p->arena, struct change, p->operands.count + 1);
    for (; at < p->operands.count; at++) {
        const struct word *w = &p->operands.items[at];
        size_t n = strlen(w->text);
        bool removal = n > 1 && w->text[n - 1] == '-';
        const char *text = arena_strndup(p->arena, w->text, n - removal);
        const char *colon = strchr(text, ':'), *equals = strchr(text, '=');
        const char *head = colon ? arena_strndup(p->arena, text, (size_t)(colon - text)) : text;
        struct change c = {.effect = colon ? colon + 1 : NULL};
        c.key = equals ? arena_strndup(p->arena, text, (size_t)(equals - text)) : head;
        c.value = removal ? NULL : equals ? head + (equals - text) + 1 : "";
        if (!removal && !colon) {
            MISTAKE(p, parser_at(p, w), "invalid taint spec: %s, want KEY=VALUE:EFFECT", w->text);
            continue;
        }
        if (c.effect && !parser_is_one_of(c.effect, effects, ARRAY_LEN(effects)))
            MISTAKE_SUGGEST(p, parser_at(p, w), parser_suggest(p, c.effect, effects, ARRAY_LEN(effects)),
                            "invalid taint effect: %s, unsupported taint effect", c.effect);
        p->cmd->changes.items[p->cmd->changes.count++] = c;
    }
}

/* ---- one function per verb ---- */

static void parse_apply(struct parser *p)
{
    parser_no_more(p, 0);
    if (!parser_flag_text(p, FLAG_FILENAME))
        MISSING(p, "must specify one of -f and -k");
}

/* --cascade, --cascade=true and background are the same; false is orphan. */
static void parse_cascade(struct parser *p)
{
    static const struct {
        const char *name;
        enum cascade cascade;
    } words[] = {{"background", CASCADE_BACKGROUND},
                 {"foreground", CASCADE_FOREGROUND},
                 {"orphan", CASCADE_ORPHAN},
                 {"true", CASCADE_BACKGROUND},
                 {"false", CASCADE_ORPHAN}};
    const struct flag_value *f = &p->given[FLAG_CASCADE];
    const char *names[] = {"background", "foreground", "orphan"};
    for (size_t i = 0; f->text && i < ARRAY_LEN(words); i++) {
        if (strcmp(f->text, words[i].name) == 0) {
            p->cmd->cascade = words[i].cascade;
            return;
        }
    }
    if (f->text)
        MISTAKE_SUGGEST(p, parser_at(p, f->word), parser_suggest(p, f->text, names, ARRAY_LEN(names)),
                        "invalid cascade value (%s). Must be \"background\", \"foreground\", or \"orphan\"", f->text);
}

/* k8s kubectl pkg/cmd/delete/delete.go Complete and Validate. */
void parser_grace(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    c->grace = parser_flag_integer(p, FLAG_GRACE, -1);
    c->force = parser_flag_on(p, FLAG_FORCE);
    if (parser_flag_on(p, FLAG_NOW)) {
        if (c->grace != -1)
            MISTAKE(p, parser_at(p, p->given[FLAG_NOW].word), "--now and --grace-period cannot be specified together");
        c->grace = 1;
    }
    if (c->force && c->grace > 0)
        MISTAKE(p, parser_at(p, p->given[FLAG_FORCE].word),
                "--force and --grace-period greater than 0 cannot be specified together");
    if (c->force && c->grace < 0)
        c->grace = 0;
    if (c->grace == 0 && !c->force)
        c->grace = 1; /* "to preserve backwards compatibility, but prevent accidental data loss" */
}

static void parse_delete(struct parser *p)
{
    parser_grace(p);
    parse_cascade(p);
    p->cmd->wait = parser_flag_on(p, FLAG_WAIT);
    if (p->cmd->timeout == 0)
        p->cmd->timeout = SIM_NEVER; /* "zero means determine a timeout from the size of the object" */
    if (p->cmd->all && p->cmd->has_selector)
        MISTAKE(p, parser_at(p, p->given[FLAG_ALL].word), "cannot set --all and --selector at the same time");
    uint32_t at = parser_targets(p, 0, KIND_NONE, true);
    parser_no_more(p, at);
    if (p->operands.count == 0 && !parser_flag_text(p, FLAG_FILENAME))
        MISSING(p, "You must provide one or more resources by argument or filename.");
}

static void parse_exec(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    c->container = parser_flag_text(p, FLAG_CONTAINER);
    if (p->operands.count == 0 || p->dash_dash == 0) {
        MISSING(p, "pod, type/name or --filename must be specified");
        return;
    }
    uint32_t all = p->operands.count;
    if (p->dash_dash == all && all > 1) {
        MISTAKE(p, parser_at(p, &p->operands.items[1]),
                "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead");
        return;
    }
    if (p->dash_dash == all) {
        MISSING(p, "you must specify at least one command for the container");
        return;
    }
    if (parser_targets(p, 0, KIND_POD, false) > 1)
        MISTAKE(p, parser_at(p, &p->operands.items[1]), "want one pod, then -- and the command");
    c->argv.items = arena_array(p->arena, const char *, all);
    for (uint32_t i = p->dash_dash; i < all; i++)
        c->argv.items[c->argv.count++] = p->operands.items[i].text;
}

static void parse_label(struct parser *p)
{
    const char *what = p->cmd->verb == VERB_LABEL ? "label" : "annotation";
    p->cmd->overwrite = parser_flag_on(p, FLAG_OVERWRITE);
    uint32_t at = parser_targets(p, 0, KIND_NONE, true);
    p->cmd->list = parser_flag_on(p, FLAG_LIST);
    if (p->cmd->targets.count == 0 && !p->cmd->file)
        MISSING(p, "You must provide one or more resources by argument or filename.");
    if (!p->cmd->list || at < p->operands.count)
        parser_changes(p, at, what);
}

/* kubectl pkg/cmd/get/get.go watch(); cli-runtime pkg/resource/result.go Watch(). */
static void parse_get_watch(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    enum flag_id f = p->given[FLAG_WATCH_].text ? FLAG_WATCH_ : FLAG_WATCH_ONLY;
    c->watch_only = parser_flag_on(p, FLAG_WATCH_ONLY);
    c->watch = c->watch_only || parser_flag_on(p, FLAG_WATCH_);
    if (!c->watch)
        return;
    for (uint32_t i = 1; i < c->targets.count; i++) {
        bool same = c->targets.items[i].kind == c->targets.items[0].kind;
        MISTAKE(p, parser_at(p, p->given[f].word), "%s",
                same ? "you may only watch a single resource or type of resource at a time"
                     : "you may only specify a single resource type");
        return;
    }
    if (c->file)
        MISTAKE(p, parser_at(p, p->given[f].word), "want the name of what is to be watched, not a file");
}

static void parse_get(struct parser *p)
{
    parser_no_more(p, parser_targets(p, 0, KIND_NONE, false));
    parse_get_watch(p);
    if (p->operands.count == 0 && !parser_flag_text(p, FLAG_FILENAME))
        MISSING(p, "You must specify the type of resource to get.");
    if (p->cmd->sort_by)
        parser_check_json_path(p, &p->given[FLAG_SORT_BY], p->cmd->sort_by);
}

/* kubectl pkg/cmd/events: of all objects, or of one: --for pod/web. */
static void parse_events(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    const struct flag_value *f = &p->given[FLAG_FOR], *types = &p->given[FLAG_TYPES];
    parser_no_more(p, 0);
    c->watch = parser_flag_on(p, FLAG_WATCH_);
    c->targets.items = arena_array(p->arena, struct target, 2);
    parser_add_target(p, KIND_EVENT, NULL);
    c->fields.items = arena_array(p->arena, struct field_term, 3);
    if (types->text)
        c->fields.items[c->fields.count++] = (struct field_term){"type", types->text, false};
    if (types->text && strcmp(types->text, "Normal") != 0 && strcmp(types->text, "Warning") != 0)
        MISTAKE(p, parser_at(p, types->word), "valid --types are Normal or Warning");
    if (!f->text)
        return;
    const char *slash = strchr(f->text, '/');
    if (!slash || !slash[1]) {
        MISTAKE(p, parser_at(p, f->word), "--for must be in resource/name form");
        return;
    }
    enum api_kind kind = parser_kind(p, f->word, arena_strndup(p->arena, f->text, (size_t)(slash - f->text)));
    c->fields.items[c->fields.count++] = (struct field_term){"involvedObject.kind", kind_infos[kind].kind, false};
    c->fields.items[c->fields.count++] = (struct field_term){"involvedObject.name", slash + 1, false};
}

static void parse_describe(struct parser *p)
{
    parser_no_more(p, parser_targets(p, 0, KIND_NONE, false));
    p->cmd->list = !p->given[FLAG_SHOW_EVENTS].text || parser_flag_on(p, FLAG_SHOW_EVENTS);
    if (p->operands.count == 0 && !p->cmd->file)
        MISSING(p, "You must specify the type of resource to describe.");
}

static void parse_top(struct parser *p)
{
    static const char *const what[] = {"node", "nodes", "no", "pod", "pods", "po"};
    if (p->operands.count == 0)
        MISSING(p, "want a command after \"top\": pod or node");
    else if (!parser_is_one_of(p->operands.items[0].text, what, ARRAY_LEN(what)))
        MISTAKE_SUGGEST(p, parser_at(p, &p->operands.items[0]),
                        parser_suggest(p, p->operands.items[0].text, what, ARRAY_LEN(what)),
                        "unknown command \"%s\" for \"kubectl top\"", p->operands.items[0].text);
    else
        parser_no_more(p, parser_targets(p, 0, KIND_NONE, false));
}

/* kubectl pkg/cmd/replace/replace.go validate. */
static void parse_replace(struct parser *p)
{
    p->cmd->force = parser_flag_on(p, FLAG_FORCE);
    p->cmd->grace = parser_flag_integer(p, FLAG_GRACE, -1);
    if (p->cmd->grace == 0)
        p->cmd->grace = 1; /* as delete does without --force */
    if (p->cmd->force && (p->cmd->timeout == SIM_NEVER || p->cmd->timeout == 0))
        p->cmd->timeout = 300 * SIM_SECOND;
    parse_cascade(p);
    parser_no_more(p, 0);
    if (!p->cmd->file)
        MISSING(p, "must specify --filename to replace");
    if (p->given[FLAG_GRACE].text && !p->cmd->force)
        MISTAKE(p, parser_at(p, p->given[FLAG_GRACE].word), "--grace-period must have --force specified");
    if (p->given[FLAG_TIMEOUT].text && !p->cmd->force)
        MISTAKE(p, parser_at(p, p->given[FLAG_TIMEOUT].word), "--timeout must have --force specified");
    if (p->cmd->dry_run && p->cmd->force)
        MISTAKE(p, parser_at(p, p->given[FLAG_DRY_RUN].word), "--dry-run can not be used when --force is set");
}

static void parse_logs(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    c->container = parser_flag_text(p, FLAG_CONTAINER);
    c->previous = parser_flag_on(p, FLAG_PREVIOUS);
    c->all_containers = parser_flag_on(p, FLAG_ALL_CONTAINERS);
    c->prefix = parser_flag_on(p, FLAG_PREFIX);
    c->tail = parser_flag_integer(p, FLAG_TAIL, c->has_selector ? 10 : -1);
    if (p->operands.count == 0 && !c->has_selector)
        MISSING(p, "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.");
    /* "logs POD CONTAINER" is the old form. */
    if (p->operands.count == 2 && !c->container && !strchr(p->operands.items[1].text, '/')) {
        c->container = p->operands.items[1].text;
        p->operands.count = p->dash_dash = 1;
    }
    parser_no_more(p, parser_targets(p, 0, KIND_POD, false));
    if (p->operands.count == 0 && c->has_selector) {
        c->targets.items = arena_array(p->arena, struct target, 1);
        parser_add_target(p, KIND_POD, NULL);
    }
}

static void parse_taint(struct parser *p)
{
    p->cmd->overwrite = parser_flag_on(p, FLAG_OVERWRITE);
    uint32_t at = 0;
    if (p->operands.count && !strchr(p->operands.items[0].text, '/')) {
        /* the kind, names, then taints: those have a ':' or end in '-' */
        while (at < p->operands.count &&
               (at == 0 || !(strchr(p->operands.items[at].text, ':') || parser_is_change(p->operands.items[at].text))))
            at++;
    } else {
        at = p->operands.count ? 1 : 0;
    }
    uint32_t all = p->operands.count;
    p->operands.count = p->dash_dash = at;
    parser_targets(p, 0, KIND_NONE, true);
    p->operands.count = p->dash_dash = all;
    if (p->result == 0 && (p->cmd->targets.count == 0 || p->cmd->targets.items[0].kind != KIND_NODE))
        MISTAKE(p, p->pos, "only taints of nodes can be changed: taint nodes NAME KEY=VALUE:EFFECT");
    parse_taints(p, at);
}

static void parse_cordon(struct parser *p)
{
    parser_no_more(p, parser_targets(p, 0, KIND_NODE, false));
    if (p->operands.count == 0 && p->cmd->has_selector) {
        p->cmd->targets.items = arena_array(p->arena, struct target, 1);
        parser_add_target(p, KIND_NODE, NULL);
    }
    if (p->operands.count == 0 && !p->cmd->has_selector)
        MISSING(p, "USAGE: %s NODE [flags]", kubectl_verbs[p->cmd->verb].name);
}

static void parse_patch(struct parser *p)
{
    static const char *const subresources[] = {"status", "ephemeralcontainers", "resize"}; /* ORDER enum subresource */
    static const char *const types[] = {"strategic", "merge", "json"};
    const char *type = parser_flag_text(p, FLAG_PATCH_TYPE), *sub = parser_flag_text(p, FLAG_SUBRESOURCE);
    parser_no_more(p, parser_targets(p, 0, KIND_NONE, true));
    if (p->operands.count == 0 && !p->cmd->file)
        MISSING(p, "You must provide one or more resources by argument or filename.");
    for (size_t i = 0; type && i < ARRAY_LEN(types); i++)
        if (strcmp(type, types[i]) == 0)
            p->cmd->patch_type = (enum patch_type)i;
    if (type && !parser_is_one_of(type, types, ARRAY_LEN(types)))
        MISTAKE_SUGGEST(p, parser_at(p, p->given[FLAG_PATCH_TYPE].word),
                        parser_suggest(p, type, types, ARRAY_LEN(types)),
                        "--type must be one of [json merge strategic], not \"%s\"", type);
    for (size_t i = 0; sub && i < ARRAY_LEN(subresources); i++)
        if (strcmp(sub, subresources[i]) == 0)
            p->cmd->subresource = (enum subresource)(i + SUB_STATUS);
    if (sub && !p->cmd->subresource)
        MISTAKE_SUGGEST(p, parser_at(p, p->given[FLAG_SUBRESOURCE].word),
                        parser_suggest(p, sub, subresources, ARRAY_LEN(subresources)),
                        "invalid subresource value: \"%s\". Must be one of [status ephemeralcontainers resize]", sub);
    const struct flag_value *f = &p->given[FLAG_PATCH];
    if (!f->text && p->cmd->verb == VERB_EDIT) {
        MISSING(p, "nobody types into an editor here: want --patch, the change that would be made in it");
        return;
    }
    if (!f->text) {
        MISSING(p, "must specify --patch or --patch-file containing the contents of the patch");
        return;
    }
    struct document_list docs = {0};
    if (value_parse(p->arena, p->diags, "patch", f->text, strlen(f->text), &docs) < 0 || docs.count != 1) {
        MISTAKE(p, parser_at(p, f->word), "unable to parse \"%s\"", f->text);
        return;
    }
    p->cmd->patch = docs.items[0].root;
    enum value_type want = p->cmd->patch_type == PATCH_JSON ? VALUE_LIST : VALUE_MAP;
    if (p->cmd->patch->type != want)
        MISTAKE(p, parser_at(p, f->word), "a %s patch is a %s", types[p->cmd->patch_type],
                want == VALUE_MAP ? "map" : "list of operations");
}

static void (*const verb_parsers[VERB_COUNT])(struct parser *) = {
    [VERB_ANNOTATE] = parse_label,
    [VERB_APPLY] = parse_apply,
    [VERB_AUTOSCALE] = parser_autoscale,
    [VERB_CORDON] = parse_cordon,
    [VERB_CREATE] = parser_create,
    [VERB_CREATE_CONFIGMAP] = parser_create_kind,
    [VERB_CREATE_CRONJOB] = parser_create_kind,
    [VERB_CREATE_DEPLOYMENT] = parser_create_kind,
    [VERB_CREATE_JOB] = parser_create_kind,
    [VERB_CREATE_NAMESPACE] = parser_create_kind,
    [VERB_CREATE_PDB] = parser_create_kind,
    [VERB_CREATE_PRIORITYCLASS] = parser_create_kind,
    [VERB_CREATE_QUOTA] = parser_create_kind,
    [VERB_CREATE_SECRET] = parser_create_kind,
    [VERB_CREATE_SERVICE] = parser_create_kind,
    [VERB_CREATE_SERVICEACCOUNT] = parser_create_kind,
    [VERB_DEBUG] = parser_debug,
    [VERB_DELETE] = parse_delete,
    [VERB_DESCRIBE] = parse_describe,
    [VERB_DRAIN] = parser_drain,
    [VERB_EDIT] = parse_patch,
    [VERB_EVENTS] = parse_events,
    [VERB_EXEC] = parse_exec,
    [VERB_EXPOSE] = parser_expose,
    [VERB_GET] = parse_get,
    [VERB_LABEL] = parse_label,
    [VERB_LOGS] = parse_logs,
    [VERB_PATCH] = parse_patch,
    [VERB_REPLACE] = parse_replace,
    [VERB_ROLLOUT_HISTORY] = parser_rollout,
    [VERB_ROLLOUT_PAUSE] = parser_rollout,
    [VERB_ROLLOUT_RESTART] = parser_rollout,
    [VERB_ROLLOUT_RESUME] = parser_rollout,
    [VERB_ROLLOUT_STATUS] = parser_rollout,
    [VERB_ROLLOUT_UNDO] = parser_rollout,
    [VERB_RUN] = parser_run,
    [VERB_SCALE] = parser_scale,
    [VERB_SET_ENV] = parser_set_env,
    [VERB_SET_IMAGE] = parser_set_image,
    [VERB_SET_RESOURCES] = parser_set_resources,
    [VERB_SET_SELECTOR] = parser_set_selector,
    [VERB_SET_SERVICEACCOUNT] = parser_set_service_account,
    [VERB_TAINT] = parse_taint,
    [VERB_TOP] = parse_top,
    [VERB_UNCORDON] = parse_cordon,
    [VERB_WAIT] = parser_wait,
};

void parser_verb(struct parser *p) { verb_parsers[p->cmd->verb](p); }
