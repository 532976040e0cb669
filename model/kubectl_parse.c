/* kubectl_parse.c - from a kubectl line to a struct kubectl_command. kubectl pkg/cmd/<verb>, v1.34.
 *
 * Flags are a table: name, letter, whether a value follows, which verbs take it. What kubectl accepts
 * and what means nothing in a simulation (--wait, --timeout, -it ...) is accepted and ignored; what is
 * modelled later says so; the rest is a mistake with a suggestion. Checks that need the cluster
 * (does the object exist?) are made when the command runs.
 */
#include <string.h>

#include "model/kubectl_private.h"

/* ---- tables ---- */

static const char *const verb_names[VERB_COUNT] = {
#define X(id, name) [VERB_##id] = name,
    KUBECTL_VERBS(X)
#undef X
};

/* Verbs of kubectl that podsim knows of and does not carry out. */
static const char *const later_verbs[] = {
    "scale", "rollout", "drain", "autoscale", "edit",   "replace",    "wait",  "rollback", "port-forward", "cp",
    "attach", "debug",  "top",   "events",    "explain", "api-resources", "auth", "certificate", "cluster-info",
    "config", "diff",   "kustomize", "proxy", "version", "plugin", "options", "completion", "alpha", "api-versions",
};

/* Kinds of later stages, by every word kubectl knows them under. */
static const char *const later_kinds[] = {
    "deployment", "deployments", "deploy", "replicaset", "replicasets", "rs", "statefulset", "statefulsets", "sts",
    "daemonset", "daemonsets", "ds", "job", "jobs", "cronjob", "cronjobs", "cj", "replicationcontroller",
    "replicationcontrollers", "rc", "horizontalpodautoscaler", "horizontalpodautoscalers", "hpa",
    "poddisruptionbudget", "poddisruptionbudgets", "pdb", "resourcequota", "resourcequotas", "quota", "limitrange",
    "limitranges", "limits", "persistentvolumeclaim", "persistentvolumeclaims", "pvc", "persistentvolume",
    "persistentvolumes", "pv", "storageclass", "sc", "ingress", "ingresses", "ing", "networkpolicy", "netpol",
    "serviceaccount", "serviceaccounts", "sa", "priorityclass", "priorityclasses", "pc", "lease", "leases",
    "role", "rolebinding", "clusterrole", "clusterrolebinding", "customresourcedefinition", "crd",
};

#define V(id) (1u << VERB_##id)
#define V_ALL (~0u)
#define V_FILE (V(APPLY) | V(CREATE) | V(DELETE) | V(GET) | V(LABEL) | V(ANNOTATE) | V(DESCRIBE) | V(EXPOSE))
#define V_SELECT (V(DELETE) | V(GET) | V(LABEL) | V(ANNOTATE) | V(DESCRIBE) | V(TAINT) | V(CORDON) | V(UNCORDON) | V(LOGS) | V(SET))

enum takes { TAKES_NOTHING, TAKES_VALUE, TAKES_MAYBE /* --wait, --wait=false */ };

/*    id              name               letter  value          verbs */
#define FLAGS(X)                                                                                       \
    X(NAMESPACE,      "namespace",        'n', TAKES_VALUE,   V_ALL)                                    \
    X(ALL_NAMESPACES, "all-namespaces",   'A', TAKES_MAYBE,   V(GET) | V(DELETE) | V(LABEL) | V(ANNOTATE) | V(DESCRIBE)) \
    X(SELECTOR,       "selector",         'l', TAKES_VALUE,   V_SELECT)                                 \
    X(FIELD_SELECTOR, "field-selector",    0,  TAKES_VALUE,   V(GET) | V(DELETE) | V(LABEL) | V(ANNOTATE)) \
    X(ALL,            "all",               0,  TAKES_MAYBE,   V(DELETE) | V(LABEL) | V(ANNOTATE) | V(TAINT) | V(SET)) \
    X(FILENAME,       "filename",         'f', TAKES_VALUE,   V_FILE)                                   \
    X(OUTPUT,         "output",           'o', TAKES_VALUE,   V(GET))                                   \
    X(NO_HEADERS,     "no-headers",        0,  TAKES_MAYBE,   V(GET))                                   \
    X(GRACE,          "grace-period",      0,  TAKES_VALUE,   V(DELETE))                                \
    X(FORCE,          "force",             0,  TAKES_MAYBE,   V(DELETE))                                \
    X(NOW,            "now",               0,  TAKES_MAYBE,   V(DELETE))                                \
    X(NOT_FOUND,      "ignore-not-found",  0,  TAKES_MAYBE,   V(DELETE) | V(GET))                       \
    X(CONTAINER,      "container",        'c', TAKES_VALUE,   V(EXEC) | V(LOGS))                        \
    X(PREVIOUS,       "previous",         'p', TAKES_MAYBE,   V(LOGS))                                  \
    X(TAIL,           "tail",              0,  TAKES_VALUE,   V(LOGS))                                  \
    X(ALL_CONTAINERS, "all-containers",    0,  TAKES_MAYBE,   V(LOGS))                                  \
    X(OVERWRITE,      "overwrite",         0,  TAKES_MAYBE,   V(LABEL) | V(ANNOTATE) | V(TAINT))        \
    X(PATCH,          "patch",            'p', TAKES_VALUE,   V(PATCH))                                 \
    X(PATCH_TYPE,     "type",              0,  TAKES_VALUE,   V(PATCH) | V(EXPOSE))                     \
    X(SUBRESOURCE,    "subresource",       0,  TAKES_VALUE,   V(PATCH) | V(GET))                        \
    X(IMAGE,          "image",             0,  TAKES_VALUE,   V(RUN))                                   \
    X(RESTART,        "restart",           0,  TAKES_VALUE,   V(RUN))                                   \
    X(LABELS,         "labels",           'l', TAKES_VALUE,   V(RUN) | V(EXPOSE))                       \
    X(ENV,            "env",               0,  TAKES_VALUE,   V(RUN))                                   \
    X(COMMAND,        "command",           0,  TAKES_MAYBE,   V(RUN))                                   \
    X(PULL_POLICY,    "image-pull-policy", 0,  TAKES_VALUE,   V(RUN))                                   \
    X(PORT,           "port",              0,  TAKES_VALUE,   V(RUN) | V(EXPOSE))                       \
    X(TARGET_PORT,    "target-port",       0,  TAKES_VALUE,   V(EXPOSE))                                \
    X(NAME,           "name",              0,  TAKES_VALUE,   V(EXPOSE))                                \
    X(EXPOSE_SELECTOR, "selector",         0,  TAKES_VALUE,   V(EXPOSE))                                \
    X(LITERAL,        "from-literal",      0,  TAKES_VALUE,   V(CREATE))                                \
    /* accepted, without meaning here */                                                                \
    X(STDIN,          "stdin",            'i', TAKES_MAYBE,   V(EXEC) | V(RUN))                         \
    X(TTY,            "tty",              't', TAKES_MAYBE,   V(EXEC) | V(RUN))                         \
    X(QUIET,          "quiet",            'q', TAKES_MAYBE,   V(EXEC) | V(RUN))                         \
    X(WAIT,           "wait",              0,  TAKES_MAYBE,   V(DELETE) | V(APPLY))                     \
    X(TIMEOUT,        "timeout",           0,  TAKES_VALUE,   V(DELETE) | V(APPLY))                     \
    X(REQUEST_TIMEOUT, "request-timeout",  0,  TAKES_VALUE,   V_ALL)                                    \
    X(RECURSIVE,      "recursive",        'R', TAKES_MAYBE,   V_FILE)                                   \
    X(VALIDATE,       "validate",          0,  TAKES_MAYBE,   V(APPLY) | V(CREATE))                     \
    X(SERVER_SIDE,    "server-side",       0,  TAKES_MAYBE,   V(APPLY))                                 \
    X(FIELD_MANAGER,  "field-manager",     0,  TAKES_VALUE,   V_ALL)                                    \
    X(SAVE_CONFIG,    "save-config",       0,  TAKES_MAYBE,   V(CREATE))                                \
    X(RECORD,         "record",            0,  TAKES_MAYBE,   V_ALL)                                    \
    X(SORT_BY,        "sort-by",           0,  TAKES_VALUE,   V(GET))                                   \
    X(SHOW_EVENTS,    "show-events",       0,  TAKES_MAYBE,   V(DESCRIBE))                              \
    X(CASCADE,        "cascade",           0,  TAKES_MAYBE,   V(DELETE))

