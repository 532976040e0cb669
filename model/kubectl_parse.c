/* kubectl_parse.c - from a kubectl line to a struct kubectl_command: words, flags, the verb. kubectl
 * pkg/cmd, v1.34.
 *
 * Flags are a table: name, letter, whether a value follows, which verbs take it. What kubectl accepts
 * and what means nothing in a simulation (--context, --quiet ...) is accepted and ignored; what podsim
 * has not says so; the rest is a mistake with a suggestion. Checks that need the cluster
 * (does the object exist?) are made when the command runs.
 */
#include "model/kubectl_parse.h"

#include <string.h>

#include "model/pod_fields.h"

/* ---- tables ---- */

const struct kubectl_verb_info kubectl_verbs[VERB_COUNT] = {
#define X(id, name, waits, doc) [VERB_##id] = {name, doc, waits},
    KUBECTL_VERBS(X)
#undef X
};

/* Verbs of kubectl that podsim has not, and what to do instead. */
static const struct {
    const char *name, *why;
} other_verbs[] = {
    {"alpha", "there are no alpha commands here"},
    {"api-resources", "`podsim explain` lists the kinds that are modelled"},
    {"api-versions", "`podsim explain` lists the kinds that are modelled"},
    {"apply edit-last-applied", "what was applied last is not kept as an annotation"},
    {"apply set-last-applied", "what was applied last is not kept as an annotation"},
    {"apply view-last-applied", "what was applied last is not kept as an annotation"},
    {"attach", "nobody types into a container here; `podsim logs` shows what it prints"},
    {"auth", "there is no authorization: everything is allowed"},
    {"certificate", "there are no certificates"},
    {"cluster-info", "it would say where an API server listens, and there is none outside of the simulation"},
    {"completion", "`podsim completion` completes podsim's own command line"},
    {"config", "there is one cluster and no kubeconfig"},
    {"cp", "files do not come from outside; use exec and sh -c 'cat > FILE'"},
    {"create clusterrole", "there is no authorization: everything is allowed"},
    {"create clusterrolebinding", "there is no authorization: everything is allowed"},
    {"create ingress", "Ingresses are not modelled"},
    {"create role", "there is no authorization: everything is allowed"},
    {"create rolebinding", "there is no authorization: everything is allowed"},
    {"create token", "there is no authorization: everything is allowed"},
    {"diff", "apply it in a scenario of its own, and compare what `podsim run -o yaml` prints"},
    {"explain", "use `podsim explain`"},
    {"help", "see podsim-scenario(5)"},
    {"kuberc", "there is no kuberc"},
    {"kustomize", "kustomizations are not built here; give the output of `kubectl kustomize`"},
    {"options", "see podsim-scenario(5)"},
    {"plugin", "there are no plugins"},
    {"port-forward", "nobody connects from outside; use exec and a client in a pod, or a Service"},
    {"proxy", "nobody connects from outside"},
    {"set last-applied", "what was applied last is not kept as an annotation"},
    {"set subject", "there is no authorization: everything is allowed"},
    {"version", "`podsim --version` and spec.kubernetesVersion say it"},
};

/* Other words for second words. */
static const struct {
    const char *alias, *name;
} aliases[] = {
    {"create cj", "create cronjob"},
    {"create cm", "create configmap"},
    {"create deploy", "create deployment"},
    {"create dep", "create deployment"},
    {"create ns", "create namespace"},
    {"create pc", "create priorityclass"},
    {"create pdb", "create poddisruptionbudget"},
    {"create resourcequota", "create quota"},
    {"create sa", "create serviceaccount"},
    {"create svc", "create service"},
    {"set sa", "set serviceaccount"},
};

