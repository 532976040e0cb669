/* options.c - the command line and the environment: GNU style, long options by unambiguous prefix are NOT accepted
 * (scripts would break when an option is added), operands and options in any order, `--` ends options.
 */
#include "tools/options.h"

#include <stdlib.h>
#include <string.h>

#include "model/kubectl.h"
#include "tools/options_table.h"

int command_parse(const char *name, enum command_id *ret_command)
{
    for (int i = 0; i < CMD_COUNT; i++) {
        if (strcmp(command_infos[i].name, name) == 0) {
            *ret_command = (enum command_id)i;
            return 0;
        }
    }
    return -1;
}

/* ---- options ---- */

/* Walks argv: *at is the word at hand, and moves past an argument that is a word of its own. */
struct words {
    char **argv;
    int count, at;
};

/* The one option of the command that begins with `name`, or NULL. */
static const char *only_beginning(enum command_id command, const char *name)
{
    const char *found = NULL;
    for (int i = 0; i < OPT_COUNT; i++) {
        if (!command_takes(command, (enum option_id)i) || strncmp(option_infos[i].name, name, strlen(name)) != 0)
            continue;
        if (found)
            return NULL;
        found = option_infos[i].name;
    }
    return found;
}

static bool suggest_own(enum command_id command, const char *name, struct strbuf *complaint)
{
    const char *names[OPT_COUNT];
    size_t count = 0;
    bool negated = strncmp(name, "no-", 3) == 0;
    enum option_id flag = negated ? option_find(command, name + 3, strlen(name + 3)) : OPT_COUNT;
    if (flag != OPT_COUNT && option_infos[flag].type == OPTION_FLAG) {
        strbuf_printf(complaint, "; did you mean --%s=false?", name + 3);
        return true;
    }
    for (int i = 0; i < OPT_COUNT; i++)
        if (command_takes(command, (enum option_id)i))
            names[count++] = option_infos[i].name;
    const char *beginning = only_beginning(command, name),
               *close = beginning ? beginning : diag_closest(name, names, count);
    if (close)
        strbuf_printf(complaint, "; did you mean --%s?", close);
    return close;
}

/* Which commands do have it. */
static void name_others(const char *name, struct strbuf *complaint)
{
    uint32_t count = 0;
    for (int i = 0; i < CMD_COUNT; i++)
        if (option_find((enum command_id)i, name, strlen(name)) != OPT_COUNT)
            strbuf_printf(complaint, "%s%s", count++ ? ", " : "; it is one of ", command_infos[i].name);
}

/* `word` of `len` bytes is as it was given: "--untill", "-x". */
static int unknown_option(enum command_id command, const char *word, size_t len, struct strbuf *complaint)
{
    char name[64];
    size_t dashes = strspn(word, "-"), n = len > dashes ? len - dashes : 0;
    strbuf_printf(complaint, "%s has no option %.*s", command_infos[command].name, (int)len, word);
    if (n < 2 || n >= sizeof name)
        return -1;
    memcpy(name, word + dashes, n);
    name[n] = '\0';
    if (!suggest_own(command, name, complaint))
        name_others(name, complaint);
    return -1;
}

static int set_from_line(struct options *o, enum option_id id, const char *text, struct strbuf *complaint)
{
    char what[64] = "--";
    ASSERT(strlen(option_infos[id].name) < sizeof what - 2);
    strcpy(what + 2, option_infos[id].name);
    return option_set(o, id, FROM_FLAG, what, text, complaint);
}

static int with_argument(struct options *o, enum option_id id, const char *attached, struct words *w,
                         struct strbuf *complaint)
{
    const struct option_info *info = &option_infos[id];
    if (attached)
        return set_from_line(o, id, attached, complaint);
    if (info->type == OPTION_FLAG)
        return set_from_line(o, id, "true", complaint);
    if (info->type == OPTION_MAYBE)
        return set_from_line(o, id, "1", complaint);
    if (w->at + 1 >= w->count) {
        strbuf_printf(complaint, "--%s wants %s", info->name, info->argument);
        return -1;
    }
    return set_from_line(o, id, w->argv[++w->at], complaint);
}