enum flag_id {
#define X(id, name, letter, takes, verbs) FLAG_##id,
    FLAGS(X)
#undef X
        FLAG_COUNT
};

struct flag_info {
    const char *name;
    char letter;
    enum takes takes;
    uint32_t verbs;
};
static const struct flag_info flags[FLAG_COUNT] = {
#define X(id, name, letter, takes, verbs) [FLAG_##id] = {name, letter, takes, verbs},
    FLAGS(X)
#undef X
};

/* ---- the parser ---- */

struct flag_value {
    const struct word *word; /* where it was given */
    const char *text;        /* "true" for flags without a value */
};

struct parser {
    struct arena *arena;
    struct diag_set *diags;
    struct src_pos pos;         /* of the line */
    const struct value *source; /* the scalar the line stands in, or NULL */
    size_t skipped;             /* bytes of the scalar before the line */
    scenario_read_file *read_file;
    void *ctx;
    struct kubectl_command *cmd;
    word_list words;     /* of the line */
    word_list operands;  /* words that are neither flags nor their values */
    uint32_t dash_dash;  /* operands from here on came after `--`; operands.count = none did */
    struct flag_value given[FLAG_COUNT];
    struct pool literals; /* struct flag_value: --from-literal, --env, each time */
    struct pool objects;  /* const struct api_object * */
    int result;
};

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

static struct src_pos word_pos(const struct parser *p, const struct word *w)
{
    return position(p, w->offset, w->length);
}

#define MISTAKE(p, at, ...) ((p)->result = diag_error((p)->diags, (at), __VA_ARGS__))
#define MISTAKE_SUGGEST(p, at, help, ...) \
    ((p)->result = diag_error_suggest((p)->diags, (at), (help), __VA_ARGS__))

static const char *did_you_mean(struct parser *p, const char *word, const char *const *names, size_t count)
{
    const char *close = diag_closest(word, names, count);
    return close ? arena_printf(p->arena, "did you mean \"%s\"?", close) : NULL;
}

static bool is_one_of(const char *word, const char *const *names, size_t count)
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
        if (strcmp(w->text, verb_names[v]) == 0) {
            p->cmd->verb = (enum kubectl_verb)v;
            return 0;
        }
    }
    if (is_one_of(w->text, later_verbs, ARRAY_LEN(later_verbs)))
        return MISTAKE(p, word_pos(p, w), "kubectl %s is not modelled yet", w->text);
    const char *names[VERB_COUNT + ARRAY_LEN(later_verbs)];
    memcpy(names, verb_names, sizeof verb_names);
    memcpy(names + VERB_COUNT, later_verbs, sizeof later_verbs);
    return MISTAKE_SUGGEST(p, word_pos(p, w), did_you_mean(p, w->text, names, ARRAY_LEN(names)),
                           "unknown command \"%s\" for \"kubectl\"", w->text);
}

/* ---- flags ---- */

static bool takes_flag(const struct parser *p, int f)
{
    return (flags[f].verbs & 1u << p->cmd->verb) != 0;
}

