/* kubectl_parse.c - from a kubectl line to a struct kubectl_command: words, flags, the verb. kubectl
 * pkg/cmd, v1.34.
 *
 * Flags are a table: name, letter, whether a value follows, which verbs take it. What kubectl accepts
 * and what means nothing in a simulation (--wait, --timeout, -it ...) is accepted and ignored; what is
 * modelled later says so; the rest is a mistake with a suggestion. Checks that need the cluster
 * (does the object exist?) are made when the command runs.
 */
#include "model/kubectl_parse.h"

#include <string.h>

#include "model/pod_fields.h"

/* ---- tables ---- */

const char *const kubectl_verb_names[VERB_COUNT] = {
#define X(id, name) [VERB_##id] = name,
    KUBECTL_VERBS(X)
#undef X
};

/* Verbs of kubectl that podsim knows of and does not carry out. */
static const char *const later_verbs[] = {
    "scale", "rollout", "drain", "autoscale", "edit",   "replace",    "wait",  "rollback", "port-forward", "cp",
    "attach",  "top",   "events",    "explain", "api-resources", "auth", "certificate", "cluster-info",
    "config", "diff",   "kustomize", "proxy", "version", "plugin", "options", "completion", "alpha", "api-versions",
};

const struct flag_info kubectl_flags[FLAG_COUNT] = {
#define X(id, name, letter, takes, verbs) [FLAG_##id] = {name, letter, takes, verbs},
    FLAGS(X)
#undef X
};

/* ---- where and what ---- */

static struct src_pos position(const struct parser *p, size_t offset, size_t length)
{
    struct src_pos at = p->pos;
    if (p->source)
        at = value_pos_at(p->source, p->diags, p->skipped + offset);
    else if (at.line)
        at.column += (uint32_t)offset;
    at.length = (uint32_t)length;
    return at;
}

struct src_pos parser_at(const struct parser *p, const struct word *w)
{
    return position(p, w->offset, w->length);
}

const char *parser_suggest(struct parser *p, const char *word, const char *const *names, size_t count)
{
    const char *close = diag_closest(word, names, count);
    return close ? arena_printf(p->arena, "did you mean \"%s\"?", close) : NULL;
}

bool parser_is_one_of(const char *word, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, names[i]) == 0)
            return true;
    return false;
}

/* ---- verbs ---- */

static int parse_verb(struct parser *p)
{
    if (p->words.count == 0)
        return MISTAKE(p, p->pos, "want a kubectl command such as \"delete pod web\"");
    const struct word *w = &p->words.items[0];
    for (int v = 0; v < VERB_COUNT; v++) {
        if (strcmp(w->text, kubectl_verb_names[v]) == 0) {
            p->cmd->verb = (enum kubectl_verb)v;
            return 0;
        }
    }
    if (parser_is_one_of(w->text, later_verbs, ARRAY_LEN(later_verbs)))
        return MISTAKE(p, parser_at(p, w), "kubectl %s is not modelled yet", w->text);
    const char *names[VERB_COUNT + ARRAY_LEN(later_verbs)];
    memcpy(names, kubectl_verb_names, sizeof kubectl_verb_names);
    memcpy(names + VERB_COUNT, later_verbs, sizeof later_verbs);
    return MISTAKE_SUGGEST(p, parser_at(p, w), parser_suggest(p, w->text, names, ARRAY_LEN(names)),
                           "unknown command \"%s\" for \"kubectl\"", w->text);
}

/* ---- flags ---- */

static bool takes_flag(const struct parser *p, int f)
{
    return (kubectl_flags[f].verbs & 1u << p->cmd->verb) != 0;
}

static void unknown_flag(struct parser *p, const struct word *w, const char *name, size_t len)
{
    const char *names[FLAG_COUNT];
    size_t count = 0;
    for (int f = 0; f < FLAG_COUNT; f++)
        if (takes_flag(p, f))
            names[count++] = kubectl_flags[f].name;
    const char *word = arena_strndup(p->arena, name, len);
    const char *close = diag_closest(word, names, count);
    const char *help = close ? arena_printf(p->arena, "did you mean \"--%s\"?", close) : NULL;
    if (strcmp(word, "dry-run") == 0 || strcmp(word, "overrides") == 0 || strcmp(word, "watch") == 0 ||
        strcmp(word, "follow") == 0)
        MISTAKE(p, parser_at(p, w), "kubectl %s --%s is not modelled yet", kubectl_verb_names[p->cmd->verb], word);
    else
        MISTAKE_SUGGEST(p, parser_at(p, w), help, "unknown flag: --%s", word);
}