static int long_option(struct options *o, const char *word, struct words *w, struct strbuf *complaint)
{
    size_t len = strcspn(word, "=");
    enum option_id id = option_find(o->command, word + 2, len - 2);
    if (id == OPT_COUNT)
        return unknown_option(o->command, word, len, complaint);
    return with_argument(o, id, word[len] ? word + len + 1 : NULL, w, complaint);
}

/* -o FORMAT, -oFORMAT; letters without argument may be joined: -qh. */
static int short_options(struct options *o, const char *word, struct words *w, struct strbuf *complaint)
{
    for (const char *c = word + 1; *c; c++) {
        int i = 0;
        while (i < OPT_COUNT && !(option_infos[i].letter == *c && command_takes(o->command, (enum option_id)i)))
            i++;
        if (i == OPT_COUNT)
            return unknown_option(o->command, word, strlen(word), complaint);
        if (option_infos[i].type != OPTION_FLAG)
            return with_argument(o, (enum option_id)i, c[1] ? c + 1 + (c[1] == '=') : NULL, w, complaint);
        if (c[1] == '=')
            return set_from_line(o, (enum option_id)i, c + 2, complaint);
        if (set_from_line(o, (enum option_id)i, "true", complaint) < 0)
            return -1;
    }
    return 0;
}

/* ---- operands ---- */

static bool ends_with(const char *word, const char *end)
{
    size_t n = strlen(word), k = strlen(end);
    return n > k && strcmp(word + n - k, end) == 0;
}

/* Beside a pod's name: what ends as manifests do, paths from here or from the root, and "-". Others go with -f. */
static bool names_a_file(const char *word)
{
    return ends_with(word, ".yaml") || ends_with(word, ".yml") || ends_with(word, ".json") || word[0] == '/' ||
           word[0] == '.' || strcmp(word, "-") == 0;
}

static bool looks_like_a_file(const char *word)
{
    return strchr(word, '.') || strchr(word, '/') || strcmp(word, "-") == 0;
}

static int add_file(struct options *o, const char *word)
{
    text_list_add(o, &o->files, word);
    return 0;
}

static int file_or_pod(struct options *o, const char *word, struct strbuf *complaint)
{
    if (names_a_file(word))
        return add_file(o, word);
    if (o->logs.pod) {
        strbuf_printf(complaint, "logs wants one pod, got \"%s\" and \"%s\" (-c names a container)", o->logs.pod, word);
        return -1;
    }
    o->logs.pod = word;
    return 0;
}

/* A word of kubectl's grammar, and the value that follows it. */
static void kubectl_word(struct options *o, struct words *w)
{
    const char *word = w->argv[w->at];
    text_list_add(o, &o->kubectl.words, word);
    if (word[0] != '-')
        o->kubectl.about = true;
    else if (kubectl_value_follows(word) && w->at + 1 < w->count)
        text_list_add(o, &o->kubectl.words, w->argv[++w->at]);
}

/* An option of podsim's other commands, which kubectl has not either. */
static bool is_option_elsewhere(const char *word)
{
    size_t n = strcspn(word, "=");
    for (int i = 0; n > 2 && word[1] == '-' && i < CMD_COUNT; i++)
        if (option_find((enum command_id)i, word + 2, n - 2) != OPT_COUNT)
            return !kubectl_has_flag(word);
    return false;
}

/* What is podsim's own on the command line of get, describe ...: files, and options of its table but for those that
 * kubectl has as well. */
static bool is_own_option(const struct options *o, const char *word)
{
    if (word[1] != '-')
        return strchr("fq", word[1]) != NULL;
    size_t n = strcspn(word + 2, "=");
    enum option_id id = option_find(o->command, word + 2, n);
    return (id != OPT_COUNT && id != OPT_GET_OUTPUT) || is_option_elsewhere(word);
}

