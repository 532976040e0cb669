/* config.c - podsim.yaml: found, checked against the table of options, applied. */
#include "tools/config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/files.h"
#include "tools/options_table.h"
#include "tools/output.h"

/* ---- finding it ---- */

static bool exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

static const char *find(struct arena *a)
{
    char *cwd = getcwd(NULL, 0);
    uint32_t above = 0;
    for (const char *c = cwd; c && *c; c++)
        above += c[0] == '/' && c[1];
    free(cwd);
    struct strbuf path = STRBUF_INIT;
    const char *found = NULL;
    for (uint32_t up = 0; up <= above && !found; up++) {
        size_t directory = 3 * up; /* "../" */
        strbuf_puts(&path, CONFIG_NAME);
        if (exists(strbuf_str(&path)))
            found = arena_strdup(a, strbuf_str(&path));
        path.len = directory;
        strbuf_puts(&path, ".git");
        bool root = exists(strbuf_str(&path));
        path.len = directory;
        if (root)
            break;
        strbuf_puts(&path, "../");
    }
    strbuf_fini(&path);
    return found;
}

/* ---- checking it ---- */

struct checker {
    struct arena *arena;
    struct diag_set *diags;
    struct options scratch; /* takes the values that are tried */
};

static const char *meant(struct checker *k, const char *word, const char *const *names, uint32_t count)
{
    const char *close = diag_closest(word, names, count);
    return close ? arena_printf(k->arena, "did you mean \"%s\"?", close) : NULL;
}

/* "color: want ...; did you mean "never"?" has two parts. */
static void report_value(struct checker *k, enum diag_code code, struct src_pos at, const char *complaint)
{
    const char *help = strstr(complaint, "; did you mean ");
    int n = help ? (int)(help - complaint) : (int)strlen(complaint);
    diag_report(k->diags, code, at, help ? help + 2 : NULL, "%.*s", n, complaint);
}

static void check_scalar(struct checker *k, enum option_id id, const char *key, const struct value *v)
{
    struct strbuf complaint = STRBUF_INIT;
    if (v->type == VALUE_MAP || v->type == VALUE_LIST || v->type == VALUE_NULL) {
        static const char *const got[] = {[VALUE_NULL] = "nothing", [VALUE_LIST] = "a list", [VALUE_MAP] = "a map"};
        diag_report(k->diags, CODE_TYPE, v->at, NULL, "%s: want %s, got %s", key,
                    option_infos[id].argument ? option_infos[id].argument : "true or false", got[v->type]);
    } else if (option_set(&k->scratch, id, FROM_FILE, key, v->text, &complaint) < 0) {
        report_value(k, option_infos[id].type == OPTION_CHOICE ? CODE_UNSUPPORTED : CODE_INVALID, v->at,
                     strbuf_str(&complaint));
    }
    strbuf_fini(&complaint);
}

static void check_value(struct checker *k, enum option_id id, const char *key, const struct value *v)
{
    if (v->type != VALUE_LIST || option_infos[id].type != OPTION_LIST) {
        check_scalar(k, id, key, v);
        return;
    }
    for (uint32_t i = 0; i < v->count; i++)
        check_scalar(k, id, key, v->items[i]);
}

static void check_section(struct checker *k, enum command_id command, const struct value_entry *section)
{
    const char *names[OPT_COUNT];
    uint32_t count = 0;
    for (int i = 0; i < OPT_COUNT; i++)
        if (command_takes(command, (enum option_id)i) && CAN_BE_CONFIGURED(option_infos[i].from))
            names[count++] = option_infos[i].name;
    if (section->value->type == VALUE_NULL)
        return;
    if (section->value->type != VALUE_MAP) {
        diag_report(k->diags, CODE_TYPE, section->value->at, NULL, "%s: want a map of options", section->key);
        return;
    }
    for (uint32_t i = 0; i < section->value->count; i++) {
        const struct value_entry *e = &section->value->entries[i];
        enum option_id id = option_find(command, e->key, strlen(e->key));
        if (id == OPT_COUNT)
            diag_report(k->diags, CODE_FIELD, e->key_at, meant(k, e->key, names, count),
                        "podsim %s has no option \"%s\"", section->key, e->key);
        else if (!CAN_BE_CONFIGURED(option_infos[id].from))
            diag_report(k->diags, CODE_FORBIDDEN, e->key_at, NULL, "%s: only the command line can say --%s", e->key,
                        e->key);
        else
            check_value(k, id, e->key, e->value);
    }
}

