/* completion_fish.c - for fish: one `complete` per command and option. */
#include "tools/completion.h"

static void put_text(struct strbuf *out, const char *text)
{
    strbuf_putc(out, '\'');
    for (const char *c = text; *c; c++) {
        if (*c == '\'' || *c == '\\')
            strbuf_putc(out, '\\');
        strbuf_putc(out, *c);
    }
    strbuf_putc(out, '\'');
}

static void put_option(enum command_id command, enum option_id id, struct strbuf *out)
{
    const struct option_info *o = &option_infos[id];
    strbuf_printf(out, "complete -c podsim -n '__fish_seen_subcommand_from %s' -l %s", command_infos[command].name,
                  o->name);
    if (o->letter)
        strbuf_printf(out, " -s %c", o->letter);
    if (completion_takes_file(id))
        strbuf_puts(out, " -r -F");
    else if (completion_takes_word(id))
        strbuf_puts(out, " -x");
    for (uint32_t i = 0; o->choices && i < o->choices->count; i++)
        strbuf_printf(out, "%s%s", i ? " " : " -a '", o->choices->names[i]);
    strbuf_puts(out, o->choices ? "' -d " : " -d ");
    put_text(out, o->doc);
    strbuf_putc(out, '\n');
}

static void put_command(enum command_id command, struct strbuf *out)
{
    const struct command_info *c = &command_infos[command];
    struct strbuf words = STRBUF_INIT;
    strbuf_printf(out, "\ncomplete -c podsim -n __fish_use_subcommand -a %s -d ", c->name);
    put_text(out, c->doc);
    strbuf_putc(out, '\n');
    for (int i = 0; i < OPT_COUNT; i++)
        if (command_takes(command, (enum option_id)i))
            put_option(command, (enum option_id)i, out);
    completion_words(command, &words);
    if (words.len)
        strbuf_printf(out, "complete -c podsim -n '__fish_seen_subcommand_from %s' -a '%.*s'\n", c->name,
                      (int)words.len, words.data);
    else if (completion_wants_files(command))
        strbuf_printf(out, "complete -c podsim -n '__fish_seen_subcommand_from %s' -F\n", c->name);
    strbuf_fini(&words);
}

void completion_fish(struct strbuf *out)
{
    strbuf_puts(out, "# Completion of podsim for fish, made by `podsim completion fish`.\n"
                     "\n"
                     "complete -c podsim -f\n"
                     "complete -c podsim -n __fish_use_subcommand -l help -s h -d 'explain podsim'\n"
                     "complete -c podsim -n __fish_use_subcommand -l version -d 'print the version'\n");
    for (int i = 0; i < CMD_COUNT; i++)
        put_command((enum command_id)i, out);
}