static int operand(struct options *o, const char *word, struct strbuf *complaint)
{
    enum operands which = command_infos[o->command].which;
    switch (which) {
    case OPERANDS_FILES:
    case OPERANDS_PATHS:
        return add_file(o, word);
    case OPERANDS_FILES_AND_POD:
        return file_or_pod(o, word, complaint);
    case OPERANDS_KUBECTL:
        return add_file(o, word);
    case OPERANDS_QUESTION:
        if (names_a_file(word))
            return add_file(o, word);
        o->question = o->question ? arena_printf(&o->arena, "%s %s", o->question, word) : word;
        return 0;
    case OPERANDS_WORD:
    case OPERANDS_TOPIC:
        if (!o->topic) {
            o->topic = word;
            return 0;
        }
        if (which == OPERANDS_TOPIC && !o->subject) {
            o->subject = word;
            return 0;
        }
        strbuf_printf(complaint, "%s takes no more operands, got \"%s\"", command_infos[o->command].name, word);
        return -1;
    case OPERANDS_NOTHING:
        break;
    }
    strbuf_printf(complaint, "%s takes no operand, got \"%s\"", command_infos[o->command].name, word);
    return -1;
}

static int check_operands(const struct options *o, struct strbuf *complaint)
{
    const struct command_info *c = &command_infos[o->command];
    bool files = c->which == OPERANDS_FILES || c->which == OPERANDS_FILES_AND_POD || c->which == OPERANDS_KUBECTL ||
                 c->which == OPERANDS_QUESTION;
    if (files && o->files.count == 0) {
        if (o->logs.pod)
            strbuf_printf(complaint, "logs wants a file, too: \"podsim logs FILE %s\"; a directory is given with -f",
                          o->logs.pod);
        else if (o->kubectl.about)
            strbuf_printf(complaint, "%s wants a file, too: \"podsim %s FILE %s\"; a directory is given with -f",
                          c->name, c->name, o->kubectl.words.items[0]);
        else
            strbuf_printf(complaint, "%s wants a file, a directory, or - for standard input", c->name);
        return -1;
    }
    if (c->which == OPERANDS_QUESTION && !o->question) {
        strbuf_printf(complaint, "%s wants to know what is to be explained, such as 'pod/web restart#1'", c->name);
        return -1;
    }
    if (c->which == OPERANDS_WORD && !o->topic) {
        strbuf_printf(complaint, "%s wants %s", c->name, c->operands);
        return -1;
    }
    return 0;
}

/* ---- everything ---- */

static bool is_kubectl_verb(const char *word)
{
    static const char *const verbs[] = {"annotate", "cordon", "delete",  "drain", "edit", "exec",  "explain",  "expose",
                                        "label",    "patch",  "replace", "scale", "set",  "taint", "uncordon", "wait"};
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (strcmp(word, verbs[i]) == 0)
            return true;
    return false;
}

static int parse_command(struct options *o, const char *word, struct strbuf *complaint)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        o->command = CMD_HELP;
        return 0;
    }
    if (strcmp(word, "--version") == 0) {
        o->command = CMD_VERSION;
        return 0;
    }
    if (command_parse(word, &o->command) == 0)
        return 0;
    if (word[0] == '-' && word[1]) {
        strbuf_printf(complaint, "want a command before %s", word);
        return -1;
    }
    const char *names[CMD_COUNT];
    for (int i = 0; i < CMD_COUNT; i++)
        names[i] = command_infos[i].name;
    strbuf_printf(complaint, "there is no command \"%s\"", word);
    const char *close = diag_closest(word, names, CMD_COUNT);
    if (looks_like_a_file(word) && !strchr(word, ' '))
        strbuf_printf(complaint, "; did you mean \"podsim run %s\"?", word);
    else if (strcmp(word, "apply") == 0 || strcmp(word, "create") == 0)
        strbuf_puts(complaint, "; \"podsim run FILE\" creates what is in FILE, and shows what happens");
    else if (is_kubectl_verb(word))
        strbuf_puts(complaint, "; kubectl's commands are actions of a scenario: podsim-scenario(5), KUBECTL LINES");
    else if (close)
        strbuf_printf(complaint, "; did you mean \"%s\"?", close);
    return -1;
}