static void unknown_flag(struct parser *p, const struct word *w, const char *name, size_t len)
{
    const char *names[FLAG_COUNT];
    size_t count = 0;
    for (int f = 0; f < FLAG_COUNT; f++)
        if (takes_flag(p, f))
            names[count++] = flags[f].name;
    const char *word = arena_strndup(p->arena, name, len);
    const char *close = diag_closest(word, names, count);
    const char *help = close ? arena_printf(p->arena, "did you mean \"--%s\"?", close) : NULL;
    if (strcmp(word, "dry-run") == 0 || strcmp(word, "overrides") == 0 || strcmp(word, "watch") == 0 ||
        strcmp(word, "follow") == 0)
        MISTAKE(p, word_pos(p, w), "kubectl %s --%s is not modelled yet", verb_names[p->cmd->verb], word);
    else
        MISTAKE_SUGGEST(p, word_pos(p, w), help, "unknown flag: --%s", word);
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
    if (flags[f].takes != TAKES_VALUE) {
        if (attached && flags[f].takes == TAKES_NOTHING)
            MISTAKE(p, word_pos(p, w), "flag --%s takes no value", flags[f].name);
        else
            give(p, f, w, attached ? attached : "true");
        return;
    }
    if (attached) {
        give(p, f, w, attached);
        return;
    }
    if (*at + 1 >= p->words.count) {
        MISTAKE(p, word_pos(p, w), "flag needs an argument: --%s", flags[f].name);
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
        if (takes_flag(p, f) && strlen(flags[f].name) == len && memcmp(flags[f].name, name, len) == 0) {
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
        while (f < FLAG_COUNT && !(flags[f].letter == *c && takes_flag(p, f)))
            f++;
        if (f == FLAG_COUNT) {
            MISTAKE(p, word_pos(p, w), "unknown shorthand flag: '%c' in %s", *c, w->text);
            return;
        }
        if (flags[f].takes == TAKES_VALUE) {
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

static const char *flag_text(const struct parser *p, enum flag_id f)
{
    return p->given[f].text;
}

static bool flag_on(struct parser *p, enum flag_id f)
{
    const char *text = p->given[f].text;
    if (!text || strcmp(text, "false") == 0)
        return false;
    if (strcmp(text, "true") != 0)
        MISTAKE(p, word_pos(p, p->given[f].word), "invalid argument \"%s\" for \"--%s\" flag: want true or false", text,
                flags[f].name);
    return true;
}

static bool parse_integer(const char *text, int64_t *ret)
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

static int64_t flag_integer(struct parser *p, enum flag_id f, int64_t otherwise)
{
    int64_t n = otherwise;
    if (p->given[f].text && !parse_integer(p->given[f].text, &n))
        MISTAKE(p, word_pos(p, p->given[f].word), "invalid argument \"%s\" for \"--%s\" flag: want a whole number",
                p->given[f].text, flags[f].name);
    return n;
}

/* ---- selectors ---- */

static const char *trimmed(struct arena *a, const char *text, size_t n)
{
    while (n && (*text == ' ' || *text == '\t'))
        text++, n--;
    while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    return arena_strndup(a, text, n);
}

/* "a, b" between the brackets of `key in (a, b)`. */
static str_list value_set(struct arena *a, const char *text, size_t n)
{
    str_list list = {arena_array(a, const char *, n + 1), 0};
    while (n) {
        const char *comma = memchr(text, ',', n);
        size_t one = comma ? (size_t)(comma - text) : n;
        list.items[list.count++] = trimmed(a, text, one);
        text += comma ? one + 1 : one;
        n -= comma ? one + 1 : one;
    }
    return list;
}

static str_list one_value(struct arena *a, const char *text)
{
    str_list list = {arena_array(a, const char *, 1), 1};
    list.items[0] = text;
    return list;
}

/* One requirement, without blanks around it. False if it is none. */
static bool selector_term(struct arena *a, const char *text, struct selector_term *ret)
{
    const char *open = strchr(text, '('), *close = open ? strchr(open, ')') : NULL;
    const char *in = strstr(text, " in "), *notin = strstr(text, " notin ");
    if (open && close && (in || notin)) {
        const char *word = notin ? notin : in;
        *ret = (struct selector_term){
            .key = trimmed(a, text, (size_t)(word - text)),
            .op = notin ? SELECT_NOT_IN : SELECT_IN,
            .values = value_set(a, open + 1, (size_t)(close - open - 1)),
        };
        return ret->key[0] != '\0';
    }
    const char *equals = strchr(text, '=');
    if (!equals) {
        bool negated = text[0] == '!';
        ret->key = trimmed(a, text + negated, strlen(text) - negated);
        ret->op = negated ? SELECT_NOT_EXISTS : SELECT_EXISTS;
        return ret->key[0] && !strchr(ret->key, ' ') && !open;
    }
    bool negated = equals > text && equals[-1] == '!';
    const char *value = equals + 1 + (equals[1] == '=');
    ret->key = trimmed(a, text, (size_t)(equals - text) - negated);
    ret->op = negated ? SELECT_NOT_IN : SELECT_IN;
    ret->values = one_value(a, trimmed(a, value, strlen(value)));
    return ret->key[0] && !strchr(ret->key, ' ');
}

/* Length up to the next comma outside of brackets. */
static size_t term_length(const char *text)
{
    int depth = 0;
    const char *p = text;
    for (; *p && !(*p == ',' && depth == 0); p++)
        depth += (*p == '(') - (*p == ')');
    return (size_t)(p - text);
}

static void parse_selector(struct parser *p, const struct flag_value *given)
{
    selector *s = &p->cmd->select;
    s->items = arena_array(p->arena, struct selector_term, strlen(given->text) + 1);
    for (const char *t = given->text; *t;) {
        size_t n = term_length(t);
        if (!selector_term(p->arena, trimmed(p->arena, t, n), &s->items[s->count++])) {
            MISTAKE(p, word_pos(p, given->word), "unable to parse the label selector \"%s\"", given->text);
            return;
        }
        t += n + (t[n] == ',');
    }
    p->cmd->has_selector = true;
}

static void parse_field_selector(struct parser *p, const struct flag_value *given)
{
    static const char *const known[] = {"metadata.name", "metadata.namespace", "spec.nodeName", "status.phase",
                                        "involvedObject.name", "reason", "type"};
    p->cmd->fields.items = arena_array(p->arena, struct field_term, strlen(given->text) + 1);
    for (const char *t = given->text; *t;) {
        size_t n = strcspn(t, ",");
        const char *term = arena_strndup(p->arena, t, n);
        const char *equals = strchr(term, '=');
        if (!equals || equals == term) {
            MISTAKE(p, word_pos(p, given->word), "invalid selector: \"%s\"; can't understand \"%s\"", given->text, term);
            return;
        }
        bool negated = equals[-1] == '!';
        struct field_term f = {arena_strndup(p->arena, term, (size_t)(equals - term) - negated),
                               equals + 1 + (equals[1] == '='), negated};
        if (!is_one_of(f.path, known, ARRAY_LEN(known)))
            MISTAKE_SUGGEST(p, word_pos(p, given->word), did_you_mean(p, f.path, known, ARRAY_LEN(known)),
                            "field label not supported: %s", f.path);
        p->cmd->fields.items[p->cmd->fields.count++] = f;
        t += n + (t[n] == ',');
    }
}

/* ---- kinds and names ---- */

static enum api_kind parse_kind(struct parser *p, const struct word *w, const char *text)
{
    /* "pods.v1." and "endpointslices.discovery.k8s.io" name the group, too. */
    const char *word = arena_strndup(p->arena, text, strcspn(text, "."));
    enum api_kind kind = kind_of_resource(word);
    if (kind != KIND_NONE)
        return kind;
    if (is_one_of(word, later_kinds, ARRAY_LEN(later_kinds))) {
        MISTAKE(p, word_pos(p, w), "%s is not modelled yet", word);
        return KIND_NONE;
    }
    const char *names[4 * KIND_COUNT];
    size_t count = 0;
    for (int k = 1; k < KIND_COUNT; k++) {
        names[count++] = kind_infos[k].resource;
        names[count++] = kind_infos[k].singular;
        if (kind_infos[k].short_name)
            names[count++] = kind_infos[k].short_name;
    }
    MISTAKE_SUGGEST(p, word_pos(p, w), did_you_mean(p, word, names, count),
                    "the server doesn't have a resource type \"%s\"", text);
    return KIND_NONE;
}

static void add_target(struct parser *p, enum api_kind kind, const char *name)
{
    if (kind == KIND_NONE)
        return;
    p->cmd->targets.items[p->cmd->targets.count++] = (struct target){kind, name};
}

static bool is_change(const char *text)
{
    size_t n = strlen(text);
    return strchr(text, '=') || (n > 1 && text[n - 1] == '-');
}

/* What `kubectl get all` shows of the modelled kinds. */
static const enum api_kind all_kinds[] = {KIND_POD, KIND_SERVICE};

/* "pods,svc" or "all", without names. */
static void target_kinds(struct parser *p, const struct word *w)
{
    if (strcmp(w->text, "all") == 0) {
        for (size_t i = 0; i < ARRAY_LEN(all_kinds); i++)
            add_target(p, all_kinds[i], NULL);
        p->cmd->by_type = true;
        return;
    }
    p->cmd->by_type = strchr(w->text, ',') != NULL;
    for (const char *t = w->text; *t;) {
        size_t n = strcspn(t, ",");
        add_target(p, parse_kind(p, w, arena_strndup(p->arena, t, n)), NULL);
        t += n + (t[n] == ',');
    }
}

/* TYPE/NAME... or TYPE NAME... or TYPE; from operand `at` to where changes (key=value) begin. Returns
 * the first operand that was not taken. */
static uint32_t parse_targets(struct parser *p, uint32_t at, enum api_kind otherwise, bool names_wanted)
{
    p->cmd->targets.items = arena_array(p->arena, struct target, p->operands.count + KIND_COUNT + 4);
    uint32_t end = at;
    bool changes = p->cmd->verb == VERB_LABEL || p->cmd->verb == VERB_ANNOTATE || p->cmd->verb == VERB_TAINT ||
                   p->cmd->verb == VERB_SET;
    while (end < p->dash_dash && !(changes && end > at && is_change(p->operands.items[end].text)))
        end++;
    if (at == end)
        return at;
    const struct word *first = &p->operands.items[at];
    if (strchr(first->text, '/')) {
        p->cmd->by_type = end - at > 1;
        for (uint32_t i = at; i < end; i++) {
            const struct word *w = &p->operands.items[i];
            const char *slash = strchr(w->text, '/');
            if (!slash || !slash[1]) {
                MISTAKE(p, word_pos(p, w), "there is no need to specify a resource type as a separate argument when "
                                           "passing arguments in resource/name form");
                continue;
            }
            const char *type = arena_strndup(p->arena, w->text, (size_t)(slash - w->text));
            add_target(p, parse_kind(p, w, type), slash + 1);
        }
        return end;
    }
    if (otherwise != KIND_NONE) { /* exec, logs, cordon: names of one kind */
        for (uint32_t i = at; i < end; i++)
            add_target(p, otherwise, p->operands.items[i].text);
        return end;
    }
    if (end - at == 1) {
        target_kinds(p, first);
        if (names_wanted && !p->cmd->has_selector && !p->cmd->all && p->cmd->fields.count == 0)
            MISTAKE(p, word_pos(p, first), "resource(s) were provided, but no name was specified");
        return end;
    }
    enum api_kind kind = parse_kind(p, first, first->text);
    for (uint32_t i = at + 1; i < end; i++)
        add_target(p, kind, p->operands.items[i].text);
    return end;
}

static void no_more(struct parser *p, uint32_t at)
{
    if (at < p->operands.count)
        MISTAKE(p, word_pos(p, &p->operands.items[at]), "unexpected argument \"%s\"", p->operands.items[at].text);
}

/* ---- files ---- */

static void read_documents(struct parser *p, const char *name, const char *text, size_t len)
{
    struct document_list docs = {0};
    if (value_parse(p->arena, p->diags, name, text, len, &docs) < 0)
        p->result = -1;
    for (uint32_t i = 0; i < docs.count; i++)
        if (api_read_document(p->arena, p->diags, &docs.items[i], &p->objects) < 0)
            p->result = -1;
}

static void parse_file(struct parser *p)
{
    const struct flag_value *f = &p->given[FLAG_FILENAME];
    const char *text = NULL;
    size_t len = 0;
    const char *error = "no files can be read here";
    p->cmd->file = f->text;
    if (strcmp(f->text, "-") == 0 || strstr(f->text, "://")) {
        MISTAKE(p, word_pos(p, f->word), "-f %s: want a file, or a name of spec.manifests", f->text);
        return;
    }
    if (!p->read_file || p->read_file(p->ctx, p->arena, f->text, &text, &len, &error) < 0) {
        MISTAKE(p, word_pos(p, f->word), "cannot read \"%s\": %s", f->text, error);
        return;
    }
    uint32_t errors = p->diags->error_count;
    read_documents(p, f->text, text, len);
    if (p->diags->error_count > errors)
        diag_note(p->diags, word_pos(p, f->word), "the file is named here");
}

static void take_objects(struct parser *p)
{
    uint32_t n = p->objects.count;
    const struct api_object **items = arena_array(p->arena, const struct api_object *, n + 1);
    for (uint32_t i = 0; i < n; i++)
        items[i] = *(const struct api_object **)pool_at(&p->objects, i);
    p->cmd->objects.items = items;
    p->cmd->objects.count = n;
}

/* Objects that a command makes up are written as a document and read like any other: same defaults,
 * same validation. `text` is JSON. */
static void read_made_up(struct parser *p, const struct strbuf *text, struct src_pos at)
{
    uint32_t errors = p->diags->error_count;
    read_documents(p, arena_printf(p->arena, "kubectl %s", verb_names[p->cmd->verb]), strbuf_str(text), text->len);
    if (p->diags->error_count > errors)
        diag_note(p->diags, at, "made by this command");
    for (uint32_t i = 0; i < p->objects.count; i++) /* the user wrote no such document */
        ((struct api_object *)(uintptr_t) * (const struct api_object **)pool_at(&p->objects, i))->source = NULL;
}

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
            MISTAKE(p, word_pos(p, w), "invalid %s spec: %s", what, w->text);
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
            MISTAKE(p, word_pos(p, w), "invalid taint spec: %s, want KEY=VALUE:EFFECT", w->text);
            continue;
        }
        if (c.effect && !is_one_of(c.effect, effects, ARRAY_LEN(effects)))
            MISTAKE_SUGGEST(p, word_pos(p, w), did_you_mean(p, c.effect, effects, ARRAY_LEN(effects)),
                            "invalid taint effect: %s, unsupported taint effect", c.effect);
        p->cmd->changes.items[p->cmd->changes.count++] = c;
    }
}

/* ---- one function per verb ---- */

static void parse_apply(struct parser *p)
{
    no_more(p, 0);
    if (!flag_text(p, FLAG_FILENAME))
        MISTAKE(p, p->pos, "must specify one of -f and -k");
}

/* "a=b" -> JSON member; values of several --from-literal or --env. */
static void literal_members(struct parser *p, struct strbuf *b, enum flag_id f, bool as_list)
{
    for (uint32_t i = 0; i < p->literals.count; i++) {
        const struct flag_value *v = pool_at(&p->literals, i);
        const char *equals = strchr(v->text, '=');
        if (!equals || equals == v->text) {
            MISTAKE(p, word_pos(p, v->word), "invalid --%s %s, expected key=value", flags[f].name, v->text);
            continue;
        }
        strbuf_puts(b, i ? "," : "");
        strbuf_puts(b, as_list ? "{\"name\":" : "");
        strbuf_json(b, arena_strndup(p->arena, v->text, (size_t)(equals - v->text)));
        strbuf_puts(b, as_list ? ",\"value\":" : ":");
        strbuf_json(b, equals + 1);
        strbuf_puts(b, as_list ? "}" : "");
    }
}

static void create_kind(struct parser *p)
{
    const struct word *w = &p->operands.items[0];
    enum api_kind kind = parse_kind(p, w, w->text);
    uint32_t at = 1;
    if (kind == KIND_NONE)
        return;
    if (kind == KIND_SECRET && p->operands.count > 1 && strcmp(p->operands.items[1].text, "generic") == 0)
        at = 2;
    if (kind != KIND_CONFIGMAP && kind != KIND_NAMESPACE && !(kind == KIND_SECRET && at == 2)) {
        MISTAKE(p, word_pos(p, w), "kubectl create %s is not modelled yet; use create -f", w->text);
        return;
    }
    if (at >= p->operands.count) {
        MISTAKE(p, p->pos, "exactly one NAME is required, got 0");
        return;
    }
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "{\"apiVersion\":\"v1\",\"kind\":\"%s\",\"metadata\":{\"name\":", kind_infos[kind].kind);
    strbuf_json(&b, p->operands.items[at].text);
    strbuf_putc(&b, '}');
    if (kind != KIND_NAMESPACE && p->literals.count) {
        strbuf_printf(&b, ",\"%s\":{", kind == KIND_SECRET ? "stringData" : "data");
        literal_members(p, &b, FLAG_LITERAL, false);
        strbuf_putc(&b, '}');
    }
    strbuf_putc(&b, '}');
    if (p->result == 0)
        read_made_up(p, &b, word_pos(p, w));
    strbuf_fini(&b);
    no_more(p, at + 1);
}