static void give(struct parser *p, int f, const struct word *w, const char *text)
{
    p->given[f] = (struct flag_value){w, text};
    if (f == FLAG_LITERAL || f == FLAG_ENV)
        *(struct flag_value *)pool_at(&p->literals, pool_add(&p->literals)) = p->given[f];
}

/* The value of a flag: attached, or the next word. */
static void give_value(struct parser *p, int f, const char *attached, uint32_t *at)
{
    const struct word *w = &p->words.items[*at];
    if (kubectl_flags[f].takes != TAKES_VALUE) {
        if (attached && kubectl_flags[f].takes == TAKES_NOTHING)
            MISTAKE(p, parser_at(p, w), "flag --%s takes no value", kubectl_flags[f].name);
        else
            give(p, f, w, attached ? attached : "true");
        return;
    }
    if (attached) {
        give(p, f, w, attached);
        return;
    }
    if (*at + 1 >= p->words.count) {
        MISTAKE(p, parser_at(p, w), "flag needs an argument: --%s", kubectl_flags[f].name);
        return;
    }
    ++*at;
    give(p, f, &p->words.items[*at], p->words.items[*at].text);
}

static void long_flag(struct parser *p, uint32_t *at)
{
    const struct word *w = &p->words.items[*at];
    const char *name = w->text + 2;
    size_t len = strcspn(name, "=");
    for (int f = 0; f < FLAG_COUNT; f++) {
        if (takes_flag(p, f) && strlen(kubectl_flags[f].name) == len && memcmp(kubectl_flags[f].name, name, len) == 0) {
            give_value(p, f, name[len] ? name + len + 1 : NULL, at);
            return;
        }
    }
    unknown_flag(p, w, name, len);
}

/* -it, -nweb, -n web, -n=web */
static void short_flags(struct parser *p, uint32_t *at)
{
    const struct word *w = &p->words.items[*at];
    for (const char *c = w->text + 1; *c; c++) {
        int f = 0;
        while (f < FLAG_COUNT && !(kubectl_flags[f].letter == *c && takes_flag(p, f)))
            f++;
        if (f == FLAG_COUNT) {
            MISTAKE(p, parser_at(p, w), "unknown shorthand flag: '%c' in %s", *c, w->text);
            return;
        }
        if (kubectl_flags[f].takes == TAKES_VALUE) {
            give_value(p, f, c[1] ? c + 1 + (c[1] == '=') : NULL, at);
            return;
        }
        give(p, f, w, "true");
    }
}

/* Flags may stand anywhere before `--`; `exec POD sh -c x` is taken apart as kubectl used to. */
static void parse_words(struct parser *p)
{
    struct word *operands = arena_array(p->arena, struct word, p->words.count + 1);
    bool ended = false;
    p->operands.items = operands;
    p->dash_dash = UINT32_MAX;
    for (uint32_t i = 1; i < p->words.count; i++) {
        const char *text = p->words.items[i].text;
        /* "-" removes a label, taints end in "-": only words that begin with one are flags. */
        if (!ended && strcmp(text, "--") == 0) {
            ended = true;
            p->dash_dash = p->operands.count;
        } else if (!ended && text[0] == '-' && text[1] == '-') {
            long_flag(p, &i);
        } else if (!ended && text[0] == '-' && text[1]) {
            short_flags(p, &i);
        } else {
            operands[p->operands.count++] = p->words.items[i];
        }
    }
    if (p->dash_dash == UINT32_MAX)
        p->dash_dash = p->operands.count;
}

const char *parser_flag_text(const struct parser *p, enum flag_id f)
{
    return p->given[f].text;
}

bool parser_flag_on(struct parser *p, enum flag_id f)
{
    const char *text = p->given[f].text;
    if (!text || strcmp(text, "false") == 0)
        return false;
    if (strcmp(text, "true") != 0)
        MISTAKE(p, parser_at(p, p->given[f].word), "invalid argument \"%s\" for \"--%s\" flag: want true or false", text,
                kubectl_flags[f].name);
    return true;
}

bool parser_integer(const char *text, int64_t *ret)
{
    bool negative = *text == '-';
    const char *d = text + negative;
    int64_t n = 0;
    if (!*d)
        return false;
    for (; *d; d++) {
        if (*d < '0' || *d > '9' || n > INT64_MAX / 10 - 1)
            return false;
        n = n * 10 + (*d - '0');
    }
    *ret = negative ? -n : n;
    return true;
}

