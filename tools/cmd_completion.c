/* cmd_completion.c - podsim completion: which shell, and what the scripts have in common. */
#include <string.h>

#include "model/explain_field.h"
#include "tools/commands.h"
#include "tools/completion.h"
#include "tools/output.h"

static const struct {
    const char *name;
    void (*print)(struct strbuf *out);
} shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

/* The first column of the table, below its head. */
static void put_roots(struct strbuf *out)
{
    struct strbuf table = STRBUF_INIT;
    explain_roots(&table);
    for (const char *line = strchr(strbuf_str(&table), '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
        strbuf_add(out, line + 1, strcspn(line + 1, " \n"));
        strbuf_putc(out, ' ');
    }
    strbuf_fini(&table);
}

void completion_words(enum command_id command, struct strbuf *out)
{
    size_t start = out->len;
    if (command == CMD_HELP) {
        for (int i = 0; i < CMD_COUNT; i++)
            strbuf_printf(out, "%s ", command_infos[i].name);
        for (uint32_t i = 0; help_topic(i); i++)
            strbuf_printf(out, "%s ", help_topic(i));
    } else if (command == CMD_COMPLETION) {
        for (size_t i = 0; i < ARRAY_LEN(shells); i++)
            strbuf_printf(out, "%s ", shells[i].name);
    } else if (command == CMD_EXPLAIN_FIELD) {
        put_roots(out);
    } else if (command == CMD_CONFIG) {
        strbuf_puts(out, "show ");
        for (int i = 0; i < CMD_COUNT; i++)
            if (command_takes((enum command_id)i, OPT_CONFIG) && i != CMD_CONFIG)
                strbuf_printf(out, "%s ", command_infos[i].name);
    }
    if (out->len > start)
        out->len--;
}

bool completion_takes_file(enum option_id id)
{
    const struct option_info *o = &option_infos[id];
    return completion_takes_word(id) && strcmp(o->argument, "FILE") == 0;
}

int cmd_completion(const struct options *o)
{
    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        if (strcmp(o->topic, shells[i].name) == 0) {
            shells[i].print(&output);
            return EXIT_OK;
        }
    }
    struct strbuf complaint = STRBUF_INIT;
    strbuf_printf(&complaint, "completion: want one of bash, zsh, fish, got \"%s\"", o->topic);
    int code = output_usage_error(CMD_COMPLETION, strbuf_str(&complaint));
    strbuf_fini(&complaint);
    return code;
}