static void parse_create(struct parser *p)
{
    if (p->operands.count)
        create_kind(p);
    else if (!flag_text(p, FLAG_FILENAME))
        MISTAKE(p, p->pos, "must specify one of -f and -k");
}

/* k8s kubectl pkg/cmd/delete/delete.go Complete and Validate. */
static void parse_grace(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    c->grace = flag_integer(p, FLAG_GRACE, -1);
    c->force = flag_on(p, FLAG_FORCE);
    if (flag_on(p, FLAG_NOW)) {
        if (c->grace != -1)
            MISTAKE(p, word_pos(p, p->given[FLAG_NOW].word), "--now and --grace-period cannot be specified together");
        c->grace = 1;
    }
    if (c->force && c->grace > 0)
        MISTAKE(p, word_pos(p, p->given[FLAG_FORCE].word),
                "--force and --grace-period greater than 0 cannot be specified together");
    if (c->force && c->grace < 0)
        c->grace = 0;
    if (c->grace == 0 && !c->force)
        c->grace = 1; /* "to preserve backwards compatibility, but prevent accidental data loss" */
}

static void parse_delete(struct parser *p)
{
    parse_grace(p);
    p->cmd->ignore_not_found = flag_on(p, FLAG_NOT_FOUND);
    uint32_t at = parse_targets(p, 0, KIND_NONE, true);
    no_more(p, at);
    if (p->operands.count == 0 && !flag_text(p, FLAG_FILENAME))
        MISTAKE(p, p->pos, "You must provide one or more resources by argument or filename.");
}