const struct flag_info kubectl_flags[FLAG_COUNT] = {
#define X(id, name, letter, takes, verbs, missing) [FLAG_##id] = {name, letter, takes, verbs, missing},
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

struct src_pos parser_at(const struct parser *p, const struct word *w) { return position(p, w->offset, w->length); }

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

/* "rollout" of "rollout status". */
static bool is_group(const char *word)
{
    size_t n = strlen(word);
    for (int v = 0; v < VERB_COUNT; v++)
        if (strncmp(kubectl_verbs[v].name, word, n) == 0 && kubectl_verbs[v].name[n] == ' ')
            return true;
    return false;
}

static bool find_verb(struct parser *p, const char *name, uint32_t words)
{
    for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
        if (strcmp(name, aliases[i].alias) == 0)
            name = aliases[i].name;
    for (int v = 0; v < VERB_COUNT; v++) {
        if (strcmp(name, kubectl_verbs[v].name) != 0)
            continue;
        p->cmd->verb = (enum kubectl_verb)v;
        p->verb_words = words;
        return true;
    }
    return false;
}

/* Why there is none; NULL = kubectl has none either. */
static const char *why_not(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(other_verbs); i++)
        if (strcmp(name, other_verbs[i].name) == 0)
            return other_verbs[i].why;
    return NULL;
}

/* The second words of a group, or first words. */
static const char *close_verb(struct parser *p, const char *word, const char *group)
{
    const char *names[2 * VERB_COUNT + ARRAY_LEN(other_verbs)];
    size_t count = 0, n = group ? strlen(group) : 0;
    for (size_t i = 0; i < VERB_COUNT + ARRAY_LEN(other_verbs); i++) {
        const char *name = i < VERB_COUNT ? kubectl_verbs[i].name : other_verbs[i - VERB_COUNT].name;
        if (!group)
            names[count++] = arena_strndup(p->arena, name, strcspn(name, " "));
        else if (strncmp(name, group, n) == 0 && name[n] == ' ')
            names[count++] = name + n + 1;
    }
    return parser_suggest(p, word, names, count);
}

static int not_modelled(struct parser *p, const struct word *w, const char *name, const char *why)
{
    return MISTAKE_SUGGEST(p, parser_at(p, w), why, "kubectl %s is not modelled", name);
}

/* The first word that is neither a flag nor a flag's value. */
static uint32_t find_verb_word(const struct parser *p)
{
    uint32_t i = 0;
    for (; i < p->words.count && p->words.items[i].text[0] == '-'; i++) {
        const char *text = p->words.items[i].text;
        for (int f = 0; f < FLAG_COUNT; f++) {
            const struct flag_info *info = &kubectl_flags[f];
            bool named = text[1] == '-' ? strcmp(text + 2, info->name) == 0 : text[1] == info->letter && !text[2];
            if (named && info->verbs == V_ALL && info->takes == TAKES_VALUE) {
                i++;
                break;
            }
        }
    }
    return i;
}

static int parse_verb(struct parser *p)
{
    uint32_t at = p->verb_at = find_verb_word(p);
    if (at >= p->words.count)
        return MISTAKE(p, p->pos, "want a kubectl command such as \"delete pod web\"");
    const struct word *w = &p->words.items[at], *second = at + 1 < p->words.count ? w + 1 : NULL;
    const char *both = second ? arena_printf(p->arena, "%s %s", w->text, second->text) : "";
    if (second && why_not(both))
        return not_modelled(p, second, both, why_not(both));
    if ((second && find_verb(p, both, 2)) || find_verb(p, w->text, 1)) {
        bool subcommand = p->verb_words == 1 && is_group(w->text) && second && second->text[0] != '-';
        if (subcommand) /* create of an unknown kind */
            return MISTAKE_SUGGEST(p, parser_at(p, second), close_verb(p, second->text, w->text),
                                   "Unexpected args: [%s]", second->text);
        return 0;
    }
    if (why_not(w->text))
        return not_modelled(p, w, w->text, why_not(w->text));
    if (is_group(w->text) && !second)
        return MISTAKE(p, parser_at(p, w), "want a command after \"%s\", such as %s %s", w->text, w->text,
                       strcmp(w->text, "set") == 0 ? "image" : "status");
    if (is_group(w->text))
        return MISTAKE_SUGGEST(p, parser_at(p, second), close_verb(p, second->text, w->text),
                               "unknown command \"%s\" for \"kubectl %s\"", second->text, w->text);
    return MISTAKE_SUGGEST(p, parser_at(p, w), close_verb(p, w->text, NULL), "unknown command \"%s\" for \"kubectl\"",
                           w->text);
}