static int parse_words(struct options *o, struct words *w, struct strbuf *complaint)
{
    bool ended = false;
    for (w->at = 2; w->at < w->count; w->at++) {
        const char *word = w->argv[w->at];
        bool plain = word[0] != '-' || !word[1];
        int bad;
        if (command_infos[o->command].which == OPERANDS_KUBECTL &&
            !(plain ? names_a_file(word) : is_own_option(o, word))) {
            kubectl_word(o, w);
            continue;
        }
        if (ended || word[0] != '-' || word[1] == '\0') {
            bad = operand(o, word, complaint);
        } else if (strcmp(word, "--") == 0) {
            ended = true;
            continue;
        } else if (word[1] == '-') {
            bad = long_option(o, word, w, complaint);
        } else {
            bad = short_options(o, word, w, complaint);
        }
        if (bad)
            return -1;
    }
    return 0;
}

/* PODSIM_TAG=slow,rollout: the items of a list are separated by commas. */
static int set_from_environment(struct options *o, enum option_id id, const char *variable, const char *text,
                                struct strbuf *complaint)
{
    if (option_infos[id].type != OPTION_LIST)
        return option_set(o, id, FROM_ENVIRONMENT, variable, text, complaint);
    while (*text) {
        size_t n = strcspn(text, ",");
        if (n && option_set(o, id, FROM_ENVIRONMENT, variable, arena_strndup(&o->arena, text, n), complaint) < 0)
            return -1;
        text += n + (text[n] == ',');
    }
    return 0;
}

/* An empty variable is as good as none. */
int options_read_environment(struct options *o, struct strbuf *complaint)
{
    int result = 0;
    struct strbuf variable = STRBUF_INIT;
    for (int i = 0; i < OPT_COUNT && result == 0; i++) {
        if (!option_has_variable((enum option_id)i) || !command_takes(o->command, (enum option_id)i))
            continue;
        strbuf_reset(&variable);
        option_variable((enum option_id)i, &variable);
        const char *text = getenv(strbuf_str(&variable));
        if (text && *text)
            result = set_from_environment(o, (enum option_id)i, strbuf_str(&variable), text, complaint);
    }
    strbuf_fini(&variable);
    return result;
}

enum { MAX_DIAGNOSTICS = 50 }; /* nobody reads more */

void options_derive(struct options *o)
{
    o->cluster.has_until = options_given(o, OPT_UNTIL) || options_given(o, OPT_AT);
    o->cluster.has_seed = options_given(o, OPT_SEED);
    o->cluster.has_profile = options_given(o, OPT_PROFILE);
    if (o->no_fast_forward)
        o->cluster.ticks = TICKS_ALL;
    if (!options_given(o, OPT_MAX_DIAGNOSTICS) && o->diagnostics == DIAGNOSTICS_TEXT)
        o->max_diagnostics = MAX_DIAGNOSTICS;
    if (o->max_diagnostics > UINT32_MAX)
        o->max_diagnostics = 0;
    if (o->width < REPORT_WIDTH_MIN)
        o->width = REPORT_WIDTH_MIN;
    if (o->width > 10000)
        o->width = 10000;
}

/* --set NAME=VALUE */
static int check_settings(const struct options *o, struct strbuf *complaint)
{
    for (uint32_t i = 0; i < o->settings.count; i++) {
        const char *text = o->settings.items[i], *equals = strchr(text, '=');
        if (equals && equals > text)
            continue;
        strbuf_printf(complaint, "--set %s: want NAME=VALUE", text);
        return -1;
    }
    return 0;
}

void options_default(struct options *ret, enum command_id command)
{
    *ret = (struct options){.command = command,
                            .format = REPORT_TIMELINE,
                            .logs = {.tail = -1, .since = SIM_NEVER},
                            .width = REPORT_WIDTH,
                            .speed = 10,
                            .test = {.max_wall = TEST_MAX_WALL}};
    arena_init(&ret->arena, 0);
}

int options_parse(int argc, char **argv, struct options *ret, struct strbuf *complaint)
{
    options_default(ret, CMD_COUNT);
    if (argc < 2) {
        strbuf_puts(complaint, "a command is missing");
        return -1;
    }
    struct words w = {argv, argc, 2};
    if (parse_command(ret, argv[1], complaint) < 0 || parse_words(ret, &w, complaint) < 0)
        return -1;
    if (ret->help)
        return 0;
    if (check_operands(ret, complaint) < 0 || check_settings(ret, complaint) < 0 ||
        options_read_environment(ret, complaint) < 0)
        return -1;
    return 0;
}

void options_fini(struct options *o) { arena_fini(&o->arena); }