static void parse_exec(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    c->container = flag_text(p, FLAG_CONTAINER);
    if (p->operands.count == 0 || p->dash_dash == 0) {
        MISTAKE(p, p->pos, "pod, type/name or --filename must be specified");
        return;
    }
    uint32_t all = p->operands.count;
    if (p->dash_dash == all && all > 1) {
        MISTAKE(p, word_pos(p, &p->operands.items[1]),
                "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead");
        return;
    }
    if (p->dash_dash == all) {
        MISTAKE(p, p->pos, "you must specify at least one command for the container");
        return;
    }
    if (parse_targets(p, 0, KIND_POD, false) > 1)
        MISTAKE(p, word_pos(p, &p->operands.items[1]), "want one pod, then -- and the command");
    c->argv.items = arena_array(p->arena, const char *, all);
    for (uint32_t i = p->dash_dash; i < all; i++)
        c->argv.items[c->argv.count++] = p->operands.items[i].text;
}

static void parse_label(struct parser *p)
{
    const char *what = p->cmd->verb == VERB_LABEL ? "label" : "annotation";
    p->cmd->overwrite = flag_on(p, FLAG_OVERWRITE);
    uint32_t at = parse_targets(p, 0, KIND_NONE, true);
    if (p->cmd->targets.count == 0 && p->result == 0)
        MISTAKE(p, p->pos, "You must provide one or more resources by argument or filename.");
    parse_changes(p, at, what);
}