/* ---- flags ---- */

static bool takes_flag(const struct parser *p, int f) { return (kubectl_flags[f].verbs >> p->cmd->verb & 1) != 0; }

static void unknown_flag(struct parser *p, const struct word *w, const char *name, size_t len)
{
    const char *names[FLAG_COUNT];
    size_t count = 0;
    for (int f = 0; f < FLAG_COUNT; f++)
        if (takes_flag(p, f) && kubectl_flags[f].missing == FLAG_USED)
            names[count++] = kubectl_flags[f].name;
    const char *word = arena_strndup(p->arena, name, len);
    const char *close = diag_closest(word, names, count);
    const char *help = close ? arena_printf(p->arena, "did you mean \"--%s\"?", close) : NULL;
    MISTAKE_SUGGEST(p, parser_at(p, w), help, "unknown flag: --%s", word);
}

/* "false" of a flag that podsim has not changes nothing: it is passed over. */
static void check_missing(struct parser *p, int f, const struct word *w, const char *text)
{
    const char *why = kubectl_flags[f].missing;
    if (why && *why && strcmp(text, "false") != 0)
        MISTAKE_SUGGEST(p, parser_at(p, w), why, "kubectl %s --%s is not modelled", kubectl_verbs[p->cmd->verb].name,
                        kubectl_flags[f].name);
}

