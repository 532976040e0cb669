/* options.c - the command line: GNU style, long options by unambiguous prefix are NOT accepted (scripts
 * would break when an option is added), operands and options in any order, `--` ends options.
 */
#include "tools/options.h"

#include <stdlib.h>
#include <string.h>

struct command_info {
    const char *name, *operands, *doc;
};

static const struct command_info commands[CMD_COUNT] = {
#define X(id, name, operands, doc) [CMD_##id] = {name, operands, doc},
    COMMANDS(X)
#undef X
};

struct option_info {
    const char *name;
    char letter;
    const char *argument; /* NULL = none */
    uint32_t commands;
    const char *doc;
};

static const struct option_info options[OPT_COUNT] = {
#define X(id, name, letter, argument, on, doc) [OPT_##id] = {name, letter, argument, on, doc},
    OPTIONS(X)
#undef X
};

static const char *const get_formats[GET_FORMAT_COUNT] = {"table", "wide", "json", "yaml", "name"};
static const char *const whens[] = {"auto", "always", "never"};
static const char *const profiles[] = {"instant", "typical", "jittered", "ref"};

int command_parse(const char *name, enum command_id *ret_command)
{
    for (int i = 0; i < CMD_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            *ret_command = (enum command_id)i;
            return 0;
        }
    }
    return -1;
}

/* ---- help ---- */

static void help_option(const struct option_info *o, struct strbuf *out)
{
    enum { COLUMN = 28 };
    size_t start = out->len;
    strbuf_puts(out, "  ");
    if (o->letter)
        strbuf_printf(out, "-%c, ", o->letter);
    else
        strbuf_puts(out, "    ");
    strbuf_printf(out, "--%s", o->name);
    if (o->argument)
        strbuf_printf(out, " %s", o->argument);
    size_t used = out->len - start;
    strbuf_fill(out, ' ', used < COLUMN ? COLUMN - used : 2);
    strbuf_printf(out, "%s\n", o->doc);
}

static void help_formats(enum command_id command, struct strbuf *out)
{
    if (command == CMD_RUN) {
        strbuf_puts(out, "\nFormats:\n");
        for (int i = 0; i < REPORT_FORMAT_COUNT; i++)
            strbuf_printf(out, "  %-12s%s\n", report_formats[i].name, report_formats[i].doc);
    } else if (command == CMD_GET) {
        strbuf_puts(out, "\nFormats:\n  table (default), wide, json, yaml, name: as kubectl get\n");
    }
}

static void help_exit_codes(struct strbuf *out)
{
    strbuf_puts(out, "\nExit codes:\n"
                     "  0    success\n"
                     "  1    logs: there is no such pod, container or instance\n"
                     "  2    wrong command line\n"
                     "  3    a file cannot be read, or is not a valid manifest or scenario\n"
                     "  4    a limit was reached (events, events at one instant, memory)\n"
                     "  5    internal error: a bug of podsim\n"
                     "  6    the machine failed: no memory, disk full, output cannot be written\n"
                     "  130  interrupted\n");
}

static void help_podsim(struct strbuf *out)
{
    strbuf_puts(out, "podsim - simulate what Kubernetes does with your pods, to the millisecond\n\n"
                     "Usage:\n");
    for (int i = 0; i < CMD_COUNT; i++) {
        size_t start = out->len;
        strbuf_printf(out, "  podsim %s %s", commands[i].name, commands[i].operands);
        size_t used = out->len - start;
        strbuf_fill(out, ' ', used < 26 ? 26 - used : 2);
        strbuf_printf(out, "%s\n", commands[i].doc);
    }
    strbuf_puts(out, "\nTry it:\n"
                     "  podsim run pod.yaml                what happens, and why\n"
                     "  podsim run pod.yaml -o get-pods    what `kubectl get pods --watch` would print\n"
                     "  podsim help run                    options and formats\n"
                     "  podsim help profiles               what each step costs\n"
                     "  podsim help faults                 what can befall a cluster, for a scenario's actions\n"
                     "  podsim help features               feature gates, and what changed with which version\n"
                     "  podsim help images [IMAGE]         what podsim knows of images\n"
                     "  podsim help behaviours             what containers can be told to do\n");
    help_exit_codes(out);
}

void options_help(enum command_id command, struct strbuf *out)
{
    if (command == CMD_COUNT) {
        help_podsim(out);
        return;
    }
    const struct command_info *c = &commands[command];
    strbuf_printf(out, "podsim %s - %s\n\nUsage:\n  podsim %s [OPTIONS] %s\n\nOptions:\n", c->name, c->doc, c->name,
                  c->operands);
    for (int i = 0; i < OPT_COUNT; i++)
        if (options[i].commands & 1u << command)
            help_option(&options[i], out);
    help_formats(command, out);
    help_exit_codes(out);
}