static void parse_get(struct parser *p)
{
    static const char *const outputs[] = {"wide", "yaml", "json", "name"};
    static const enum kubectl_output values[] = {OUT_WIDE, OUT_YAML, OUT_JSON, OUT_NAME};
    const char *text = flag_text(p, FLAG_OUTPUT);
    bool known = !text;
    for (size_t i = 0; text && i < ARRAY_LEN(outputs); i++) {
        if (strcmp(text, outputs[i]) == 0) {
            p->cmd->output = values[i];
            known = true;
        }
    }
    if (!known)
        MISTAKE_SUGGEST(p, word_pos(p, p->given[FLAG_OUTPUT].word), did_you_mean(p, text, outputs, ARRAY_LEN(outputs)),
                        "unable to match a printer suitable for the output format \"%s\", allowed formats are: "
                        "json,name,wide,yaml",
                        text);
    p->cmd->no_headers = flag_on(p, FLAG_NO_HEADERS);
    p->cmd->ignore_not_found = flag_on(p, FLAG_NOT_FOUND);
    no_more(p, parse_targets(p, 0, KIND_NONE, false));
    if (p->operands.count == 0 && !flag_text(p, FLAG_FILENAME))
        MISTAKE(p, p->pos, "You must specify the type of resource to get.");
}

static void parse_describe(struct parser *p)
{
    no_more(p, parse_targets(p, 0, KIND_NONE, false));
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
    c->container = flag_text(p, FLAG_CONTAINER);
    c->previous = flag_on(p, FLAG_PREVIOUS);
    c->all_containers = flag_on(p, FLAG_ALL_CONTAINERS);
    c->tail = flag_integer(p, FLAG_TAIL, -1);
    if (p->operands.count == 0 && !c->has_selector)
        MISTAKE(p, p->pos, "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.");
    /* "logs POD CONTAINER" is the old form. */
    if (p->operands.count == 2 && !c->container && !strchr(p->operands.items[1].text, '/')) {
        c->container = p->operands.items[1].text;
        p->operands.count = p->dash_dash = 1;
    }
    no_more(p, parse_targets(p, 0, KIND_POD, false));
    if (p->operands.count == 0 && c->has_selector) {
        c->targets.items = arena_array(p->arena, struct target, 1);
        add_target(p, KIND_POD, NULL);
    }
}

