/* cmd_config.c - podsim config show: the options in force for each command, as YAML, and where they come from. */
#include <string.h>

#include "tools/commands.h"
#include "tools/config.h"
#include "tools/files.h"
#include "tools/options_table.h"
#include "tools/output.h"

static void put_origin(const struct config *c, const struct options *o, enum option_id id)
{
    if (o->origin[id] == FROM_ENVIRONMENT) {
        strbuf_puts(&output, "  # ");
        option_variable(id, &output);
    } else {
        strbuf_printf(&output, "  # %s:%" PRIu32 ":%" PRIu32, c->file, o->at[id].line, o->at[id].column);
    }
}

static void show_option(const struct config *c, const struct options *shown, const struct options *o, enum option_id id)
{
    const struct option_info *info = &option_infos[id];
    if (options_given(shown, id)) {
        strbuf_printf(&output, "  %s: ", info->name);
        option_print(shown, id, &output);
        if (o->show_origin)
            put_origin(c, shown, id);
        strbuf_putc(&output, '\n');
    } else if (o->show_all) {
        strbuf_printf(&output, "  # %s: %s\n  #     %s\n", info->name, info->argument ? info->argument : "false",
                      info->doc);
    }
}

static int show_command(const struct config *c, const struct options *o, enum command_id command)
{
    struct options shown;
    struct strbuf complaint = STRBUF_INIT;
    options_default(&shown, command);
    if (options_read_environment(&shown, &complaint) < 0) {
        int code = output_usage_error(CMD_CONFIG, strbuf_str(&complaint));
        strbuf_fini(&complaint);
        options_fini(&shown);
        return code;
    }
    config_set(c, &shown);
    size_t before = output.len;
    strbuf_printf(&output, "%s:\n", command_infos[command].name);
    size_t head = output.len;
    for (int i = 0; i < OPT_COUNT; i++)
        if (command_takes(command, (enum option_id)i) && CAN_BE_CONFIGURED(option_infos[i].from))
            show_option(c, &shown, o, (enum option_id)i);
    if (output.len == head)
        output.len = before;
    options_fini(&shown);
    return EXIT_OK;
}

static int wrong_word(const char *complaint, const char *word)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, complaint);
    if (word)
        strbuf_printf(&text, ", got \"%s\"", word);
    int code = output_usage_error(CMD_CONFIG, strbuf_str(&text));
    strbuf_fini(&text);
    return code;
}

static int show(const struct config *c, const struct options *o)
{
    enum command_id only = CMD_COUNT;
    if (o->subject && (command_parse(o->subject, &only) < 0 || !command_takes(only, OPT_CONFIG)))
        return wrong_word("config show wants a command that can be configured", o->subject);
    if (o->show_origin || o->show_all)
        strbuf_printf(&output, "# %s\n", c->file ? c->file : "no " CONFIG_NAME " here or above");
    int code = EXIT_OK;
    for (int i = 0; i < CMD_COUNT && code == EXIT_OK; i++)
        if (command_takes((enum command_id)i, OPT_CONFIG) && i != CMD_CONFIG && (only == CMD_COUNT || (int)only == i))
            code = show_command(c, o, (enum command_id)i);
    return code;
}

int cmd_config(const struct options *o)
{
    struct arena a;
    struct diag_set diags;
    struct config c;
    if (!o->topic || strcmp(o->topic, "show") != 0)
        return wrong_word("config wants \"show\"", o->topic);
    arena_init(&a, 0);
    diag_init(&diags);
    int code = config_read(&a, &diags, o, &c) < 0 ? EXIT_INPUT : show(&c, o);
    output_diags(&diags, o);
    diag_fini(&diags);
    arena_fini(&a);
    return code;
}