/* ---- parsing ---- */

static void suggest(struct strbuf *complaint, const char *word, const char *const *names, size_t count)
{
    const char *close = diag_closest(word, names, count);
    if (close)
        strbuf_printf(complaint, "; did you mean \"%s\"?", close);
}

/* Index of `text` among `names`, or -1 with a complaint. */
static int choose(const char *what, const char *text, const char *const *names, size_t count, struct strbuf *complaint)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], text) == 0)
            return (int)i;
    strbuf_printf(complaint, "%s: want one of ", what);
    for (size_t i = 0; i < count; i++)
        strbuf_printf(complaint, "%s%s", i ? ", " : "", names[i]);
    strbuf_printf(complaint, ", got \"%s\"", text);
    suggest(complaint, text, names, count);
    return -1;
}

static int parse_number(const char *what, const char *text, uint64_t *ret, struct strbuf *complaint)
{
    uint64_t n = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
            break;
    if (*p >= '0' && *p <= '9') {
        strbuf_printf(complaint, "--%s: %s is too large", what, text);
        return -1;
    }
    if (p == text || *p) {
        strbuf_printf(complaint, "--%s: want a whole number, got \"%s\"", what, text);
        return -1;
    }
    *ret = n;
    return 0;
}

static int parse_limit(const char *what, const char *text, uint64_t *ret, struct strbuf *complaint)
{
    if (parse_number(what, text, ret, complaint) < 0)
        return -1;
    if (*ret == 0)
        strbuf_printf(complaint, "--%s: want at least 1, got 0", what);
    return *ret ? 0 : -1;
}

static int parse_memory(const char *text, uint64_t *ret, struct strbuf *complaint)
{
    struct arena a;
    struct quantity q;
    arena_init(&a, 0);
    const char *wrong = quantity_parse(&a, text, &q);
    int64_t bytes = wrong ? 0 : quantity_value(&q);
    arena_fini(&a);
    if (bytes <= 0) {
        strbuf_printf(complaint, "--limit-memory: want an amount such as 512Mi or 2Gi, got \"%s\"", text);
        return -1;
    }
    *ret = (uint64_t)bytes;
    return 0;
}

static int parse_output(struct options *o, const char *text, struct strbuf *complaint)
{
    if (o->command == CMD_GET) {
        int i = choose("--output", text, get_formats, GET_FORMAT_COUNT, complaint);
        o->get_format = i < 0 ? GET_TABLE : (enum get_format)i;
        return i < 0 ? -1 : 0;
    }
    const char *names[REPORT_FORMAT_COUNT];
    for (int i = 0; i < REPORT_FORMAT_COUNT; i++)
        names[i] = report_formats[i].name;
    int i = choose("--output", text, names, REPORT_FORMAT_COUNT, complaint);
    o->format = i < 0 ? REPORT_TIMELINE : (enum report_format)i;
    return i < 0 ? -1 : 0;
}

static int parse_time(const char *what, const char *text, sim_time *ret, struct strbuf *complaint)
{
    if (sim_parse_duration(text, ret) == 0 && *ret >= 0)
        return 0;
    strbuf_printf(complaint, "--%s: want a duration such as 90s, 10m or 1h30m, got \"%s\"", what, text);
    return -1;
}

static int parse_until(struct options *o, const char *what, const char *text, struct strbuf *complaint)
{
    o->cluster.has_until = true;
    return parse_time(what, text, &o->cluster.until, complaint);
}

static int parse_tail(struct options *o, const char *text, struct strbuf *complaint)
{
    uint64_t n = 0;
    if (strcmp(text, "-1") == 0)
        return 0;
    if (parse_number("tail", text, &n, complaint) < 0)
        return -1;
    o->logs.tail = n > INT64_MAX ? -1 : (int64_t)n;
    return 0;
}

/* The options of logs alone. */
static int apply_logs(struct options *o, enum option_id id, const char *argument, struct strbuf *complaint)
{
    switch (id) {
    case OPT_CONTAINER:
        o->logs.container = argument;
        return 0;
    case OPT_NAMESPACE:
        o->logs.namespace_ = argument;
        return 0;
    case OPT_TAIL:
        return parse_tail(o, argument, complaint);
    case OPT_SINCE:
        return parse_time("since", argument, &o->logs.since, complaint);
    default:
        o->logs.all_containers |= id == OPT_ALL_CONTAINERS;
        o->logs.previous |= id == OPT_PREVIOUS;
        o->logs.timestamps |= id == OPT_TIMESTAMPS;
        o->logs.prefix |= id == OPT_PREFIX;
        return 0;
    }
}