static void parse_taint(struct parser *p)
{
    p->cmd->overwrite = flag_on(p, FLAG_OVERWRITE);
    uint32_t at = 0;
    if (p->operands.count && !strchr(p->operands.items[0].text, '/')) {
        /* the kind, names, then taints: those have a ':' or end in '-' */
        while (at < p->operands.count && (at == 0 || !(strchr(p->operands.items[at].text, ':') ||
                                                       is_change(p->operands.items[at].text))))
            at++;
    } else {
        at = p->operands.count ? 1 : 0;
    }
    uint32_t all = p->operands.count;
    p->operands.count = p->dash_dash = at;
    parse_targets(p, 0, KIND_NONE, true);
    p->operands.count = p->dash_dash = all;
    if (p->result == 0 && (p->cmd->targets.count == 0 || p->cmd->targets.items[0].kind != KIND_NODE))
        MISTAKE(p, p->pos, "only taints of nodes can be changed: taint nodes NAME KEY=VALUE:EFFECT");
    parse_taints(p, at);
}

static void parse_cordon(struct parser *p)
{
    no_more(p, parse_targets(p, 0, KIND_NODE, false));
    if (p->operands.count == 0 && !p->cmd->has_selector)
        MISTAKE(p, p->pos, "USAGE: %s NODE [flags]", verb_names[p->cmd->verb]);
}

static void parse_patch(struct parser *p)
{
    static const char *const types[] = {"strategic", "merge", "json"};
    const char *type = flag_text(p, FLAG_PATCH_TYPE), *sub = flag_text(p, FLAG_SUBRESOURCE);
    no_more(p, parse_targets(p, 0, KIND_NONE, true));
    for (size_t i = 0; type && i < ARRAY_LEN(types); i++)
        if (strcmp(type, types[i]) == 0)
            p->cmd->patch_type = (enum patch_type)i;
    if (type && !is_one_of(type, types, ARRAY_LEN(types)))
        MISTAKE_SUGGEST(p, word_pos(p, p->given[FLAG_PATCH_TYPE].word), did_you_mean(p, type, types, ARRAY_LEN(types)),
                        "--type must be one of [json merge strategic], not \"%s\"", type);
    p->cmd->status_subresource = sub && strcmp(sub, "status") == 0;
    if (sub && !p->cmd->status_subresource)
        MISTAKE(p, word_pos(p, p->given[FLAG_SUBRESOURCE].word), "--subresource=%s is not modelled yet", sub);
    const struct flag_value *f = &p->given[FLAG_PATCH];
    if (!f->text) {
        MISTAKE(p, p->pos, "must specify --patch or --patch-file containing the contents of the patch");
        return;
    }
    struct document_list docs = {0};
    if (value_parse(p->arena, p->diags, "patch", f->text, strlen(f->text), &docs) < 0 || docs.count != 1) {
        MISTAKE(p, word_pos(p, f->word), "unable to parse \"%s\"", f->text);
        return;
    }
    p->cmd->patch = docs.items[0].root;
    enum value_type want = p->cmd->patch_type == PATCH_JSON ? VALUE_LIST : VALUE_MAP;
    if (p->cmd->patch->type != want)
        MISTAKE(p, word_pos(p, f->word), "a %s patch is a %s", types[p->cmd->patch_type],
                want == VALUE_MAP ? "map" : "list of operations");
}

/* A label map from "a=b,c=d" as JSON members. */
static void label_members(struct parser *p, struct strbuf *b, const struct flag_value *given)
{
    uint32_t n = 0;
    for (const char *t = given->text; *t; n++) {
        size_t len = strcspn(t, ","), key = strcspn(t, "=");
        if (key >= len)
            MISTAKE(p, word_pos(p, given->word), "invalid label spec: %s", given->text);
        strbuf_puts(b, n ? "," : "");
        strbuf_json(b, arena_strndup(p->arena, t, key < len ? key : len));
        strbuf_putc(b, ':');
        strbuf_json(b, key < len ? arena_strndup(p->arena, t + key + 1, len - key - 1) : "");
        t += len + (t[len] == ',');
    }
}

static void string_member(struct strbuf *b, const char *name, const char *text)
{
    if (!text)
        return;
    strbuf_printf(b, ",\"%s\":", name);
    strbuf_json(b, text);
}

/* kubectl pkg/generate/versioned/run.go BasicPod: label run=NAME, one container of that name. */
static void run_pod(struct parser *p, struct strbuf *b, const char *name)
{
    strbuf_puts(b, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":");
    strbuf_json(b, name);
    strbuf_puts(b, ",\"labels\":{");
    if (flag_text(p, FLAG_LABELS)) {
        label_members(p, b, &p->given[FLAG_LABELS]);
    } else {
        strbuf_puts(b, "\"run\":");
        strbuf_json(b, name);
    }
    strbuf_puts(b, "}},\"spec\":{\"containers\":[{\"name\":");
    strbuf_json(b, name);
    string_member(b, "image", flag_text(p, FLAG_IMAGE));
    string_member(b, "imagePullPolicy", flag_text(p, FLAG_PULL_POLICY));
    if (flag_text(p, FLAG_PORT))
        strbuf_printf(b, ",\"ports\":[{\"containerPort\":%" PRId64 "}]", flag_integer(p, FLAG_PORT, 0));
    if (p->literals.count) {
        strbuf_puts(b, ",\"env\":[");
        literal_members(p, b, FLAG_ENV, true);
        strbuf_putc(b, ']');
    }
    if (p->operands.count > 1) {
        strbuf_puts(b, flag_on(p, FLAG_COMMAND) ? ",\"command\":[" : ",\"args\":[");
        for (uint32_t i = 1; i < p->operands.count; i++) {
            strbuf_puts(b, i > 1 ? "," : "");
            strbuf_json(b, p->operands.items[i].text);
        }
        strbuf_putc(b, ']');
    }
    strbuf_puts(b, "}]");
    string_member(b, "restartPolicy", flag_text(p, FLAG_RESTART));
    strbuf_puts(b, "}}");
}

