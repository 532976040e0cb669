/* kubectl_verb_wait.c - parsing wait and drain. kubectl pkg/cmd/wait/wait.go, pkg/cmd/drain/drain.go (v1.34). */
#include <string.h>

#include "model/kubectl_parse.h"

/* ---- wait ---- */

/* Split at single '='; "==" stays. Returns how many parts there are; the first two are given. */
static uint32_t split_json_path(struct arena *a, const char *text, const char *ret_parts[2])
{
    char *copy = arena_strdup(a, text), *from = copy;
    uint32_t count = 0;
    for (char *c = copy;; c++) {
        if (*c == '=' && c[1] == '=') {
            c++;
            continue;
        }
        if (*c && *c != '=')
            continue;
        bool end = *c == '\0';
        *c = '\0';
        if (count < 2)
            ret_parts[count] = from;
        count++;
        from = c + 1;
        if (end)
            return count;
    }
}

static const char *without_quotes(struct arena *a, const char *text)
{
    size_t n = strlen(text);
    while (n && (*text == '\'' || *text == '"'))
        text++, n--;
    while (n && (text[n - 1] == '\'' || text[n - 1] == '"'))
        n--;
    return arena_strndup(a, text, n);
}

static void json_path_condition(struct parser *p, const struct flag_value *f, struct wait_for *w)
{
    const char *parts[2] = {NULL, NULL};
    uint32_t n = split_json_path(p->arena, f->text + strlen("jsonpath="), parts);
    w->kind = WAIT_JSONPATH;
    if (n > 2) {
        MISTAKE(p, parser_at(p, f->word),
                "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or "
                "--for=jsonpath='{.status.readyReplicas}'");
        return;
    }
    w->name = parts[0];
    w->value = n == 2 ? without_quotes(p->arena, parts[1]) : NULL;
    if (w->value && !*w->value)
        MISTAKE(p, parser_at(p, f->word),
                "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3");
    parser_check_json_path(p, f, w->name);
}

static bool same_ignoring_case(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a | 0x20) != (*b | 0x20))
            return false;
    return *a == *b;
}

static void wait_condition(struct parser *p, const struct flag_value *f, struct wait_for *w)
{
    static const char *const words[] = {"condition=Ready", "create", "delete", "jsonpath={.status.phase}=Running"};
    if (same_ignoring_case(f->text, "delete")) {
        w->kind = WAIT_DELETE;
    } else if (same_ignoring_case(f->text, "create")) {
        w->kind = WAIT_CREATE;
    } else if (strncmp(f->text, "condition=", 10) == 0) {
        const char *name = f->text + 10;
        size_t n = strcspn(name, "=");
        *w = (struct wait_for){WAIT_CONDITION, arena_strndup(p->arena, name, n), name[n] ? name + n + 1 : "true"};
    } else if (strncmp(f->text, "jsonpath=", 9) == 0) {
        json_path_condition(p, f, w);
    } else {
        MISTAKE_SUGGEST(p, parser_at(p, f->word), parser_suggest(p, f->text, words, ARRAY_LEN(words)),
                        "unrecognized condition: \"%s\"", f->text);
    }
}

void parser_wait(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    c->waits.items = arena_array(p->arena, struct wait_for, p->repeated.count + 1);
    for (uint32_t i = 0; i < p->repeated.count; i++) {
        const struct flag_value *f = pool_at(&p->repeated, i);
        if (f->flag == FLAG_FOR)
            wait_condition(p, f, &c->waits.items[c->waits.count++]);
    }
    parser_no_more(p, parser_targets(p, 0, KIND_NONE, true));
    if (p->operands.count == 0 && !c->file)
        MISSING(p, "arguments in resource/name form must have a single resource and name: want what to wait for");
    if (c->waits.count == 0)
        MISSING(p, "unrecognized condition: []; want --for");
    if (c->timeout == SIM_NEVER)
        c->timeout = 30 * SIM_SECOND;
    else if (c->timeout < 0)
        c->timeout = 168 * 3600 * SIM_SECOND;
}

/* ---- drain ---- */

void parser_drain(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    struct drain_options *d = &c->drain;
    c->force = parser_flag_on(p, FLAG_FORCE);
    c->grace = parser_flag_integer(p, FLAG_GRACE, -1);
    d->ignore_daemon_sets = parser_flag_on(p, FLAG_IGNORE_DAEMONSETS);
    d->delete_empty_dir = parser_flag_on(p, FLAG_DELETE_EMPTYDIR);
    d->disable_eviction = parser_flag_on(p, FLAG_DISABLE_EVICTION);
    d->skip_after_s = parser_flag_integer(p, FLAG_SKIP_WAIT, 0);
    if (c->timeout == 0)
        c->timeout = SIM_NEVER; /* "zero means infinite" */
    if (p->given[FLAG_POD_SELECTOR].text)
        parser_selector(p, &p->given[FLAG_POD_SELECTOR], &d->pods);
    if (p->operands.count && c->has_selector)
        MISTAKE(p, parser_at(p, p->given[FLAG_SELECTOR].word),
                "cannot specify both a node name and a --selector option");
    parser_no_more(p, parser_targets(p, 0, KIND_NODE, false));
    for (uint32_t i = 0; i < c->targets.count; i++)
        if (c->targets.items[i].kind != KIND_NODE)
            MISTAKE(p, parser_at(p, &p->operands.items[i]), "expected resource of type node, got \"%s\"",
                    kind_infos[c->targets.items[i].kind].resource);
    if (p->operands.count == 0 && !c->has_selector)
        MISSING(p, "USAGE: drain NODE [flags]");
    if (p->operands.count == 0 && c->has_selector) {
        c->targets.items = arena_array(p->arena, struct target, 1);
        parser_add_target(p, KIND_NODE, NULL);
    }
}