static int apply(struct options *o, enum option_id id, const char *argument, struct strbuf *complaint)
{
    uint64_t n = 0;
    int i;
    switch (id) {
    case OPT_OUTPUT:
        return parse_output(o, argument, complaint);
    case OPT_FILENAME:
        o->files[o->file_count++] = argument;
        return 0;
    case OPT_UNTIL:
        return parse_until(o, "until", argument, complaint);
    case OPT_AT:
        return parse_until(o, "at", argument, complaint);
    case OPT_CONTAINER:
    case OPT_NAMESPACE:
    case OPT_ALL_CONTAINERS:
    case OPT_PREVIOUS:
    case OPT_TAIL:
    case OPT_SINCE:
    case OPT_TIMESTAMPS:
    case OPT_PREFIX:
        return apply_logs(o, id, argument, complaint);
    case OPT_SEED:
        o->cluster.has_seed = true;
        return parse_number("seed", argument, &o->cluster.seed, complaint);
    case OPT_TIE_ORDER:
        return parse_number("tie-order", argument, &o->cluster.tie_order.seed, complaint);
    case OPT_PROFILE:
        if (choose("--profile", argument, profiles, ARRAY_LEN(profiles), complaint) < 0)
            return -1;
        o->cluster.has_profile = true;
        return profile_kind_parse(argument, &o->cluster.profile);
    case OPT_NO_FAST_FORWARD:
        o->cluster.ticks = TICKS_ALL;
        return 0;
    case OPT_WIDTH:
        if (parse_number("width", argument, &n, complaint) < 0)
            return -1;
        o->width = n < REPORT_WIDTH_MIN ? REPORT_WIDTH_MIN : n > 10000 ? 10000 : (uint32_t)n;
        return 0;
    case OPT_COLOR:
        i = choose("--color", argument, whens, ARRAY_LEN(whens), complaint);
        o->color = i < 0 ? WHEN_AUTO : (enum when)i;
        return i < 0 ? -1 : 0;
    case OPT_NO_HEADER:
        o->no_header = true;
        return 0;
    case OPT_DIGEST:
        o->digest = true;
        return 0;
    case OPT_VERIFY:
        o->verify = true;
        return 0;
    case OPT_QUIET:
        o->quiet = true;
        return 0;
    case OPT_LIMIT_EVENTS:
        return parse_limit("limit-events", argument, &o->cluster.limits.events, complaint);
    case OPT_LIMIT_INSTANT:
        return parse_limit("limit-instant", argument, &o->cluster.limits.events_per_instant, complaint);
    case OPT_LIMIT_MEMORY:
        return parse_memory(argument, &o->cluster.limits.memory_bytes, complaint);
    case OPT_HELP:
        o->help = true;
        return 0;
    case OPT_COUNT:
        break;
    }
    bool every_option_has_a_case = false;
    ASSERT(every_option_has_a_case);
    return -1;
}

static bool takes(enum command_id command, int i) { return (options[i].commands & 1u << command) != 0; }

static int unknown_option(enum command_id command, const char *word, size_t len, struct strbuf *complaint)
{
    const char *names[OPT_COUNT];
    size_t count = 0;
    for (int i = 0; i < OPT_COUNT; i++)
        if (takes(command, i))
            names[count++] = options[i].name;
    strbuf_printf(complaint, "%s has no option %.*s", commands[command].name, (int)len, word);
    if (len > 3 && word[1] == '-') {
        char name[64];
        size_t n = len - 2 < sizeof name - 1 ? len - 2 : sizeof name - 1;
        memcpy(name, word + 2, n);
        name[n] = '\0';
        const char *close = diag_closest(name, names, count);
        if (close)
            strbuf_printf(complaint, "; did you mean --%s?", close);
    }
    return -1;
}

/* Walks argv: *at is the word at hand, and moves past an argument that is a word of its own. */
struct words {
    char **argv;
    int count, at;
};

static int with_argument(struct options *o, enum option_id id, const char *attached, struct words *w,
                         struct strbuf *complaint)
{
    const struct option_info *info = &options[id];
    if (!info->argument) {
        if (!attached)
            return apply(o, id, NULL, complaint);
        strbuf_printf(complaint, "--%s takes no argument", info->name);
        return -1;
    }
    if (attached)
        return apply(o, id, attached, complaint);
    if (w->at + 1 >= w->count) {
        strbuf_printf(complaint, "--%s wants %s", info->name, info->argument);
        return -1;
    }
    return apply(o, id, w->argv[++w->at], complaint);
}

