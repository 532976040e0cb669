/* options_table.c - the tables of options_table.h, and how text becomes the value of an option. */
#include "tools/options_table.h"

#include <string.h>

#include "tools/commands.h"

const struct command_info command_infos[CMD_COUNT] = {
#define COMMAND(id, function, name, operands, which, doc)                                                              \
    [CMD_##id] = {function, name, operands, OPERANDS_##which, doc},
#include "tools/commands.def"
#undef COMMAND
};

const struct exit_code_info exit_code_infos[] = {
#define X(id, number, doc) {EXIT_##id, doc},
    EXIT_CODES(X)
#undef X
};
const uint32_t exit_code_count = ARRAY_LEN(exit_code_infos);

/* ---- choices, in the order of their enums ---- */

static const char *const formats_names[REPORT_FORMAT_COUNT] = {
#define X(id, name, doc) [REPORT_##id] = name,
    REPORT_FORMATS(X)
#undef X
};
static const char *const get_formats_names[GET_FORMAT_COUNT] = {
    [GET_TABLE] = "table", [GET_WIDE] = "wide", [GET_JSON] = "json", [GET_YAML] = "yaml", [GET_NAME] = "name"};
static const char *const whens_names[] = {[WHEN_AUTO] = "auto", [WHEN_ALWAYS] = "always", [WHEN_NEVER] = "never"};
static const char *const depths_names[] = {
    [NARRATE_BEGINNER] = "beginner", [NARRATE_OPERATOR] = "operator", [NARRATE_KUBELET] = "kubelet"};
static const char *const themes_names[] = {[THEME_LIGHT] = "light", [THEME_DARK] = "dark"};
static const char *const profiles_names[] = {[PROFILE_INSTANT] = "instant",
                                             [PROFILE_TYPICAL] = "typical",
                                             [PROFILE_JITTERED] = "jittered",
                                             [PROFILE_REF] = "ref"};

static const char *const warnings_names[] = {
    [WARNINGS_SHOW] = "show", [WARNINGS_OFF] = "off", [WARNINGS_ERROR] = "error"};
static const char *const diagnostics_names[] = {[DIAGNOSTICS_TEXT] = "text", [DIAGNOSTICS_JSON] = "json"};

#define CHOICE_SETS(X)                                                                                                 \
    X(formats)                                                                                                         \
    X(get_formats)                                                                                                     \
    X(whens)                                                                                                           \
    X(depths)                                                                                                          \
    X(themes)                                                                                                          \
    X(profiles)                                                                                                        \
    X(warnings)                                                                                                        \
    X(diagnostics)

#define X(set) static const struct choice_set choices_##set = {set##_names, ARRAY_LEN(set##_names)};
CHOICE_SETS(X)
#undef X

/* ---- options ---- */

/* type, size of the field, choices */
#define FLAG        OPTION_FLAG, sizeof(bool), NULL
#define TEXT        OPTION_TEXT, sizeof(const char *), NULL
#define NUMBER      OPTION_NUMBER, sizeof(uint64_t), NULL
#define POSITIVE    OPTION_POSITIVE, sizeof(uint64_t), NULL
#define MAYBE       OPTION_MAYBE, sizeof(uint64_t), NULL
#define COUNT       OPTION_COUNT, sizeof(int64_t), NULL
#define DURATION    OPTION_DURATION, sizeof(sim_time), NULL
#define AMOUNT      OPTION_AMOUNT, sizeof(uint64_t), NULL
#define CHOICE(set) OPTION_CHOICE, sizeof(int), &choices_##set
#define LIST        OPTION_LIST, sizeof(struct text_list), NULL

#define TYPE_OF(...)                 TYPE_OF_(__VA_ARGS__)
#define TYPE_OF_(type, size, set)    type
#define SIZE_OF(...)                 SIZE_OF_(__VA_ARGS__)
#define SIZE_OF_(type, size, set)    size
#define CHOICES_OF(...)              CHOICES_OF_(__VA_ARGS__)
#define CHOICES_OF_(type, size, set) set

#define ON(command) (1u << CMD_##command)
#define ALL         ~0u
#define VIEWS       (ON(GET) | ON(DESCRIBE) | ON(EVENTS) | ON(TOP) | ON(ROLLOUT))
#define EXPLAINERS  (ON(WHY) | ON(WHY_NOT))
#define RUNNERS     (ON(RUN) | ON(DIFF) | ON(PLOT) | ON(PLAY) | EXPLAINERS)
#define READERS     (RUNNERS | ON(LOGS) | VIEWS)
#define CONFIGURED  (READERS | ON(TEST) | ON(DOCTEST) | ON(CONFIG))
const struct option_info option_infos[OPT_COUNT] = {
#define OPTION(id, name, letter, type, field, argument, from, commands, doc)                                           \
    [OPT_##id] = {name,     letter, TYPE_OF(type), CHOICES_OF(type), offsetof(struct options, field), argument, from,  \
                  commands, doc},
#include "tools/options.def"
#undef OPTION
};

#define OPTION(id, name, letter, type, field, argument, from, commands, doc)                                           \
    _Static_assert(sizeof(((struct options *)0)->field) == SIZE_OF(type), #id ": its field has another type");
#include "tools/options.def"
#undef OPTION

enum option_id option_find(enum command_id command, const char *name, size_t len)
{
    for (int i = 0; i < OPT_COUNT; i++) {
        const char *have = option_infos[i].name;
        if (command_takes(command, (enum option_id)i) && strlen(have) == len && memcmp(have, name, len) == 0)
            return (enum option_id)i;
    }
    return OPT_COUNT;
}

void option_variable(enum option_id id, struct strbuf *out)
{
    strbuf_puts(out, "PODSIM_");
    for (const char *c = option_infos[id].name; *c; c++)
        strbuf_putc(out, *c == '-' ? '_' : (char)(*c - 'a' + 'A'));
}

/* ---- values ---- */

/* `what` of the complaints below is "--until" or "PODSIM_UNTIL". */

static int set_choice(const struct choice_set *set, const char *what, const char *text, void *ret,
                      struct strbuf *complaint)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (strcmp(set->names[i], text) == 0) {
            *(int *)ret = (int)i;
            return 0;
        }
    }
    strbuf_printf(complaint, "%s: want one of ", what);
    for (uint32_t i = 0; i < set->count; i++)
        strbuf_printf(complaint, "%s%s", i ? ", " : "", set->names[i]);
    strbuf_printf(complaint, ", got \"%s\"", text);
    const char *close = diag_closest(text, set->names, set->count);
    if (close)
        strbuf_printf(complaint, "; did you mean \"%s\"?", close);
    return -1;
}

