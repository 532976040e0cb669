/* completion_zsh.c - for zsh: a function for a directory of $fpath. */
#include "tools/completion.h"

/* Text inside '...[ ]' of _arguments and 'name:text' of _describe. */
static void put_text(struct strbuf *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\'')
            strbuf_puts(out, "'\\''");
        else if (*c == '[' || *c == ']' || *c == ':' || *c == '\\')
            strbuf_printf(out, "\\%c", *c);
        else
            strbuf_putc(out, *c);
    }
}

static void put_argument(enum option_id id, struct strbuf *out)
{
    const struct option_info *o = &option_infos[id];
    if (o->type == OPTION_FLAG)
        return;
    strbuf_puts(out, o->type == OPTION_MAYBE ? "::" : ":");
    put_text(out, o->argument);
    strbuf_puts(out, ":");
    if (completion_takes_file(id))
        strbuf_puts(out, "_files");
    if (!o->choices)
        return;
    strbuf_putc(out, '(');
    for (uint32_t i = 0; i < o->choices->count; i++)
        strbuf_printf(out, "%s%s", i ? " " : "", o->choices->names[i]);
    strbuf_putc(out, ')');
}

/* '(-q --quiet)'{-q,--quiet}'[no warnings]' */
static void put_option(enum option_id id, struct strbuf *out)
{
    const struct option_info *o = &option_infos[id];
    bool list = o->type == OPTION_LIST;
    const char *attached = o->type == OPTION_MAYBE ? "=-" : completion_takes_word(id) ? "=" : "";
    strbuf_puts(out, " \\\n            ");
    if (o->letter && list)
        strbuf_printf(out, "\\*{-%c,--%s%s}", o->letter, o->name, attached);
    else if (o->letter)
        strbuf_printf(out, "'(-%c --%s)'{-%c,--%s%s}", o->letter, o->name, o->letter, o->name, attached);
    else
        strbuf_printf(out, "%s--%s%s", list ? "\\*" : "", o->name, attached);
    strbuf_puts(out, "'[");
    put_text(out, o->doc);
    strbuf_putc(out, ']');
    put_argument(id, out);
    strbuf_putc(out, '\'');
}

static void put_command(enum command_id command, struct strbuf *out)
{
    struct strbuf words = STRBUF_INIT;
    completion_words(command, &words);
    strbuf_printf(out, "    %s)\n        _arguments -s -S", command_infos[command].name);
    for (int i = 0; i < OPT_COUNT; i++)
        if (command_takes(command, (enum option_id)i))
            put_option((enum option_id)i, out);
    if (words.len)
        strbuf_printf(out, " \\\n            '*:word:(%.*s)'", (int)words.len, words.data);
    else if (completion_wants_files(command))
        strbuf_puts(out, " \\\n            '*:file:_files'");
    strbuf_puts(out, "\n        ;;\n");
    strbuf_fini(&words);
}

void completion_zsh(struct strbuf *out)
{
    strbuf_puts(out, "#compdef podsim\n"
                     "# Completion of podsim for zsh, made by `podsim completion zsh`.\n"
                     "\n"
                     "_podsim() {\n"
                     "    if (( CURRENT == 2 )); then\n"
                     "        local -a commands\n"
                     "        commands=(\n");
    for (int i = 0; i < CMD_COUNT; i++) {
        strbuf_printf(out, "            '%s:", command_infos[i].name);
        put_text(out, command_infos[i].doc);
        strbuf_puts(out, "'\n");
    }
    strbuf_puts(out, "        )\n"
                     "        _describe command commands\n"
                     "        return\n"
                     "    fi\n"
                     "    local command=$words[2]\n"
                     "    shift words\n"
                     "    (( CURRENT-- ))\n"
                     "    case $command in\n");
    for (int i = 0; i < CMD_COUNT; i++)
        put_command((enum command_id)i, out);
    strbuf_puts(out, "    esac\n"
                     "}\n"
                     "\n"
                     "if [[ $funcstack[1] == _podsim ]]; then\n"
                     "    _podsim \"$@\"\n"
                     "else\n"
                     "    compdef _podsim podsim\n"
                     "fi\n");
}