static void give(struct parser *p, int f, const struct word *w, const char *text)
{
    p->given[f] = (struct flag_value){w, text, f};
    *(struct flag_value *)pool_at(&p->repeated, pool_add(&p->repeated)) = p->given[f];
    check_missing(p, f, w, text);
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

/* Flags may stand anywhere before `--`, before the verb, too; `exec POD sh -c x` is taken apart as kubectl used to. */
static void parse_words(struct parser *p)
{
    struct word *operands = arena_array(p->arena, struct word, p->words.count + 1);
    bool ended = false;
    p->operands.items = operands;
    p->dash_dash = UINT32_MAX;
    for (uint32_t i = 0; i < p->words.count; i++) {
        const char *text = p->words.items[i].text;
        if (i >= p->verb_at && i < p->verb_at + p->verb_words)
            continue;
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

const char *parser_flag_text(const struct parser *p, enum flag_id f) { return p->given[f].text; }

bool parser_flag_on(struct parser *p, enum flag_id f)
{
    const char *text = p->given[f].text;
    if (!text || strcmp(text, "false") == 0)
        return false;
    if (strcmp(text, "true") != 0)
        MISTAKE(p, parser_at(p, p->given[f].word), "invalid argument \"%s\" for \"--%s\" flag: want true or false",
                text, kubectl_flags[f].name);
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

static void parse_dry_run(struct parser *p)
{
    static const char *const words[] = {"none", "client", "server"}; /* ORDER enum dry_run */
    const struct flag_value *f = &p->given[FLAG_DRY_RUN];
    for (size_t i = 0; f->text && i < ARRAY_LEN(words); i++)
        if (strcmp(f->text, words[i]) == 0)
            p->cmd->dry_run = (enum dry_run)i;
    if (f->text && strcmp(f->text, "true") == 0) /* --dry-run without a value */
        p->cmd->dry_run = DRY_CLIENT;
    else if (f->text && strcmp(f->text, "false") != 0 && !parser_is_one_of(f->text, words, ARRAY_LEN(words)))
        MISTAKE_SUGGEST(p, parser_at(p, f->word), parser_suggest(p, f->text, words, ARRAY_LEN(words)),
                        "Invalid dry-run value (%s). Must be \"none\", \"server\", or \"client\".", f->text);
}

/* --timeout, --wait ...: 30s, 5m; a bare number is a mistake, as in Go. */
static void parse_timeout(struct parser *p)
{
    const struct flag_value *f = &p->given[FLAG_TIMEOUT];
    p->cmd->timeout = SIM_NEVER;
    if (!f->text)
        return;
    size_t n = strlen(f->text);
    bool unit = n && (f->text[n - 1] == 's' || f->text[n - 1] == 'm' || f->text[n - 1] == 'h');
    if (sim_parse_duration(f->text, &p->cmd->timeout) != 0 || !(unit || strcmp(f->text, "0") == 0))
        MISTAKE(p, parser_at(p, f->word),
                "invalid argument \"%s\" for \"--timeout\" flag: want a duration such as 30s or 5m", f->text);
}

/* What several verbs share. */
static void parse_common(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    c->namespace_ = parser_flag_text(p, FLAG_NAMESPACE);
    c->all_namespaces = parser_flag_on(p, FLAG_ALL_NAMESPACES);
    c->all = parser_flag_on(p, FLAG_ALL);
    c->ignore_not_found = parser_flag_on(p, FLAG_NOT_FOUND);
    c->grace = c->tail = c->replicas = c->current_replicas = -1;
    parse_dry_run(p);
    parse_timeout(p);
    parser_output(p);
    if (p->given[FLAG_SELECTOR].text)
        c->has_selector = parser_selector(p, &p->given[FLAG_SELECTOR], &c->select);
    if (p->given[FLAG_FIELD_SELECTOR].text)
        parser_field_selector(p, &p->given[FLAG_FIELD_SELECTOR]);
    for (uint32_t i = 0; i < p->repeated.count; i++) {
        const struct flag_value *f = pool_at(&p->repeated, i);
        if (f->flag == FLAG_FILENAME)
            parser_file(p, f);
    }
}

bool kubectl_value_follows(const char *word)
{
    if (word[0] != '-' || !word[1] || strchr(word, '='))
        return false;
    for (int f = 0; f < FLAG_COUNT; f++) {
        const struct flag_info *info = &kubectl_flags[f];
        bool same = word[1] == '-' ? strcmp(word + 2, info->name) == 0
                                   : info->letter && word[strlen(word) - 1] == info->letter;
        if (same && info->takes == TAKES_VALUE && (word[1] == '-' || !word[2]))
            return true;
    }
    return false;
}

bool kubectl_has_flag(const char *word)
{
    size_t n = strcspn(word, "=");
    for (int f = 0; n > 2 && f < FLAG_COUNT; f++)
        if (strlen(kubectl_flags[f].name) == n - 2 && strncmp(kubectl_flags[f].name, word + 2, n - 2) == 0)
            return true;
    return false;
}

bool kubectl_goes_on(const struct kubectl_command *c) { return c->watch || kubectl_verbs[c->verb].waits; }

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
    pool_init(&p->repeated, p->arena, sizeof(struct flag_value));
    pool_init(&p->objects, p->arena, sizeof(const struct api_object *));
    if (strlen(line) > LINE_MAX_BYTES)
        return diag_report(p->diags, CODE_COMMAND, p->pos, NULL, "this command line is longer than %d bytes",
                           LINE_MAX_BYTES);
    if (kubectl_split(p->arena, p->cmd->line, &p->words, &error, &offset) < 0)
        return diag_report(p->diags, CODE_COMMAND, position(p, offset, 1), NULL, "%s", error);
    if (parse_verb(p) < 0)
        return -1;
    parse_words(p);
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

int kubectl_parse_value(struct arena *a, struct diag_set *d, const struct value *line, scenario_read_file *read_file,
                        void *ctx, const struct kubectl_command **ret_command)
{
    struct parser p = {.arena = a, .diags = d, .pos = line->at, .source = line, .read_file = read_file, .ctx = ctx};
    return parse(&p, line->text, ret_command);
}

int kubectl_check_features(struct arena *a, struct diag_set *d, const struct features *f,
                           const struct kubectl_command *command)
{
    int result = 0;
    if (command->verb != VERB_CREATE && command->verb != VERB_APPLY && command->verb != VERB_RUN &&
        command->verb != VERB_REPLACE)
        return 0;
    for (uint32_t i = 0; i < command->objects.count; i++) {
        const struct api_object *o = command->objects.items[i];
        if (o->kind == KIND_POD && pod_check_features(a, d, f, (const struct pod *)o) < 0)
            result = -1;
    }
    return result;
}