static int set_flag(const char *what, const char *text, bool *ret, struct strbuf *complaint)
{
    static const char *const words[][2] = {{"false", "true"}, {"0", "1"}, {"no", "yes"}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        for (int value = 0; value < 2; value++) {
            if (strcmp(text, words[i][value]) == 0) {
                *ret = value;
                return 0;
            }
        }
    }
    strbuf_printf(complaint, "%s: want true or false, got \"%s\"", what, text);
    return -1;
}

static int set_number(const char *what, const char *text, uint64_t *ret, struct strbuf *complaint)
{
    uint64_t n = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
            break;
    if (*p >= '0' && *p <= '9') {
        strbuf_printf(complaint, "%s: %s is too large", what, text);
        return -1;
    }
    if (p == text || *p) {
        strbuf_printf(complaint, "%s: want a whole number, got \"%s\"", what, text);
        return -1;
    }
    *ret = n;
    return 0;
}

static int set_positive(const char *what, const char *text, uint64_t *ret, struct strbuf *complaint)
{
    uint64_t n;
    if (set_number(what, text, &n, complaint) < 0)
        return -1;
    if (n == 0) {
        strbuf_printf(complaint, "%s: want at least 1, got 0", what);
        return -1;
    }
    *ret = n;
    return 0;
}

static int set_count(const char *what, const char *text, int64_t *ret, struct strbuf *complaint)
{
    uint64_t n = UINT64_MAX;
    if (strcmp(text, "-1") != 0 && set_number(what, text, &n, complaint) < 0)
        return -1;
    *ret = n > INT64_MAX ? -1 : (int64_t)n;
    return 0;
}