static int long_option(struct options *o, const char *word, struct words *w, struct strbuf *complaint)
{
    size_t len = strcspn(word, "=");
    for (int i = 0; i < OPT_COUNT; i++) {
        if (takes(o->command, i) && strlen(options[i].name) == len - 2 &&
            memcmp(options[i].name, word + 2, len - 2) == 0)
            return with_argument(o, (enum option_id)i, word[len] ? word + len + 1 : NULL, w, complaint);
    }
    return unknown_option(o->command, word, len, complaint);
}

/* -o FORMAT, -oFORMAT; letters without argument may be joined: -qh. */
static int short_options(struct options *o, const char *word, struct words *w, struct strbuf *complaint)
{
    for (const char *c = word + 1; *c; c++) {
        int i = 0;
        while (i < OPT_COUNT && !(options[i].letter == *c && takes(o->command, i)))
            i++;
        if (i == OPT_COUNT)
            return unknown_option(o->command, word, strlen(word), complaint);
        if (options[i].argument)
            return with_argument(o, (enum option_id)i, c[1] ? c + 1 + (c[1] == '=') : NULL, w, complaint);
        if (apply(o, (enum option_id)i, NULL, complaint) < 0)
            return -1;
    }
    return 0;
}

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

static int operand(struct options *o, const char *word, struct strbuf *complaint)
{
    if (o->command == CMD_GET && kind_of_resource(word) != KIND_NONE) {
        strbuf_printf(complaint, "get prints what is in files, of every kind: want \"podsim get -f FILE\", got \"%s\"",
                      word);
        return -1;
    }
    if (o->command == CMD_LOGS && !names_a_file(word)) {
        if (o->logs.pod)
            strbuf_printf(complaint, "logs wants one pod, got \"%s\" and \"%s\" (-c names a container)", o->logs.pod,
                          word);
        else
            o->logs.pod = word;
        return complaint->len ? -1 : 0;
    }
    if (o->command == CMD_RUN || o->command == CMD_GET || o->command == CMD_LOGS) {
        o->files[o->file_count++] = word;
        return 0;
    }
    if (o->command == CMD_HELP && !o->topic) {
        o->topic = word;
        return 0;
    }
    if (o->command == CMD_HELP && !o->subject && strcmp(o->topic, "images") == 0) {
        o->subject = word;
        return 0;
    }
    strbuf_printf(complaint, "%s takes no operand, got \"%s\"", commands[o->command].name, word);
    return -1;
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
    const char *names[CMD_COUNT];
    for (int i = 0; i < CMD_COUNT; i++)
        names[i] = commands[i].name;
    strbuf_printf(complaint, "there is no command \"%s\"", word);
    if (looks_like_a_file(word))
        strbuf_printf(complaint, "; did you mean \"podsim run %s\"?", word);
    else if (strcmp(word, "apply") == 0 || strcmp(word, "create") == 0)
        strbuf_puts(complaint, "; \"podsim run FILE\" creates what is in FILE, and shows what happens");
    else
        suggest(complaint, word, names, CMD_COUNT);
    return -1;
}

static int parse_words(struct options *o, struct words *w, struct strbuf *complaint)
{
    bool ended = false;
    for (w->at = 2; w->at < w->count; w->at++) {
        const char *word = w->argv[w->at];
        int bad;
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

int options_parse(int argc, char **argv, struct options *ret, struct strbuf *complaint)
{
    *ret = (struct options){.command = CMD_HELP, .format = REPORT_TIMELINE, .logs = {.tail = -1, .since = SIM_NEVER}};
    if (argc < 2) {
        strbuf_puts(complaint, "a command is missing");
        return -1;
    }
    if (parse_command(ret, argv[1], complaint) < 0)
        return -1;
    ret->files = calloc((size_t)argc, sizeof *ret->files);
    if (!ret->files)
        sim_die("out of memory");
    struct words w = {argv, argc, 2};
    if (parse_words(ret, &w, complaint) < 0)
        return -1;
    bool wants_files = ret->command == CMD_RUN || ret->command == CMD_GET || ret->command == CMD_LOGS;
    if (wants_files && ret->file_count == 0 && !ret->help) {
        if (ret->logs.pod)
            strbuf_printf(complaint, "logs wants a file, too: \"podsim logs FILE %s\"; a directory is given with -f",
                          ret->logs.pod);
        else
            strbuf_printf(complaint, "%s wants a file, a directory, or - for standard input",
                          commands[ret->command].name);
        return -1;
    }
    return 0;
}

void options_fini(struct options *o)
{
    free(o->files);
    o->files = NULL;
}