static void parse_run(struct parser *p)
{
    static const char *const policies[] = {"Always", "OnFailure", "Never"};
    const char *restart = flag_text(p, FLAG_RESTART);
    if (p->operands.count == 0 || p->dash_dash == 0) {
        MISTAKE(p, p->pos, "NAME is required for run");
        return;
    }
    if (!flag_text(p, FLAG_IMAGE)) {
        MISTAKE(p, p->pos, "required flag(s) \"image\" not set");
        return;
    }
    if (restart && !is_one_of(restart, policies, ARRAY_LEN(policies)))
        MISTAKE_SUGGEST(p, word_pos(p, p->given[FLAG_RESTART].word),
                        did_you_mean(p, restart, policies, ARRAY_LEN(policies)), "invalid restart policy: %s", restart);
    struct strbuf b = STRBUF_INIT;
    run_pod(p, &b, p->operands.items[0].text);
    if (p->result == 0)
        read_made_up(p, &b, word_pos(p, &p->operands.items[0]));
    strbuf_fini(&b);
}

/* The Service is made when the command runs: its selector is the labels of what it exposes. */
static void parse_expose(struct parser *p)
{
    no_more(p, parse_targets(p, 0, KIND_NONE, true));
    struct kubectl_command *c = p->cmd;
    if (p->result < 0)
        return;
    if (c->targets.count != 1 || (c->targets.items[0].kind != KIND_POD && c->targets.items[0].kind != KIND_SERVICE)) {
        MISTAKE(p, p->pos, "want one pod or service to expose: expose pod NAME --port=80");
        return;
    }
    int64_t port = flag_integer(p, FLAG_PORT, 0);
    const char *target = flag_text(p, FLAG_TARGET_PORT), *name = flag_text(p, FLAG_NAME);
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":");
    strbuf_json(&b, name ? name : c->targets.items[0].name);
    strbuf_puts(&b, "},\"spec\":{");
    /* port 1 stands for "the container's own", see kubectl.c expose_port() */
    strbuf_printf(&b, "\"ports\":[{\"port\":%" PRId64, port ? port : 1);
    int64_t number;
    if (target && parse_integer(target, &number))
        strbuf_printf(&b, ",\"targetPort\":%" PRId64, number);
    else
        string_member(&b, "targetPort", target);
    strbuf_puts(&b, "}],\"selector\":{");
    if (flag_text(p, FLAG_EXPOSE_SELECTOR))
        label_members(p, &b, &p->given[FLAG_EXPOSE_SELECTOR]);
    strbuf_putc(&b, '}');
    string_member(&b, "type", flag_text(p, FLAG_PATCH_TYPE));
    strbuf_puts(&b, "}}");
    if (p->result == 0)
        read_made_up(p, &b, p->pos);
    strbuf_fini(&b);
    c->tail = port; /* 0 = not given */
}

static void parse_set(struct parser *p)
{
    if (p->operands.count == 0 || strcmp(p->operands.items[0].text, "image") != 0) {
        MISTAKE(p, p->operands.count ? word_pos(p, &p->operands.items[0]) : p->pos,
                "want \"set image\"; other kinds of set are not modelled yet");
        return;
    }
    uint32_t at = parse_targets(p, 1, KIND_NONE, true);
    if (p->cmd->targets.count && p->cmd->targets.items[0].kind != KIND_POD)
        MISTAKE(p, word_pos(p, &p->operands.items[1]), "images can be set on pods only");
    parse_changes(p, at, "image");
}

static void (*const verb_parsers[VERB_COUNT])(struct parser *) = {
    [VERB_APPLY] = parse_apply,       [VERB_CREATE] = parse_create, [VERB_DELETE] = parse_delete,
    [VERB_EXEC] = parse_exec,         [VERB_LABEL] = parse_label,   [VERB_ANNOTATE] = parse_label,
    [VERB_GET] = parse_get,           [VERB_DESCRIBE] = parse_describe, [VERB_LOGS] = parse_logs,
    [VERB_TAINT] = parse_taint,       [VERB_CORDON] = parse_cordon, [VERB_UNCORDON] = parse_cordon,
    [VERB_PATCH] = parse_patch,       [VERB_RUN] = parse_run,       [VERB_EXPOSE] = parse_expose,
    [VERB_SET] = parse_set,
};

/* What several verbs share. */
static void parse_common(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    c->namespace_ = flag_text(p, FLAG_NAMESPACE);
    c->all_namespaces = flag_on(p, FLAG_ALL_NAMESPACES);
    c->all = flag_on(p, FLAG_ALL);
    c->grace = c->tail = -1;
    if (p->given[FLAG_SELECTOR].text)
        parse_selector(p, &p->given[FLAG_SELECTOR]);
    if (p->given[FLAG_FIELD_SELECTOR].text)
        parse_field_selector(p, &p->given[FLAG_FIELD_SELECTOR]);
    if (p->given[FLAG_FILENAME].text)
        parse_file(p);
}

static size_t skip_kubectl(const char *line)
{
    static const char word[] = "kubectl";
    size_t n = strspn(line, " \t\n");
    if (strncmp(line + n, word, sizeof word - 1) == 0 && strchr(" \t\n", line[n + sizeof word - 1]) &&
        line[n + sizeof word - 1])
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
        return diag_error(p->diags, p->pos, "this command line is longer than %d bytes", LINE_MAX_BYTES);
    if (kubectl_split(p->arena, p->cmd->line, &p->words, &error, &offset) < 0)
        return diag_error(p->diags, position(p, offset, 1), "%s", error);
    if (parse_verb(p) < 0)
        return -1;
    parse_words(p);
    if (p->result < 0)
        return -1;
    parse_common(p);
    verb_parsers[p->cmd->verb](p);
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