static int set_duration(const char *what, const char *text, sim_time *ret, struct strbuf *complaint)
{
    sim_time t;
    if (sim_parse_duration(text, &t) < 0 || t < 0) {
        strbuf_printf(complaint, "%s: want a duration such as 90s, 10m or 1h30m, got \"%s\"", what, text);
        return -1;
    }
    *ret = t;
    return 0;
}

static int set_amount(const char *what, const char *text, uint64_t *ret, struct strbuf *complaint)
{
    struct arena a;
    struct quantity q;
    arena_init(&a, 0);
    const char *wrong = quantity_parse(&a, text, &q);
    int64_t bytes = wrong ? 0 : quantity_value(&q);
    arena_fini(&a);
    if (bytes <= 0) {
        strbuf_printf(complaint, "%s: want an amount such as 512Mi or 2Gi, got \"%s\"", what, text);
        return -1;
    }
    *ret = (uint64_t)bytes;
    return 0;
}

void text_list_add(struct options *o, struct text_list *list, const char *text)
{
    enum { FIRST = 8 };
    bool full = list->count == 0 || (list->count >= FIRST && (list->count & (list->count - 1)) == 0);
    if (full) { /* at FIRST and then at each power of two: what was, is left to the arena */
        const char **items = arena_array(&o->arena, const char *, list->count ? 2 * list->count : FIRST);
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
    }
    list->items[list->count++] = text;
}

static int set_value(struct options *o, enum option_id id, const char *what, const char *text, struct strbuf *complaint)
{
    const struct option_info *info = &option_infos[id];
    void *field = (char *)o + info->offset;
    switch (info->type) {
    case OPTION_FLAG:
        return set_flag(what, text, field, complaint);
    case OPTION_TEXT:
        *(const char **)field = text;
        return 0;
    case OPTION_NUMBER:
        return set_number(what, text, field, complaint);
    case OPTION_POSITIVE:
    case OPTION_MAYBE:
        return set_positive(what, text, field, complaint);
    case OPTION_COUNT:
        return set_count(what, text, field, complaint);
    case OPTION_DURATION:
        return set_duration(what, text, field, complaint);
    case OPTION_AMOUNT:
        return set_amount(what, text, field, complaint);
    case OPTION_CHOICE:
        return set_choice(info->choices, what, text, field, complaint);
    case OPTION_LIST:
        text_list_add(o, field, text);
        return 0;
    }
    bool every_type_has_a_case = false;
    ASSERT(every_type_has_a_case);
    return -1;
}

int option_set(struct options *o, enum option_id id, enum option_origin origin, const char *what, const char *text,
               struct strbuf *complaint)
{
    if (o->origin[id] > origin)
        return 0;
    o->origin[id] = (uint8_t)origin;
    return set_value(o, id, what, text, complaint);
}

/* ---- printing ---- */

static void print_list(const struct text_list *list, struct strbuf *out)
{
    strbuf_putc(out, '[');
    for (uint32_t i = 0; i < list->count; i++) {
        strbuf_puts(out, i ? ", " : "");
        strbuf_json(out, list->items[i]);
    }
    strbuf_putc(out, ']');
}

void option_print(const struct options *o, enum option_id id, struct strbuf *out)
{
    const struct option_info *info = &option_infos[id];
    const void *field = (const char *)o + info->offset;
    const char *text;
    switch (info->type) {
    case OPTION_FLAG:
        strbuf_puts(out, *(const bool *)field ? "true" : "false");
        return;
    case OPTION_TEXT:
        text = *(const char *const *)field;
        strbuf_json(out, text ? text : "");
        return;
    case OPTION_NUMBER:
    case OPTION_POSITIVE:
    case OPTION_MAYBE:
    case OPTION_AMOUNT:
        strbuf_printf(out, "%" PRIu64, *(const uint64_t *)field);
        return;
    case OPTION_COUNT:
        strbuf_int(out, *(const int64_t *)field);
        return;
    case OPTION_DURATION:
        strbuf_go_duration(out, *(const sim_time *)field);
        return;
    case OPTION_CHOICE:
        strbuf_puts(out, info->choices->names[*(const int *)field]);
        return;
    case OPTION_LIST:
        print_list(field, out);
        return;
    }
}