int64_t parser_flag_integer(struct parser *p, enum flag_id f, int64_t otherwise)
{
    int64_t n = otherwise;
    if (p->given[f].text && !parser_integer(p->given[f].text, &n))
        MISTAKE(p, parser_at(p, p->given[f].word), "invalid argument \"%s\" for \"--%s\" flag: want a whole number",
                p->given[f].text, kubectl_flags[f].name);
    return n;
}

/* ---- the whole line ---- */

static void take_objects(struct parser *p)
{
    uint32_t n = p->objects.count;
    const struct api_object **items = arena_array(p->arena, const struct api_object *, n + 1);
    for (uint32_t i = 0; i < n; i++)
        items[i] = *(const struct api_object **)pool_at(&p->objects, i);
    p->cmd->objects.items = items;
    p->cmd->objects.count = n;
}

/* What several verbs share. */
static void parse_common(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    c->namespace_ = parser_flag_text(p, FLAG_NAMESPACE);
    c->all_namespaces = parser_flag_on(p, FLAG_ALL_NAMESPACES);
    c->all = parser_flag_on(p, FLAG_ALL);
    c->grace = c->tail = -1;
    if (p->given[FLAG_SELECTOR].text)
        parser_selector(p, &p->given[FLAG_SELECTOR]);
    if (p->given[FLAG_FIELD_SELECTOR].text)
        parser_field_selector(p, &p->given[FLAG_FIELD_SELECTOR]);
    if (p->given[FLAG_FILENAME].text)
        parser_file(p);
}

static size_t skip_kubectl(const char *line)
{
    static const char word[] = "kubectl";
    size_t n = strspn(line, " \t\n");
    if (strncmp(line + n, word, sizeof word - 1) == 0 && strchr(" \t\n", line[n + sizeof word - 1]))
        n += sizeof word - 1;
    return n + strspn(line + n, " \t\n");
}

static int parse(struct parser *p, const char *line, const struct kubectl_command **ret_command)
{
    enum { LINE_MAX_BYTES = 65536 };
    const char *error;
    size_t offset = 0;
    p->skipped = skip_kubectl(line);
    if (!p->source && p->pos.line)
        p->pos.column += (uint32_t)p->skipped;
    else if (p->source)
        p->pos = position(p, 0, 0);
    p->cmd = arena_new(p->arena, struct kubectl_command);
    p->cmd->line = line + p->skipped;
    p->cmd->pos = p->pos;
    pool_init(&p->literals, p->arena, sizeof(struct flag_value));
    pool_init(&p->objects, p->arena, sizeof(const struct api_object *));
    if (strlen(line) > LINE_MAX_BYTES)
        return diag_report(p->diags, CODE_COMMAND, p->pos, NULL, "this command line is longer than %d bytes", LINE_MAX_BYTES);
    if (kubectl_split(p->arena, p->cmd->line, &p->words, &error, &offset) < 0)
        return diag_report(p->diags, CODE_COMMAND, position(p, offset, 1), NULL, "%s", error);
    if (parse_verb(p) < 0)
        return -1;
    parse_words(p);
    if (p->result < 0)
        return -1;
    parse_common(p);
    parser_verb(p);
    take_objects(p);
    if (p->result == 0)
        *ret_command = p->cmd;
    return p->result;
}

int kubectl_parse(struct arena *a, struct diag_set *d, struct src_pos pos, const char *line,
                  scenario_read_file *read_file, void *ctx, const struct kubectl_command **ret_command)
{
    struct parser p = {.arena = a, .diags = d, .pos = pos, .read_file = read_file, .ctx = ctx};
    return parse(&p, line, ret_command);
}

int kubectl_parse_value(struct arena *a, struct diag_set *d, const struct value *line,
                        scenario_read_file *read_file, void *ctx, const struct kubectl_command **ret_command)
{
    struct parser p = {.arena = a, .diags = d, .pos = line->at, .source = line, .read_file = read_file, .ctx = ctx};
    return parse(&p, line->text, ret_command);
}

int kubectl_check_features(struct arena *a, struct diag_set *d, const struct features *f,
                           const struct kubectl_command *command)
{
    int result = 0;
    if (command->verb != VERB_CREATE && command->verb != VERB_APPLY && command->verb != VERB_RUN)
        return 0;
    for (uint32_t i = 0; i < command->objects.count; i++) {
        const struct api_object *o = command->objects.items[i];
        if (o->kind == KIND_POD && pod_check_features(a, d, f, (const struct pod *)o) < 0)
            result = -1;
    }
    return result;
}