/* An option for all commands that have it. */
static void check_common(struct checker *k, const struct value_entry *e)
{
    const char *names[OPT_COUNT + CMD_COUNT];
    uint32_t count = 0;
    enum option_id other = OPT_COUNT; /* of this name, but not for everybody */
    for (int i = 0; i < OPT_COUNT; i++) {
        bool same = strcmp(option_infos[i].name, e->key) == 0;
        if (option_infos[i].from == ANYWHERE && same) {
            check_value(k, (enum option_id)i, e->key, e->value);
            return;
        }
        if (option_infos[i].from == ANYWHERE)
            names[count++] = option_infos[i].name;
        if (same)
            other = (enum option_id)i;
    }
    for (int i = 0; i < CMD_COUNT; i++)
        if (command_takes((enum command_id)i, OPT_CONFIG))
            names[count++] = command_infos[i].name;
    if (other == OPT_COUNT) {
        diag_report(k->diags, CODE_FIELD, e->key_at, meant(k, e->key, names, count),
                    "there is neither an option nor a command \"%s\"", e->key);
    } else if (!CAN_BE_CONFIGURED(option_infos[other].from)) {
        diag_report(k->diags, CODE_FORBIDDEN, e->key_at, NULL, "%s: only the command line can say --%s", e->key,
                    e->key);
    } else {
        const char *command = command_infos[__builtin_ctz(option_infos[other].commands)].name;
        diag_report(k->diags, CODE_FORBIDDEN, e->key_at,
                    arena_printf(k->arena, "write for example: %s: {%s: ...}", command, e->key),
                    "%s: belongs into the section of a command", e->key);
    }
}

static const char *text_of(const struct value *map, const char *key)
{
    const struct value *v = value_get(map, key);
    return v && v->text ? v->text : "";
}

static int check_root(struct checker *k, const struct value *root)
{
    const struct value *kind = value_get(root, "kind");
    if (root->type != VALUE_MAP)
        return diag_report(k->diags, CODE_TYPE, root->at, NULL, "want a map of options and commands");
    if (kind &&
        (strcmp(text_of(root, "kind"), "Config") != 0 || strcmp(text_of(root, "apiVersion"), "podsim.dev/v1") != 0))
        return diag_report(k->diags, CODE_KIND, kind->at, "give the manifest another name, or use --no-config",
                           CONFIG_NAME " is podsim's configuration: want no kind, or kind Config of podsim.dev/v1");
    for (uint32_t i = 0; i < root->count; i++) {
        const struct value_entry *e = &root->entries[i];
        enum command_id command;
        if (kind && (strcmp(e->key, "kind") == 0 || strcmp(e->key, "apiVersion") == 0))
            continue;
        if (command_parse(e->key, &command) == 0 && command_takes(command, OPT_CONFIG) && command != CMD_CONFIG)
            check_section(k, command, e);
        else
            check_common(k, e);
    }
    return 0;
}

int config_read(struct arena *a, struct diag_set *d, const struct options *o, struct config *ret)
{
    *ret = (struct config){0};
    if (o->no_config)
        return 0;
    const char *file = o->config ? o->config : find(a), *text = NULL, *error = NULL;
    struct inputs nothing_else = {0};
    struct document_list docs;
    size_t len;
    if (!file)
        return 0;
    if (inputs_read_file(&nothing_else, a, file, &text, &len, &error) < 0)
        return diag_report(d, CODE_FILE, SRC_POS_NONE, NULL, "cannot read %s: %s", file, error);
    ret->file = file;
    if (value_parse(a, d, file, text, len, &docs) < 0 || docs.count == 0)
        return d->error_count ? -1 : 0;
    ret->root = docs.items[0].root;
    struct checker k = {.arena = a, .diags = d};
    options_default(&k.scratch, CMD_COUNT);
    if (check_root(&k, ret->root) == 0 && docs.count > 1)
        diag_report(d, CODE_DUPLICATE, docs.items[1].at, NULL, "want one document");
    options_fini(&k.scratch);
    return d->error_count ? -1 : 0;
}

/* ---- applying it: everything has been checked ---- */

static void set(struct options *o, enum option_id id, enum option_origin origin, const struct value *v)
{
    struct strbuf complaint = STRBUF_INIT;
    uint32_t count = v->type == VALUE_LIST ? v->count : 1;
    if (o->origin[id] > origin)
        return;
    for (uint32_t i = 0; i < count; i++) {
        const char *text = v->type == VALUE_LIST ? v->items[i]->text : v->text;
        int bad = option_set(o, id, origin, option_infos[id].name, text, &complaint);
        ASSERT(!bad);
    }
    o->at[id] = v->at;
    strbuf_fini(&complaint);
}

static void set_all(struct options *o, enum option_origin origin, const struct value *map)
{
    for (uint32_t i = 0; map && map->type == VALUE_MAP && i < map->count; i++) {
        const struct value_entry *e = &map->entries[i];
        enum option_id id = option_find(o->command, e->key, strlen(e->key));
        bool here = id != OPT_COUNT && (origin == FROM_SECTION || option_infos[id].from == ANYWHERE);
        if (here)
            set(o, id, origin, e->value);
    }
}

void config_set(const struct config *c, struct options *o)
{
    if (!c->root)
        return;
    set_all(o, FROM_SECTION, value_get(c->root, command_infos[o->command].name));
    set_all(o, FROM_FILE, c->root);
}

static void say_which(const char *file)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "podsim: options from %s\n", file);
    output_error(&text);
    strbuf_fini(&text);
}

int config_apply(struct options *o)
{
    struct diag_set diags;
    struct config c;
    int result = 0;
    if (o->help || !command_takes(o->command, OPT_CONFIG) || o->command == CMD_CONFIG) {
        options_derive(o);
        return 0;
    }
    diag_init(&diags);
    result = config_read(&o->arena, &diags, o, &c);
    if (result == 0)
        config_set(&c, o);
    options_derive(o);
    if (c.file && o->verbose)
        say_which(c.file);
    output_diags(&diags, o);
    diag_fini(&diags);
    return result;
}
