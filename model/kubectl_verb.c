/* kubectl_verb.c - one function per verb: which operands and flags it wants. kubectl pkg/cmd/<verb>, v1.34. */
#include "model/kubectl_parse.h"

#include <string.h>

/* ---- changes ---- */

static void parse_changes(struct parser *p, uint32_t at, const char *what)
{
    if (at >= p->operands.count)
        MISTAKE(p, p->pos, "at least one %s update is required", what);
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
        MISTAKE(p, p->pos, "at least one taint update is required");
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
        MISTAKE(p, p->pos, "must specify one of -f and -k");
}

/* k8s kubectl pkg/cmd/delete/delete.go Complete and Validate. */
static void parse_grace(struct parser *p)
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
    parse_grace(p);
    p->cmd->ignore_not_found = parser_flag_on(p, FLAG_NOT_FOUND);
    uint32_t at = parser_targets(p, 0, KIND_NONE, true);
    parser_no_more(p, at);
    if (p->operands.count == 0 && !parser_flag_text(p, FLAG_FILENAME))
        MISTAKE(p, p->pos, "You must provide one or more resources by argument or filename.");
}

static void parse_exec(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    c->container = parser_flag_text(p, FLAG_CONTAINER);
    if (p->operands.count == 0 || p->dash_dash == 0) {
        MISTAKE(p, p->pos, "pod, type/name or --filename must be specified");
        return;
    }
    uint32_t all = p->operands.count;
    if (p->dash_dash == all && all > 1) {
        MISTAKE(p, parser_at(p, &p->operands.items[1]),
                "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead");
        return;
    }
    if (p->dash_dash == all) {
        MISTAKE(p, p->pos, "you must specify at least one command for the container");
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
    if (p->cmd->targets.count == 0 && p->result == 0)
        MISTAKE(p, p->pos, "You must provide one or more resources by argument or filename.");
    parse_changes(p, at, what);
}

static void parse_get(struct parser *p)
{
    static const char *const outputs[] = {"wide", "yaml", "json", "name"};
    static const enum kubectl_output values[] = {OUT_WIDE, OUT_YAML, OUT_JSON, OUT_NAME};
    const char *text = parser_flag_text(p, FLAG_OUTPUT);
    bool known = !text;
    for (size_t i = 0; text && i < ARRAY_LEN(outputs); i++) {
        if (strcmp(text, outputs[i]) == 0) {
            p->cmd->output = values[i];
            known = true;
        }
    }
    if (!known)
        MISTAKE_SUGGEST(p, parser_at(p, p->given[FLAG_OUTPUT].word), parser_suggest(p, text, outputs, ARRAY_LEN(outputs)),
                        "unable to match a printer suitable for the output format \"%s\", allowed formats are: "
                        "json,name,wide,yaml",
                        text);
    p->cmd->no_headers = parser_flag_on(p, FLAG_NO_HEADERS);
    p->cmd->ignore_not_found = parser_flag_on(p, FLAG_NOT_FOUND);
    parser_no_more(p, parser_targets(p, 0, KIND_NONE, false));
    if (p->operands.count == 0 && !parser_flag_text(p, FLAG_FILENAME))
        MISTAKE(p, p->pos, "You must specify the type of resource to get.");
}

static void parse_describe(struct parser *p)
{
    parser_no_more(p, parser_targets(p, 0, KIND_NONE, false));
    for (uint32_t i = 0; i < p->cmd->targets.count; i++) {
        if (p->cmd->targets.items[i].kind != KIND_POD) {
            MISTAKE(p, p->pos, "kubectl describe %s is not modelled yet",
                    kind_infos[p->cmd->targets.items[i].kind].singular);
            return;
        }
    }
    if (p->operands.count == 0)
        MISTAKE(p, p->pos, "You must specify the type of resource to describe.");
}

static void parse_logs(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    c->container = parser_flag_text(p, FLAG_CONTAINER);
    c->previous = parser_flag_on(p, FLAG_PREVIOUS);
    c->all_containers = parser_flag_on(p, FLAG_ALL_CONTAINERS);
    c->tail = parser_flag_integer(p, FLAG_TAIL, -1);
    if (p->operands.count == 0 && !c->has_selector)
        MISTAKE(p, p->pos, "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.");
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
        while (at < p->operands.count && (at == 0 || !(strchr(p->operands.items[at].text, ':') ||
                                                       parser_is_change(p->operands.items[at].text))))
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
    if (p->operands.count == 0 && !p->cmd->has_selector)
        MISTAKE(p, p->pos, "USAGE: %s NODE [flags]", kubectl_verb_names[p->cmd->verb]);
}

static void parse_patch(struct parser *p)
{
    static const char *const subresources[] = {"status", "ephemeralcontainers", "resize"}; /* ORDER enum subresource */
    static const char *const types[] = {"strategic", "merge", "json"};
    const char *type = parser_flag_text(p, FLAG_PATCH_TYPE), *sub = parser_flag_text(p, FLAG_SUBRESOURCE);
    parser_no_more(p, parser_targets(p, 0, KIND_NONE, true));
    for (size_t i = 0; type && i < ARRAY_LEN(types); i++)
        if (strcmp(type, types[i]) == 0)
            p->cmd->patch_type = (enum patch_type)i;
    if (type && !parser_is_one_of(type, types, ARRAY_LEN(types)))
        MISTAKE_SUGGEST(p, parser_at(p, p->given[FLAG_PATCH_TYPE].word), parser_suggest(p, type, types, ARRAY_LEN(types)),
                        "--type must be one of [json merge strategic], not \"%s\"", type);
    for (size_t i = 0; sub && i < ARRAY_LEN(subresources); i++)
        if (strcmp(sub, subresources[i]) == 0)
            p->cmd->subresource = (enum subresource)(i + SUB_STATUS);
    if (sub && !p->cmd->subresource)
        MISTAKE_SUGGEST(p, parser_at(p, p->given[FLAG_SUBRESOURCE].word),
                        parser_suggest(p, sub, subresources, ARRAY_LEN(subresources)),
                        "invalid subresource value: \"%s\". Must be one of [status ephemeralcontainers resize]", sub);
    const struct flag_value *f = &p->given[FLAG_PATCH];
    if (!f->text) {
        MISTAKE(p, p->pos, "must specify --patch or --patch-file containing the contents of the patch");
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

static void parse_set(struct parser *p)
{
    if (p->operands.count == 0 || strcmp(p->operands.items[0].text, "image") != 0) {
        MISTAKE(p, p->operands.count ? parser_at(p, &p->operands.items[0]) : p->pos,
                "want \"set image\"; other kinds of set are not modelled yet");
        return;
    }
    uint32_t at = parser_targets(p, 1, KIND_NONE, true);
    if (p->cmd->targets.count && p->cmd->targets.items[0].kind != KIND_POD)
        MISTAKE(p, parser_at(p, &p->operands.items[1]), "images can be set on pods only");
    parse_changes(p, at, "image");
}

static void (*const verb_parsers[VERB_COUNT])(struct parser *) = {
    [VERB_APPLY] = parse_apply, [VERB_CREATE] = parser_create,    [VERB_DELETE] = parse_delete,
    [VERB_EXEC] = parse_exec,   [VERB_LABEL] = parse_label,       [VERB_ANNOTATE] = parse_label,
    [VERB_GET] = parse_get,     [VERB_DESCRIBE] = parse_describe, [VERB_LOGS] = parse_logs,
    [VERB_TAINT] = parse_taint, [VERB_CORDON] = parse_cordon,     [VERB_UNCORDON] = parse_cordon,
    [VERB_PATCH] = parse_patch, [VERB_RUN] = parser_run,          [VERB_EXPOSE] = parser_expose,
    [VERB_SET] = parse_set,     [VERB_DEBUG] = parser_debug,
};

void parser_verb(struct parser *p)
{
    verb_parsers[p->cmd->verb](p);
}
